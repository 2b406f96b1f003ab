# SPDX-License-Identifier: MIT
"""The methods of every model that change something, and what some models add to them."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from . import read
from .db import column_sql, create_model
from .faults import AccessError, UserError, ValidationError
from .fields import Field
from .models import Model
from .rpc import rpc
from .values import mimetype
from .write import (HOOKS, INVERSE, PREPARE, create_checked, defaults, unlink_checked,
                    write_checked)

if TYPE_CHECKING:
    from .orm import Env


@rpc("create")
def create(env: "Env", model: Model, vals_list):
    if isinstance(vals_list, list):
        return create_checked(env, model, vals_list)
    return create_checked(env, model, [vals_list])[0]


@rpc("write", "records")
def write(env: "Env", model: Model, ids, vals):
    return write_checked(env, model, _known(env, model, ids), vals)


@rpc("unlink", "records")
def unlink(env: "Env", model: Model, ids):
    return unlink_checked(env, model, _known(env, model, ids))


def _known(env: "Env", model: Model, ids: Any) -> list[int]:
    if isinstance(ids, list):
        for item in ids:
            if isinstance(item, str) and item.isdigit():
                if env.version < 19:
                    raise AccessError(
                        f"Database fetch misses ids (({item!r},)) and has extra ids "
                        f"(({item},)), may be caused by a type incoherence in a previous "
                        "request")
                raise read.missing(env, model, [repr(item)])
    return read.integers(ids)


@rpc("default_get", until=99)
def default_get(env: "Env", model: Model, fields):
    env.odoo.access.check(env, model, "create")
    return defaults(env, model, fields)


@rpc("copy", "records")
def copy(env: "Env", model: Model, ids, default=None):
    made = []
    for record in read.read_checked(env, model, ids, None, ""):
        vals = {name: record[name] for name, x in model.fields.items()
                if x.store and x.copy and x.type not in ("one2many", "binary")
                and not x.compute_stored and name not in ("id", "create_uid", "create_date",
                                                          "write_uid", "write_date")}
        for name, value in vals.items():
            if model.fields[name].type == "many2many":
                vals[name] = [[6, 0, value]]
        if model.rec_name in vals and model.fields[model.rec_name].type == "char":
            vals[model.rec_name] = f"{vals[model.rec_name]} (copy)"
        made += create_checked(env, model, [{**vals, **(default or {})}])
    return made if env.version >= 18 and isinstance(ids, list) else made[0]


@rpc("toggle_active", "records")
def toggle_active(env: "Env", model: Model, ids):
    for record in read.read_checked(env, model, ids, ["active"]):
        write_checked(env, model, [record["id"]], {"active": not record["active"]})
    return True


@rpc("action_archive", "records")
def action_archive(env: "Env", model: Model, ids):
    return write_checked(env, model, read.integers(ids), {"active": False})


@rpc("action_unarchive", "records")
def action_unarchive(env: "Env", model: Model, ids):
    return write_checked(env, model, read.integers(ids), {"active": True})


# What is not stored, but may be written

def _company_type(env: "Env", model: Model, ids: list[int], value: Any) -> None:
    for number in ids:
        env.execute("UPDATE res_partner SET is_company = ? WHERE id = ?",
                    [int(value == "company"), number])


def _password(env: "Env", model: Model, ids: list[int], value: Any) -> None:
    for number in ids:
        env.execute("DELETE FROM _secret WHERE uid = ? AND kind = 'password'", [number])
        if value:
            env.execute("INSERT INTO _secret VALUES (?, ?, 'password')", [number, str(value)])


def _datas(env: "Env", model: Model, ids: list[int], value: Any) -> None:
    data = base64.b64decode(value) if value else b""
    for number in ids:
        env.execute("UPDATE ir_attachment SET db_datas = ?, file_size = ?, checksum = ?, "
                    "mimetype = ? WHERE id = ?",
                    [data, len(data), hashlib.sha1(data).hexdigest(), mimetype(data), number])


INVERSE.update({
    ("res.partner", "company_type"): _company_type, ("res.users", "password"): _password,
    ("ir.attachment", "datas"): _datas, ("ir.attachment", "raw"): _datas,
})


# Creating a custom model, a field of it, and what else follows from a create

def _new_model(env: "Env", model: Model, number: int) -> None:
    name, title = env.execute("SELECT model, name FROM ir_model WHERE id = ?",
                              [number]).fetchone()
    if not name.startswith("x_"):
        raise ValidationError("Custom models must have a name that starts with 'x_'.")
    fresh = Model(name, title, [Field("char", "x_name", "Name")], manual=True)
    env.registry.add(fresh, number)
    create_model(env.db, fresh)


def _new_field(env: "Env", model: Model, number: int) -> None:
    row = env.execute("SELECT name, model_id, ttype, field_description, relation, required, "
                      "relation_field, help FROM ir_model_fields WHERE id = ?",
                      [number]).fetchone()
    name, owner_id, kind, title, relation, required, inverse, text = row
    owner = next(m for m in env.registry.models.values() if m.id == owner_id)
    if not name.startswith("x_"):
        raise UserError("Custom fields must have a name that starts with 'x_'.")
    rel = None
    if kind == "many2many":
        other = env.registry.models[relation]
        rel = (f"x_{owner.table}_{other.table}_{name}_rel", "left_id", "right_id")
    field = Field(kind, name, title, relation=relation, inverse=inverse, rel=rel,
                  required=bool(required), help=text)
    owner.fields[name] = field
    env.execute("UPDATE ir_model_fields SET model = ? WHERE id = ?", [owner.name, number])
    if field.column:
        env.execute(f'ALTER TABLE "{owner.table}" ADD COLUMN {column_sql(field)}')
    if rel:
        env.execute(f'CREATE TABLE "{rel[0]}" (left_id INTEGER, right_id INTEGER, '
                    "PRIMARY KEY (left_id, right_id)) WITHOUT ROWID")
    if owner.rec_name is None and name == "x_name":
        owner.rec_name = name


def _new_user(env: "Env", model: Model, number: int) -> None:
    env.execute("INSERT OR IGNORE INTO res_company_users_rel (cid, user_id) VALUES (1, ?)",
                [number])
    env.odoo.access.forget()


def _order_line(env: "Env", vals: dict) -> None:
    """What a line takes from its product."""
    if vals.get("display_type"):
        vals.update(product_uom_qty=0.0, price_unit=0.0)
        return
    product = vals.get("product_id")
    if isinstance(product, int) and product:
        for record in env.sudo().read("product.product", [product],
                                      ["display_name", "lst_price"]):
            vals.setdefault("name", record["display_name"])
            vals.setdefault("price_unit", record["lst_price"])


PREPARE["sale.order.line"] = _order_line
HOOKS.update({
    ("ir.model", "create"): _new_model, ("ir.model.fields", "create"): _new_field,
    ("res.users", "create"): _new_user,
})
