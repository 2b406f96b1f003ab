# SPDX-License-Identifier: MIT
"""Trouble on the wire: counts and logs every call, and spoils those that a rule matches.

A rule says what it matches (model, method, path, contains, nth, skip, times, probability) and
what it does (`do`). What happens to values is in spoil_values.py, what happens to bytes in
spoil_bytes.py, and all of it at random in spoil_fuzz.py.
"""

from __future__ import annotations

import contextlib
import json
import random
import reprlib
import threading
import time
from collections import Counter, deque
from typing import Any, Callable, Iterator

from . import spoil_bytes, spoil_fuzz, spoil_values, xml_rpc
from .faults import Fault
from .httpd import Connection, Request, Response

LOG_SIZE = 2000
SHORT = reprlib.Repr()
SHORT.maxlist = SHORT.maxdict = SHORT.maxtuple = 8
SHORT.maxstring = SHORT.maxother = 80


class Rule:
    """One fault: when it strikes, and what it does."""

    def __init__(self, spec: dict):
        self.spec = spec
        self.do = spec.get("do", "")
        if self.do not in (*spoil_values.DOES, *spoil_bytes.DOES, "delay", "fault", "wrong_id",
                           "fuzz"):
            raise ValueError(f"unknown fault {self.do!r}")
        self.random = random.Random(spec.get("seed", 0))
        self.matched = self.struck = 0

    def strikes(self, model: str, method: str, where: tuple[str, str],
                text: Callable[[], str]) -> bool:
        spec = self.spec
        path, transport = where
        if "model" in spec and spec["model"] != model:
            return False
        if "method" in spec and method not in _several(spec["method"]):
            return False
        if "path" in spec and not path.startswith(spec["path"]):
            return False
        if "transport" in spec and spec["transport"] != transport:
            return False
        if "contains" in spec and spec["contains"] not in text():
            return False
        self.matched += 1
        if "nth" in spec and self.matched not in _several(spec["nth"]):
            return False
        if self.matched <= spec.get("skip", 0):
            return False
        if self.struck >= spec.get("times", 1 << 60):
            return False
        if "probability" in spec and self.random.random() >= spec["probability"]:
            return False
        self.struck += 1
        return True


def _several(value: Any) -> list:
    return value if isinstance(value, list) else [value]


class Injector:
    """The observer of Odoo.call, and of each request around it."""

    def __init__(self, odoo: Any):
        self.odoo = odoo
        self.lock = threading.Lock()
        self.local = threading.local()
        self.reset()

    def reset(self) -> None:
        with self.lock:
            self.rules: list[Rule] = []
            self.calls = 0
            self.by_method: Counter = Counter()
            self.by_transport: Counter = Counter()
            self.log: deque = deque(maxlen=LOG_SIZE)
            self.started = time.monotonic()

    def reset_counts(self) -> None:
        with self.lock:
            self.calls = 0
            self.by_method.clear()
            self.by_transport.clear()
            self.log.clear()
            self.started = time.monotonic()

    def add(self, spec: dict) -> None:
        rule = Rule(spec)
        with self.lock:
            self.rules.append(rule)

    # Around one request

    def start_request(self, request: Request, transport: str) -> None:
        self.local.request, self.local.transport = request, transport
        self.local.effects = []
        self.local.raws = []
        self.local.wrong_id = None

    def early_answer(self) -> Response | None:
        """For rules that name a path but no method: they strike before any call is made."""
        request = self.local.request
        for rule in self._struck("", "", lambda: request.body.decode("latin-1"), early=True):
            self._strike(rule)
        if self.local.effects and not self._executed():
            return Response(200, b"{}", "application/json")
        return None

    def finish_request(self, response: Response) -> Response:
        for name, raw in getattr(self.local, "raws", ()):
            if response.body.startswith(b"<?xml"):
                response.body = response.body.replace(
                    f"<string>{name}</string>".encode(), xml_rpc.spelled(raw))
            else:
                response.body = response.body.replace(f'"{name}"'.encode(), raw)
        effects = [found for effect in getattr(self.local, "effects", ())
                   for found in (spoil_fuzz.plan(effect, effect["strike"], response)
                                 if effect["do"] == "fuzz" else [effect])]
        response.effects = [x for x in effects if not spoil_bytes.rewrite(x, response)]
        return response

    def answer_id(self, number: Any) -> Any:
        wrong = getattr(self.local, "wrong_id", None)
        return number if wrong is None else wrong["value"]

    def spoil(self, connection: Connection, request: Request, response: Response,
              head: bytes, body: bytes) -> None:
        spoil_bytes.send(connection, request, response, head, body)

    # Around one call

    def begin(self, model: str, method: str, args: list, kwargs: dict) -> list:
        entry = _entry(model, method, args, kwargs)
        with self.lock:
            self.calls += 1
            self.by_method[f"{model}.{method}"] += 1
            entry["transport"] = getattr(self.local, "transport", "")
            self.by_transport[entry["transport"]] += 1
            entry["at"] = round(time.monotonic() - self.started, 4)
            self.log.append(entry)
        later = [entry]
        for rule in self._struck(model, method, lambda: json.dumps([args, kwargs]), early=False):
            if rule.do in spoil_values.DOES:
                later.append(rule)
            else:
                self._strike(rule)
        if getattr(self.local, "effects", None) and not self._executed():
            raise Fault("not executed")
        return later

    def end(self, later: list, result: Any) -> Any:
        entry, *rules = later
        entry["seconds"] = round(time.monotonic() - self.started - entry["at"], 4)
        for rule in rules:
            result = spoil_values.spoil(result, rule.spec, self.raw)
        return result

    @contextlib.contextmanager
    def counted(self, service: str, method: str, args: list) -> Iterator[Callable]:
        """For what is no call of a model: common.login and the like."""
        later = self.begin(service, method, args, {})
        yield lambda result: self.end(later, result)

    def _struck(self, model: str, method: str, text: Callable[[], str],
                early: bool) -> list[Rule]:
        where = ("", "")
        if hasattr(self.local, "request"):
            where = (self.local.request.path, self.local.transport)
        with self.lock:
            return [rule for rule in self.rules
                    if early == ("path" in rule.spec and "method" not in rule.spec
                                 and "model" not in rule.spec)
                    and rule.strikes(model, method, where, text)]

    def _strike(self, rule: Rule) -> None:
        spec = rule.spec
        if rule.do == "delay":
            time.sleep(spec.get("seconds", 1))
        elif rule.do == "wrong_id":
            self.local.wrong_id = {"value": spec.get("value", 987654)}
        elif rule.do == "fault":
            name = spec.get("name", "odoo.exceptions.UserError")
            raise Fault(spec.get("message", "Refused by the test"), name=name,
                        arguments=spec.get("arguments"))
        elif hasattr(self.local, "effects"):
            self.local.effects.append({**spec, "strike": rule.struck})

    def _executed(self) -> bool:
        return all(x.get("executed", x["do"] not in spoil_bytes.BEFORE)
                   for x in self.local.effects)

    def raw(self, raw: bytes) -> str:
        """A stand-in for bytes that no text could hold; finish_request puts them in."""
        raws = getattr(self.local, "raws", None)
        if raws is None:
            return ""
        name = f"@raw-{len(raws)}-{id(raws)}@"
        raws.append((name, raw))
        return name


def _entry(model: str, method: str, args: list, kwargs: dict) -> dict:
    """What the log keeps of a call."""
    fields = kwargs.get("fields")
    place = {"read": 1, "search_read": 1}.get(method)
    if fields is None and place is not None and len(args) > place:
        fields = args[place]
    ids = None
    first = args[0] if args else kwargs.get("domain", kwargs.get("ids"))
    if method in ("read", "write", "unlink", "name_get") and isinstance(first, list):
        ids = len(first)
    elif isinstance(first, list):
        for leaf in first:
            if isinstance(leaf, list) and len(leaf) == 3 and leaf[0] == "id" \
                    and isinstance(leaf[2], list):
                ids = len(leaf[2])
    limit = kwargs.get("limit")
    if limit is None and method == "search_read" and len(args) > 3:
        limit = args[3]
    elif limit is None and method == "search" and len(args) > 2:
        limit = args[2]
    return {"model": model, "method": method, "ids_count": ids,
            "fields_count": len(fields) if isinstance(fields, list) else None,
            "limit": limit, "args": SHORT.repr(args), "kwargs": SHORT.repr(kwargs)}
