# SPDX-License-Identifier: MIT
"""A record as a file: its layout, its values, and which fields it has."""

import json
import mmap
import os
import random
import re
import subprocess

import pytest

from harness.expect import (binary_fields, differences, stored_fields, text_of,
                            without_binaries)

pytestmark = pytest.mark.each_door

SAMPLE = ["res.partner", "res.country", "res.currency", "res.users", "sale.order",
          "sale.order.line", "ir.model", "res.lang", "product.template"]


def some(rpc, model, count=3):
    ids = rpc.ids(model)
    return random.Random(model).sample(ids, min(count, len(ids)))


@pytest.mark.parametrize("model", SAMPLE)
def test_values_are_those_of_read(tree, rpc, model):
    fields = stored_fields(rpc, model)
    for number in some(rpc, model):
        there = rpc.read(model, [number], list(fields))[0]
        shown = without_binaries(rpc, model, tree.json(f"{model}/{number}.json"))
        assert differences(shown, there) == []


@pytest.mark.parametrize("model", SAMPLE)
def test_text_is_laid_out_for_grep_and_diff(tree, rpc, model):
    for number in some(rpc, model):
        text = tree.read(f"{model}/{number}.json")
        assert text == text_of(json.loads(text))


def test_id_is_first_then_fields_by_name(tree, rpc):
    for number in some(rpc, "res.partner"):
        lines = tree.read(f"res.partner/{number}.json").decode().splitlines()
        assert lines[0] == "{" and lines[-1] == "}"
        assert lines[1] == f'  "id": {number},'
        names = [re.match(r'  "([a-z0-9_]+)": \S', line).group(1) for line in lines[1:-1]]
        assert names[1:] == sorted(names[1:])
        assert names.count("id") == 1


def test_text_is_utf8_unescaped(tree, rpc, colleague):
    name = 'Ünïcödé ✓ 漢字 😀 "quoted" \\ back / slash'
    number = colleague.create("res.partner", name=name, street="a\tb", street2="\u2028\u00a0")
    tree.refresh("res.partner")
    text = tree.read(f"res.partner/{number}.json")
    assert b'"name": ' + json.dumps(name, ensure_ascii=False).encode() in text
    assert json.loads(text)["name"] == name
    assert b'"street": "a\\tb"' in text
    assert "\u2028".encode() in text


def test_empty_values_are_false(tree, rpc, colleague):
    number = colleague.create("res.partner", name="Nobody")
    tree.refresh("res.partner")
    record = tree.json(f"res.partner/{number}.json")
    for field in ("street", "country_id", "comment", "vat", "parent_id"):
        assert record[field] is False
    assert record["category_id"] == [] and record["child_ids"] == []
    assert record["partner_latitude"] == 0.0 and record["partner_latitude"] is not False


def test_relations_are_ids_and_names(tree, rpc, colleague):
    belgium = rpc.ids("res.country", [["code", "=", "BE"]])[0]
    tags = rpc.ids("res.partner.category", limit=2)
    number = colleague.create("res.partner", name="Related", country_id=belgium,
                              category_id=[[6, 0, tags]])
    tree.refresh("res.partner")
    record = tree.json(f"res.partner/{number}.json")
    assert record["country_id"] == [belgium, "Belgium"]
    assert sorted(record["category_id"]) == tags


def test_many2one_as_ids(mount, rpc, colleague):
    belgium = rpc.ids("res.country", [["code", "=", "BE"]])[0]
    number = colleague.create("res.partner", name="Related", country_id=belgium)
    record = mount(many2one="id").json(f"res.partner/{number}.json")
    assert record["country_id"] == belgium
    assert record["parent_id"] is False
    assert not any(isinstance(value, list) and [type(x) for x in value] == [int, str]
                   for value in record.values())


def test_backup_shows_what_moves_write_date(mount, rpc):
    tree = mount(backup=True)
    fields = stored_fields(rpc, "res.partner")
    lines = {name for name, field in fields.items() if field["type"] == "one2many"}
    number = some(rpc, "res.partner")[0]
    record = tree.json(f"res.partner/{number}.json")
    assert lines
    assert set(record) == set(fields) - lines | {"id"} | binary_fields(rpc, "res.partner")
    many2one = [name for name, field in fields.items() if field["type"] == "many2one"]
    assert all(record[name] is False or type(record[name]) is int for name in many2one)
    assert tree.status()["options"]["ro"] is True
    with pytest.raises(OSError):
        open(tree / f"res.partner/{number}.json", "r+b").close()


def test_only_stored_fields_unless_told_otherwise(tree, mount, rpc):
    number = some(rpc, "res.country")[0]
    every = rpc.call("res.country", "fields_get", [], ["type", "store"])
    computed = {name for name, field in every.items()
                if not field.get("store") and field["type"] != "binary"}
    assert "display_name" in computed
    stored = tree.json(f"res.country/{number}.json")
    assert set(stored) == (set(stored_fields(rpc, "res.country")) | {"id"}
                           | binary_fields(rpc, "res.country"))
    shown = mount(fields="all").json(f"res.country/{number}.json")
    assert set(stored) < set(shown)
    assert shown["display_name"] == stored["name"]


def test_the_same_record_gives_the_same_bytes(tree, mount, rpc):
    other, read_only = mount(), mount(ro=True)
    for number in some(rpc, "res.partner", 5):
        name = f"res.partner/{number}.json"
        assert tree.read(name) == other.read(name) == read_only.read(name)


def test_reading_in_parts(tree, rpc):
    name = f"res.partner/{some(rpc, 'res.partner')[0]}.json"
    whole = tree.read(name)
    with open(tree / name, "rb", buffering=0) as file:
        assert os.pread(file.fileno(), 10, 5) == whole[5:15]
        assert os.pread(file.fileno(), 100, len(whole)) == b""
        assert os.pread(file.fileno(), 100, len(whole) - 7) == whole[-7:]
        assert os.pread(file.fileno(), 100, 1 << 40) == b""
        assert file.seek(-3, os.SEEK_END) == len(whole) - 3
        assert file.read() == whole[-3:]
        with mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as mapped:
            assert mapped[:] == whole
    parts = subprocess.run(["dd", f"if={tree / name}", "bs=7", "status=none"],
                           capture_output=True, check=True).stdout
    assert parts == whole


def test_a_large_record(tree, rpc, colleague):
    text = "\n".join(f"line {n}: Größe ✓ \"{n}\"" for n in range(60000))
    field = "comment" if rpc.call("res.partner", "fields_get", ["comment"], ["type"])[
        "comment"]["type"] == "text" else "street"
    number = colleague.create("res.partner", **{"name": "Large", field: text})
    tree.refresh("res.partner")
    name = f"res.partner/{number}.json"
    assert (tree / name).stat().st_size > 1 << 20
    shown = tree.read(name)
    assert len(shown) == (tree / name).stat().st_size
    assert json.loads(shown)[field] == text


def test_another_language(mount, rpc, fake):
    germany = rpc.ids("res.country", [["code", "=", "DE"]])[0]
    assert mount(lang="fr_FR").json(f"res.country/{germany}.json")["name"] == "Allemagne"
    assert mount(lang="en_US").json(f"res.country/{germany}.json")["name"] == "Germany"


def test_context_goes_with_every_call(mount, rpc):
    archived = rpc.ids("res.partner", [["active", "=", False]])[0]
    assert mount(context='{"active_test": true}').ids("res.partner") == rpc.ids(
        "res.partner", [["active", "=", True]])
    # A record that a listing doesn't show is there for who knows its number.
    assert mount().json(f"res.partner/{archived}.json")["active"] is False


def test_a_file_of_every_field_type(mount, fake, rpc):
    tree = mount()
    fields = stored_fields(rpc, "x_everything")
    assert {field["type"] for field in fields.values()} >= {
        "char", "text", "html", "integer", "float", "monetary", "boolean", "date", "datetime",
        "selection", "many2one", "one2many", "many2many", "reference", "many2one_reference"}
    for number in rpc.ids("x_everything"):
        there = rpc.read("x_everything", [number], list(fields))[0]
        text = tree.read(f"x_everything/{number}.json")
        shown = without_binaries(rpc, "x_everything", json.loads(text))
        assert differences(shown, there) == []
        lines = len(fields) + len(binary_fields(rpc, "x_everything"))
        assert text.endswith(b"\n}\n") and text.count(b"\n") == lines + 3


@pytest.fixture
def holed(fake, rpc):
    """A record that has an empty value within a field, as long as it is looked at."""
    before = rpc.read("x_everything", [3], ["x_json"])[0]["x_json"]
    fake.control(sql=["UPDATE x_everything SET x_json = ? WHERE id = 3", ['{"a": [null]}']])
    yield 3
    rpc.call("x_everything", "write", [3], {"x_json": before})


@pytest.mark.since(19)
def test_an_empty_value_within_a_field(mount, fake, holed):
    """XML-RPC can't hold one: then that field is left out, and how to see it is said."""
    tree = mount()
    shown = tree.json(f"x_everything/{holed}.json")
    if fake.transport != "xmlrpc":
        assert shown["x_json"] == {"a": [None]}
        assert tree.errors() == []
        return
    assert shown.keys() == tree.json("x_everything/1.json").keys() - {"x_json"}
    for word in ("x_json", "(null)", "other transports can"):
        assert word in tree.errors()[-1]["message"]
    lines = [json.loads(line) for line in tree.read("x_everything/.export/jsonl").splitlines()]
    assert [line["id"] for line in lines if "x_json" not in line] == [holed]
    assert f'"x_json" of record {holed}' in tree.errors()[-1]["message"]


def test_numbers_survive(mount, fake):
    """A float stays a float, and every digit of it stays."""
    tree = mount()
    values = {"0.1": 0.1, "1e-7": 1e-7, "1/3": 1 / 3, "1e21": 1e21, "2**53 - 1": 2**53 - 1,
              "smallest": 5e-324, "largest": 1.7976931348623157e308, "-0.0": -0.0, "100": 100.0}
    for n, value in enumerate(values.values(), 1):
        fake.control(sql=["UPDATE x_everything SET x_float = ? WHERE id = ?", [value, n]])
    for n, value in enumerate(values.values(), 1):
        text = tree.read(f"x_everything/{n}.json")
        shown = json.loads(text)["x_float"]
        assert shown == value and isinstance(shown, float), list(values)[n - 1]
