# SPDX-License-Identifier: MIT
"""The methods that one model has and others don't."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import read
from .models import Model
from .rpc import rpc

if TYPE_CHECKING:
    from .orm import Env


@rpc("context_get", model="res.users")
def context_get(env: "Env", model: Model):
    row = env.execute("SELECT p.lang, p.tz FROM res_users u JOIN res_partner p "
                      "ON p.id = u.partner_id WHERE u.id = ?", [env.uid]).fetchone()
    context = {"lang": row[0] or "en_US", "tz": row[1] or False}
    if env.version >= 19:
        context["uid"] = env.uid
    return context


@rpc("has_group", model="res.users", until=17)
def has_group_14(env: "Env", model: Model, group_ext_id):
    return env.odoo.access.has_group(env.uid, str(group_ext_id))


@rpc("has_group", "records", model="res.users", since=18)
def has_group(env: "Env", model: Model, ids, group_ext_id):
    return all(env.odoo.access.has_group(i, str(group_ext_id)) for i in read.integers(ids))


@rpc("get_installed", model="res.lang")
def get_installed(env: "Env", model: Model):
    return env.execute("SELECT code, name FROM res_lang WHERE active ORDER BY name").fetchall()


@rpc("get_available_models", model="ir.model", since=16)
def get_available_models(env: "Env", model: Model):
    """What the user may read, for the one who may not read ir.model."""
    if not env.odoo.access.has_group(env.uid, "base.group_user"):
        return []
    rows = env.execute("SELECT id, model, name FROM ir_model WHERE NOT transient AND "
                       "NOT COALESCE(abstract, 0) ORDER BY name, model").fetchall()
    found = []
    for number, name, description in rows:
        other = env.registry.get(name)
        if number in env.odoo.trouble.extra_models or \
                other and env.odoo.access.allowed(env.uid, other, "read"):
            found.append({"display_name": description, "model": name})
    return found


@rpc("display_name_for", model="ir.model")
def display_name_for(env: "Env", model: Model, models):
    names = dict(env.execute("SELECT model, name FROM ir_model").fetchall())
    return [{"display_name": names.get(m, m), "model": m} for m in models
            if (other := env.registry.get(m)) and env.odoo.access.allowed(env.uid, other, "read")]
