# SPDX-License-Identifier: MIT
"""The README's chapters on what is in a mount, as plain text in a C file: `.odoofs/README`.

    readme.py README.md OUTPUT.c
"""

from __future__ import annotations

import re
import sys
import textwrap
from typing import Iterator

CHAPTERS = ("What you see", "Views", "Methods", "Editing", "Errors", "Limits")
WIDTH = 79


def chapter(text: str, heading: str) -> str:
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.S | re.M)
    if not found:
        raise SystemExit(f"the README has no chapter \"{heading}\"")
    return found.group(1).strip()


def plain(text: str) -> str:
    """A paragraph without its marks; what a list's item goes on with stands below it."""
    text = re.sub(r"\*\*(.+?)\*\*", r"\1", text, flags=re.S)
    return text.replace("`", "").replace(r"\|", "|")


def table(lines: list[str]) -> Iterator[str]:
    """A row is what it is about, and below it the rest."""
    rows = [[plain(cell).strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    for first, *rest in rows[2:]:
        yield "  " + first
        said = "; ".join(cell for cell in rest if cell)
        yield from textwrap.wrap(said, WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6,
                                 break_on_hyphens=False)


def lines_of(text: str) -> Iterator[str]:
    """The lines of a chapter."""
    for block in re.split(r"(^```.*?^```$|(?:^\|[^\n]*\n?)+)", text, flags=re.S | re.M):
        yield ""
        if block.startswith("```"):
            yield from ("    " + line for line in block.splitlines()[1:-1])
        elif block.startswith("|"):
            yield from table(block.strip().splitlines())
        elif block.strip():
            yield from plain(block.strip()).splitlines()


def convert(text: str) -> str:
    result = ["This directory tree is an Odoo database, mounted by odoofs.", ""]
    for heading in CHAPTERS:
        result += [heading, "=" * len(heading), *lines_of(chapter(text, heading)), ""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(result)).rstrip() + "\n"


def literal(line: str) -> str:
    escaped = line.replace("\\", "\\\\").replace('"', '\\"').replace("?", "\\?")
    return f'\t"{escaped}\\n"'


def main(source: str, target: str) -> None:
    with open(source, encoding="utf-8") as file:
        text = convert(file.read())
    with open(target, "w", encoding="utf-8") as file:
        file.write('#include "fs/control.h"\n\nconst char control_readme[] =\n')
        file.write("\n".join(map(literal, text.splitlines())) + ";\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
