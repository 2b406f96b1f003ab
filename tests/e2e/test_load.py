# SPDX-License-Identifier: MIT
"""A crowd: 64 programs read and 16 edit, create and remove at once. Then the server is compared,
change by change, with what each of them heard: none is lost, none half, none twice.

ODOOFS_LOAD_SECONDS says for how long (15), and -s shows the figures.
"""

import collections
import json
import os
import statistics
import subprocess
import sys
import threading

import pytest

from harness import crowd
from harness.gauge import Gauge
from harness.mount import retry

SECONDS = float(os.environ.get("ODOOFS_LOAD_SECONDS", "15"))
READERS, EDITORS, OWN, SHARED = 64, 16, 8, 12
PARTNER = "res.partner"
TIMEOUT = 60

pytestmark = [pytest.mark.any_door, pytest.mark.since(19)]


def let_loose(tree, told, steady, own, shared):
    """The crowd at work; returns what each process told."""
    orders = {"directory": str(tree / PARTNER), "told": str(told), "seconds": SECONDS,
              "seed": "load", "pause": 0.4, "readers": READERS, "editors": EDITORS,
              "steady": steady, "own": own, "shared": shared}
    done = subprocess.run([sys.executable, crowd.__file__], input=json.dumps(orders), text=True,
                          capture_output=True, timeout=SECONDS + 300)
    assert done.returncode == 0, done.stderr[-4000:]
    return [json.loads(line) for path in sorted(told.iterdir())
            for line in path.read_text().splitlines()]


def kernel_forgets():
    """Whether it could be told to."""
    try:
        with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as file:
            file.write("2\n")
    except OSError:
        return False
    return True


def say(told, what):
    """The figures, for who runs it for long."""
    for reads in (True, False):
        times = [each["seconds"] for each in told if bool(each.get("reads")) == reads]
        print(f"{'reads' if reads else 'edits'}: {len(times)}, median "
              f"{statistics.median(times) * 1000:.1f} ms, longest {max(times):.2f} s")
    for act, times in sorted(collections.Counter(each["act"] for each in told).items()):
        print(f"  {act}: {times}")
    edits = [each for each in told if not each.get("reads")]
    print(f"heard: {dict(collections.Counter(each['heard'] or 'success' for each in edits))}")
    for name, value in what.items():
        print(f"{name}: {value}")


def check_writes(told, changes):
    """Each that was acknowledged reached the server once, each that was refused never."""
    written = collections.defaultdict(list)
    for _, _, ids, values in (each for each in changes if each[1] == "write"):
        assert len(ids) == 1 and len(values) == 1
        for field, value in values.items():
            written[ids[0], field].append(value)
    edits = [each for each in told if "field" in each]
    for edit in edits:
        sent = written[edit["record"], edit["field"]].count(edit["value"])
        if edit["heard"]:
            assert edit["heard"] == "ESTALE" and edit["kept"] and sent == 0, edit
        else:
            assert sent == 1, edit
    assert sum(map(len, written.values())) == sum(not edit["heard"] for edit in edits)
    return written


def check_records(rpc, numbers, written):
    """Each has the last of what was written to it."""
    for record in rpc.read(PARTNER, numbers, list(crowd.FIELDS)):
        for field in crowd.FIELDS:
            values = written.get((record["id"], field))
            if values:
                assert record[field] == values[-1]


def check_created(rpc, told, changes):
    """Who was told that it is there finds it once; who removed it, no more."""
    made = [each for each in told if each["act"] == "create"]
    assert all(each["heard"] == "" for each in made)
    sent = [values for each in changes if each[1] == "create"
            for values in (each[2] if isinstance(each[2], list) else [each[2]])]
    assert sorted(values["ref"] for values in sent) == sorted(each["value"] for each in made)
    removed = [each["record"] for each in told if each["act"] == "remove" and each["record"]]
    assert all(each["heard"] == "" for each in told if each["act"] == "remove")
    assert sorted(each[2][0] for each in changes if each[1] == "unlink") == sorted(removed)
    there = rpc.call(PARTNER, "search_read", [["name", "like", "Crowd load-"]], ["ref"])
    expected = {each["record"]: each["value"] for each in made if each["record"] not in removed}
    assert {record["id"]: record["ref"] for record in there} == expected
    return list(expected)


def check_shown(tree, rpc, numbers):
    """The mount has what the server has."""
    tree.refresh(PARTNER)
    for record in rpc.read(PARTNER, numbers, list(crowd.FIELDS)):
        shown = tree.json(f"{PARTNER}/{record['id']}.json")
        assert {field: shown[field] for field in crowd.FIELDS} == \
            {field: record[field] for field in crowd.FIELDS}


def test_a_crowd(wired, tap, fake, partners, rpc, tmp_path):
    steady = rpc.ids(PARTNER, [["name", "not like", "Azure Interior"]])[:1500]
    numbers = partners.take(EDITORS * OWN + SHARED)
    own = [numbers[n * OWN:(n + 1) * OWN] for n in range(EDITORS)]
    shared = numbers[EDITORS * OWN:]
    tree = wired(ttl=2, timeout=TIMEOUT)
    gauge = Gauge(tree.process.pid)
    for number in steady:
        tree.record(PARTNER, number).read_bytes()
    tree.wait_until_idle()
    descriptors, memory = gauge.descriptors(), []
    middle = threading.Timer(SECONDS / 3, lambda: memory.append(gauge.memory()))
    middle.start()
    (tmp_path / "told").mkdir()
    told = let_loose(tree, tmp_path / "told", steady, own, shared)
    memory.append(gauge.memory())
    tree.wait_until_idle()
    say(told, {"memory, MB": [round(x) for x in memory], "descriptors": [
        descriptors, gauge.descriptors(), gauge.temporary_files()]})

    created = []
    try:
        changes = tap.changes()
        written = check_writes(told, changes)
        created = check_created(rpc, told, changes)
        check_records(rpc, numbers, written)
        check_shown(tree, rpc, numbers + created)
    finally:
        rpc.call(PARTNER, "unlink", created)
    assert max(each["seconds"] for each in told) < TIMEOUT + 1
    # Connections are kept for a while, the files of exports until nobody can come by their names.
    assert retry(lambda: gauge.descriptors() - gauge.temporary_files() <= descriptors + 2), \
        " ".join(gauge.open_files())
    if SECONDS > 60 and kernel_forgets():
        assert retry(lambda: not gauge.temporary_files(), 3 * TIMEOUT), gauge.temporary_files()
    assert not [name for name in os.listdir(tree / PARTNER) if ".crowd" in name or name.endswith(".rej")]
