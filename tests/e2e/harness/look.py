# SPDX-License-Identifier: MIT
"""Programs that look into a mount: run to their end, or in the background and surely ended."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pathlib
import subprocess
from typing import Any, Iterator

MS_REMOUNT = 32


def command_in(cwd: pathlib.Path | None, *command: Any) -> list[str]:
    """
    It goes to the directory by itself: a child of Python does so while Python stands still, and
    with it whoever is to answer, where that is a thread of ours.
    """
    return list(map(str, [*(["env", "-C", cwd] if cwd else []), *command]))


def output(*command: Any, cwd: pathlib.Path | None = None, status: int = 0) -> str:
    """What a program writes. It has to end with this status."""
    done = subprocess.run(command_in(cwd, *command), stdin=subprocess.DEVNULL,
                          capture_output=True, check=False)
    assert done.returncode == status, done.stderr[-2000:].decode(errors="replace")
    return done.stdout.decode()


@contextlib.contextmanager
def running(*command: Any, cwd: pathlib.Path | None = None, **options: Any
            ) -> Iterator[subprocess.Popen]:
    """A program in the background, which is killed if it is still there at the end."""
    for stream in ("stdin", "stdout", "stderr"):
        options.setdefault(stream, subprocess.DEVNULL)
    process = subprocess.Popen(command_in(cwd, *command), **options)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def drop_kernel_cache(top: pathlib.Path) -> None:
    """Make the kernel forget what it knows of this mount; others keep what they have."""
    flags = os.statvfs(top).f_flag & (os.ST_RDONLY | os.ST_NOSUID | os.ST_NODEV)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(None, os.fsencode(top), None, MS_REMOUNT | flags, None) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
