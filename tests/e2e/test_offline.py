# SPDX-License-Identifier: MIT
"""The server is away: what is held is served, the rest fails soon, and all is well when it is back."""

import errno
import subprocess
import time

import pytest

from harness.desk import replace
from harness.mount import retry
from harness.views import failure

PARTNER = "res.partner"
HELD, NOT_HELD = 12, 13
AWAY = (errno.EHOSTUNREACH, errno.ETIMEDOUT)


def gone(server):
    server.kill()


def frozen(server):
    server.freeze()


def busy(server):
    server.control(fault={"path": "/", "do": "status", "status": 503})


def back(server):
    if server.process.poll() is not None:
        server.start()
    else:
        server.freeze(False)
        server.control(clear_faults=True)


@pytest.fixture
def pair(own_fake, mount, tmp_path):
    """A server that keeps its data, and a mount which looks at it again and again."""
    server = own_fake(f"--db={tmp_path}/data.sqlite", partners=50)
    tree = mount(source=server.source(), ttl=1, timeout=3)
    tree.ids(PARTNER)
    tree.read(f"{PARTNER}/{HELD}.json")
    yield server, tree
    back(server)


def failure_in_time(path, act):
    started = time.monotonic()
    number = failure(path, act)
    assert time.monotonic() - started < 60
    return number


def is_back(tree):
    """Without a refresh, a signal or a mount."""
    return subprocess.run(["cat", tree / "res.currency/1.json"], capture_output=True,
                          check=False).returncode == 0


@pytest.mark.parametrize("go", [gone, frozen, busy])
def test_what_is_held_is_served(pair, go):
    server, tree = pair
    ids, text = tree.ids(PARTNER), tree.read(f"{PARTNER}/{HELD}.json")
    go(server)
    time.sleep(1.1)  # past the ttl: it would be asked
    for _ in range(3):
        assert tree.ids(PARTNER) == ids
        assert tree.read(f"{PARTNER}/{HELD}.json") == text
    assert failure_in_time("res.currency", tree.ids) in AWAY
    assert failure_in_time("res.currency/1.json", tree.read) in AWAY
    assert retry(lambda: tree.status()["stale"], 60)
    words = {gone: "unreachable", frozen: "not answering", busy: "unreachable"}[go]
    assert tree.status()["connection"] == words
    assert bool(tree.status()["unreachable_since"]) == (words == "unreachable")
    assert tree.errors()
    back(server)
    assert retry(lambda: is_back(tree), 90, 0.5)
    assert retry(lambda: tree.status()["connection"] == "connected", 60)
    server.control(write={"model": PARTNER, "id": HELD, "vals": {"name": "After all"}})
    assert retry(lambda: tree.json(f"{PARTNER}/{HELD}.json")["name"] == "After all", 60)
    assert retry(lambda: not tree.status()["stale"], 60)


def test_many_fail_together_and_not_one_after_the_other(pair):
    """Sixty reads that each wait for the deadline would be minutes."""
    server, tree = pair
    server.freeze()
    started = time.monotonic()
    readers = [subprocess.Popen(["cat", tree / f"res.country/{n}.json"], stderr=subprocess.PIPE)
               for n in range(1, 61)]
    for reader in readers:
        words = reader.communicate()[1]
        assert reader.returncode == 1
        assert b"timed out" in words or b"No route to host" in words
    assert time.monotonic() - started < 45


@pytest.mark.parametrize("go", [gone, frozen, busy])
def test_a_save_fails_and_its_text_is_kept(pair, go):
    server, tree = pair
    path = tree.record(PARTNER, HELD)
    before = path.read_bytes()
    text = replace(before, name="Written while it was away")
    go(server)
    assert failure_in_time(path, lambda file: file.write_bytes(text)) in AWAY + (errno.EIO,)
    assert (tree / f"{PARTNER}/{HELD}.json.rej").read_bytes() == text
    back(server)
    assert retry(lambda: is_back(tree), 90, 0.5)
    assert retry(lambda: tree.json(f"{PARTNER}/{HELD}.json")["name"], 60)


def test_a_walk_goes_on_after_a_restart(pair):
    """grep loses what it asked for meanwhile, and no more."""
    server, tree = pair
    server.kill()
    done = subprocess.run(["grep", "-rc", "name", tree / "res.country"], capture_output=True,
                          check=False)
    assert done.returncode == 2
    server.start()
    assert retry(lambda: is_back(tree), 90, 0.5)
    subprocess.run(["grep", "-rc", "name", tree / "res.country"], stdout=subprocess.DEVNULL,
                   check=True)


def test_a_call_that_is_told_to_wait_waits(pair):
    """429 and 503 with Retry-After: asked again then, and nobody hears of it."""
    server, tree = pair
    number = tree.ids("res.country")[0]
    for status in (429, 503):
        server.control(clear_faults=True, reset_counts=True,
                       fault={"model": "res.country", "do": "status", "status": status,
                              "retry_after": 1, "times": 1})
        tree.refresh("res.country")
        assert tree.json(f"res.country/{number}.json")["id"] == number
        assert [fault["struck"] for fault in server.control(counts=True)["faults"]] == [1]
