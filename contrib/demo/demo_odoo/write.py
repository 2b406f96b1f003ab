# SPDX-License-Identifier: MIT
"""create, write and unlink, with what a server checks and what it lets pass."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from . import recompute, x2many
from .faults import Fault, PythonError, ValidationError, value_error
from .fields import X2MANY, Field
from .models import Model
from .read import check_ids, exists_or_missing, raw_column
from .values import decode, foreign_key, mimetype, to_column

if TYPE_CHECKING:
    from .orm import Env

MAGIC = {"id", "create_uid", "create_date", "write_uid", "write_date", "__last_update"}


class Sorted:
    """The values of one write, sorted by where they live."""

    def __init__(self, env: "Env", model: Model, vals: dict, creating: bool):
        self.columns: dict[Field, Any] = {}
        self.links: dict[Field, Any] = {}
        self.files: dict[Field, Any] = {}
        self.properties: dict[Field, Any] = {}
        self.through: dict[str, dict[str, Any]] = {}
        self.inverse: dict[str, Any] = {}
        for name, value in vals.items():
            field = model.fields.get(name)
            if field is None:
                raise _unknown(env, model, name, creating)
            if name in MAGIC:
                continue
            if not env.odoo.access.field_allowed(env, field):
                raise env.odoo.access.field_refusal(env, model, "write", [name])
            self._sort(env, model, field, value)

    def _sort(self, env: "Env", model: Model, field: Field, value: Any) -> None:
        if field.type == "properties" and field.column:
            self.properties[field] = value
        elif field.column:
            self.columns[field] = to_column(env, model, field, value)
        elif field.type in X2MANY and field.store:
            x2many.commands(env, model, field, value)
            self.links[field] = value
        elif field.type == "binary" and field.store:
            self.files[field] = value
        elif field.related and (field.inherited or not field.readonly):
            link, _, last = field.related.partition(".")
            if last:
                self.through.setdefault(link, {})[last] = value
        elif (model.name, field.name) in INVERSE:
            self.inverse[field.name] = value


def _unknown(env: "Env", model: Model, name: Any, creating: bool) -> Fault:
    if env.version < 19:
        return value_error(f"Invalid field {name!r} on model {model.name!r}")
    if creating:
        return value_error(f"Invalid field {name!r} in {model.name!r}")
    return PythonError("builtins.KeyError", str(name))


def _dict(vals: Any) -> dict:
    if not isinstance(vals, dict):
        raise PythonError("builtins.AttributeError",
                          f"'{type(vals).__name__}' object has no attribute 'get'")
    return vals


# Writing

def write_checked(env: "Env", model: Model, ids: list[int], vals: dict) -> bool:
    """`write` with the rights of the one who calls."""
    env.odoo.access.check(env, model, "write")
    exists_or_missing(env, model, ids)
    check_ids(env, model, ids, "write")
    _refuse(env, model, "write", ids, _dict(vals))
    return write_records(env, model, ids, vals)


def write_records(env: "Env", model: Model, ids: list[int], vals: dict) -> bool:
    if not ids:
        return True
    _dict(vals)
    _not_writable(env, model)
    values = Sorted(env, model, vals, creating=False)
    listed = json.dumps(ids)
    _update_columns(env, model, ids, values.columns)
    for field, value in values.properties.items():
        _write_properties(env, model, field, ids, value)
    for link, inner in values.through.items():
        owners = {v for v in raw_column(env, model, model.fields[link], ids) if v}
        other = env.registry.models[model.fields[link].relation]
        write_records(env, other, sorted(owners), inner)
    for number in ids:
        for field, value in values.links.items():
            x2many.apply(env, model, field, number, value)
        for field, value in values.files.items():
            _write_file(env, model, field, number, value)
    for name, value in values.inverse.items():
        INVERSE[model.name, name](env, model, ids, value)
    if model.log_access:
        env.execute(f'UPDATE "{model.table}" SET write_date = ?, write_uid = ? WHERE id IN '
                    "(SELECT value FROM json_each(?))", [env.now, env.uid, listed])
    recompute.after(env, model, ids, _changed(values))
    _constraints(env, model, ids, {x.name for x in values.columns})
    return True


def _changed(values: Sorted) -> list[str]:
    return [x.name for group in (values.columns, values.links, values.files) for x in group] \
        + list(values.inverse)


def _not_writable(env: "Env", model: Model) -> None:
    if model.view:
        raise PythonError("psycopg2.errors.WrongObjectType" if env.version < 19 else
                          "psycopg2.errors.ObjectNotInPrerequisiteState",
                          f'cannot update view "{model.table}"\n')
    env.odoo.trouble.check_model(env, model)


def _update_columns(env: "Env", model: Model, ids: list[int], columns: dict) -> None:
    listed = json.dumps(ids)
    plain = {}
    for field, value in columns.items():
        if value is None and field.required and field.type != "boolean":
            raise mandatory(env, model, field)
        if field.translate and env.lang != "en_US" and _language(env):
            _translate(env, model, field, ids, value)
        else:
            plain[field.name] = value
    if plain:
        sets = ", ".join(f'"{name}" = ?' for name in plain)
        env.execute(f'UPDATE "{model.table}" SET {sets} WHERE id IN '
                    "(SELECT value FROM json_each(?))", [*plain.values(), listed])


def _language(env: "Env") -> bool:
    """Before 19 a write in a language that isn't installed overwrites the source text."""
    return env.execute("SELECT 1 FROM res_lang WHERE active AND code = ?",
                       [str(env.lang)]).fetchone() is not None


def _translate(env: "Env", model: Model, field: Field, ids: list[int], value: Any) -> None:
    for number in ids:
        if value is None:
            env.execute("DELETE FROM _translation WHERE model = ? AND field = ? AND "
                        "res_id = ?", [model.name, field.name, number])
            env.execute(f'UPDATE "{model.table}" SET "{field.name}" = NULL WHERE id = ?',
                        [number])
        else:
            env.execute("INSERT OR REPLACE INTO _translation (model, field, res_id, lang, "
                        "value) VALUES (?, ?, ?, ?, ?)",
                        [model.name, field.name, number, env.lang, value])


def _write_properties(env: "Env", model: Model, field: Field, ids: list[int],
                      value: Any) -> None:
    handler = env.odoo.properties
    for number, definition in handler.definitions(env, model, field, ids).items():
        env.execute(f'UPDATE "{model.table}" SET "{field.name}" = ? WHERE id = ?',
                    [handler.to_column(env, model, field, number, value, definition), number])


def _write_file(env: "Env", model: Model, field: Field, number: int, value: Any) -> None:
    data = None if value is None or value is False else decode(env, field, value)
    names = [field.name] + [x.name for x in model.fields.values()
                            if x.related == field.name and x.store]
    for name in names:
        env.execute("DELETE FROM ir_attachment WHERE res_model = ? AND res_field = ? AND "
                    "res_id = ?", [model.name, name, number])
        if data is not None:
            env.execute(
                "INSERT INTO ir_attachment (name, res_model, res_field, res_id, type, "
                "db_datas, file_size, checksum, mimetype, public, company_id, create_uid, "
                "create_date, write_uid, write_date) VALUES (?, ?, ?, ?, 'binary', ?, ?, ?, "
                "?, 0, 1, ?, ?, ?, ?)",
                [name, model.name, name, number, data, len(data),
                 hashlib.sha1(data).hexdigest(), mimetype(data), env.uid, env.now, env.uid,
                 env.now])


# Creating

def create_checked(env: "Env", model: Model, vals_list: list[dict]) -> list[int]:
    env.odoo.access.check(env, model, "create")
    ids = create_records(env, model, vals_list)
    check_ids(env, model, ids, "create")
    return ids


def create_records(env: "Env", model: Model, vals_list: list[dict]) -> list[int]:
    _not_writable(env, model)
    return [_create_one(env, model, dict(_dict(vals))) for vals in vals_list]


def defaults(env: "Env", model: Model, names: Any = None) -> dict:
    found = {}
    for name, field in model.fields.items():
        if (names is None or name in names) and f"default_{name}" in env.context:
            found[name] = env.context[f"default_{name}"]
        elif field.default is not None and (names is None or name in names):
            value = field.default(env) if callable(field.default) else field.default
            found[name] = value[:19] if field.type == "datetime" and value else value
    return found


def _create_one(env: "Env", model: Model, vals: dict) -> int:
    if model.name in PREPARE:
        PREPARE[model.name](env, vals)
    vals = {**defaults(env, model), **vals}
    values = Sorted(env, model, vals, creating=True)
    if model.inherits:
        parent, through = model.inherits
        link = model.fields[through]
        if not values.columns.get(link):
            inner = values.through.pop(through, {})
            values.columns[link] = create_records(env, env.registry.models[parent], [inner])[0]
    columns = {x.name: value for x, value in values.columns.items()}
    for field in model.columns():
        if field.required and columns.get(field.name) is None and field.type != "boolean" \
                and field.name not in MAGIC and not field.compute_stored:
            raise mandatory(env, model, field)
    if model.log_access:
        columns.update(create_uid=env.uid, create_date=env.now, write_uid=env.uid,
                       write_date=env.now)
    names = ", ".join(f'"{n}"' for n in columns)
    sql = f"({names}) VALUES ({', '.join('?' * len(columns))})" if columns else "DEFAULT VALUES"
    number = env.execute(f'INSERT INTO "{model.table}" {sql}', columns.values()).lastrowid
    for field, value in values.properties.items():
        _write_properties(env, model, field, [number], value)
    for link, inner in values.through.items():
        owners = [v for v in raw_column(env, model, model.fields[link], [number]) if v]
        write_records(env, env.registry.models[model.fields[link].relation], owners, inner)
    for field, value in values.links.items():
        x2many.apply(env, model, field, number, value)
    for field, value in values.files.items():
        if value:
            _write_file(env, model, field, number, value)
    for name, value in values.inverse.items():
        INVERSE[model.name, name](env, model, [number], value)
    recompute.after(env, model, [number], set(columns) | set(_changed(values)))
    _constraints(env, model, [number], set(columns))
    if (model.name, "create") in HOOKS:
        HOOKS[model.name, "create"](env, model, number)
    return number


def mandatory(env: "Env", model: Model, field: Field) -> Fault:
    if env.version < 19:
        return ValidationError(
            "The operation cannot be completed:\n- Create/update: a mandatory field is not "
            "set.\n- Delete: another model requires the record being deleted. If possible, "
            f"archive it instead.\n\nModel: {model.description} ({model.name}), "
            f"Field: {field.string} ({field.name})", "NotNullViolation")
    return ValidationError(
        "The operation cannot be completed: Missing required value for the field "
        f"'{field.string}' ({field.name}).\nModel: '{model.description}' ({model.name})\n"
        "- create/update: a mandatory field is not set\n- delete: another model requires the "
        "record being deleted, you can archive it instead\n", "NotNullViolation")


def _constraints(env: "Env", model: Model, ids: list[int], changed: set[str]) -> None:
    listed = json.dumps(ids)
    for names, text, constraint in model.unique:
        if not changed & set(names):
            continue
        same = " AND ".join(f'a."{n}" = b."{n}"' for n in names)
        if env.execute(
                f'SELECT 1 FROM "{model.table}" a JOIN "{model.table}" b ON a.id != b.id AND '
                f"{same} WHERE a.id IN (SELECT value FROM json_each(?)) LIMIT 1",
                [listed]).fetchone():
            raise violated(env, text, constraint, "UniqueViolation")
    if "parent_id" in changed and "parent_id" in model.fields:
        _no_cycle(env, model, ids)
    if model.name == "res.partner" and changed & {"name", "type"} and env.execute(
            "SELECT 1 FROM res_partner WHERE type = 'contact' AND name IS NULL AND id IN "
            "(SELECT value FROM json_each(?))", [listed]).fetchone():
        raise violated(env, "Contacts require a name", "res_partner_check_name",
                       "CheckViolation")


def violated(env: "Env", text: str, constraint: str, origin: str) -> Fault:
    """A constraint of the database. Without a language, 14 only gives its name."""
    if env.version >= 19:
        return ValidationError(f"The operation cannot be completed: {text}", origin)
    if not env.context.get("lang"):
        return ValidationError(constraint, origin)
    text = text.removesuffix("!") + " !" if text.endswith("!") else text
    return ValidationError(text, origin)


def _no_cycle(env: "Env", model: Model, ids: list[int]) -> None:
    for number in ids:
        row = env.execute(
            f'WITH RECURSIVE up(id, depth) AS (SELECT parent_id, 1 FROM "{model.table}" WHERE '
            f'id = ? UNION ALL SELECT m.parent_id, depth + 1 FROM "{model.table}" m JOIN up ON '
            "m.id = up.id WHERE depth < 100) SELECT 1 FROM up WHERE id = ?",
            [number, number]).fetchone()
        if row:
            what = "Partner hierarchies" if model.name == "res.partner" else \
                f"{model.description}"
            raise ValidationError(f"You cannot create recursive {what}.")


# Deleting

def unlink_checked(env: "Env", model: Model, ids: list[int]) -> bool:
    env.odoo.access.check(env, model, "unlink")
    exists_or_missing(env, model, ids)
    check_ids(env, model, ids, "unlink")
    _refuse(env, model, "unlink", ids)
    return unlink_records(env, model, ids)


def unlink_records(env: "Env", model: Model, ids: list[int]) -> bool:
    if not ids:
        return True
    _not_writable(env, model)
    listed = json.dumps(ids)
    orders: list[int] = []
    if model.name == "sale.order.line":
        orders = [row[0] for row in env.execute(
            "SELECT DISTINCT order_id FROM sale_order_line WHERE id IN "
            "(SELECT value FROM json_each(?))", [listed])]
    for other, field in env.registry.inverses(model.name):
        _unreference(env, other, field, listed, ids if other is model else [])
    env.execute(f'DELETE FROM "{model.table}" WHERE id IN (SELECT value FROM json_each(?))',
                [listed])
    _forget(env, model, listed)
    recompute.order_amounts(env, orders)
    if model.name in ("res.users", "res.groups", "ir.model.access"):
        env.odoo.access.forget()
    return True


def _unreference(env: "Env", other: Model, field: Field, listed: str, own: list[int]) -> None:
    """What a foreign key does to the records that point to those deleted."""
    rows = [row[0] for row in env.execute(
        f'SELECT id FROM "{other.table}" WHERE "{field.name}" IN '
        "(SELECT value FROM json_each(?))", [listed]) if row[0] not in own]
    if not rows:
        return
    if field.ondelete == "restrict":
        raise foreign_key(env, other, field)
    if field.ondelete == "cascade":
        unlink_records(env, other, rows)
    else:
        env.execute(f'UPDATE "{other.table}" SET "{field.name}" = NULL WHERE "{field.name}" '
                    "IN (SELECT value FROM json_each(?))", [listed])


def _forget(env: "Env", model: Model, listed: str) -> None:
    """Everything else that hangs on a record."""
    for some in env.registry.models.values():
        for field in some.fields.values():
            if field.type == "many2many" and field.store and field.rel:
                table, left, right = field.rel
                for owner, column in ((some.name, left), (field.relation, right)):
                    if owner == model.name:
                        env.execute(f'DELETE FROM "{table}" WHERE "{column}" IN '
                                    "(SELECT value FROM json_each(?))", [listed])
    env.execute("DELETE FROM ir_attachment WHERE res_model = ? AND res_id IN "
                "(SELECT value FROM json_each(?))", [model.name, listed])
    env.execute("DELETE FROM mail_followers WHERE res_model = ? AND res_id IN "
                "(SELECT value FROM json_each(?))", [model.name, listed])
    env.execute("DELETE FROM _translation WHERE model = ? AND res_id IN "
                "(SELECT value FROM json_each(?))", [model.name, listed])


def _refuse(env: "Env", model: Model, operation: str, ids: list[int],
            vals: dict | None = None) -> None:
    """What the business logic of a model has against it."""
    if (model.name, operation) in REFUSE:
        REFUSE[model.name, operation](env, model, ids, vals)


INVERSE: dict[tuple[str, str], Any] = {}
HOOKS: dict[tuple[str, str], Any] = {}
PREPARE: dict[str, Any] = {}
REFUSE: dict[tuple[str, str], Any] = {}
