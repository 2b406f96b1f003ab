# SPDX-License-Identifier: MIT
"""What two answers must have in common: the data are others, the words are the same."""

from __future__ import annotations

import json
import re
import xmlrpc.client
from typing import Any

OWN_HEADERS = {"date", "server", "content-length"}
# A function's address, and which class of a model overrides a method.
OWN_WORDS = [(r"function ([\w.]+ )?at 0x[0-9a-f]+", "function"),
             (r"\b[A-Z]\w*\.(\w+\(\))", r"\1")]


def shape(status: int, headers: dict, body: bytes, database: str) -> tuple:
    """Status, type, which headers, and of the body what doesn't depend on the data."""
    kind = headers.get("content-type", "")
    names = sorted(set(headers) - OWN_HEADERS)
    if kind.startswith("application/json"):
        seen: Any = _shape(json.loads(body))
    elif kind.startswith("text/xml"):
        seen = _xml_shape(body)
    else:
        seen = body.decode("utf-8", "replace")
    text = json.dumps(seen).replace(database, "DATABASE")
    for pattern, same in OWN_WORDS:
        text = re.sub(pattern, same, text)
    return status, kind.replace(" ", ""), names, json.loads(text)


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        if {"name", "message", "debug"} <= value.keys():  # a fault, word for word
            return {**value, "debug": _last_line(value["debug"])}
        return {key: _shape(x) if key not in ("jsonrpc", "id", "code", "message", "http_status")
                else x for key, x in value.items()}
    if isinstance(value, list):
        return [_shape(x) for x in value[:1]]
    return type(value).__name__


def _xml_shape(body: bytes) -> Any:
    frame = re.sub(rb"<(string|int|double|name)>.*?</\1>", rb"<\1/>", body, flags=re.S)
    frame = re.sub(rb"<array>.*</array>", b"<array/>", frame, flags=re.S)
    try:
        value, _ = xmlrpc.client.loads(body)
    except xmlrpc.client.Fault as fault:
        return [frame.decode(), _fault_text(fault.faultCode), _last_line(fault.faultString)]
    return [frame.decode(), _shape(value[0])]


def _fault_text(code: Any) -> Any:
    return code.strip() if isinstance(code, str) else code


def _last_line(text: str) -> str:
    """Of a traceback; what is none is compared whole."""
    if not text.startswith("Traceback"):
        return text
    return re.split(r"\n(?=[\w.]+(?:: |$))", text.strip())[-1]
