# SPDX-License-Identifier: MIT
"""Answers made wrong: other statuses, cut, stalled, dripping or endless bodies, resets."""

from __future__ import annotations

import socket
import struct
import time

from .httpd import Connection, Gone, Request, Response

# These replace the whole answer; the call is not made unless the rule says `executed`.
BEFORE = {"status", "redirect", "reset_before", "body"}
DOES = BEFORE | {"stall", "cut", "cut_clean", "reset", "garbage", "endless", "drip",
                 "content_length", "header"}
GARBAGE = b'{"jsonrpc": "2.0", "id": 1, "result": [{"id": 1, "na'


def rewrite(spec: dict, response: Response) -> bool:
    """Effects that only change the answer. False: it happens while sending."""
    do = spec["do"]
    if do == "status":
        _page(spec, response)
    elif do == "redirect":
        response.status = spec.get("status", 302)
        response.body = b""
        response.headers = [("Content-Type", "text/html; charset=utf-8"),
                            ("Location", spec.get("location", "http://127.0.0.2:9/jsonrpc"))]
    elif do == "body":
        response.body = spec.get("body", "").encode("utf-8", "surrogateescape")
        if "hex" in spec:
            response.body = bytes.fromhex(spec["hex"])
        if "type" in spec:
            response.headers[0] = ("Content-Type", spec["type"])
    elif do == "garbage":
        response.body = GARBAGE
    elif do == "header":
        response.headers.append((spec["name"], spec["value"]))
    else:
        return False
    return True


def _page(spec: dict, response: Response) -> None:
    status = spec.get("status", 500)
    title = {429: "Too Many Requests", 502: "Bad Gateway", 503: "Service Unavailable",
             403: "Forbidden", 404: "Not Found", 500: "Internal Server Error"}.get(status, "Error")
    page = f"<html><head><title>{status} {title}</title></head><body>" \
           f"<h1>{status} {title}</h1><hr>nginx</body></html>\n"
    response.status = status
    response.body = spec.get("body", page).encode()
    response.headers = [("Content-Type", spec.get("type", "text/html; charset=utf-8"))]
    if "retry_after" in spec:
        response.headers.append(("Retry-After", str(spec["retry_after"])))


def send(connection: Connection, request: Request, response: Response, head: bytes,
         body: bytes) -> None:
    """Send an answer as the first effect left says. The connection ends with it."""
    spec = response.effects[0]
    do = spec["do"]
    count = int(spec.get("bytes", len(body) // 2))
    connection.broken = do not in ("drip", "stall") or spec.get("then", "finish") != "finish"
    if do == "reset_before":
        reset(connection)
    if do == "content_length":
        connection.broken = True
        connection.send(connection.head(request, response, int(spec["value"])) + body)
        return
    if do == "cut_clean":
        connection.send(connection.head(request, response, None) + body[:count])
        finish(connection)
    if do == "endless":
        endless(connection, connection.head(request, response, None), body, spec)
    if do == "drip":
        connection.send(head + body[:count if "bytes" in spec else 0])
        drip(connection, body[count if "bytes" in spec else 0:], spec)
        return
    connection.send(head + body[:count])
    if do == "cut":
        finish(connection)
    if do == "reset":
        time.sleep(spec.get("seconds", 0.05))  # let what was sent arrive first
        reset(connection)
    if do == "stall":
        wait(connection, spec.get("seconds", 5))
        then = spec.get("then", "finish")
        if then == "finish":
            connection.send(body[count:])
        elif then == "reset":
            reset(connection)
        else:
            finish(connection)


def wait(connection: Connection, seconds: float) -> None:
    """Sleep, but no longer than the server and the peer are there."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not connection.server.stopping:
        time.sleep(min(0.05, max(0.0, end - time.monotonic())))
        connection.sock.setblocking(False)
        try:
            if connection.sock.recv(1, socket.MSG_PEEK) == b"":
                raise Gone
        except (BlockingIOError, ValueError):
            pass  # ValueError: a TLS socket can't be peeked into
        finally:
            connection.sock.setblocking(True)


def finish(connection: Connection) -> None:
    connection.sock.shutdown(socket.SHUT_RDWR)
    raise Gone


def reset(connection: Connection) -> None:
    """RST instead of FIN."""
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.broken = True
    raise Gone


def endless(connection: Connection, head: bytes, body: bytes, spec: dict) -> None:
    """Never the end: the answer up to its last bracket, then more of the same."""
    connection.send(head + body[:max(0, len(body) - 2)])
    filler = spec.get("filler", ", 1").encode() * 16384
    left = int(spec.get("megabytes", 2048)) << 20
    while left > 0 and not connection.server.stopping:
        connection.send(filler)
        left -= len(filler)
    finish(connection)


def drip(connection: Connection, body: bytes, spec: dict) -> None:
    step, pause = int(spec.get("step", 1)), spec.get("interval", 0.1)
    for start in range(0, len(body), step):
        wait(connection, pause)
        connection.send(body[start:start + step])
