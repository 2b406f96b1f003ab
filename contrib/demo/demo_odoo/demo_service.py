# SPDX-License-Identifier: MIT
"""POST /start: what the public demo service answers, with this server as the database's host."""

from __future__ import annotations

import xmlrpc.client
from typing import TYPE_CHECKING
from xml.parsers.expat import ExpatError

from . import pages, xml_rpc
from .faults import Fault
from .httpd import Request, Response

if TYPE_CHECKING:
    from .server import Server


def handle(server: "Server", request: Request) -> Response:
    if request.method != "POST":
        return pages.page(server, 405)
    try:
        _, method = xmlrpc.client.loads(request.body)
    except (ExpatError, xmlrpc.client.Error):
        return pages.page(server, 500)
    try:
        with server.injector.counted("demo", str(method), []) as answer:
            if method != "start":
                raise Fault(f"Method not found: {method}")
            result = answer({"host": server.url, "database": server.odoo.name, "user": "admin",
                             "password": "admin"})
        return xml_rpc.written(server, result)
    except Fault as fault:
        return xml_rpc.refused(server, fault)
