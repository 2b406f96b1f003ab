# SPDX-License-Identifier: MIT
"""POST /xmlrpc/2/… and, with faults as older versions gave them, /xmlrpc/…

Python's own module writes the XML, as it does for Odoo: no None, no integer past 31 bits, and
whatever bytes a text holds, which 19 alone clears of control characters.
"""

from __future__ import annotations

import json
import re
import traceback
import xmlrpc.client
from typing import TYPE_CHECKING, Any
from xml.parsers.expat import ExpatError

from . import envelope, pages, services
from .faults import Fault, PythonError
from .httpd import Request, Response

if TYPE_CHECKING:
    from .server import Server

CONTROL = dict.fromkeys(set(range(32)) - {9, 10, 13})
CODES = {"AccessError": 4, "AccessDenied": 3}  # 2 for what else Odoo raises on purpose
OTHER = 1


def handle(server: "Server", request: Request) -> Response:
    old = server.odoo.version < 19
    if request.method != "POST":
        response = pages.page(server, 405)
        response.headers.append(("Allow", "POST" if old else "OPTIONS, POST"))
        return response
    if request.too_large:
        return pages.page(server, 413)
    if old and envelope.is_json(request):
        return envelope.opened(server, request)  # it is no JSON
    legacy = not request.path.startswith("/xmlrpc/2/")
    service = request.path.rpartition("/")[2]
    try:
        params, method = _call(request.body)
        return written(server, services.dispatch(server, request, service, method, params))
    except Fault as fault:
        return refused(server, fault, legacy)


def _call(body: bytes) -> tuple[tuple, Any]:
    try:
        params, method = xmlrpc.client.loads(body, use_datetime=True)
    except (ExpatError, TypeError, ValueError, xmlrpc.client.Error) as error:
        name = type(error).__name__
        module = type(error).__module__.replace("pyexpat", "xml.parsers.expat")
        raise PythonError(f"{module}.{name}", str(error)) from None
    return params, method


def written(server: "Server", result: Any) -> Response:
    """A result as XML. Raises the fault that Odoo answers what can't be written with."""
    try:
        return _response(server, _dumps(server, (result,)))
    except (TypeError, OverflowError) as error:
        fault = PythonError(type(error).__name__, str(error))
        fault.frames = "".join(traceback.format_tb(error.__traceback__))
        raise fault from None


def refused(server: "Server", fault: Fault, legacy: bool = False) -> Response:
    kind = fault.name.removeprefix("odoo.exceptions.")
    meant = kind != fault.name
    if legacy and not meant:
        what = xmlrpc.client.Fault(fault.message, fault.debug(server.odoo.version))
    elif legacy and kind == "AccessDenied":
        what = xmlrpc.client.Fault(kind, fault.message)
    elif legacy:
        told = kind if kind in ("AccessError", "MissingError") else "UserError"
        told = "Warning" if kind == "RedirectWarning" else told
        what = xmlrpc.client.Fault(f"warning -- {told}\n\n{fault.message}", "")
    elif meant:
        what = xmlrpc.client.Fault(CODES.get(kind, 2), fault.message)
    else:
        what = xmlrpc.client.Fault(OTHER, fault.debug(server.odoo.version))
    return _response(server, _dumps(server, what), refused=True)


class Marshaller(xmlrpc.client.Marshaller):
    """As Odoo's: bytes, which only a test plants, and 19's texts."""

    def __init__(self, server: "Server"):
        super().__init__(allow_none=False)
        self.server, self.clean = server, server.odoo.version >= 19

    dispatch = dict(xmlrpc.client.Marshaller.dispatch)

    def dump_text(self, value: str, write: Any) -> None:
        self.dump_unicode(value.translate(CONTROL) if self.clean else value, write)

    def dump_raw(self, value: bytes, write: Any) -> None:
        self.dump_unicode(self.server.injector.raw(b'"' + value + b'"'), write)

    dispatch[str] = dump_text
    dispatch[bytes] = dump_raw


def _dumps(server: "Server", value: Any) -> str:
    """14's and 19's answers differ in the quotes of the first line, and in an empty one."""
    text = Marshaller(server).dumps(value)
    if server.odoo.version < 19:
        return f"<?xml version='1.0'?>\n<methodResponse>\n{text}</methodResponse>\n"
    return f'<?xml version="1.0"?>\n<methodResponse>\n{text}\n</methodResponse>\n'


def _response(server: "Server", text: str, refused: bool = False) -> Response:
    return Response(200, text.encode("utf-8", "surrogatepass"), "text/xml; charset=utf-8", refused)


def spelled(raw: bytes) -> bytes:
    """What a test planted as a piece of JSON, as the value that it would be in XML."""
    words = {b"NaN": b"nan", b"Infinity": b"inf", b"-Infinity": b"-inf"}
    if raw in words or re.fullmatch(rb"-?[\d.]+[eE][\d+-]+", raw):
        return b"<double>" + words.get(raw, raw) + b"</double>"
    if re.fullmatch(rb"-?\d+", raw):
        return b"<int>" + raw + b"</int>"
    if re.fullmatch(rb"\[+\]+", raw):
        depth = len(raw) // 2
        return b"<array><data>" + b"<value><array><data>" * (depth - 1) + \
            b"</data></array></value>" * (depth - 1) + b"</data></array>"
    try:
        raw = json.loads(raw.decode("latin-1"), strict=False).encode("latin-1")
    except (ValueError, AttributeError):
        pass  # no JSON either: as it is
    return b"<string>" + raw + b"</string>"
