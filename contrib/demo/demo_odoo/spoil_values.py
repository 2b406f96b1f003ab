# SPDX-License-Identifier: MIT
"""Results made wrong: values that JSON can't hold, records twice, ids that can't be."""

from __future__ import annotations

import random
from typing import Any, Callable

DOES = {"nan", "infinity", "float_1e400", "bigint", "invalid_utf8", "nul", "huge", "deep",
        "value", "drop_field", "duplicate_record", "bad_id", "drop_record", "shuffle",
        "wrong_type", "extra_record"}
INVALID_UTF8 = b'"Caf\xe9 \xff\xfe \xc3\x28 \xed\xa0\x80"'


def spoil(result: Any, spec: dict, raw: Callable[[bytes], str]) -> Any:
    """The result that the client shall get instead of `result`."""
    do = spec["do"]
    if do == "wrong_type":
        return spec.get("value", "a string where a list belongs")
    if not isinstance(result, list):
        return result
    if do == "shuffle":
        result = list(result)
        random.Random(spec.get("seed", 1)).shuffle(result)
        return result
    if do == "drop_record":
        return [x for x in result if _number(x) != spec["id"]]
    if do == "duplicate_record":
        return _twice(result, spec)
    if do == "extra_record":
        return [*result, spec["record"]]
    if do == "bad_id":
        return _bad_id(result, spec)
    value = _value(do, spec, raw)
    return [_changed(x, spec, value) for x in result]


def _number(item: Any) -> Any:
    return item.get("id") if isinstance(item, dict) else item


def _twice(result: list, spec: dict) -> list:
    if not result:
        return result
    found = [x for x in result if _number(x) == spec.get("id")] or result[:1]
    return [*result, *found]


def _bad_id(result: list, spec: dict) -> list:
    """An id that no record can have, in place of the first (or of the one named)."""
    value = spec.get("value", 0)
    if not result:
        return result
    if "id" in spec:
        place = next((n for n, x in enumerate(result) if _number(x) == spec["id"]), None)
        if place is None:
            return result
    else:
        place = spec.get("index", 0)
    old = result[place]
    new = {**old, "id": value} if isinstance(old, dict) else value
    return [*result[:place], new, *result[place + 1:]]


def _value(do: str, spec: dict, raw: Callable[[bytes], str]) -> Any:
    if do == "nan":
        return raw(b"NaN")
    if do == "infinity":
        return raw(b"-Infinity")
    if do == "float_1e400":
        return raw(b"1e400")
    if do == "bigint":
        return spec.get("value", 2 ** 53 + 1)
    if do == "invalid_utf8":
        return raw(INVALID_UTF8)
    if do == "nul":
        return raw(b'"before\\u0000after"')
    if do == "huge":
        return "x" * int(spec.get("megabytes", 1) * 1048576)
    if do == "deep":
        depth = int(spec.get("depth", 100000))
        return raw(b"[" * depth + b"]" * depth)
    if "raw" in spec:
        return raw(spec["raw"].encode())
    if "raw_hex" in spec:
        return raw(bytes.fromhex(spec["raw_hex"]))
    return spec.get("value")


def _changed(item: Any, spec: dict, value: Any) -> Any:
    if not isinstance(item, dict):
        return item
    if "id" in spec and item.get("id") != spec["id"]:
        return item
    field = spec.get("field", "name")
    if field not in item and not spec.get("add"):
        return item
    if spec["do"] == "drop_field":
        return {key: x for key, x in item.items() if key != field}
    return {**item, field: value}
