# SPDX-License-Identifier: MIT
"""POST /jsonrpc: the services common, object and db."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import envelope, pages, services
from .faults import Fault
from .httpd import Request, Response

if TYPE_CHECKING:
    from .server import Server


def handle(server: "Server", request: Request) -> Response:
    body = envelope.opened(server, request)
    if isinstance(body, Response):
        return body
    number = body.get("id")
    try:
        params = body.get("params") or {}
        lacking = [name for name in ("service", "method", "args") if name not in params]
        if lacking:
            name = "JSONRPC.jsonrpc" if server.odoo.version >= 19 else "jsonrpc"
            raise services.missing(name, lacking)
        result = services.dispatch(server, request, params["service"], params["method"],
                                   list(params["args"] or []))
    except Fault as fault:
        if server.odoo.version < 16 and not server.sessions.bound(request):
            return pages.page(server, 500)
        return envelope.sealed(server, number, fault=fault)
    return envelope.sealed(server, number, result)
