# SPDX-License-Identifier: MIT
"""The line between odoofs and a server: every call that passes is seen, and it can be cut.

What reached the server is the same question for the fake and for a real Odoo, so it is asked
here, where both look alike, and not in the fake's log.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import random
import re
import socket
import threading
import time
from typing import Iterable, Iterator

from .mount import Mount
from .servers import Server
from .weather import WEATHER
from .wire import READING, Call, parse, receive, reset

SECRET = re.compile(rb'session_id=([^;\s]+)|^Authorization: *bearer +(\S+)|'
                    rb'"(?:token|password)": *"([^"]+)"', re.I | re.M)


def secrets_in(*texts: bytes) -> set[str]:
    return {secret.decode() for text in texts for found in SECRET.findall(text)
            for secret in found if secret}


@dataclasses.dataclass
class Cut:
    """What happens to the next `times` calls of a method."""

    method: str
    moment: str  # "before" it reaches the server, "after" its answer, or "hold" the answer back
    times: int
    struck: int = 0


# A request that may be sent again is, as often as this.
RETRIES = 3


class Storm:
    """Bad weather, by a seed: what happens to each request of those that may be sent again. A
    request is struck less often than it is repeated, so nobody should hear of it."""

    MOMENTS = ("before", "after", "torn", "stall", "delay", "busy", "wait")

    def __init__(self, seed: int, share: float):
        self.random, self.share = random.Random(seed), share
        self.struck: collections.Counter = collections.Counter()  # by request
        self.kinds: collections.Counter = collections.Counter()

    def moment(self, call: Call) -> str:
        if call.method not in READING and call.method != "write":
            return ""
        key = repr(call)
        if self.struck[key] >= RETRIES or self.random.random() >= self.share:
            return ""
        moment = self.random.choice(self.MOMENTS)
        self.struck[key] += 1
        self.kinds[moment] += 1
        return moment


class Tap:
    """Listens on a port of its own, and passes on what it hears, one request a connection."""

    def __init__(self, server: Server):
        self.server = server
        host, _, port = server.url.partition("://")[2].partition(":")
        self.upstream = (host, int(port))
        self.lock = threading.Lock()
        self.calls: list[Call] = []
        self.shown: set[str] = set()
        self.cuts: list[Cut] = []
        self.storm: Storm | None = None
        self.passing = 0
        self.limit: int | None = None  # so many requests pass, and the others are held
        self.released = threading.Event()
        self.listener: socket.socket | None = None
        self.port = 0
        self.up()

    # The line as a whole

    def up(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=512)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, args=[self.listener], daemon=True).start()

    def down(self) -> None:
        """From now on connections are refused, as by a server that isn't running."""
        if self.listener:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None

    def close(self) -> None:
        self.released.set()
        self.down()

    def source(self, login: str = "admin") -> str:
        return self.server.source(login, f"127.0.0.1:{self.port}")

    # What passed

    def clear(self) -> None:
        with self.lock:
            self.calls.clear()

    def changes(self) -> list[tuple]:
        """All calls that aren't mere reading, in the order in which they came."""
        with self.lock:
            return [call.plain() for call in self.calls if call.method not in READING]

    def counts(self) -> collections.Counter:
        """How many calls there were, by method."""
        with self.lock:
            return collections.Counter(call.method for call in self.calls)

    def passed(self) -> collections.Counter:
        """How many calls there were, by model.method."""
        with self.lock:
            return collections.Counter(f"{call.model}.{call.method}" for call in self.calls)

    @contextlib.contextmanager
    def counting(self, mount: Mount) -> Iterator[collections.Counter]:
        """Gives, at its end, the calls that passed inside it, by model.method."""
        mount.wait_until_idle()
        self.clear()
        passed: collections.Counter = collections.Counter()
        with WEATHER.calm():
            yield passed
            mount.wait_until_idle()
        passed.update(self.passed())

    def ids_read(self, model: str) -> list[list[int]]:
        """Which records each `read` of a model asked for."""
        with self.lock:
            return [call.argument(0, "ids") for call in self.calls
                    if (call.model, call.method) == (model, "read")]

    def secrets(self) -> set[str]:
        """What opened the door: keys, cookies, tokens and passwords that passed."""
        with self.lock:
            return set(self.shown)

    # Trouble

    def cut(self, method: str, moment: str, times: int = 1) -> Cut:
        """Reset the connection of the next calls of `method`, or hold their answers back."""
        assert moment in ("before", "after", "hold")
        cut = Cut(method, moment, times)
        with self.lock:
            self.cuts.append(cut)
        return cut

    def hold_after(self, limit: int) -> None:
        """From now on so many requests of any kind pass; the others wait for release()."""
        with self.lock:
            self.limit, self.passing = limit, 0

    def release(self) -> None:
        """What was held back goes on."""
        self.released.set()

    def _cut_of(self, call: Call | None) -> str:
        with self.lock:
            if call:
                self.calls.append(call)
            for cut in self.cuts:
                if call and cut.method == call.method and cut.struck < cut.times:
                    cut.struck += 1
                    return cut.moment
            return self.storm.moment(call) if self.storm and call else ""

    # Passing on

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            with client:
                head, body = receive(client)
                if head:
                    self._pass_on(client, head, body)
        except OSError:
            pass  # one of the two went away, and the other hears of it by the end of this

    def _pass_on(self, client: socket.socket, head: bytes, body: bytes) -> None:
        with self.lock:
            self.shown |= secrets_in(head, body)
            self.passing += 1
            held = self.limit is not None and self.passing > self.limit
        if held:
            self.released.wait(60)
        moment = self._cut_of(parse(head, body))
        if moment == "delay":
            time.sleep(0.3)
            moment = ""
        if moment == "before":
            reset(client)
            return
        if moment in BUSY:
            client.sendall(BUSY[moment])
            return
        with socket.create_connection(self.upstream) as server:
            server.sendall(_last_one(head) + body)
            if not moment:
                for data in _until_end(server):
                    client.sendall(data)
                return
            answer = b"".join(_until_end(server))
        if moment == "after":
            reset(client)
        elif moment == "torn":
            client.sendall(answer[:len(answer) // 2])
            reset(client)
        elif moment == "stall":
            client.sendall(answer[:len(answer) // 2])
            time.sleep(1)
            client.sendall(answer[len(answer) // 2:])
        else:
            self.released.wait(60)
            client.sendall(answer)


BUSY = {
    "busy": b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "wait": b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
            b"Connection: close\r\n\r\n"}


def _last_one(head: bytes) -> bytes:
    """The head of a request after whose answer the server shall close."""
    lines = [line for line in head.split(b"\r\n")
             if line.partition(b":")[0].strip().lower() not in (b"connection", b"expect")]
    return b"\r\n".join([*lines, b"Connection: close", b"", b""])


def _until_end(server: socket.socket) -> Iterable[bytes]:
    while data := server.recv(1 << 18):
        yield data
