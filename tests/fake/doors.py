# SPDX-License-Identifier: MIT
"""A small client for each transport: login and call, whatever the door."""

from __future__ import annotations

import json
import re
import xmlrpc.client
from typing import Any

from conftest import Fake, RpcError

TRANSPORTS = ["json2", "jsonrpc", "session", "xmlrpc", "jsoncall"]


def envelope(params: Any) -> dict:
    return {"jsonrpc": "2.0", "method": "call", "id": 7, "params": params}


def opened(body: bytes) -> Any:
    answer = json.loads(body)
    if "error" in answer:
        raise RpcError(answer["error"])
    return answer.get("result")


def cookie_of(headers: dict) -> str:
    found = re.match("session_id=([^;]+)", headers.get("Set-Cookie", ""))
    return found.group(1) if found else ""


class Door:
    """Somebody who came in by one transport."""

    def __init__(self, fake: Fake, transport: str, login: str = "admin"):
        self.fake, self.login = fake, login
        self.uid = {"admin": 2, "demo": 6, "portal": 7}[login]
        self.cookie = self.token = ""
        self.call = getattr(self, transport)
        getattr(self, f"enter_{transport}", lambda: None)()

    def post(self, path: str, params: Any, **headers: str) -> Any:
        if self.cookie:
            headers["Cookie"] = f"session_id={self.cookie}"
        _, received, body = self.fake.request("POST", path, envelope(params), headers)
        self.cookie = cookie_of(received) or self.cookie
        return opened(body)

    def json2(self, model: str, method: str, named: dict) -> Any:
        status, _, body = self.fake.request("POST", f"/json/2/{model}/{method}", named, {
            "Authorization": f"bearer demo-api-key-{self.login}", "X-Odoo-Database": "demo"})
        answer = json.loads(body)
        if status != 200:
            raise RpcError({"code": status, "data": answer})
        return answer

    def jsonrpc(self, model: str, method: str, named: dict) -> Any:
        return self.post("/jsonrpc", {
            "service": "object", "method": "execute_kw",
            "args": ["demo", self.uid, self.login, model, method, *placed(named)]})

    def enter_session(self) -> None:
        self.post("/web/session/authenticate",
                  {"db": "demo", "login": self.login, "password": self.login})

    def session(self, model: str, method: str, named: dict) -> Any:
        args, kwargs = placed(named)
        return self.post("/web/dataset/call_kw", {
            "model": model, "method": method, "args": args, "kwargs": kwargs})

    def xmlrpc(self, model: str, method: str, named: dict) -> Any:
        body = xmlrpc.client.dumps(
            ("demo", self.uid, self.login, model, method, *placed(named)), "execute_kw")
        _, _, answer = self.fake.request("POST", "/xmlrpc/2/object", body.encode(),
                                         {"Content-Type": "text/xml"})
        return xmlrpc.client.loads(answer)[0][0]

    def enter_jsoncall(self) -> None:
        self.token = self.post("/json-call/user_authenticate", {
            "db": "demo", "login": self.login, "password": self.login})["token"]

    def jsoncall(self, model: str, method: str, named: dict) -> Any:
        args, kwargs = placed(named)
        return self.post("/json-call", {"token": self.token, "model": model, "method": method,
                                        "args": args + list(kwargs.values())})


def placed(named: dict) -> tuple[list, dict]:
    """Arguments of which only ids go by place."""
    named = dict(named)
    args = [named.pop("ids")] if "ids" in named else []
    return args, named
