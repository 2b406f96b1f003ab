# SPDX-License-Identifier: MIT
"""Reading: search, read and their kin, one query for each table that a call touches."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Callable

from . import domain as domains
from . import order as orders
from .faults import MissingError, PythonError, type_error, value_error
from .fields import NUMBERS, Field
from .models import Model
from .names import translations
from .trouble import refused_field

if TYPE_CHECKING:
    from .orm import Env

CLASSIC = "_classic_read"


def search_ids(env: "Env", model: Model, domain: Any = None, offset: int = 0,
               limit: int | None = None, order: str | None = None) -> list[int]:
    env.odoo.access.check(env, model, "read")
    env.odoo.trouble.check_model(env, model)
    where, args = domains.where(env, model, domain)
    clause = orders.clause(env, model, order)
    if "write_date" in where and clause.startswith("t.id"):
        clause = f"+{clause}"  # or SQLite walks all ids instead of the index on write_date
    sql = f'SELECT t.id FROM "{model.table}" t WHERE {where} ORDER BY {clause}'
    if limit or offset:
        sql += f" LIMIT {int(limit) if limit else -1} OFFSET {int(offset or 0)}"
    return [row[0] for row in env.execute(sql, args)]


def count(env: "Env", model: Model, domain: Any = None, limit: int | None = None) -> int:
    env.odoo.access.check(env, model, "read")
    env.odoo.trouble.check_model(env, model)
    where, args = domains.where(env, model, domain)
    if limit:
        sql = (f'SELECT count(*) FROM (SELECT 1 FROM "{model.table}" t WHERE {where} '
               f"LIMIT {int(limit)})")
    else:
        sql = f'SELECT count(*) FROM "{model.table}" t WHERE {where}'
    return env.execute(sql, args).fetchone()[0]


def readable_fields(env: "Env", model: Model) -> list[str]:
    return [name for name, x in model.fields.items()
            if env.odoo.access.field_allowed(env, x)]


def checked_names(env: "Env", model: Model, names: Any) -> list[str]:
    """The fields to read, `names` being what the client asked for."""
    if not names:
        return readable_fields(env, model)
    refused = []
    for name in names:
        field = model.fields.get(name) if isinstance(name, str) else None
        if field is None:
            if env.version >= 19:
                raise value_error(f"Invalid field {name!r} on '{model.name}'")
            raise value_error(f"Invalid field {name!r} on model '{model.name}'")
        if not env.odoo.access.field_allowed(env, field):
            refused.append(name)
    if refused:
        raise env.odoo.access.field_refusal(env, model, "read", refused)
    return list(dict.fromkeys(names))


def check_ids(env: "Env", model: Model, ids: list[int], operation: str) -> list[int]:
    """The ids that exist; one that a rule forbids fails them all."""
    ids = [i for i in ids if i not in env.odoo.trouble.lost.get(model.name, ())]
    listed = json.dumps(ids)
    exist = {row[0] for row in env.execute(
        f'SELECT id FROM "{model.table}" WHERE id IN (SELECT value FROM json_each(?))',
        [listed])}
    if not env.su:
        forbidden = set(env.odoo.trouble.hidden_ids(env, model.name)) & exist
        rule = env.odoo.access.rule_domain(env, model)
        if rule:
            sql, args = domains.compile_domain(env.sudo(), model, rule)
            allowed = {row[0] for row in env.execute(
                f'SELECT t.id FROM "{model.table}" t WHERE t.id IN (SELECT value FROM '
                f"json_each(?)) AND ({sql})", [listed, *args])}
            forbidden |= exist - allowed
        if forbidden:
            bad = sorted(forbidden)
            raise env.odoo.access.rule_refusal(env, model, operation, bad)
    return [i for i in ids if i in exist]


def integers(ids: Any) -> list[int]:
    """What a client sent as ids; what can be no id is 0 or less, or a fault."""
    if isinstance(ids, bool) or ids is None:
        return []
    if isinstance(ids, int):
        return [ids]
    flat = []
    for item in [ids] if isinstance(ids, str) else ids:
        if isinstance(item, (list, dict)):
            raise type_error(f"unhashable type: '{type(item).__name__}'")
        if isinstance(item, str) and not item.isdigit():
            raise PythonError("psycopg2.errors.InvalidTextRepresentation",
                              f'invalid input syntax for type integer: "{item}"\nLINE 1: …\n')
        flat.append(item if isinstance(item, int) and abs(item) < 1 << 62 else -1)
    return flat


def read_records(env: "Env", model: Model, ids: list[int], names: list[str],
                 load: str | None = CLASSIC) -> list[dict]:
    """The records that exist, in the order asked for; no rights are checked."""
    fields = [model.fields[name] for name in names if name != "id"]
    columns = [x for x in fields if x.column]
    selected = "".join(f', "{x.name}"' for x in columns)
    rows = {row[0]: row for row in env.execute(
        f'SELECT id{selected} FROM "{model.table}" WHERE id IN '
        "(SELECT value FROM json_each(?))", [json.dumps(ids)])}
    lost = env.odoo.trouble.lost.get(model.name, ())
    found = [i for i in ids if i in rows and i not in lost]
    if not found:
        return []
    for field in fields:
        env.odoo.trouble.check_field(env, model, field, found)
    table = list(zip(*(rows[i] for i in found)))
    values: dict[str, list] = {"id": found}
    for field, column in zip(columns, table[1:]):
        values[field.name] = _convert(env, model, field, found, column, load)
    values.update(_elsewhere(env, model, [x for x in fields if not x.column], found, load))
    order = ["id", *(x.name for x in fields)]
    return [dict(zip(order, row)) for row in zip(*(values[name] for name in order))]


def _convert(env: "Env", model: Model, field: Field, ids: list[int], column: tuple,
             load: str | None) -> list:
    """A column of the table as RPC gives it."""
    kind = field.type
    if kind == "many2one":
        return _named(env, field, column, load)
    if kind in NUMBERS:
        zero = 0 if kind == "integer" else 0.0
        return [zero if v is None else v for v in column]
    if kind == "boolean":
        return [bool(v) for v in column]
    if kind == "datetime":
        return [v[:19] if v else False for v in column]
    if kind == "many2one_reference":
        return [v or 0 for v in column]
    if kind == "binary":
        return [env.binary_value(v) for v in column]
    if kind == "json":
        return [False if v is None else json.loads(v) for v in column]
    if kind == "properties":
        return env.odoo.properties.read(env, model, field, ids, column, load)
    if kind == "properties_definition":
        return [json.loads(v) if v else [] for v in column]
    plain = [False if v is None else v for v in column]
    if field.translate and env.lang != "en_US":
        other = translations(env, model, field.name, ids)
        if other:
            return [other.get(i, v) for i, v in zip(ids, plain)]
    return plain


def _named(env: "Env", field: Field, column: tuple | list, load: str | None) -> list:
    if load != CLASSIC:
        return [v or False for v in column]
    names = env.names(field.relation, {v for v in column if v})
    return [(v, names[v]) if v in names else False for v in column]


def _elsewhere(env: "Env", model: Model, fields: list[Field], ids: list[int],
               load: str | None) -> dict[str, list]:
    """Values that live outside the model's own table."""
    values: dict[str, list] = {}
    through: dict[str, list[Field]] = {}
    files = [x for x in fields if x.type == "binary" and x.attachment and x.store]
    if files:
        values.update(_files(env, model, files, ids))
    for field in fields:
        if field.name in values:
            continue
        if field.name == "display_name" and field.compute is True:
            names = env.names(model.name, ids)
            values[field.name] = [names.get(i, False) for i in ids]
        elif field.name == "__last_update":
            values[field.name] = _last_update(env, model, ids)
        elif field.type in ("one2many", "many2many") and field.store:
            values[field.name] = _linked(env, model, field, ids)
        elif field.related:
            through.setdefault(field.related.partition(".")[0], []).append(field)
        else:
            result = field.compute(env, model, ids)
            column = [result.get(i, False) for i in ids]
            if field.type == "many2one":
                column = _named(env, field, column, load)
            values[field.name] = column
    for name, related in through.items():
        values.update(_through(env, model, model.fields[name], related, ids, load))
    return values


def _files(env: "Env", model: Model, fields: list[Field], ids: list[int]) -> dict[str, list]:
    sized = env.bin_size
    column = "file_size" if sized else "db_datas"
    found: dict[str, dict] = {x.name: {} for x in fields}
    for name, number, value in env.execute(
            f"SELECT res_field, res_id, {column} FROM ir_attachment WHERE res_model = ? AND "
            "res_field IN (SELECT value FROM json_each(?)) AND res_id IN "
            "(SELECT value FROM json_each(?))",
            [model.name, json.dumps(list(found)), json.dumps(ids)]):
        found[name][number] = human_size(value) if sized else \
            base64.b64encode(value or b"").decode()
    return {name: [values.get(i, False) for i in ids] for name, values in found.items()}


def human_size(size: int) -> str:
    value = float(size or 0)
    for unit in ("bytes", "Kb", "Mb", "Gb"):
        if value < 1024 or unit == "Gb":
            break
        value /= 1024
    return f"{value:.2f} {unit}"


def _last_update(env: "Env", model: Model, ids: list[int]) -> list:
    if not model.log_access:
        return [env.now[:19]] * len(ids)
    rows = dict(env.execute(
        f'SELECT id, COALESCE(write_date, create_date) FROM "{model.table}" '
        "WHERE id IN (SELECT value FROM json_each(?))", [json.dumps(ids)]))
    return [rows[i][:19] if rows.get(i) else False for i in ids]


def _linked(env: "Env", model: Model, field: Field, ids: list[int]) -> list:
    """The ids of a one2many or many2many field, those only that may be read."""
    other = env.registry.models[field.relation]
    if not env.su and not env.odoo.access.allowed(env.uid, other, "read"):
        raise refused_field(env, model, field)
    where, args = domains.where(env, other, list(field.domain or []))
    listed = json.dumps(ids)
    clause = orders.clause(env, other, None)
    if field.type == "many2many":
        table, left, right = field.rel
        sql = (f'SELECT r."{left}", t.id FROM "{table}" r JOIN "{other.table}" t ON t.id = '
               f'r."{right}" WHERE r."{left}" IN (SELECT value FROM json_each(?)) AND '
               f"({where}) ORDER BY {clause}")
        args = [listed, *args]
    else:
        inverse = other.fields[field.inverse]
        extra = ""
        if inverse.type == "many2one_reference":
            extra = f" AND t.\"{inverse.model_field}\" = '{model.name}'"
        sql = (f'SELECT t."{field.inverse}", t.id FROM "{other.table}" t WHERE '
               f't."{field.inverse}" IN (SELECT value FROM json_each(?)){extra} AND '
               f"({where}) ORDER BY {clause}")
        args = [listed, *args]
    found: dict[int, list[int]] = {}
    for owner, number in env.execute(sql, args):
        found.setdefault(owner, []).append(number)
    return [found.get(i, []) for i in ids]


def _through(env: "Env", model: Model, link: Field, fields: list[Field], ids: list[int],
             load: str | None) -> dict[str, list]:
    """Related fields, read in one go from the records that `link` points to."""
    owners = dict(zip(ids, raw_column(env, model, link, ids)))
    other = env.registry.models[link.relation]
    last = {x.name: x.related.partition(".")[2] for x in fields}
    targets = sorted({v for v in owners.values() if v})
    rows = {r["id"]: r for r in read_records(env.sudo(), other, targets,
                                             list(dict.fromkeys(last.values())), load)}
    values = {}
    for field in fields:
        empty = empty_value(field)
        name = last[field.name]
        values[field.name] = [rows[owners[i]][name] if owners[i] in rows else empty
                              for i in ids]
    return values


def raw_column(env: "Env", model: Model, field: Field, ids: list[int]) -> list:
    if field.column:
        rows = dict(env.execute(
            f'SELECT id, "{field.name}" FROM "{model.table}" WHERE id IN '
            "(SELECT value FROM json_each(?))", [json.dumps(ids)]))
        return [rows.get(i) for i in ids]
    rows = {r["id"]: r[field.name] for r in read_records(env, model, ids, [field.name], "")}
    return [rows.get(i) for i in ids]


def empty_value(field: Field) -> Any:
    if field.type in ("one2many", "many2many"):
        return []
    if field.type in ("integer", "many2one_reference"):
        return 0
    if field.type in ("float", "monetary"):
        return 0.0
    return False


def read_checked(env: "Env", model: Model, ids: list[int], names: Any,
                 load: str | None = CLASSIC, convert: Callable = integers) -> list[dict]:
    """`read` as a client calls it."""
    access = env.odoo.access
    access.check(env, model, "read")
    names = checked_names(env, model, names)
    wanted = convert(ids)
    env.odoo.trouble.check_model(env, model)
    if names == ["id"]:
        if env.version >= 19:
            return [{"id": i} for i in wanted]
        exists_or_missing(env, model, wanted)
    real = [i for i in wanted if i > 0]
    records = {r["id"]: r for r in read_records(
        env, model, check_ids(env, model, real, "read"), names, load)}
    result = []
    for number in wanted:
        if number in records:
            result.append(records[number])
        elif number == 0:
            result.append({"id": 0, **{n: empty_value(model.fields[n]) for n in names
                                       if n != "id"}})
    return result


def exists_or_missing(env: "Env", model: Model, ids: list[int]) -> None:
    known = {row[0] for row in env.execute(
        f'SELECT id FROM "{model.table}" WHERE id IN (SELECT value FROM json_each(?))',
        [json.dumps(ids)])}
    gone = [i for i in ids if i not in known]
    if gone:
        raise missing(env, model, gone)


def missing(env: "Env", model: Model, ids: list[int]) -> MissingError:
    listed = "".join(f"{i}," for i in ids) if len(ids) == 1 else ", ".join(map(str, ids))
    return MissingError("Record does not exist or has been deleted.\n"
                        f"(Record: {model.name}({listed}), User: {env.uid})")
