# SPDX-License-Identifier: MIT
"""Work whose records the daemon has, against the same tree on tmpfs; all on one CPU, because a
wake-up from one to another costs more than what is measured."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from typing import Sequence

from . import run, servers
from .bench import Bench
from .mount import Calls, Mount
from .report import counted

TEXT = "Innsbruck"
TTL = 2
# Many short runs: the median of few would be luck.
TIMES = 6
COUNTS = 3


def copy_of(bench: Bench, mount: Mount) -> str:
    """The model's directory on tmpfs, made once. Reading it all makes the mount warm."""
    source, copy = mount.path(servers.MODEL), bench.file("copy")
    run.command(["grep", "-rl", TEXT, source], bench.file("out"), pinned=True)
    if not os.path.exists(copy):
        subprocess.run(["cp", "-a", source, copy], check=True)
    return copy


def warm_up(argv: Sequence[str], bench: Bench) -> None:
    """Bring the program itself back into memory."""
    empty = bench.file("empty")
    os.makedirs(empty, exist_ok=True)
    run.command([*argv, empty], bench.file("out"), pinned=True, accepted=(0, 1))


def timed(argv: Sequence[str], tree: str, bench: Bench, cold: bool = False) -> float:
    if cold:
        run.drop_kernel_caches()
        warm_up(argv, bench)
    return run.command([*argv, tree], bench.file("out"), pinned=True)


def compare(bench: Bench, mount: Mount, argv: Sequence[str], cold: bool = False) -> run.Pairs:
    ours, theirs = mount.path(servers.MODEL), bench.file("copy")
    pairs = run.Pairs()
    if not cold:
        for tree in (ours, theirs):
            timed(argv, tree, bench)
    pairs.measure(bench.repeat * TIMES, lambda: timed(argv, ours, bench, cold),
                  lambda: timed(argv, theirs, bench))
    return pairs


def requests_of(bench: Bench, mount: Mount, argv: Sequence[str], cold: bool) -> dict[str, int]:
    """The fewest of some runs: the kernel may take pages back between them (DAMON does)."""
    counts = []
    for _ in range(COUNTS):
        timed(argv, mount.path(servers.MODEL), bench)
        mount.requests()
        if cold:
            run.drop_kernel_caches()
            warm_up(argv, bench)
            mount.requests()
        timed(argv, mount.path(servers.MODEL), bench)
        counts.append(mount.requests())
    return {name: n for name, n in min(counts, key=lambda each: each.total()).items()
            if "FORGET" not in name}


def warm_grep(bench: Bench) -> None:
    """grep -r over 10,000 records that were read before."""
    argv = ["grep", "-rl", TEXT]
    for options, limit in ("ro", 1.5), ("rw", 4.5):
        name = "read-only" if options == "ro" else "read-write"
        # Checks for changes are the clock's, not grep's: with this ttl none falls into the run.
        with bench.mount(bench.small, options + ",ttl=3600", pinned=True) as mount:
            copy_of(bench, mount)
            counter = Calls(mount)
            pairs = compare(bench, mount, argv)
            calls = counter.methods()
        bench.report.add(f"warm grep -r of 10,000, {name}", pairs.text(), pairs.ratio, limit,
                         f"{limit} ×")
        bench.report.add("… calls", counted(calls), sum(calls.values()), 0, "0")
        with bench.mount(bench.small, options, pinned=True, debug=True) as mount:
            copy_of(bench, mount)
            requests = requests_of(bench, mount, argv, cold=False)
        if options == "ro":
            bench.report.add("… requests", counted(requests), sum(requests.values()), 20, "20")
        else:
            bench.report.add("… READ requests", counted(requests), requests.get("READ", 0), 20,
                             "20 READ")


WALKS = (["find"], ["find", "-size", "+1k"], ["du", "-s"], ["ls", "-l"])


def _with_path(argv: list[str]) -> list[str]:
    """find wants its paths before its tests: a shell puts the last argument there."""
    if argv[0] == "find" and len(argv) > 1:
        return ["sh", "-c", f'exec find "$1" {" ".join(argv[1:])}', "sh"]
    return argv


def walks(bench: Bench) -> None:
    """find, du and ls -l of 10,000 whose records are loaded."""
    with bench.mount(bench.small, "ro", pinned=True) as mount:
        copy_of(bench, mount)
        results = [(argv, cold, compare(bench, mount, _with_path(argv), cold))
                   for argv in WALKS for cold in (True, False)]
    with bench.mount(bench.small, "ro", pinned=True, debug=True) as mount:
        copy_of(bench, mount)
        requests = {(" ".join(argv), cold): requests_of(bench, mount, _with_path(argv), cold)
                    for argv, cold, _ in results}
    for argv, cold, pairs in results:
        limit = 2.5 if cold else 1.2
        name = " ".join(argv)
        bench.report.add(f"{name} of 10,000, {'cold' if cold else 'warm'}", pairs.text(),
                         pairs.ratio, limit, f"{limit} ×")
        if cold:
            counts = requests[name, cold]
            bench.report.add("… LOOKUP requests", counted(counts), counts.get("LOOKUP", 0), 20,
                             "20 LOOKUP")


def rsync(bench: Bench) -> None:
    """A second rsync -an, past the ttl, of what didn't change."""
    copy, out = bench.file("rsync"), bench.file("out")
    with bench.mount(bench.small, f"ttl={TTL}") as mount:
        source = mount.path(servers.MODEL) + "/"
        subprocess.run(["rsync", "-a", source, copy + "/"], check=True)
        run.command(["rsync", "-an", source, copy + "/"], out)
        time.sleep(TTL + 1)
        counter = Calls(mount)
        seconds = run.command(["rsync", "-ani", source, copy + "/"], out)
        calls = counter.methods()
        with open(out, "rb") as file:
            changed = len(file.readlines())
    shutil.rmtree(copy)
    bench.report.add("second rsync -an of 10,000: calls",
                     f"{counted(calls)}, {run.milliseconds(seconds)}", sum(calls.values()), 3, "3")
    bench.report.add("… files it would send", str(changed), changed, 0, "0")
