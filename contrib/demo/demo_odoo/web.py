# SPDX-License-Identifier: MIT
"""The few pages and controllers that a client looks at before it logs in."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from . import jsonrpc
from .httpd import Request, Response

if TYPE_CHECKING:
    from .server import Server

LOGIN_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"/><title>Odoo</title></head>
<body><form class="oe_login_form" role="form" method="post" action="/web/login">
<input type="text" name="login"/><input type="password" name="password"/>
<button type="submit">Log in</button></form></body>
</html>
"""


def version_info(server: "Server", request: Request) -> Response:
    body = jsonrpc.json_body(server, request)
    if isinstance(body, Response):
        return body
    with server.injector.counted("web", "version_info", []) as answer:
        return jsonrpc.envelope(server, body.get("id"), answer(server.version_info()))


def version(server: "Server", request: Request) -> Response:
    """GET /web/version and /json/version, from 19 on."""
    if server.odoo.version < 19:
        return not_found(server, request)
    info = server.version_info()
    with server.injector.counted("web", "version", []) as answer:
        result = answer({"version_info": info["server_version_info"],
                         "version": info["server_version"]})
        return Response(200, jsonrpc.encode(server, result), "application/json; charset=utf-8")


def login_page(server: "Server", request: Request) -> Response:
    response = Response(200, LOGIN_PAGE.encode(), "text/html; charset=utf-8")
    response.headers.append(
        ("Set-Cookie", f"session_id={secrets.token_hex(20)}; HttpOnly; Path=/"))
    return response


def not_found(server: "Server", request: Request) -> Response:
    return jsonrpc.html_page(404, "Not Found", "The requested URL was not found on the "
                             "server. If you entered the URL manually please check your "
                             "spelling and try again.")
