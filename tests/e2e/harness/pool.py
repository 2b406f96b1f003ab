# SPDX-License-Identifier: MIT
"""Records to be edited: made in stock, so that they are some seconds old when they are."""

from __future__ import annotations

import time
from typing import Any

from . import everything
from .rpc import Rpc

STOCK = 60
QUIET = {"tracking_disable": True, "mail_create_nolog": True}


class Pool:
    """Each record is given out once; those that are left at the end are removed."""

    model: str
    stock = STOCK

    def __init__(self, rpc: Rpc):
        self.rpc = rpc
        self.tags = rpc.ids("res.partner.category", limit=2)
        self.made: list[int] = []
        self.free: list[int] = []

    def values(self, n: int) -> dict[str, Any]:
        raise NotImplementedError

    def more(self, count: int) -> None:
        first = len(self.made)
        new = self.rpc.call(self.model, "create",
                            [self.values(n) for n in range(first, first + count)],
                            context=QUIET)
        self.made += new
        self.free += new
        time.sleep(1.1)  # write_date is a whole second: theirs shall be over

    def take(self, count: int) -> list[int]:
        if len(self.free) < count:
            self.more(max(self.stock, count))
        taken, self.free = self.free[:count], self.free[count:]
        return taken

    def one(self) -> int:
        return self.take(1)[0]

    def tidy(self) -> None:
        left = self.rpc.ids(self.model, [["id", "in", self.made]])
        if left:
            self.rpc.call(self.model, "unlink", left)


class Partners(Pool):
    model = "res.partner"

    def __init__(self, rpc: Rpc):
        super().__init__(rpc)
        self.country = rpc.ids("res.country", [["code", "=", "BE"]])[0]

    def values(self, n: int) -> dict[str, Any]:
        return {
            "name": f"Azure Interior {n}", "city": "Ghent", "street": f"Rue Haute {n}",
            "zip": "9000", "ref": f"AZ{n:04d}", "email": f"azure{n}@example.com", "color": 3,
            "website": "http://azure.example.com", "function": "Größe ✓ \"quoted\"",
            "country_id": self.country, "category_id": [[6, 0, self.tags]]}


class Things(Pool):
    """Of the model that has a field of every type, with two lines and a child."""

    model = everything.NAME
    stock = 20

    def __init__(self, rpc: Rpc):
        super().__init__(rpc)
        self.partners = rpc.ids("res.partner", limit=2)
        self.currency = rpc.ids("res.currency", [["name", "=", "USD"]])[0]

    def values(self, n: int) -> dict[str, Any]:
        return {
            "x_name": f"Thing {n}", "x_short": "short", "x_translated": "Hello",
            "x_text": "one\ntwo", "x_html": "<p>Hello</p>", "x_integer": 3, "x_float": 1.5,
            "x_currency_id": self.currency, "x_amount": 2.25, "x_active": True, "x_flag": False,
            "x_date": "2026-11-20", "x_datetime": "2026-11-20 08:12:44", "x_state": "draft",
            "x_partner_id": self.partners[0], "x_tag_ids": [[6, 0, self.tags]],
            "x_reference": f"res.partner,{self.partners[0]}",
            "x_line_ids": [[0, 0, {"x_name": "first", "x_quantity": 1}],
                           [0, 0, {"x_name": "second", "x_quantity": 2}]],
            "x_child_ids": [[0, 0, {"x_name": f"Child of {n}"}]]}
