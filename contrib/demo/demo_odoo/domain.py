# SPDX-License-Identifier: MIT
"""Domains: the prefix notation parsed, checked, and turned into SQL.

A domain is a list of leaves (field, operator, value) and of the operators '&', '|' (two
operands) and '!' (one) before them; leaves in a row are joined by '&'.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from . import order
from .faults import Fault, PythonError, type_error, value_error
from .fields import TEXTS, Field
from .models import Model

if TYPE_CHECKING:
    from .orm import Env

OPERATORS = {"=", "!=", "<>", "==", ">", ">=", "<", "<=", "in", "not in", "like", "ilike",
             "not like", "not ilike", "=like", "=ilike", "child_of", "parent_of", "=?",
             "any", "not any"}
NEGATED = {"!=": "=", "<>": "=", "not in": "in", "not like": "like", "not ilike": "ilike",
           "not any": "any"}
Sql = tuple[str, list]
NOTHING: Sql = ("0", [])
ALL: Sql = ("1", [])


def is_leaf(item: Any) -> bool:
    return isinstance(item, (list, tuple)) and len(item) == 3


def mentions(domain: Any, name: str) -> bool:
    return any(is_leaf(x) and x[0] == name for x in domain or ())


def active_name(model: Model) -> str | None:
    for name in ("active", "x_active"):
        if name in model.fields:
            return name
    return None


def where(env: "Env", model: Model, domain: Any, active_test: bool | None = None) -> Sql:
    """The condition of a search: domain, archived records left out, record rules."""
    domain = _checked(env, domain)
    if active_test is None:
        active_test = env.context.get("active_test", True) is not False
    active = active_name(model)
    parts = [compile_domain(env, model, domain)]
    if active and active_test and not mentions(domain, active):
        parts.append((f't."{active}" = 1', []))
    if model.name == "ir.attachment" and not env.su:
        if not (mentions(domain, "id") or mentions(domain, "res_field")) or env.version < 19:
            parts.append(('t."res_field" IS NULL', []))
    rule = env.odoo.access.rule_domain(env, model)
    if rule:
        parts.append(compile_domain(env.sudo(), model, rule))
    hidden = env.odoo.trouble.hidden_ids(env, model.name)
    if hidden:
        parts.append((f"t.id NOT IN ({','.join(map(str, hidden))})", []))
    parts = [p for p in parts if p != ALL]
    if not parts:
        return ALL
    return " AND ".join(f"({sql})" for sql, _ in parts), [a for _, args in parts for a in args]


def _checked(env: "Env", domain: Any) -> list:
    if domain is None or domain is False:
        return []
    if not isinstance(domain, (list, tuple)):
        if env.version >= 19:
            raise type_error(f"Domain() invalid argument type for domain: {domain!r}")
        raise PythonError("builtins.AssertionError", "Domains to normalize must have a "
                          "'domain' form: a list or tuple of domain components")
    return list(domain)


def compile_domain(env: "Env", model: Model, domain: list) -> Sql:
    """SQL over the alias `t` of the model's table."""
    stack: list[Sql] = []
    for item in reversed(domain):
        if isinstance(item, str) and item in ("&", "|", "!"):
            need = 1 if item == "!" else 2
            if len(stack) < need:
                raise _malformed(env, domain)
            first = stack.pop()
            if item == "!":
                stack.append((f"NOT COALESCE(({first[0]}), 0)", first[1]))
            else:
                second = stack.pop()
                word = "AND" if item == "&" else "OR"
                stack.append((f"({first[0]}) {word} ({second[0]})", first[1] + second[1]))
        elif is_leaf(item):
            stack.append(_leaf(env, model, item))
        else:
            raise _malformed(env, domain, item)
    if not stack:
        return ALL
    if len(stack) == 1:
        return stack[0]
    stack.reverse()
    return " AND ".join(f"({s})" for s, _ in stack), [a for _, args in stack for a in args]


def _malformed(env: "Env", domain: list, item: Any = None) -> Fault:
    if env.version >= 19:
        if item is None:
            return value_error(f"Domain() malformed domain {domain!r}")
        return value_error(f"Domain() invalid item in domain: {item!r}")
    if item is None:
        return PythonError("builtins.AssertionError",
                           f"This domain is syntactically not correct: {domain!r}")
    if isinstance(item, str) and len(item) < 2:
        return PythonError("builtins.IndexError", "string index out of range")
    return value_error(f"Invalid leaf {item!r}")


def _leaf(env: "Env", model: Model, leaf: Any) -> Sql:
    name, operator, value = leaf
    if not isinstance(name, str) or not isinstance(operator, str):
        if (name, value) == (1, 1) and operator == "=":
            return ALL
        if (name, value) == (0, 1) and operator == "=":
            return NOTHING
        raise _malformed(env, [leaf], leaf)
    operator = operator.lower()
    if operator not in OPERATORS or env.version < 17 and "any" in operator:
        if env.version >= 19:
            raise value_error(f"Invalid operator in condition {tuple(leaf)!r}")
        raise value_error(f"Invalid leaf {tuple(leaf)!r}")
    operator = {"<>": "!=", "==": "="}.get(operator, operator)
    if operator == "=?":
        if value is False or value is None:
            return ALL
        operator = "="
    first, _, rest = name.partition(".")
    field = model.fields.get(first)
    if field is None:
        if env.version >= 19:
            raise value_error(f"Invalid field {model.name}.{first} in condition "
                              f"{tuple(leaf)!r}")
        raise value_error(f"Invalid field {model.name}.{first} in leaf {tuple(leaf)!r}")
    if env.version >= 19 and not env.odoo.access.field_allowed(env, field):
        raise env.odoo.access.field_refusal(env, model, "read", [first])
    if rest and field.type in ("properties", "json"):
        return _property(field, rest, operator, value)
    if rest or operator in ("any", "not any"):
        return _through(env, model, field, rest, operator, value)
    return _condition(env, model, field, operator, value)


def _through(env: "Env", model: Model, field: Field, rest: str, operator: str,
             value: Any) -> Sql:
    """A condition on the records that a relational field points to."""
    other = env.registry.get(field.relation)
    if other is None:
        if env.version < 19:
            raise PythonError("builtins.AttributeError",
                              f"'{field.type.title()}' object has no attribute 'auto_join'")
        raise value_error(f"Invalid field property {rest!r} on {model.name}.{field.name}")
    if rest:
        inner = [(rest, operator, value)]
        negated = False
    else:
        inner, negated = list(value), operator == "not any"
    single = field.type == "many2one"
    sql, args = where(env.sudo(), other, inner, active_test=False if single else None)
    sql, args = _pointing_to(env, model, field, f'SELECT t.id FROM "{other.table}" t '
                                                f"WHERE {sql}", args)
    return (f"NOT COALESCE(({sql}), 0)", args) if negated else (sql, args)


def _pointing_to(env: "Env", model: Model, field: Field, ids_sql: str, args: list) -> Sql:
    """Records of `model` whose field points into a set of ids given as SQL."""
    if field.related and not field.column:
        path, _, last = field.related.rpartition(".")
        return _nested(env, model, path, last,
                       lambda m, x: _pointing_to(env, m, x, ids_sql, args))
    if field.type == "many2one":
        return f't."{field.name}" IN ({ids_sql})', args
    if field.pointing:
        return field.pointing(ids_sql), args
    if field.type == "many2many" and field.rel:
        table, left, right = field.rel
        return f't.id IN (SELECT "{left}" FROM "{table}" WHERE "{right}" IN ({ids_sql}))', args
    if field.type == "one2many":
        other = env.registry.models[field.relation]
        inverse = other.fields[field.inverse]
        extra = ""
        if inverse.type == "many2one_reference":
            extra = f" AND \"{inverse.model_field}\" = '{model.name}'"
        return (f't.id IN (SELECT "{field.inverse}" FROM "{other.table}" '
                f"WHERE id IN ({ids_sql}){extra})", args)
    return _not_searchable(env, model, field)


def _nested(env: "Env", model: Model, path: str, last: str, make: Any) -> Sql:
    """A condition on the end of a many2one path, made by `make(model, field)`."""
    chain, current = [], model
    for step in path.split("."):
        chain.append(step)
        current = env.registry.models[current.fields[step].relation]
    sql, args = make(current, current.fields[last])
    for step in reversed(chain[1:]):
        previous = model
        for name in chain[:chain.index(step)]:
            previous = env.registry.models[previous.fields[name].relation]
        sql = f't."{step}" IN (SELECT t.id FROM "{current.table}" t WHERE {sql})'
        current = previous
    return f't."{chain[0]}" IN (SELECT t.id FROM "{current.table}" t WHERE {sql})', args


def _not_searchable(env: "Env", model: Model, field: Field) -> Sql:
    """Before 19, a condition that can't be searched for holds for every record."""
    if env.version < 19:
        return ALL
    raise value_error(f"Cannot convert {model.name}.{field.name} to SQL because it is not "
                      "stored")


def _property(field: Field, name: str, operator: str, value: Any) -> Sql:
    sql = f"json_extract(t.\"{field.name}\", '$.' || ?)"
    if operator in ("=", "!="):
        return f"{sql} {'IS' if operator == '=' else 'IS NOT'} ?", [name, value]
    if operator in ("in", "not in"):
        return f"{sql} {operator} ({','.join('?' * len(value))})", [name, *value]
    return f"{sql} LIKE ?", [name, f"%{value}%"]


def _by_name(env: "Env", model: Model, operator: str, value: Any) -> Sql:
    """From 17 on what a record is called is searched for as name_search does: by code, email, …"""
    if operator in NEGATED:
        sql, args = _by_name(env, model, NEGATED[operator], value)
        return f"NOT COALESCE(({sql}), 0)", args
    found = [_text(env, env.name_sql(model), operator, value)]
    found += [_condition(env, model, model.fields[other], operator, value)
              for other in model.name_search]
    return (" OR ".join(f"({sql})" for sql, _ in found),
            [arg for _, args in found for arg in args])


def _condition(env: "Env", model: Model, field: Field, operator: str, value: Any) -> Sql:
    if field.name == "id":
        return _on_id(env, model, operator, value)
    if field.related and not field.column and field.type not in ("one2many", "many2many"):
        path, _, last = field.related.rpartition(".")
        if path:
            if operator in NEGATED:
                sql, args = _condition(env, model, field, NEGATED[operator], value)
                return f"NOT COALESCE(({sql}), 0)", args
            return _nested(env, model, path, last,
                           lambda m, x: _condition(env, m, x, operator, value))
    if field.name == "display_name" and not field.column and env.version >= 17:
        return _by_name(env, model, operator, value)
    if field.name == "display_name" and not field.column or \
            model.name == "res.groups" and field.name == "full_name":
        return _text(env, env.name_sql(model), operator, value)
    if field.relation:
        return _relational(env, model, field, operator, value)
    if field.type == "binary":
        if operator in ("=", "!=") and not value:
            sql = ("EXISTS (SELECT 1 FROM ir_attachment a WHERE a.res_model = ? AND "
                   "a.res_field = ? AND a.res_id = t.id)")
            has = (sql, [model.name, field.name])
            return has if operator == "!=" else (f"NOT {sql}", has[1])
        return ALL
    if not field.column:
        if field.type == "datetime" and field.name == "__last_update":
            return _condition(env, model, model.fields["write_date"], operator, value)
        return _not_searchable(env, model, field)
    column = f't."{field.name}"'
    if field.translate and env.lang != "en_US":
        column = (f"COALESCE((SELECT x.value FROM _translation x WHERE x.model = "
                  f"'{model.name}' AND x.field = '{field.name}' AND x.lang = "
                  f"'{env.lang_literal}' AND x.res_id = t.id), {column})")
    if field.type in ("date", "datetime"):
        return _temporal(env, field, column, operator, value)
    if field.type == "boolean":
        return _boolean(column, operator, value)
    if field.type in TEXTS or field.type in ("selection", "reference"):
        return _text(env, column, operator, value)
    if field.type == "integer" and isinstance(value, str) and "like" not in operator:
        try:
            value = int(value)
        except ValueError as error:
            raise value_error(str(error)) from error
    return _number(env, column, operator, value)


def _boolean(column: str, operator: str, value: Any) -> Sql:
    column = f"COALESCE({column}, 0)"
    if operator in ("in", "not in"):
        values = {int(bool(x)) for x in value} or {2}
        return f"{column} {operator} ({','.join(map(str, values))})", []
    return f"{column} {'=' if operator == '=' else '!='} {int(bool(value))}", []


def _number(env: "Env", column: str, operator: str, value: Any) -> Sql:
    if operator in ("in", "not in"):
        return _in(column, operator, value)
    if "like" in operator:
        return _text(env, f"CAST({column} AS TEXT)", operator, value)
    if value is False or value is None:
        if env.version >= 19:
            return f"COALESCE({column}, 0) {operator} 0", []
        return f"{column} {'IS NULL' if operator == '=' else 'IS NOT NULL'}", []
    if operator == "!=":
        return f"({column} != ? OR {column} IS NULL)", [value]
    if env.version >= 19 and value == 0 and operator in ("=", "<=", ">="):
        return f"COALESCE({column}, 0) {operator} 0", []
    return f"{column} {operator} ?", [value]


def _in(column: str, operator: str, value: Any) -> Sql:
    values = list(value) if isinstance(value, (list, tuple)) else [value]
    empty = any(x is False or x is None for x in values)
    rest = [x for x in values if x is not False and x is not None]
    sql, args = ("0", []) if not rest else (
        f"{column} IN ({','.join('?' * len(rest))})", rest)
    if empty:
        sql = f"({sql} OR {column} IS NULL)"
    if operator == "in":
        return sql, args
    return f"NOT COALESCE(({sql}), 0)", args


def _text(env: "Env", column: str, operator: str, value: Any) -> Sql:
    if operator in ("in", "not in"):
        return _in(column, operator, value)
    if "like" in operator:
        return _like(column, operator, value)
    if value is False or value is None:
        return f"{column} {'IS NULL' if operator == '=' else 'IS NOT NULL'}", []
    if operator == "!=":
        return f"({column} != ? OR {column} IS NULL)", [value]
    return f"{column} {operator} ?", [str(value)]


def _like(column: str, operator: str, value: Any) -> Sql:
    pattern = "" if value is False or value is None else str(value)
    if not operator.startswith("="):
        pattern = f"%{pattern}%"
    if operator.endswith("ilike"):
        if pattern.isascii():
            sql, args = f"{column} LIKE ? ESCAPE '\\'", [pattern]
        else:
            sql, args = f"folded_like(?, {column})", [pattern]
    else:
        sql, args = f"{column} GLOB ?", [_glob(pattern)]
    if operator.startswith("not"):
        return f"NOT COALESCE(({sql}), 0)", args
    return sql, args


def _glob(pattern: str) -> str:
    """A LIKE pattern as one for GLOB, which does tell upper from lower case."""
    parts, escaped = [], False
    for char in pattern:
        if not escaped and char == "\\":
            escaped = True
            continue
        if not escaped and char in "%_":
            parts.append("*" if char == "%" else "?")
        else:
            parts.append(f"[{char}]" if char in "*?[" else char)
        escaped = False
    return "".join(parts)


def _temporal(env: "Env", field: Field, column: str, operator: str, value: Any) -> Sql:
    if operator in ("in", "not in"):
        parts = [_temporal(env, field, column, "=", x) for x in value]
        sql = " OR ".join(f"({s})" for s, _ in parts) or "0"
        args = [a for _, more in parts for a in more]
        return (sql, args) if operator == "in" else (f"NOT COALESCE(({sql}), 0)", args)
    if value is False or value is None:
        return f"{column} {'IS NULL' if operator == '=' else 'IS NOT NULL'}", []
    if "like" in operator:
        return _text(env, column, operator, value)
    text = str(value)
    if not text[:4].isdigit():
        if env.version >= 19:
            raise value_error(f"Invalid term {text!r} in expression date: {text!r}")
        kind = "timestamp" if field.type == "datetime" else "date"
        raise PythonError("psycopg2.errors.InvalidDatetimeFormat",
                          f'invalid input syntax for type {kind}: "{text}"\nLINE 1: …\n')
    if field.type == "date":
        return _number(env, column, operator, text[:10])
    text = normal_datetime(text, operator)
    if env.version < 19 or not text.endswith(".000000"):
        return _number(env, column, operator, text)
    # From 19 on, a value of whole seconds stands for all of that second.
    following = _second_after(text)
    if operator == "=":
        return f"({column} >= ? AND {column} < ?)", [text, following]
    if operator == "!=":
        return f"({column} < ? OR {column} >= ? OR {column} IS NULL)", [text, following]
    if operator == ">":
        return f"{column} >= ?", [following]
    if operator == "<=":
        return f"{column} < ?", [following]
    return f"{column} {operator} ?", [text]


def normal_datetime(text: str, operator: str = "=") -> str:
    """YYYY-MM-DD HH:MM:SS.ffffff, as the tables keep it."""
    text = text.replace("T", " ")
    if len(text) == 10:
        text += " 23:59:59" if operator in (">", "<=") else " 00:00:00"
    if "." not in text:
        text += ".000000"
    return text


def _second_after(text: str) -> str:
    try:
        moment = datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f")
    except ValueError:
        raise value_error(f"Invalid datetime {text!r}") from None
    return (moment + timedelta(seconds=1)).strftime("%Y-%m-%d %H:%M:%S.%f")


def _on_id(env: "Env", model: Model, operator: str, value: Any) -> Sql:
    if operator in ("child_of", "parent_of"):
        return f"t.id IN ({order.family(env, model, operator, value)})", []
    if "like" in operator:
        return _text(env, "CAST(t.id AS TEXT)", operator, value)
    if operator in ("in", "not in"):
        if not isinstance(value, (list, tuple)):
            if isinstance(value, str) and env.version < 19:
                raise value_error(f"Invalid domain term ('id', {operator!r}, {value!r})")
            value = [value] if value else []
        ids = ",".join(str(_integer(x)) for x in value if x)
        return f"t.id {operator.upper()} ({ids})", []
    if value is not False and value is not None:
        value = _integer(value)
        if env.version < 19 and abs(value) >= 1 << 31:
            raise PythonError(
                "psycopg2.errors.NumericValueOutOfRange",
                f'value "{value}" is out of range for type integer\n'
                f"LINE 1: ...{model.table}\".\"id\" {operator} '{str(value)[:9]}...\n")
    if operator == "!=":
        return ("t.id != ?", [value]) if value else ALL
    return (f"t.id {operator} ?", [value]) if value or operator != "=" else NOTHING


def _integer(value: Any) -> int:
    """An id in a domain, small enough for SQLite."""
    if isinstance(value, str) and not value.lstrip("-").isdigit():
        raise PythonError("psycopg2.errors.InvalidTextRepresentation",
                          f'invalid input syntax for type integer: "{value}"\nLINE 1: …\n')
    return max(-(1 << 62), min(1 << 62, int(value)))


def _relational(env: "Env", model: Model, field: Field, operator: str, value: Any) -> Sql:
    other = env.registry.models[field.relation]
    if operator in NEGATED:
        sql, args = _relational(env, model, field, NEGATED[operator], value)
        return f"NOT COALESCE(({sql}), 0)", args
    if operator in ("child_of", "parent_of"):
        ids = order.family(env, other, operator, value)
        return _pointing_to(env, model, field, ids, [])
    if "like" in operator or isinstance(value, str):
        name, args = _text(env, env.name_sql(other), operator, value)
        return _pointing_to(env, model, field,
                            f'SELECT t.id FROM "{other.table}" t WHERE {name}', args)
    values = list(value) if isinstance(value, (list, tuple)) else [value]
    if any(isinstance(x, str) for x in values):
        parts = [_relational(env, model, field, "=", x) for x in values]
        return " OR ".join(f"({s})" for s, _ in parts), [a for _, b in parts for a in b]
    ids = [int(x) for x in values if x is not False and x is not None]
    parts: list[Sql] = []
    if ids:
        listed = ",".join(map(str, ids))
        if operator in (">", ">=", "<", "<=") and field.type == "many2one":
            return f't."{field.name}" {operator} {ids[0]}', []
        parts.append(_pointing_to(env, model, field, listed, []))
    if len(ids) < len(values):
        if field.type == "many2one" and field.column:
            parts.append((f't."{field.name}" IS NULL', []))
        else:
            sql, args = _pointing_to(env, model, field, f'SELECT id FROM "{other.table}"', [])
            parts.append((f"NOT COALESCE(({sql}), 0)", args))
    return " OR ".join(f"({s})" for s, _ in parts) or "0", [a for _, b in parts for a in b]
