# SPDX-License-Identifier: MIT
"""fields_get: what a server says of each field, in each version's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .fields import NUMBERS, X2MANY, Field
from .models import Model

if TYPE_CHECKING:
    from .orm import Env


def describe_fields(env: "Env", model: Model, names: Any, attributes: Any) -> dict:
    """Field name → its description; unknown names and hidden fields are left out."""
    rights = env.odoo.access
    locked = env.version < 19 and not (rights.allowed(env.uid, model, "write")
                                       or rights.allowed(env.uid, model, "create"))
    result = {}
    for name, field in model.fields.items():
        if names and name not in names or not rights.field_allowed(env, field):
            continue
        info = describe(env, model, field)
        if locked and "store" in info:
            info.update(readonly=True, states={})
        if attributes:
            info = {key: value for key, value in info.items() if key in attributes}
        result[name] = info
    return result


def stored(env: "Env", field: Field) -> bool:
    """Before 17, what depends on the company is kept elsewhere, and called not stored."""
    return field.store and not (field.company_dependent and env.version < 17)


def describe(env: "Env", model: Model, field: Field) -> dict:
    new = env.version >= 19
    if getattr(field, "bare", False):
        info: dict[str, Any] = {"type": field.type, "string": field.string}
        if field.selection:
            info["selection"] = [list(x) for x in field.selection]
        return {**info, "help": "" if field.selection else False, "exportable": False,
                "selectable": False}
    store = stored(env, field)
    inline = field.type not in X2MANY and not field.attachment
    sortable = store and inline or (
        bool(field.related) and (field.inherited or new) and inline)
    info = {
        "type": field.type,
        "change_default": False,
        "company_dependent": field.company_dependent,
        "depends": list(field.depends),
        "manual": field.manual,
        "readonly": field.readonly,
        "required": field.required and not field.inherited,
        "searchable": field.searchable,
        "sortable": sortable,
        "store": store,
        "string": field.string,
    }
    if field.help:
        info["help"] = field.help
    if field.states:
        info["states"] = field.states
    if field.groups:
        info["groups"] = field.groups
    if field.related:
        info["related"] = field.related if new else field.related.split(".")
    if new:
        info["name"] = field.name
        info["default_export_compatible"] = (model.name, field.name) == (
            "res.partner", "name")
        info["exportable"] = True
        info["groupable"] = store and (inline or field.type == "many2many") or sortable
    _by_type(env, model, field, info, new)
    return dict(sorted(info.items())) if new else info


def _by_type(env: "Env", model: Model, field: Field, info: dict, new: bool) -> None:
    kind = field.type
    if kind in ("char", "text", "html"):
        info["translate"] = field.translate
    if kind == "char":
        info["trim"] = True
        if field.size:
            info["size"] = field.size
    if kind == "html":
        info.update(sanitize=field.sanitize, sanitize_attributes=True, sanitize_style=False,
                    sanitize_tags=True, strip_classes=False, strip_style=False)
    if kind in NUMBERS and field.name != "id":
        if not new:
            info["group_operator"] = "sum"
        elif field.aggregator and not field.related:
            info["aggregator"] = field.aggregator
    if kind == "many2one_reference":
        if new:
            info["model_field"] = field.model_field
        else:
            info["group_operator"] = "sum"
    if kind == "float" and field.digits:
        info["digits"] = list(field.digits) if any(field.digits) else 0
    if kind == "monetary":
        info["currency_field"] = field.currency
    if kind == "binary":
        info["attachment"] = field.attachment and field.store
    if kind in ("selection", "reference"):
        choices = field.choices(env) if hasattr(field, "choices") else field.selection
        info["selection"] = [list(x) for x in choices or ()]
    if kind == "properties":
        through, _, name = field.definition.partition(".")
        info.update(definition_record=through, definition_record_field=name,
                    depends=[through])
    if field.relation:
        info.update(relation=field.relation, context={}, domain=field.domain or [])
        if kind == "one2many":
            info["relation_field"] = field.inverse
            inverse = env.registry.models[field.relation].fields.get(field.inverse)
            if new and inverse is not None and inverse.type == "many2one_reference":
                info["domain"] = f"([]) + ([('{inverse.model_field}', '=', '{model.name}')])"
        if new:
            other = env.registry.get(field.relation)
            info["allow_hierachy_operators"] = other is not None and "parent_id" in other.fields
