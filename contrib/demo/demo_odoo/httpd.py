# SPDX-License-Identifier: MIT
"""HTTP by hand, so that every byte of an answer can be spoiled on purpose.

As a multi-worker Odoo does it: HTTP/1.0, one request a connection, as many requests at once
as there are workers (a connection left idle holds one for two seconds), and a reader that
stalls for four seconds gets a cut body with a clean end. With keep-alive it behaves as such
a server behind a proxy does.
"""

from __future__ import annotations

import select
import socket
import threading
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Callable
from urllib.parse import parse_qs

from . import tls

if TYPE_CHECKING:
    from .server import Server

IDLE, IDLE_KEPT, STALLED = 2.0, 75.0, 4.0
MAX_HEAD = 65536
MAX_BODY = {14: 1 << 31, 19: 128 << 20}
REASONS = {
    200: "OK", 204: "NO CONTENT", 301: "MOVED PERMANENTLY", 302: "FOUND", 303: "SEE OTHER",
    304: "NOT MODIFIED", 400: "BAD REQUEST", 401: "UNAUTHORIZED", 403: "FORBIDDEN",
    404: "NOT FOUND", 405: "METHOD NOT ALLOWED", 413: "REQUEST ENTITY TOO LARGE",
    415: "UNSUPPORTED MEDIA TYPE", 422: "UNPROCESSABLE ENTITY", 429: "TOO MANY REQUESTS",
    500: "INTERNAL SERVER ERROR", 502: "BAD GATEWAY", 503: "SERVICE UNAVAILABLE",
    504: "GATEWAY TIMEOUT",
}


class Request:
    """One request, read whole."""

    def __init__(self, method: str, target: str, protocol: str, headers: dict[str, str],
                 client: str):
        self.method, self.target, self.protocol = method, target, protocol
        self.path, _, self.query = target.partition("?")
        self.headers, self.client = headers, client
        self.body = b""
        self.too_large = False
        self.session: Any = None  # sessions.py keeps here what it found

    def header(self, name: str) -> str:
        return self.headers.get(name, "")

    def cookie(self, name: str) -> str:
        for part in self.header("cookie").split(";"):
            key, _, value = part.strip().partition("=")
            if key == name:
                return value
        return ""

    def argument(self, name: str) -> str:
        return parse_qs(self.query).get(name, [""])[0]


class Response:
    """One answer; `effects` are the transport faults that shall happen to it."""

    def __init__(self, status: int, body: bytes = b"", kind: str = "text/html; charset=utf-8",
                 refused: bool = False):
        self.status, self.body, self.refused = status, body, refused
        self.headers: list[tuple[str, str]] = [("Content-Type", kind)] if kind else []
        self.effects: list[dict] = []


class Gone(Exception):
    """The peer closed, stalled or broke the rules: there is nobody to answer."""


class Connection:
    """One accepted connection, in a thread of its own."""

    def __init__(self, server: "Server", sock: socket.socket, address: tuple):
        self.server, self.sock, self.client = server, sock, address[0]
        self.buffer = b""
        self.broken = False

    def run(self) -> None:
        self.server.opened(self)
        try:
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.server.tls:
                self.sock = tls.wrap(self.server.tls, self.sock)
            while self._one() and self.server.keep_alive and not self.server.stopping:
                pass
        except (Gone, OSError):
            pass
        finally:
            self.close()
            self.server.closed(self)

    def close(self) -> None:
        try:
            if not self.broken:
                self.sock.shutdown(socket.SHUT_WR)
            self.sock.close()
        except OSError:
            pass

    def _one(self) -> bool:
        """One request and its answer. True if the connection may carry another."""
        if not self.server.keep_alive and not self._readable(0.05):
            with self.server.workers:  # nothing said yet: that costs the server a worker
                if not self._readable(IDLE):
                    return False
        request = self._head()
        if request is None:
            return False
        if request.path == "/_control":
            self.server.closed(self, uncount=True)
            self._body(request)
            self._answer(request, self.server.route(request))
            return self._kept(request)
        self.server.begun(self)
        try:
            if self.server.keep_alive:
                self._body(request)
                with self.server.workers:
                    response = self.server.route(request)
                self._answer(request, response)
            else:
                with self.server.workers:
                    self._body(request)
                    self._answer(request, self.server.route(request))
        finally:
            self.server.done(self)
        return self._kept(request) and not self.broken

    def _kept(self, request: Request) -> bool:
        asked = request.header("connection").lower()
        return self.server.keep_alive and asked != "close" and (
            request.protocol != "HTTP/1.0" or asked == "keep-alive")

    # Reading

    def _readable(self, seconds: float) -> bool:
        if self.buffer or self.server.tls and self.sock.pending():
            return True
        return bool(select.select([self.sock], [], [], seconds)[0])

    def _more(self) -> None:
        self.sock.settimeout(IDLE_KEPT if self.server.keep_alive else 10.0)
        data = self.sock.recv(1 << 18)
        if not data:
            raise Gone
        self.buffer += data

    def _head(self) -> Request | None:
        while b"\r\n\r\n" not in self.buffer:
            if len(self.buffer) > MAX_HEAD:
                raise Gone
            try:
                self._more()
            except Gone:
                return None
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        try:
            method, target, protocol = first.split(" ")
        except ValueError:
            raise Gone from None
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        return Request(method, target, protocol, headers, self.client)

    def _body(self, request: Request) -> None:
        if "chunked" in request.header("transfer-encoding").lower():
            request.body = self._chunks()
            return
        length = int(request.header("content-length") or 0)
        if length > MAX_BODY[self.server.odoo.version]:
            request.too_large = True
            return
        if self.server.keep_alive and request.header("expect").lower() == "100-continue":
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        while len(self.buffer) < length:
            self._more()
        request.body, self.buffer = self.buffer[:length], self.buffer[length:]

    def _chunks(self) -> bytes:
        parts = []
        while True:
            while b"\r\n" not in self.buffer:
                self._more()
            size, _, self.buffer = self.buffer.partition(b"\r\n")
            count = int(size.split(b";")[0], 16)
            while len(self.buffer) < count + 2:
                self._more()
            parts.append(self.buffer[:count])
            self.buffer = self.buffer[count + 2:]
            if count == 0:
                return b"".join(parts)

    # Writing

    def _answer(self, request: Request, response: Response) -> None:
        body = b"" if request.method == "HEAD" else response.body
        head = self.head(request, response, len(response.body))
        self.server.sent(len(head) + len(body))
        if response.effects:
            self.server.injector.spoil(self, request, response, head, body)
        else:
            # The last byte goes when the request no longer counts as under way, or a quick
            # client's next request would seem to be there at the same time.
            data = head + body
            self.send(data[:-1])
            self.server.done(self)
            self.send(data[-1:])

    def head(self, request: Request, response: Response, length: int | None) -> bytes:
        """The status line and headers; a length of None leaves Content-Length out."""
        new, kept = self.server.odoo.version >= 19, self._kept(request)
        date = f"Date: {formatdate(usegmt=True)}"
        lines = [f"HTTP/1.{int(self.server.keep_alive)} {response.status} "
                 f"{REASONS.get(response.status, 'UNKNOWN')}"]
        if new and not self.server.keep_alive:
            lines += ["Server: Werkzeug/3.1.3 Python/3.13.5", date]
        lines += [f"{name}: {value}" for name, value in response.headers]
        if length is not None and response.status not in (204, 304):
            lines.append(f"Content-Length: {length}")
        if new and not response.refused:
            lines.append("X-Content-Type-Options: nosniff")
        if self.server.keep_alive:
            lines += [f"Connection: {'keep-alive' if kept else 'close'}", "Server: nginx", date]
        elif new:
            lines.append("Connection: close")
        else:
            lines += ["Server: Werkzeug/1.0.1 Python/3.9.2", date]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")

    def send(self, data: bytes) -> None:
        """Send all of it, or stop cleanly where the reader stalls."""
        self.sock.settimeout(None if self.server.keep_alive else STALLED)
        view = memoryview(data)
        try:
            while view:
                view = view[self.sock.send(view):]
        except OSError:
            raise Gone from None


def serve(server: "Server", listener: socket.socket, stop: Callable[[], bool]) -> None:
    """Accept until `stop`; one thread a connection."""
    listener.settimeout(0.2)
    while not stop():
        try:
            sock, address = listener.accept()
        except TimeoutError:
            continue
        except OSError:
            break
        sock.settimeout(None)
        connection = Connection(server, sock, address)
        threading.Thread(target=connection.run, daemon=True).start()
