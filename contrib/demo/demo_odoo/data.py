# SPDX-License-Identifier: MIT
"""Fills a new database: the fixed rows here, partners in data_partners.py, and sales.

All of it follows from the number of partners alone: the same command, the same data.
"""

from __future__ import annotations

import hashlib
import json
import random
from typing import TYPE_CHECKING, Any, Iterable

from . import data_geo as geo
from . import data_words as words
from . import db as database
from .data_everything import fill_everything
from .data_partners import fill_partners, set_image, PEOPLE
from .describe import stored
from .models_base import GROUPS

if TYPE_CHECKING:
    from .orm import Odoo

BIRTH = "2024-01-01 08:00:00.000000"
LOG = {"create_uid": 1, "create_date": BIRTH, "write_uid": 1, "write_date": BIRTH}
SEED = 20240101


def insert(odoo: "Odoo", name: str, rows: Iterable[dict], log: bool = True) -> None:
    """Rows as they are, columns that the version lacks left out."""
    model = odoo.registry.models.get(name)
    rows = list(rows)
    if model is None or not rows:
        return
    known = {"id"} | {x.name for x in model.columns()}
    keys = [k for k in dict.fromkeys(k for row in rows for k in row) if k in known]
    extra = {k: v for k, v in LOG.items() if log and model.log_access and k not in keys}
    columns = ", ".join(f'"{k}"' for k in [*keys, *extra])
    marks = ", ".join("?" * (len(keys) + len(extra)))
    odoo.db.executemany(
        f'INSERT INTO "{model.table}" ({columns}) VALUES ({marks})',
        [[row.get(k) for k in keys] + list(extra.values()) for row in rows])


def link(odoo: "Odoo", table: str, columns: str, pairs: Iterable[tuple[int, int]]) -> None:
    odoo.db.executemany(f'INSERT OR IGNORE INTO "{table}" ({columns}) VALUES (?, ?)', pairs)


def fill(odoo: "Odoo", partners: int = 2000) -> None:
    """Everything that the demo starts with."""
    db = odoo.db
    db.execute("BEGIN")
    _describe_models(odoo)
    _world(odoo)
    _people(odoo)
    _catalogue(odoo)
    fill_partners(odoo, partners)
    _sales(odoo, min(500, max(20, partners // 4)))
    fill_everything(odoo, insert, link)
    _odds_and_ends(odoo)
    db.execute("INSERT INTO _meta VALUES ('version', ?)", (str(odoo.version),))
    db.execute("COMMIT")
    database.create_indexes(db, odoo.registry)
    db.execute("ANALYZE")
    odoo.access.forget()


def _describe_models(odoo: "Odoo") -> None:
    models = list(odoo.registry.models.values())
    # As on a real server, nobody made these and they have no dates.
    insert(odoo, "ir.model", [
        {"id": m.id, "model": m.name, "name": m.description, "order": m.order,
         "state": "manual" if m.manual else "base", "transient": int(m.transient),
         "abstract": int(m.abstract)} for m in models], log=False)
    insert(odoo, "ir.model.fields", [field_row(odoo, m, x)
                                     for m in models for x in m.fields.values()
                                     if not getattr(x, "bare", False)], log=False)
    groups = {xmlid: number for number, xmlid, *_ in GROUPS}
    rows = []
    for model in models:
        for xmlid, letters in model.access.items():
            rows.append({
                "name": f"{model.table} {xmlid or 'everybody'}", "active": 1,
                "model_id": model.id, "group_id": groups.get(xmlid),
                "perm_read": int("r" in letters), "perm_write": int("w" in letters),
                "perm_create": int("c" in letters), "perm_unlink": int("u" in letters)})
    insert(odoo, "ir.model.access", rows)


def field_row(odoo: "Odoo", model: Any, field: Any) -> dict:
    """The ir.model.fields row of a field."""
    from .orm import Env
    return {
        "name": field.name, "model": model.name, "model_id": model.id,
        "relation": field.relation, "relation_field": field.inverse,
        "field_description": field.string, "help": field.help,
        "ttype": field.type, "required": int(field.required),
        "readonly": int(field.readonly), "index": int(field.index),
        "translate": "standard" if field.translate and odoo.version >= 18 else
        int(field.translate) if odoo.version < 18 else None,
        "size": field.size, "state": "manual" if field.manual else "base",
        "store": int(stored(Env(odoo, 1), field)), "related": field.related,
        "depends": ",".join(field.depends) or None}


def _world(odoo: "Odoo") -> None:
    insert(odoo, "res.currency", [
        {"id": n, "name": code, "full_name": name, "symbol": symbol, "active": active,
         "rounding": 10.0 ** -places, "decimal_places": places,
         "position": "before" if code in ("USD", "GBP") else "after"}
        for n, (code, name, symbol, places, active) in enumerate(geo.CURRENCIES, 1)])
    currency = {code: n for n, (code, *_) in enumerate(geo.CURRENCIES, 1)}
    country = {code: number for number, code, *_ in geo.COUNTRIES}
    layout = "%(street)s\n%(street2)s\n%(city)s %(state_code)s %(zip)s\n%(country_name)s"
    insert(odoo, "res.country", [
        {"id": country[code], "name": name, "code": code, "address_format": layout,
         "currency_id": currency[money], "phone_code": phone, "name_position": "before",
         "state_required": 0, "zip_required": 1}
        for _, code, name, money, phone, _ in geo.COUNTRIES])
    odoo.db.executemany(
        "INSERT INTO _translation VALUES ('res.country', 'name', ?, 'fr_FR', ?)",
        [(country[code], french) for _, code, _, _, _, french in geo.COUNTRIES if french])
    insert(odoo, "res.country.state", [
        {"name": name, "code": code, "country_id": country[where]}
        for where, states in geo.STATES.items() for code, name in states])
    insert(odoo, "res.country.group", [{"id": 1, "name": "Europe"}])
    link(odoo, "res_country_res_country_group_rel", "res_country_group_id, res_country_id",
         [(1, country[code]) for _, code, _, money, *_ in geo.COUNTRIES if money == "EUR"])
    insert(odoo, "res.currency.rate", [
        {"name": f"2024-{month:02d}-01", "rate": round(0.9 + month / 100, 6),
         "currency_id": 2, "company_id": 1} for month in range(1, 7)])
    insert(odoo, "res.lang", [
        {"id": n, "name": name, "code": code, "iso_code": iso, "url_code": url,
         "active": active, "direction": "ltr", "date_format": day, "time_format": "%H:%M:%S",
         "grouping": grouping, "decimal_point": point, "thousands_sep": comma}
        for n, (name, code, iso, url, active, day, grouping, point, comma)
        in enumerate(geo.LANGS, 1)])


def _people(odoo: "Odoo") -> None:
    insert(odoo, "res.company", [
        {"id": 1, "name": "My Company", "sequence": 0, "active": 1, "partner_id": 1,
         "currency_id": 1}])
    insert(odoo, "res.groups", [
        {"id": n, "name": name, "category": category, "share": int("portal" in xmlid)}
        for n, xmlid, category, name, _ in GROUPS])
    link(odoo, "res_groups_implied_rel", "gid, hid",
         [(n, other) for n, _, _, _, implied in GROUPS for other in implied])
    insert(odoo, "res.users", [
        {"id": user, "partner_id": partner, "login": login, "active": int(active),
         "share": int("portal" in login or login == "public"), "company_id": 1,
         "notification_type": "email",
         "signature": f"<p>{name}</p>" if active else None}
        for user, partner, login, name, active, _ in PEOPLE])
    link(odoo, "res_company_users_rel", "cid, user_id", [(1, user) for user, *_ in PEOPLE])
    link(odoo, "res_groups_users_rel", "uid, gid",
         [(user, group) for user, _, _, _, _, groups in PEOPLE for group in groups])
    if odoo.version < 19:  # implied groups are stored, too
        link(odoo, "res_groups_users_rel", "uid, gid",
             [(user, group) for user, *_ in PEOPLE for group in odoo.access.groups_of(user)])
    for user, _, login, _, active, _ in PEOPLE:
        if active:
            key = f"demo-api-key-{login}"  # and one that looks like Odoo's: 40 digits
            odoo.db.executemany("INSERT INTO _secret VALUES (?, ?, ?)", [
                (user, login, "password"), (user, key, "key"),
                (user, hashlib.sha1(key.encode()).hexdigest(), "key")])


def _catalogue(odoo: "Odoo") -> None:
    insert(odoo, "res.partner.title", [
        {"name": name, "shortcut": short} for name, short in words.TITLES])
    tags = {name: n for n, name in enumerate(words.TAGS, 1)}
    insert(odoo, "res.partner.category", [
        {"id": n, "name": name, "color": n % 11, "active": 1,
         "parent_id": tags.get(words.TAG_PARENTS.get(name)),
         "parent_path": f"{tags[words.TAG_PARENTS[name]]}/{n}/"
         if name in words.TAG_PARENTS else f"{n}/"} for name, n in tags.items()])
    insert(odoo, "res.partner.industry", [
        {"name": name, "full_name": name.upper(), "active": 1} for name in words.INDUSTRIES])
    insert(odoo, "uom.uom", [
        {"id": n, "name": name, "factor": factor, "rounding": 0.01, "active": 1}
        for n, (name, factor) in enumerate(
            [("Units", 1.0), ("Dozens", 12.0), ("Hours", 1.0), ("kg", 1.0)], 1)])
    definition = json.dumps([
        {"name": "a1b2c3d4e5f60718", "string": "Warranty (months)", "type": "integer",
         "default": 24},
        {"name": "0f1e2d3c4b5a6978", "string": "Finish", "type": "selection",
         "selection": [["matt", "Matt"], ["gloss", "Gloss"]], "default": "matt"},
    ])
    insert(odoo, "product.category", [
        {"id": 1, "name": "All", "complete_name": "All", "parent_path": "1/"},
        {"id": 2, "name": "Furniture", "complete_name": "All / Furniture", "parent_id": 1,
         "parent_path": "1/2/", "product_properties_definition": definition},
        {"id": 3, "name": "Services", "complete_name": "All / Services", "parent_id": 1,
         "parent_path": "1/3/"}])
    dice = random.Random(SEED)
    templates, products = [], []
    for n in range(1, 121):
        adjective = words.ADJECTIVES[n % len(words.ADJECTIVES)]
        noun = words.NOUNS[(n * 7) % len(words.NOUNS)]
        templates.append({
            "id": n, "name": f"{adjective} {noun}", "sequence": 1, "type": "consu",
            "categ_id": 2, "list_price": round(dice.uniform(5, 900), 2),
            "weight": round(dice.uniform(0.2, 60), 2), "volume": 0.0, "sale_ok": 1,
            "purchase_ok": int(n % 3 > 0), "uom_id": 1, "active": int(n % 40 > 0),
            "product_properties": json.dumps({"a1b2c3d4e5f60718": 12 * (n % 4)})
            if n % 2 else None})
        products.append({
            "id": n + 5, "product_tmpl_id": n, "default_code": f"FURN_{1000 + n * 11}",
            "active": int(n % 40 > 0), "standard_price": round(dice.uniform(2, 400), 2),
            "barcode": f"54{10 ** 10 + n * 7919}" if n % 5 == 0 else None})
    insert(odoo, "product.template", templates)
    insert(odoo, "product.product", products)
    for n in range(1, 6):
        set_image(odoo, "product.template", n, ["image_1920"])


def _sales(odoo: "Odoo", count: int) -> None:
    dice = random.Random(SEED + 1)
    insert(odoo, "crm.team", [
        {"id": 1, "name": "Sales", "sequence": 0, "active": 1, "user_id": 2},
        {"id": 2, "name": "Pre-Sales", "sequence": 5, "active": 1}])
    insert(odoo, "crm.tag", [{"id": n, "name": name, "color": n} for n, name in enumerate(
        ["Product", "Software", "Services", "Information", "Design"], 1)])
    customers = [row[0] for row in odoo.db.execute(
        "SELECT id FROM res_partner WHERE is_company AND active AND id > 8 "
        "ORDER BY id LIMIT 400")] or [3]
    prices = dict(odoo.db.execute("SELECT id, list_price FROM product_template"))
    unit = "product_uom_id" if odoo.version >= 19 else "product_uom"
    orders, lines = [], []
    for n in range(1, count + 1):
        day = f"2024-{n % 12 + 1:02d}-{n % 28 + 1:02d}"
        moment = f"{day} {n % 24:02d}:15:{n % 60:02d}"
        customer = customers[n * 31 % len(customers)]
        state = ("draft", "sent", "sale", "sale", "cancel")[n % 5]
        total = 0.0
        for position in range(n % 4 + 1):
            product = dice.randint(1, 39)
            quantity = float(dice.randint(1, 20))
            amount = round(quantity * prices[product], 2)
            total += amount
            lines.append({
                "order_id": n, "sequence": 10 + position, "product_id": product + 5,
                "name": f"[FURN_{1000 + product * 11}] line {position + 1}", unit: 1,
                "product_uom_qty": quantity, "price_unit": prices[product], "discount": 0.0,
                "qty_delivered": 0.0, "currency_id": 1, "company_id": 1,
                "order_partner_id": customer, "price_subtotal": amount,
                "price_tax": round(amount * 0.15, 2),
                "price_total": round(amount + round(amount * 0.15, 2), 2),
                "create_uid": 2, "create_date": f"{moment}.100000", "write_uid": 2,
                "write_date": f"{moment}.100000"})
        total = round(total, 2)
        orders.append({
            "id": n, "name": f"S{n:05d}", "state": state, "date_order": f"{moment}.000000",
            "user_id": 2 if n % 2 else 6, "partner_id": customer,
            "partner_invoice_id": customer, "partner_shipping_id": customer,
            "currency_id": 1, "company_id": 1, "team_id": 1, "locked": 0,
            "client_order_ref": f"PO-{4000 + n}" if n % 3 == 0 else None,
            "validity_date": f"2025-{n % 12 + 1:02d}-28", "require_signature": 1,
            "amount_untaxed": total, "amount_tax": round(total * 0.15, 2),
            "amount_total": round(total + round(total * 0.15, 2), 2), "currency_rate": 1.0,
            "create_uid": 2, "create_date": f"{moment}.100000", "write_uid": 2,
            "write_date": f"{moment}.{n * 7919 % 1000000:06d}"})
    insert(odoo, "sale.order", orders)
    insert(odoo, "sale.order.line", lines)
    link(odoo, "sale_order_tag_rel", "order_id, tag_id",
         [(n, n % 5 + 1) for n in range(1, count + 1, 3)])


def _odds_and_ends(odoo: "Odoo") -> None:
    insert(odoo, "mail.followers", [
        {"id": n, "res_model": "res.partner", "res_id": n + 10, "partner_id": 3 + 3 * (n % 2)}
        for n in range(1, 41)])
    insert(odoo, "ir.config_parameter", [
        {"key": "database.uuid", "value": "5f0c8a52-0000-4000-8000-0d00f5000001"},
        {"key": "web.base.url", "value": "http://localhost:8069"}])
    insert(odoo, "ir.sequence", [
        {"name": "Sales Order", "code": "sale.order", "prefix": "S", "padding": 5,
         "number_next": 1000, "active": 1}])
    for n, text in enumerate(words.NOTES, 1):
        data = text.encode()
        insert(odoo, "ir.attachment", [
            {"name": f"note-{n}.txt", "res_model": "res.partner", "res_id": 10 * n + 1,
             "type": "binary", "db_datas": data, "file_size": len(data), "public": 0,
             "checksum": hashlib.sha1(data).hexdigest(), "mimetype": "text/plain",
             "company_id": 1}])
    insert(odoo, "ir.cron", [{"cron_name": "Base: Auto-vacuum internal data", "active": 1,
                              "interval_number": 1, "nextcall": BIRTH}])
    insert(odoo, "discuss.channel.rtc.session", [{"id": 1, "partner_id": 3, "is_muted": 0}])
    insert(odoo, "res.partner.bank", [
        {"acc_number": f"BE{10 + n}0001{n:08d}", "partner_id": 9 + n * 10, "active": 1,
         "sequence": 10} for n in range(1, 11)])
    insert(odoo, "ir.model.fields.selection", [
        {"field_id": number, "value": value, "name": text, "sequence": n}
        for number, in odoo.db.execute(
            "SELECT id FROM ir_model_fields WHERE model = 'sale.order' AND name = 'state'")
        .fetchall()
        for n, (value, text) in enumerate(
            odoo.registry.models["sale.order"].fields["state"].selection)])
