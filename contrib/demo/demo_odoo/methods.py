# SPDX-License-Identifier: MIT
"""The methods of every model that only read; signatures are those of each version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import read
from .describe import describe_fields
from .faults import AccessError, value_error
from .models import Model
from .rpc import rpc

if TYPE_CHECKING:
    from .orm import Env

CLASSIC = read.CLASSIC


@rpc("search", until=14)
def search_14(env: "Env", model: Model, args, offset=0, limit=None, order=None, count=False):
    if count:
        return read.count(env, model, args)
    return read.search_ids(env, model, args, offset, limit, order)


@rpc("search", since=15)
def search(env: "Env", model: Model, domain, offset=0, limit=None, order=None):
    return read.search_ids(env, model, domain, offset, limit, order)


@rpc("search_count", until=14)
def search_count_14(env: "Env", model: Model, args):
    return read.count(env, model, args)


@rpc("search_count", since=15)
def search_count(env: "Env", model: Model, domain, limit=None):
    return read.count(env, model, domain, limit)


@rpc("read", "records")
def read_(env: "Env", model: Model, ids, fields=None, load=CLASSIC):
    return read.read_checked(env, model, ids, fields, load)


@rpc("search_read", until=14)
def search_read_14(env: "Env", model: Model, domain=None, fields=None, offset=0, limit=None,
                   order=None):
    return _search_read(env, model, domain, fields, offset, limit, order, CLASSIC)


@rpc("search_read", since=15)
def search_read(env: "Env", model: Model, domain=None, fields=None, offset=0, limit=None,
                order=None, load=CLASSIC):
    return _search_read(env, model, domain, fields, offset, limit, order, load)


def _search_read(env, model, domain, fields, offset, limit, order, load) -> list[dict]:
    if env.version >= 19:
        env.odoo.access.check(env, model, "read")
        fields = read.checked_names(env, model, fields)
    ids = read.search_ids(env, model, domain, offset, limit, order)
    if not ids:
        return []
    names = read.checked_names(env, model, fields)
    # Odoo forgets active_test between the search and the read: lists lack archived records then.
    context = {key: value for key, value in env.context.items() if key != "active_test"}
    return read.read_records(type(env)(env.odoo, env.uid, context, env.su, env.now), model, ids, names,
                             load)


@rpc("fields_get")
def fields_get(env: "Env", model: Model, allfields=None, attributes=None):
    return describe_fields(env, model, allfields, attributes)


@rpc("name_get", "records", until=16)
def name_get(env: "Env", model: Model, ids):
    wanted = read.integers(ids)
    env.odoo.access.check(env, model, "read")
    read.exists_or_missing(env, model, wanted)
    read.check_ids(env, model, wanted, "read")
    names = env.names(model.name, wanted)
    return [(i, names[i]) for i in wanted]


@rpc("name_search", until=16)
def name_search_14(env: "Env", model: Model, name="", args=None, operator="ilike", limit=100):
    return _name_search(env, model, name, args, operator, limit)


@rpc("name_search", since=17)
def name_search(env: "Env", model: Model, name="", domain=None, operator="ilike", limit=100):
    return _name_search(env, model, name, domain, operator, limit)


def _name_search(env, model, name, domain, operator, limit) -> list:
    domain = list(domain or [])
    if name:
        matches: list = [("display_name", operator, name)]
        for other in model.name_search:
            matches = ["|", (other, operator, name), *matches]
        domain = ["&", *matches, *(["&"] * (len(domain) - 1) if domain and not isinstance(
            domain[0], str) else []), *domain] if domain else matches
    ids = read.search_ids(env, model, domain, 0, limit)
    names = env.names(model.name, ids)
    return [(i, names[i]) for i in ids]


@rpc("check_access_rights", until=99)
def check_access_rights(env: "Env", model: Model, operation, raise_exception=True):
    allowed = env.odoo.access.allowed(env.uid, model, _operation(operation))
    if not allowed and raise_exception:
        raise env.odoo.access.refusal(env, model, operation)
    return allowed


@rpc("has_access", "records", since=18)
def has_access(env: "Env", model: Model, ids, operation):
    if not env.odoo.access.allowed(env.uid, model, _operation(operation)):
        return False
    try:
        read.check_ids(env, model, read.integers(ids), operation)
    except AccessError:
        return False
    return True


def _operation(name: Any) -> str:
    if name not in ("read", "write", "create", "unlink"):
        raise value_error("Invalid access mode")
    return name


@rpc("exists", "records")
def exists(env: "Env", model: Model, ids):
    wanted = read.integers(ids)
    return [i for i in wanted if env.execute(
        f'SELECT 1 FROM "{model.table}" WHERE id = ?', [i]).fetchone()]


@rpc("get_metadata", "records")
def get_metadata(env: "Env", model: Model, ids):
    fields = ["create_uid", "create_date", "write_uid", "write_date"]
    known = [name for name in fields if name in model.fields]
    records = read.read_checked(env, model, ids, known)
    return [{**dict.fromkeys(fields, False), **r, "xmlid": False, "noupdate": False}
            for r in records]
