# SPDX-License-Identifier: MIT
"""Binary fields are written through their files: as a whole, or not at all."""

import base64
import errno
import json
import os
import signal
import subprocess
import sys

import pytest

from harness.expect import binary_fields
from harness.mount import Mount, retry
from harness.pictures import GIF, encoded, files, png, sum_of

PARTNER = "res.partner"


class Picture:
    """A partner's image: its file, and what the server has."""

    def __init__(self, tree, rpc, number):
        self.tree, self.rpc, self.number = tree, rpc, number
        self.directory = tree / PARTNER
        self.bare = self.directory / f"{number}.image_1920"
        self.path = self.directory / f"{number}.image_1920.png"

    def on_server(self):
        value = self.rpc.read(PARTNER, [self.number], ["image_1920"])[0]["image_1920"]
        return base64.b64decode(value) if value else None

    def check(self, data, suffix="png"):
        assert self.on_server() == data
        path = self.directory / f"{self.number}.image_1920.{suffix}"
        assert retry(lambda: path.exists() and path.read_bytes() == data)
        assert path.stat().st_size == len(data)
        assert retry(lambda: files(self.directory, self.number)
                     == [path.name, f"{self.number}.json"])
        line = self.tree.json(f"{PARTNER}/{self.number}.json")["image_1920"]
        assert (line["file"], line["sha1"]) == (path.name, sum_of(data))


@pytest.fixture(scope="module")
def edited(server):
    tree = Mount(server.source(), ttl=3600, max_file="1M")
    yield tree
    tree.unmount()


@pytest.fixture
def picture(edited, rpc, partners):
    return Picture(edited, rpc, partners.one())


def failure(act):
    try:
        act()
    except OSError as error:
        return error.errno
    return 0


def last_words(tree):
    return tree.errors()[-1]["message"]


def test_set_replaced_and_removed(picture):
    picture.bare.write_bytes(png(1))
    picture.check(png(1))
    picture.path.write_bytes(png(2, 20))
    picture.check(png(2, 20))
    picture.bare.write_bytes(GIF)
    picture.check(GIF, "gif")
    (picture.directory / f"{picture.number}.image_1920.gif").unlink()
    assert picture.on_server() is None
    assert retry(lambda: files(picture.directory, picture.number) == [f"{picture.number}.json"])
    assert picture.tree.json(f"{PARTNER}/{picture.number}.json")["image_1920"] is False
    assert failure(picture.path.unlink) == errno.ENOENT


def test_what_is_there_already_is_not_sent(picture):
    picture.bare.write_bytes(png(3))
    picture.check(png(3))
    with picture.tree.counting() as calls:
        picture.path.write_bytes(png(3))
    assert "res.partner.write" not in calls
    picture.check(png(3))


@pytest.mark.parametrize("command", (
    "cp {new} {path}", "cp -p {new} {path}", "cat {new} > {path}", "dd if={new} of={path} 2>&1",
    "rsync -a {new} {path}", "rsync -a --inplace {new} {path}", "install -m 600 {new} {path}",
    "cp {new} {dir}/scratch.tmp && mv {dir}/scratch.tmp {path}", "tee {path} < {new} > /dev/null"))
def test_programs(picture, tmp_path, command):
    picture.bare.write_bytes(png(4))
    (tmp_path / "new.png").write_bytes(png(5, 11))
    subprocess.run(["sh", "-ec", command.format(new=tmp_path / "new.png", path=picture.path,
                                                dir=picture.directory)], check=True)
    picture.check(png(5, 11))


def test_moved_aside_and_written_anew(picture):
    picture.bare.write_bytes(png(6))
    aside = picture.path.with_name(picture.path.name + "~")
    picture.path.rename(aside)
    picture.path.write_bytes(png(7))
    assert aside.read_bytes() == png(6)
    aside.unlink()
    picture.check(png(7))


def test_appended_to(picture):
    picture.bare.write_bytes(png(8))
    with open(picture.path, "ab") as file:
        file.write(b"more")
    picture.check(png(8) + b"more")


def test_truncated_to_nothing_is_no_write(picture):
    picture.bare.write_bytes(png(9))
    with picture.tree.counting() as calls:
        picture.path.write_bytes(b"")
    assert "res.partner.write" not in calls
    picture.check(png(9))


def test_no_image_is_refused(picture):
    picture.bare.write_bytes(png(10))
    assert failure(lambda: picture.path.write_bytes(b"no image")) == errno.EINVAL
    assert "could not be decoded as an image" in last_words(picture.tree)
    kept = picture.path.with_name(picture.path.name + ".rej")
    assert retry(kept.exists) and kept.read_bytes() == b"no image"
    for path in (kept, kept.with_name(kept.name + ".txt")):
        path.unlink()
    picture.check(png(10))


def test_too_large_is_refused_before_anything_is_sent(picture):
    picture.bare.write_bytes(png(11))
    with picture.tree.counting() as calls:
        file = open(picture.path, "wb", 0)
        assert failure(lambda: file.seek(3_000_000_000) and file.write(b"x")) == errno.EFBIG
        assert failure(lambda: os.ftruncate(file.fileno(), 3_000_000_000)) == errno.EFBIG
        assert failure(lambda: os.fsync(file.fileno())) == errno.EFBIG
        assert failure(file.close) == errno.EFBIG
    assert "res.partner.write" not in calls
    assert "max_file" in last_words(picture.tree)
    picture.check(png(11))


def test_cut_off_by_a_kill_the_old_content_stays(picture):
    picture.bare.write_bytes(png(12))
    half = png(13, 64)[:100]
    script = (f"import os, signal\nfile = open({str(picture.path)!r}, 'wb', 0)\n"
              f"file.write({half!r})\nos.kill(os.getpid(), signal.SIGKILL)\n")
    assert subprocess.run([sys.executable, "-c", script]).returncode == -signal.SIGKILL
    assert picture.on_server() == png(12)
    kept = picture.path.with_name(picture.path.name + ".rej")
    assert retry(kept.exists) and kept.read_bytes() == half
    for path in (kept, kept.with_name(kept.name + ".txt")):
        path.unlink()
    picture.check(png(12))


def test_the_line_in_the_record_is_not_where_it_is_written(picture):
    picture.bare.write_bytes(png(14))
    record = picture.tree.record(PARTNER, picture.number)
    text = record.read_bytes()
    wrong = text.replace(sum_of(png(14)).encode(), sum_of(png(15)).encode())
    assert wrong != text and failure(lambda: record.write_bytes(wrong)) == errno.EINVAL
    assert f"{picture.number}.image_1920" in last_words(picture.tree)
    for name in files(picture.directory, picture.number):
        if ".rej" in name:
            (picture.directory / name).unlink()
    picture.check(png(14))


def test_names_that_cannot_be_written(picture):
    for name, number in ((f"{picture.number}.image_128.png", errno.EPERM),
                         ("99999999.image_1920.png", errno.ENOENT)):
        assert failure(lambda: (picture.directory / name).write_bytes(png(1))) == number
    picture.bare.write_bytes(png(16))
    assert failure(lambda: picture.path.rename(
        picture.directory / f"{picture.number + 1}.json")) == errno.EPERM


@pytest.mark.any_door
def test_inline(mount, rpc, partners):
    tree, number = mount(binary="inline"), partners.one()
    path = tree.record(PARTNER, number)
    record = json.loads(path.read_bytes())
    assert record["image_1920"] is False
    path.write_text(json.dumps({**record, "image_1920": encoded(png(18))}))
    assert json.loads(path.read_bytes())["image_1920"] == encoded(png(18))
    for wrong in ("!!!", "iVBORw0", {"file": "x"}, 5):
        assert failure(lambda: path.write_text(json.dumps(
            {**record, "image_1920": wrong}))) == errno.EINVAL
        assert "base64 text or false" in last_words(tree)
    path.write_text(json.dumps({**record, "image_1920": False}))
    assert rpc.read(PARTNER, [number], ["image_1920"])[0]["image_1920"] is False


@pytest.mark.any_door
def test_who_may_not_write(mount, rpc):
    tree = mount("demo")
    number = rpc.ids("res.company", limit=1)[0]
    field = sorted(binary_fields(rpc, "res.company"))[0]
    path = tree / "res.company" / f"{number}.{field}"
    assert failure(lambda: path.write_bytes(png(1))) == errno.EACCES
    assert not rpc.read("res.company", [number], [field])[0][field] or path.exists()


@pytest.mark.any_door
def test_read_only_and_deny(mount, rpc, picture):
    picture.bare.write_bytes(png(17))
    tree = mount(ro=True)
    name = f"{picture.number}.image_1920.png"
    assert failure(lambda: (tree / PARTNER / name).write_bytes(png(1))) == errno.EROFS
    assert failure((tree / PARTNER / name).unlink) == errno.EROFS
    tree = mount(delete="deny")
    assert failure((tree / PARTNER / name).unlink) == errno.EPERM
    assert picture.on_server() == png(17)
