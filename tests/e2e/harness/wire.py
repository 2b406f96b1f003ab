# SPDX-License-Identifier: MIT
"""What passes between odoofs and a server: requests, and the calls that are in them."""

from __future__ import annotations

import dataclasses
import json
import socket
import struct
import xmlrpc.client
from typing import Any, Callable, Sequence
from xml.parsers.expat import ExpatError

# Whatever else is called is taken for a change.
READING = frozenset((
    "check_access_rights", "default_get", "fields_get", "formatted_read_group",
    "get_available_models", "has_access", "name_get", "name_search", "read", "read_group",
    "search", "search_count", "search_read"))


@dataclasses.dataclass
class Call:
    """One call of a model's method, with what it was given."""

    model: str
    method: str
    args: list
    kwargs: dict

    def argument(self, place: int, name: str) -> Any:
        return self.args[place] if len(self.args) > place else self.kwargs.get(name)

    def plain(self) -> tuple:
        """(model, "write", ids, values), (model, "create", values), (model, "unlink", ids)"""
        if self.method == "write":
            return self.model, "write", self.argument(0, "ids"), self.argument(1, "vals")
        if self.method == "create":
            return self.model, "create", self.argument(0, "vals_list")
        if self.method == "unlink":
            return self.model, "unlink", self.argument(0, "ids")
        return self.model, self.method, self.args, self.kwargs


def parse(head: bytes, body: bytes) -> Call | None:
    """The call in a request; None for what is none: a login, a page, the version."""
    path = head.split(b" ", 2)[1].decode("latin-1")
    try:
        for start, read in PROTOCOLS:
            if path.startswith(start):
                return read(path, body)
    except (ValueError, KeyError, TypeError, ExpatError, xmlrpc.client.Error):
        pass
    return None


def _of_execute(method: str, args: Sequence) -> Call | None:
    """execute_kw(db, uid, secret, model, method, args, kwargs), or execute(…, *args)"""
    _, _, _, model, name, *rest = args
    if method == "execute":
        return Call(model, name, rest, {})
    return Call(model, name, rest[0] if rest else [], rest[1] if len(rest) > 1 else {})


def _of_jsonrpc(path: str, body: bytes) -> Call | None:
    params = json.loads(body)["params"]
    if params["service"] != "object":
        return None
    return _of_execute(params["method"], params["args"])


def _of_xmlrpc(path: str, body: bytes) -> Call | None:
    args, method = xmlrpc.client.loads(body)
    return _of_execute(method, args) if path.endswith("/object") else None


def _of_json2(path: str, body: bytes) -> Call:
    _, _, _, model, method = path.split("/")
    return Call(model, method, [], json.loads(body))


def _of_params(path: str, body: bytes) -> Call:
    """Of the web client and of json-call, which has no named arguments."""
    params = json.loads(body)["params"]
    args = params["args"] if "args" in params else params["Args"]
    return Call(params["model"], params["method"], args, params.get("kwargs", {}))


PROTOCOLS: tuple[tuple[str, Callable[[str, bytes], Call | None]], ...] = (
    ("/jsonrpc", _of_jsonrpc), ("/xmlrpc/", _of_xmlrpc), ("/json/2/", _of_json2),
    ("/web/dataset/call_kw", _of_params), ("/json-call", _of_params))


def receive(client: socket.socket) -> tuple[bytes, bytes]:
    """Head and body of a request; nothing when the client left without one."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = client.recv(1 << 16)
        if not more:
            return b"", b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
        if name.strip().lower() == b"expect":
            client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    while len(body) < length:
        more = client.recv(1 << 18)
        if not more:
            return b"", b""
        body += more
    return head, body


def reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
