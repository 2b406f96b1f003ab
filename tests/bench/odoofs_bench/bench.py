# SPDX-License-Identifier: MIT
"""What the rows share: the program, the servers, the report, and where files go."""

from __future__ import annotations

import os
import shutil
import tempfile

from .mount import Mount
from .report import Report
from .rpc import Server

TMPFS = "/dev/shm"


class Bench:
    """One run of the benchmark."""

    cache_mib = 256  # the filesystem's own default

    def __init__(self, program: str, repeat: int, demo_file: str, version: str):
        self.program, self.repeat, self.demo_file = program, repeat, demo_file
        self.version = version
        self.report = Report()
        self.small: Server
        self.big: Server
        self.dir = tempfile.mkdtemp(prefix="odoofs-bench-", dir=TMPFS)

    def close(self) -> None:
        shutil.rmtree(self.dir)

    def file(self, name: str) -> str:
        """A file or directory on tmpfs that lives as long as the run."""
        return os.path.join(self.dir, name)

    # Records alone: the peers read no images.
    def mount(self, server: Server, options: str = "ro,binary=none", pinned: bool = False,
              debug: bool = False) -> Mount:
        return Mount(self.program, server, options, pinned, debug)
