# SPDX-License-Identifier: MIT
"""POST /json/2/<model>/<method>, from 19 on: a key, named arguments, HTTP codes for faults."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from . import envelope, pages, rpc
from .faults import AccessDenied, Fault, HttpError, PythonError, UnknownMethod
from .httpd import Request, Response

if TYPE_CHECKING:
    from .server import Server

ROUTE = "/json/2/<__model__>/<__method__>"
LISTS = ("create", "copy")  # they return records, which become a list of ids here
STATUS = {"AccessDenied": 403, "AccessError": 403, "MissingError": 404}


def handle(server: "Server", request: Request) -> Response:
    if server.odoo.version < 19:
        from .web import not_found
        return not_found(server, request)
    if not server.sessions.bound(request):
        return pages.no_database(server)
    parts = request.path.split("/")[3:]
    known = len(parts) == 2 and request.method == "POST"
    kind = envelope.media_type(request)
    if kind != "application/json" and (kind or request.body):
        found = "&#39;http&#39;, &#39;jsonrpc&#39;" if kind.endswith("-rpc") else "&#39;http&#39;"
        return pages.unsupported(server, found, ROUTE if known else "/json/2", "json2",
                                 "application/json")
    try:
        if not known:
            raise HttpError(404, "Did you mean POST /json/2/<model>/<method>?")
        uid = _user(server, request)
        result = _call(server, uid, *parts, _arguments(request))
    except Fault as fault:
        return _refusal(server, fault)
    return Response(200, envelope.encode(server, result), "application/json; charset=utf-8")


def _user(server: "Server", request: Request) -> int:
    match = re.match(r"bearer\s+(.+)$", request.header("authorization"), re.IGNORECASE)
    if match is None:
        raise HttpError(401, "User not authenticated, use an API Key with a Bearer "
                        "Authorization header.")
    try:
        return server.odoo.auth.owner(match.group(1))
    except AccessDenied:
        raise HttpError(401, "Invalid apikey") from None


def _arguments(request: Request) -> dict:
    if request.too_large:
        raise HttpError(413, pages.TEXTS[413][1])
    try:
        body = json.loads(request.body) if request.body else {}
    except (ValueError, RecursionError) as error:
        raise HttpError(400, f"could not parse the body as json: {error}") from None
    return body if isinstance(body, dict) else {}


def _call(server: "Server", uid: int, name: str, method: str, named: dict) -> Any:
    odoo = server.odoo
    if odoo.registry.get(name) is None:
        raise HttpError(404, f"the model '{name}' does not exist")
    try:
        found = rpc.find(name, method, odoo.version)
    except UnknownMethod as fault:
        raise HttpError(404, fault.message) from None
    ids = named.pop("ids", ())
    context = named.pop("context", None) or {}
    if not isinstance(context, dict):
        raise PythonError("TypeError", f"'{type(context).__name__}' object is not iterable")
    if found.kind != "records" and ids:
        raise HttpError(422, f"cannot call {name}.{method} with ids")
    wrong = found.refusal(named)
    if wrong:
        raise HttpError(422, wrong)
    # Without ids it is called on no record: a write is then true, and nothing was written.
    args = [ids or []] if found.kind == "records" else []
    result = odoo.call(uid, name, method, args, {**named, "context": context})
    return [result] if method in LISTS and not isinstance(result, list) else result


def _refusal(server: "Server", fault: Fault) -> Response:
    status = 500
    if isinstance(fault, HttpError):
        status = fault.status
    elif fault.name.startswith("odoo.exceptions."):
        status = STATUS.get(fault.name.rpartition(".")[2], 422)
    response = Response(status, envelope.encode(server, fault.data(19)),
                        "application/json; charset=utf-8", refused=True)
    if status == 401:
        response.headers.append(("WWW-Authenticate", "Bearer "))
    return response
