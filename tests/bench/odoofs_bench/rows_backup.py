# SPDX-License-Identifier: MIT
"""Nights of backups of 100,000 records, against a script that reads them and writes them to files."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time

from . import run, servers
from .bench import Bench
from .mount import Calls
from .report import counted
from .rows_cold import READER
from .rpc import Server

CHANGED, DELETED, NEW = 100, 10, 10
STORE = 1.2
FRACTION = 30
CALLS, CALLS_FOR_CHANGES = 10 + servers.NIGHTS_RECORDS // 10000, 3


def _by_script(bench: Bench, server: Server, fields: list[str]) -> float:
    """The seconds of the script for the same fields in as many files."""
    files = bench.file("files")
    os.mkdir(files)
    job = {"url": server.url, "database": server.database, "login": server.login,
           "password": server.password, "model": servers.MODEL, "fields": fields, "files": files}
    done = subprocess.run([sys.executable, READER], input=json.dumps(job), text=True,
                          stdout=subprocess.PIPE, check=True)
    shutil.rmtree(files)
    result = json.loads(done.stdout)
    if result["records"] != servers.NIGHTS_RECORDS:
        raise RuntimeError(f"the script read {result['records']} records")
    return result["seconds"]


class _Night:
    """One mount, one rsync -a, and its end."""

    def __init__(self, bench: Bench, server: Server):
        out = bench.file("changes")
        options = (f"backup,binary=none,models={servers.MODEL},"
                   f"cache_dir={bench.file('store')}")
        start = time.perf_counter()
        with bench.mount(server, options) as mount:
            source = mount.path(servers.MODEL)
            self.copying = run.command(
                ["rsync", "-a", "--delete", "--out-format=%i %n", source + "/",
                 bench.file("copy") + "/"], out)
            self.seconds = time.perf_counter() - start
            calls = Calls(mount)
            self.calls = calls.before["calls_by_method"]
            start = time.perf_counter()
        self.seconds += time.perf_counter() - start
        with open(out, encoding="utf-8") as file:
            lines = [line.rstrip("\n").split(maxsplit=1) for line in file]
        self.copied = {name for what, name in lines if what.startswith(">f")}
        self.deleted = {name for what, name in lines if what == "*deleting"}


def _change(server: Server) -> tuple[set[str], set[str]]:
    """What somebody does in a day; the names of files that are to be copied, and deleted."""
    ids = server.execute(servers.MODEL, "search", [], order="id desc", limit=50 * CHANGED)
    changed, deleted = ids[::50], ids[1:500:50]
    server.execute(servers.MODEL, "write", changed, {"city": f"Night {time.time()}"})
    server.execute(servers.MODEL, "unlink", deleted)
    made = server.execute(servers.MODEL, "create", [{"name": f"New {n}"} for n in range(NEW)])
    return {f"{n}.json" for n in changed + made}, {f"{n}.json" for n in deleted}


def _on_disk(bench: Bench) -> float:
    """The seconds of rsync alone where nothing changed, from one directory on disk to another."""
    source, target = bench.file("copy") + "/", bench.file("second") + "/"
    seconds = []
    for _ in range(bench.repeat + 1):  # the first copies
        seconds.append(run.command(["rsync", "-a", source, target], os.devnull))
    shutil.rmtree(target)
    return statistics.median(seconds[1:])


def nights(bench: Bench) -> None:
    """The first, one in which nothing changed, and one after a day's work."""
    server = servers.nights(bench.version, bench.small.url)
    os.mkdir(bench.file("store"), 0o700)
    first = _Night(bench, server)
    names = sorted(first.copied)
    if len(names) != servers.NIGHTS_RECORDS:
        raise RuntimeError(f"the first night copied {len(names)} files")
    with open(os.path.join(bench.file("copy"), names[0]), encoding="utf-8") as file:
        fields = list(json.load(file))
    script = _by_script(bench, server, fields)
    report = bench.report
    report.add("first rsync -a of 100,000 with backup",
               f"{first.copying / script:.2f} × ({first.copying:.4g} s / {script:.4g} s)",
               first.copying / script, 1.10, "1.10 ×")
    report.add("… calls", counted(first.calls))
    size = sum(entry.stat().st_size for entry in os.scandir(bench.file("copy")))
    kept = sum(os.stat(os.path.join(where, name)).st_blocks * 512
               for where, _, files in os.walk(bench.file("store")) for name in files)
    report.add("… its store, against the JSON",
               f"{kept / size:.2f} × ({kept / 2**20:.4g} MiB / {size / 2**20:.4g} MiB)",
               kept / size, STORE, f"{STORE} ×")

    again = sorted((_Night(bench, server) for _ in range(bench.repeat)),
                   key=lambda night: night.seconds)
    second = again[len(again) // 2]
    report.add("second night, nothing changed: mount, rsync -a, unmount",
               f"1/{script / second.seconds:.3g} ({second.seconds:.3g} s / {script:.4g} s)",
               second.seconds / script, 1 / FRACTION, f"1/{FRACTION}")
    on_disk = _on_disk(bench)
    report.add("… rsync alone, from disk to disk",
               f"1/{script / on_disk:.3g} ({on_disk:.3g} s), with the mount {second.copying:.3g} s")
    report.add("… calls", counted(second.calls), sum(second.calls.values()), CALLS, str(CALLS))
    report.add("… files", str(len(second.copied)), len(second.copied), 0, "0")

    copied, deleted = _change(server)
    third = _Night(bench, server)
    limit = CALLS + CALLS_FOR_CHANGES
    report.add(f"the next, {CHANGED} changed, {DELETED} deleted, {NEW} new: calls",
               f"{counted(third.calls)}, {third.seconds:.3g} s", sum(third.calls.values()), limit,
               str(limit))
    wrong = len(third.copied ^ copied) + len(third.deleted ^ deleted)
    report.add("… files", f"{len(third.copied)} copied, {len(third.deleted)} deleted, "
               f"{wrong} others or missing", wrong, 0, "0 wrong")
    shutil.rmtree(bench.file("store"))
    shutil.rmtree(bench.file("copy"))
