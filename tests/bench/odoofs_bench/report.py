# SPDX-License-Identifier: MIT
"""The table of what was measured."""

from __future__ import annotations

import collections
import json
import sys
from typing import NamedTuple


class Line(NamedTuple):
    """One thing that was measured: `value` is what `limit` is about; None is never reached."""

    work: str
    measured: str
    value: float | None
    limit: float | None
    limit_text: str

    @property
    def passed(self) -> bool | None:
        """None where there is no limit."""
        if self.limit is None:
            return None
        return self.value is not None and self.value <= self.limit


class Report:
    """Collects lines, and says each at once on standard error: a run takes minutes."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def add(self, work: str, measured: str, value: float | None = None,
            limit: float | None = None, limit_text: str = "") -> None:
        line = Line(work, measured, value, limit, limit_text)
        self.lines.append(line)
        print(f"{verdict(line):5} {line.work}: {line.measured}"
              + (f" (at most {line.limit_text})" if line.limit_text else ""),
              file=sys.stderr, flush=True)

    def table(self) -> str:
        rows = [("work", "measured", "at most", "")]
        rows += [(line.work, line.measured, line.limit_text, verdict(line))
                 for line in self.lines]
        widths = [max(len(row[i]) for row in rows) for i in range(4)]
        text = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths))
                for row in rows]
        text.insert(1, " | ".join("-" * width for width in widths))
        return "".join(f"| {line} |\n" for line in text)

    def json(self) -> str:
        return json.dumps([dict(line._asdict(), passed=line.passed) for line in self.lines],
                          indent=2, ensure_ascii=False) + "\n"

    @property
    def missed(self) -> int:
        return sum(line.passed is False for line in self.lines)


def verdict(line: Line) -> str:
    return {None: "", True: "pass", False: "MISS"}[line.passed]


def counted(counts: dict) -> str:
    """12 (LOOKUP 10, READ 2), the most frequent first."""
    total = sum(counts.values())
    if not total:
        return "none"
    names = ", ".join(f"{name} {n}" for name, n in collections.Counter(counts).most_common())
    return f"{total} ({names})"
