# SPDX-License-Identifier: MIT
"""The server: routes, workers, counters, and its start and end."""

from __future__ import annotations

import signal
import socket
import ssl
import sys
import threading
from typing import Callable

from . import control, jsonrpc, web
from .httpd import Connection, Request, Response, serve
from .inject import Injector
from .orm import Odoo

Handler = Callable[["Server", Request], Response]

# A transport is one module and one line here: (method, path or prefix ending in "*").
ROUTES: list[tuple[str, str, Handler]] = [
    ("POST", "/jsonrpc", jsonrpc.handle),
    ("POST", "/web/webclient/version_info", web.version_info),
    ("GET", "/web/version", web.version),
    ("GET", "/json/version", web.version),
    ("GET", "/web/login", web.login_page),
    ("POST", "/_control", control.handle),
]


class Server:
    """Everything that one running demo server has."""

    def __init__(self, odoo: Odoo, port: int = 0, keep_alive: bool = False, workers: int = 2,
                 many_databases: bool = False, certificate: str | None = None):
        self.odoo, self.keep_alive = odoo, keep_alive
        self.many_databases = many_databases
        self.tls: ssl.SSLContext | None = None
        if certificate:
            self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self.tls.load_cert_chain(certificate)
        self.workers = threading.Semaphore(workers)
        self.injector = Injector(odoo)
        odoo.observer = self.injector
        self.stopping = False
        self._lock = threading.Lock()
        self.max_concurrent = self.max_connections = 0
        self.connections: set[Connection] = set()
        self.busy: set[Connection] = set()
        self.bytes_out = self.requests = self.accepted = 0
        self.listener = socket.create_server(("127.0.0.1", port), backlog=512)
        self.port = self.listener.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}"

    def version_info(self) -> dict:
        number = self.odoo.version
        return {"server_version": f"{number}.0",
                "server_version_info": [number, 0, 0, "final", 0, ""],
                "server_serie": f"{number}.0", "protocol_version": 1}

    # Counters

    def reset_counters(self) -> None:
        with self._lock:
            self.bytes_out = self.requests = self.accepted = 0
            self.max_concurrent = len(self.busy)
            self.max_connections = len(self.connections)

    def begun(self, connection: Connection) -> None:
        with self._lock:
            self.requests += 1
            self.busy.add(connection)
            self.max_concurrent = max(self.max_concurrent, len(self.busy))

    def done(self, connection: Connection) -> None:
        with self._lock:
            self.busy.discard(connection)

    def opened(self, connection: Connection) -> None:
        with self._lock:
            self.connections.add(connection)
            self.accepted += 1
            self.max_connections = max(self.max_connections, len(self.connections))

    def closed(self, connection: Connection, uncount: bool = False) -> None:
        """Gone; or, with `uncount`, a test's own connection that shall not be counted."""
        with self._lock:
            if uncount and connection in self.connections:
                self.accepted -= 1
            self.connections.discard(connection)

    def sent(self, count: int) -> None:
        with self._lock:
            self.bytes_out += count

    # Requests

    def route(self, request: Request) -> Response:
        """The answer to one request, with the faults that shall happen to it."""
        if request.header("x-too-large"):
            return jsonrpc.html_page(413, "Request Entity Too Large", "The data value "
                                     "transmitted exceeds the capacity limit.")
        if request.path == "/_control":
            return control.handle(self, request)
        self.injector.start_request(request)
        try:
            response = self.injector.early_answer() or self._handle(request)
        except Exception as error:  # a bug here must not look like a network failure
            print(f"demo server: {request.method} {request.target}: {error!r}",
                  file=sys.stderr)
            response = jsonrpc.internal_error()
        return self.injector.finish_request(response)

    def _handle(self, request: Request) -> Response:
        known = False
        for method, path, handler in ROUTES:
            if path == request.path or path.endswith("*") and request.path.startswith(path[:-1]):
                known = True
                if method == request.method or method == "GET" and request.method == "HEAD":
                    return handler(self, request)
        if known:
            return jsonrpc.html_page(405, "Method Not Allowed", "The method is not allowed "
                                     "for the requested URL.")
        return web.not_found(self, request)

    # Life

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        def stop(number: int, frame: object) -> None:
            self.stop()
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        serve(self, self.listener, lambda: self.stopping)
        self.listener.close()

    def stop(self) -> None:
        self.stopping = True
