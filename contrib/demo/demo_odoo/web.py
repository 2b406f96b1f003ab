# SPDX-License-Identifier: MIT
"""The few pages that a client looks at before it logs in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import envelope, pages
from .faults import NotFound
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
    body = envelope.opened(server, request)
    if isinstance(body, Response):
        return _visited(server, request, body) if body.status == 400 and \
            server.odoo.version >= 19 else body
    with server.injector.counted("web", "version_info", []) as answer:
        response = envelope.sealed(server, body.get("id"), answer(server.version_info()))
    return _visited(server, request, response)


def version(server: "Server", request: Request) -> Response:
    """GET /web/version and /json/version, from 19 on."""
    if server.odoo.version < 19 or request.method not in ("GET", "HEAD"):
        return not_found(server, request)
    info = server.version_info()
    with server.injector.counted("web", "version", []) as answer:
        result = answer({"version_info": info["server_version_info"],
                         "version": info["server_version"]})
    return _visited(server, request, Response(200, envelope.encode(server, result),
                                              "application/json; charset=utf-8"))


def login_page(server: "Server", request: Request) -> Response:
    """Or another: it binds the session to the database that is named, and asks for itself again."""
    wanted = request.argument("db")
    session = server.sessions.of(request)
    if session and session.bound or not server.many_databases:
        return _visited(server, request, Response(200, LOGIN_PAGE.encode()))
    if wanted != server.odoo.name:
        response = Response(303, b"", refused=True)
        response.headers.append(("Location", "/web/database/selector"))
        return response
    response = Response(302, b"")
    response.headers.append(("Location", request.target))
    response.headers.append(server.sessions.cookie(server.sessions.begin()))
    return response


def not_found(server: "Server", request: Request) -> Response:
    if server.odoo.version >= 19:
        return pages.page(server, 404) if server.sessions.bound(request) else \
            pages.no_database(server)
    if envelope.is_json(request):
        body = envelope.opened(server, request)
        if isinstance(body, Response):
            return body
        gone = NotFound(f"404 Not Found: {pages.NOT_FOUND}", arguments=[])
        response = envelope.sealed(server, body.get("id"), fault=gone)
        return _visited(server, request, response)
    return pages.page(server, 404)


def _visited(server: "Server", request: Request, response: Response) -> Response:
    """With the cookie that a first visit gets."""
    if server.odoo.version < 19:
        response.headers += server.sessions.cookies(request)
    elif server.sessions.of(request) is None:
        response.headers.append(server.sessions.cookie(
            server.sessions.begin(bound=not server.many_databases)))
    return response
