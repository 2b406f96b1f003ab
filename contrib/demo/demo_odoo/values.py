# SPDX-License-Identifier: MIT
"""What a client sent for a field, as the column keeps it: each version's conversions,
their silent mistakes included."""

from __future__ import annotations

import base64
import binascii
import html
import json
from datetime import datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from .faults import Fault, MissingError, PythonError, UserError, type_error, value_error
from .fields import Field
from .models import Model

if TYPE_CHECKING:
    from .orm import Env

# Fields whose new value is read before the database checks it.
LOOKED_AT = {("res.partner", "country_id"), ("res.partner", "parent_id"),
             ("res.partner", "state_id")}
DATETIME = "%Y-%m-%d %H:%M:%S"
IMAGES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg",
          b"GIF8": "image/gif", b"BM": "image/bmp", b"RIFF": "image/webp",
          b"<svg": "image/svg+xml"}


def to_column(env: "Env", model: Model, field: Field, value: Any) -> Any:
    """The column's value; None is empty. Raises Fault where the server would."""
    kind = field.type
    if kind == "boolean":
        return int(bool(value))
    if kind == "integer":
        return _integer(env, value)
    if kind in ("float", "monetary"):
        return _float(env, field, value)
    if kind == "many2one":
        return _many2one(env, model, field, value)
    if kind == "many2one_reference":
        return int(value) if value else None
    if kind == "json":
        return None if value is None or value is False else json.dumps(value)
    if kind == "properties_definition":
        return json.dumps(value) if value else None
    if value is None or value is False:
        return None
    if kind == "selection":
        return _selection(model, field, value)
    if kind == "date":
        return _parsed(str(value)[:10], "%Y-%m-%d").strftime("%Y-%m-%d")
    if kind == "datetime":
        return _datetime(value)
    if kind == "reference":
        return _reference(env, model, field, value)
    if kind == "binary":
        return decode(env, field, value)
    return _text(env, field, value)


def _text(env: "Env", field: Field, value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    if "\x00" in text:
        raise value_error("A string literal cannot contain NUL (0x00) characters.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise PythonError("builtins.UnicodeEncodeError", str(error)) from error
    if field.type == "char" and field.size:
        text = text[:field.size]
    if field.type == "html" and field.sanitize and text:
        return sanitize(text)
    return text


def _integer(env: "Env", value: Any) -> int:
    if isinstance(value, (list, dict)):
        if value:
            number = "a number" if env.version < 19 else "a real number"
            raise type_error("int() argument must be a string, a bytes-like object or "
                             f"{number}, not '{type(value).__name__}'")
        return 0
    try:
        number = int(value or 0)
    except (ValueError, OverflowError) as error:
        raise value_error(str(error)) from error
    if not -1 << 31 <= number < 1 << 31:
        raise PythonError("psycopg2.errors.NumericValueOutOfRange", "integer out of range\n")
    return number


def _float(env: "Env", field: Field, value: Any) -> float:
    if isinstance(value, (list, dict)):
        raise type_error("float() argument must be a string or a real number, not "
                         f"'{type(value).__name__}'")
    try:
        number = float(value or 0.0)
    except ValueError as error:
        raise value_error(str(error)) from error
    if field.type == "monetary":
        return round(number, 2)
    if field.digits and any(field.digits):
        return round(number, field.digits[1])
    return number


def foreign_key(env: "Env", model: Model, field: Field) -> Fault:
    """What PostgreSQL's foreign key says, as each version words it."""
    from .faults import ValidationError
    if env.version < 19:
        return ValidationError(
            "The operation cannot be completed: another model requires the record being "
            "deleted. If possible, archive it instead.\n\n"
            f"Model: {model.description} ({model.name}), Constraint: "
            f"{model.table}_{field.name}_fkey", "ForeignKeyViolation")
    return ValidationError(
        "The operation cannot be completed: Another model is using the record you are "
        f"trying to delete.\n\nThe troublemaker is: '{model.description}' ({model.name})\n"
        f"Thanks to the following constraint: '{field.string}' ({field.name})\n"
        "How about archiving the record instead?", "ForeignKeyViolation")


def _many2one(env: "Env", model: Model, field: Field, value: Any) -> int | None:
    if value is None or isinstance(value, (bool, float, list)):
        return None
    if env.version < 19:
        if isinstance(value, str):
            if not value.isdigit():
                raise PythonError(
                    "psycopg2.errors.InvalidTextRepresentation",
                    f'invalid input syntax for type integer: "{value}"\n'
                    f"LINE 1: UPDATE \"{model.table}\" SET \"{field.name}\"='{value}'…\n")
            value = int(value)
        if isinstance(value, dict):
            raise PythonError("psycopg2.ProgrammingError", "can't adapt type 'NewId'")
    elif not isinstance(value, int) or value == 0:
        return None
    other = env.registry.models[field.relation]
    if value > 0 and env.execute(f'SELECT 1 FROM "{other.table}" WHERE id = ?',
                                 [value]).fetchone():
        return value
    if env.version >= 19 and (model.name, field.name) in LOOKED_AT:
        raise MissingError("Record does not exist or has been deleted.\n"
                           f"(Record: {other.name}({value},), User: {env.uid})")
    raise foreign_key(env, model, field)


def _selection(model: Model, field: Field, value: Any) -> str | None:
    if value == "":
        return None
    if value not in [x[0] for x in field.selection or ()]:
        raise value_error(f"Wrong value for {model.name}.{field.name}: {value!r}")
    return value


def _parsed(text: str, pattern: str) -> datetime:
    try:
        return datetime.strptime(text, pattern)
    except ValueError as error:
        raise value_error(str(error)) from error


def _datetime(value: Any) -> str:
    if not isinstance(value, str):
        raise type_error(f"object of type '{type(value).__name__}' has no len()")
    moment = _parsed(value, DATETIME[:len(value) - 2])
    return moment.strftime("%Y-%m-%d %H:%M:%S.000000")


def _reference(env: "Env", model: Model, field: Field, value: Any) -> str | None:
    if value == "":
        return None
    name, _, number = str(value).partition(",")
    known = [x[0] for x in field.selection or ()]
    if name not in env.registry.models or known and name not in known \
            or not number.isdigit():
        raise value_error(f"Wrong value for {model.name}.{field.name}: {value!r}")
    table = env.registry.models[name].table
    if not env.execute(f'SELECT 1 FROM "{table}" WHERE id = ?', [int(number)]).fetchone():
        return None
    return f"{name},{int(number)}"


# Binary fields

def decode(env: "Env", field: Field, value: Any) -> bytes | None:
    """The content of a binary field, from base64."""
    image = getattr(field, "image", False)
    if not isinstance(value, str):
        if env.version >= 19 and image:
            raise UserError("Image is not encoded in base64.")
        raise type_error(f"'{type(value).__name__}' object is not subscriptable")
    try:
        data = base64.b64decode(value)
    except (binascii.Error, ValueError) as error:
        if image:
            raise _no_image(env) from error
        raise PythonError("binascii.Error", str(error)) from error
    if image and not data and env.version >= 19:
        return None
    if image and not mimetype(data).startswith("image/"):
        raise _no_image(env)
    return data


def _no_image(env: "Env") -> Fault:
    text = "This file could not be decoded as an image file."
    return UserError(text if env.version >= 19 else f"{text} Please try with a different file.")


def mimetype(data: bytes) -> str:
    for magic, kind in IMAGES.items():
        if data.startswith(magic):
            return kind
    if data.startswith(b"%PDF-"):
        return "application/pdf"
    if data.startswith(b"PK\x03\x04"):
        return "application/zip"
    try:
        data[:1024].decode()
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain" if data and b"\x00" not in data[:1024] else "application/octet-stream"


# Html

class _Sanitizer(HTMLParser):
    """Keeps text and harmless tags; drops scripts, styles and event handlers."""

    BLOCKS = {"p", "div", "ul", "ol", "table", "h1", "h2", "h3", "h4", "pre", "section",
              "blockquote", "article", "hr"}
    VOID = {"br", "hr", "img", "input"}

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0
        self.first: str | None = None

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag in ("script", "style", "iframe", "object"):
            self.silent += 1
            return
        if self.silent or tag in ("html", "body", "head"):
            return
        if self.first is None:
            self.first = tag
        kept = "".join(
            f' {name}="{html.escape(value or "")}"' for name, value in attrs
            if not name.startswith("on") and "javascript:" not in (value or "").lower())
        self.parts.append(f"<{tag}{kept}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "iframe", "object"):
            self.silent = max(0, self.silent - 1)
        elif not self.silent and tag not in self.VOID | {"html", "body", "head"}:
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            if self.first is None and data.strip():
                self.first = "#text"
            self.parts.append(html.escape(data, quote=False))


def sanitize(text: str) -> str:
    parser = _Sanitizer()
    parser.feed(text)
    parser.close()
    clean = "".join(parser.parts)
    return clean if parser.first in parser.BLOCKS else f"<p>{clean}</p>"
