# SPDX-License-Identifier: MIT
"""A mount for a measurement, and what its daemon counts."""

from __future__ import annotations

import collections
import json
import os
import re
import subprocess
import tempfile
import time

from .rpc import Server
from .run import ENVIRONMENT

OPCODE = re.compile(rb"opcode: ([A-Z_0-9]+) \(")
START_SECONDS, STOP_SECONDS = 60, 30


class Mount:
    """The filesystem, mounted while the context lasts.

    With `debug`, libfuse logs each request, and `requests` counts them.
    """

    def __init__(self, program: str, server: Server, options: str = "", pinned: bool = False,
                 debug: bool = False):
        self.dir = tempfile.mkdtemp(prefix="odoofs-bench-")
        self.root = os.path.join(self.dir, "mnt")
        self.log = os.path.join(self.dir, "log")
        self.debug = debug
        os.mkdir(self.root)
        self.argv = [program, "-d" if debug else "-f"]
        if options:
            self.argv += ["-o", options]
        self.argv += [server.source, self.root]
        if pinned:
            self.argv = ["taskset", "-c", "0", *self.argv]
        self.password = server.password
        self.process: subprocess.Popen | None = None
        self.seen = 0

    def path(self, *parts: str) -> str:
        return os.path.join(self.root, *parts)

    def __enter__(self) -> "Mount":
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                self.argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                env=dict(ENVIRONMENT, ODOOFS_PASSWORD=self.password))
        end = time.monotonic() + START_SECONDS
        while not os.path.ismount(self.root):
            if self.process.poll() is not None or time.monotonic() > end:
                with open(self.log, "r", encoding="utf-8", errors="replace") as log:
                    text = log.read()[-1000:]
                self._stop()
                raise RuntimeError(f"{' '.join(self.argv)} doesn't mount: {text}")
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _stop(self) -> None:
        process = self.process
        subprocess.run(["fusermount3", "-u", "-q", self.root], check=False)
        if process:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                subprocess.run(["fusermount3", "-u", "-q", self.root], check=False)
        os.unlink(self.log)
        os.rmdir(self.root)
        os.rmdir(self.dir)

    def stats(self) -> dict:
        with open(self.path(".odoofs", "stats.json"), "rb") as file:
            return json.load(file)

    def memory(self, key: str = "VmRSS") -> int:
        """Of /proc/PID/status, in bytes: VmRSS now, VmHWM at most."""
        assert self.process
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith(key + ":"):
                    return int(line.split()[1]) * 1024
        raise KeyError(key)

    def requests(self) -> collections.Counter:
        """The kernel's requests since the last call, by kind. The log is written unbuffered."""
        assert self.debug
        time.sleep(0.3)  # RELEASE and FORGET come behind the program's end
        with open(self.log, "rb") as file:
            file.seek(self.seen)
            text = file.read()
            self.seen += len(text)
        return collections.Counter(found.group(1).decode() for found in OPCODE.finditer(text))


class Calls:
    """How many calls of the server some work takes."""

    def __init__(self, mount: Mount):
        self.mount = mount
        self.before = mount.stats()

    def methods(self) -> dict[str, int]:
        """By `model.method`."""
        before = self.before["calls_by_method"]
        after = self.mount.stats()["calls_by_method"]
        return {name: n - before.get(name, 0) for name, n in after.items()
                if n > before.get(name, 0)}
