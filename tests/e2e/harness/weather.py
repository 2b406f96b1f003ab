# SPDX-License-Identifier: MIT
"""Bad weather between odoofs and the fake, of the kind that nobody should notice.

With --weather=SEED each mount of a fake goes through one of these: answers come late and in pieces,
connections that were kept are closed, and requests that may be sent again are lost on their way, or
their answers are. The server's own faults pass as they are.

    odoofs ── Way ── Tap or server
"""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from typing import Iterator

from .wire import READING, Call, parse, receive, reset

# What may happen to a call, out of a hundred; the others pass unharmed.
READS = {"before": 3, "after": 3, "torn": 3, "late": 6, "pieces": 20, "stall": 2}
WRITES = {"before": 3, "late": 6, "pieces": 20, "stall": 2}
OTHERS = {"late": 6, "pieces": 20, "stall": 2}
HARMFUL = {"before", "after", "torn"}

# A request is lost less often than it is sent again.
LOSSES = 2
LATE, STALL = 0.05, 0.5
CLOSED = 0.3  # of the connections that might be kept, after each answer


class Weather:
    """All ways of a session; `seed` is None where the sky is blue."""

    def __init__(self) -> None:
        self.seed: int | None = None
        self.ways: dict[str, Way] = {}
        self.lock = threading.Lock()
        self.mild = 0  # while it isn't 0 nothing is lost

    def way_to(self, address: str) -> str:
        """The address by which another one is reached."""
        if self.seed is None:
            return address
        with self.lock:
            if address not in self.ways:
                self.ways[address] = Way(self, address, f"{self.seed} {len(self.ways)}")
            return f"127.0.0.1:{self.ways[address].port}"

    @contextlib.contextmanager
    def calm(self) -> Iterator[None]:
        """For those who count what passes: nothing is lost, and so nothing sent again."""
        with self.lock:
            self.mild += 1
        try:
            yield
        finally:
            with self.lock:
                self.mild -= 1


WEATHER = Weather()


class Way:
    """Listens on a port of its own, for connections to one address."""

    def __init__(self, weather: Weather, address: str, seed: str):
        self.weather, self.random = weather, random.Random(seed)
        host, _, port = address.rpartition(":")
        self.upstream = (host, int(port))
        self.lost: dict[int, int] = {}
        self.lock = threading.Lock()
        listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = listener.getsockname()[1]
        threading.Thread(target=self._accept, args=[listener], daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            client, _ = listener.accept()
            threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _moment(self, call: Call | None) -> str:
        kinds = OTHERS
        if call and call.method in READING:
            kinds = READS
        elif call and call.method == "write":
            kinds = WRITES
        with self.lock:
            roll = self.random.random() * 100
            for moment, share in kinds.items():
                roll -= share
                if roll < 0:
                    return moment if moment not in HARMFUL or self._may_lose(call) else ""
        return ""

    def _may_lose(self, call: Call | None) -> bool:
        key = hash(repr(call))
        if self.weather.mild or self.lost.get(key, 0) >= LOSSES:
            return False
        self.lost[key] = self.lost.get(key, 0) + 1
        return True

    def _serve(self, client: socket.socket) -> None:
        try:
            with client:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._talk(client)
        except OSError:
            pass  # one of the two went away, and the other hears of it by the end of this

    def _talk(self, client: socket.socket) -> None:
        """Requests, one after the other, on one connection to the server."""
        server = None
        try:
            while True:
                head, body = receive(client)
                if not head:
                    return
                moment = self._moment(parse(head, body))
                if moment == "before":
                    reset(client)
                    return
                if server is None:
                    server = socket.create_connection(self.upstream)
                if moment == "late":
                    time.sleep(self.random.random() * LATE)
                server.sendall(head + b"\r\n\r\n" + body)
                if not self._answer(client, server, moment):
                    return
        except OSError:
            reset(client)  # as the server did, or because there is none
        finally:
            if server:
                server.close()

    def _answer(self, client: socket.socket, server: socket.socket, moment: str) -> bool:
        """Pass an answer on. Whether there may be another."""
        head = b""
        while b"\r\n\r\n" not in head:
            data = server.recv(1 << 18)
            if not data:
                client.sendall(head)
                return False
            head += data
        head, _, body = head.partition(b"\r\n\r\n")
        left = _length(head)
        kept = left is not None
        if moment == "after":
            _drain(server, None if left is None else left - len(body))
            reset(client)
            return False
        data = head + b"\r\n\r\n" + body
        if left is not None:
            left -= len(body)
        while data:
            if moment == "torn":
                client.sendall(data[:len(data) // 2])
                reset(client)
                return False
            self._send(client, data, moment)
            moment = "" if moment == "stall" else moment
            data = b"" if left == 0 else server.recv(1 << 18)
            if left is not None:
                left -= len(data)
        return kept and left == 0 and self.random.random() >= CLOSED

    def _send(self, client: socket.socket, data: bytes, moment: str) -> None:
        if moment == "stall":
            half = len(data) // 2
            client.sendall(data[:half])
            time.sleep(self.random.random() * STALL)
            client.sendall(data[half:])
        elif moment == "pieces":
            at = 0
            while at < len(data):
                size = self.random.randint(1, 9 if at < 400 else 9000)
                client.sendall(data[at:at + size])
                at += size
        else:
            client.sendall(data)


def _length(head: bytes) -> int | None:
    """How many bytes of body there are, of an answer after which the connection is kept."""
    length, kept = None, False
    for line in head.lower().split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name == b"content-length":
            length = int(value)
        if name == b"connection":
            kept = value.strip() == b"keep-alive"
    return length if kept else None


def _drain(server: socket.socket, left: int | None) -> None:
    while left is None or left > 0:
        data = server.recv(1 << 18)
        if not data:
            return
        if left is not None:
            left -= len(data)
