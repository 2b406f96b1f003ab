# SPDX-License-Identifier: MIT
"""A call through each transport against curl's own time for it, and how many calls mounting takes."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import threading
from typing import Iterator
from urllib.parse import urlsplit

from . import run, servers
from .bench import Bench
from .rpc import Server

TRANSPORTS = ("jsonrpc", "json2", "session", "xmlrpc")
FIRST_JSON2 = 19
TURNS = 40
BULK = 1000
MOUNTING_CALLS = 4


def _secret(bench: Bench, transport: str) -> str:
    """The password, or an API key where it has to be one; made anew, as only its hash is kept."""
    if transport != "json2":
        return bench.small.password
    shell = servers.shell(bench.version, bench.small.database,
                          "user = env['res.users'].search([('login', '=', 'admin')])\n"
                          "key = env(user=user)['res.users.apikeys']._generate(None, 'bench', None)\n"
                          "env.cr.commit()\nprint('KEY=' + key)\n")
    found = re.search("^KEY=(.+)$", shell, re.M)
    assert found
    return found.group(1)


def _measure(bench: Bench, transport: str, fields: list[str], records: int,
             turns: int) -> run.Pairs:
    """The client and curl, in turns within one process: tests/unit/odoo/bench_call.c."""
    program = os.path.join(os.path.dirname(os.path.dirname(bench.program)),
                           "tests/unit/odoo/bench-odoo-call")
    server = bench.small
    done = subprocess.run(
        [program, server.url, server.database, server.login, transport, servers.MODEL,
         ",".join(fields), str(records), str(turns)], stdout=subprocess.PIPE, text=True,
        env=dict(run.ENVIRONMENT, ODOOFS_PASSWORD=_secret(bench, transport)), check=True)
    pairs = run.Pairs()
    for line in done.stdout.splitlines():
        ours, theirs = line.split()
        pairs.ours.append(int(ours) / 1e6)
        pairs.theirs.append(int(theirs) / 1e6)
    return pairs


def calls(bench: Bench) -> None:
    """One record of two fields by each transport, and by xmlrpc 1,000 records of all fields."""
    for transport in TRANSPORTS:
        if transport == "json2" and int(bench.version) < FIRST_JSON2:
            continue
        pairs = _measure(bench, transport, ["name", "city"], 1, TURNS)
        bench.report.add(f"a call by {transport}, against curl", pairs.text(), pairs.ratio, 1.20,
                         "1.20 ×")
    described = bench.small.execute(servers.MODEL, "fields_get", [], ["type", "store"])
    stored = sorted(name for name, field in described.items()
                    if field.get("store") and field["type"] not in ("binary", "one2many"))
    pairs = _measure(bench, "xmlrpc", stored, BULK, 2 * bench.repeat)
    bench.report.add(f"{BULK} records of {len(stored)} fields by xmlrpc, against curl",
                     pairs.text(), pairs.ratio, 1.50, "1.50 ×")


class _Line:
    """Passes on so many connections, and holds all others: who needs more of them waits."""

    def __init__(self, server: Server):
        parts = urlsplit(server.url)
        self.upstream = (parts.hostname, parts.port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.passed = 0
        self.held: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                if self.passed == MOUNTING_CALLS:
                    self.held.append(client)
                    continue
                self.passed += 1
                upstream = socket.create_connection(self.upstream)
                for one, other in ((client, upstream), (upstream, client)):
                    threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    @staticmethod
    def _pump(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.listener.close()
        for client in self.held:
            client.close()


@contextlib.contextmanager
def _line(server: Server) -> Iterator[_Line]:
    line = _Line(server)
    try:
        yield line
    finally:
        line.close()


def mounting(bench: Bench) -> None:
    """
    Calls without which the mount point doesn't answer; what is fetched ahead beside them is held.
    Real servers take one call a connection.
    """
    for transport in TRANSPORTS:
        if transport == "json2" and int(bench.version) < FIRST_JSON2:
            continue
        server = bench.small
        with _line(server) as line:
            detour = Server(line.url, server.database, server.login, _secret(bench, transport))
            passed: int | None = None
            with contextlib.suppress(RuntimeError), bench.mount(detour, f"transport={transport}"):
                passed = line.passed
        bench.report.add(f"calls until a mount by {transport} answers",
                         "more" if passed is None else str(passed), passed, MOUNTING_CALLS,
                         str(MOUNTING_CALLS))
