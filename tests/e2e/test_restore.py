# SPDX-License-Identifier: MIT
"""contrib/odoofs-restore: records of a backup back into a mount, changed ones and deleted ones."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from harness.backup import RESTORE
from harness.mount import Mount

# With the demo server only: each of a restore's many steps asks the server, which takes real ones
# minutes.
pytestmark = [pytest.mark.skipif(not shutil.which("jq"), reason="not installed: jq"),
              pytest.mark.usefixtures("fake")]

PARTNER, TAG = "res.partner", "res.partner.category"
THING, LINE = "x_everything", "x_everything_line"


@pytest.fixture(scope="module")
def trees(server):
    """A mount to restore into, and one to back up from."""
    made = [Mount(server.source(), ttl=0), Mount(server.source(), backup=True, ttl=0)]
    yield made
    for each in made:
        each.unmount()


def fields(rpc, model: str, number: int, *names: str) -> dict:
    """Of a record as it is on the server; many2one as ids."""
    [found] = rpc.read(model, [number], list(names))
    return {name: value[0] if isinstance(value, list) and len(value) == 2
            and isinstance(value[1], str) else value
            for name, value in found.items() if name != "id"}


def test_a_changed_record_gets_the_fields_that_differ(restorer, rpc, colleague):
    [number, other] = colleague.create_many(PARTNER, [
        {"name": "Azure", "city": "Ghent", "comment": "One\ttab", "ref": "é \"quoted\" \\"},
        {"name": "Other"}])
    kept = restorer.keep(PARTNER, number, other)
    rpc.call(PARTNER, "write", [number], {"city": "Gent", "ref": False, "active": False})
    before = rpc.read(PARTNER, [number], ["write_date", "city"])

    plan = restorer.run("--dry-run", kept)
    assert f'{PARTNER}/{number}.json: city: "Gent" -> "Ghent"' in plan.output
    assert f"{PARTNER}/{number}.json: active: false -> true" in plan.output
    assert "would be: 1 changed, 0 created, 0 deleted, 0 problems" in plan.output
    assert rpc.read(PARTNER, [number], ["write_date", "city"]) == before

    with restorer.tree.counting() as calls:
        done = restorer.run(kept / f"{number}.json")
    assert calls[f"{PARTNER}.write"] == 1
    assert "odoofs-restore: 1 changed, 0 created, 0 deleted, 0 problems" in done.output
    assert fields(rpc, PARTNER, number, "city", "ref", "active") == {
        "city": "Ghent", "ref": "é \"quoted\" \\", "active": True}
    assert "0 changed, 0 created" in restorer.run(kept).output


def test_deleted_records_refer_to_each_other_again(restorer, rpc, colleague):
    """A parent with a child and a tag, of two models, given as a snapshot."""
    tag = colleague.create(TAG, name="Restored tag")
    parent = colleague.create(PARTNER, name="Parent", is_company=True)
    child = colleague.create(PARTNER, name="Child", parent_id=parent,
                             category_id=[[6, 0, [tag]]])
    gone = colleague.create(PARTNER, name="Archived", active=False, parent_id=parent)
    restorer.keep(PARTNER, parent, child, gone)
    restorer.keep(TAG, tag)
    colleague.unlink(PARTNER, [gone, child])
    colleague.unlink(PARTNER, parent)
    colleague.unlink(TAG, tag)

    plan = restorer.run("-n", restorer.snapshot)
    assert "would be: 0 changed, 4 created, 0 deleted, 0 problems" in plan.output
    assert f"{PARTNER}/{child}.json: would be created" in plan.output
    assert not restorer.map.read_text()

    done = restorer.run(restorer.snapshot)
    new = restorer.renamed()
    assert set(new) == {(PARTNER, parent), (PARTNER, child), (PARTNER, gone), (TAG, tag)}
    assert f"{PARTNER}/{child}.json: is {PARTNER}/{new[PARTNER, child]}.json now" in done.output
    assert fields(rpc, PARTNER, new[PARTNER, child], "name", "parent_id", "category_id") == {
        "name": "Child", "parent_id": new[PARTNER, parent], "category_id": [new[TAG, tag]]}
    assert fields(rpc, PARTNER, new[PARTNER, gone], "active", "parent_id") == {
        "active": False, "parent_id": new[PARTNER, parent]}

    # Once more: everything is there, by the map.
    assert "0 changed, 0 created, 0 deleted, 0 problems" in restorer.run(restorer.snapshot).output
    rpc.call(PARTNER, "write", [new[PARTNER, child]], {"city": "Elsewhere"})
    restorer.run(restorer.snapshot / PARTNER)
    assert fields(rpc, PARTNER, new[PARTNER, child], "city") == {"city": False}


def test_a_circle_is_closed_by_a_second_write(restorer, rpc, colleague):
    """Two of which each is the other's parent; their lines, which can't be without them."""
    one = colleague.create(THING, x_name="One", x_integer=7, x_float=0.1, x_flag=True,
                           x_date="2026-11-20", x_state="open", x_html="<p>Hello</p>")
    two = colleague.create(THING, x_name="Two", x_parent_id=one)
    rpc.call(THING, "write", [one], {"x_parent_id": two, "x_reference": f"{PARTNER},1"})
    lines = colleague.create_many(LINE, [
        {"x_name": f"line {n}", "x_thing_id": one, "x_quantity": n} for n in range(3)])
    restorer.keep(THING, one, two)
    restorer.keep(LINE, *lines)
    before = fields(rpc, THING, one, "x_name", "x_integer", "x_float", "x_flag", "x_date",
                    "x_state", "x_html", "x_reference")
    colleague.unlink(LINE, lines)
    rpc.call(THING, "write", [one, two], {"x_parent_id": False})
    colleague.unlink(THING, [one, two])

    restorer.run(restorer.snapshot)
    new = restorer.renamed()
    assert fields(rpc, THING, new[THING, one], "x_parent_id") == {"x_parent_id": new[THING, two]}
    assert fields(rpc, THING, new[THING, two], "x_parent_id") == {"x_parent_id": new[THING, one]}
    assert fields(rpc, THING, new[THING, one], *before) == before
    assert sorted(fields(rpc, THING, new[THING, one], "x_line_ids")["x_line_ids"]) == sorted(
        new[LINE, n] for n in lines)


def test_an_order_with_its_lines(restorer, rpc, colleague):
    product = rpc.ids("product.product", [["sale_ok", "=", True]], limit=1)[0]
    order = colleague.create("sale.order", partner_id=rpc.ids(PARTNER, limit=1)[0])
    lines = colleague.create_many("sale.order.line", [
        {"order_id": order, "product_id": product, "product_uom_qty": n, "name": f"Line {n}"}
        for n in (1, 2)])
    restorer.keep("sale.order", order)
    restorer.keep("sale.order.line", *lines)
    colleague.unlink("sale.order", order)
    restorer.run(restorer.snapshot)
    new = restorer.renamed()
    found = rpc.read("sale.order.line", [new["sale.order.line", n] for n in lines],
                     ["name", "order_id", "product_uom_qty"])
    assert [(x["name"], x["order_id"][0], x["product_uom_qty"]) for x in found] == [
        (f"Line {n}", new["sale.order", order], n) for n in (1, 2)]
    colleague.created = [x for x in colleague.created if x[0] != "sale.order.line"]
    restorer.map.write_text("".join(line for line in restorer.map.open() if ".line" not in line))


def test_a_reference_to_what_is_gone_is_told(restorer, rpc, colleague):
    tags = [colleague.create(TAG, name=f"Lost {n}") for n in range(2)]
    parent = colleague.create(PARTNER, name="Lost parent", is_company=True)
    child, there = colleague.create_many(PARTNER, [
        {"name": "Orphan", "parent_id": parent, "category_id": [[6, 0, tags]]},
        {"name": "There", "category_id": [[6, 0, tags]]}])
    kept = restorer.keep(PARTNER, child, there)
    colleague.unlink(PARTNER, child)
    colleague.unlink(PARTNER, parent)
    colleague.unlink(TAG, tags[0])
    done = restorer.run(kept, status=1)
    assert f"parent_id: {PARTNER}/{parent} is gone, and is not restored" in done.words
    assert f"category_id: {TAG}/{tags[0]} is gone" in done.words
    assert "0 changed, 1 created, 0 deleted, 2 problems" in done.output
    assert fields(rpc, PARTNER, restorer.renamed()[PARTNER, child], "parent_id",
                  "category_id") == {"parent_id": False, "category_id": [tags[1]]}


def test_an_id_that_another_record_got_since(restorer, rpc, colleague):
    """As after a database was restored from an older dump."""
    number = colleague.create(PARTNER, name="Mine")
    kept = restorer.keep(PARTNER, number) / f"{number}.json"
    record = json.loads(kept.read_text())
    kept.write_text(json.dumps({**record, "create_date": "2020-01-02 03:04:05"}))
    rpc.call(PARTNER, "write", [number], {"name": "Somebody else's"})
    done = restorer.run(kept)
    assert f"{PARTNER}/{number}.json: another record has got this id since" in done.output
    assert fields(rpc, PARTNER, number, "name") == {"name": "Somebody else's"}
    new = restorer.renamed()[PARTNER, number]
    assert fields(rpc, PARTNER, new, "name") == {"name": "Mine"}
    # A map of another time says nothing, either.
    restorer.map.write_text(f"{PARTNER}\t{number}\t{new}\t2019-01-01 00:00:00\n")
    assert "1 created" in restorer.run("-n", kept).output
    restorer.map.write_text(f"{PARTNER}\t{number}\t{new}\t-\n")  # for the end


def test_a_run_that_was_interrupted_goes_on(restorer, rpc, colleague):
    """Killed before it wrote down which id the record had got: the mount knows."""
    number = colleague.create(PARTNER, name="Restored once", ref="once")
    kept = restorer.keep(PARTNER, number)
    colleague.unlink(PARTNER, number)
    restorer.run(kept)
    line = restorer.map.read_text()
    restorer.map.write_text("")
    restorer.run(kept)
    assert restorer.map.read_text() == line
    assert len(rpc.ids(PARTNER, [["ref", "=", "once"]])) == 1


def test_only_what_is_asked_for_is_deleted(restorer, rpc, colleague):
    colleague.create(TAG, name="Kept")
    kept = restorer.keep(TAG)
    [new] = colleague.create_many(TAG, [{"name": "Made since"}])
    assert "0 changed, 0 created, 0 deleted" in restorer.run(kept).output
    plan = restorer.run("--delete", "-n", kept)
    assert f"{TAG}/{new}.json: would be deleted" in plan.output and "1 deleted" in plan.output
    assert rpc.ids(TAG, [["id", "=", new]]) == [new]
    assert "1 deleted, 0 problems" in restorer.run("--delete", kept).output
    assert rpc.ids(TAG, [["id", "=", new]]) == []
    colleague.created.remove((TAG, new))


def test_what_the_server_refuses_is_told(restorer, rpc, colleague):
    """And leaves nothing of itself in the mount; the rest is restored."""
    code, other = colleague.create_many("res.country", [
        {"name": "Elbonia", "code": "Q3"}, {"name": "Ruritania", "code": "Q4"}])
    kept = restorer.keep("res.country", code, other)
    rpc.call("res.country", "write", [other], {"phone_code": 55})
    rpc.call("res.country", "write", [code], {"code": "Q5"})
    colleague.create("res.country", name="Vulgaria", code="Q3")
    done = restorer.run(kept, status=1)
    assert f"res.country/{code}.json can't be changed: " in done.words
    assert len(done.words.splitlines()) == 1
    assert fields(rpc, "res.country", other, "phone_code") == {"phone_code": 0}
    assert not list(restorer.tree.path.glob("res.country/*.rej*"))


def test_what_is_not_a_backup_is_refused(restorer, rpc):
    number = rpc.ids(TAG, limit=1)[0]
    kept = restorer.keep(TAG)
    partial = restorer.snapshot.with_name("2026-11-26T030000Z.partial")
    shutil.copytree(restorer.snapshot, partial)
    assert "incomplete" in restorer.run("--delete", partial, status=1).words
    assert "no such file" in restorer.run(restorer.snapshot / "nowhere", status=1).words
    assert "neither a model" in restorer.run(restorer.snapshot.parent, status=1).words
    (kept / f"{number}.json").write_text('{"id": ')
    assert f"{TAG}/{number}.json isn't a record in JSON" in restorer.run(kept, status=1).words
    (kept / f"{number}.json").write_text('{"id": 123456, "name": "Moved"}')
    assert f"{TAG}/{number}.json isn't a record" in restorer.run(kept, status=1).words


@pytest.mark.parametrize("options, words", [
    ({"ro": True}, "is read-only"), ({"archived": "no"}, "hides archived records"),
    ({"company": "1"}, "hides records of other companies")])
def test_a_mount_that_hides_something_is_refused(mount, restorer, options, words):
    restorer.tree = mount(**options)
    assert words in restorer.run(restorer.keep(TAG), status=1).words


@pytest.mark.any_door
@pytest.mark.parametrize("arguments, status, words", [
    ([], 2, "FROM and MOUNTPOINT"), (["x"], 2, "FROM and MOUNTPOINT"),
    (["--what", "x", "y"], 2, "no option --what"), (["/tmp", "/tmp"], 1, "isn't a mount")])
def test_a_wrong_command_line(arguments, status, words):
    done = subprocess.run([RESTORE, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == status and words in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.any_door
def test_help_and_form():
    done = subprocess.run([RESTORE, "--help"], capture_output=True, text=True, check=True)
    for word in ("--dry-run", "--delete", "--map", "FROM", "Exit status"):
        assert word in done.stdout
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", "-x", "-P", "SCRIPTDIR", RESTORE], check=True)
