# SPDX-License-Identifier: MIT
"""Who may come in: passwords and API keys, and the lock on an address that fails too often.

As both versions do it, ten failures lock an address for a minute; until then even the right
secret is refused, except where a call was made with it before. From 19 on only the login of a
session is locked.
"""

from __future__ import annotations

import hmac
import time
from typing import TYPE_CHECKING, Any, Iterator

from .faults import AccessDenied
from .read import missing

if TYPE_CHECKING:
    from .orm import Odoo

FAILURES, WAIT = 10, 60
LOCKED = "Too many login failures, please wait a bit before trying again."


class Auth:
    """The secrets of one database."""

    def __init__(self, odoo: "Odoo"):
        self.odoo = odoo
        self.reset()

    def reset(self) -> None:
        """Forget failures, and what tests changed of the secrets."""
        self.refused = 0  # how many secrets were wrong
        self._failures: dict[str, list[float]] = {}
        self._proven: set[tuple[int, str]] = set()
        self._changed: dict[tuple[int, str], str | None] = {}

    # What a test changes

    def change(self, login: str, kind: str, secret: str | None) -> None:
        """Another password or key from now on, or none."""
        uid = self._user(login)
        if uid is None or kind not in ("password", "key"):
            raise ValueError(f"there is no {kind} of {login!r}")
        self._changed[uid, kind] = secret

    # Coming in

    def login(self, login: Any, secret: Any, address: str, session: bool = False) -> int:
        """The uid; a session takes no API key. Raises AccessDenied."""
        if not secret:
            raise AccessDenied()
        locks = session or self.odoo.version < 19
        if locks and self._locked(address):
            raise AccessDenied(LOCKED)
        with self.odoo.lock:
            uid = self._user(login)
            if uid is not None and self._fits(uid, secret, keys=not session):
                self._failures.pop(address, None)
                return uid
        raise self._refuse(address if locks else None)

    def check(self, uid: Any, secret: Any, address: str) -> int:
        """What execute_kw does before each call. Raises AccessDenied or MissingError."""
        if not secret:
            raise AccessDenied()
        locks = self.odoo.version < 19
        number = uid if isinstance(uid, int) and not isinstance(uid, bool) else 0
        with self.odoo.lock:
            fits = self._fits(number, secret)
            if fits and (number, secret) in self._proven:
                return number
            if locks and self._locked(address):
                raise AccessDenied(LOCKED)
            row = self._row("SELECT active FROM res_users WHERE id = ?", number)
            if row is None:
                raise self._no_user(number)
            if row[0] and fits:
                self._failures.pop(address, None)
                self._proven.add((number, secret))
                return number
        raise self._refuse(address if locks else None)

    def owner(self, key: str) -> int:
        """Whose API key it is, for what sends nothing else. Raises AccessDenied."""
        with self.odoo.lock:
            for uid, in self.odoo.db.execute("SELECT id FROM res_users WHERE active"):
                if any(_same(x, key) for x in self._secrets(uid, ("key",))):
                    return uid
        raise self._refuse(None)

    def token(self, uid: int) -> tuple:
        """What a session of the user rests on: it ends when this changes."""
        with self.odoo.lock:
            row = self._row("SELECT active FROM res_users WHERE id = ?", uid)
            return (row and row[0], *self._secrets(uid, ("password",)))

    # Inside

    def _row(self, sql: str, *args: Any) -> tuple | None:
        return self.odoo.db.execute(sql, args).fetchone()

    def _user(self, login: Any) -> int | None:
        row = self._row("SELECT id FROM res_users WHERE login = ? AND active", str(login))
        return row[0] if row else None

    def _no_user(self, number: int) -> Exception:
        from .orm import Env
        return missing(Env(self.odoo, number), self.odoo.registry.models["res.users"], [number])

    def _secrets(self, uid: int, kinds: tuple[str, ...]) -> Iterator[str]:
        rows = self.odoo.db.execute("SELECT secret, kind FROM _secret WHERE uid = ?", (uid,))
        for secret, kind in rows.fetchall():
            secret = self._changed.get((uid, kind), secret)
            if kind in kinds and secret is not None:
                yield secret

    def _fits(self, uid: int, secret: Any, keys: bool = True) -> bool:
        kinds = ("password", "key") if keys else ("password",)
        return isinstance(secret, str) and any(
            _same(known, secret) for known in self._secrets(uid, kinds))

    def _locked(self, address: str) -> bool:
        recent = [t for t in self._failures.get(address, ()) if time.monotonic() - t < WAIT]
        return len(recent) >= FAILURES

    def _refuse(self, address: str | None) -> AccessDenied:
        self.refused += 1
        if address is not None:
            self._failures.setdefault(address, []).append(time.monotonic())
        return AccessDenied()


def _same(known: str, secret: str) -> bool:
    return hmac.compare_digest(known.encode(), secret.encode("utf-8", "surrogatepass"))
