# SPDX-License-Identifier: MIT
"""The table of methods that a client may call, filled by the decorator `rpc`.

A method is a function (env, model, …) or, of kind "records", (env, model, ids, …). The
same name may be registered for several versions, and for one model only.
"""

from __future__ import annotations

import inspect
from typing import Any, Callable

from .faults import Fault, UnknownMethod, type_error

EMPTY = inspect.Parameter.empty


class Method:
    """One callable method and its parameters as a client sees them."""

    def __init__(self, name: str, func: Callable, kind: str, since: int, until: int):
        self.name, self.func, self.kind = name, func, kind
        self.since, self.until = since, until
        skip = 3 if kind == "records" else 2
        params = list(inspect.signature(func).parameters.values())[skip:]
        self.open = any(p.kind is p.VAR_KEYWORD for p in params)
        self.params = [p for p in params if p.kind is not p.VAR_KEYWORD]

    def bind(self, args: list, kwargs: dict, version: int) -> dict[str, Any]:
        """Arguments by name; a TypeError fault where Python would raise one."""
        name = f"BaseModel.{self.name}()" if version >= 19 else f"{self.name}()"
        if len(args) > len(self.params):
            least = 1 + sum(p.default is EMPTY for p in self.params)
            most = len(self.params) + 1
            takes = f"{most}" if least == most else f"from {least} to {most}"
            plural = "" if takes == "1" else "s"
            raise type_error(f"{name} takes {takes} positional argument{plural} but "
                             f"{len(args) + 1} were given")
        bound = {p.name: value for p, value in zip(self.params, args)}
        known = {p.name for p in self.params}
        for key, value in kwargs.items():
            if key in bound:
                raise type_error(f"{name} got multiple values for argument '{key}'")
            if key not in known and not self.open:
                raise type_error(f"{name} got an unexpected keyword argument '{key}'")
            bound[key] = value
        missing = [p.name for p in self.params if p.name not in bound and p.default is EMPTY]
        if missing:
            count = len(missing)
            listed = " and ".join(f"'{m}'" for m in missing)
            raise type_error(f"{name} missing {count} required positional "
                             f"argument{'s' if count > 1 else ''}: {listed}")
        return bound


    def refusal(self, named: dict) -> str | None:
        """What is wrong with arguments that are all given by name, in inspect's words."""
        known = {p.name for p in self.params}
        for param in self.params:
            if param.default is EMPTY and param.name not in named:
                return f"missing a required argument: '{param.name}'"
        unknown = [name for name in named if name not in known]
        if unknown and not self.open:
            return f"got an unexpected keyword argument '{unknown[0]}'"
        return None


METHODS: dict[tuple[str, str], list[Method]] = {}


def rpc(name: str, kind: str = "model", *, model: str = "", since: int = 0, until: int = 99):
    """Register a method; `kind` is "model", or "records" when it works on ids."""
    def register(func: Callable) -> Callable:
        METHODS.setdefault((model, name), []).append(Method(name, func, kind, since, until))
        return func
    return register


def find(model: str, name: str, version: int) -> Method:
    """The method of a model, or the fault for one that isn't there."""
    if name.startswith("_") or name in ("init", "sudo", "browse"):
        shown = f"'{model}.{name}'" if version >= 19 else name
        raise Fault(f"Private methods (such as {shown}) cannot be called remotely.",
                    name="odoo.exceptions.AccessError")
    for key in ((model, name), ("", name)):
        for method in METHODS.get(key, ()):
            if method.since <= version <= method.until:
                return method
    if version >= 19:
        raise UnknownMethod(f"The method '{model}.{name}' does not exist")
    raise UnknownMethod(f"type object '{model}' has no attribute '{name}'")
