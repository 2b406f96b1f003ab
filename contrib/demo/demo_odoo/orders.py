# SPDX-License-Identifier: MIT
"""Sales orders: confirming, cancelling and locking, and what is refused from then on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from . import read
from .faults import UserError
from .models import Model
from .rpc import rpc
from .write import REFUSE, write_checked, write_records

if TYPE_CHECKING:
    from .orm import Env

PROTECTED = ("product_id", "name", "price_unit", "product_uom", "product_uom_id",
             "product_uom_qty")


def _set(env: "Env", model: Model, ids, vals: dict) -> bool:
    env.odoo.access.check(env, model, "write")
    wanted = read.integers(ids)
    read.exists_or_missing(env, model, wanted)
    return write_records(env, model, wanted, vals)


@rpc("action_confirm", "records", model="sale.order")
def action_confirm(env: "Env", model: Model, ids):
    return _set(env, model, ids, {"state": "sale", "date_order": env.now[:19]})


@rpc("action_cancel", "records", model="sale.order")
def action_cancel(env: "Env", model: Model, ids):
    return _set(env, model, ids, {"state": "cancel"})


@rpc("action_done", "records", model="sale.order", until=16)
def action_done(env: "Env", model: Model, ids):
    return _set(env, model, ids, {"state": "done"})


@rpc("action_lock", "records", model="sale.order", since=17)
def action_lock(env: "Env", model: Model, ids):
    _set(env, model, ids, {"locked": True})


@rpc("write", "records", model="sale.order.line", until=16)
def write_values(env: "Env", model: Model, ids, values):
    """Its argument has a name of its own."""
    return write_checked(env, model, read.integers(ids), values)


def _lines(env: "Env", ids: list[int]) -> list[tuple]:
    """(product, state of the order, whether it is locked) of each line that is a product's."""
    locked = "o.locked" if env.version >= 17 else "o.state = 'done'"
    return env.execute(
        f"SELECT l.product_id, o.state, {locked} FROM sale_order_line l JOIN sale_order o "
        "ON o.id = l.order_id WHERE l.display_type IS NULL AND l.id IN "
        "(SELECT value FROM json_each(?))", [json.dumps(ids)]).fetchall()


def _unlink_order(env: "Env", model: Model, ids: list[int], vals: None) -> None:
    for (state,) in env.execute("SELECT state FROM sale_order WHERE id IN "
                                "(SELECT value FROM json_each(?))", [json.dumps(ids)]):
        if state not in ("draft", "cancel"):
            raise UserError("You can not delete a sent quotation or a confirmed sales order. "
                            "You must first cancel it.")


def _unlink_line(env: "Env", model: Model, ids: list[int], vals: None) -> None:
    if not any(state in ("sale", "done") for _, state, _ in _lines(env, ids)):
        return
    if env.version < 19:
        raise UserError("You can not remove an order line once the sales order is confirmed.\n"
                        "You should rather set the quantity to 0.")
    raise UserError("Once a sales order is confirmed, you can't remove one of its lines (we "
                    "need to track if something gets invoiced or delivered).\n"
                    "                Set the quantity to 0 instead.")


def _write_line(env: "Env", model: Model, ids: list[int], vals: dict) -> None:
    lines = _lines(env, ids)
    names = [model.fields[name].string for name in PROTECTED
             if name in vals and name in model.fields]
    if names and any(locked for _, _, locked in lines):
        raise UserError("It is forbidden to modify the following fields in a locked order:\n"
                        + "\n".join(names))
    if env.version >= 19 and "product_id" in vals and any(
            state == "sale" and product != vals["product_id"] for product, state, _ in lines):
        raise UserError("You cannot modify the product of this order line.")


REFUSE.update({
    ("sale.order", "unlink"): _unlink_order, ("sale.order.line", "unlink"): _unlink_line,
    ("sale.order.line", "write"): _write_line,
})
