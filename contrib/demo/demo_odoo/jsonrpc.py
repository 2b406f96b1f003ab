# SPDX-License-Identifier: MIT
"""POST /jsonrpc: the services common, object and db."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any

from .faults import AccessError, Fault, PythonError
from .httpd import Request, Response

if TYPE_CHECKING:
    from .server import Server

def encode(server: "Server", value: Any) -> bytes:
    """JSON as Odoo writes it: ASCII only, a space after each comma and colon.

    bytes are a name that is no UTF-8, which a test has planted: they go out as they are.
    """
    return json.dumps(
        value, default=lambda x: server.injector.raw(b'"' + bytes(x) + b'"')).encode("ascii")


def json_body(server: "Server", request: Request) -> dict | Response:
    """The parsed envelope, or the HTML page that a bad one is answered with."""
    new = server.odoo.version >= 19
    kind = request.header("content-type").split(";")[0].strip().lower()
    if kind not in ("application/json", "application/json-rpc"):
        if new:
            return html_page(415, "Unsupported Media Type",
                             "Request inferred type is compatible with [&#39;http&#39;] but "
                             f"&#39;{request.path}&#39; is type=&#39;jsonrpc&#39;.<br><br>"
                             "Please verify the Content-Type request header and try again.")
        return html_page(400, "Bad Request", "Session expired (invalid CSRF token)")
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        if new:
            return Response(400, b"Invalid JSON data", "text/html; charset=utf-8")
        shown = html.escape(repr(request.body.decode("utf-8", "replace")), quote=False)
        return html_page(400, "Bad Request", f"Invalid JSON data: {shown}")
    if not isinstance(body, dict):
        if new:
            return Response(400, b"Invalid JSON-RPC data", "text/html; charset=utf-8")
        return internal_error()
    return body


def internal_error() -> Response:
    return html_page(500, "Internal Server Error",
                     "The server encountered an internal error and was unable to complete "
                     "your request. Either the server is overloaded or there is an error in "
                     "the application.")


def html_page(status: int, title: str, text: str) -> Response:
    page = ("<!doctype html>\n<html lang=en>\n"
            f"<title>{status} {title}</title>\n<h1>{title}</h1>\n<p>{text}</p>\n")
    return Response(status, page.encode(), "text/html; charset=utf-8")


def envelope(server: "Server", number: Any, result: Any = None,
             fault: Fault | None = None) -> Response:
    number = server.injector.answer_id(number)
    if fault is None:
        answer = {"jsonrpc": "2.0", "id": number, "result": result}
    else:
        expired = fault.name.endswith("SessionExpiredException")
        answer = {"jsonrpc": "2.0", "id": number, "error": {
            "code": 100 if expired else 0 if server.odoo.version >= 19 else 200,
            "message": "Odoo Session Expired" if expired else "Odoo Server Error",
            "data": fault.data(server.odoo.version),
        }}
    kind = "application/json"
    if server.odoo.version >= 19:
        kind += "; charset=utf-8"
    return Response(200, encode(server, answer), kind)


def handle(server: "Server", request: Request) -> Response:
    body = json_body(server, request)
    if isinstance(body, Response):
        return body
    number = body.get("id")
    try:
        params = body.get("params") or {}
        lacking = [name for name in ("service", "method", "args") if name not in params]
        if lacking:
            raise _missing("RPC.jsonrpc", lacking)
        result = dispatch(server, request, params["service"], params["method"],
                          list(params["args"] or []))
    except Fault as fault:
        if server.many_databases and server.odoo.version < 16 and not request.cookie(
                "session_id"):
            return internal_error()
        return envelope(server, number, fault=fault)
    return envelope(server, number, result)


def dispatch(server: "Server", request: Request, service: Any, method: Any,
             args: list) -> Any:
    """What every RPC transport shares: a service, a method, positional arguments."""
    if service == "object":
        return call_object(server, request, method, args)
    with server.injector.counted(str(service), str(method), args) as answer:
        if service == "common":
            return answer(common(server, request, method, args))
        if service == "db":
            return answer(database(server, method, args))
        raise PythonError("builtins.KeyError", f"'{service}'")


def common(server: "Server", request: Request, method: Any, args: list) -> Any:
    if method == "version":
        return server.version_info()
    if method == "about":
        return "See http://openerp.com"
    if method == "login":
        db, login, secret = _exactly(args, "exp_login", ["db", "login", "password"])
    elif method == "authenticate":
        db, login, secret, _ = _exactly(
            args, "exp_authenticate", ["db", "login", "password", "user_agent_env"])
    else:
        raise PythonError("builtins.Exception", f"Method not found: {method}")
    check_database(server, db)
    return server.odoo.login(login, secret, request.client)


def database(server: "Server", method: Any, args: list) -> Any:
    if method == "list":
        return [server.odoo.name]
    if method == "server_version":
        return server.version_info()["server_version"]
    if method == "db_exist":
        return args[:1] == [server.odoo.name]
    raise PythonError("builtins.Exception", f"Method not found: {method}")


def _exactly(args: list, function: str, names: list[str]) -> list:
    if len(args) < len(names):
        raise _missing(function, names[len(args):])
    return args[:len(names)]


def _missing(function: str, names: list[str]) -> Fault:
    listed = ", ".join(f"'{n}'" for n in names[:-1])
    listed = f"{listed} and '{names[-1]}'" if listed else f"'{names[-1]}'"
    plural = "s" if len(names) > 1 else ""
    return PythonError("builtins.TypeError", f"{function}() missing {len(names)} required "
                       f"positional argument{plural}: {listed}")


def check_database(server: "Server", name: Any) -> None:
    if not name and server.odoo.version >= 19:
        raise PythonError("builtins.AssertionError", "Missing database name")
    if name != server.odoo.name:
        raise PythonError(
            "psycopg2.OperationalError",
            'connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: '
            f'FATAL:  database "{name}" does not exist\n')


def call_object(server: "Server", request: Request, method: Any, args: list) -> Any:
    if method not in ("execute", "execute_kw"):
        raise PythonError("builtins.NameError", f"Method not available {method}")
    if len(args) < 5:
        raise PythonError("builtins.TypeError", f"{method}() missing 1 required positional "
                          "argument: 'method'")
    db, uid, secret, model, name = args[:5]
    check_database(server, db)
    if not isinstance(name, str):
        raise AccessError(f"Private methods (such as {name}) cannot be called remotely.")
    if method == "execute":
        positional, named = args[5:], {}
    else:
        positional = args[5] if len(args) > 5 else []
        named = args[6] if len(args) > 6 and args[6] else {}
    uid = server.odoo.check(uid, secret, request.client)
    return server.odoo.call(uid, model, name, positional, named)
