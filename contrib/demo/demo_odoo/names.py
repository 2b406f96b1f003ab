# SPDX-License-Identifier: MIT
"""Display names, and translations of what is stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Iterable

from .models import Model

if TYPE_CHECKING:
    from .orm import Env


def name_sql(env: "Env", model: Model) -> str:
    """The display name as SQL over the alias `t`."""
    if model.name_sql:
        return model.name_sql
    if model.rec_name:
        field = model.fields[model.rec_name]
        if field.column:
            column = f't."{model.rec_name}"'
            if field.translate and env.lang != "en_US":
                column = (f"COALESCE((SELECT x.value FROM _translation x WHERE x.model = "
                          f"'{model.name}' AND x.field = '{field.name}' AND x.lang = "
                          f"'{env.lang_literal}' AND x.res_id = t.id), {column})")
            return f"COALESCE({column}, '')"
    return f"'{model.name},' || t.id"


def names(env: "Env", model: Model, ids: Iterable[int]) -> dict[int, str]:
    """Display names by id; missing records have none."""
    listed = json.dumps(list(ids))
    if not model.has_table:
        return {}
    return dict(env.db.execute(
        f'SELECT t.id, {name_sql(env, model)} FROM "{model.table}" t '
        "WHERE t.id IN (SELECT value FROM json_each(?))", (listed,)))


def translations(env: "Env", model: Model, field: str, ids: list[int]) -> dict[int, str]:
    return dict(env.db.execute(
        "SELECT res_id, value FROM _translation WHERE model = ? AND field = ? AND lang = ? "
        "AND res_id IN (SELECT value FROM json_each(?))",
        (model.name, field, env.lang, json.dumps(ids))))
