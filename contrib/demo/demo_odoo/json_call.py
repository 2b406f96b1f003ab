# SPDX-License-Identifier: MIT
"""The community module `json-call`: a login gives a token, and calls take arguments by place.

There is no server of ours that has it. This is what its manual says, and what the controllers
of its descendants do: what they refuse themselves is a result with an `error` in it, and a
token that isn't known is a bare Exception. One takes `context` for what it is (of="context"),
another passes it on as the named arguments of the call (of="kwargs").
"""

from __future__ import annotations

import secrets
import threading
from typing import TYPE_CHECKING, Any

from . import envelope, services
from .faults import AccessDenied, Fault
from .httpd import Request, Response

if TYPE_CHECKING:
    from .server import Server

KINDS = ("context", "kwargs")


class Tokens:
    """The tokens that were given out."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.expire()

    def expire(self) -> None:
        with self.lock:
            self.known: dict[str, int] = {}

    def give(self, uid: int) -> str:
        token = secrets.token_hex(32)
        with self.lock:
            self.known[token] = uid
        return token

    def owner(self, token: Any) -> int:
        with self.lock:
            uid = self.known.get(str(token))
        if uid is None:
            raise Fault("Access Denied!" if token else "Invalid token!")
        return uid

    def forget(self, token: Any) -> None:
        with self.lock:
            self.known.pop(str(token), None)


def handle(server: "Server", request: Request) -> Response:
    action = ACTIONS.get(request.path)
    if action is None or not server.json_call:
        from .web import not_found
        return not_found(server, request)
    body = envelope.opened(server, request)
    if isinstance(body, Response):
        return body
    params = body.get("params")
    params = params if isinstance(params, dict) else {}
    try:
        return envelope.sealed(server, body.get("id"), action(server, request, params))
    except Fault as fault:
        return envelope.sealed(server, body.get("id"), fault=fault)


def authenticate(server: "Server", request: Request, params: dict) -> Any:
    lacking = _lacking(params, login="login", password="password", db="database")
    if lacking:
        return lacking
    with server.injector.counted("json-call", "user_authenticate", [params["login"]]) as answer:
        services.check_database(server, params["db"])
        try:
            uid = server.odoo.auth.login(params["login"], params["password"], request.client,
                                         session=True)
        except AccessDenied:
            return answer({"error": "There is no user found! Please check your credentials."})
        return answer({"token": server.tokens.give(uid), "uid": uid})


def call(server: "Server", request: Request, params: dict) -> Any:
    uid = server.tokens.owner(params.get("token"))
    model, method = params.get("model"), params.get("method")
    if not model or not method:
        return {"error": "Model or Method is missing or wrong"}
    args = params.get("args") or params.get("Args") or [[]]
    context = params.get("context") or {}
    return server.odoo.call(uid, model, method, args, context if server.json_call == "kwargs"
                            else {"context": context})


def log_out(server: "Server", request: Request, params: dict) -> Any:
    lacking = _lacking(params, token="token")
    if lacking:
        return lacking
    with server.injector.counted("json-call", "user_logout", []) as answer:
        server.tokens.forget(params["token"])
        return answer(True)


def _lacking(params: dict, **names: str) -> dict | None:
    if not params:
        return {"error": "Please send data to Odoo."}
    for key, name in names.items():
        if not params.get(key):
            return {"error": f"Please send {name}."}
    return None


ACTIONS = {"/json-call": call, "/json-call/user_authenticate": authenticate,
           "/json-call/user_logout": log_out}
