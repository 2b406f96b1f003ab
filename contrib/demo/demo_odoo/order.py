# SPDX-License-Identifier: MIT
"""What orders records: ORDER BY clauses, and the trees that child_of and parent_of walk."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .faults import UserError, value_error
from .fields import TEXTS, Field
from .models import Model

if TYPE_CHECKING:
    from .orm import Env

TERM = re.compile(r"\s*([a-z_][\w.]*)(\s+(?:asc|desc))?(\s+nulls\s+(?:first|last))?\s*", re.I)


def clause(env: "Env", model: Model, order: str | None) -> str:
    """ORDER BY terms over the alias `t`."""
    text = order or model.order
    terms = []
    for part in text.split(","):
        match = TERM.fullmatch(part)
        if not match:
            raise UserError(
                f'Invalid "order" specified ({text}). A valid "order" specification is a '
                "comma-separated list of valid field names (optionally followed by asc/desc "
                "for the direction)")
        name = match[1]
        descending = (match[2] or "").strip().lower() == "desc"
        if name == "id":
            terms.append("t.id DESC" if descending else "t.id")
            if len(terms) == 1:
                break  # the rest cannot matter
            continue
        terms += _terms(env, model, name, descending, 0)
    return ", ".join(terms) or "t.id"


def _terms(env: "Env", model: Model, name: str, descending: bool, depth: int) -> list[str]:
    field = model.fields.get(name)
    if field is None:
        raise value_error(f"Invalid field '{name}' on model '{model.name}'")
    sql = expression(env, model, field, depth)
    if sql is None:
        if env.version >= 19:
            raise value_error(f"Cannot convert {model.name}.{name} to SQL because it is not "
                              "stored")
        return []
    way = " DESC" if descending else ""
    nulls = " NULLS FIRST" if descending else " NULLS LAST"
    collate = " COLLATE NOCASE" if field.type in TEXTS or field.relation else ""
    return [f"{sql}{collate}{way}{nulls}"]


def expression(env: "Env", model: Model, field: Field, depth: int = 0) -> str | None:
    """What a field sorts by; None where it cannot be sorted by."""
    if field.related and not field.column and field.type not in ("one2many", "many2many"):
        return _related(env, model, field)
    if not field.column:
        if field.name == "display_name":
            return env.name_sql(model)
        return None
    if field.type == "many2one":
        other = env.registry.models[field.relation]
        first = other.order.split(",")[0].split()[0]
        if depth > 2 or first == "id" or first not in other.fields:
            return f't."{field.name}"'
        inner = expression(env, other, other.fields[first], depth + 1)
        if inner is None:
            return f't."{field.name}"'
        alias = f"o{depth}"
        inner = re.sub(r"\bt\.", f"{alias}.", inner)
        return (f'(SELECT {inner} FROM "{other.table}" {alias} '
                f'WHERE {alias}.id = t."{field.name}")')
    return f't."{field.name}"'


def _related(env: "Env", model: Model, field: Field) -> str | None:
    through, _, last = field.related.partition(".")
    if not last or "." in last or through not in model.fields:
        return None
    other = env.registry.models[model.fields[through].relation]
    inner = expression(env, other, other.fields[last], 1)
    if inner is None:
        return None
    inner = re.sub(r"\bt\.", "r0.", inner)
    return f'(SELECT {inner} FROM "{other.table}" r0 WHERE r0.id = t."{through}")'


def family(env: "Env", model: Model, operator: str, value: Any) -> str:
    """SQL for the ids of `value` and of all that is below (or above) it."""
    if isinstance(value, str):
        like = value.replace("'", "''")
        start = f"SELECT t.id FROM \"{model.table}\" t WHERE {env.name_sql(model)} " \
                f"LIKE '%{like}%'"
    else:
        values = value if isinstance(value, (list, tuple)) else [value]
        ids = ",".join(str(int(x)) for x in values if x)
        start = f'SELECT id FROM "{model.table}" WHERE id IN ({ids})'
    if "parent_id" not in model.fields:
        return start
    if operator == "child_of":
        step = f'SELECT c.id FROM "{model.table}" c JOIN tree ON c.parent_id = tree.id'
    else:
        step = (f'SELECT c.parent_id FROM "{model.table}" c JOIN tree ON c.id = tree.id '
                "WHERE c.parent_id IS NOT NULL")
    return f"WITH RECURSIVE tree(id) AS ({start} UNION {step}) SELECT id FROM tree"
