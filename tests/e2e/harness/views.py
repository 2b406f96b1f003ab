# SPDX-License-Identifier: MIT
"""What a view lists, and what was said of one that can't be."""

from __future__ import annotations

import os
import pathlib


def ids(directory: pathlib.Path) -> list[int]:
    """The records of a view, in the order of its listing."""
    with os.scandir(directory) as entries:
        return [int(entry.name.removesuffix(".json")) for entry in entries
                if entry.name.endswith(".json")]


def names(directory: pathlib.Path) -> list[str]:
    return sorted(os.listdir(directory))


def failure(path: pathlib.Path, act=os.stat) -> int:
    """The errno of what can't be; 0 where it can."""
    try:
        act(path)
    except OSError as error:
        return error.errno or 0
    return 0
