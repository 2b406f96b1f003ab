# SPDX-License-Identifier: MIT
"""Small contents are read many at a time, large ones one by one, and each is the right one."""

import errno
import os
import pathlib

import pytest

from harness.mount import retry
from harness.pictures import encoded
from harness.views import failure

read_bytes = pathlib.Path.read_bytes

ATTACHMENT = "ir.attachment"
READ = "ir.attachment.read"


def text(number):
    return f"content number {number}\n".encode() * (1 + number % 7)


@pytest.fixture
def pile(colleague):
    """200 small attachments: ids, and what is in them."""
    ids = colleague.create_many(ATTACHMENT, [
        {"name": f"small {number}", "datas": encoded(text(number))} for number in range(200)])
    return {number: text(place) for place, number in enumerate(ids)}


def paths(tree, pile):
    """Of all of them, listed and looked at, so that nothing but contents is left to be read."""
    shown = {int(name.split(".")[0]): tree / ATTACHMENT / name
             for name in os.listdir(tree / ATTACHMENT) if ".datas." in name}
    for number, data in pile.items():
        assert shown[number].stat().st_size == len(data)
    return {number: shown[number] for number in pile}


@pytest.mark.parametrize("order", (int, str), ids=("by-number", "by-name"))
def test_many_are_few_calls(mount, pile, order):
    tree = mount(ro=True)
    shown = paths(tree, pile)
    with tree.counting() as calls:
        for number in sorted(shown, key=order):
            assert shown[number].read_bytes() == pile[number]
    assert 0 < calls[READ] <= 12


def test_one_is_one(mount, pile):
    tree = mount()
    shown = paths(tree, pile)
    number = sorted(pile)[100]
    with tree.counting() as calls:
        assert shown[number].read_bytes() == pile[number]
    assert calls[READ] == 1


def test_with_little_memory(mount, pile):
    """Where hardly any are kept, each is still what it is."""
    tree = mount(cache_size="1M")
    shown = paths(tree, pile)
    for number in [*sorted(shown), *sorted(shown, key=str)]:
        assert shown[number].read_bytes() == pile[number]


def test_a_large_one_among_them(mount, colleague, pile):
    large = os.urandom(2_000_000)
    number = colleague.create(ATTACHMENT, name="large", datas=encoded(large))
    more = colleague.create_many(ATTACHMENT, [
        {"name": "x", "datas": encoded(text(place))} for place in range(40)])
    everything = {**pile, number: large, **{x: text(place) for place, x in enumerate(more)}}
    tree = mount()
    shown = paths(tree, everything)
    with tree.counting() as calls:
        for number in sorted(shown):
            assert shown[number].read_bytes() == everything[number]
    assert calls[READ] <= 12


def test_what_changes_while_it_is_read_ahead(mount, colleague, pile):
    tree = mount(ttl=1)
    shown = paths(tree, pile)
    ids = sorted(pile)
    for number in ids[:10]:
        assert shown[number].read_bytes() == pile[number]
    colleague.write(ATTACHMENT, ids[20], datas=encoded(b"another\n"))
    colleague.unlink(ATTACHMENT, ids[21])
    assert retry(lambda: shown[ids[20]].read_bytes() == b"another\n", 60)
    assert shown[ids[20]].stat().st_size == 8
    assert retry(lambda: failure(shown[ids[21]], read_bytes) == errno.ENOENT, 60)
    for number in ids[22:40]:
        assert shown[number].read_bytes() == pile[number]


def test_what_goes_while_only_its_file_is_known(mount, colleague, pile):
    """The kernel is told, though nobody asked for the record itself."""
    tree = mount(ttl=1)
    shown = paths(tree, pile)
    gone = sorted(pile)[5::40]
    for number in gone:
        assert shown[number].read_bytes() == pile[number]
    for number in gone:
        colleague.unlink(ATTACHMENT, number)
    for number in gone:
        assert retry(lambda: failure(shown[number], read_bytes) == errno.ENOENT, 60)
        assert failure(tree.record(ATTACHMENT, number)) == errno.ENOENT


def test_what_changed_unseen(mount, colleague, pile):
    """The content wins over what was listed, and the next stat is right."""
    tree = mount()
    shown = paths(tree, pile)
    ids = sorted(pile)
    colleague.write(ATTACHMENT, ids[20], datas=encoded(b"another, and longer\n" * 20))
    colleague.write(ATTACHMENT, ids[21], datas=False)
    colleague.unlink(ATTACHMENT, ids[22])
    for number in ids[:20]:
        assert shown[number].read_bytes() == pile[number]
    assert retry(lambda: failure(shown[ids[20]], read_bytes) == 0, 60)
    assert shown[ids[20]].read_bytes() == b"another, and longer\n" * 20
    assert shown[ids[20]].stat().st_size == 400
    for number in ids[21:23]:
        assert retry(lambda: failure(shown[number], read_bytes) == errno.ENOENT, 60)
    for number in ids[23:40]:
        assert shown[number].read_bytes() == pile[number]


# A server that fails on one of them

def check_others(tree, shown, pile, bad):
    """All but the bad one are read, by few calls."""
    with tree.counting() as calls:
        for number in sorted(shown):
            if number != bad:
                assert shown[number].read_bytes() == pile[number]
    return calls[READ]


def test_one_that_the_server_fails_on(mount, fake, pile):
    tree = mount()
    shown = paths(tree, pile)
    bad = sorted(pile)[50]
    fake.control(broken_field={"model": ATTACHMENT, "field": "datas", "ids": [bad]})
    assert check_others(tree, shown, pile, bad) <= 40
    assert failure(shown[bad], read_bytes) == errno.EIO
    assert f"{ATTACHMENT}/{bad}" in tree.errors()[-1]["path"]


@pytest.mark.parametrize("value, words", (
    ("!!!!", "isn't base64"), ("aGVsbG8", "ends in the middle")))
def test_one_that_is_no_base64(mount, fake, pile, value, words):
    tree = mount()
    shown = paths(tree, pile)
    bad = sorted(pile)[50]
    fake.control(fault={"model": ATTACHMENT, "method": "read", "do": "value", "id": bad,
                        "field": "datas", "value": value})
    assert check_others(tree, shown, pile, bad) <= 12
    assert failure(shown[bad], read_bytes) == errno.EIO
    assert words in tree.errors()[-1]["message"] and "datas" in tree.errors()[-1]["message"]


def test_one_that_grows_beyond_all_measure(mount, fake, pile):
    """What comes is far more than was listed: it goes through a file then, not through memory."""
    tree = mount()
    shown = paths(tree, pile)
    grown = sorted(pile)[20]
    data = os.urandom(5_000_000)
    fake.control(write={"model": ATTACHMENT, "id": grown, "vals": {"datas": encoded(data)}})
    assert check_others(tree, shown, pile, grown) <= 40
    bare = tree / ATTACHMENT / f"{grown}.datas"
    assert retry(lambda: failure(bare, read_bytes) == 0 and bare.read_bytes() == data, 60)
