# SPDX-License-Identifier: MIT
"""What a record's file should hold, worked out from what the server says itself."""

from __future__ import annotations

import functools
import json
from typing import Any

from .rpc import Fault, Rpc

X2MANY = ("one2many", "many2many")


@functools.lru_cache(maxsize=None)
def may_read(rpc: Rpc, model: str) -> bool:
    try:
        rpc.call(model, "check_access_rights", "read")
        return True
    except Fault:
        pass
    try:
        return bool(rpc.call(model, "has_access", [], "read"))
    except Fault:
        return False


def stored_fields(rpc: Rpc, model: str) -> dict[str, dict]:
    """The fields that a record shows by default, by name, with their description."""
    fields = rpc.call(model, "fields_get", [], ["type", "store", "relation"])
    return {name: field for name, field in sorted(fields.items())
            if name != "id" and field.get("store") and field["type"] != "binary"
            and (field["type"] not in X2MANY or may_read(rpc, field["relation"]))}


@functools.lru_cache(maxsize=None)
def binary_fields(rpc: Rpc, model: str) -> frozenset[str]:
    """Those of which a record's contents are files beside it: stored, and not made of others."""
    if model == "ir.attachment":
        return frozenset(["datas"])
    fields = rpc.call(model, "fields_get", [], ["type", "store", "related", "depends"])
    return frozenset(name for name, field in fields.items()
                     if field["type"] == "binary" and field.get("store")
                     and not field.get("related") and not field.get("depends"))


def without_binaries(rpc: Rpc, model: str, shown: dict) -> dict:
    """What a record shows besides them; of each it says what there is, or false."""
    names = binary_fields(rpc, model)
    for name in names:
        assert shown[name] is False or set(shown[name]) == {"file", "size", "sha1", "type"}
    return {name: value for name, value in shown.items() if name not in names}


def text_of(record: dict) -> bytes:
    """A record as it is written: id first, a field a line, lists on the line."""
    lines = [f'  "id": {record["id"]}']
    lines += [f'  "{name}": {json.dumps(record[name], ensure_ascii=False)}'
              for name in sorted(record) if name != "id"]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def differences(shown: Any, there: Any, path: str = "") -> list[str]:
    """Where two values differ; 0 isn't false, and 1.0 is 1."""
    if isinstance(shown, dict) and isinstance(there, dict):
        found = [f"{path}{name}: only in one"
                 for name in sorted(shown.keys() ^ there.keys())]
        for name in sorted(shown.keys() & there.keys()):
            found += differences(shown[name], there[name], f"{path}{name}.")
        return found
    if isinstance(shown, (list, tuple)) and isinstance(there, (list, tuple)):
        if len(shown) != len(there):
            return [f"{path}: {shown!r} != {there!r}"]
        return [x for n, (a, b) in enumerate(zip(shown, there))
                for x in differences(a, b, f"{path}{n}.")]
    number = (int, float)
    alike = type(shown) is type(there) or (
        isinstance(shown, number) and isinstance(there, number)
        and not isinstance(shown, bool) and not isinstance(there, bool))
    return [] if alike and shown == there else [f"{path} {shown!r} != {there!r}"]
