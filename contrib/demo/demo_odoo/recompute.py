# SPDX-License-Identifier: MIT
"""Stored computed fields: kept true when what they depend on is written.

A record whose value changes that way gets a new write_date, as on a real server.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Iterable

from .models import Model

if TYPE_CHECKING:
    from .orm import Env

TAX = 0.15
ADDRESS = ("street", "street2", "zip", "city", "state_id", "country_id")


def after(env: "Env", model: Model, ids: list[int], changed: Iterable[str]) -> None:
    """To be called once the rows are written; `changed` are the fields' names."""
    work = WORK.get(model.name)
    if work and ids:
        work(env, model, ids, set(changed))


def _list(ids: Iterable[int]) -> str:
    return json.dumps(list(ids))


def _partner(env: "Env", model: Model, ids: list[int], changed: set[str]) -> None:
    if changed & {"name", "parent_id", "is_company", "company_name", "type"}:
        _partner_names(env, model, ids)
    if changed & {*ADDRESS, "parent_id"}:
        _addresses(env, ids, "parent_id" in changed)
    if "email" in changed:
        for number, email in env.execute(
                "SELECT id, email FROM res_partner WHERE id IN "
                "(SELECT value FROM json_each(?))", [_list(ids)]).fetchall():
            match = re.search(r"[^\s<>\"]+@[^\s<>\"]+", email or "")
            env.execute("UPDATE res_partner SET email_normalized = ? WHERE id = ?",
                        [match[0].lower() if match else None, number])
    if "phone" in changed:
        for number, phone in env.execute(
                "SELECT id, phone FROM res_partner WHERE id IN "
                "(SELECT value FROM json_each(?))", [_list(ids)]).fetchall():
            clean = re.sub(r"[^\d+]", "", phone or "")
            env.execute("UPDATE res_partner SET phone_sanitized = ? WHERE id = ?",
                        [clean or None, number])


def _partner_names(env: "Env", model: Model, ids: list[int]) -> None:
    column = "complete_name" if env.version >= 19 else "display_name"
    todo, done = list(ids), set()
    while todo:
        number = todo.pop(0)
        if number in done:
            continue
        done.add(number)
        row = env.execute(
            f"SELECT p.name, p.is_company, p.parent_id, p.company_name, p.{column}, "
            "p.commercial_partner_id, p.commercial_company_name, u.name, "
            "u.commercial_partner_id FROM res_partner p LEFT JOIN res_partner u "
            "ON u.id = p.parent_id WHERE p.id = ?", [number]).fetchone()
        if row is None:
            continue
        name, company, parent, company_name, shown, owner, owner_name, above, above_owner = row
        shown_new = name or ""
        if parent and not company:
            shown_new = f"{above}, {name or ''}"
        elif company_name and not company:
            shown_new = f"{company_name}, {name or ''}"
        owner_new = number if company or not parent else above_owner or parent
        owner_row = env.execute("SELECT name, is_company FROM res_partner WHERE id = ?",
                                [owner_new]).fetchone()
        owner_name_new = owner_row[0] if owner_row and owner_row[1] else company_name
        new = (shown_new, owner_new, owner_name_new)
        if new != (shown, owner, owner_name):
            env.execute(f"UPDATE res_partner SET {column} = ?, commercial_partner_id = ?, "
                        "commercial_company_name = ?, write_date = ?, write_uid = ? "
                        "WHERE id = ?", [*new, env.now, env.uid, number])
            todo += [row[0] for row in env.execute(
                "SELECT id FROM res_partner WHERE parent_id = ?", [number])]


def _addresses(env: "Env", ids: list[int], moved: bool) -> None:
    """A contact (not an invoice address and the like) lives where its parent does."""
    names = ", ".join(ADDRESS)
    differs = " OR ".join(f"c.{n} IS NOT p.{n}" for n in ADDRESS)
    todo = list(ids)
    side = "id" if moved else "parent_id"
    while todo:
        wrong = [row[0] for row in env.execute(
            f"SELECT c.id FROM res_partner c JOIN res_partner p ON p.id = c.parent_id WHERE "
            f"c.{side} IN (SELECT value FROM json_each(?)) AND c.type = 'contact' AND "
            f"COALESCE(p.street, p.city, p.country_id) IS NOT NULL AND ({differs})",
            [_list(todo)])]
        if wrong:
            env.execute(
                f"UPDATE res_partner SET ({names}) = (SELECT {names} FROM res_partner p WHERE "
                "p.id = res_partner.parent_id), write_date = ?, write_uid = ? WHERE id IN "
                "(SELECT value FROM json_each(?))", [env.now, env.uid, _list(wrong)])
        todo = list(ids) if side == "id" else wrong
        side = "parent_id"


def _tree(env: "Env", model: Model, ids: list[int], changed: set[str]) -> None:
    """parent_path, and complete_name where there is one."""
    if not changed & {"name", "parent_id"}:
        return
    todo = list(ids)
    while todo:
        number = todo.pop(0)
        complete = ", complete_name" if "complete_name" in model.fields else ", NULL"
        name, parent = env.execute(f'SELECT name, parent_id FROM "{model.table}" WHERE id = ?',
                                   [number]).fetchone()
        above = env.execute(f'SELECT parent_path{complete} FROM "{model.table}" WHERE id = ?',
                            [parent]).fetchone() if parent else None
        path = f"{above[0] if above else ''}{number}/"
        env.execute(f'UPDATE "{model.table}" SET parent_path = ? WHERE id = ?', [path, number])
        if "complete_name" in model.fields:
            full = f"{above[1]} / {name}" if above else name
            env.execute(f'UPDATE "{model.table}" SET complete_name = ? WHERE id = ?',
                        [full, number])
        todo += [row[0] for row in env.execute(
            f'SELECT id FROM "{model.table}" WHERE parent_id = ?', [number])]


def _line(env: "Env", model: Model, ids: list[int], changed: set[str]) -> None:
    if not changed & {"price_unit", "product_uom_qty", "discount", "order_id", "product_id",
                      "display_type"}:
        return
    listed = _list(ids)
    env.execute(
        "UPDATE sale_order_line SET price_subtotal = round(COALESCE(price_unit, 0) * "
        "COALESCE(product_uom_qty, 0) * (1 - COALESCE(discount, 0) / 100), 2) "
        "WHERE id IN (SELECT value FROM json_each(?))", [listed])
    env.execute(
        f"UPDATE sale_order_line SET price_tax = round(price_subtotal * {TAX}, 2), "
        f"price_total = round(price_subtotal + round(price_subtotal * {TAX}, 2), 2) "
        "WHERE id IN (SELECT value FROM json_each(?))", [listed])
    env.execute(
        "UPDATE sale_order_line SET (currency_id, company_id, order_partner_id) = (SELECT "
        "o.currency_id, o.company_id, o.partner_id FROM sale_order o WHERE o.id = order_id) "
        "WHERE id IN (SELECT value FROM json_each(?))", [listed])
    orders = [row[0] for row in env.execute(
        "SELECT DISTINCT order_id FROM sale_order_line WHERE id IN "
        "(SELECT value FROM json_each(?))", [listed])]
    order_amounts(env, orders)


def order_amounts(env: "Env", orders: list[int]) -> None:
    """An order's amounts are its lines'; the order's write_date moves when they do."""
    for order in orders:
        untaxed, tax = env.execute(
            "SELECT round(COALESCE(sum(price_subtotal), 0), 2), "
            "round(COALESCE(sum(price_tax), 0), 2) FROM sale_order_line WHERE order_id = ?",
            [order]).fetchone()
        env.execute(
            "UPDATE sale_order SET amount_untaxed = ?, amount_tax = ?, amount_total = ?, "
            "write_date = ?, write_uid = ? WHERE id = ?",
            [untaxed, tax, round(untaxed + tax, 2), env.now, env.uid, order])


def _order(env: "Env", model: Model, ids: list[int], changed: set[str]) -> None:
    if changed & {"partner_id", "currency_id", "company_id"}:
        env.execute(
            "UPDATE sale_order_line SET (currency_id, company_id, order_partner_id) = (SELECT "
            "o.currency_id, o.company_id, o.partner_id FROM sale_order o WHERE o.id = "
            "order_id) WHERE order_id IN (SELECT value FROM json_each(?))", [_list(ids)])
    env.execute(
        "UPDATE sale_order SET partner_invoice_id = COALESCE(partner_invoice_id, partner_id), "
        "partner_shipping_id = COALESCE(partner_shipping_id, partner_id), "
        "amount_untaxed = COALESCE(amount_untaxed, 0), amount_tax = COALESCE(amount_tax, 0), "
        "amount_total = COALESCE(amount_total, 0), "
        "currency_rate = COALESCE(currency_rate, 1.0) "
        "WHERE id IN (SELECT value FROM json_each(?))", [_list(ids)])


def _rights(env: "Env", model: Model, ids: list[int], changed: set[str]) -> None:
    env.odoo.access.forget()
    if "groups_id" in changed:  # before 19, implied groups are stored with the others
        for number in ids:
            for group in env.odoo.access.groups_of(number):
                env.execute("INSERT OR IGNORE INTO res_groups_users_rel (uid, gid) "
                            "VALUES (?, ?)", [number, group])


WORK = {
    "res.partner": _partner, "res.partner.category": _tree, "product.category": _tree,
    "sale.order.line": _line, "sale.order": _order, "res.users": _rights,
    "res.groups": _rights, "ir.model.access": _rights,
}
