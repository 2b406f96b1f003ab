# SPDX-License-Identifier: MIT
"""An export goes on past what the server fails on, and says what it is without."""

from __future__ import annotations

import csv
import io
import json
import os
import pathlib

import pytest

from harness.views import ids

PARTNER = "res.partner"
VIEW = f"{PARTNER}/.columns/id,name,email,city/.export"


@pytest.fixture
def tree(fake, mount):
    tree = mount(ttl=3600)
    os.listdir(tree / PARTNER)
    return tree


def rows_of(text: bytes) -> dict[int, dict]:
    rows = csv.DictReader(io.StringIO(text.decode(), newline=""))
    return {int(row[".id"]): row for row in rows}


def lines_of(text: bytes) -> dict[int, dict]:
    return {record["id"]: record for record in map(json.loads, text.splitlines())}


def mentions(tree, path: str) -> list[str]:
    return [error["message"] for error in tree.errors() if error["path"] == path]


def told(path: pathlib.Path) -> str:
    return os.getxattr(path, "user.odoofs.error").decode()


def test_a_field_of_a_record(fake, tree, rpc):
    everybody = rpc.ids(PARTNER)
    number = everybody[700]
    fake.control(broken_field={"model": PARTNER, "field": "email", "ids": [number],
                               "message": "email is broken"})
    there = {row["id"]: row for row in rpc.call(PARTNER, "search_read", [], ["name", "city"])}
    rows = rows_of(tree.read(f"{VIEW}/csv"))
    assert list(rows) == everybody
    assert rows[number]["name"] == there[number]["name"] and rows[number]["email"] == ""
    assert sum(bool(row["email"]) for row in rows.values()) > 100
    [message] = mentions(tree, f"{PARTNER}/{number}.json")
    assert "field email is left out of this record" in message and "email is broken" in message
    [message] = mentions(tree, f"{VIEW}/csv")
    assert f'without the "email" of record {number}' in message
    assert told(tree / VIEW / "csv") == message


def test_it_is_remembered(fake, tree, rpc):
    """The next export, and who reads the record, don't search for it again; and each is told."""
    everybody = rpc.ids(PARTNER)
    number = everybody[700]
    fake.control(broken_field={"model": PARTNER, "field": "email", "ids": [number]})
    tree.read(f"{VIEW}/csv")
    with tree.counting() as calls:
        lines = lines_of(tree.read(f"{VIEW}/jsonl"))
    assert calls[f"{PARTNER}.read"] == -(-len(everybody) // 1000) + 1  # and one by itself
    assert list(lines) == everybody
    assert list(lines[number]) == ["id", "name", "city"]
    assert all(list(line) == ["id", "name", "email", "city"]
               for line in lines.values() if line["id"] != number)
    with tree.counting() as calls:
        assert "email" not in tree.json(f"{PARTNER}/{number}.json")
    assert calls == {f"{PARTNER}.read": 1}
    assert len(mentions(tree, f"{PARTNER}/{number}.json")) == 1
    assert len(mentions(tree, f"{VIEW}/csv")) == len(mentions(tree, f"{VIEW}/jsonl")) == 1


@pytest.mark.parametrize("trouble", [
    {"forbid_field": {"model": PARTNER, "field": "email"}},
    {"broken_field": {"model": PARTNER, "field": "email"}},
], ids=lambda trouble: next(iter(trouble)))
def test_a_field_of_all_records(fake, tree, rpc, trouble):
    everybody = rpc.ids(PARTNER)
    fake.control(**trouble)
    with tree.counting() as calls:
        rows = rows_of(tree.read(f"{VIEW}/csv"))
    assert list(rows) == everybody and not any(row["email"] for row in rows.values())
    assert any(row["name"] for row in rows.values())
    assert calls[f"{PARTNER}.read"] < 120  # some records tell that it is all of them
    assert any("email is left out of every record" in text for text in mentions(tree, PARTNER))
    [message] = mentions(tree, f"{VIEW}/csv")
    assert f"without {len(everybody)} values" in message and '"email"' in message


def test_a_computed_column(fake, tree, rpc):
    everybody = rpc.ids(PARTNER)
    fake.control(broken_field={"model": PARTNER, "field": "display_name", "ids": everybody[5:7]})
    view = f"{PARTNER}/.columns/id,display_name/.export/csv"
    rows = rows_of(tree.read(view))
    assert [number for number, row in rows.items() if not row["display_name"]] == everybody[5:7]
    assert "without 2 values" in mentions(tree, view)[-1]
    with tree.counting() as calls:  # files haven't got it: they are read with their neighbours
        for number in everybody[:20]:
            tree.read(f"{PARTNER}/{number}.json")
    assert calls[f"{PARTNER}.read"] < 10


@pytest.mark.parametrize("name", ["csv", "jsonl"])
def test_a_record_that_may_not_be_read(fake, tree, rpc, name):
    """A rule that hides it after it was listed."""
    everybody = rpc.ids(PARTNER)
    number = everybody[800]
    view = tree / PARTNER / ".filter/id/.gt/0"
    assert ids(view) == everybody
    fake.control(forbid_record={"model": PARTNER, "id": number})
    text = (view / ".columns/id,name/.export" / name).read_bytes()
    shown = list((rows_of if name == "csv" else lines_of)(text))
    assert shown == [x for x in everybody if x != number]
    assert f"without record {number}" in told(view / ".columns/id,name/.export" / name)


def test_a_record_that_went(fake, tree, rpc):
    everybody = rpc.ids(PARTNER)
    view = tree / PARTNER / ".filter/id/.gt/0"
    assert ids(view) == everybody
    for number in everybody[3:5]:
        fake.control(lose_record={"model": PARTNER, "id": number})
    shown = rows_of((view / ".columns/id,name/.export/csv").read_bytes())
    assert list(shown) == everybody[:3] + everybody[5:]
    assert f"without 2 records that were removed meanwhile or may not be read, the first of them " \
        f"{everybody[3]}" in told(view / ".columns/id,name/.export/csv")


def test_a_whole_one_is_told_nothing_of(fake, tree):
    path = tree / VIEW / "csv"
    assert path.read_bytes() and tree.errors() == []
    with pytest.raises(OSError):
        told(path)


def test_its_size_is_what_is_read(fake, tree, rpc):
    """Who asks for the size first is told as well."""
    fake.control(broken_field={"model": PARTNER, "field": "email", "ids": rpc.ids(PARTNER)[:3]})
    path = tree / VIEW / "csv"
    assert path.stat().st_size == len(path.read_bytes())
    assert "without 3 values" in told(path)
