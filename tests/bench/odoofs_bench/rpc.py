# SPDX-License-Identifier: MIT
"""Just enough of Odoo's JSON-RPC to stand beside the filesystem."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

CONTEXT = {"active_test": False, "lang": "en_US"}


class Fault(Exception):
    """The server answered with an error."""


class Server:
    """A server's database, and who asks it."""

    def __init__(self, url: str, database: str, login: str, password: str):
        self.url, self.database = url, database
        self.login, self.password = login, password
        self.uid = 0

    @property
    def source(self) -> str:
        """As the filesystem takes it: http://login@host:port/database."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{self.login}@{parts.netloc}/{self.database}"

    def body(self, service: str, method: str, *args: Any) -> bytes:
        params = {"service": service, "method": method, "args": args}
        request = {"jsonrpc": "2.0", "id": 1, "method": "call", "params": params}
        return json.dumps(request).encode()

    def execute_body(self, model: str, method: str, args: list, kwargs: dict) -> bytes:
        """The body of a call of a model's method."""
        kwargs = dict(kwargs, context=CONTEXT)
        return self.body("object", "execute_kw", self.database, self.uid, self.password,
                         model, method, args, kwargs)

    def post(self, body: bytes) -> Any:
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=600)
        try:
            connection.request("POST", "/jsonrpc", body, {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if "error" in answer:
            raise Fault(answer["error"].get("data", {}).get("message", "unknown"))
        return answer["result"]

    def authenticate(self) -> None:
        self.uid = self.post(self.body("common", "authenticate", self.database, self.login,
                                       self.password, {}))
        if not self.uid:
            raise Fault(f"{self.url}/{self.database} refuses {self.login}")

    def execute(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        return self.post(self.execute_body(model, method, list(args), kwargs))
