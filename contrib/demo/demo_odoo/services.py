# SPDX-License-Identifier: MIT
"""The services common, object and db, which /jsonrpc and /xmlrpc share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .faults import AccessDenied, AccessError, Fault, PythonError
from .httpd import Request

if TYPE_CHECKING:
    from .server import Server


def dispatch(server: "Server", request: Request, service: Any, method: Any,
             args: list | tuple) -> Any:
    """A service, a method, positional arguments. Raises Fault."""
    if service == "object":
        return call_object(server, request, method, args)
    with server.injector.counted(str(service), str(method), args) as answer:
        if service == "common":
            return answer(common(server, request, method, args))
        if service == "db":
            return answer(database(server, method, args))
        if server.odoo.version < 19:
            raise PythonError("builtins.UnboundLocalError",
                              "local variable 'dispatch' referenced before assignment")
        raise PythonError("builtins.KeyError", str(service))


def common(server: "Server", request: Request, method: Any, args: list | tuple) -> Any:
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
    try:
        return server.odoo.auth.login(login, secret, request.client)
    except AccessDenied:
        return False


def database(server: "Server", method: Any, args: list | tuple) -> Any:
    if method == "list":
        return [server.odoo.name]
    if method == "server_version":
        return server.version_info()["server_version"]
    if method == "db_exist":
        return list(args[:1]) == [server.odoo.name]
    raise PythonError("builtins.Exception", f"Method not found: {method}")


def _exactly(args: list | tuple, function: str, names: list[str]) -> list | tuple:
    if len(args) < len(names):
        raise missing(function, names[len(args):])
    return args[:len(names)]


def missing(function: str, names: list[str]) -> Fault:
    """Python's TypeError for arguments that were left out."""
    listed = [f"'{name}'" for name in names]
    if len(names) > 1:
        listed[-1] = f"and {listed[-1]}"
    plural = "s" if len(names) > 1 else ""
    return PythonError("builtins.TypeError", f"{function}() missing {len(names)} required "
                       f"positional argument{plural}: "
                       f"{(', ' if len(names) > 2 else ' ').join(listed)}")


def check_database(server: "Server", name: Any) -> None:
    if not name and server.odoo.version >= 19:
        raise PythonError("builtins.AssertionError", "Missing database name")
    if name != server.odoo.name:
        where = "" if server.odoo.version < 19 else (
            'connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: ')
        # Without a name, PostgreSQL takes the user's.
        raise PythonError("psycopg2.OperationalError",
                          f'{where}FATAL:  database "{name or "odoo"}" does not exist\n')


def call_object(server: "Server", request: Request, method: Any, args: list | tuple) -> Any:
    if len(args) < 5:
        if server.odoo.version >= 19:
            raise PythonError("builtins.ValueError", "not enough values to unpack (expected at "
                              f"least 5, got {len(args)})")
        raise PythonError("builtins.IndexError", f"{type(args).__name__} index out of range")
    if method not in ("execute", "execute_kw"):
        raise PythonError("builtins.NameError", f"Method not available {method}")
    db, uid, secret, model, name = args[:5]
    if not secret:
        raise AccessDenied()
    check_database(server, db)
    if not isinstance(name, str):
        raise AccessError(f"Private methods (such as {name}) cannot be called remotely.")
    if method == "execute":
        positional, named = list(args[5:]), {}
    else:
        positional = args[5] if len(args) > 5 else []
        named = args[6] if len(args) > 6 and args[6] else {}
    uid = server.odoo.auth.check(uid, secret, request.client)
    return server.odoo.call(uid, model, name, positional, named)
