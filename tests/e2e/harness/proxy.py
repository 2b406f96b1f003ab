# SPDX-License-Identifier: MIT
"""A proxy on this machine behind which every host is one server: names need not exist."""

from __future__ import annotations

import contextlib
import socket
import threading


class Proxy:
    """
    Takes CONNECT, and requests with a whole URL, and remembers what it was asked for.

    It sends all of them to `upstream`, a port of this machine, or answers each with `refuse`, a
    status line such as "407 Proxy Authentication Required".
    """

    def __init__(self, upstream: int, refuse: str | None = None):
        self.upstream, self.refuse = upstream, refuse
        self.asked: list[str] = []
        self.heads: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            head = b""
            while b"\r\n\r\n" not in head:
                data = client.recv(65536)
                if not data:
                    return
                head += data
            first, _, rest = head.partition(b"\r\n")
            method, target, protocol = first.decode().split(" ")
            self.asked.append(f"{method} {target}")
            self.heads.append(head)
            if self.refuse:
                client.sendall(f"HTTP/1.1 {self.refuse}\r\nContent-Length: 0\r\n"
                               "Connection: close\r\n\r\n".encode())
                return
            with socket.create_connection(("127.0.0.1", self.upstream)) as server:
                if method == "CONNECT":
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                else:
                    path = "/" + target.partition("://")[2].partition("/")[2]
                    server.sendall(f"{method} {path} {protocol}\r\n".encode() + rest)
                self._pump_both(client, server)

    @staticmethod
    def _pump_both(client: socket.socket, server: socket.socket) -> None:
        def pump(source: socket.socket, sink: socket.socket) -> None:
            with contextlib.suppress(OSError):
                while data := source.recv(65536):
                    sink.sendall(data)
                sink.shutdown(socket.SHUT_WR)
        other = threading.Thread(target=pump, args=[client, server], daemon=True)
        other.start()
        pump(server, client)
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
        other.join(5)
