# SPDX-License-Identifier: MIT
"""What POSIX promises of files, names and directories, as far as it holds here: README's "POSIX"."""

import concurrent.futures
import ctypes
import errno
import mmap
import os
import re
import stat
import subprocess
import threading

import pytest

from harness.mount import retry

PARTNER = "res.partner"
pytestmark = [pytest.mark.any_door, pytest.mark.since(19)]

LIBC = ctypes.CDLL(None, use_errno=True)
NOREPLACE, EXCHANGE = 1, 2
READ, WRITE = os.O_RDONLY, os.O_WRONLY
NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL


def errno_of(act, *arguments, **more):
    """The errno with which it fails; 0 where it doesn't."""
    try:
        act(*arguments, **more)
    except OSError as error:
        return error.errno
    return 0


def rename2(old, new, flags):
    if LIBC.renameat2(-100, os.fsencode(old), -100, os.fsencode(new), flags) < 0:
        return ctypes.get_errno()
    return 0


@pytest.fixture(scope="module")
def shared(bench):
    return bench()


@pytest.fixture
def it(shared, fake):
    """The desk that the tests share, with nothing on it that another left. What is tested is ours,
    so one server will do."""
    shared.begin_again()
    yield shared
    for name in shared.others():
        (shared.directory / name).unlink(missing_ok=True)


@pytest.fixture
def scratch(it):
    """A file of an editor's, which is in memory only."""
    path = it.directory / ".scratch.swp"
    path.write_bytes(b"0123456789")
    yield path
    path.unlink(missing_ok=True)


# Removing and renaming what is open

def test_unlink_while_open(it):
    path = it.directory / ".gone.swp"
    fd = os.open(path, NEW)
    try:
        os.write(fd, b"before")
        path.unlink()
        assert not path.exists()
        assert os.fstat(fd).st_nlink == 0
        os.write(fd, b" and after")
        assert os.pread(fd, 100, 0) == b"before and after"
        path.write_bytes(b"another")
        assert os.pread(fd, 100, 0) == b"before and after"
    finally:
        os.close(fd)
    assert path.read_bytes() == b"another"
    path.unlink()


def test_a_record_that_is_removed_while_it_is_open(it, partners):
    path = it.tree.record(PARTNER, partners.one())
    text = path.read_bytes()
    with open(path, "rb") as file:
        path.unlink()
        assert not path.exists()
        assert file.read() == text


def test_rename_over_what_is_open(scratch):
    other = scratch.with_name(".other.swp")
    other.write_bytes(b"other")
    with open(other, "rb") as file:
        os.rename(scratch, other)
        assert not scratch.exists()
        assert file.read() == b"other"
    assert other.read_bytes() == b"0123456789"
    other.unlink()


def test_rename_to_itself(it, scratch):
    os.rename(scratch, scratch)
    assert scratch.read_bytes() == b"0123456789"
    os.rename(it.path, it.path)
    it.check_untouched(left=[scratch.name] if scratch.name in it.others() else [])


def test_rename_with_flags(it, scratch):
    other = scratch.with_name(".other.swp")
    other.write_bytes(b"other")
    assert rename2(scratch, other, NOREPLACE) == errno.EEXIST
    assert rename2(scratch, it.path, NOREPLACE) == errno.EEXIST
    assert rename2(scratch, other, EXCHANGE) == errno.EINVAL
    assert (scratch.read_bytes(), other.read_bytes()) == (b"0123456789", b"other")
    other.unlink()
    assert rename2(scratch, other, NOREPLACE) == 0
    assert other.read_bytes() == b"0123456789"
    other.unlink()
    assert it.tap.changes() == []


def test_rename_that_cannot_be(it, scratch):
    away = it.tree / "res.country"
    assert errno_of(os.rename, scratch, away / ".scratch.swp") in (errno.EPERM, errno.EXDEV)
    assert errno_of(os.rename, scratch, it.directory / ".none/x") in (errno.ENOENT, errno.EPERM,
                                                                      errno.EACCES)
    assert errno_of(os.rename, it.directory / ".none.swp", scratch) == errno.ENOENT
    assert errno_of(os.rename, it.directory, it.tree / "elsewhere") in (errno.EPERM, errno.EACCES)
    assert scratch.read_bytes() == b"0123456789"
    assert it.tap.changes() == []


# Sizes and places

def test_truncate(scratch):
    os.truncate(scratch, 4)
    assert scratch.read_bytes() == b"0123"
    os.truncate(scratch, 9000)
    assert scratch.read_bytes() == b"0123" + bytes(8996)
    assert scratch.stat().st_size == 9000
    with open(scratch, "r+b") as file:
        file.truncate(2)
        assert os.fstat(file.fileno()).st_size == 2
        file.truncate(5)
        assert file.read() == b"01\0\0\0"
    assert errno_of(os.truncate, scratch, -1) == errno.EINVAL
    assert errno_of(os.truncate, scratch, 1 << 40) == errno.EFBIG
    assert scratch.stat().st_size == 5


def test_write_past_the_end_leaves_zeros(scratch):
    fd = os.open(scratch, os.O_RDWR)
    os.pwrite(fd, b"x", 5000)
    assert os.pread(fd, 9000, 0) == b"0123456789" + bytes(4990) + b"x"
    assert errno_of(os.pwrite, fd, b"x", 1 << 40) == errno.EFBIG
    os.close(fd)


def test_append(scratch):
    one, two = (os.open(scratch, os.O_WRONLY | os.O_APPEND) for _ in range(2))
    for n in range(50):
        os.write((one, two)[n % 2], b"%02d" % n)
    os.close(one)
    os.close(two)
    assert scratch.read_bytes() == b"0123456789" + b"".join(b"%02d" % n for n in range(50))


def test_append_to_a_record_is_no_json(it):
    fd = os.open(it.path, os.O_WRONLY | os.O_APPEND)
    os.write(fd, b"x")
    assert errno_of(os.close, fd) == errno.EINVAL
    it.check_refused(it.text + b"x")


def test_open_flags(it, scratch):
    for path in (it.path, scratch):
        assert errno_of(os.open, path, WRITE | os.O_CREAT | os.O_EXCL) == errno.EEXIST
        assert errno_of(os.open, path, READ | os.O_DIRECTORY) == errno.ENOTDIR
        assert errno_of(os.open, path / "x", READ) == errno.ENOTDIR
    assert errno_of(os.open, it.directory, WRITE) == errno.EISDIR
    assert errno_of(os.open, it.directory / "999999999.json", READ) == errno.ENOENT
    os.symlink("elsewhere", it.directory / ".#link")
    assert errno_of(os.open, it.directory / ".#link", READ | os.O_NOFOLLOW) == errno.ELOOP
    (it.directory / ".#link").unlink()
    it.check_untouched(left=[name for name in it.others() if name == scratch.name])


def test_only_one_creates_exclusively(it):
    """Of sixteen at once, again and again."""
    path = it.directory / ".lock.swp"
    for _ in range(20):
        start = threading.Barrier(16)

        def create():
            start.wait()
            try:
                os.close(os.open(path, NEW))
            except FileExistsError:
                return False
            return True
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            won = [pool.submit(create) for _ in range(16)]
        assert sum(each.result() for each in won) == 1
        path.unlink()


# Mappings

def test_mappings(it, scratch):
    with open(scratch, "r+b") as file:
        with mmap.mmap(file.fileno(), 10) as shared:
            shared[3:6] = b"abc"
            shared.flush()
            assert scratch.read_bytes() == b"012abc6789"
        with mmap.mmap(file.fileno(), 10, mmap.MAP_PRIVATE) as private:
            private[0:2] = b"zz"
        assert scratch.read_bytes() == b"012abc6789"
    with open(it.path, "rb") as file, \
            mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as mapped:
        assert mapped[:] == it.text


# Names

def test_names_that_are_too_long(it, scratch):
    name = it.directory / ("." + "n" * 255)
    for act in (os.stat, os.unlink, os.mkdir, os.rmdir, os.listdir, os.readlink):
        assert errno_of(act, name) == errno.ENAMETOOLONG
    assert errno_of(os.open, name, NEW) == errno.ENAMETOOLONG
    assert errno_of(os.rename, scratch, name) == errno.ENAMETOOLONG
    assert errno_of(os.symlink, "x", name) == errno.ENAMETOOLONG


@pytest.mark.parametrize("name", ["." + "n" * 250 + ".swp", "." + "é" * 125 + ".swp",
                                  ".a b\n\t'\"\\.swp", ".\udcff\udcfe.swp"],
                         ids=["255 bytes", "255 bytes of UTF-8", "odd", "not UTF-8"])
def test_names_that_an_editor_may_use(it, name):
    path = it.directory / name
    path.write_bytes(b"content")
    assert path.read_bytes() == b"content"
    other = it.directory / ".other.swp"
    os.rename(path, other)
    os.rename(other, path)
    assert path.stat().st_size == 7
    path.unlink()
    assert errno_of(os.stat, path) == errno.ENOENT


def test_names_that_are_not_utf8_are_told_in_utf8(it):
    """.odoofs/errors is JSON, whatever anybody calls a file."""
    path = it.directory / "new\udcff.json"
    assert errno_of(path.write_bytes, b"[1]") == errno.EINVAL
    assert it.tree.errors()[-1]["path"] == f"{PARTNER}/new%FF.json"
    for name in os.listdir(it.directory):
        if name.startswith("new"):
            (it.directory / name).unlink()


# Kinds of files, and who may what

def test_what_cannot_be_made_or_removed(it):
    place = it.directory / "something"
    assert errno_of(os.mkdir, place) == errno.EPERM
    assert errno_of(os.mkdir, it.tree / "new.model") == errno.EPERM
    assert errno_of(os.mkfifo, place) == errno.EPERM
    assert errno_of(os.link, it.path, place) == errno.EPERM
    assert errno_of(os.rmdir, it.directory) in (errno.EPERM, errno.ENOTEMPTY)
    assert errno_of(os.rmdir, it.path) == errno.ENOTDIR
    assert errno_of(os.unlink, it.directory) == errno.EISDIR
    assert errno_of(os.unlink, it.directory / ".none.swp") == errno.ENOENT
    it.check_untouched()


def test_modes_times_and_owners_of_a_record_stay(it):
    before = it.path.stat()
    os.chmod(it.path, 0o777)
    os.utime(it.path, (1, 1))
    os.chown(it.path, -1, -1)
    after = it.path.stat()
    assert (after.st_mode, after.st_mtime, after.st_uid) == (
        before.st_mode, before.st_mtime, before.st_uid)
    it.check_untouched()


def test_what_is_read_only_is_not_opened_for_writing(it):
    for path in (it.tree / ".odoofs/status.json", it.directory / ".info/fields.json",
                 it.directory / ".export/csv"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o222
        assert errno_of(os.open, path, WRITE) in (errno.EACCES, errno.EPERM, errno.EROFS)


# Directories

class Entry(ctypes.Structure):
    _fields_ = [("ino", ctypes.c_uint64), ("off", ctypes.c_int64), ("size", ctypes.c_ushort),
                ("type", ctypes.c_ubyte), ("name", ctypes.c_char * 256)]


LIBC.opendir.restype = ctypes.c_void_p
LIBC.readdir64.restype = ctypes.POINTER(Entry)
LIBC.telldir.restype = ctypes.c_long
for function in (LIBC.readdir64, LIBC.telldir, LIBC.closedir, LIBC.rewinddir):
    function.argtypes = [ctypes.c_void_p]
LIBC.seekdir.argtypes = [ctypes.c_void_p, ctypes.c_long]


def test_telldir_and_seekdir(it):
    directory = LIBC.opendir(os.fsencode(it.directory))
    places = []
    while True:
        place = LIBC.telldir(directory)
        entry = LIBC.readdir64(directory)
        if not entry:
            break
        places.append((place, entry.contents.name))
    assert len({place for place, _ in places}) == len(places) > 2000
    for place, name in [*places[::97], places[-1], places[0]]:
        LIBC.seekdir(directory, place)
        assert LIBC.readdir64(directory).contents.name == name
    LIBC.rewinddir(directory)
    assert LIBC.readdir64(directory).contents.name == places[0][1]
    LIBC.closedir(directory)


def test_many_list_at_once(it):
    expected = os.listdir(it.directory)
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        found = [pool.submit(os.listdir, it.directory) for _ in range(96)]
    assert all(each.result() == expected for each in found)


def listed(it):
    """The records that a listing has, each once; files of editors and new names left aside."""
    names = os.listdir(it.directory)
    assert len(names) == len(set(names))
    return {int(name[:-5]) for name in names if re.fullmatch(r"\d+\.json", name)}


def test_listing_while_records_come_and_go(it, partners):
    """What was there all the time is listed once; nothing twice."""
    goes = set(partners.take(20))
    it.tree.refresh(PARTNER)
    stays = listed(it) - goes

    def change():
        for n, number in enumerate(goes):
            it.tree.record(PARTNER, number).unlink()
            (it.directory / f"comes{n}.json").write_text('{"name": "Comes"}')
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        changed = pool.submit(change)
        while not changed.done():
            assert stays <= listed(it)
        changed.result()
    assert retry(lambda: not goes & listed(it) and len(listed(it) - stays) == len(goes), 30)
    it.rpc.call(PARTNER, "unlink", sorted(listed(it) - stays))
    it.tree.refresh(PARTNER)


def test_listing_while_files_of_editors_come_and_go(it):
    stays = listed(it)
    for n in range(30):
        path = it.directory / f"file{n}.txt"
        path.write_bytes(b"x")
        assert listed(it) == stays
        path.unlink()
    assert listed(it) == stays


def test_what_find_and_ls_say_agrees(it):
    """No file that readdir names is gone for stat, and the types are the same."""
    found = subprocess.run(["find", it.directory, "-maxdepth", "1", "-type", "f", "-newermt",
                            "1970-01-01"], capture_output=True, check=True).stdout.splitlines()
    assert len(found) == len(os.listdir(it.directory))
