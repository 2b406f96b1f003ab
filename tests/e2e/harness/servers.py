# SPDX-License-Identifier: MIT
"""The servers that the tests run against: our fake, and real Odoo, of two versions each."""

from __future__ import annotations

import copy
import hashlib
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import time
from typing import Any

from . import everything
from .doors import AUTO, Source, secret_for, split, version_of
from .rpc import Rpc
from .weather import WEATHER

TOP = pathlib.Path(__file__).resolve().parents[3]
DEMO_SERVER = TOP / "contrib/demo/odoo-demo-server"
REAL_SERVER = TOP / "tests/real/odoo-server"

# So many partners there are at least, whatever the server.
PARTNERS = 2000


class Unavailable(Exception):
    """This machine can't have that server."""


class Server:
    """What the tests know of any server. Every login's password is the login."""

    LOGINS = ("admin", "demo", "portal")

    name: str
    url: str
    database: str
    version: int
    transport = AUTO  # of the mounts
    is_fake = False

    def source(self, login: str = "admin", address: str = "", database: str = "") -> Source:
        """The database as a user mounts it; at another address it is reached by a detour."""
        scheme, _, rest = self.url.partition("://")
        address = address or rest
        if self.is_fake and scheme == "http":
            address = WEATHER.way_to(address)
        return Source.of(self, f"{scheme}://{login}@{address}/"
                         f"{database or self.database}")

    def key(self, login: str = "admin") -> str:
        """An API key of that user."""
        raise NotImplementedError

    def secret(self, login: str = "admin") -> str:
        """What that user comes in with by the door of the round."""
        return secret_for(self, self.transport, login)

    def rpc(self, login: str = "admin") -> Rpc:
        return Rpc(self.url, self.database, login, login)

    def sql(self, statement: str) -> None:
        """Change the database behind Odoo's back."""
        raise NotImplementedError

    def stop(self) -> None:
        """End what start began."""


class Fake(Server):
    """contrib/demo, as a process of ours."""

    is_fake = True

    def __init__(self, version: int, directory: pathlib.Path, *arguments: str, port: int = 0,
                 partners: int = PARTNERS):
        self.name, self.version, self.database = f"fake{version}", version, "demo"
        self.directory, self.port = directory, port
        self.arguments = [f"--version={version}", f"--partners={partners}",
                          "--json-call=context", *arguments]
        self.process: subprocess.Popen | None = None
        self.start()

    def start(self) -> None:
        ready = self.directory / "ready"
        ready.unlink(missing_ok=True)
        with open(self.directory / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                [str(DEMO_SERVER), *self.arguments, f"--port={self.port}",
                 f"--ready-file={ready}"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + 60
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the demo server doesn't start:\n" + self.log())
            time.sleep(0.02)
        self.url = ready.read_text().split()[1]
        self.port = int(self.url.rpartition(":")[2])

    def key(self, login: str = "admin") -> str:
        return hashlib.sha1(f"demo-api-key-{login}".encode()).hexdigest()

    def log(self) -> str:
        return (self.directory / "server.log").read_text(errors="replace")

    def control(self, **commands: Any) -> Any:
        """Tell the server what to do to those who ask: see its control.py."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=240)
        try:
            connection.request("POST", "/_control", json.dumps(commands).encode())
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if isinstance(answer, dict) and "error" in answer:
            raise ValueError(answer["error"])
        return answer

    def sql(self, statement: str) -> None:
        self.control(sql=[statement, []])

    def post(self, path: str, body: Any) -> bytes:
        """A request of somebody else."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", path, json.dumps(body).encode(),
                               {"Content-Type": "application/json"})
            return connection.getresponse().read()
        finally:
            connection.close()

    def fault(self, do: str, **what: Any) -> None:
        self.control(fault={"do": do, **what})

    def kill(self) -> None:
        """As a machine that loses its power; start() begins again on the same port."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def freeze(self, frozen: bool = True) -> None:
        """A server that accepts and never answers."""
        assert self.process
        self.process.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()


class Real(Server):
    """tests/real/odoo-server, with a database of our own in it."""

    def __init__(self, version: int):
        self.name, self.version = f"real{version}", version
        self.database = os.environ.get("ODOOFS_REAL_DATABASE", "odoofs_e2e")
        was_running = self.run("status", check=False).returncode == 0
        self.stop_at_end = not was_running and "CI" not in os.environ
        lines = self.run("start").stdout.splitlines()
        told = dict(line.partition("=")[::2] for line in lines)
        self.url = told["URL"]
        self.keys = {"admin": pathlib.Path(told["KEY_FILE"]).read_text().strip()}
        self.rpcs: dict[str, Rpc] = {}
        self.run("reset", self.database)
        self.fill()
        everything.make(self.rpc())

    def run(self, command: str, *arguments: str, check: bool = True, input: str = "") -> Any:
        done = subprocess.run(
            [str(REAL_SERVER), command, str(self.version), *arguments],
            input=input, capture_output=True, text=True)
        if done.returncode == 77:
            raise Unavailable(done.stdout.strip())
        if check and done.returncode != 0:
            raise RuntimeError(f"odoo-server {command} {self.version}: {done.stderr}")
        return done

    def rpc(self, login: str = "admin") -> Rpc:
        """Logged in once: half a second goes by over a password."""
        if login not in self.rpcs:
            self.rpcs[login] = super().rpc(login)
        return self.rpcs[login]

    def key(self, login: str = "admin") -> str:
        """Made the first time that it is asked for, which takes some seconds."""
        if login not in self.keys:
            until = ", datetime.now() + timedelta(hours=12)" if self.version >= 19 else ""
            shell = self.run("shell", self.database, input=(
                "from datetime import datetime, timedelta\n"
                f"user = env['res.users'].search([('login', '=', '{login}')])\n"
                f"key = env(user=user)['res.users.apikeys']._generate(None, 'e2e'{until})\n"
                "env.cr.commit()\nprint('KEY=' + key)\n"))
            self.keys[login] = re.search("^KEY=(.+)$", shell.stdout, re.M).group(1)
        return self.keys[login]

    def sql(self, statement: str) -> None:
        self.run("psql", self.database, "-q", "-v", "ON_ERROR_STOP=1", "-c", statement)

    def fill(self) -> None:
        """As many partners as the fake has."""
        rpc = self.rpc()
        quiet = {"tracking_disable": True, "mail_create_nolog": True}
        countries = rpc.ids("res.country")
        missing = PARTNERS - len(rpc.ids("res.partner"))
        for first in range(0, missing, 500):
            rpc.call("res.partner", "create", [
                {"name": f"Ateliers du Nord {n}", "email": f"atelier{n}@example.com",
                 "city": ("Gdańsk", "Évora", "Malmö")[n % 3], "comment": "Höflich" * (n % 5),
                 "country_id": countries[n % len(countries)], "is_company": n % 3 == 0}
                for n in range(first, min(first + 500, missing))], context=quiet)


# Made once, whatever the rounds: to reset and to fill its database takes a while.
REAL: dict[int, Real] = {}


def create(round_: str, directory: pathlib.Path) -> Server:
    name, transport = split(round_)
    version = version_of(round_)
    server: Server
    if name.startswith("real"):
        if version not in REAL:
            REAL[version] = Real(version)
        server = copy.copy(REAL[version])
    else:
        server = Fake(version, directory)
    server.transport = transport
    return server


def end() -> None:
    """Stop the real servers that weren't running before."""
    for server in REAL.values():
        if server.stop_at_end:
            server.run("stop")
