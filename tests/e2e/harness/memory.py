# SPDX-License-Identifier: MIT
"""The memory of a process, looked through by root for what shouldn't be in it."""

from __future__ import annotations

import dataclasses
import re
from typing import Iterator

HEAD = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)")
PIECE = 1 << 20

# AddressSanitizer's shadow is terabytes of nothing.
LARGEST = 1 << 32


@dataclasses.dataclass
class Region:
    """A mapping; `flags` are smaps' VmFlags: lo is locked, dd left out of dumps."""

    start: int
    end: int
    mode: str
    name: str
    resident: int = 0
    flags: frozenset = frozenset()


def regions(pid: int) -> list[Region]:
    found: list[Region] = []
    with open(f"/proc/{pid}/smaps", encoding="utf-8") as lines:
        for line in lines:
            head = HEAD.match(line)
            if head:
                found.append(Region(int(head[1], 16), int(head[2], 16), head[3], head[4]))
            elif line.startswith("Rss:"):
                found[-1].resident = int(line.split()[1])
            elif line.startswith("VmFlags:"):
                found[-1].flags = frozenset(line.split()[1:])
    return found


def pieces(pid: int, region: Region, overlap: int) -> Iterator[bytes]:
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        at = region.start
        while at < region.end:
            memory.seek(at)
            try:
                yield memory.read(min(PIECE + overlap, region.end - at))
            except OSError:
                pass  # nothing can be read there: a guard page
            at += PIECE


def find(pid: int, needle: bytes) -> list[Region]:
    """Where in the memory of a process these bytes are."""
    return [region for region in regions(pid)
            if "r" in region.mode and region.resident and region.end - region.start < LARGEST
            and not region.name.startswith("[v")
            if holds(pid, region, needle)]


def holds(pid: int, region: Region, needle: bytes) -> bool:
    return any(needle in piece for piece in pieces(pid, region, len(needle)))
