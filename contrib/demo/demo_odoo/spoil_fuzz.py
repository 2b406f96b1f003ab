# SPDX-License-Identifier: MIT
"""Answers made wrong in any way, from a seed: values, JSON and XML, bytes, headers, and the end.

Each answer that is struck gets one to three of these at once; the same seed and the same answer
in the same place get the same.
"""

from __future__ import annotations

import functools
import gzip
import json
import random
import re
import zlib
from typing import Any, Callable

from .httpd import Response

# How often what is large is made of the largest size, which costs both sides some time.
LARGE = 0.05

# Bytes of an answer to which values may grow.
MOST = 4 << 20

# What a value may become. `RAW` ones are no JSON, or none that everybody reads.
VALUES: list[Any] = [
    None, True, False, 0, -1, 2**31 - 1, 2**31, 2**53 + 1, 2**63, -2**63 - 1, 1.5, "", "0", " ",
    ".", "..", "../x", "a/b", "/etc/passwd", "-o", ".odoofs", "14.json", "res.partner", "\0", "a\0b",
    "a\nb", "\x1b[2J", "\u202e", "\ufeff", "\ud800", "%s%n%s", "é" * 200, "x" * 256, "x" * 5000,
    [], {}, [[]], [None], [0], [False, ""], [2**31, "x"], [1, 2, 3], {"id": 1}, {"": {}},
    {"id": "1"}, [{"id": 1}, {"id": 1}], {"name": "x", "message": [], "arguments": 1, "debug": 7},
]
RAW = ["NaN", "-Infinity", "1e400", "1" + "0" * 400, "0x10", "01", "'x'", "undefined", '"\\ud800"',
       '"\\u0000"', '"\udcff\udcfe"', '"\udcc0\udc80"', '"', "[", "{", "}", ",", '{"a":1,"a":2}',
       "[" * 300 + "]" * 300, '{"a":' * 5000, "[0" + ",0" * 20000 + "]", '"' + "x" * 300000 + '"']
TYPES = ["text/html", "application/json; charset=utf-16", "text/xml", "application/octet-stream", "",
         "x" * 4000, "multipart/form-data; boundary=x"]
STATUSES = [200, 201, 202, 204, 206, 304, 307, 400, 402, 404, 409, 413, 418, 422, 429, 500, 502,
            503, 504, 599, 600, 999]
HEADERS = [
    ("Content-Length", "0"), ("Content-Length", "-1"), ("Content-Length", "99999999999999999999"),
    ("Content-Length", "5"), ("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "gzip"),
    ("Content-Encoding", "gzip"), ("Content-Encoding", "deflate"), ("Content-Encoding", "x" * 200),
    ("Set-Cookie", "session_id=" + "x" * 9000), ("Set-Cookie", "session_id=;=;;\xff"),
    ("Date", "yesterday"), ("Date", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ("Date", "Fri, 31 Dec 9999 23:59:59 GMT"), ("Retry-After", "-1"), ("Retry-After", "\xff"),
    ("Location", "http://127.0.0.2:9/"), ("X", "y" * 300000), ("\xff\x01", "z"), ("", ""),
    ("Connection", "keep-alive, close"), ("WWW-Authenticate", "Basic"), ("X-Y", "a\0b"),
]


def plan(spec: dict, strike: int, response: Response) -> list[dict]:
    """Make an answer wrong. What has to happen while it is sent is returned, as effects."""
    chance = random.Random(f"{spec.get('seed', 0)}/{strike}/{zlib.crc32(response.body)}")
    effects: list[dict] = []
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        kind = chance.choices([_value, _bytes, _header, _packed, _ending],
                              weights=[60, 15, 12, 5, 8])[0]
        effects = kind(chance, response) or effects
    return effects


# Values

def _value(chance: random.Random, response: Response) -> None:
    if response.body.lstrip().startswith(b"<"):
        return _xml(chance, response)
    try:
        answer = json.loads(response.body)
    except ValueError:
        return _bytes(chance, response)
    raws: list[bytes] = []
    root = [answer]
    for _ in range(chance.choice([1, 1, 2, 5, 20])):
        _change(chance, *_somewhere(chance, root), root, raws)
    try:
        text = _encode(root[0]) if root else b""
    except (ValueError, RecursionError):  # it holds itself by now
        text = b'{"id": 1, "result": ' * 3000
    for number, raw in enumerate(raws):
        text = text.replace(f'"@raw-{number}@"'.encode(), raw)
    response.body = text


def _encode(answer: Any) -> bytes:
    """What is in many places many times would be without end: it is cut off."""
    parts, left = [], MOST
    for part in json.JSONEncoder().iterencode(answer):
        parts.append(part)
        left -= len(part)
        if left < 0:
            break
    return "".join(parts).encode()


def _somewhere(chance: random.Random, root: list) -> tuple[Any, Any]:
    """A container and one of its keys; the deeper ones are many, so a walk from the top."""
    box: Any = root
    while True:
        keys = list(box) if isinstance(box, dict) else range(len(box))
        if not keys:
            return box, None
        key = chance.choice(keys)
        if not isinstance(box[key], (dict, list)) or not box[key] or chance.random() < 0.15:
            return box, key
        box = box[key]


def _change(chance: random.Random, box: Any, key: Any, root: list, raws: list[bytes]) -> None:
    if key is None:
        return
    what = chance.random()
    if what < 0.45:
        box[key] = chance.choice(VALUES)
    elif what < 0.6:
        raws.append(chance.choice(RAW).encode("utf-8", "surrogateescape"))
        box[key] = f"@raw-{len(raws) - 1}@"
    elif what < 0.7:
        del box[key]
    elif what < 0.8:
        other, place = _somewhere(chance, root)
        if place is not None:
            box[key] = other[place]
    elif what < 0.9 and isinstance(box, dict):
        box[chance.choice(["id", "name", "", "result", "error", "../x", "x" * 300])] = box[key]
    elif isinstance(box, list):
        box.extend([box[key]] * chance.choice([1, 2, 1000]))
    else:
        box[key] = str(box[key])


def _xml(chance: random.Random, response: Response) -> None:
    """A tag or a text becomes another, goes, or comes again."""
    parts = re.split(rb"(<[^>]*>)", response.body)
    for _ in range(chance.choice([1, 1, 2, 5])):
        place = chance.randrange(len(parts))
        parts[place] = chance.choice([
            b"", parts[place] * 2, chance.choice(parts), b"<value>", b"</value>", b"<int>",
            b"<int>9999999999</int>", b"<double>nan</double>", b"<nil/>", b"<base64>!</base64>",
            b"<array><data>" * 500, b"<struct><member><name>id</name>", b"&#0;", b"&x;", b"\xff",
            b"<!DOCTYPE x [<!ENTITY x 'y'>]>", b"<![CDATA[", b"x" * 1000000, b"<boolean>7</boolean>",
            b"<dateTime.iso8601>x</dateTime.iso8601>", b"<fault>"])
    response.body = b"".join(parts)


# Bytes

def _bytes(chance: random.Random, response: Response) -> None:
    body = bytearray(response.body)
    for _ in range(chance.choice([1, 3, 30])):
        place = chance.randrange(len(body) + 1)
        size = chance.choice([1, 2, 16, 1000])
        change: Callable[[], bytes] = chance.choice([
            lambda: b"", lambda: chance.randbytes(size), lambda: bytes(body[place:place + size]) * 2,
            lambda: bytes(size), lambda: b"\xff\xfe", lambda: b"[" * size])
        body[place:place + (0 if chance.random() < 0.5 else size)] = change()
    response.body = bytes(body)


def _packed(chance: random.Random, response: Response) -> None:
    """The whole in another encoding than it says, or compressed until it is a bomb."""
    kind = chance.randrange(4)
    if kind == 0:
        response.body = response.body.decode("utf-8", "replace").encode("utf-16")
    elif kind == 1:
        response.body = b"\xef\xbb\xbf" + response.body
    else:
        packed = _bomb() if chance.random() < LARGE else gzip.compress(response.body, 1)
        response.body = packed[:-9] if kind == 3 else packed
        response.headers.append(("Content-Encoding", "gzip"))


@functools.lru_cache
def _bomb() -> bytes:
    """200 MB of nothing much."""
    return gzip.compress(b"[" + b" " * (200 << 20), 1)


def _header(chance: random.Random, response: Response) -> None:
    what = chance.randrange(3)
    if what == 0 and response.headers:
        response.headers[0] = ("Content-Type", chance.choice(TYPES))
    elif what == 1:
        response.status = chance.choice(STATUSES)
    else:
        name, value = chance.choice(HEADERS)
        response.headers += [(name, value)] * chance.choice([1, 1, 2, 50_000 // (len(value) + 99)])


def _ending(chance: random.Random, response: Response) -> list[dict]:
    count = chance.randrange(len(response.body) + 1)
    return [chance.choice([
        {"do": "cut", "bytes": count}, {"do": "cut_clean", "bytes": count},
        {"do": "reset", "bytes": count, "seconds": 0}, {"do": "reset_before"},
        {"do": "content_length", "value": chance.choice([0, 1, count, 2**31, 2**62])},
        {"do": "stall", "bytes": count, "seconds": 0.5, "then": "reset"},
        {"do": "endless", "megabytes": 160 if chance.random() < LARGE else 1, "filler": chance.choice([", 1", "[", '"', " "])}])]
