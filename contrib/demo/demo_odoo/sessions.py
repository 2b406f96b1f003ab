# SPDX-License-Identifier: MIT
"""Sessions and their cookies, and which database a request is about.

A server of several databases knows it by the session, from 19 on by a header, too. A session
that is bound to the database need not be logged in.
"""

from __future__ import annotations

import secrets
import threading
import time
from email.utils import formatdate
from typing import TYPE_CHECKING

from .faults import SessionExpired
from .httpd import Request

if TYPE_CHECKING:
    from .server import Server

DAY = 86400


class Session:
    """One visitor; `uid` is 0 until he logs in."""

    def __init__(self, key: str, bound: bool):
        self.key, self.bound, self.uid = key, bound, 0
        self.token: tuple = ()
        self.rotate = False  # its next answer gives it another key


class Sessions:
    """All that the server remembers of its visitors."""

    def __init__(self, server: "Server"):
        self.server = server
        self.lock = threading.Lock()
        self.expire()

    def expire(self) -> None:
        """As if the server had never seen anybody."""
        with self.lock:
            self.known: dict[str, Session] = {}

    def rotate(self) -> None:
        """As 19 does every three hours: another key, while the old one still serves."""
        with self.lock:
            for session in self.known.values():
                session.rotate = True

    def of(self, request: Request) -> Session | None:
        with self.lock:
            if request.session is None:
                request.session = self.known.get(request.cookie("session_id"))
            return request.session

    def bound(self, request: Request) -> bool:
        """Whether it is known which database the request is about."""
        session = self.of(request)
        if session and session.bound:
            return True
        named = request.header("x-odoo-database")
        if named and self.server.odoo.version >= 19:
            return named == self.server.odoo.name
        return not self.server.many_databases

    def begin(self, bound: bool = True) -> Session:
        new = self.server.odoo.version >= 19
        session = Session(secrets.token_urlsafe(63) if new else secrets.token_hex(20), bound)
        with self.lock:
            self.known[session.key] = session
        return session

    def end(self, session: Session | None) -> None:
        with self.lock:
            if session:
                self.known.pop(session.key, None)

    def log_in(self, request: Request, uid: int) -> Session:
        """A new session, in place of the one that the request came with."""
        self.end(self.of(request))
        session = self.begin()
        session.uid, session.token = uid, tuple(self.server.odoo.auth.token(uid))
        return session

    def user(self, request: Request) -> int:
        """Who is logged in. Raises SessionExpired, also when the password was changed."""
        session = self.of(request)
        if session is None or not session.uid:
            raise SessionExpired()
        if session.token != tuple(self.server.odoo.auth.token(session.uid)):
            session.uid = 0
            if self.server.odoo.version < 19:  # it stays bound, under another key
                self.end(session)
                request.session = self.begin()
            raise SessionExpired()
        return session.uid

    # Cookies

    def cookies(self, request: Request) -> list[tuple[str, str]]:
        """What an answer in JSON sets: 14 always something, 19 a key that is new."""
        session = self.of(request)
        if self.server.odoo.version < 19:
            return [self.cookie(session or self.begin(bound=not self.server.many_databases))]
        if session is None or not session.rotate:
            return []
        session.rotate = False
        fresh = self.begin()
        fresh.uid, fresh.token = session.uid, session.token
        return [self.cookie(fresh)]

    def cookie(self, session: Session) -> tuple[str, str]:
        new = self.server.odoo.version >= 19
        age = (7 if new else 90) * DAY
        ends = formatdate(time.time() + (365 if new else 90) * DAY, usegmt=True)
        if not new:  # "Tue, 23-Feb-2027 12:39:13 GMT"
            day, rest = ends[:5], ends[5:].split(" ")
            ends = f"{day}{'-'.join(rest[:3])} {' '.join(rest[3:])}"
        return ("Set-Cookie", f"session_id={session.key}; Expires={ends}; Max-Age={age}; "
                "HttpOnly; Path=/")
