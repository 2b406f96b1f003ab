# SPDX-License-Identifier: MIT
"""Random reads, writes, truncations and mappings of a file, compared with one in memory, as fsx does;
of an editor's own file, and of a record that is changed in place."""

import errno
import mmap
import os
import random

import pytest

MOST = 200_000
pytestmark = [pytest.mark.any_door, pytest.mark.since(19)]


class Twin:
    """A file, and what should be in it."""

    def __init__(self, fd: int, content: bytes, chance: random.Random):
        self.fd, self.content, self.chance = fd, bytearray(content), chance

    def place(self) -> tuple[int, int]:
        """Where, and how much: often at the end, or at the edge of a page."""
        size = len(self.content)
        start = self.chance.choice([0, size, self.chance.randrange(size + 1),
                                    self.chance.randrange(size + 1) // 4096 * 4096,
                                    self.chance.randrange(MOST)])
        return start, self.chance.choice([1, 7, 4095, 4096, 4097, self.chance.randrange(20_000)])

    def read(self) -> None:
        start, count = self.place()
        assert os.pread(self.fd, count, start) == self.content[start:start + count]

    def write(self) -> None:
        start, count = self.place()
        data = self.chance.randbytes(count)
        assert os.pwrite(self.fd, data, start) == count
        self.content.extend(bytes(max(0, start - len(self.content))))
        self.content[start:start + count] = data

    def truncate(self) -> None:
        size = self.chance.choice([0, self.chance.randrange(MOST), len(self.content),
                                   max(0, len(self.content) - 1), len(self.content) + 1])
        os.ftruncate(self.fd, size)
        self.content.extend(bytes(max(0, size - len(self.content))))
        del self.content[size:]

    def map(self) -> None:
        """Written through a mapping, and read through it."""
        if not self.content:
            return
        with mmap.mmap(self.fd, len(self.content)) as mapped:
            start = self.chance.randrange(len(mapped))
            data = self.chance.randbytes(min(self.chance.choice([1, 5000]), len(mapped) - start))
            mapped[start:start + len(data)] = data
            self.content[start:start + len(data)] = data
            assert mapped[:] == self.content
            mapped.flush()

    def check(self) -> None:
        assert os.fstat(self.fd).st_size == len(self.content)
        assert os.pread(self.fd, len(self.content) + 1, 0) == self.content

    def go(self, count: int, *acts: str) -> None:
        for _ in range(count):
            getattr(self, self.chance.choice(acts))()
        self.check()


@pytest.mark.parametrize("seed", range(6))
def test_a_file_of_an_editor(bench, fake, seed):
    """Which is closed and opened again in between."""
    it, chance = bench(), random.Random(seed)
    path, content = it.directory / f".random{seed}.swp", b""
    for _ in range(5):
        fd = os.open(path, os.O_RDWR | os.O_CREAT)
        twin = Twin(fd, content, chance)
        twin.check()
        twin.go(60, "read", "read", "write", "write", "truncate", "map", "check")
        os.close(fd)
        content = bytes(twin.content)
    assert path.read_bytes() == content
    path.unlink()
    it.check_untouched()


@pytest.mark.parametrize("seed", range(4))
def test_a_record_in_place(bench, fake, seed):
    """Whatever is done to it, what it is in the end is what is written, once."""
    it = bench()
    fd = os.open(it.path, os.O_RDWR)
    twin = Twin(fd, it.text, random.Random(seed))
    twin.check()
    twin.go(120, "read", "write", "write", "truncate", "check")
    assert it.tap.changes() == []
    text = it.edited(city=f"Seed {seed}")
    os.ftruncate(fd, 0)
    assert os.pwrite(fd, text, 0) == len(text)
    os.close(fd)
    it.check_saved({"city": f"Seed {seed}"})


def test_a_record_in_place_that_ends_as_rubbish(bench, fake):
    it = bench()
    fd = os.open(it.path, os.O_RDWR)
    twin = Twin(fd, it.text, random.Random(99))
    twin.go(60, "read", "write", "truncate", "check")
    with pytest.raises(OSError) as heard:
        os.close(fd)
    assert heard.value.errno == errno.EINVAL
    it.check_refused(bytes(twin.content))
