# SPDX-License-Identifier: MIT
"""A view as one stream, against a script that asks for the same in batches."""

from __future__ import annotations

import json
import subprocess
import sys

from . import run, servers
from .bench import Bench
from .mount import Calls, Mount
from .report import counted
from .rows_cold import READER, own_calls

COLUMNS = ["id", "name", "city", "email", "country_id"]
VIEW = ".columns/" + ",".join(COLUMNS)
GROWTH_MIB = 8


def written_by_script(bench: Bench, out: str) -> float:
    """The script's seconds for the same table."""
    server = bench.big
    job = {"url": server.url, "database": server.database, "login": server.login,
           "password": server.password, "model": servers.MODEL, "fields": COLUMNS, "csv": out}
    done = subprocess.run([sys.executable, READER], input=json.dumps(job), text=True,
                          stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)["seconds"]


def peak(mount: Mount) -> float:
    return mount.memory("VmHWM") / 2**20


def export(bench: Bench) -> None:
    """cat of .export/csv of 100,000 partners with five columns."""
    pairs, calls, peaks = run.Pairs(), [], []
    mine, other = bench.file("export"), bench.file("script")

    def ours() -> float:
        with bench.mount(bench.big, "rw") as mount:
            tree = mount.path(servers.MODEL)
            run.command(["cat", f"{tree}/.first/10000/{VIEW}/.export/csv"], mine)
            before, counter = peak(mount), Calls(mount)
            seconds = run.command(["cat", f"{tree}/{VIEW}/.export/csv"], mine)
            calls.append(own_calls(counter.methods()))
            peaks.append((before, peak(mount)))
        return seconds

    pairs.measure(bench.repeat, ours, lambda: written_by_script(bench, other))
    with open(mine, encoding="utf-8") as one, open(other, encoding="utf-8") as two:
        rows, theirs = one.read().splitlines(), two.read().splitlines()
    if sorted(rows[1:]) != sorted(theirs[1:]) or len(rows) < 100000:
        raise RuntimeError(f"{len(rows)} rows, and the script's {len(theirs)} aren't the same")
    bench.report.add(".export/csv of 100,000, five columns", pairs.text(), pairs.ratio, 1.10,
                     "1.10 ×")
    bench.report.add("… calls", counted(calls[-1]))
    growth = max(after - before for before, after in peaks)
    bench.report.add("… resident memory at most, and after 10,000",
                     f"{peaks[-1][1]:.1f} MiB, {peaks[-1][0]:.1f} MiB", growth, GROWTH_MIB,
                     f"{GROWTH_MIB} MiB more")
