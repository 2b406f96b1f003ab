# SPDX-License-Identifier: MIT
"""The SQLite side: connecting, and the tables that the registry asks for.

One connection serves every thread; Odoo.call holds the lock around a whole transaction.
"""

from __future__ import annotations

import sqlite3

from .fields import Field
from .models import Model, Registry


def connect(path: str | None) -> sqlite3.Connection:
    db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False,
                         cached_statements=512)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA journal_mode = MEMORY")
    db.execute("PRAGMA cache_size = -200000")
    db.create_function("folded_like", 2, _folded_like, deterministic=True)
    return db


def _folded_like(pattern: str, value: str | None) -> bool | None:
    """ILIKE for text that is not ASCII, which SQLite's own LIKE does not fold."""
    if value is None:
        return None
    import re
    parts = []
    escaped = False
    for char in pattern.casefold():
        if escaped:
            parts.append(re.escape(char))
            escaped = False
        elif char == "\\":
            escaped = True
        else:
            parts.append({"%": ".*", "_": "."}.get(char) or re.escape(char))
    return re.fullmatch("".join(parts), str(value).casefold(), re.DOTALL) is not None


def column_sql(field: Field) -> str:
    return f'"{field.name}" {field.sql_type}'


def create_model(db: sqlite3.Connection, model: Model) -> None:
    """The table of one model, and the relation tables of its many2many fields."""
    if not model.has_table:
        return
    if model.view:
        db.execute(f'CREATE VIEW "{model.table}" AS {model.view}')
        return
    columns = ["id INTEGER PRIMARY KEY AUTOINCREMENT"]
    columns += [column_sql(field) for field in model.columns()]
    db.execute(f'CREATE TABLE "{model.table}" ({", ".join(columns)})')
    create_relations(db, model)


def create_relations(db: sqlite3.Connection, model: Model) -> None:
    for field in model.fields.values():
        if field.type == "many2many" and field.store and field.rel:
            table, left, right = field.rel
            db.execute(f'CREATE TABLE IF NOT EXISTS "{table}" ("{left}" INTEGER, '
                       f'"{right}" INTEGER, PRIMARY KEY ("{left}", "{right}")) WITHOUT ROWID')


def create_all(db: sqlite3.Connection, registry: Registry) -> None:
    views = [m for m in registry.models.values() if m.view]
    for model in registry.models.values():
        if not model.view:
            create_model(db, model)
    for model in views:
        create_model(db, model)
    db.execute("CREATE TABLE _translation (model TEXT, field TEXT, res_id INTEGER, "
               "lang TEXT, value TEXT, PRIMARY KEY (model, field, lang, res_id)) "
               "WITHOUT ROWID")
    db.execute("CREATE TABLE _secret (uid INTEGER, secret TEXT, kind TEXT)")
    db.execute("CREATE TABLE _meta (key TEXT PRIMARY KEY, value TEXT)")


def create_indexes(db: sqlite3.Connection, registry: Registry) -> None:
    """After the data, which is faster than before it."""
    for model in registry.models.values():
        if model.view or not model.has_table:
            continue
        names = [x.name for x in model.columns() if x.index or x.type == "many2one"
                 and x.name not in ("create_uid", "write_uid")]
        if model.name == "res.partner":
            names = ["parent_id"]  # of a million rows, each index costs a second
        if model.log_access:
            names.append("write_date")
        for name in dict.fromkeys(names):
            where = f' WHERE "{name}" IS NOT NULL' if name == "parent_id" else ""
            db.execute(f'CREATE INDEX IF NOT EXISTS "{model.table}_{name}_index" '
                       f'ON "{model.table}" ("{name}"){where}')
        for field in model.fields.values():
            if field.type == "many2many" and field.store and field.rel:
                table, left, right = field.rel
                db.execute(f'CREATE INDEX IF NOT EXISTS "{table}_{right}_index" '
                           f'ON "{table}" ("{right}")')
    db.execute("CREATE INDEX IF NOT EXISTS ir_attachment_res_index "
               "ON ir_attachment (res_model, res_field, res_id)")


def exists(db: sqlite3.Connection) -> bool:
    return db.execute("SELECT 1 FROM sqlite_master WHERE name = '_meta'").fetchone() is not None
