# SPDX-License-Identifier: MIT
"""One fetch for many: how many calls reading costs, cold and warm, alone and in company."""

import concurrent.futures
import json
import math
import os
import random
import subprocess
import time

import pytest

from harness.expect import stored_fields

PARTNER = "res.partner"
READ, LIST, SCHEMA = (f"{PARTNER}.{name}" for name in ("read", "search", "fields_get"))
RIGHTS = {"ir.model.search_read": 1, "res.users.read": 1, "ir.model.access.search_read": 1}


def allowed(records: int) -> int:
    """What reading so many records may cost, all included."""
    return math.ceil(records / 900) + 15


def read_one_by_one(tree, ids, model=PARTNER):
    return {number: tree.record(model, number).read_bytes() for number in ids}


def test_one_cat_is_one_read(mount, rpc):
    number = rpc.ids(PARTNER)[100]
    tree = mount()
    with tree.counting() as calls:
        subprocess.run(["cat", tree.record(PARTNER, number)], stdout=subprocess.DEVNULL, check=True)
    assert calls == {**RIGHTS, SCHEMA: 1, READ: 1}
    assert tree.stats()["cache"]["batch_records"] == 1
    with tree.counting() as calls:
        subprocess.run(["cat", tree.record(PARTNER, number)], stdout=subprocess.DEVNULL, check=True)
    assert not calls


def test_listing_costs_a_search_a_page_and_reads_nothing(mount, rpc):
    """1,000 ids come first, then eight times as many."""
    tree = mount()
    tree.models()
    with tree.counting() as calls:
        names = subprocess.run(["ls", "-f", tree / PARTNER], capture_output=True, text=True,
                               check=True).stdout.split()
    assert calls == {LIST: 2}
    assert sorted(names[2:]) == sorted(f"{n}.json" for n in rpc.ids(PARTNER))
    with tree.counting() as calls:
        tree.ids(PARTNER)
    assert not calls


@pytest.mark.parametrize("command, read_only", [
    ("grep -rc name .", False), ("grep -rc name .", True), ("find . -size +100k", False),
    ("du -sb .", True), ("ls -l", False), ("tar cf - .", True)])
def test_a_walk_over_all_costs_few_calls(mount, rpc, command, read_only):
    records = len(rpc.ids(PARTNER))
    tree = mount(ro=read_only)
    with tree.counting() as calls:
        subprocess.run(command.split(), cwd=tree / PARTNER, stdout=subprocess.DEVNULL, check=True)
    assert calls.total() <= allowed(records)
    assert tree.stats()["cache"]["records"] == records


def test_a_walk_reads_no_record_twice(mount, rpc):
    fields = list(stored_fields(rpc, PARTNER))
    answer = rpc.call(PARTNER, "search_read", [], fields)
    tree = mount()
    tree.record(PARTNER, answer[0]["id"]).read_bytes()
    before = tree.stats()["bytes_received"]
    subprocess.run(["ls", "-l"], cwd=tree / PARTNER, stdout=subprocess.DEVNULL, check=True)
    subprocess.run(["grep", "-rc", "name", "."], cwd=tree / PARTNER, stdout=subprocess.DEVNULL)
    received = tree.stats()["bytes_received"] - before
    assert received <= 1.1 * len(json.dumps(answer)) + 65536


def test_a_walk_in_the_order_of_names_is_no_call_a_file(mount, fake, rpc):
    """What a shell's glob gives: 1, 10, 100, 1000, 1001, …"""
    records = len(rpc.ids(PARTNER))
    tree = mount()
    with tree.counting() as calls:
        subprocess.run("cat *.json", shell=True, cwd=tree / PARTNER, stdout=subprocess.DEVNULL)
    assert calls.total() <= records / 40


@pytest.mark.parametrize("read_only", [False, True])
def test_warm_costs_no_call(mount, read_only):
    tree = mount(ro=read_only)
    first = subprocess.run(["tar", "cf", "-", "."], cwd=tree / PARTNER, capture_output=True)
    with tree.counting() as calls:
        for command in (["grep", "-rc", "name", "."], ["du", "-sb", "."], ["ls", "-l"],
                        ["find", ".", "-newer", "."]):
            subprocess.run(command, cwd=tree / PARTNER, stdout=subprocess.DEVNULL)
        again = subprocess.run(["tar", "cf", "-", "."], cwd=tree / PARTNER, capture_output=True)
    assert not calls
    assert again.stdout == first.stdout


def fewest_requests(tree, *command):
    """Warm, and the best of some: the kernel may have dropped what it knew in between."""
    counts = []
    for _ in range(5):
        before = tree.requests()
        subprocess.run(command, cwd=tree.path, stdout=subprocess.DEVNULL, check=True)
        counts.append(tree.requests() - before)
    return min(counts[1:])


def test_warm_reading_of_a_read_only_mount_reaches_nobody(mount, fake):
    """The kernel has the contents, and opens by itself."""
    assert fewest_requests(mount(ro=True), "grep", "-rc", "name", PARTNER) <= 20


def test_warm_reading_of_a_writable_mount_is_open_and_release(mount, fake, rpc):
    """No READ, no LOOKUP, no FLUSH."""
    records = len(rpc.ids(PARTNER))
    assert fewest_requests(mount(), "grep", "-rc", "name", PARTNER) <= 2 * records + 40


@pytest.mark.parametrize("read_only", [False, True])
def test_warm_walking_asks_for_no_file(mount, fake, read_only):
    tree = mount(ro=read_only)
    assert fewest_requests(tree, "find", PARTNER, "-size", "+100k") <= 20
    assert fewest_requests(tree, "du", PARTNER) <= 20


def test_warm_ls_asks_for_attributes_by_name_only(mount, fake, rpc):
    """ls -l wants two xattrs of each file, and a writable mount has some."""
    records = len(rpc.ids(PARTNER))
    assert fewest_requests(mount(ro=True), "ls", "-l", PARTNER) <= 20
    assert fewest_requests(mount(), "ls", "-l", PARTNER) <= 2 * records + 40


@pytest.mark.parametrize("read_only", [False, True])
def test_cold_walking_looks_no_file_up_by_itself(mount, fake, rpc, read_only):
    """With the records loaded, listings carry the attributes."""
    records = len(rpc.ids(PARTNER))
    tree = mount(ro=read_only)
    subprocess.run(["du", PARTNER], cwd=tree.path, stdout=subprocess.DEVNULL, check=True)
    with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as file:
        file.write("2")
    before = tree.requests()
    subprocess.run(["du", PARTNER], cwd=tree.path, stdout=subprocess.DEVNULL, check=True)
    assert tree.requests() - before <= records / 10



def test_reading_backwards_is_no_call_a_file(mount, fake, rpc):
    ids = rpc.ids(PARTNER)
    tree = mount()
    tree.ids(PARTNER)
    with tree.counting() as calls:
        read_one_by_one(tree, reversed(ids))
    assert calls.total() <= len(ids) / 20


def test_batches_grow_from_one_to_a_thousand(mount, fake, rpc):
    """Never more than a thousand records, never a field more than are shown."""
    tree = mount()
    ids = tree.ids(PARTNER)
    fake.control(reset_counts=True)
    read_one_by_one(tree, ids)
    log = [call for call in fake.control(counts=True)["log"]
           if (call["model"], call["method"]) == (PARTNER, "read")]
    sizes = sorted(call["ids_count"] for call in log)  # two may overtake each other
    assert sizes[0] == 1 and max(sizes) <= 1000 and max(sizes) >= 500
    for earlier, later in zip(sizes, sizes[1:]):
        assert later <= 2 * earlier, sizes
    assert sum(sizes) == len(ids)



@pytest.mark.parametrize("connections", [1, 4])
def test_connections_bound_what_is_under_way(mount, own_fake, connections):
    server = own_fake("--workers=8", partners=1500)
    server.fault("delay", model=PARTNER, method="read", seconds=0.05)
    tree = mount(source=server.source(), connections=connections)
    ids = tree.ids(PARTNER)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        parts = [ids[n::8] for n in range(8)]
        list(pool.map(lambda part: read_one_by_one(tree, part), parts))
    counts = server.control(counts=True)
    assert counts["max_concurrent"] <= connections
    assert connections == 1 or counts["max_concurrent"] > 1


def test_two_readers_share_one_fetch(mount, rpc):
    number = rpc.ids(PARTNER)[1000]
    tree = mount()
    tree.read(f"{PARTNER}/{rpc.ids(PARTNER)[0]}.json")  # the schema is there
    with tree.counting() as calls:
        cats = [subprocess.Popen(["cat", tree.record(PARTNER, number)], stdout=subprocess.PIPE)
                for _ in range(8)]
        outputs = {cat.communicate()[0] for cat in cats}
    assert calls == {READ: 1}
    assert len(outputs) == 1 and outputs.pop()


def test_two_readers_share_one_slow_fetch(mount, fake):
    tree = mount()
    first, *_, second = tree.ids(PARTNER)[:1000]
    tree.record(PARTNER, first).read_bytes()
    fake.fault("delay", model=PARTNER, method="read", seconds=1)
    with tree.counting() as calls:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            texts = set(pool.map(lambda _: tree.record(PARTNER, second).read_bytes(), range(8)))
    assert calls == {READ: 1}
    assert len(texts) == 1


def test_a_cached_read_waits_for_no_slow_one(mount, fake):
    """Twenty slow reads in other models hold up nobody who has what he needs."""
    tree = mount(connections=2)
    number = tree.ids(PARTNER)[0]
    tree.record(PARTNER, number).read_bytes()
    models = [m for m in tree.models() if m not in (PARTNER, "report.nowhere")][:20]
    fake.fault("delay", method="search", seconds=1)
    slow = [subprocess.Popen(["ls", tree / model], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL) for model in models]
    time.sleep(0.3)
    started = time.monotonic()
    for _ in range(20):
        subprocess.run(["cat", tree.record(PARTNER, number)], stdout=subprocess.DEVNULL,
                       check=True)
    took = time.monotonic() - started
    assert any(process.poll() is None for process in slow)
    assert took < 2
    for process in slow:
        process.wait()


def test_random_reads_fetch_little_more_than_they_need(mount, rpc):
    wanted = random.Random(4).sample(rpc.ids(PARTNER), 25)
    tree = mount()
    read_one_by_one(tree, wanted)
    assert tree.stats()["cache"]["batch_records"] <= 3 * len(wanted)


def test_many_listings_of_a_model_share_one(mount, fake):
    tree = mount()
    tree.models()
    fake.fault("delay", model=PARTNER, method="search", seconds=0.5)
    with tree.counting() as calls:
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            lengths = set(pool.map(lambda _: len(tree.ids(PARTNER)), range(6)))
    assert calls == {LIST: 2}
    assert len(lengths) == 1


def test_a_first_name_of_many_costs_one_call(mount, own_fake):
    server = own_fake(partners=100000)
    tree = mount(source=server.source())
    tree.models()
    with tree.counting() as calls:
        directory = os.open(tree / PARTNER, os.O_RDONLY | os.O_DIRECTORY)
        with os.scandir(directory) as entries:
            next(entries)
    os.close(directory)
    assert calls == {LIST: 1}
    with tree.counting() as calls:
        ids = tree.ids(PARTNER)
    assert calls[LIST] <= 4 and calls.total() == calls[LIST]
    assert len(ids) == len(set(ids)) == 100000 and ids == sorted(ids)


def test_what_is_evicted_is_read_again_and_its_size_is_known(mount, rpc):
    ids = rpc.ids(PARTNER)
    tree = mount(cache_size="1M")
    contents = read_one_by_one(tree, ids)
    assert sum(map(len, contents.values())) > 2 << 20
    stats = tree.stats()["cache"]
    assert stats["content_bytes"] <= stats["content_limit"] == 1 << 20
    assert stats["evictions"] > 0 and stats["records"] == len(ids)
    with tree.counting() as calls:
        for number in ids:
            assert tree.record(PARTNER, number).stat().st_size == len(contents[number])
    assert not calls
    subprocess.run(["fusermount3", "-V"], stdout=subprocess.DEVNULL, check=True)
    again = {number: subprocess.run(["dd", f"if={tree.record(PARTNER, number)}", "iflag=direct",
                                     "status=none", "bs=128k"], capture_output=True,
                                    check=True).stdout for number in ids[:20]}
    assert again == {number: contents[number] for number in ids[:20]}


def test_a_small_cache_reads_everything_right(mount, fake, rpc):
    """More is read ahead than there is room for."""
    ids = rpc.ids(PARTNER)
    tree = mount(cache_size="1M", ro=True)
    with tree.counting() as calls:
        contents = read_one_by_one(tree, ids)
    assert all(text.startswith(b'{\n  "id": %d,' % number) for number, text in contents.items())
    assert calls.total() <= 2 * allowed(len(ids))


def test_refresh_drops_one_model(mount, rpc):
    tree = mount()
    one, other = rpc.ids("res.country")[0], rpc.ids("res.lang")[0]
    tree.read(f"res.country/{one}.json"), tree.read(f"res.lang/{other}.json")
    tree.refresh("res.country")
    with tree.counting() as calls:
        tree.read(f"res.country/{one}.json"), tree.read(f"res.lang/{other}.json")
    assert calls["res.country.read"] == 1
    assert not [name for name in calls if name.startswith("res.lang")]
