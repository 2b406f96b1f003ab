# SPDX-License-Identifier: MIT
"""Trouble in the data: records, fields and models that refuse or break, as tests ask for.

The transports' trouble (cut answers and the like) is in inject.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .faults import AccessError, PythonError

if TYPE_CHECKING:
    from .fields import Field
    from .models import Model
    from .orm import Env


class Trouble:
    """Everything empty until a control command fills it."""

    def __init__(self) -> None:
        self.extra_models: set[int] = set()  # ids of ir.model rows that name no real model
        self.reset()

    def reset(self) -> None:
        self.records: dict[str, dict[int, int | None]] = {}
        self.fields: dict[tuple[str, str], int | None] = {}
        self.broken_fields: dict[tuple[str, str], dict] = {}
        self.broken_models: dict[str, dict] = {}
        self.lost: dict[str, set[int]] = {}

    def forbid_record(self, model: str, number: int, uid: int | None = None) -> None:
        self.records.setdefault(model, {})[number] = uid

    def hidden_ids(self, env: "Env", model: str) -> list[int]:
        """Records that a rule keeps from this user."""
        rules = self.records.get(model)
        if not rules or env.su:
            return []
        return [n for n, uid in rules.items() if uid is None or uid == env.uid]

    def check_model(self, env: "Env", model: "Model") -> None:
        broken = self.broken_models.get(model.name)
        if broken is None and (model.has_table or model.abstract):
            if not model.abstract:
                return
        if broken is None:
            broken = {}
        raise PythonError(
            broken.get("name") or "psycopg2.errors.UndefinedTable",
            broken.get("message") or f'relation "{model.table}" does not exist\nLINE 1: '
            f'SELECT "{model.table}".id FROM "{model.table}" ORDER BY "{model.table}"."id"\n'
            "                                     ^\n")

    def check_field(self, env: "Env", model: "Model", field: "Field", ids: list[int]) -> None:
        """Called for each field that a read is about to give."""
        if not self.fields and not self.broken_fields:
            return
        key = (model.name, field.name)
        if key in self.fields and not env.su and self.fields[key] in (None, env.uid):
            raise refused_field(env, model, field)
        broken = self.broken_fields.get(key)
        if broken is not None and (broken.get("ids") is None
                                   or set(broken["ids"]) & set(ids)):
            raise PythonError(broken.get("name") or "builtins.ZeroDivisionError",
                              broken.get("message") or "division by zero")


def refused_field(env: "Env", model: "Model", field: "Field") -> AccessError:
    """A field whose comodel may not be read fails the whole read."""
    other = env.registry.get(field.relation) or model
    refusal = env.odoo.access.refusal(env, other, "read")
    if env.version >= 19:
        refusal.message = f"Failed to read field {model.name}.{field.name}\n{refusal.message}"
        refusal.arguments = [refusal.message]
    return refusal
