# SPDX-License-Identifier: MIT
"""The server dies under somebody who reads, exports or saves, and comes back; or the network does.

Who is at it hears an error in time, and never half of what was to be read. Who comes later finds
all well, without a new mount.
"""

import errno
import json
import os
import subprocess
import threading
import time

import pytest

from harness.desk import replace, save
from harness.mount import retry

PARTNER, COUNTRY, BELGIUM = "res.partner", "res.country", 20
AWAY = (errno.EHOSTUNREACH, errno.ETIMEDOUT)
AWAY_SAID = ("EHOSTUNREACH", "ETIMEDOUT")
SENTENCES = ("No route to host", "Connection timed out")
EXPORT = f"{PARTNER}/.columns/id,name,email/.export/csv"
TIMEOUT = 3

# The machine may be busy: what it takes longer than it may isn't the filesystem's.
LATE = 20

pytestmark = [pytest.mark.any_door, pytest.mark.since(19)]


@pytest.fixture
def server(own_fake, tmp_path):
    """One that keeps its data when it is killed."""
    return own_fake(f"--db={tmp_path}/data.sqlite", partners=3000)


@pytest.fixture
def tree(server, mount):
    return mount(source=server.source(), ttl=1, timeout=TIMEOUT, binary="none")


def can_be_read(path):
    """By a program of its own, which ends even where the mount hangs."""
    return subprocess.run(["cat", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          timeout=60, check=False).returncode == 0


def check_recovered(tree):
    """Without a refresh, a signal or a mount."""
    assert retry(lambda: can_be_read(tree / "res.currency/1.json"), 60, 0.2)
    assert retry(lambda: tree.status()["connection"] == "connected", 60)


def struck(server):
    return all(fault["struck"] for fault in server.control(counts=True)["faults"])


def stall(server, method, skip=0, sent=0):
    """From the call after so many on, what is called is done, and its answer gets stuck."""
    server.control(fault={"model": PARTNER, "method": method, "do": "stall", "bytes": sent,
                          "seconds": 300, "skip": skip})


# Who reads.

@pytest.mark.parametrize("command", ["cat", "stat"])
def test_an_export_is_never_cut_short(server, tree, mount, command):
    """It fails where it can't go on: an end there would be taken for the end of all."""
    whole = mount(source=server.source()).read(EXPORT)
    stall(server, "read", skip=1, sent=1000)
    with subprocess.Popen([command, tree / EXPORT], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as export:
        assert retry(lambda: struck(server), 60)
        server.kill()
        text, words = export.communicate(timeout=TIMEOUT + LATE)
    assert export.returncode == 1
    assert words.strip().endswith(SENTENCES)
    assert len(text) < len(whole)
    server.start()
    check_recovered(tree)
    assert tree.read(EXPORT) == whole
    assert (tree / EXPORT).stat().st_size == len(whole)


def test_a_grep_loses_what_it_asked_for_and_no_more(server, tree):
    stall(server, "read", skip=2, sent=1000)
    with subprocess.Popen(["grep", "-r", '^  "id"', tree / PARTNER], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as grep:
        assert retry(lambda: struck(server), 60)
        server.kill()
        lines, words = grep.communicate(timeout=300)
    assert grep.returncode == 2
    assert all(line.endswith(SENTENCES) for line in words.splitlines())
    assert len(lines.splitlines()) + len(words.splitlines()) == len(tree.ids(PARTNER))
    server.start()
    check_recovered(tree)
    done = subprocess.run(["grep", "-r", '^  "id"', tree / PARTNER], capture_output=True,
                          text=True, check=True)
    assert len(done.stdout.splitlines()) == len(tree.ids(PARTNER))


# Who saves.

def begin_save(path, text):
    heard = []
    saving = threading.Thread(target=lambda: heard.append(save(path, text)))
    saving.start()
    return saving, heard


def check_whole(server, path, text, heard):
    """Either it was acknowledged and is there, or the text is kept and, unless it can't be known,
    nothing is."""
    city = server.rpc().read(PARTNER, [12], ["city"])[0]["city"]
    kept = path.with_name("12.json.rej")
    if heard == "":
        assert city == "Namur" and not kept.exists()
    else:
        assert heard in AWAY_SAID
        assert retry(kept.exists) and kept.read_bytes() == text


@pytest.mark.parametrize("away", [0, 6])
@pytest.mark.parametrize("moment", ["before it came", "when it was done"])
def test_a_save(server, tree, moment, away):
    """A write may be sent again, as it says what shall be: who is back in time gets it."""
    path = tree.record(PARTNER, 12)
    text = replace(path.read_bytes(), city="Namur")
    if moment == "before it came":
        server.freeze()
        saving, heard = begin_save(path, text)
        time.sleep(0.5)
    else:
        stall(server, "write")
        saving, heard = begin_save(path, text)
        assert retry(lambda: struck(server), 60)
    started = time.monotonic()
    server.kill()
    if away:
        saving.join(60)
        time.sleep(max(0, started + away - time.monotonic()))
    server.start()
    saving.join(60)
    assert time.monotonic() - started < TIMEOUT + away + LATE
    check_whole(server, path, text, *heard)
    check_recovered(tree)
    assert retry(lambda: tree.json(f"{PARTNER}/12.json")["city"]
                 == server.rpc().read(PARTNER, [12], ["city"])[0]["city"], 30)


def test_a_create_is_there_once_or_unknown(server, tree):
    """It is never sent again: who made it is told that it isn't known, and keeps the text."""
    stall(server, "create")
    text = b'{"name": "Once", "ref": "once"}'
    path = tree / PARTNER / "once.json"
    saving, heard = begin_save(path, text)
    assert retry(lambda: struck(server), 60)
    server.kill()
    server.start()
    saving.join(60)
    assert heard == ["EIO"]
    assert "it is unknown whether it took effect" in tree.errors()[-1]["message"]
    kept = path.with_name("once.json.rej")
    assert retry(kept.exists) and kept.read_bytes() == text
    check_recovered(tree)
    assert len(server.rpc().ids(PARTNER, [["ref", "=", "once"]])) == 1


# Who is told to come later.

@pytest.mark.parametrize("retry_after", [None, 1])
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again(server, tree, status, retry_after):
    path = tree.record(PARTNER, 12)
    text = replace(path.read_bytes(), city="Namur")
    when = {} if retry_after is None else {"retry_after": retry_after}
    for model, method in ((COUNTRY, "read"), (PARTNER, "write")):
        server.control(fault={"model": model, "method": method, "do": "status", "times": 1,
                              "status": status, **when})
    assert tree.json(f"{COUNTRY}/{BELGIUM}.json")["id"] == BELGIUM
    assert save(path, text) == ""
    assert [fault["struck"] for fault in server.control(counts=True)["faults"]] == [1, 1]
    assert tree.json(f"{PARTNER}/12.json")["city"] == "Namur"
    assert tree.errors() == []


@pytest.mark.parametrize("status, retry_after", [
    (429, None), (503, 3600), (429, "Fri, 31 Dec 2066 23:59:59 GMT"), (503, "soon")])
def test_a_server_that_stays_busy(server, tree, status, retry_after):
    """In time, though it is told to wait for longer, and with the reason."""
    path = tree.record(PARTNER, 12)
    text = replace(path.read_bytes(), city="Namur")
    when = {} if retry_after is None else {"retry_after": retry_after}
    server.control(fault={"path": "/", "do": "status", "status": status, **when})
    for act in (lambda: can_be_read(tree / COUNTRY / f"{BELGIUM}.json"),
                lambda: save(path, text) == ""):
        started = time.monotonic()
        assert not act()
        assert time.monotonic() - started < TIMEOUT + LATE
    assert {each["errno"] for each in tree.errors()} <= set(AWAY_SAID)
    assert f"HTTP {status}" in tree.errors()[0]["message"]
    server.control(clear_faults=True)
    assert retry(lambda: can_be_read(tree / COUNTRY / f"{BELGIUM}.json"), 60, 0.2)
    assert save(path, text) == ""


def test_a_create_that_a_busy_server_turned_away(server, tree):
    """It isn't sent again; who saves it again has it once."""
    server.control(fault={"model": PARTNER, "method": "create", "do": "status", "status": 429,
                          "times": 1})
    path = tree / PARTNER / "later.json"
    text = json.dumps({"name": "Later", "ref": "later"}).encode()
    heard = [save(path, text)]
    if heard != [""]:
        heard.append(save(path, text))
    assert heard[-1] == ""
    assert len(server.rpc().ids(PARTNER, [["ref", "=", "later"]])) == 1


# The network.

def test_the_network_is_gone_for_a_while(tap, wired):
    """Every request is taken and none is answered, until all of them are: the cable is back."""
    tree = wired(ttl=1, timeout=TIMEOUT)
    ids, text = tree.ids(PARTNER), tree.read(f"{PARTNER}/12.json")
    tap.hold_after(0)
    started = time.monotonic()
    asked = [subprocess.Popen(["cat", tree / COUNTRY / f"{n}.json"], stderr=subprocess.PIPE,
                              text=True) for n in range(BELGIUM, BELGIUM + 8)]
    while any(each.poll() is None for each in asked):
        assert tree.ids(PARTNER) == ids and tree.read(f"{PARTNER}/12.json") == text
        time.sleep(0.1)
    assert time.monotonic() - started < TIMEOUT + LATE
    assert all(each.communicate()[1].strip().endswith(SENTENCES) for each in asked)
    assert os.statvfs(tree.path).f_bsize > 0
    tap.limit = None
    tap.release()
    check_recovered(tree)
    assert tree.json(f"{COUNTRY}/{BELGIUM}.json")["id"] == BELGIUM
