# SPDX-License-Identifier: MIT
"""The server: routes, workers, counters, and its start and end."""

from __future__ import annotations

import signal
import socket
import ssl
import sys
import threading
from typing import Callable

from . import control, demo_service, json2, jsonrpc, pages, tls, web, web_session, xml_rpc
from . import json_call as json_call_module
from .httpd import Connection, Request, Response, serve
from .inject import Injector
from .orm import Odoo
from .sessions import Sessions

Handler = Callable[["Server", Request], Response]

# Path, or the beginning of it up to "*"; what counts as its transport; who answers.
ROUTES: list[tuple[str, str, Handler]] = [
    ("/jsonrpc", "jsonrpc", jsonrpc.handle),
    ("/json/2", "json2", json2.handle),
    ("/json/2/*", "json2", json2.handle),
    ("/web/session/authenticate", "session", web_session.authenticate),
    ("/web/session/check", "session", web_session.check),
    ("/web/session/destroy", "session", web_session.destroy),
    ("/web/dataset/call_kw", "session", web_session.call_kw),
    ("/web/dataset/call_kw/*", "session", web_session.call_kw),
    ("/xmlrpc/*", "xmlrpc", xml_rpc.handle),
    ("/json-call", "jsoncall", json_call_module.handle),
    ("/json-call/*", "jsoncall", json_call_module.handle),
    ("/start", "demo", demo_service.handle),
    ("/web/webclient/version_info", "web", web.version_info),
    ("/web/version", "web", web.version),
    ("/json/version", "web", web.version),
    ("/web/login", "web", web.login_page),
    ("/web", "web", web.login_page),
]


class Server:
    """Everything that one running demo server has."""

    def __init__(self, odoo: Odoo, port: int = 0, keep_alive: bool = False, workers: int = 2,
                 many_databases: bool = False, certificate: str | None = None,
                 client_ca: str | None = None, json_call: str = ""):
        self.odoo, self.keep_alive = odoo, keep_alive
        self.many_databases, self.json_call = many_databases, json_call
        self.sessions, self.tokens = Sessions(self), json_call_module.Tokens()
        self.tls: ssl.SSLContext | None = None
        if certificate:
            self.tls = tls.make_context(certificate, client_ca)
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
        if request.path == "/_control":
            return control.handle(self, request)
        transport, handler = self._route(request.path)
        self.injector.start_request(request, transport)
        try:
            response = self.injector.early_answer() or handler(self, request)
        except Exception as error:  # a bug here must not look like a network failure
            print(f"demo server: {request.method} {request.target}: {error!r}",
                  file=sys.stderr)
            response = pages.page(self, 500)
        return self.injector.finish_request(response)

    def _route(self, path: str) -> tuple[str, Handler]:
        for known, transport, handler in ROUTES:
            if known == path or known.endswith("*") and path.startswith(known[:-1]):
                return transport, handler
        return "", web.not_found

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
