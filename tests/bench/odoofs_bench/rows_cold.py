# SPDX-License-Identifier: MIT
"""Work whose data is on the server yet: a mount of its own for each repetition."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from typing import Any

from . import run, servers
from .bench import Bench
from .mount import Calls, Mount
from .report import counted

READER = os.path.join(servers.TOP, "tests", "bench", "read_batches")
SCHEMA_AND_RIGHTS = ("fields_get", "context_get", "get_available_models", "has_access",
                     "check_access_rights")
SCHEMA_MODELS = ("ir.model.", "res.users.")
TEXT = "Innsbruck"


def own_calls(methods: dict[str, int]) -> dict[str, int]:
    """Without those that find out about models, fields and rights."""
    return {name: n for name, n in methods.items()
            if not name.startswith(SCHEMA_MODELS) and
            name.rpartition(".")[2] not in SCHEMA_AND_RIGHTS}


def field_names(mount: Mount, record: str) -> list[str]:
    with open(mount.path(servers.MODEL, record), encoding="utf-8") as file:
        return list(json.load(file))


def read_batches(bench: Bench, fields: list[str]) -> dict[str, Any]:
    """The script that reads the same in batches."""
    server = bench.small
    job = {"url": server.url, "database": server.database, "login": server.login,
           "password": server.password, "model": servers.MODEL, "fields": fields, "text": TEXT}
    done = subprocess.run([sys.executable, READER], input=json.dumps(job), text=True,
                          stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def cold_grep(bench: Bench) -> None:
    """grep -r over 10,000 partners of a fresh mount."""
    pairs, calls, records = run.Pairs(), [], servers.SMALL_RECORDS
    with bench.mount(bench.small) as mount:
        fields = field_names(mount, os.listdir(mount.path(servers.MODEL))[0])
    found = bench.file("grep")

    def ours() -> float:
        with bench.mount(bench.small) as mount:
            counter = Calls(mount)
            seconds = run.command(["grep", "-rl", TEXT, mount.path(servers.MODEL)], found)
            calls.append(counter.methods())
        return seconds

    def theirs() -> float:
        result = read_batches(bench, fields)
        if result["records"] != records:
            raise RuntimeError(f"the script read {result['records']} records")
        theirs.hits = result["hits"]
        return result["seconds"]

    pairs.measure(bench.repeat, ours, theirs)
    with open(found, "rb") as file:
        hits = len(file.readlines())
    if hits != theirs.hits:
        raise RuntimeError(f"grep found {hits} records, the script {theirs.hits}")
    bench.report.add("cold grep -r of 10,000", pairs.text(), pairs.ratio, 1.10, "1.10 ×")
    most = max(calls, key=lambda methods: sum(methods.values()))
    limit = records / 900 + 15
    bench.report.add("… calls", counted(most), sum(most.values()), limit, f"{limit:.0f}")


def cold_cat(bench: Bench) -> None:
    """cat of one record after mounting, schema and rights apart."""
    pairs, calls, first = run.Pairs(), [], []
    server, out = bench.big, bench.file("cat")
    last = server.execute(servers.MODEL, "search", [], order="id desc", limit=20)
    with bench.mount(server) as mount:
        fields = field_names(mount, f"{last[0]}.json")
    body, answer = bench.file("body"), bench.file("answer")
    ids = iter(last[:10] * bench.repeat * 2)

    def ours() -> float:
        with bench.mount(server) as mount:
            counter = Calls(mount)
            first.append(run.command(["cat", mount.path(servers.MODEL, f"{last[-1]}.json")], out))
            schema = counter.methods()
            counter = Calls(mount)
            seconds = run.command(["cat", mount.path(servers.MODEL, f"{next(ids)}.json")], out)
            calls.append((schema, counter.methods()))
        return seconds

    def theirs() -> float:
        with open(body, "wb") as file:
            file.write(server.execute_body(servers.MODEL, "read", [[next(ids)]],
                                           {"fields": fields}))
        return run.command(curl(server.url, body), answer)

    pairs.measure(bench.repeat * 4, ours, theirs)
    bench.report.add("cold cat of one record", pairs.text(), pairs.ratio, 1.2, "1.2 ×")
    one = max((sum(own_calls(methods).values()) for pair in calls for methods in pair))
    bench.report.add("… calls", str(one), one, 1, "1")
    bench.report.add("… the very first, with schema and rights",
                     f"{run.milliseconds(statistics.median(first))}, calls: "
                     f"{counted(calls[0][0])}")


def curl(url: str, body: str) -> list[str]:
    return ["curl", "-sS", "--fail", "-H", "Content-Type: application/json",
            "--data-binary", f"@{body}", f"{url}/jsonrpc"]


def listing(bench: Bench) -> None:
    """ls -f of 100,000, after the list of models was loaded."""
    pairs, calls = run.Pairs(), []
    server, out, answer, body = bench.big, bench.file("ls"), bench.file("ids"), bench.file("body")
    with open(body, "wb") as file:
        file.write(server.execute_body(servers.MODEL, "search", [[]], {"order": "id"}))

    def ours() -> float:
        with bench.mount(server) as mount:
            os.stat(mount.path(servers.MODEL))
            counter = Calls(mount)
            seconds = run.command(["ls", "-f", mount.path(servers.MODEL)], out)
            calls.append(counter.methods())
        return seconds

    def theirs() -> float:
        return run.command(curl(server.url, body), answer)

    pairs.measure(bench.repeat * 4, ours, theirs)
    bench.report.add("ls -f of 100,000", pairs.text(), pairs.ratio, 1.5, "1.5 ×")
    with open(out, encoding="utf-8") as file:
        names = file.read().split()
    with open(answer, "rb") as file:
        ids = json.load(file)["result"]
    wrong = set(names) ^ ({f"{each}.json" for each in ids} | {".", ".."})
    twice = len(names) - len(set(names))
    bench.report.add("… complete, each id once",
                     f"{len(names)} names, {len(wrong)} wrong, {twice} twice",
                     len(wrong) + twice, 0, "0 wrong")
    bench.report.add("… calls", counted(calls[-1]))


def first_name(bench: Bench) -> None:
    """The first names of a listing of 1,000,000, and the memory that all of them take."""
    limit = (bench.cache_mib + 32) << 20
    with servers.demo(1000000, bench.demo_file) as server, bench.mount(server) as mount:
        os.stat(mount.path(servers.MODEL))
        counter = Calls(mount)
        with os.scandir(mount.path(servers.MODEL)) as entries:
            next(entries)
        methods = counter.methods()
        bench.report.add("first name of 1,000,000 (demo server): calls", counted(methods),
                         sum(methods.values()), 1, "1")
        before = mount.memory()
        seconds = run.command(["ls", "-f", mount.path(servers.MODEL)], bench.file("ls"))
        with open(bench.file("ls"), "rb") as file:
            names = set(file.read().split())
        bench.report.add("… then all of them",
                         f"{len(names) - 2} names, {seconds:.3g} s, calls: "
                         f"{counted(counter.methods())}")
        most = mount.memory("VmHWM")
        bench.report.add("… resident memory at most",
                         f"{most / 2**20:.1f} MiB ({before / 2**20:.1f} after the first name)",
                         most, limit, f"{limit >> 20} MiB")
