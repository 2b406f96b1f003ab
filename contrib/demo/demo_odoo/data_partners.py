# SPDX-License-Identifier: MIT
"""Partners by the thousand or the million, made inside SQLite.

Partner number n (from 1) belongs to company number c = (n - 1) / 10 and is that company
itself where (n - 1) % 10 = 0. Ids have gaps, as in a database that has been used. The first
BLOCK of them are put together from words; the others are copies that move on by a block.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from typing import TYPE_CHECKING

from . import data_geo as geo
from . import data_words as words

if TYPE_CHECKING:
    from .orm import Odoo

FIRST_ID = 10
BLOCK = 20000
BLOCK_IDS = BLOCK + BLOCK // 50
# user, partner, login, name, active, groups
PEOPLE = [
    (1, 2, "__system__", "OdooBot", False, []),
    (2, 3, "admin", "Administrator", True, [3, 5, 6, 7, 11, 12]),
    (3, 4, "public", "Public user", False, [9]),
    (6, 6, "demo", "Demo User", True, [1, 7, 10]),
    (7, 7, "portal", "Portal User", True, [8]),
]
LISTS = {
    "first": words.FIRST, "last": words.LAST, "a": words.COMPANY_A, "b": words.COMPANY_B,
    "c": words.COMPANY_C, "street": words.STREETS, "kind": words.STREET_KINDS,
    "city": words.CITIES, "job": words.JOBS, "note": words.NOTES,
    "country": [number for number, *_ in geo.COUNTRIES],
}


def word(name: str, index: str) -> str:
    """SQL: the word of a list at an index that may be any number."""
    return f"(SELECT v FROM temp.w_{name} WHERE i = ({index}) % {len(LISTS[name])})"


def row_id(n: str) -> str:
    return f"({FIRST_ID} + ({n}) + ({n}) / 50)"


def fill_partners(odoo: "Odoo", count: int) -> None:
    """The people of the system, then made-up companies and contacts: `count` in all."""
    from .data import insert
    insert(odoo, "res.partner", _fixed(odoo))
    made = max(0, count - 1 - len(PEOPLE))
    if made:
        _make(odoo, made)
    for n in range(1, min(20, made // 10) + 1):
        set_image(odoo, "res.partner", _id_of(10 * n + 1), [
            "image_1920", "image_1024", "image_512", "image_256", "image_128"])


def _id_of(n: int) -> int:
    return FIRST_ID + n + n // 50


def _fixed(odoo: "Odoo") -> list[dict]:
    shown = {"lang": "en_US", "type": "contact", "partner_share": 0, "color": 0,
             "message_bounce": 0, "customer_rank": 0, "supplier_rank": 0,
             "sale_warn": "no-message", "invoice_warn": "no-message", "trust": "normal"}
    rows = [{"id": 1, "name": "My Company", "is_company": 1, "active": 1,
             "commercial_partner_id": 1, "commercial_company_name": "My Company",
             "email": "info@mycompany.example", "email_normalized": "info@mycompany.example",
             "phone": "+1 555-555-5556", "country_id": 233, **shown}]
    for _, partner, login, name, active, _ in PEOPLE:
        mail = f"{login}@mycompany.example" if active else None
        rows.append({"id": partner, "name": name, "is_company": 0, "active": int(active),
                     "commercial_partner_id": partner if "portal" in login else 1,
                     "parent_id": None if "portal" in login or not active else 1,
                     "company_id": 1 if active else None, "tz": "Europe/Brussels",
                     "email": mail, "email_normalized": mail, **shown})
        if not active:
            rows[-1]["commercial_partner_id"] = partner
    for row in rows:
        parent = "My Company, " if row.get("parent_id") else ""
        row["display_name"] = row["complete_name"] = parent + row["name"]
        row["commercial_company_name"] = "My Company" if row["commercial_partner_id"] == 1 \
            else None
    return rows


def _make(odoo: "Odoo", count: int) -> None:
    db = odoo.db
    for name, values in LISTS.items():
        db.execute(f"CREATE TEMP TABLE w_{name} (i INTEGER PRIMARY KEY, v)")
        db.executemany(f"INSERT INTO temp.w_{name} VALUES (?, ?)", enumerate(values))
    columns = _columns(odoo)
    names = ", ".join(f'"{c}"' for c in columns)
    db.execute(
        "WITH RECURSIVE seq(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM seq WHERE n < "
        f"{min(count, BLOCK)}), "
        "base AS (SELECT n, (n - 1) / 10 AS c, (n - 1) % 10 AS k, "
        "n * 7919 AS h FROM seq), "
        f"named AS (SELECT *, {word('a', 'c * 37')} || ' ' || {word('b', 'c * 11 + c / 60')} "
        f"|| ' ' || {word('c', 'c * 5 + c / 3600')} AS company, "
        f"{word('first', 'h + n / 61')} AS first, {word('last', 'h / 61 + n')} AS last "
        "FROM base), "
        "full AS (SELECT *, CASE k WHEN 0 THEN company ELSE first || ' ' || last END AS name, "
        "lower(replace(replace(replace(company, ' & ', '-'), ' ', '-'), 'É', 'e')) "
        "|| '.example' AS host FROM named) "
        f"INSERT INTO res_partner (id, {names}) SELECT {row_id('n')}, "
        f"{', '.join(columns.values())} FROM full")
    for name in LISTS:
        db.execute(f"DROP TABLE temp.w_{name}")
    for block in range(1, (count + BLOCK - 1) // BLOCK):
        _copy_block(odoo, list(columns), block, count - block * BLOCK)
    rel = "res_partner_res_partner_category_rel"
    for every, shift in ((3, 0), (7, 5)):
        db.execute(
            f'INSERT OR IGNORE INTO {rel} (partner_id, category_id) SELECT id, '
            f"(id / {every} + {shift}) % {len(words.TAGS)} + 1 FROM res_partner "
            f"WHERE id > {FIRST_ID} AND id % {every} = 0")


def _copy_block(odoo: "Odoo", columns: list[str], block: int, count: int) -> None:
    """The first block again: other ids, other companies' names, later dates."""
    shift = block * BLOCK_IDS
    number = f"commercial_company_name || ' {block + 1}'"
    special = {
        "parent_id": f"parent_id + {shift}",
        "commercial_partner_id": f"commercial_partner_id + {shift}",
        "commercial_company_name": number,
        "name": f"CASE WHEN parent_id IS NULL THEN {number} ELSE name END",
        "write_date": f"date(substr(write_date, 1, 10), '+{9 * block} days') || "
                      "substr(write_date, 11)",
    }
    shown = f"{number} || substr({{0}}, length(commercial_company_name) + 1)"
    for name in ("complete_name", "display_name"):
        special[name] = shown.format(name)
    values = ", ".join(special.get(c, f'"{c}"') for c in columns)
    names = ", ".join(f'"{c}"' for c in columns)
    odoo.db.execute(
        f"INSERT INTO res_partner (id, {names}) SELECT id + {shift}, {values} FROM res_partner "
        f"WHERE id > {FIRST_ID} AND id <= {_id_of(min(count, BLOCK))}")


def _columns(odoo: "Odoo") -> dict[str, str]:
    """Column → SQL expression over n, c, k, h, name, company, host."""
    moment = "strftime('%Y-%m-%d %H:%M:%S', 1704100000 + n * 37, 'unixepoch')"
    mail = ("CASE k WHEN 0 THEN 'info@' || host ELSE lower(first) || '.' || lower(last) "
            "|| '@' || host END")
    shown = "CASE k WHEN 0 THEN company ELSE company || ', ' || name END"
    note = word("note", "h / 3")
    if odoo.version >= 15:
        note = f"'<p>' || replace({note}, '&', '&amp;') || '</p>'"
    columns = {
        "name": "name", "complete_name": shown, "display_name": shown,
        "parent_id": f"CASE k WHEN 0 THEN NULL ELSE {row_id('c * 10 + 1')} END",
        "commercial_partner_id": row_id("c * 10 + 1"), "commercial_company_name": "company",
        "is_company": "k = 0", "active": "NOT (k = 9 AND c % 5 = 0)",
        "lang": "CASE c % 4 WHEN 3 THEN 'fr_FR' ELSE 'en_US' END",
        "tz": "'Europe/Brussels'",
        "ref": "CASE k WHEN 0 THEN printf('C%06d', c + 1) END",
        "vat": "CASE k WHEN 0 THEN printf('BE0%09d', (h * 13) % 1000000000) END",
        "website": "CASE k WHEN 0 THEN 'https://www.' || host END",
        "comment": f"CASE n % 4 WHEN 0 THEN {note} END",
        "function": f"CASE k WHEN 0 THEN NULL ELSE {word('job', 'h / 7')} END",
        "type": "CASE k WHEN 7 THEN 'invoice' WHEN 8 THEN 'delivery' ELSE 'contact' END",
        "street": f"(h % 180 + 1) || ' ' || {word('street', 'c * 3')} || ' ' || "
                  f"{word('kind', 'c')}",
        "zip": "printf('%05d', (c * 97) % 100000)", "city": word("city", "c * 13"),
        "country_id": word("country", "c"), "email": mail, "email_normalized": mail,
        "phone": "printf('+32 2 555 %04d', h % 10000)",
        "phone_sanitized": "printf('+322555%04d', h % 10000)",
        "mobile": "CASE n % 3 WHEN 1 THEN printf('+32 470 55 %04d', h % 10000) END",
        "partner_latitude": "CASE k WHEN 0 THEN round(36 + (h % 2000000) / 100000.0, 5) END",
        "partner_longitude": "CASE k WHEN 0 THEN round(-9 + (h % 3000000) / 100000.0, 5) END",
        "industry_id": "CASE k WHEN 0 THEN c % 10 + 1 END",
        "user_id": "CASE c % 3 WHEN 0 THEN 2 WHEN 1 THEN 6 END", "color": "h % 12",
        "team_id": "CASE c % 2 WHEN 0 THEN 1 END",
        "partner_share": "1", "employee": "0", "message_bounce": "0",
        "customer_rank": "c % 3", "supplier_rank": "c % 2",
        "credit_limit": "0", "sale_warn": "'no-message'", "invoice_warn": "'no-message'",
        "trust": "'normal'", "title": "CASE k WHEN 0 THEN NULL ELSE h % 5 + 1 END",
        "date": "date(1704100000 + n * 3600, 'unixepoch')",
        "calendar_last_notif_ack": "'2024-01-01 08:00:00.000000'",
        "autopost_bills_allowed": "1",
        "create_uid": "2", "create_date": f"{moment} || '.000000'", "write_uid": "2",
        "write_date": f"{moment} || printf('.%06d', h % 1000000)",
    }
    known = {x.name for x in odoo.registry.models["res.partner"].columns()}
    return {name: sql for name, sql in columns.items() if name in known}


def png(seed: int, size: int = 48) -> bytes:
    """A small picture, another one for each seed."""
    rows = bytearray()
    for y in range(size):
        rows.append(0)
        for x in range(size):
            rows += bytes(((x * 5 + seed * 37) % 256, (y * 5 + seed * 91) % 256,
                           (x ^ y) * 4 % 256))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(
            ">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2,
                                                              0, 0, 0))
            + chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + chunk(b"IEND", b""))


def set_image(odoo: "Odoo", model: str, number: int, fields: list[str]) -> None:
    attach(odoo, model, number, fields, png(number), "image/png")


def attach(odoo: "Odoo", model: str, number: int, fields: list[str], data: bytes,
           kind: str) -> None:
    """The rows of ir.attachment that hold the content of binary fields."""
    from .data import insert
    insert(odoo, "ir.attachment", [
        {"name": field, "res_model": model, "res_field": field, "res_id": number,
         "company_id": None, "type": "binary", "db_datas": data, "file_size": len(data),
         "checksum": hashlib.sha1(data).hexdigest(), "mimetype": kind, "public": 0}
        for field in fields])
