# SPDX-License-Identifier: MIT
"""read_group (every version) and formatted_read_group (19)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from . import domain as domains
from .faults import AccessError, PythonError, UserError, value_error
from .fields import NUMBERS, Field
from .models import Model
from .rpc import rpc

if TYPE_CHECKING:
    from .orm import Env

FUNCTIONS = {"sum": "sum", "avg": "avg", "max": "max", "min": "min", "count": "count",
             "count_distinct": "count distinct", "array_agg": "json_group_array",
             "bool_or": "max", "bool_and": "min"}
GRANULARITIES = ("day", "week", "month", "quarter", "year")
MONTHS = ("January February March April May June July August September October November "
          "December").split()


class Aggregate:
    """One aggregate: `write_date:max`, shown under a key of its own."""

    def __init__(self, env: "Env", model: Model, spec: str, key: str, name: str, func: str):
        self.spec, self.key, self.name, self.func = spec, key, name, func
        self.field = model.fields.get(name)
        if self.field is None:
            suffix = f" for {spec!r}." if env.version >= 19 else ""
            raise value_error(f"Invalid field {name!r} on model {model.name!r}{suffix}")
        if func not in FUNCTIONS:
            if env.version >= 19:
                raise value_error(f"Invalid aggregate method {func!r} for {spec!r}.")
            raise UserError(f"Invalid aggregation function '{func}'.")
        if name != "id" and not self.field.column:
            raise UserError(f"Cannot aggregate field {name!r}.")

    def sql(self) -> str:
        if self.func == "count_distinct":
            return f'count(DISTINCT t."{self.name}")'
        return f'{FUNCTIONS[self.func]}(t."{self.name}")'

    def value(self, raw: Any, env: "Env") -> Any:
        if raw is None:
            return False if env.version >= 19 or self.field.type in NUMBERS \
                and self.name != "id" else None
        if self.field.type == "datetime" and self.func in ("max", "min"):
            return raw[:19]
        return raw


class Group:
    """One term to group by: a field, for dates with a granularity."""

    def __init__(self, env: "Env", model: Model, spec: str):
        self.spec = spec
        self.name, _, self.granularity = spec.partition(":")
        self.field: Field | None = model.fields.get(self.name)
        if self.field is None:
            if env.version >= 19:
                raise value_error(f"Invalid field {self.name!r} on model {model.name!r}")
            raise UserError(f"Unknown field {self.name!r} in 'groupby'")
        tags = env.version >= 19 and self.field.type == "many2many"
        if not self.field.column and not tags:
            if env.version >= 19:
                raise value_error(f"Cannot convert {model.name}.{self.name} to SQL because "
                                  "it is not stored")
            raise PythonError(
                "builtins.AssertionError",
                "Fields in 'groupby' must be regular database-persisted fields (no function "
                "or related fields), or function fields with store=True")
        if self.field.type in ("date", "datetime"):
            self.granularity = self.granularity or "month"
            if self.granularity not in GRANULARITIES:
                raise value_error(f"{self.granularity!r} isn't a supported granularity")

    def sql(self) -> str:
        column = f't."{self.name}"'
        if self.field.type == "many2many":
            return f'g_{self.name}."{self.field.rel[2]}"'
        if self.field.type == "boolean":
            return f"COALESCE({column}, 0)"
        if not self.granularity or self.field.type not in ("date", "datetime"):
            return column
        return {
            "day": f"substr({column}, 1, 10)",
            "week": f"date({column}, 'weekday 1', '-7 days')",
            "month": f"substr({column}, 1, 7) || '-01'",
            "quarter": f"substr({column}, 1, 4) || '-' || printf('%02d', "
                       f"(CAST(substr({column}, 6, 2) AS INTEGER) - 1) / 3 * 3 + 1) || '-01'",
            "year": f"substr({column}, 1, 4) || '-01-01'",
        }[self.granularity]

    def join(self) -> str:
        if self.field.type != "many2many":
            return ""
        table, left, _ = self.field.rel
        return f' LEFT JOIN "{table}" g_{self.name} ON g_{self.name}."{left}" = t.id'

    def shown(self, env: "Env", raw: Any, names: dict) -> tuple[Any, list]:
        """The value as it is given, and the domain that finds its records."""
        field = self.field
        if raw is None:
            return False, [(self.name, "=", False)]
        if field.relation:
            return (raw, names.get(raw, "")), [(self.name, "=", raw)]
        if field.type == "boolean":
            return bool(raw), [(self.name, "=", bool(raw))]
        if self.granularity:
            first, after = self.span(raw)
            tail = " 00:00:00" if field.type == "datetime" else ""
            return raw, ["&", (self.name, ">=", first + tail), (self.name, "<", after + tail)]
        return raw, [(self.name, "=", raw)]

    def span(self, raw: str) -> tuple[str, str]:
        first = date.fromisoformat(raw)
        if self.granularity in ("day", "week"):
            return raw, (first + timedelta(1 if self.granularity == "day" else 7)).isoformat()
        months = {"month": 1, "quarter": 3, "year": 12}[self.granularity]
        total = first.year * 12 + first.month - 1 + months
        return raw, date(total // 12, total % 12 + 1, 1).isoformat()

    def label(self, raw: str) -> str:
        day = date.fromisoformat(raw)
        if self.granularity == "month":
            return f"{MONTHS[day.month - 1]} {day.year}"
        if self.granularity == "quarter":
            return f"Q{(day.month + 2) // 3} {day.year}"
        if self.granularity == "year":
            return str(day.year)
        if self.granularity == "week":
            return f"W{day.isocalendar()[1]} {day.isocalendar()[0]}"
        return day.strftime("%d %b %Y")


def _rows(env: "Env", model: Model, domain: Any, groups: list[Group],
          aggregates: list[Aggregate], offset: int, limit: Any, order: Any) -> list[tuple]:
    """One row a group: the group's values, the aggregates, the count."""
    env.odoo.access.check(env, model, "read")
    env.odoo.trouble.check_model(env, model)
    if model.name == "ir.attachment" and env.version < 19:
        env = _files_of_fields(env, domain)
    where, args = domains.where(env, model, domain)
    if not groups and where.count("t.") <= 1 and len(aggregates) > 1:
        # SQLite finds a max in an index only when it is asked for nothing else.
        parts = [f'(SELECT {a.sql()} FROM "{model.table}" t WHERE {where})' for a in aggregates]
        parts.append(f'(SELECT count(*) FROM "{model.table}" t WHERE {where})')
        return env.execute("SELECT " + ", ".join(parts), args * len(parts)).fetchall()
    terms = [g.sql() for g in groups]
    select = ", ".join([*terms, *(a.sql() for a in aggregates), "count(*)"])
    sql = f'SELECT {select} FROM "{model.table}" t{"".join(g.join() for g in groups)} ' \
          f"WHERE {where}"
    if terms:
        sql += f" GROUP BY {', '.join(terms)} ORDER BY {_order(groups, aggregates, order)}"
        if limit or offset:
            sql += f" LIMIT {int(limit) if limit else -1} OFFSET {int(offset or 0)}"
    return env.execute(sql, args).fetchall()


def _files_of_fields(env: "Env", domain: Any) -> "Env":
    """Before 19 no search gives the files of fields; an administrator can count them."""
    if not domains.mentions(domain, "res_field"):
        return env
    if not env.odoo.access.has_group(env.uid, "base.group_system"):
        raise AccessError("Sorry, you are not allowed to access these fields on attachments.")
    return env.sudo()


def _order(groups: list[Group], aggregates: list[Aggregate], order: Any) -> str:
    places = {g.spec: n for n, g in enumerate(groups, 1)}
    places.update({g.name: n for n, g in enumerate(groups, 1)})
    places.update({a.key: n for n, a in enumerate(aggregates, len(groups) + 1)})
    places["__count"] = len(groups) + len(aggregates) + 1
    terms = []
    for part in str(order or "").split(","):
        name, _, way = part.strip().partition(" ")
        if name in places:
            descending = way.lower().startswith("desc")
            terms.append(f"{places[name]} "
                         f"{'DESC NULLS FIRST' if descending else 'ASC NULLS LAST'}")
    terms += [f"{n} NULLS LAST" for n in range(1, len(groups) + 1)]
    return ", ".join(terms)


def _names(env: "Env", groups: list[Group], rows: list[tuple]) -> list[dict]:
    names = []
    for place, group in enumerate(groups):
        ids = {row[place] for row in rows if row[place]}
        names.append(env.names(group.field.relation, ids) if group.field.relation else {})
    return names


def _joined(*parts: list) -> list:
    """Domains joined by '&'."""
    parts = [p for p in parts if p]
    return ["&"] * (len(parts) - 1) + [x for p in parts for x in p]


@rpc("read_group")
def read_group(env: "Env", model: Model, domain, fields, groupby, offset=0, limit=None,
               orderby=False, lazy=True):
    specs = [groupby] if isinstance(groupby, str) else list(groupby or [])
    current = specs[:1] if lazy else specs
    groups = [Group(env, model, spec) for spec in current]
    aggregates = _aggregates(env, model, fields, groups)
    rows = _rows(env, model, domain, groups, aggregates, offset, limit, orderby)
    if groups or env.version >= 19:
        return _lines(env, model, domain, specs, groups, aggregates, rows, lazy)
    row = rows[0]
    line = {a.key: a.value(raw, env) for a, raw in zip(aggregates, row)}
    if "id" not in line:
        where, args = domains.where(env, model, domain)
        line["id"] = env.execute(f'SELECT min(t.id) FROM "{model.table}" t WHERE {where}',
                                 args).fetchone()[0]
    return [{"id": line.pop("id"), "__count": row[-1], **line}]


def _aggregates(env: "Env", model: Model, fields: Any, groups: list[Group]) -> list[Aggregate]:
    names = {g.name for g in groups}
    if not fields and env.version < 19:
        fields = [n for n, x in model.fields.items()
                  if x.type in NUMBERS and n != "id" and x.column]
    found = []
    for spec in fields or []:
        match = re.fullmatch(r"(\w+)(?::(\w+)(?:\((\w+)\))?)?", str(spec))
        if not match:
            raise UserError(f"Invalid field specification {spec!r}.")
        key, func, inner = match.groups()
        name = inner or key
        if key == "__count" or name in names:
            continue
        field = model.fields.get(name)
        if func is None:
            if field is None:
                raise value_error(f"Invalid field {name!r} on model {model.name!r}")
            func = field.aggregator
            if not func or not field.column:
                continue
        found.append(Aggregate(env, model, str(spec), key, name, func))
    return found


def _lines(env: "Env", model: Model, domain: Any, specs: list, groups: list[Group],
           aggregates: list[Aggregate], rows: list[tuple], lazy: bool) -> list[dict]:
    names = _names(env, groups, rows)
    count = f"{groups[0].name}_count" if lazy and groups else "__count"
    lines = []
    for row in rows:
        shown, found, spans = {}, [], {}
        for place, group in enumerate(groups):
            value, condition = group.shown(env, row[place], names[place])
            if group.granularity and value:
                spans[group.spec] = {"from": condition[1][2], "to": condition[2][2]}
                value = group.label(row[place])
            shown[group.spec] = value
            found.append(condition)
        sums = {a.key: a.value(raw, env)
                for a, raw in zip(aggregates, row[len(groups):]) if a.key != "id"
                or env.version >= 19 or not groups}
        base = list(domain or [])
        if env.version >= 19:
            line = {**shown, count: row[-1], **sums}
            everything = _joined(*found, base) or [(1, "=", 1)]
        else:
            line = {count: row[-1], **sums, **shown}
            everything = _joined(*found, base)
        line["__domain"] = everything
        if spans and env.version >= 19:
            line["__range"] = spans
        if lazy and len(specs) > 1:
            line["__context"] = {"group_by": specs[1:]}
        lines.append(line)
    return lines


@rpc("formatted_read_group", since=19)
def formatted_read_group(env: "Env", model: Model, domain, groupby=(), aggregates=(),
                         having=(), offset=0, limit=None, order=None):
    groups = [Group(env, model, spec) for spec in groupby or ()]
    found = [Aggregate(env, model, spec, spec, *_parts(spec))
             for spec in aggregates or () if spec != "__count"]
    rows = _rows(env, model, domain, groups, found, offset, limit, order)
    names = _names(env, groups, rows)
    lines = []
    for row in rows:
        line: dict[str, Any] = {}
        conditions = []
        for place, group in enumerate(groups):
            value, condition = group.shown(env, row[place], names[place])
            if group.granularity and value:
                value = [condition[1][2], group.label(row[place])]
            line[group.spec] = value
            conditions.append(condition)
        line["__extra_domain"] = _joined(*conditions) or [(1, "=", 1)]
        sums = dict(zip((a.spec for a in found), zip(found, row[len(groups):])))
        for spec in aggregates or ():
            if spec == "__count":
                line[spec] = row[-1]
            else:
                aggregate, raw = sums[spec]
                line[spec] = aggregate.value(raw, env)
        lines.append(line)
    return lines


def _parts(spec: str) -> tuple[str, str]:
    name, _, func = str(spec).partition(":")
    if not func:
        raise value_error(f"Aggregate method is mandatory for {name!r}")
    return name, func
