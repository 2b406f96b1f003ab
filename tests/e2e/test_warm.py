# SPDX-License-Identifier: MIT
"""What the kernel answers by itself: requests that reach odoofs, and calls that leave it."""

import errno
import os
import pathlib

import pytest

from harness.look import drop_kernel_cache, output
from harness.mount import Mount

PARTNER = "res.partner"

# What else a program asks for: a directory, a new page of a listing.
HANDFUL = 20


def fewest_requests(tree, *command) -> int:
    """Of some runs the best: the kernel may have dropped what it knew, or somebody else looks."""
    counts = []
    for _ in range(4):
        before = tree.requests()
        output(*command, cwd=tree.path)
        counts.append(tree.requests() - before)
        if counts[-1] <= HANDFUL:
            break
    return min(counts)


@pytest.fixture(scope="module")
def warm(server):
    """Mounts whose partners were read, one for each kind. What is said here is of records: their
    binary fields are read from odoofs, which has them in files."""
    made = {read_only: Mount(server.source(), ttl=3600, ro=read_only, binary="none")
            for read_only in (False, True)}
    for mount in made.values():
        output("grep", "-rc", "name", PARTNER, cwd=mount.path)
    yield made
    for mount in made.values():
        mount.unmount()


def test_a_read_only_mount_is_asked_nothing(warm):
    """The kernel has the contents, and opens by itself."""
    for command in (["grep", "-rc", "name", PARTNER], ["tar", "cf", "-", PARTNER],
                    ["ls", "-l", PARTNER]):
        assert fewest_requests(warm[True], *command) <= HANDFUL, command


def test_a_writable_mount_is_asked_to_open_and_to_close(warm, rpc):
    """No READ, no LOOKUP, no FLUSH."""
    records = len(rpc.ids(PARTNER))
    assert fewest_requests(warm[False], "grep", "-rc", "name", PARTNER) <= 2 * records + HANDFUL


@pytest.mark.parametrize("read_only", [False, True])
def test_walking_asks_for_no_file(warm, read_only):
    assert fewest_requests(warm[read_only], "find", PARTNER, "-size", "+100k") <= HANDFUL
    assert fewest_requests(warm[read_only], "du", PARTNER) <= HANDFUL


@pytest.mark.parametrize("read_only", [False, True])
def test_what_the_kernel_forgot_comes_with_the_listing(warm, rpc, read_only):
    """No LOOKUP a file: with the records loaded, a listing carries the attributes."""
    records = len(rpc.ids(PARTNER))
    tree = warm[read_only]
    with tree.counting() as calls:
        drop_kernel_cache(tree.path)
        before = tree.requests()
        told = output("du", "-sb", PARTNER, cwd=tree.path)
        assert 4 <= tree.requests() - before <= records / 10
        assert output("du", "-sb", PARTNER, cwd=tree.path) == told
    assert not calls


# A read-only mount changes nothing

WRITES = {
    "open": lambda path: os.open(path, os.O_WRONLY),
    "open to append": lambda path: os.open(path, os.O_WRONLY | os.O_APPEND),
    "open to read and write": lambda path: os.open(path, os.O_RDWR),
    "open to truncate": lambda path: os.open(path, os.O_WRONLY | os.O_TRUNC),
    "truncate": lambda path: os.truncate(path, 0),
    "unlink": os.unlink,
    "rename": lambda path: os.rename(path, path.with_name("x.json")),
    "rename over": lambda path: os.rename(path, path.with_name("1.json~")),
    "link": lambda path: os.link(path, path.with_name("x.json")),
    "symlink": lambda path: os.symlink("1.json", path.with_name("x.json")),
    "create": lambda path: os.open(path.with_name("new.json"), os.O_WRONLY | os.O_CREAT),
    "create a scratch file": lambda path: os.open(path.with_name(".x.swp"),
                                                  os.O_WRONLY | os.O_CREAT),
    "mknod": lambda path: os.mknod(path.with_name("fifo"), 0o10600),
    "mkdir": lambda path: os.mkdir(path.with_name("sub")),
    "mkdir a model": lambda path: os.mkdir(path.parent.with_name("x.model")),
    "rmdir a model": lambda path: os.rmdir(path.parent),
    "chmod": lambda path: os.chmod(path, 0o644),
    "chown": lambda path: os.chown(path, 1, 1),
    "utime": lambda path: os.utime(path, (1, 1)),
    "setxattr": lambda path: os.setxattr(path, "user.a", b"b"),
    "removexattr": lambda path: os.removexattr(path, "user.a"),
    "refresh": lambda path: (path.parent.parent / ".odoofs/refresh").write_text("\n"),
}


@pytest.mark.parametrize("options", [{"ro": True}, {"backup": True}], ids=["ro", "backup"])
def test_every_kind_of_write_is_refused(wired, tap, rpc, options):
    tree = wired(**options)
    path = tree.record(PARTNER, rpc.ids(PARTNER, limit=1)[0])
    text = path.read_bytes()
    tap.clear()
    for kind, write in WRITES.items():
        with pytest.raises(OSError) as failure:
            write(pathlib.Path(path))
        assert failure.value.errno == errno.EROFS, kind
    assert tap.changes() == []
    assert path.read_bytes() == text
    assert sorted(tree.ids(PARTNER)) == rpc.ids(PARTNER)
