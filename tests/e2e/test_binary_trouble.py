# SPDX-License-Identifier: MIT
"""Contents that can't be read or written as they should, and what is said of it."""

import errno
import os
import pathlib

import pytest

from harness.mount import retry
from harness.pictures import GIF, encoded, files, png, sum_of
from harness.views import failure

PARTNER, ATTACHMENT = "res.partner", "ir.attachment"
read_bytes = pathlib.Path.read_bytes


def spoil(fake, do, **more):
    fake.control(fault={"model": ATTACHMENT, "method": "read", "contains": "datas",
                        "do": do, **more})


@pytest.fixture
def attachment(colleague):
    """Its id, and what is in it: small, or streamed."""
    def make(data):
        return colleague.create(ATTACHMENT, name="x", datas=encoded(data))
    return make


def path_of(tree, number):
    path = tree / ATTACHMENT / f"{number}.datas"
    assert path.stat().st_size
    return path


# What comes

@pytest.mark.parametrize("value, words", (
    ("!!!!", "isn't base64"), ("aGVsbG8", "ends in the middle"),
    ("aGVsbG8=\\u0000", "isn't base64"), ("aGVs\\nbG8=", None)))
def test_base64(mount, fake, attachment, value, words):
    """A line's end belongs to base64; what doesn't is told."""
    tree, number = mount(), attachment(b"hello")
    path = path_of(tree, number)
    spoil(fake, "value", id=number, field="datas", raw=f'"{value}"')
    if words:
        assert failure(path, read_bytes) == errno.EIO
        assert words in tree.errors()[-1]["message"]
        assert tree.errors()[-1]["path"].startswith(f"{ATTACHMENT}/{number}")
        fake.control(clear_faults=True)
    assert path.read_bytes() == b"hello"


@pytest.mark.parametrize("size", (1000, 1_500_000))
@pytest.mark.parametrize("do", ("cut", "reset"))
def test_cut_once_it_is_asked_for_again(mount, fake, attachment, do, size):
    data = os.urandom(size)
    tree, number = mount(), attachment(data)
    path = path_of(tree, number)
    spoil(fake, do, bytes=size, times=1)
    assert path.read_bytes() == data


@pytest.mark.parametrize("do", ("cut", "cut_clean"))  # the second ends as if that were all
def test_cut_each_time(mount, fake, attachment, do):
    """Nobody reads half of it as if it were all."""
    data = os.urandom(1_500_000)
    tree, number = mount(timeout=5), attachment(data)
    path = path_of(tree, number)
    spoil(fake, do, bytes=1_900_000)
    assert failure(path, read_bytes) in (errno.EIO, errno.EHOSTUNREACH, errno.ETIMEDOUT)
    fake.control(clear_faults=True)
    assert retry(lambda: failure(path, read_bytes) == 0, 60) and path.read_bytes() == data


@pytest.mark.parametrize("other", (b"short", os.urandom(3_000_000)), ids=("shorter", "longer"))
def test_a_size_that_changed_unseen(mount, colleague, attachment, other):
    """The content wins, and the next stat is right."""
    tree, number = mount(), attachment(os.urandom(2000))
    path = path_of(tree, number)
    colleague.write(ATTACHMENT, number, datas=encoded(other))
    assert retry(lambda: failure(path, read_bytes) == 0, 60)
    assert path.read_bytes() == other and path.stat().st_size == len(other)
    assert retry(lambda: tree.json(f"{ATTACHMENT}/{number}.json")["datas"]["sha1"]
                 == sum_of(other), 60)


def test_emptied_unseen(mount, colleague, attachment):
    tree, number = mount(), attachment(b"something")
    path = path_of(tree, number)
    colleague.write(ATTACHMENT, number, datas=False)
    assert retry(lambda: failure(path, read_bytes) == errno.ENOENT, 60)
    assert retry(lambda: tree.json(f"{ATTACHMENT}/{number}.json")["datas"] is False, 60)


def test_the_answer_is_about_another(mount, fake, attachment):
    tree, number = mount(), attachment(b"something")
    path = path_of(tree, number)
    spoil(fake, "bad_id", value=number + 1)
    assert failure(path, read_bytes) == errno.EIO
    assert "doesn't have datas of this record" in tree.errors()[-1]["message"]


# Rights

def test_a_field_that_may_not_be_read(mount, fake, rpc):
    """Its record can be, and so can others beside it."""
    number = rpc.ids(PARTNER, [["image_1920", "!=", False]], limit=1)[0]
    fake.control(forbid_field={"model": PARTNER, "field": "image_1920", "uid": 6})
    tree = mount("demo")
    assert tree.json(f"{PARTNER}/{number}.json")["id"] == number
    assert failure(tree / PARTNER / f"{number}.image_1920", read_bytes) in (
        errno.EACCES, errno.ENOENT)


def test_a_content_that_may_not_be_read(mount, fake, attachment):
    tree, number = mount(), attachment(b"something")
    path = path_of(tree, number)
    fake.control(fault={"model": ATTACHMENT, "method": "read", "contains": "datas", "do": "fault",
                        "name": "odoo.exceptions.AccessError", "message": "You may not."})
    assert failure(path, read_bytes) == errno.EACCES
    assert tree.errors()[-1]["message"] == "You may not."


# Names, and nothing

def test_a_suffix_of_something_else(mount, rpc, partners):
    """What is in it says what it is called."""
    tree, number = mount(), partners.one()
    (tree / PARTNER / f"{number}.image_1920.pdf").write_bytes(png(30))
    assert retry(lambda: files(tree / PARTNER, number)
                 == [f"{number}.image_1920.png", f"{number}.json"])
    (tree / PARTNER / f"{number}.image_1920.png").write_bytes(GIF)
    assert retry(lambda: files(tree / PARTNER, number)
                 == [f"{number}.image_1920.gif", f"{number}.json"])
    assert (tree / PARTNER / f"{number}.image_1920.gif").read_bytes() == GIF


def test_an_empty_file_is_none(mount, rpc, partners):
    tree, number = mount(), partners.one()
    with tree.counting() as calls:
        (tree / PARTNER / f"{number}.image_1920.png").write_bytes(b"")
    assert "res.partner.write" not in calls
    assert retry(lambda: files(tree / PARTNER, number) == [f"{number}.json"])
    assert rpc.read(PARTNER, [number], ["image_1920"])[0]["image_1920"] is False


def test_a_renamed_empty_file_is_refused(mount, partners):
    tree, number = mount(), partners.one()
    scratch = tree / PARTNER / "scratch.tmp"
    scratch.write_bytes(b"")
    target = tree / PARTNER / f"{number}.image_1920.png"
    assert failure(scratch, lambda path: path.rename(target)) == errno.EINVAL
    assert "rm empties a field" in tree.errors()[-1]["message"]
    assert scratch.exists()


def test_the_daemon_is_killed_in_the_middle(mount, rpc, partners):
    tree, number = mount(), partners.one()
    path = tree / PARTNER / f"{number}.image_1920.png"
    path.write_bytes(png(31))
    file = os.open(path, os.O_WRONLY | os.O_TRUNC)
    os.write(file, png(32, 64)[:100])
    tree.crash()
    assert failure(path, lambda _: os.fsync(file)) == errno.ENOTCONN
    assert failure(path, lambda _: os.close(file)) == errno.ENOTCONN
    assert rpc.read(PARTNER, [number], ["image_1920"])[0]["image_1920"] == encoded(png(31))


def test_the_server_goes_away_in_the_middle(mount, fake, partners, rpc):
    """What can't be sent is kept, and the old content stays."""
    tree, number = mount(timeout=5), partners.one()
    path = tree / PARTNER / f"{number}.image_1920.png"
    path.write_bytes(png(33))
    fake.control(fault={"model": PARTNER, "method": ["write", "web_save"], "do": "reset_before"})
    assert failure(path, lambda _: path.write_bytes(png(34))) in (
        errno.EHOSTUNREACH, errno.ETIMEDOUT, errno.EIO)
    fake.control(clear_faults=True)
    kept = path.with_name(path.name + ".rej")
    assert retry(kept.exists) and kept.read_bytes() == png(34)
    assert rpc.read(PARTNER, [number], ["image_1920"])[0]["image_1920"] == encoded(png(33))
    assert path.read_bytes() == png(33)
