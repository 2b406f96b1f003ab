# SPDX-License-Identifier: MIT
"""The custom model x_everything, which has a field of every type: the fake has it, a real server
is told to make it, as an administrator makes one in its settings."""

from __future__ import annotations

from typing import Any

from .rpc import Rpc

NAME, LINE = "x_everything", "x_everything_line"


def _field(name: str, kind: str, **more: Any) -> list:
    """A command that makes a field."""
    return [0, 0, {"name": name, "field_description": name.removeprefix("x_").title(),
                   "ttype": kind, "state": "manual", **more}]


def _keys(*keys: str) -> dict:
    return {"selection_ids": [[0, 0, {"value": key, "name": key.title(), "sequence": n}]
                              for n, key in enumerate(keys)]}


FIELDS = [
    _field("x_name", "char", required=True),
    _field("x_short", "char", size=8),
    _field("x_translated", "char", translate=True),
    _field("x_text", "text"),
    _field("x_html", "html"),
    _field("x_integer", "integer"),
    _field("x_float", "float"),
    _field("x_currency_id", "many2one", relation="res.currency"),
    _field("x_amount", "monetary"),
    _field("x_active", "boolean"),
    _field("x_flag", "boolean"),
    _field("x_date", "date"),
    _field("x_datetime", "datetime"),
    _field("x_state", "selection", **_keys("draft", "open", "done")),
    _field("x_partner_id", "many2one", relation="res.partner"),
    _field("x_owner_id", "many2one", relation="res.partner", on_delete="restrict"),
    _field("x_tag_ids", "many2many", relation="res.partner.category"),
    _field("x_file", "binary"),
    _field("x_reference", "reference", **_keys("res.partner", "res.users", "product.product")),
]


def _employees(rpc: Rpc) -> int:
    """The group of all who work here."""
    place = rpc.ids("ir.model.data", [["module", "=", "base"], ["name", "=", "group_user"]])
    return rpc.read("ir.model.data", place, ["res_id"])[0]["res_id"]


def _make(rpc: Rpc, model: str, fields: list) -> int:
    number = rpc.call("ir.model", "create", {
        "name": model, "model": model, "state": "manual", "field_id": fields})
    rights = dict.fromkeys(("perm_read", "perm_write", "perm_create", "perm_unlink"), True)
    rpc.call("ir.model.access", "create", {
        "name": model, "model_id": number, "group_id": _employees(rpc), **rights})
    return number


def make(rpc: Rpc) -> None:
    number = _make(rpc, NAME, FIELDS)
    _make(rpc, LINE, [
        _field("x_name", "char", required=True),
        _field("x_thing_id", "many2one", relation=NAME, on_delete="cascade", required=True),
        _field("x_quantity", "float")])
    rpc.call("ir.model.fields", "create", [
        {**_field("x_parent_id", "many2one", relation=NAME)[2], "model_id": number},
        {**_field("x_child_ids", "one2many", relation=NAME, relation_field="x_parent_id")[2],
         "model_id": number},
        {**_field("x_line_ids", "one2many", relation=LINE, relation_field="x_thing_id")[2],
         "model_id": number}])
