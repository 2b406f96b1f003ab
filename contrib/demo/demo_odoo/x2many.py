# SPDX-License-Identifier: MIT
"""The commands that one2many and many2many fields are written with.

[0, _, vals] create · [1, id, vals] update · [2, id] delete · [3, id] unlink · [4, id] link ·
[5] clear · [6, _, ids] set. A list of ids means 6, false means 5, an empty list nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .faults import MissingError, PythonError, ValidationError, value_error
from .fields import Field
from .models import Model

if TYPE_CHECKING:
    from .orm import Env


def commands(env: "Env", model: Model, field: Field, value: Any) -> list[tuple]:
    """What a client sent, as commands."""
    if value is None or value is False:
        return [(5, 0, 0)]
    if not isinstance(value, list):
        shown = value if isinstance(value, str) else repr(value)
        raise value_error(f"Wrong value for {model.name}.{field.name}: {shown}")
    if not value:
        return []
    if not isinstance(value[0], list):
        bad = [x for x in value if not isinstance(x, int) or isinstance(x, bool)]
        if bad:
            if env.version < 19:
                return [(5, 0, 0)]
            raise MissingError("Record does not exist or has been deleted.\n"
                               f"(Record: {field.relation}({bad[0]!r},), User: {env.uid})")
        return [(6, 0, value)]
    found = []
    for item in value:
        if not isinstance(item, list) or not item:
            raise value_error(f"Wrong value for {model.name}.{field.name}: {value!r}")
        need = {0: 3, 1: 3, 6: 3, 2: 2, 3: 2, 4: 2}.get(item[0] if isinstance(
            item[0], int) else None, 1)
        if len(item) < need:
            raise PythonError("builtins.IndexError", "list index out of range")
        found.append((item + [0, 0])[:3])
    return [tuple(x) for x in found]


def apply(env: "Env", model: Model, field: Field, number: int, value: Any) -> None:
    """Carry the commands out for one record."""
    todo = commands(env, model, field, value)
    if not todo or not field.store or field.type == "many2many" and not field.rel:
        return
    work = _ManyToMany if field.type == "many2many" else _OneToMany
    handler = work(env, model, field, number)
    for command, other, payload in todo:
        handler.do(command, other, payload)


class _Link:
    def __init__(self, env: "Env", model: Model, field: Field, number: int):
        self.env, self.model, self.field, self.number = env, model, field, number
        self.other = env.registry.models[field.relation]

    def do(self, command: Any, other: int, payload: Any) -> None:
        from . import write
        if command == 0:
            self.create(payload)
        elif command == 1:
            write.write_checked(self.env, self.other, [other], payload)
        elif command == 2:
            write.unlink_checked(self.env, self.other, [other])
        elif command == 3:
            self.unlink([other])
        elif command == 4:
            self.link([other])
        elif command == 5:
            self.unlink(self.current())
        elif command == 6:
            wanted = list(payload or [])
            self.unlink([i for i in self.current() if i not in wanted])
            self.link(wanted)


class _ManyToMany(_Link):
    def current(self) -> list[int]:
        table, left, right = self.field.rel
        return [row[0] for row in self.env.execute(
            f'SELECT "{right}" FROM "{table}" WHERE "{left}" = ?', [self.number])]

    def create(self, vals: dict) -> None:
        from . import write
        self.link(write.create_checked(self.env, self.other, [vals]))

    def unlink(self, ids: list[int]) -> None:
        table, left, right = self.field.rel
        self.env.execute(f'DELETE FROM "{table}" WHERE "{left}" = ? AND "{right}" IN '
                         "(SELECT value FROM json_each(?))", [self.number, json.dumps(ids)])

    def link(self, ids: list[int]) -> None:
        table, left, right = self.field.rel
        for other in ids:
            if not self.env.execute(f'SELECT 1 FROM "{self.other.table}" WHERE id = ?',
                                    [other]).fetchone():
                raise self.unknown(f"{table}_{right}_fkey")
            self.env.execute(f'INSERT OR IGNORE INTO "{table}" ("{left}", "{right}") '
                             "VALUES (?, ?)", [self.number, other])

    def unknown(self, constraint: str) -> ValidationError:
        if self.env.version < 19:
            return ValidationError(
                "The operation cannot be completed: another model requires the record being "
                "deleted. If possible, archive it instead.\n\nModel: Unknown (Unknown), "
                f"Constraint: {constraint}", "ForeignKeyViolation")
        return ValidationError(
            "The operation cannot be completed: Another model is using the record you are "
            "trying to delete.\n\nThe troublemaker is: Unknown\nThanks to the following "
            f"constraint: {constraint}\nHow about archiving the record instead?",
            "ForeignKeyViolation")


class _OneToMany(_Link):
    def __init__(self, *args: Any):
        super().__init__(*args)
        self.inverse = self.other.fields[self.field.inverse]

    def current(self) -> list[int]:
        extra = ""
        if self.inverse.type == "many2one_reference":
            extra = f" AND \"{self.inverse.model_field}\" = '{self.model.name}'"
        return [row[0] for row in self.env.execute(
            f'SELECT id FROM "{self.other.table}" WHERE "{self.inverse.name}" = ?{extra}',
            [self.number])]

    def create(self, vals: dict) -> None:
        from . import write
        extra = {}
        if self.inverse.type == "many2one_reference":
            extra[self.inverse.model_field] = self.model.name
        write.create_checked(self.env, self.other,
                             [{**vals, self.inverse.name: self.number, **extra}])

    def unlink(self, ids: list[int]) -> None:
        """Records that live and die with their parent are deleted."""
        from . import write
        ids = [i for i in ids if i in self.current()]
        if not ids:
            return
        if self.inverse.ondelete == "cascade" or self.inverse.required:
            write.unlink_checked(self.env, self.other, ids)
        else:
            write.write_checked(self.env, self.other, ids, {self.inverse.name: False})

    def link(self, ids: list[int]) -> None:
        from . import write
        new = [i for i in ids if i not in self.current()]
        if new:
            write.write_checked(self.env, self.other, new, {self.inverse.name: self.number})
