# SPDX-License-Identifier: MIT
"""Requests that a real Odoo and our fake of the same version have to answer alike."""

from __future__ import annotations

import dataclasses
import json
import xmlrpc.client
from typing import Any, Iterator

JSON = {"Content-Type": "application/json"}
XML = {"Content-Type": "text/xml"}
FIRST = [["id", "=", 1]]
NAME = {"fields": ["name"]}
GONE = 99999999


@dataclasses.dataclass
class Question:
    label: str
    method: str
    path: str
    body: bytes | None = None
    headers: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Party:
    """Who asks: a database with its admin, at one of the two servers."""

    version: int
    database: str
    key: str
    cookie: str = ""  # of admin's session
    bound: str = ""  # of one that is only bound to the database


def questions(who: Party) -> Iterator[Question]:
    for part in (_pages, _jsonrpc, _xmlrpc, _session, _json2):
        yield from part(who)


def _pages(who: Party) -> Iterator[Question]:
    for path in ("/web/version", "/json/version", "/xmlrpc/2/common", "/jsonrpc", "/nowhere"):
        yield Question(f"GET {path}", "GET", path)
    for body in (b"{}", b"{", b"[1]"):
        yield Question(f"version {body!r}", "POST", "/web/webclient/version_info", body, JSON)
    yield Question("version as text", "POST", "/web/webclient/version_info", b"{}",
                   {"Content-Type": "text/plain"})


# What execute_kw is asked over every transport: model, method, args, kwargs

def _calls(who: Party) -> Iterator[tuple[str, str, str, list, dict]]:
    partner = "res.partner"
    yield "read", partner, "read", [[1]], {"fields": ["name", "parent_id", "active", "color"]}
    yield "read nobody", partner, "read", [[GONE]], NAME
    yield "search", partner, "search", [FIRST], {}
    yield "search nothing", partner, "search", [[["id", "=", 0]]], {"limit": 1}
    yield "search_count", partner, "search_count", [FIRST], {}
    yield "search_read", partner, "search_read", [FIRST], NAME
    yield "fields_get", partner, "fields_get", [["name"]], {"attributes": ["type", "string"]}
    yield "rights", partner, "check_access_rights", ["read"], {"raise_exception": False}
    yield "write gone", partner, "write", [[GONE], {"name": "x"}], {}
    yield "write unknown field", partner, "write", [[1], {"nosuch": 1}], {}
    yield "read unknown field", partner, "read", [[1]], {"fields": ["nosuch"]}
    yield "search unknown field", partner, "search", [[["nosuch", "=", 1]]], {}
    yield "unknown model", "res.nosuch", "read", [[1]], {}
    yield "unknown method", partner, "nosuch", [[1]], {}
    yield "private method", partner, "_nosuch", [[1]], {}
    yield "no arguments", partner, "write", [[1]], {}
    yield "unknown argument", partner, "search", [FIRST], {"nosuch": 1}
    yield "twice", "res.country", "create", [{"name": "B", "code": "BE"}], {
        "context": {"lang": "en_US"}}


# /jsonrpc and /xmlrpc: service, method, arguments

def _services(who: Party) -> Iterator[tuple[str, str, str, list]]:
    db, admin = who.database, ["admin", "admin"]
    yield "version", "common", "version", []
    yield "login", "common", "login", [db, *admin]
    yield "login wrong", "common", "login", [db, "admin", "wrong"]
    yield "login with a key", "common", "login", [db, "admin", who.key]
    yield "authenticate", "common", "authenticate", [db, *admin, {}]
    yield "authenticate by three", "common", "authenticate", [db, *admin]
    yield "no such database", "common", "login", ["nowhere", *admin]
    yield "no database", "common", "login", ["", *admin]
    yield "no such method", "common", "nosuch", []
    yield "no such service", "nosuch", "nosuch", []
    call = ["res.partner", "search", [FIRST]]
    yield "call wrong", "object", "execute_kw", [db, 2, "wrong", *call]
    yield "call without", "object", "execute_kw", [db, 2, "", *call]
    yield "call as nobody", "object", "execute_kw", [db, 99999, "admin", *call]
    yield "call nowhere", "object", "execute_kw", ["nowhere", 2, "admin", *call]
    yield "call with a key", "object", "execute_kw", [db, 2, who.key, *call]
    yield "call too short", "object", "execute_kw", [db]
    yield "execute", "object", "execute", [db, 2, "admin", "res.partner", "read", [1], ["name"]]
    for label, model, method, args, kwargs in _calls(who):
        yield f"call {label}", "object", "execute_kw", [
            db, 2, "admin", model, method, args, kwargs]


def _envelope(params: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "method": "call", "id": 7, "params": params}).encode()


def _jsonrpc(who: Party) -> Iterator[Question]:
    headers = {**JSON, "Cookie": f"session_id={who.bound}"}
    for label, service, method, args in _services(who):
        yield Question(f"jsonrpc {label}", "POST", "/jsonrpc", _envelope(
            {"service": service, "method": method, "args": args}), headers)
    yield Question("jsonrpc unbound", "POST", "/jsonrpc", _envelope(
        {"service": "common", "method": "nosuch", "args": []}), JSON)
    for body in (b"{}", b"{", b"[1]"):
        yield Question(f"jsonrpc {body!r}", "POST", "/jsonrpc", body, headers)


def _xmlrpc(who: Party) -> Iterator[Question]:
    for base in ("/xmlrpc/2/", "/xmlrpc/"):
        for label, service, method, args in _services(who):
            body = xmlrpc.client.dumps(tuple(args), method, allow_none=True).encode()
            yield Question(f"{base} {label}", "POST", base + service, body, XML)
        for body in (b"hello", b"<methodCall>", b""):
            yield Question(f"{base} {body!r}", "POST", f"{base}common", body, XML)
        body = xmlrpc.client.dumps((), "version").encode()
        yield Question(f"{base} as JSON", "POST", f"{base}common", body, JSON)


def _session(who: Party) -> Iterator[Question]:
    db, path = who.database, "/web/session/authenticate"
    bound = {**JSON, "Cookie": f"session_id={who.bound}"}
    inside = {**JSON, "Cookie": f"session_id={who.cookie}"}
    for label, params in (
            ("wrong", {"db": db, "login": "admin", "password": "wrong"}),
            ("nobody", {"db": db, "login": "nobody", "password": "wrong"}),
            ("key", {"db": db, "login": "admin", "password": who.key}),
            ("nowhere", {"db": "nowhere", "login": "admin", "password": "admin"}),
            ("no database", {"db": "", "login": "admin", "password": "admin"}),
            ("two", {"db": db, "login": "admin"}), ("nothing", {}), ("null", None)):
        yield Question(f"authenticate {label}", "POST", path, _envelope(params), bound)
        yield Question(f"authenticate unbound {label}", "POST", path, _envelope(params), JSON)
    path = "/web/dataset/call_kw"
    for label, model, method, args, kwargs in _calls(who):
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        yield Question(f"call_kw {label}", "POST", path, _envelope(params), inside)
    read = {"model": "res.partner", "method": "read", "args": [[1]], "kwargs": NAME}
    yield Question("call_kw outside", "POST", path, _envelope(read), JSON)
    yield Question("call_kw bound", "POST", path, _envelope(read), bound)
    stranger = {**JSON, "Cookie": "session_id=" + "0" * 40}
    yield Question("call_kw stranger", "POST", path, _envelope(read), stranger)
    yield Question("call_kw elsewhere", "POST", path, _envelope(read),
                   {**inside, "X-Odoo-Database": "odoofs_empty"})
    yield Question("call_kw named", "POST", path, _envelope(read),
                   {**stranger, "X-Odoo-Database": db})
    del read["kwargs"]
    yield Question("call_kw no kwargs", "POST", path, _envelope(read), inside)
    for body in (b"{", b"[1]", b"{}"):
        yield Question(f"call_kw {body!r}", "POST", path, body, inside)
    yield Question("call_kw as text", "POST", path, b"{}", {**inside, "Content-Type": "text/xml"})
    yield Question("check", "POST", "/web/session/check", _envelope({}), inside)
    yield Question("destroy outside", "POST", "/web/session/destroy", _envelope({}), JSON)


def _json2(who: Party) -> Iterator[Question]:
    inside = {**JSON, "Authorization": f"bearer {who.key}", "X-Odoo-Database": who.database}
    for label, model, method, args, kwargs in _calls(who):
        named = {**_named(method, args), **kwargs}
        yield Question(f"json2 {label}", "POST", f"/json/2/{model}/{method}",
                       json.dumps(named).encode(), inside)
    path = "/json/2/res.partner/"
    for label, method, named in (
            ("write without ids", "write", {"vals": {"name": "x"}}),
            ("write with no ids", "write", {"ids": [], "vals": {"name": "x"}}),
            ("read without ids", "read", NAME), ("read null", "read", {"ids": None, **NAME}),
            ("read one", "read", {"ids": 1, **NAME}), ("search with ids", "search",
                                                       {"ids": [1], "domain": FIRST}),
            ("search without", "search", {}), ("names", "name_search", {"name": "a", "args": []}),
            ("access", "has_access", {"ids": [1], "operation": "read"}),
            ("context", "search", {"domain": FIRST, "context": 3})):
        yield Question(f"json2 {label}", "POST", path + method, json.dumps(named).encode(), inside)
    body = json.dumps({"domain": FIRST}).encode()
    for label, headers in (
            ("wrong key", {**inside, "Authorization": "bearer wrong"}),
            ("password", {**inside, "Authorization": "bearer admin"}),
            ("other scheme", {**inside, "Authorization": f"Basic {who.key}"}),
            ("BEARER", {**inside, "Authorization": f"BEARER {who.key}"}),
            ("no key", {**JSON, "X-Odoo-Database": who.database}),
            ("nowhere", {**inside, "X-Odoo-Database": "nowhere"}),
            ("no database", {**JSON, "Authorization": inside["Authorization"]}),
            ("as text", {**inside, "Content-Type": "text/plain"}),
            ("as json-rpc", {**inside, "Content-Type": "application/json-rpc"})):
        yield Question(f"json2 {label}", "POST", path + "search", body, headers)
    for bad in (b"{", b"[1]", b"null", b""):
        yield Question(f"json2 {bad!r}", "POST", path + "search", bad, inside)
    for method, where in (("GET", path + "search"), ("POST", "/json/2"), ("POST", path[:-1]),
                          ("POST", path + "search/1")):
        yield Question(f"json2 {method} {where}", method, where,
                       b"{}" if method == "POST" else None, inside)


def _named(method: str, args: list) -> dict:
    """The arguments that execute_kw takes by place, by name."""
    names = {"read": ["ids"], "search": ["domain"], "search_count": ["domain"],
             "search_read": ["domain"], "fields_get": ["allfields"], "write": ["ids", "vals"],
             "create": ["vals_list"], "check_access_rights": ["operation"]}
    return dict(zip(names.get(method, ["ids"]), args))
