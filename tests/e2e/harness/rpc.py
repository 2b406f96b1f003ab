# SPDX-License-Identifier: MIT
"""Calls to a server beside the mount: what another program or a colleague does."""

from __future__ import annotations

import http.client
import itertools
import json
import urllib.parse
from typing import Any, Iterable

SERIAL = itertools.count(1)


class Fault(Exception):
    """What the server refused or failed over, in its own words."""

    def __init__(self, error: dict):
        data = error.get("data") or {}
        self.name = data.get("name", "")
        self.message = data.get("message", "")
        super().__init__(f"{self.name}: {self.message or error.get('message')}")


class Rpc:
    """One user of one database over /jsonrpc. Every call is a connection of its own."""

    def __init__(self, url: str, database: str, login: str, password: str):
        self.address = urllib.parse.urlsplit(url).netloc
        self.database, self.login, self.password = database, login, password
        self.cookie = self._bind()
        self.uid = self.service("common", "login", database, login, password)
        if not self.uid:
            raise Fault({"data": {"message": f"{login} may not log in to {database}"}})

    def _bind(self) -> str:
        """Odoo 14 with several databases gives faults in words only to a bound session."""
        status, headers, _ = self._send(
            "GET", f"/web/login?db={urllib.parse.quote(self.database)}", None)
        cookie = headers.get("Set-Cookie", "")
        return cookie.split(";")[0] if status < 400 else ""

    def _send(self, method: str, path: str, body: bytes | None) -> tuple:
        connection = http.client.HTTPConnection(self.address, timeout=120)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if getattr(self, "cookie", ""):
            headers["Cookie"] = self.cookie
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def service(self, service: str, method: str, *args: Any) -> Any:
        """A call of one of Odoo's services; raises Fault."""
        number = next(SERIAL)
        body = {"jsonrpc": "2.0", "method": "call", "id": number,
                "params": {"service": service, "method": method, "args": list(args)}}
        status, _, data = self._send("POST", "/jsonrpc", json.dumps(body).encode())
        try:
            answer = json.loads(data)
        except ValueError:
            raise Fault({"data": {"message": f"HTTP {status}: {data[:200]!r}"}}) from None
        if "error" in answer:
            raise Fault(answer["error"])
        return answer.get("result")

    def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """A method of a model, archived records included unless the caller says otherwise."""
        kwargs["context"] = {"lang": "en_US", "active_test": False, **kwargs.get("context", {})}
        return self.service("object", "execute_kw", self.database, self.uid, self.password,
                            model, method, list(args), kwargs)

    def ids(self, model: str, domain: Iterable = (), limit: int | None = None) -> list[int]:
        """All ids, or the first of them, ascending."""
        kwargs = {} if limit is None else {"limit": limit}
        return self.call(model, "search", list(domain), order="id", **kwargs)

    def read(self, model: str, ids: list[int], fields: list[str]) -> list[dict]:
        return self.call(model, "read", ids, fields)


class Colleague:
    """Somebody else at work in the same database, who leaves it as it was."""

    def __init__(self, rpc: Rpc):
        self.rpc = rpc
        self.created: list[tuple[str, int]] = []
        self.before: list[tuple[str, int, dict]] = []

    def create(self, model: str, /, **values: Any) -> int:
        number = self.rpc.call(model, "create", values)
        self.created.append((model, number))
        return number

    def create_many(self, model: str, rows: list[dict]) -> list[int]:
        numbers = self.rpc.call(model, "create", rows)
        self.created += [(model, number) for number in numbers]
        return numbers

    def write(self, model: str, ids: int | list[int], /, **values: Any) -> None:
        """Write what is to be undone at the end; for plain values, not for relations."""
        ids = [ids] if isinstance(ids, int) else ids
        for record in self.rpc.read(model, ids, list(values)):
            number = record.pop("id")
            if (model, number) not in self.created:
                self.before.append((model, number, {
                    name: value[0] if isinstance(value, list) and value else value
                    for name, value in record.items()}))
        self.rpc.call(model, "write", ids, values)

    def unlink(self, model: str, ids: int | list[int]) -> None:
        ids = [ids] if isinstance(ids, int) else ids
        self.rpc.call(model, "unlink", ids)
        self.created = [x for x in self.created if x[0] != model or x[1] not in ids]

    def tidy(self) -> None:
        for model, number, values in reversed(self.before):
            self.rpc.call(model, "write", [number], values)
        by_model: dict[str, list[int]] = {}
        for model, number in reversed(self.created):
            by_model.setdefault(model, []).append(number)
        for model, numbers in by_model.items():
            left = self.rpc.ids(model, [["id", "in", numbers]])
            if left:
                self.rpc.call(model, "unlink", left)
        self.before, self.created = [], []
