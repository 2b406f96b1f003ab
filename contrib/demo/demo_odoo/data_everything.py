# SPDX-License-Identifier: MIT
"""Records of x_everything: each field type with usual, empty and awkward values."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Callable

from .data_partners import attach, png

if TYPE_CHECKING:
    from .orm import Odoo

DEFINITION = [
    {"name": "aa11bb22cc33dd44", "string": "Colour", "type": "char", "default": "grey"},
    {"name": "ee55ff6600112233", "string": "Weight", "type": "float"},
    {"name": "4455667788990011", "string": "Size", "type": "selection",
     "selection": [["s", "Small"], ["m", "Medium"], ["l", "Large"]], "default": "m"},
    {"name": "2233445566778899", "string": "Fragile", "type": "boolean"},
    {"name": "99aabbccddeeff00", "string": "Labels", "type": "tags",
     "tags": [["new", "New", 1], ["used", "Used", 2]]},
]
NAMES = ["Plain", "Empty", "Quotes \" and \\ backslash", "Tab\tand\nnewline", "Ünïcödé ✓ 漢字",
         "Emoji 😀", " leading and trailing ", "a/b/../c", "-dash", ".hidden", "x" * 200, "zero"]


def fill_everything(odoo: "Odoo", insert: Callable, link: Callable) -> None:
    insert(odoo, "x_kind", [
        {"id": 1, "x_name": "Box", "x_definition": json.dumps(DEFINITION)},
        {"id": 2, "x_name": "Thing without properties"}])
    insert(odoo, "x_everything", [_row(n, name) for n, name in enumerate(NAMES, 1)])
    insert(odoo, "x_everything_line", [
        {"id": n, "x_name": f"Line {n}", "x_thing_id": (n - 1) // 3 * 2 + 1, "x_quantity": n / 4}
        for n in range(1, 10)])
    insert(odoo, "x_secret", [{"id": 1, "x_name": "Hush", "x_thing_id": 1}])
    link(odoo, "x_everything_tag_rel", "x_thing_id, tag_id", [(1, 1), (1, 2), (3, 5)])
    attach(odoo, "x_everything", 1, ["x_file"], b"%PDF-1.4\n% a small file\n", "application/pdf")
    attach(odoo, "x_everything", 1, ["x_image"], png(1), "image/png")
    attach(odoo, "x_everything", 3, ["x_file"], random.Random(3).randbytes(2 << 20),
           "application/octet-stream")
    odoo.db.execute("INSERT INTO _translation VALUES ('x_everything', 'x_translated', 1, "
                    "'fr_FR', 'Bonjour')")


def _row(n: int, name: str) -> dict:
    row = {"id": n, "x_name": name, "x_active": 1, "x_currency_id": 1}
    if n == 2:
        return row
    return {
        **row, "x_short": f"s{n}", "x_translated": "Hello", "x_text": "one\ntwo\n\nfour",
        "x_html": "<p>Hello <b>world</b></p>", "x_integer": n * (-1) ** n,
        "x_float": [0.1, 1e-7, 1 / 3, 1e21, -2.5, 100.0][n % 6], "x_ratio": n / 8,
        "x_amount": n * 10.01, "x_flag": n % 2, "x_date": f"2024-02-{n:02d}",
        "x_datetime": f"2024-02-{n:02d} 23:59:59.000000",
        "x_state": ("draft", "open", "done")[n % 3], "x_partner_id": 10 + n,
        "x_owner_id": 10 + n % 3 + 1, "x_parent_id": n // 4 or None, "x_kind_id": 1 + n % 2,
        "x_inline": b"inline \x00 bytes", "x_reference": f"res.partner,{10 + n}",
        "x_model": "res.partner", "x_res_id": 10 + n, "x_hidden": "secret",
        "x_json": json.dumps({"a": [1, 2.5, True], "b": {"c": "é"}}),
        "x_properties": json.dumps({"aa11bb22cc33dd44": "red", "ee55ff6600112233": 1.5}),
    }
