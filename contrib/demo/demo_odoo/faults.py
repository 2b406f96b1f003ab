# SPDX-License-Identifier: MIT
"""The faults that a server answers with, as exceptions.

A transport turns one into its own shape with `Fault.data()`; `name` is what clients
dispatch on.
"""

from __future__ import annotations

from typing import Any


CAUSE = ("The above exception was the direct cause of the following exception:\n\n"
         "Traceback (most recent call last):\n")


class Fault(Exception):
    """Anything that a server raises; subclasses only fix the name."""

    name = "builtins.Exception"
    origin = ""  # of psycopg2's exceptions, the one that Odoo made this of
    frames = ""  # of the traceback, where a client looks at them

    def __init__(self, message: str = "", arguments: list | None = None,
                 name: str | None = None, context: dict | None = None):
        super().__init__(message)
        self.message = message
        self.arguments = [message] if arguments is None else arguments
        self.context = context or {}
        if name is not None:
            self.name = name

    def told(self) -> str:
        """The exception as Python words it."""
        return repr(self.message) if self.name == "builtins.KeyError" else self.message

    def debug(self, version: int) -> str:
        short = self.name.removeprefix("builtins.")
        if version >= 19 and self.name == AccessDenied.name:
            return f"{short}: {self.message}\n"  # no word of how it was found out
        return (
            "Traceback (most recent call last):\n"
            '  File "/usr/lib/python3/dist-packages/odoo/http.py", line 1, in dispatch\n'
            f"{self._came_about(version)}{short}: {self.told()}\n"
        )

    def _came_about(self, version: int) -> str:
        """The lines of the traceback that tell which exception of the database it was."""
        if not self.origin:
            return f"    result = self._call_function(**self.params)\n{self.frames}"
        if version < 19:
            said = "tr(key, 'sql_constraint') or inst.pgerror" if self.origin in (
                "UniqueViolation", "CheckViolation") else "msg"
            return f"    raise ValidationError({said})\nException\n\n{CAUSE}"
        return (f"    self._obj.execute(query, params)\npsycopg2.errors.{self.origin}: …\n\n"
                f"{CAUSE}    raise ValidationError(message) from exc\n")

    def data(self, version: int) -> dict[str, Any]:
        """The `data` of a JSON-RPC error, its keys in the order the version gives them."""
        data = {
            "name": self.name,
            "message": self.message,
            "arguments": self.arguments,
            "context": self.context,
        }
        if version >= 19:
            return {**data, "debug": self.debug(version)}
        return {"name": self.name, "debug": self.debug(version), **data}


class AccessDenied(Fault):
    name = "odoo.exceptions.AccessDenied"

    def __init__(self, message: str = "Access Denied", **kw):
        super().__init__(message, **kw)


class AccessError(Fault):
    name = "odoo.exceptions.AccessError"


class MissingError(Fault):
    name = "odoo.exceptions.MissingError"


class ValidationError(Fault):
    name = "odoo.exceptions.ValidationError"

    def __init__(self, message: str = "", origin: str = "", **kw):
        super().__init__(message, **kw)
        self.origin = origin


class UserError(Fault):
    name = "odoo.exceptions.UserError"


class RedirectWarning(Fault):
    name = "odoo.exceptions.RedirectWarning"


class UnknownModel(UserError):
    """What each transport says of it is another thing."""

    def __init__(self, model: str):
        super().__init__(f"Object {model} doesn't exist")
        self.model = model


class PythonError(Fault):
    """A Python or database exception that nobody caught: `name` is its dotted class."""

    def __init__(self, name: str, message: str, arguments: list | None = None):
        if "." not in name:
            name = f"builtins.{name}"
        super().__init__(message, arguments, name)


class UnknownMethod(PythonError):
    def __init__(self, message: str):
        super().__init__("builtins.AttributeError", message)


class NotFound(Fault):
    """A page that isn't there."""

    name = "werkzeug.exceptions.NotFound"


class HttpError(Fault):
    """What /json/2 says no with before the call is made."""

    NAMES = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found",
             413: "Request Entity Too Large", 422: "Unprocessable Entity"}

    def __init__(self, status: int, message: str):
        super().__init__(message, arguments=[message, status],
                         name=f"werkzeug.exceptions.{self.NAMES[status].replace(' ', '')}")
        self.status = status

    def told(self) -> str:
        return f"{self.status} {self.NAMES[self.status]}: {self.message}"


class SessionExpired(Fault):
    name = "odoo.http.SessionExpiredException"

    def __init__(self) -> None:
        super().__init__("Session expired")


def value_error(message: str) -> Fault:
    return PythonError("builtins.ValueError", message)


def type_error(message: str) -> Fault:
    return PythonError("builtins.TypeError", message)
