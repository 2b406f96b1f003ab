# SPDX-License-Identifier: MIT
"""The entrance: Odoo.call, whatever transport the call came by, and Env, what it runs in."""

from __future__ import annotations

import base64
import sqlite3
import threading
from datetime import datetime, timezone
from typing import Any, Iterable

from . import db as database
from . import names as naming
from . import (groups, methods, orders, rpc, special,  # noqa: F401: they register
               write_methods)
from .access import Access
from .auth import Auth
from .faults import AccessError, Fault, PythonError, UnknownModel, UserError
from .models import Model, Registry
from .properties import Properties
from .read import human_size, read_records
from .trouble import Trouble


class Env:
    """Who calls, in which context and transaction."""

    def __init__(self, odoo: "Odoo", uid: int, context: dict | None = None, su: bool = False,
                 now: str | None = None):
        self.odoo, self.uid, self.su = odoo, uid, su
        self.context = context if isinstance(context, dict) else {}
        self.version, self.db, self.registry = odoo.version, odoo.db, odoo.registry
        self.now = now or timestamp()
        self.lang = self.context.get("lang") or "en_US"

    @property
    def lang_literal(self) -> str:
        return str(self.lang).replace("'", "''")

    @property
    def bin_size(self) -> bool:
        return bool(self.context.get("bin_size"))

    def sudo(self) -> "Env":
        return Env(self.odoo, self.uid, self.context, True, self.now)

    def execute(self, sql: str, args: Iterable = ()) -> sqlite3.Cursor:
        try:
            return self.db.execute(sql, tuple(args))
        except sqlite3.OperationalError as error:
            raise PythonError("psycopg2.errors.SyntaxError", str(error)) from error
        except OverflowError as error:
            raise PythonError("psycopg2.errors.NumericValueOutOfRange",
                              "integer out of range\n") from error
        except sqlite3.Error as error:
            raise PythonError("psycopg2.ProgrammingError", str(error)) from error

    def model(self, name: str) -> Model:
        return self.registry.models[name]

    def read(self, name: str, ids: Iterable[int], fields: list[str]) -> list[dict]:
        return read_records(self, self.model(name), list(ids), fields)

    def names(self, name: str, ids: Iterable[int]) -> dict[int, str]:
        return naming.names(self, self.model(name), ids)

    def name_sql(self, model: Model) -> str:
        return naming.name_sql(self, model)

    def user_partner(self) -> int:
        row = self.db.execute("SELECT partner_id FROM res_users WHERE id = ?",
                              (self.uid,)).fetchone()
        return row[0] if row else 0

    def user_name(self) -> str:
        return self.names("res.users", [self.uid]).get(self.uid, "")

    def binary_value(self, blob: bytes | None) -> str | bool:
        if blob is None:
            return False
        if self.bin_size:
            return human_size(len(blob))
        return base64.b64encode(blob).decode()


def timestamp() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")


class Odoo:
    """One database of one server version."""

    def __init__(self, version: int = 19, path: str | None = None, name: str = "demo"):
        self.version, self.name = version, name
        self.registry = Registry(version)
        self.db = database.connect(path)
        self.fresh = not database.exists(self.db)
        if self.fresh:
            database.create_all(self.db, self.registry)
        self.lock = threading.RLock()
        self.access = Access(self)
        self.trouble = Trouble()
        self.properties = Properties()
        self.observer: Any = None  # sees each call and its result; see inject.py
        self.auth = Auth(self)

    # Calls

    def call(self, uid: int, model: str, method: str, args: list | None = None,
             kwargs: dict | None = None) -> Any:
        """Run one method in one transaction. Raises Fault."""
        args, kwargs = list(args or []), dict(kwargs or {})
        token = self.observer.begin(model, method, args, kwargs) if self.observer else None
        try:
            result = self._call(uid, model, method, args, kwargs)
        except Fault:
            if token is not None:
                self.observer.end(token, None)
            raise
        if token is not None:
            result = self.observer.end(token, result)
        return result

    def _call(self, uid: int, name: str, method: str, args: list, kwargs: dict) -> Any:
        model = self.registry.get(name)
        if model is None:
            raise UnknownModel(name)
        found = rpc.find(name, method, self.version)
        context = kwargs.pop("context", None)
        env = Env(self, uid, context)
        ids = None
        if found.kind == "records":
            if args:
                ids = args.pop(0)
            else:
                kind = "list" if self.version >= 19 else "tuple"
                raise PythonError("builtins.IndexError", f"{kind} index out of range")
        bound = found.bind(args, kwargs, self.version)
        positional = (env, model, ids) if found.kind == "records" else (env, model)
        with self.lock:
            self._check_context(env, model)
            self.db.execute("BEGIN")
            try:
                result = found.func(*positional, **bound)
            except RecursionError as error:
                self.db.execute("ROLLBACK")
                raise PythonError("builtins.RecursionError", str(error)) from error
            except Fault:
                self.db.execute("ROLLBACK")
                raise
            except Exception as error:  # as Odoo does: whatever it is, it is a fault
                self.db.execute("ROLLBACK")
                raise PythonError(type(error).__name__, str(error)) from error
            self.db.execute("COMMIT")
        return result

    def _check_context(self, env: Env, model: Model) -> None:
        companies = env.context.get("allowed_company_ids")
        if companies and "company_id" in model.fields:
            allowed = {row[0] for row in self.db.execute(
                "SELECT cid FROM res_company_users_rel WHERE user_id = ?", (env.uid,))}
            if not set(companies) <= allowed:
                raise AccessError("Access to unauthorized or invalid companies.")
        if self.version >= 19 and env.lang != "en_US" and not self.db.execute(
                "SELECT 1 FROM res_lang WHERE active AND code = ?",
                (str(env.lang),)).fetchone():
            raise UserError(f"Invalid language code: {env.lang}")
