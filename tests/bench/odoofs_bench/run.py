# SPDX-License-Identifier: MIT
"""Running and timing commands."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from typing import Callable, Sequence

ENVIRONMENT = dict(os.environ, LC_ALL="C.UTF-8")
FORGET_SECONDS = 0.3
DROP_CACHES = "/proc/sys/vm/drop_caches"


def command(argv: Sequence[str], out: str, pinned: bool = False,
            accepted: Sequence[int] = (0,), names: Sequence[str] = ()) -> float:
    """Run a command with its output in a file; return its seconds.

    A file, because grep stops at the first match when its output is /dev/null. `names` are its
    standard input, one a line.
    """
    argv = ["taskset", "-c", "0", *argv] if pinned else list(argv)
    with open(out, "wb") as file:
        start = time.perf_counter()
        done = subprocess.run(argv, stdout=file, stderr=subprocess.PIPE, env=ENVIRONMENT,
                              input="\n".join(names).encode(), check=False)
        seconds = time.perf_counter() - start
    if done.returncode not in accepted:
        text = done.stderr.decode(errors="replace")[-500:]
        raise RuntimeError(f"{' '.join(argv)}: exit status {done.returncode}: {text}")
    return seconds


def drop_kernel_caches() -> None:
    """Make the kernel forget names, attributes and listings; tmpfs keeps its own.

    Each of 10,000 nodes is a FORGET that the daemon reads: they shall not be in what follows.
    """
    with open(DROP_CACHES, "w", encoding="ascii") as file:
        file.write("2\n")
    time.sleep(FORGET_SECONDS)


class Pairs:
    """Times of the work and of its peer, taken in turns."""

    def __init__(self) -> None:
        self.ours: list[float] = []
        self.theirs: list[float] = []

    def measure(self, repeat: int, ours: Callable[[], float],
                theirs: Callable[[], float]) -> None:
        for i in range(repeat):
            if i % 2:
                self.theirs.append(theirs())
                self.ours.append(ours())
            else:
                self.ours.append(ours())
                self.theirs.append(theirs())

    @property
    def ratio(self) -> float:
        """The median over the pairs: neighbours in time shared the machine's load."""
        return statistics.median(a / b for a, b in zip(self.ours, self.theirs))

    def text(self) -> str:
        """The ratio and the medians, for people."""
        return (f"{self.ratio:.2f} × ({milliseconds(statistics.median(self.ours))} / "
                f"{milliseconds(statistics.median(self.theirs))})")


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.4g} ms"
