# SPDX-License-Identifier: MIT
"""The HTML pages that a server says no with, as each version words them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .httpd import Response

if TYPE_CHECKING:
    from .server import Server

HTML = "text/html; charset=utf-8"
NOT_FOUND = ("The requested URL was not found on the server. If you entered the URL manually "
             "please check your spelling and try again.")
TEXTS = {
    400: ("Bad Request", "The browser (or proxy) sent a request that this server could not "
          "understand."),
    403: ("Forbidden", "You don't have the permission to access the requested resource."),
    404: ("Not Found", NOT_FOUND),
    405: ("Method Not Allowed", "The method is not allowed for the requested URL."),
    413: ("Request Entity Too Large", "The data value transmitted exceeds the capacity limit."),
    415: ("Unsupported Media Type", ""),
    500: ("Internal Server Error", "The server encountered an internal error and was unable to "
          "complete your request. Either the server is overloaded or there is an error in the "
          "application."),
}
NO_DATABASE = """<!DOCTYPE html>
<title>404 Not Found</title>
<h1>Not Found</h1>
<p>No database is selected and the requested URL was not found in the server-wide controllers.</p>
<p>Please verify the hostname, <a href=/web/login>login</a> and try again.</p>

<!-- Alternatively, use the X-Odoo-Database header. -->
"""


def page(server: "Server", status: int, text: str | None = None) -> Response:
    title, usual = TEXTS[status]
    start = ("<!doctype html>\n<html lang=en>\n" if server.odoo.version >= 19 else
             '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">\n')
    body = (f"{start}<title>{status} {title}</title>\n<h1>{title}</h1>\n"
            f"<p>{usual if text is None else text}</p>\n")
    return Response(status, body.encode(), HTML, refused=True)


def no_database(server: "Server") -> Response:
    """19's, for what needs one on a server that has several."""
    return Response(404, NO_DATABASE.encode(), HTML, refused=True)


def unsupported(server: "Server", found: str, path: str, kind: str,
                accept: str) -> Response:
    """19's, for a type of content that the route of that kind doesn't take."""
    path = path.replace("<", "&lt;").replace(">", "&gt;")
    response = page(server, 415, f"Request inferred type is compatible with [{found}] but "
                    f"&#39;{path}&#39; is type=&#39;{kind}&#39;.<br><br>Please verify the "
                    "Content-Type request header and try again.")
    response.headers.append(("Accept", accept))
    return response
