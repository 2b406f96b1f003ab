# SPDX-License-Identifier: MIT
"""JSON-RPC's envelope, around every call of /jsonrpc, of the web client, and of json-call."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any

from . import pages
from .faults import Fault, NotFound
from .httpd import Request, Response

if TYPE_CHECKING:
    from .server import Server

ACCEPT = "application/json, application/json-rpc"


def encode(server: "Server", value: Any) -> bytes:
    """JSON as Odoo writes it: ASCII only, a space after each comma and colon.

    bytes are a name that is no UTF-8, which a test has planted: they go out as they are.
    """
    return json.dumps(
        value, default=lambda x: server.injector.raw(b'"' + bytes(x) + b'"')).encode("ascii")


def media_type(request: Request) -> str:
    return request.header("content-type").split(";")[0].strip().lower()


def is_json(request: Request) -> bool:
    return media_type(request) in ("application/json", "application/json-rpc")


def opened(server: "Server", request: Request) -> dict | Response:
    """The parsed envelope, or the page that a bad one is answered with."""
    new = server.odoo.version >= 19
    if not is_json(request) or new and request.method != "POST":
        return _wrong_type(server, request)
    if request.too_large:
        return sealed(server, None, fault=Fault(
            f"413 Request Entity Too Large: {pages.TEXTS[413][1]}", arguments=[],
            name="werkzeug.exceptions.RequestEntityTooLarge"))
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        if new:
            return Response(400, b"Invalid JSON data", pages.HTML)
        shown = html.escape(repr(request.body.decode("utf-8", "replace")))
        shown = shown.replace("&#x27;", "'")
        return pages.page(server, 400, f"Invalid JSON data: {shown}")
    if not isinstance(body, dict):
        if new:
            return Response(400, b"Invalid JSON-RPC data", pages.HTML)
        return pages.page(server, 500)
    return body


def _wrong_type(server: "Server", request: Request) -> Response:
    if server.odoo.version < 19:
        return pages.page(server, 400, "Session expired (invalid CSRF token)"
                          if request.method == "POST" else
                          f"&lt;function at 0x000000000000&gt;, {request.path}: Function declared "
                          "as capable of handling request of type 'json' but called with a "
                          "request of type 'http'")
    found = "&#39;http&#39;" if request.method == "POST" else "&#39;http&#39;, &#39;json2&#39;"
    return pages.unsupported(server, found, request.path, "jsonrpc", ACCEPT)


def sealed(server: "Server", number: Any, result: Any = None, fault: Fault | None = None,
           silent: bool = False) -> Response:
    """The answer; `silent` is a controller that returned nothing: there is no result then."""
    number = server.injector.answer_id(number)
    answer = {"jsonrpc": "2.0", "id": number}
    if fault is not None:
        answer["error"] = _error(server, fault)
    elif not silent:
        answer["result"] = result
    kind = "application/json"
    status = 200
    if server.odoo.version >= 19:
        kind += "; charset=utf-8"
    elif isinstance(fault, NotFound):
        status = 404
    return Response(status, encode(server, answer), kind, refused=fault is not None)


def _error(server: "Server", fault: Fault) -> dict:
    code, message = 0 if server.odoo.version >= 19 else 200, "Odoo Server Error"
    if fault.name.endswith("SessionExpiredException"):
        code, message = 100, "Odoo Session Expired"
    elif isinstance(fault, NotFound):
        code, message = 404, "404: Not Found"
    error = {"code": code, "message": message, "data": fault.data(server.odoo.version)}
    if code == 404 and server.odoo.version < 19:
        error["http_status"] = 404
    return error
