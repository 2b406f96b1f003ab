# SPDX-License-Identifier: MIT
"""Who may do what: groups, model access rows, record rules, field groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .faults import AccessError, Fault
from .models import Model
from .models_base import GROUP_ID, GROUPS

if TYPE_CHECKING:
    from .orm import Env, Odoo

VERBS = {"read": "access", "write": "modify", "create": "create", "unlink": "delete"}
CATEGORY = {number: (category, name) for number, _, category, name, _ in GROUPS}


class Access:
    """The rights of every user, worked out once and forgotten when a right is written."""

    def __init__(self, odoo: "Odoo"):
        self.odoo = odoo
        self.forget()

    def forget(self) -> None:
        self._groups: dict[int, set[int]] = {}
        self._models: dict[int, dict[str, set[str]]] = {}

    def groups_of(self, uid: int) -> set[int]:
        """The groups of a user, those that they imply included."""
        if uid not in self._groups:
            found: set[int] = set()
            implied: dict[int, list[int]] = {}
            for group, other in self.odoo.db.execute(
                    "SELECT gid, hid FROM res_groups_implied_rel"):
                implied.setdefault(group, []).append(other)
            todo = [g for g, in self.odoo.db.execute(
                "SELECT gid FROM res_groups_users_rel WHERE uid = ?", (uid,))]
            while todo:
                group = todo.pop()
                if group not in found:
                    found.add(group)
                    todo += implied.get(group, [])
            self._groups[uid] = found
        return self._groups[uid]

    def has_group(self, uid: int, xmlids: str) -> bool:
        """Whether the user is in one of the groups of a comma-separated list."""
        groups = self.groups_of(uid)
        return any(GROUP_ID.get(x.strip()) in groups for x in xmlids.split(","))

    def allowed(self, uid: int, model: Model, operation: str) -> bool:
        if uid not in self._models:
            rights: dict[str, set[str]] = {}
            groups = self.groups_of(uid)
            for name, group, *perms in self.odoo.db.execute(
                    "SELECT m.model, a.group_id, perm_read, perm_write, perm_create, "
                    "perm_unlink FROM ir_model_access a JOIN ir_model m ON m.id = a.model_id "
                    "WHERE a.active"):
                if group is None or group in groups:
                    rights.setdefault(name, set()).update(
                        op for op, yes in zip(VERBS, perms) if yes)
            self._models[uid] = rights
        return operation in self._models[uid].get(model.name, ())

    def refusal(self, env: "Env", model: Model, operation: str) -> Fault:
        rows = self.odoo.db.execute(
            f"SELECT a.group_id FROM ir_model_access a JOIN ir_model m ON m.id = a.model_id "
            f"WHERE a.active AND m.model = ? AND a.group_id IS NOT NULL "
            f"AND perm_{operation}", (model.name,))
        names = sorted({shown(group, env.version, "/") for group, in rows})
        text = (f"You are not allowed to {VERBS[operation]} '{model.description}' "
                f"({model.name}) records.\n\n")
        if names:
            text += "This operation is allowed for the following groups:\n"
            text += "\n".join(f"\t- {name}" for name in names)
        else:
            text += "No group currently allows this operation."
        text += "\n\nContact your administrator to request access if necessary."
        return AccessError(text)

    def check(self, env: "Env", model: Model, operation: str) -> None:
        if not env.su and not self.allowed(env.uid, model, operation):
            raise self.refusal(env, model, operation)

    def rule_domain(self, env: "Env", model: Model) -> list:
        """The record rules that apply, as one domain."""
        if env.su:
            return []
        for xmlid, rule in model.rules.items():
            if self.has_group(env.uid, xmlid):
                return rule(env)
        return []

    def rule_refusal(self, env: "Env", model: Model, operation: str, ids: list[int]) -> Fault:
        if env.version < 19:
            return AccessError(
                f"Due to security restrictions, you are not allowed to {VERBS[operation]} "
                f"'{model.description}' ({model.name}) records.\n\n"
                "Contact your administrator to request access if necessary.")
        return AccessError(
            "Uh-oh! Looks like you have stumbled upon some top-secret records.\n\n"
            f"Sorry, {env.user_name()} (id={env.uid}) doesn't have '{operation}' access to:\n"
            f"- {model.description} ({model.name})\n\n"
            "If you really, really need access, perhaps you can win over your friendly "
            "administrator with a batch of freshly baked cookies.")

    def field_allowed(self, env: "Env", field) -> bool:
        return env.su or not field.groups or self.has_group(env.uid, field.groups)

    def field_refusal(self, env: "Env", model: Model, operation: str, names: list[str]) -> Fault:
        fields = [model.fields[name] for name in names]
        if env.version < 19:
            lines = "".join(f"\n- {x.name} (allowed for groups "
                            f"{_group_names(x.groups, env.version)})" for x in fields)
            return AccessError(
                "The requested operation can not be completed due to security restrictions."
                f"\n\nDocument type: {model.description} ({model.name})"
                f"\nOperation: {operation}\nUser: {env.uid}\nFields:{lines}")
        return AccessError(
            f"You do not have enough rights to access the field \"{fields[0].name}\" on "
            f"{model.description} ({model.name}). Please contact your system administrator."
            f"\n\nOperation: {operation}\nUser: {env.uid}\nGroups: allowed for groups "
            f"{_group_names(fields[0].groups, env.version)}")


def _group_names(xmlids: str, version: int) -> str:
    numbers = [GROUP_ID.get(x.strip(), 0) for x in xmlids.split(",")]
    return ", ".join(f"'{shown(n, version, ' / ')}'" for n in numbers)


def shown(number: int | None, version: int, slash: str) -> str:
    """A group's name as faults give it."""
    category, name = CATEGORY.get(number, ("Custom", "Custom"))
    if version >= 19:
        return {"Settings": "Role / Administrator", "Internal User": "Role / User",
                "Portal": "Role / Portal"}.get(name, name)
    return f"{category}{slash}{name}"
