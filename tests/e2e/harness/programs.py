# SPDX-License-Identifier: MIT
"""Programs that edit files, run as users do: by a shell, or on a terminal."""

from __future__ import annotations

import errno
import fcntl
import os
import pathlib
import pty
import select
import shutil
import struct
import subprocess
import termios
import time
from typing import Iterable

import pytest

SECONDS = 60


def need(*programs: str) -> None:
    """Skip what can't be tried on this machine."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        pytest.skip(f"{', '.join(missing)} isn't installed")


def environment(home: pathlib.Path, **more: object) -> dict[str, str]:
    """A user without settings of his own."""
    return {**os.environ, "HOME": str(home), "LC_ALL": "C.UTF-8", "TERM": "xterm",
            "GIT_CONFIG_NOSYSTEM": "1", **{name: str(value) for name, value in more.items()}}


def shell(script: str, home: pathlib.Path, **more: object) -> subprocess.CompletedProcess:
    """Run a script of bash; the caller looks at the exit status."""
    return subprocess.run(
        ["bash", "-uo", "pipefail", "-c", script], cwd=home, env=environment(home, **more),
        stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS)


def succeeds(script: str, home: pathlib.Path, **more: object) -> bytes:
    done = shell("set -e\n" + script, home, **more)
    assert done.returncode == 0, f"status {done.returncode}: {done.stderr.decode()}"
    return done.stdout


class Terminal:
    """A program on a terminal of its own, and what it shows there."""

    def __init__(self, command: list[str], home: pathlib.Path):
        self.shown = b""
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 250, 0, 0))
            os.chdir(home)
            os.execvpe(command[0], command, environment(home))

    def _read(self, seconds: float) -> bool:
        """Take what there is; false at the end."""
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.master, 1 << 16)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return False
        self.shown += data
        return bool(data)

    def wait_for(self, text: bytes) -> None:
        end = time.monotonic() + SECONDS
        while text not in self.shown:
            alive = self._read(0.1)
            assert alive and time.monotonic() < end, f"never shown: {text!r} in {self.shown!r}"

    def settle(self) -> None:
        """Wait until nothing has been shown for a moment: it waits for a key then."""
        end, quiet = time.monotonic() + SECONDS, time.monotonic()
        while time.monotonic() < min(end, quiet + 0.3):
            before = len(self.shown)
            if not self._read(0.05):
                return
            if len(self.shown) != before:
                quiet = time.monotonic()

    def press(self, keys: Iterable[str]) -> None:
        """Each of these once the program is quiet."""
        for key in keys:
            self.settle()
            os.write(self.master, key.encode())

    def end(self) -> int:
        """Wait for the exit status."""
        end = time.monotonic() + SECONDS
        while self._read(0.1):
            assert time.monotonic() < end, f"it doesn't end: {self.shown[-500:]!r}"
        os.close(self.master)
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)
