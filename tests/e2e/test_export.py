# SPDX-License-Identifier: MIT
""".export/: a view as one stream, in the shapes that other programs take."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import subprocess

import pytest

from harness.everything import NAME as THING
from harness.expect import differences, stored_fields, without_binaries
from harness.views import ids

pytestmark = pytest.mark.each_door

COMPANIES = "res.partner/.filter/is_company/true"
ODD = ['say "hello"', "a,b", "two\nlines", " blank before", "blank behind ", "semi;colon", "'",
       "Größe ✓", "tab\there", "=1+1", "back\\slash", "0123"]


@pytest.fixture(scope="module")
def many(rpc, tree):
    """More partners than one page has."""
    there = len(rpc.ids("res.partner"))
    made = rpc.call("res.partner", "create", [
        {"name": f"Azure Page {n}"} for n in range(max(0, 2300 - there))]) if there < 2300 else []
    tree.refresh("res.partner")
    yield rpc.ids("res.partner")
    if made:
        rpc.call("res.partner", "unlink", made)


def rows_of(text: bytes) -> list[dict]:
    return list(csv.DictReader(io.StringIO(text.decode(), newline="")))


# JSON

@pytest.mark.parametrize("model", ["res.country", THING])
def test_json_lines_are_the_records(tree, rpc, things, model):
    if model == THING:
        things.one()
        tree.refresh(THING)
    lines = tree.read(f"{model}/.export/jsonl").decode().splitlines()
    numbers = ids(tree / model)
    assert len(lines) == len(numbers)
    for line, number in list(zip(lines, numbers))[:30]:
        record = without_binaries(rpc, model, tree.json(f"{model}/{number}.json"))
        assert differences(json.loads(line), record) == []
        assert list(json.loads(line))[0] == "id"


def test_json_is_a_list_of_the_same(tree):
    view = f"{COMPANIES}/.columns/name,city,country_id"
    lines = tree.read(f"{view}/.export/jsonl").decode().splitlines()
    assert lines and tree.json(f"{view}/.export/json") == [json.loads(line) for line in lines]
    assert list(json.loads(lines[0])) == ["name", "city", "country_id"]  # as they were asked for


def test_many2one_as_ids(mount, rpc):
    tree = mount(many2one="id")
    [record] = tree.json("res.country/.filter/code/BE/.columns/currency_id/.export/json")
    [there] = rpc.call("res.country", "search_read", [["code", "=", "BE"]], ["currency_id"])
    assert record == {"currency_id": there["currency_id"][0]}


def test_nothing_is_an_empty_one(tree):
    view = "res.partner/.filter/id/0/.columns/name/.export"
    assert tree.json(f"{view}/json") == []
    assert tree.read(f"{view}/jsonl") == b""
    assert tree.read(f"{view}/csv") == b"name\r\n"


# CSV

def test_csv_is_what_rfc_4180_says(tree, rpc, colleague):
    made = [colleague.create("res.partner", name=name, ref="ODD") for name in ODD]
    tree.refresh("res.partner")
    text = tree.read("res.partner/.filter/ref/ODD/.order/id/.columns/id,name/.export/csv")
    there = {row["id"]: row["name"] for row in rpc.read("res.partner", made, ["name"])}
    assert [(int(row[".id"]), row["name"]) for row in rows_of(text)] == sorted(there.items())
    assert text.startswith(b".id,name\r\n") and text.endswith(b"\r\n")
    assert b'"say ""hello"""' in text and b"\ttab" not in text


def test_columns_are_in_the_order_asked_for(tree):
    text = tree.read("res.country/.first/1/.columns/name,id,code,currency_id,state_ids/.export/csv")
    assert text.splitlines()[0] == b"name,.id,code,currency_id/.id,state_ids/.id"


def test_rows_are_in_the_order_of_the_view(tree, rpc):
    view = "res.country/.order/name.desc,id/.offset/3/.first/20/.columns/name/.export/csv"
    there = rpc.call("res.country", "search_read", [], ["name"], order="name desc, id", offset=3,
                     limit=20)
    assert [row["name"] for row in rows_of(tree.read(view))] == [row["name"] for row in there]


def test_without_columns_it_has_all_that_a_record_has(tree, rpc):
    [row] = rows_of(tree.read("res.country/.filter/code/BE/.export/csv"))
    fields = stored_fields(rpc, "res.country")
    assert {name.partition("/")[0] for name in row} == set(fields) | {".id"}


def test_values_of_every_type(tree, rpc, things):
    number = things.one()
    tree.refresh(THING)
    [row] = rows_of(tree.read(f"{THING}/.filter/id/{number}/.export/csv"))
    [there] = rpc.read(THING, [number], list(stored_fields(rpc, THING)))
    assert row["x_flag"] == "false" and row["x_integer"] == "3" and row["x_float"] == "1.5"
    assert row["x_partner_id/.id"] == str(there["x_partner_id"][0])
    assert row["x_tag_ids/.id"].split(",") == [str(x) for x in there["x_tag_ids"]]
    assert row["x_owner_id/.id"] == ""  # false is nothing
    assert row["x_datetime"] == there["x_datetime"] and row["x_text"] == "one\ntwo"
    assert row["x_reference"] == there["x_reference"]


def test_odoo_imports_it_again(real, mount, rpc, colleague):
    """What was exported brings back what was changed since, by Odoo's own import."""
    tree = mount()
    tags = rpc.ids("res.partner.category", limit=2)
    country = rpc.ids("res.country", [["code", "=", "BE"]])[0]
    made = [colleague.create("res.partner", name=name, ref="BACK", comment="", color=n,
                             city=name, is_company=n % 2 == 0, country_id=country if n else False,
                             category_id=[[6, 0, tags[:n % 3]]]) for n, name in enumerate(ODD)]
    fields = ["name", "color", "city", "is_company", "country_id", "category_id"]
    before = rpc.read("res.partner", made, fields)
    text = tree.read(f"res.partner/.filter/ref/BACK/.columns/id,{','.join(fields)}/.export/csv")
    rpc.call("res.partner", "write", made, {
        "name": "x", "color": 9, "city": "y", "is_company": False,
        "country_id": rpc.ids("res.country", [["code", "=", "FR"]])[0],
        "category_id": [[5, 0, 0]]})
    heading, *rows = csv.reader(io.StringIO(text.decode(), newline=""))
    answer = rpc.call("res.partner", "load", heading, rows)
    assert answer["messages"] == [] and sorted(answer["ids"]) == sorted(made)
    after = rpc.read("res.partner", made, fields)
    for was, now in zip(before, after):
        # An import cuts blanks off, and can't empty a relation by an empty cell of several ids.
        for record in (was, now):
            record.update({name: record[name].strip() for name in ("name", "city")})
    assert after == before


# As a stream

def test_any_length(tree, rpc, many):
    text = tree.read("res.partner/.columns/id,name/.export/csv")
    assert [int(row[".id"]) for row in rows_of(text)] == many
    assert len(tree.read("res.partner/.columns/id/.export/jsonl").splitlines()) == len(many)


def test_it_is_read_in_any_pieces(tree, many):
    path = tree / "res.partner/.columns/id,name/.export/jsonl"
    whole = path.read_bytes()
    for size in (1 << 20, 4096, 77777):
        with open(path, "rb", buffering=0) as file:
            assert b"".join(iter(lambda: file.read(size), b"")) == whole
    head = subprocess.run(["head", "-n", "2", path], capture_output=True, check=True).stdout
    assert whole.startswith(head)
    assert subprocess.run(f"sort '{path}' | wc -l", shell=True, capture_output=True,
                          check=True).stdout.strip() == str(len(many)).encode()


def test_two_read_at_once(tree, many):
    path = tree / "res.partner/.columns/id,name/.export/csv"
    with open(path, "rb") as one, open(path, "rb") as two:
        first = one.read(1000)
        assert two.read() == first + one.read()


def test_a_copy_has_all_of_it(tree, many, tmp_path):
    source = tree / "res.partner/.columns/id,name/.export/csv"
    for number, command in enumerate((
            "dd status=none if={} of={}", "cat {} >{}", "cat <{} >{}", "cp {} {}", "rsync {} {}",
            "tar -cP --transform 's/.*/x/' {} | tar -xO >{}")):
        target = tmp_path / str(number)
        done = subprocess.run(command.format(source, target), shell=True, capture_output=True)
        assert done.returncode == 0, (command, done.stderr)
        assert len(rows_of(target.read_bytes())) == len(many), command


def test_its_size_is_what_is_read(mount, rpc):
    """What stat says before it is read, and fstat while it is."""
    tree = mount(ttl=1)
    view = tree / "res.country/.columns/name,code/.export"
    for name in ("csv", "json", "jsonl"):
        assert (view / name).stat().st_size == len((view / name).read_bytes()) > 500
        with open(view / name, "rb") as file:
            assert os.fstat(file.fileno()).st_size == len(file.read())
    tree.refresh("res.country")
    assert (view / "csv").stat().st_size == len((view / "csv").read_bytes())


def test_on_a_read_only_mount_sizes_are_exact(mount, tree, many):
    readonly = mount(ro=True)
    for name in ("csv", "json", "jsonl"):
        path = readonly / "res.partner/.columns/id,name/.export" / name
        text = path.read_bytes()
        assert path.stat().st_size == len(text)
        assert text == (tree / "res.partner/.columns/id,name/.export" / name).read_bytes()


def test_what_changes_is_in_the_next_one(mount, rpc, colleague):
    tree = mount(ttl=1)
    number = colleague.create("res.partner", name="Azure Export", ref="NEXT")
    path = tree / "res.partner/.filter/ref/NEXT/.columns/name/.export/jsonl"
    assert json.loads(path.read_text()) == {"name": "Azure Export"}
    with open(path, "rb") as file:
        colleague.write("res.partner", number, name="Azure Changed")
        tree.refresh("res.partner")
        assert b"Azure" in file.read()
    assert json.loads(path.read_text()) == {"name": "Azure Changed"}


@pytest.mark.calm("it counts its calls")
def test_who_reads_its_beginning_leaves_it_to_the_next(mount, many):
    tree = mount()
    path = tree / "res.partner/.export/jsonl"
    head = subprocess.run(["head", "-c", "100", path], capture_output=True, check=True).stdout
    tree.wait_until_idle()
    with tree.counting() as calls:
        text = path.read_bytes()
    assert text.startswith(head) and len(text.splitlines()) == len(many)
    assert not calls


def test_a_failure_is_an_error_and_no_end(fake, mount):
    """A stream that breaks off must not look like one that is whole."""
    tree = mount(timeout=5)
    path = tree / "res.partner/.columns/id,name/.export/csv"
    fake.control(fault={"method": "read", "model": "res.partner", "skip": 1, "do": "fault",
                        "name": "builtins.ValueError", "message": "no more"})
    with pytest.raises(OSError) as caught, open(path, "rb") as file:
        while file.read(4096):
            pass
    assert caught.value.errno == errno.EIO
    with pytest.raises(OSError):
        path.stat()
    assert tree.errors()[-1]["message"] == "no more"
    fake.control(clear_faults=True)
    assert len(rows_of(path.read_bytes())) == len(tree.ids("res.partner"))
