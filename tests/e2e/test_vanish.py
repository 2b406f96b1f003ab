# SPDX-License-Identifier: MIT
"""Records that vanish between listing and reading, and listings while records come and go."""

import concurrent.futures
import ctypes
import os
import random
import subprocess
import threading

import pytest

from harness.look import command_in, output
from harness.mount import retry

PARTNER, TAG = "res.partner", "res.partner.category"

LIBC = ctypes.CDLL(None, use_errno=True)


class Entry(ctypes.Structure):
    _fields_ = [("d_ino", ctypes.c_uint64), ("d_off", ctypes.c_int64),
                ("d_reclen", ctypes.c_uint16), ("d_type", ctypes.c_uint8),
                ("d_name", ctypes.c_char * 256)]


LIBC.opendir.restype = ctypes.c_void_p
LIBC.opendir.argtypes = [ctypes.c_char_p]
LIBC.readdir.restype = ctypes.POINTER(Entry)
LIBC.telldir.restype = ctypes.c_long
LIBC.seekdir.argtypes = [ctypes.c_void_p, ctypes.c_long]
for function in ("readdir", "telldir", "rewinddir", "closedir"):
    getattr(LIBC, function).argtypes = [ctypes.c_void_p]


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("look", ["cat", "stat"])
def test_what_vanished_is_not_there(mount, colleague, look, read_only):
    """Behind the mount's back; what is cached isn't checked here."""
    numbers = colleague.create_many(TAG, [{"name": f"Tag {n}"} for n in range(3)])
    tree = mount(ro=read_only)
    before = tree.ids(TAG)
    assert set(numbers) <= set(before)
    colleague.unlink(TAG, numbers[1])
    with subprocess.Popen([look, tree.record(TAG, numbers[1])], stderr=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        out, words = process.communicate()
    assert process.returncode == 1 and out == b""
    assert b"No such file or directory" in words
    with pytest.raises(FileNotFoundError):
        os.open(tree.record(TAG, numbers[1]), os.O_RDONLY)
    assert tree.json(f"{TAG}/{numbers[2]}.json")["name"] == "Tag 2"
    # What was learned is true of the listing, too.
    assert retry(lambda: tree.ids(TAG) == [n for n in before if n != numbers[1]], 60)


def test_a_walk_over_what_vanishes(mount, colleague):
    """Those that are left are read, and who walks hears of the others."""
    numbers = colleague.create_many(TAG, [{"name": f"Walked over {n}"} for n in range(60)])
    tree = mount()
    tree.ids(TAG)
    gone, left = numbers[::3], [n for n in numbers if n not in numbers[::3]]
    names = [f"{n}.json" for n in numbers]
    colleague.unlink(TAG, gone)
    done = subprocess.run(command_in(tree / TAG, "grep", "-l", "Walked over", *names),
                          capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert sorted(done.stdout.split()) == sorted(f"{n}.json" for n in left)
    assert sorted(line.split(": ")[1] for line in done.stderr.splitlines()) == sorted(
        f"{n}.json" for n in gone)
    assert done.stderr.count("No such file or directory") == len(gone)


def test_a_record_that_is_listed_and_cannot_be_read(mount, fake, rpc):
    """A search finds it, a read doesn't."""
    ids = rpc.ids(PARTNER)
    fake.control(lose_record={"model": PARTNER, "id": ids[5]})
    tree = mount()
    assert ids[5] in tree.ids(PARTNER)
    with pytest.raises(FileNotFoundError):
        tree.record(PARTNER, ids[5]).read_bytes()
    for number in (ids[4], ids[6]):
        assert tree.json(f"{PARTNER}/{number}.json")["id"] == number


def test_a_listing_while_records_come_and_go(mount, rpc, colleague):
    """Who was there all the time is listed exactly once."""
    stay = rpc.ids(PARTNER)
    tree = mount(ttl=1)
    end, rounds, trouble = threading.Event(), [], []

    def come_and_go():
        try:
            while not end.is_set():
                numbers = colleague.create_many(
                    PARTNER, [{"name": f"Passing {n}"} for n in range(5)])
                colleague.unlink(PARTNER, numbers)
                rounds.append(numbers)
        except Exception as failure:  # in another thread: told below
            trouble.append(failure)
            raise
    with concurrent.futures.ThreadPoolExecutor(1) as other:
        other.submit(come_and_go)
        try:
            for _ in range(4):
                begun, listed = len(rounds), []
                with os.scandir(tree / PARTNER) as entries:
                    for n, entry in enumerate(x for x in entries if x.name.endswith(".json")):
                        listed.append(int(entry.name[:-5]))
                        if n % 500 == 250:  # something happens between two pages
                            here = len(rounds)
                            assert trouble or retry(lambda: len(rounds) > here, 60)
                assert trouble or len(rounds) > begun
                assert len(listed) == len(set(listed))
                assert set(stay) <= set(listed)
        finally:
            end.set()
    assert not trouble
    left = rpc.ids(PARTNER)
    assert retry(lambda: tree.ids(PARTNER) == left, 60)


def positions(directory):
    """All names of an open directory, and for each where it was."""
    found = []
    while True:
        place = LIBC.telldir(directory)
        entry = LIBC.readdir(directory)
        if not entry:
            return found
        found.append((entry.contents.d_name.decode(), place))


def test_seekdir_goes_back_to_where_telldir_was(tree, rpc):
    """Also by another who opens the directory anew: a place is a record's, not a buffer's."""
    opened = [LIBC.opendir(bytes(tree / PARTNER)) for _ in range(2)]
    assert all(opened)
    found = positions(opened[0])
    names = [name for name, _ in found]
    assert names[:2] == [".", ".."]
    assert [name for name in names[2:] if name.endswith(".json")] == \
        [f"{number}.json" for number in rpc.ids(PARTNER)]
    for at in random.Random(3).sample(range(len(found)), 30):
        for directory in opened:
            LIBC.seekdir(directory, found[at][1])
            assert [LIBC.readdir(directory).contents.d_name.decode()
                    for _ in names[at:at + 3]] == names[at:at + 3]
    LIBC.rewinddir(opened[0])
    assert [name for name, _ in positions(opened[0])] == names
    for directory in opened:
        LIBC.closedir(directory)


def test_a_place_means_the_same_after_others_went(mount, colleague):
    """Half of a listing, then some of both halves go, then the rest."""
    numbers = colleague.create_many(TAG, [{"name": f"Placed {n}"} for n in range(400)])
    tree = mount(ttl=1)
    directory = LIBC.opendir(bytes(tree / TAG))
    first = []
    while len(first) < 2 or int(first[-1].partition(".")[0]) != numbers[100]:
        first.append(LIBC.readdir(directory).contents.d_name.decode())
        first = [name for name in first if name.endswith(".json")]
    place = LIBC.telldir(directory)
    gone = numbers[50:60] + numbers[150:160]
    colleague.unlink(TAG, gone)
    assert retry(lambda: not set(gone) & set(tree.ids(TAG)), 60)
    LIBC.rewinddir(directory)
    LIBC.seekdir(directory, place)
    rest = [name for name, _ in positions(directory)]
    LIBC.closedir(directory)
    left = [n for n in numbers[101:] if n not in gone]
    assert rest == [f"{n}.json" for n in left]


def test_ls_lists_each_record_once(mount, rpc):
    tree = mount()
    names = output("ls", "-f", tree / PARTNER).split()
    assert len(names) == len(set(names))
    found = output("find", tree / PARTNER, "-mindepth", "1", "-printf", "%f\\n").split()
    assert sorted(found) == sorted(set(names) - {".", ".."})
    assert {name for name in found if name.endswith(".json")} == \
        {f"{number}.json" for number in rpc.ids(PARTNER)}
