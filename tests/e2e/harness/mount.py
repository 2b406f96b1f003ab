# SPDX-License-Identifier: MIT
"""One odoofs: mounted, looked into, unmounted, and its last words read."""

from __future__ import annotations

import collections
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from typing import Any, Iterator, Sequence

import pytest

from . import reports
from .doors import enter
from .reports import SANITIZER
from .weather import WEATHER

TOP = pathlib.Path(__file__).resolve().parents[3]
BINARY = os.environ.get("ODOOFS") or str(TOP / "build-asan/fs/odoofs")

# The same without sanitizers: what they need themselves can't be told from what odoofs needs.
PLAIN = os.environ.get("ODOOFS_PLAIN", "")
needs_plain = pytest.mark.skipif(not PLAIN, reason="ODOOFS_PLAIN names no odoofs without sanitizers")

# No test takes so long: what hangs is killed, so that the test fails and the others go on.
WATCHDOG_SECONDS = 480

# All that is mounted, for the watchdog and for the end.
LIVE: set["Mount"] = set()


def environment(password: str | None, **more: str) -> dict[str, str]:
    """For a run of odoofs; without a password there is none in it."""
    result = {**os.environ, **reports.ENVIRONMENT, "LC_ALL": "C.UTF-8", **more}
    result.pop("ODOOFS_PASSWORD", None)
    if password is not None:
        result["ODOOFS_PASSWORD"] = password
    return result


def option_arguments(options: dict[str, Any]) -> list[str]:
    """{"ttl": 5, "ro": True} as -o ttl=5 -o ro; commas in values are escaped."""
    arguments = []
    for name, value in options.items():
        if value is True:
            arguments += ["-o", name]
        elif value is not None and value is not False:
            text = str(value).replace("\\", "\\\\").replace(",", "\\,")
            arguments += ["-o", f"{name}={text}"]
    return arguments


def mounted(path: pathlib.Path | str) -> bool:
    with open("/proc/self/mountinfo", encoding="utf-8") as table:
        return any(line.split()[4] == str(path) for line in table)


class MountFailed(Exception):
    """odoofs ended before it was mounted."""

    def __init__(self, status: int, words: str):
        super().__init__(f"exit status {status}: {words}")
        self.status, self.words = status, words


@contextlib.contextmanager
def watchdog() -> Iterator[None]:
    """Kill every odoofs that is there when the time is over."""
    def kill() -> None:
        for mount in list(LIVE):
            mount.process.kill()
    timer = threading.Timer(WATCHDOG_SECONDS, kill)
    timer.daemon = True
    timer.start()
    yield
    timer.cancel()


class Mount:
    """
    A mounted odoofs, a child of the test in the foreground; `within` is a command that becomes
    the program, as prlimit does.

    It lives in a directory of its own, not in pytest's: what is below that is removed by any
    pytest of this user at any time, and with it what is mounted there.
    """

    def __init__(self, source: str, password: str | None = "admin",
                 path: pathlib.Path | None = None, env: dict[str, str] | None = None,
                 program: str = BINARY, within: Sequence[str] = (), **options: Any):
        secret, options = enter(source, password, options)
        if "ttl" in options:  # who looks waits no longer than this, or is let alone for as long
            options.setdefault("poll", options["ttl"])
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="odoofs-e2e-"))
        self.path = path or self.directory / "mnt"
        if path is None:
            self.path.mkdir()
        self.log_path = self.directory / "odoofs.log"
        self.end_status = 0  # what unmounting shall end with
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [*within, program, "-f", *option_arguments(options), source, str(self.path)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=environment(secret, **(env or {})), start_new_session=True)
        LIVE.add(self)
        self._wait_until_mounted()

    def _wait_until_mounted(self) -> None:
        end = time.monotonic() + 60
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > end:
                self.process.kill()
                words, status = self.log(), self.process.wait()
                self._remove()
                raise MountFailed(status, words)
            time.sleep(0.01)

    def _answers(self) -> bool:
        """Mounted, and by this process: not by one that died there."""
        try:
            return mounted(self.path) and bool(os.statvfs(self.path))
        except OSError:
            return False

    def _remove(self) -> None:
        LIVE.discard(self)
        if not mounted(self.path):
            shutil.rmtree(self.directory, ignore_errors=True)

    # The end

    def unmount(self) -> None:
        """Unmount and check how the process ended; twice is once."""
        if self not in LIVE:
            return
        problems = []
        if mounted(self.path):
            done = subprocess.run(["fusermount3", "-u", str(self.path)], capture_output=True,
                                  text=True)
            if done.returncode != 0:
                problems.append(f"fusermount3 -u: {done.stderr.strip()}")
                subprocess.run(["fusermount3", "-u", "-z", str(self.path)], check=False)
        try:
            status = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
            problems.append("odoofs didn't end within 30 s of unmounting")
        if status != self.end_status:
            problems.append(f"odoofs ended with status {status}")
        log = self.log()
        report = reports.new(self.process.pid)
        if report or SANITIZER.search(log):
            problems.append("a sanitizer has something to report")
        self._remove()
        if problems:
            raise AssertionError("; ".join(problems) + "\n" + log[-8000:] + report[:20000])

    def crash(self) -> None:
        """kill -9: the mount point is left dead."""
        self.process.kill()
        self.end_status = self.process.wait()

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    # The tree

    def __truediv__(self, relative: str) -> pathlib.Path:
        return self.path / relative

    def record(self, model: str, number: int) -> pathlib.Path:
        return self.path / model / f"{number}.json"

    def read(self, relative: str) -> bytes:
        return (self.path / relative).read_bytes()

    def json(self, relative: str) -> Any:
        return json.loads(self.read(relative))

    def ids(self, model: str) -> list[int]:
        """In the order of the listing."""
        with os.scandir(self.path / model) as entries:
            return [int(entry.name.removesuffix(".json")) for entry in entries
                    if entry.name.endswith(".json")]

    def models(self) -> list[str]:
        return os.listdir(self.path)

    # .odoofs

    def stats(self) -> dict:
        return self.json(".odoofs/stats.json")

    def status(self) -> dict:
        return self.json(".odoofs/status.json")

    def errors(self) -> list[dict]:
        return [json.loads(line) for line in self.read(".odoofs/errors").splitlines()]

    def refresh(self, model: str = "") -> None:
        (self.path / ".odoofs/refresh").write_text(model + "\n")

    def calls(self) -> collections.Counter:
        return collections.Counter(self.stats()["calls_by_method"])

    def wait_until_idle(self) -> None:
        """What was asked for ahead may come after what it was asked for."""
        def idle() -> bool:
            stats = self.stats()
            return stats["in_flight"] == stats["queued"] == 0
        assert retry(idle, 60)

    def requests(self) -> int:
        """How many requests of the kernel there were: each is one read(2) of odoofs."""
        with open(f"/proc/{self.process.pid}/io", encoding="ascii") as file:
            return int(dict(line.split(": ") for line in file)["syscr"])

    @contextlib.contextmanager
    def counting(self) -> Iterator[collections.Counter]:
        """Gives, at its end, the calls that were begun inside it, by model.method."""
        self.wait_until_idle()
        before = self.calls()
        delta: collections.Counter = collections.Counter()
        with WEATHER.calm():
            yield delta
            self.wait_until_idle()
        delta.update(self.calls())
        delta.subtract(before)
        for method in [name for name, n in delta.items() if n == 0]:
            del delta[method]


def retry(check: Any, seconds: float = 10, pause: float = 0.05) -> Any:
    """Ask until it is true; returns it, or what it was at last."""
    end = time.monotonic() + seconds
    while True:
        result = check()
        if result or time.monotonic() > end:
            return result
        time.sleep(pause)
