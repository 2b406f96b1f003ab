# SPDX-License-Identifier: MIT
"""Fields: one class for every type, and a maker for each type.

A field says where its value lives: a column of the model's table, a relation table
(many2many), the other side (one2many), an attachment (binary), a path (`related`) or a
function (`compute`).
"""

from __future__ import annotations

from typing import Any, Callable

COLUMN_TYPES = {
    "char": "TEXT", "text": "TEXT", "html": "TEXT", "selection": "TEXT",
    "integer": "INTEGER", "float": "REAL", "monetary": "REAL", "boolean": "INTEGER",
    "date": "TEXT", "datetime": "TEXT", "many2one": "INTEGER", "reference": "TEXT",
    "many2one_reference": "INTEGER", "json": "TEXT", "properties": "TEXT",
    "properties_definition": "TEXT",
}
X2MANY = ("one2many", "many2many")
NUMBERS = ("integer", "float", "monetary")
TEXTS = ("char", "text", "html")


class Field:
    """One field of one model. Attributes not given are those of a plain stored field."""

    def __init__(self, type: str, name: str, string: str | None = None, *,
                 help: str | None = None, required: bool = False,
                 readonly: bool | None = None, store: bool | None = None,
                 relation: str | None = None, inverse: str | None = None,
                 rel: tuple[str, str, str] | None = None,
                 selection: list[tuple[str, str]] | None = None,
                 translate: bool = False, size: int | None = None,
                 digits: tuple[int, int] | None = None, currency: str | None = None,
                 related: str | None = None, depends: tuple[str, ...] = (),
                 compute: Callable | None = None, compute_stored: bool = False,
                 groups: str | None = None, default: Any = None,
                 ondelete: str | None = None, index: bool = False,
                 attachment: bool = True, model_field: str | None = None,
                 definition: str | None = None, company_dependent: bool = False,
                 domain: Any = None, aggregator: str | None = None,
                 searchable: bool | None = None, sanitize: bool = True,
                 copy: bool = True, since: int = 0, until: int = 99,
                 active_test: bool = True, states: dict | None = None,
                 pointing: Callable[[str], str] | None = None):
        self.type, self.name = type, name
        self.string = string or name.removesuffix("_id").replace("_", " ").title()
        self.help, self.required = help, required
        self.related, self.compute, self.depends = related, compute, depends
        self.compute_stored = compute_stored
        self.computed = bool(related or compute or compute_stored)
        if related and not depends:
            self.depends = (related,)
        self.store = (not (related or compute)) if store is None else store
        self.readonly = self.computed if readonly is None else readonly
        self.relation, self.inverse, self.rel = relation, inverse, rel
        self.selection, self.translate, self.size = selection, translate, size
        self.digits, self.currency = digits, currency
        self.groups, self.default, self.copy = groups, default, copy
        self.ondelete = ondelete or ("restrict" if required else "set null")
        self.index = index
        self.attachment = type == "binary" and attachment
        self.model_field, self.definition = model_field, definition
        self.company_dependent, self.domain = company_dependent, domain
        self.searchable = self.store or bool(related) if searchable is None else searchable
        self.sanitize = sanitize
        self.since, self.until = since, until
        self.active_test = active_test
        self.states = states
        self.pointing = pointing
        self.manual = name.startswith("x_")
        if aggregator is None and type in NUMBERS and name != "id" and self.store:
            aggregator = "sum"
        self.aggregator = aggregator

    @property
    def column(self) -> bool:
        """Whether the value is a column of the model's own table."""
        if not self.store or self.type in X2MANY:
            return False
        return self.type != "binary" or not self.attachment

    @property
    def sql_type(self) -> str:
        return COLUMN_TYPES.get(self.type, "BLOB")

    @property
    def inherited(self) -> bool:
        """Whether the field comes by delegation (res.users from its partner)."""
        return getattr(self, "_inherited", False)


def _maker(type: str) -> Callable[..., Field]:
    def make(name: str, string: str | None = None, **kw) -> Field:
        return Field(type, name, string, **kw)
    make.__name__ = type
    return make


char = _maker("char")
text = _maker("text")
html = _maker("html")
integer = _maker("integer")
float_ = _maker("float")
monetary = _maker("monetary")
boolean = _maker("boolean")
date = _maker("date")
datetime = _maker("datetime")
binary = _maker("binary")
reference = _maker("reference")
many2one_reference = _maker("many2one_reference")
json_ = _maker("json")
properties = _maker("properties")
properties_definition = _maker("properties_definition")


def selection(name: str, values: list[tuple[str, str]], string: str | None = None,
              **kw) -> Field:
    return Field("selection", name, string, selection=values, **kw)


def many2one(name: str, relation: str, string: str | None = None, **kw) -> Field:
    return Field("many2one", name, string, relation=relation, **kw)


def one2many(name: str, relation: str, inverse: str, string: str | None = None,
             **kw) -> Field:
    return Field("one2many", name, string, relation=relation, inverse=inverse, **kw)


def many2many(name: str, relation: str, rel: tuple[str, str, str] | None,
              string: str | None = None, **kw) -> Field:
    """`rel` is (table, column of this model, column of the other)."""
    return Field("many2many", name, string, relation=relation, rel=rel, **kw)


def image(name: str, string: str | None = None, **kw) -> Field:
    field = Field("binary", name, string, **kw)
    field.image = True
    return field
