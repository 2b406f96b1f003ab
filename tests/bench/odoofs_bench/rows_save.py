# SPDX-License-Identifier: MIT
"""Saving one changed field of a record, against the same calls by a client that knows them."""

from __future__ import annotations

import http.client
import itertools
import json
import re
import time
from urllib.parse import urlsplit

from . import run, servers
from .bench import Bench
from .mount import Calls, Mount
from .report import counted
from .rpc import Server

TIMES = 8
FIELD = "city"
LIMIT, CALLS = 1.3, 3


class _Client:
    """Sends bodies over one connection for as long as the server keeps it."""

    def __init__(self, server: Server):
        self.connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=600)

    def post(self, body: bytes) -> None:
        self.connection.request("POST", "/jsonrpc", body, {"Content-Type": "application/json"})
        answer = json.loads(self.connection.getresponse().read())
        assert "error" not in answer, answer


def _save(path: str, value: str | None) -> float:
    """The seconds that writing the file takes, with another value or as it is."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if value is not None:
        text = re.sub(rf'(?m)^  "{FIELD}": .*?(,?)$', rf'  "{FIELD}": "{value}"\1', text)
    start = time.perf_counter()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return time.perf_counter() - start


def _measure(bench: Bench, mount: Mount, number: int) -> None:
    server, serial = bench.small, itertools.count()
    path = mount.path(servers.MODEL, f"{number}.json")
    with open(path, encoding="utf-8") as file:
        fields = [name for name in json.load(file) if name != "id"]
    client = _Client(server)

    def body(method: str, *args: object) -> bytes:
        return server.execute_body(servers.MODEL, method, list(args), {})

    def ours() -> float:
        return _save(path, f"Ghent {next(serial)}")

    def theirs() -> float:
        bodies = [body("read", [number], [FIELD]),
                  body("write", [number], {FIELD: f"Namur {next(serial)}"}),
                  body("read", [number], fields)]
        start = time.perf_counter()
        for each in bodies:
            client.post(each)
        return time.perf_counter() - start

    def fresh() -> float:
        """What the peer wrote is known before: the save isn't a conflict."""
        with open(mount.path(".odoofs", "refresh"), "w", encoding="ascii") as file:
            file.write(servers.MODEL)
        return ours()

    fresh()
    pairs = run.Pairs()
    pairs.measure(bench.repeat * TIMES, fresh, theirs)
    bench.report.add("saving one changed field, against http.client", pairs.text(), pairs.ratio,
                     LIMIT, f"{LIMIT} ×")
    fresh()
    for work, value, limit in (("… calls", "Mons", CALLS),
                               ("saving without a change: calls", None, 0)):
        counter = Calls(mount)
        _save(path, value)
        calls = counter.methods()
        bench.report.add(work, counted(calls), sum(calls.values()), limit, str(limit))


def save(bench: Bench) -> None:
    """Of one new record, by the transport that the peer speaks."""
    number = bench.small.execute(servers.MODEL, "create", {"name": "To be saved", FIELD: "Ghent"})
    try:
        with bench.mount(bench.small, "transport=jsonrpc,ttl=3600") as mount:
            _measure(bench, mount, number)
    finally:
        bench.small.execute(servers.MODEL, "unlink", [number])
