# SPDX-License-Identifier: MIT
"""A model, and the registry of all models of one server version."""

from __future__ import annotations

from typing import Any, Callable, Iterable

from . import fields as f
from .fields import Field


class Model:
    """One model: its fields, its table and who may do what.

    `access` maps a group's external id ("" is everybody) to letters of "rwcu": read,
    write, create, unlink. `view` is the SELECT of a model that is an SQL view. `name_sql`
    is an SQL expression over the alias `t` for the display name.
    """

    def __init__(self, name: str, description: str, fields: Iterable[Field] = (), *,
                 order: str = "id", rec_name: str | None = None,
                 transient: bool = False, abstract: bool = False,
                 log_access: bool = True, inherits: tuple[str, str] | None = None,
                 access: dict[str, str] | None = None,
                 unique: Iterable[tuple[tuple[str, ...], str, str]] = (),
                 view: str | None = None, name_sql: str | None = None,
                 name_search: tuple[str, ...] = (), module: str = "base",
                 rules: dict[str, Callable] | None = None, manual: bool = False,
                 table: bool = True, since: int = 0, until: int = 99):
        self.name, self.description = name, description
        self.fields: dict[str, Field] = {field.name: field for field in fields}
        self.order, self.rec_name = order, rec_name
        self.transient, self.abstract = transient, abstract
        self.log_access, self.inherits = log_access, inherits
        self.access, self.unique = access or {}, list(unique)
        self.view, self.name_sql = view, name_sql
        self.name_search, self.module = name_search, module
        self.rules, self.manual = rules or {}, manual
        self.has_table = table and not abstract
        self.since, self.until = since, until
        self.table = name.replace(".", "_")
        self.id = 0  # of its ir.model row
        self.methods: dict[str, Callable] = {}

    def __repr__(self) -> str:
        return f"Model({self.name!r})"

    def finish(self, version: int) -> None:
        """Drop other versions' fields; add those that every model has."""
        own = {n: x for n, x in self.fields.items() if x.since <= version <= x.until}
        magic = [f.integer("id", "ID", readonly=True)]
        if "display_name" not in own:
            magic.append(f.char("display_name", "Display Name", compute=True))
        if self.log_access:
            magic += [
                f.many2one("create_uid", "res.users", "Created by", readonly=True),
                f.datetime("create_date", "Created on", readonly=True),
                f.many2one("write_uid", "res.users", "Last Updated by", readonly=True),
                f.datetime("write_date", "Last Updated on", readonly=True),
            ]
        if version < 17:
            magic.append(f.datetime("__last_update", "Last Modified on", compute=True))
        if self.abstract:
            magic = [x for x in magic if x.name in ("id", "display_name", "__last_update")]
        self.fields = {**own, **{x.name: x for x in magic}}
        self.unique = [u for u in self.unique if all(n in self.fields for n in u[0])]
        if self.rec_name is None:
            for guess in ("name", "x_name"):
                if guess in self.fields:
                    self.rec_name = guess
                    break

    def columns(self) -> list[Field]:
        return [x for x in self.fields.values() if x.column and x.name != "id"]


class Registry:
    """All models of one version, by name."""

    def __init__(self, version: int):
        from . import models_base, models_ir, models_misc, models_partner, models_sale
        self.version = version
        self.models: dict[str, Model] = {}
        for module in (models_base, models_partner, models_sale, models_ir, models_misc):
            for model in module.declare(version):
                if model.since <= version <= model.until:
                    model.finish(version)
                    self.models[model.name] = model
        for model in list(self.models.values()):
            self._inherit(model)
        for number, name in enumerate(sorted(self.models), 1):
            self.models[name].id = 2 * number + 1

    def _inherit(self, model: Model) -> None:
        """Fields by delegation: not stored here, read and written through the parent."""
        if not model.inherits:
            return
        parent, through = model.inherits
        for name, field in self.models[parent].fields.items():
            if name in model.fields:
                continue
            copy = Field(
                field.type, name, field.string, help=field.help, related=f"{through}.{name}",
                readonly=field.readonly, relation=field.relation, inverse=field.inverse,
                rel=field.rel, selection=field.selection, translate=field.translate,
                size=field.size, digits=field.digits, currency=field.currency,
                groups=field.groups, definition=field.definition,
                model_field=field.model_field, required=field.required)
            copy.aggregator = None
            copy._inherited = True
            model.fields[name] = copy

    def get(self, name: Any) -> Model | None:
        return self.models.get(name) if isinstance(name, str) else None

    def add(self, model: Model, number: int) -> None:
        """A model that somebody made at run time."""
        model.finish(self.version)
        model.id = number
        self.models[model.name] = model

    def inverses(self, name: str) -> list[tuple[Model, Field]]:
        """The stored many2one fields that point to `name`."""
        found = []
        for model in self.models.values():
            if model.has_table and not model.view:
                found += [(model, x) for x in model.fields.values()
                          if x.type == "many2one" and x.relation == name and x.column]
        return found
