# SPDX-License-Identifier: MIT
"""Properties: values whose definition is kept by a parent record."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .fields import Field
from .models import Model

if TYPE_CHECKING:
    from .orm import Env


class Properties:
    """Reading and writing of `properties` fields."""

    def definitions(self, env: "Env", model: Model, field: Field,
                    ids: list[int]) -> dict[int, list[dict]]:
        """The definition that holds for each record."""
        from .read import raw_column
        through, _, name = field.definition.partition(".")
        link = model.fields[through]
        other = env.registry.models[link.relation]
        parents = dict(zip(ids, raw_column(env, model, link, ids)))
        rows = dict(env.execute(
            f'SELECT id, "{name}" FROM "{other.table}" WHERE id IN '
            "(SELECT value FROM json_each(?))",
            [json.dumps([p for p in parents.values() if p])]))
        return {i: json.loads(rows.get(p) or "[]") for i, p in parents.items()}

    def read(self, env: "Env", model: Model, field: Field, ids: list[int], column: tuple,
             load: str | None) -> list:
        """Each value as a list: the definition, with the record's own values in it."""
        definitions = self.definitions(env, model, field, ids)
        result = []
        for number, stored in zip(ids, column):
            values = json.loads(stored) if stored else {}
            result.append([
                {**item, "value": values.get(item["name"], item.get("default", False))}
                for item in definitions[number]])
        return result

    def to_column(self, env: "Env", model: Model, field: Field, number: int | None,
                  value: Any, definition: list[dict]) -> str | None:
        """What to store for a value written: all of it is replaced."""
        if not value:
            return None
        if isinstance(value, list):
            value = {item["name"]: item.get("value", False) for item in value
                     if isinstance(item, dict) and "name" in item}
        known = {item["name"]: item for item in definition}
        kept = {}
        for name, given in value.items():
            if name not in known:
                continue
            kept[name] = _clean(known[name], given)
        return json.dumps(kept)


def _clean(item: dict, given: Any) -> Any:
    """A wrong selection is dropped without a word, as a server does."""
    kind = item.get("type")
    if kind == "selection":
        return given if given in [x[0] for x in item.get("selection", [])] else False
    if kind == "tags":
        tags = [x[0] for x in item.get("tags", [])]
        return [x for x in given or [] if x in tags]
    if kind == "boolean":
        return bool(given)
    if kind == "integer" and given is not False:
        return int(given)
    if kind == "float" and given is not False:
        return float(given)
    return given
