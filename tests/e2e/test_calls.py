# SPDX-License-Identifier: MIT
"""One fetch for many: how many calls reach the server, seen on the line to it."""

import collections
import concurrent.futures
import functools
import math
import subprocess

import pytest

from harness.look import drop_kernel_cache, output, running
from harness.mount import retry

PARTNER = "res.partner"
READ, LIST, SCHEMA = (f"{PARTNER}.{name}" for name in ("read", "search", "fields_get"))
# Which models there are, and what may be done to them: once, whenever it is needed first.
RIGHTS = ("ir.model.search_read", "ir.model.access.search_read")


@pytest.fixture
def mount(mount, server):
    """Of records alone: what binary fields cost is counted in test_binary.py."""
    return functools.partial(mount, binary="none")


def beside_rights(calls: collections.Counter) -> dict[str, int]:
    assert all(calls[name] <= 1 for name in RIGHTS), calls
    return {name: count for name, count in calls.items() if name not in RIGHTS}


def allowed(records: int) -> int:
    """What reading so many records may cost, all included."""
    return math.ceil(records / 900) + 15


def read_of(tap, ids: list[int]) -> list[int]:
    """Those of the records that were asked for, as often as they were. Who is ahead of the listing
    may ask for a few more, which there aren't."""
    asked = [number for batch in tap.ids_read(PARTNER) for number in batch]
    known = set(ids)
    assert len([number for number in asked if number not in known]) < 1000
    return sorted(number for number in asked if number in known)


@pytest.mark.parametrize("look", ["cat", "stat"])
def test_one_record_is_one_read(wired, tap, rpc, look):
    number = rpc.ids(PARTNER)[100]
    tree = wired()
    with tap.counting(tree) as calls:
        output(look, tree.record(PARTNER, number))
    assert beside_rights(calls) == {SCHEMA: 1, READ: 1}
    assert tap.ids_read(PARTNER) == [[number]]
    with tap.counting(tree) as calls:
        output("cat", tree.record(PARTNER, number))
        output("stat", tree.record(PARTNER, number))
    assert not calls


def test_a_listing_is_a_search_a_page(wired, tap, rpc):
    """As many ids as there are here; the fields are looked up once they are all given."""
    tree = wired()
    tree.models()
    with tap.counting(tree) as calls:
        names = output("ls", "-f", tree / PARTNER).split()
        assert retry(lambda: tap.passed()[SCHEMA])  # nobody waits for it
    assert beside_rights(calls) == {LIST: 1, SCHEMA: 1}
    assert sorted(names) == sorted([".", "..", *(f"{n}.json" for n in rpc.ids(PARTNER))])
    with tap.counting(tree) as calls:
        tree.ids(PARTNER)
    assert not calls


@pytest.mark.parametrize("command, read_only", [
    ("grep -rc name .", False), ("grep -rc name .", True), ("find . -size +100k", True),
    ("ls -l", False)])
def test_a_walk_is_a_call_for_many_and_a_second_is_none(wired, tap, rpc, command, read_only):
    ids = rpc.ids(PARTNER)
    tree = wired(ro=read_only)
    with tap.counting(tree) as calls:
        first = output(*command.split(), cwd=tree / PARTNER)
    assert calls.total() <= allowed(len(ids)), calls
    assert read_of(tap, ids) == ids
    with tap.counting(tree) as calls:
        assert output(*command.split(), cwd=tree / PARTNER) == first
        output("grep", "-rc", "name", ".", cwd=tree / PARTNER)
    assert not calls


def test_a_walk_in_the_order_of_names_is_no_call_a_file(wired, tap, rpc):
    """What a shell's glob gives: 1, 10, 100, 1000, 1001, …"""
    ids = rpc.ids(PARTNER)
    tree = wired()
    with tap.counting(tree) as calls:
        text = output("sh", "-c", "cat *.json", cwd=tree / PARTNER)
    assert text.count('\n  "id": ') == len(ids)
    assert calls.total() <= len(ids) / 20, calls


def test_batches_grow_to_a_thousand_at_most(wired, tap, rpc):
    ids = rpc.ids(PARTNER)
    tree = wired()
    tree.ids(PARTNER)
    tap.clear()
    for number in ids:
        tree.record(PARTNER, number).stat()
    tree.wait_until_idle()
    sizes = sorted(map(len, tap.ids_read(PARTNER)))  # two may overtake each other
    assert sizes[0] == 1 and sizes[-1] <= 1000
    assert len(sizes) <= 4 + math.ceil(len(ids) / 250), sizes
    assert sum(sizes) == len(ids)


def test_what_is_counted_is_what_passed(wired, tap):
    tree = wired()
    before = tree.calls()
    with tap.counting(tree) as passed:
        output("grep", "-rc", "name", ".", cwd=tree / "res.country")
    assert passed["res.country.search"]
    assert beside_rights(tree.calls() - before) == beside_rights(passed)


def test_many_readers_fetch_each_record_once(wired, tap, rpc):
    ids = rpc.ids(PARTNER)
    tree = wired()
    command = ["grep", "-rc", "name", "."]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        outputs = list(pool.map(lambda _: output(*command, cwd=tree / PARTNER), range(8)))
    assert {text.count("\n") for text in outputs} == {len(ids)}
    assert read_of(tap, ids) == ids


def test_who_wants_the_same_waits_for_the_same_call(wired, tap, rpc):
    """The answer is held back until all of them ask."""
    number = rpc.ids(PARTNER)[1000]
    tree = wired()
    tree.record(PARTNER, rpc.ids(PARTNER)[0]).read_bytes()  # the schema is there
    cut = tap.cut("read", "hold")
    with tap.counting(tree) as calls:
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            texts = [pool.submit(tree.record(PARTNER, number).read_bytes) for _ in range(6)]
            assert retry(lambda: cut.struck, 60)
            tap.release()
            assert len({text.result() for text in texts}) == 1
    assert calls == {READ: 1}


def test_a_cached_read_waits_for_no_slow_one(wired, tap, rpc):
    """As many slow reads as there are connections, and more, hold up nobody else."""
    first, *others = rpc.ids(PARTNER)[:1000:50]
    tree = wired(connections=2)
    text = tree.record(PARTNER, first).read_bytes()
    tap.cut("read", "hold", times=100)
    with running("cat", *(tree.record(PARTNER, n) for n in others)) as one, \
            running("ls", "-l", tree / "res.country") as other:
        assert retry(lambda: tap.counts()["read"] >= 3, 60)
        drop_kernel_cache(tree.path)  # a name that isn't known is looked for beside the others
        assert output("cat", tree.record(PARTNER, first)).encode() == text
        assert str(first) in output("stat", tree.record(PARTNER, first))
        assert one.poll() is None and other.poll() is None
        tap.release()
        assert one.wait(60) == 0 and other.wait(60) == 0


@pytest.mark.parametrize("connections", [1, 4])
def test_connections_bound_what_is_under_way(mount, own_fake, connections):
    server = own_fake("--workers=8", partners=800)
    server.fault("delay", model=PARTNER, method="read", seconds=0.1)
    tree = mount(source=server.source(), connections=connections)
    ids = tree.ids(PARTNER)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: output("cat", *(tree.record(PARTNER, i) for i in ids[n::8])),
                      range(8)))
    counts = server.control(counts=True)
    assert counts["max_concurrent"] <= connections
    assert connections == 1 or counts["max_concurrent"] > 1


def test_a_first_name_of_many_is_one_call(mount, own_fake, tap):
    """The first page, however many there are; all of them are few pages more."""
    tap.upstream = ("127.0.0.1", own_fake(partners=100000).port)
    tree = mount(source=tap.source())
    tree.models()
    with tap.counting(tree) as calls:
        with subprocess.Popen(["ls", "-U", tree / PARTNER], stdout=subprocess.PIPE) as ls:
            assert ls.stdout.readline().endswith(b".json\n")
            ls.kill()
    assert set(beside_rights(calls)) <= {LIST, SCHEMA}
    assert calls[LIST] <= 2  # the next page is sent for before it is asked for
    with tap.counting(tree) as calls:
        ids = tree.ids(PARTNER)
    assert set(beside_rights(calls)) <= {LIST, SCHEMA} and calls[LIST] <= 4
    assert len(ids) == len(set(ids)) >= 100000 and ids == sorted(ids)
