# SPDX-License-Identifier: MIT
"""What a process takes of the machine, and how much of it it may."""

from __future__ import annotations

import os
import resource


class Gauge:
    def __init__(self, pid: int):
        self.pid = pid

    def memory(self, row: str = "VmRSS") -> float:
        """What it holds, in MB; VmHWM: the most that it held, VmData: what RLIMIT_DATA counts."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            rows = dict(line.split(":", 1) for line in file)
        return int(rows[row].split()[0]) / 1024

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def open_files(self) -> list[str]:
        """What they are."""
        return [os.readlink(entry.path) for entry in os.scandir(f"/proc/{self.pid}/fd")]

    def temporary_files(self) -> int:
        return sum(path.endswith("(deleted)") for path in self.open_files())

    def limit(self, what: int, most: int = resource.RLIM_INFINITY) -> None:
        """What it may have from now on, whatever it has."""
        hard = resource.prlimit(self.pid, what)[1]
        resource.prlimit(self.pid, what, (most, hard))
