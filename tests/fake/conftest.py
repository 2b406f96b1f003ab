# SPDX-License-Identifier: MIT
"""Starts demo servers for their own tests, one of each version for the whole session."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

SERVER = Path(__file__).resolve().parents[2] / "contrib" / "demo" / "odoo-demo-server"


class RpcError(Exception):
    """A fault, as the JSON-RPC envelope gave it."""

    def __init__(self, error: dict):
        super().__init__(error["data"]["message"])
        self.code, self.data = error["code"], error["data"]
        self.name, self.message = self.data["name"], self.data["message"]


class Fake:
    """One running server and a small client for it."""

    def __init__(self, tmp: Path, version: int, *options: str):
        self.version = version
        ready = tmp / f"ready-{version}-{len(options)}-{time.monotonic_ns()}"
        self.process = subprocess.Popen(
            [sys.executable, str(SERVER), "--port", "0", "--version", str(version),
             "--partners", "300", "--ready-file", str(ready), *options],
            stdout=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while not ready.exists():
            assert self.process.poll() is None and time.monotonic() < end
            time.sleep(0.02)
        self.ready = ready.read_text()
        self.url = self.ready.split()[1]
        self.host = self.url.split("//")[1]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=10)

    def request(self, method: str, path: str, body: Any = None, headers: dict | None = None,
                timeout: float = 15) -> tuple[int, dict, bytes]:
        connection = http.client.HTTPConnection(self.host, timeout=timeout)
        try:
            data = body if isinstance(body, (bytes, type(None))) else json.dumps(body)
            sent = {"Content-Type": "application/json", **(headers or {})}
            connection.request(method, path, data, {k: v for k, v in sent.items() if v})
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def page(self, path: str, **headers: str) -> tuple[int, dict, bytes]:
        return self.request("GET", path, None, {"Content-Type": "", **headers})

    def service(self, service: str, method: str, *args: Any) -> Any:
        _, _, body = self.request("POST", "/jsonrpc", {
            "jsonrpc": "2.0", "method": "call", "id": 7,
            "params": {"service": service, "method": method, "args": list(args)}})
        answer = json.loads(body)
        if "error" in answer:
            raise RpcError(answer["error"])
        return answer["result"]

    def call(self, model: str, method: str, *args: Any, user: str = "admin",
             **kwargs: Any) -> Any:
        uid = {"admin": 2, "demo": 6, "portal": 7}[user]
        return self.service("object", "execute_kw", "demo", uid, user, model, method,
                            list(args), kwargs)

    def control(self, **commands: Any) -> Any:
        status, _, body = self.request("POST", "/_control", commands)
        answer = json.loads(body)
        assert status == 200, answer
        return answer

    def fault(self, **rule: Any) -> None:
        self.control(fault=rule)


@pytest.fixture(scope="session", params=[14, 19])
def server(request, tmp_path_factory):
    fake = Fake(tmp_path_factory.mktemp("fake"), request.param)
    yield fake
    assert fake.stop() == 0


@pytest.fixture
def odoo(server):
    server.control(reset=True)
    yield server
    server.control(reset=True)


@pytest.fixture
def start(tmp_path):
    """Start a server with options of one's own."""
    started = []

    def begin(version: int = 19, *options: str) -> Fake:
        started.append(Fake(tmp_path, version, *options))
        return started[-1]
    yield begin
    for fake in started:
        fake.stop()
