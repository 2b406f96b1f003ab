# SPDX-License-Identifier: MIT
"""Partners to be edited: made in stock, so that they are some seconds old when they are."""

from __future__ import annotations

import time
from typing import Any

from .rpc import Rpc

STOCK = 60
QUIET = {"tracking_disable": True, "mail_create_nolog": True}


class Pool:
    """Each partner is given out once; those that are left at the end are removed."""

    def __init__(self, rpc: Rpc):
        self.rpc = rpc
        self.country = rpc.ids("res.country", [["code", "=", "BE"]])[0]
        self.tags = rpc.ids("res.partner.category", limit=2)
        self.made: list[int] = []
        self.free: list[int] = []

    def values(self, n: int) -> dict[str, Any]:
        return {
            "name": f"Azure Interior {n}", "city": "Ghent", "street": f"Rue Haute {n}",
            "zip": "9000", "ref": f"AZ{n:04d}", "email": f"azure{n}@example.com", "color": 3,
            "website": "http://azure.example.com", "function": "Größe ✓ \"quoted\"",
            "country_id": self.country, "category_id": [[6, 0, self.tags]]}

    def more(self, count: int = STOCK) -> None:
        first = len(self.made)
        new = self.rpc.call("res.partner", "create",
                            [self.values(n) for n in range(first, first + count)],
                            context=QUIET)
        self.made += new
        self.free += new
        time.sleep(1.1)  # write_date is a whole second: theirs shall be over

    def take(self, count: int) -> list[int]:
        if len(self.free) < count:
            self.more(max(STOCK, count))
        taken, self.free = self.free[:count], self.free[count:]
        return taken

    def one(self) -> int:
        return self.take(1)[0]

    def tidy(self) -> None:
        left = self.rpc.ids("res.partner", [["id", "in", self.made]])
        if left:
            self.rpc.call("res.partner", "unlink", left)
