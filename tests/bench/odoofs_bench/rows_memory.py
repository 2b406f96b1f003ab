# SPDX-License-Identifier: MIT
"""What the daemon keeps of a record whose content it gave up."""

from __future__ import annotations

import time

from . import run, servers
from .bench import Bench
from .mount import Mount

LIMIT = 64
IDLE_SECONDS = 3  # after which what reading took for a while is given back


def resident(mount: Mount) -> int:
    """What the daemon takes when it is idle, its contents apart."""
    time.sleep(IDLE_SECONDS)
    return mount.memory() - mount.stats()["cache"]["content_bytes"]


def evicted(bench: Bench) -> None:
    """Resident memory for each of 100,000 records' attributes."""
    out = bench.file("out")
    with bench.mount(bench.big, "ro,cache_size=1M,ttl=3600") as mount:
        tree = mount.path(servers.MODEL)
        run.command(["ls", "-f", tree], out)
        with open(out, "rb") as file:
            names = sorted((name for name in file.read().decode().split()
                            if name.endswith(".json")), key=lambda name: int(name[:-5]))
        index = resident(mount)
        tenth = len(names) // 10
        run.command(["sh", "-c", 'cd "$1" && xargs ls -ld', "sh", tree], out, names=names[:tenth])
        some = resident(mount)
        run.command(["sh", "-c", 'cd "$1" && xargs ls -ld', "sh", tree], out, names=names[tenth:])
        every, stats = resident(mount), mount.stats()["cache"]
    over = (every - index) / len(names)
    slope = (every - some) / (len(names) - tenth)
    bench.report.add("memory of 100,000 records, content evicted",
                     f"{over:.1f} bytes a record over the index ({index / 2**20:.1f} → "
                     f"{every / 2**20:.1f} MiB); {slope:.1f} each after the first tenth",
                     over, LIMIT, f"{LIMIT} bytes")
    bench.report.add("… as the daemon counts", f"{stats['records']} records, "
                     f"{stats['content_bytes']} bytes of content, {stats['evictions']} evictions")
