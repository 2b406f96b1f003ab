# SPDX-License-Identifier: MIT
"""What the web client itself speaks: /web/session/… and /web/dataset/call_kw."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from . import envelope, pages
from .faults import AccessError, Fault, NotFound, PythonError, SessionExpired, UnknownModel
from .httpd import Request, Response
from .services import check_database, missing
from .sessions import Session

if TYPE_CHECKING:
    from .server import Server


def authenticate(server: "Server", request: Request) -> Response:
    """Needs no database to be known: it is among the parameters."""
    body = envelope.opened(server, request)
    if isinstance(body, Response):
        return body
    if server.odoo.version < 19 and not isinstance(body.get("params", {}), dict):
        return pages.page(server, 500)
    try:
        session = _log_in(server, request, _parameters(
            server, body, "Session.authenticate", ["db", "login", "password"]))
    except Fault as fault:
        if server.odoo.version < 16 and not server.sessions.bound(request):
            return pages.page(server, 500)
        return _answer(server, request, body, fault=fault)
    response = _answer(server, request, body, session_info(server, session), session=session)
    if server.odoo.version >= 19:  # said twice there
        response.headers.append(server.sessions.cookie(session))
    return response


def _log_in(server: "Server", request: Request, params: dict) -> Session:
    db = params["db"]
    with server.injector.counted("session", "authenticate", [db, params["login"]]) as answer:
        if db != server.odoo.name and not server.many_databases and server.odoo.version >= 19:
            raise AccessError("Database not found.")
        check_database(server, db)
        uid = server.odoo.auth.login(params["login"], params["password"], request.client,
                                     session=True)
        return answer(server.sessions.log_in(request, uid))


def session_info(server: "Server", session: Session) -> dict:
    """What the web client is told of who logged in, as far as a client may care."""
    odoo = server.odoo
    with odoo.lock:
        login, partner, company, lang, tz = odoo.db.execute(
            "SELECT u.login, u.partner_id, u.company_id, p.lang, p.tz FROM res_users u "
            "JOIN res_partner p ON p.id = u.partner_id WHERE u.id = ?",
            (session.uid,)).fetchone()
        from .orm import Env
        names = Env(odoo, session.uid).names("res.partner", [partner])
        system = odoo.access.has_group(session.uid, "base.group_system")
    info = server.version_info()
    context = {"lang": lang or "en_US", "tz": tz or False, "uid": session.uid}
    return {"uid": session.uid, "is_system": system, "is_admin": system, "user_context": context,
            "db": odoo.name, "server_version": info["server_version"],
            "server_version_info": info["server_version_info"], "name": names[partner],
            "username": login, "partner_display_name": names[partner], "company_id": company,
            "partner_id": partner, "web.base.url": server.url, "user_id": [session.uid]}


def call_kw(server: "Server", request: Request) -> Response:
    body = _needs_user(server, request, early=True)
    if isinstance(body, Response):
        return body
    try:
        params = _parameters(server, body, "DataSet.call_kw",
                             ["model", "method", "args", "kwargs"])
        result = server.odoo.call(server.sessions.user(request), params["model"],
                                  params["method"], params["args"], params["kwargs"])
    except UnknownModel as fault:
        if server.odoo.version >= 19:
            gone = NotFound(f"404 Not Found: {pages.NOT_FOUND}", arguments=[])
            return envelope.sealed(server, None, fault=gone)
        return _answer(server, request, body, fault=PythonError("KeyError", fault.model))
    except Fault as fault:
        return _answer(server, request, body, fault=fault)
    return _answer(server, request, body, result)


def destroy(server: "Server", request: Request) -> Response:
    body = _needs_user(server, request)
    if isinstance(body, Response):
        return body
    with server.injector.counted("session", "destroy", []) as answer:
        server.sessions.end(server.sessions.of(request))
        answer(None)
    fresh = server.sessions.begin(bound=not server.many_databases)
    return _answer(server, request, body, silent=True, session=fresh)


def check(server: "Server", request: Request) -> Response:
    """Whether one is still logged in: nothing, or the fault."""
    body = _needs_user(server, request)
    return body if isinstance(body, Response) else _answer(server, request, body, silent=True)


# Shared

def _needs_user(server: "Server", request: Request, early: bool = False) -> dict | Response:
    """The envelope of a request that a user must have sent; `early`: 19 looks into it first."""
    new = server.odoo.version >= 19
    if not server.sessions.bound(request):
        if new:
            return pages.no_database(server)
        body = envelope.opened(server, request)
        if isinstance(body, Response):
            return body
        gone = NotFound(f"404 Not Found: {pages.NOT_FOUND}", arguments=[])
        return _answer(server, request, body, fault=gone)
    named = request.header("x-odoo-database")
    if new and named and named != server.odoo.name:
        return pages.page(server, 403, "Cannot use both the session_id cookie and the "
                          "x-odoo-database header.")
    if new and early:
        wrong = _unreadable(request)
        if wrong:
            return envelope.sealed(server, None, fault=wrong)
    body = envelope.opened(server, request)
    if isinstance(body, Response) and (not new or body.status == 415):
        return body
    try:
        server.sessions.user(request)
    except SessionExpired as fault:
        if isinstance(body, Response):
            body = {}
        return _answer(server, request, body, fault=fault)
    return body


def _unreadable(request: Request) -> Fault | None:
    """The fault of 19's look at what is called, which comes before any other."""
    if request.method != "POST" or not envelope.media_type(request).startswith(
            "application/json") or request.too_large:
        return None
    try:
        body = json.loads(request.body)
        if isinstance(body, dict):
            return None if "params" in body else PythonError("KeyError", "params")
        return PythonError("TypeError", "list indices must be integers or slices, not str")
    except (ValueError, RecursionError) as error:
        return PythonError("json.decoder.JSONDecodeError", str(error))


def _parameters(server: "Server", body: dict, function: str, names: list[str]) -> dict:
    params: Any = body.get("params", {})
    if not isinstance(params, dict):
        raise PythonError("TypeError", f"'{type(params).__name__}' object is not iterable")
    lacking = [name for name in names if name not in params]
    if lacking:
        new = server.odoo.version >= 19
        raise missing(function if new else function.rpartition(".")[2], lacking)
    return params


def _answer(server: "Server", request: Request, body: dict, result: Any = None,
            fault: Fault | None = None, silent: bool = False,
            session: Session | None = None) -> Response:
    number = body.get("id")
    if isinstance(fault, SessionExpired) and server.odoo.version >= 19:
        number = None  # it looks who is there before it looks at what is asked
    response = envelope.sealed(server, number, result, fault, silent)
    if session:
        response.headers.append(server.sessions.cookie(session))
    else:
        response.headers += server.sessions.cookies(request)
    return response
