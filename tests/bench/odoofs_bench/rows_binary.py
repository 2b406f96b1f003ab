# SPDX-License-Identifier: MIT
"""Files of binary fields: a large attachment, a hundred of them, and many small images."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile

from . import run, servers
from .bench import Bench
from .mount import Calls, Mount
from .report import counted
from .rpc import Server

ATTACHMENT = "ir.attachment"
CACHE_MIB, OVER_MIB = 1, 16
OPTIONS = f"ro,ttl=3600,cache_size={CACHE_MIB}M"
CALLS_FOR_IMAGES = 36
# The fastest that a shell has: the text begins and ends where it is known to.
PEER = ('curl -sf -H "Content-Type: application/json" --data "@$1" "$2/jsonrpc" |'
        ' tail -c +$(($3 + 1)) | head -c "$4" | base64 -d')


class _Peer:
    """curl and a base64 decoder."""

    def __init__(self, bench: Bench, server: Server):
        self.bench, self.server = bench, server

    def _body(self, number: int) -> str:
        path = self.bench.file("body")
        with open(path, "wb") as file:
            file.write(self.server.execute_body(ATTACHMENT, "read", [[number], ["datas"]], {}))
        return path

    def seconds(self, number: int, size: int) -> float:
        head = f'{{"jsonrpc": "2.0", "id": 1, "result": [{{"id": {number}, "datas": "'
        encoded = (size + 2) // 3 * 4
        return run.command(
            ["sh", "-c", PEER, "sh", self._body(number), self.server.url, str(len(head)),
             str(encoded)], self.bench.file("theirs"))


def _same(a: str, b: str) -> None:
    if subprocess.run(["cmp", a, b], check=False).returncode:
        raise RuntimeError(f"{a} and {b} aren't the same")


def _large(server: Server) -> list[int]:
    return server.execute(ATTACHMENT, "search", [["name", "=like", servers.LARGE + "%"]],
                          order="id")


def attachment(bench: Bench) -> None:
    """Reading 20 MB that nobody has read, against curl; and what that takes of memory."""
    server = servers.files(bench.version, bench.small.url)
    numbers, pairs, peer = _large(server), run.Pairs(), _Peer(bench, server)
    size, out = servers.LARGE_BYTES, bench.file("ours")
    ours, theirs = iter(numbers), iter(numbers)
    with bench.mount(server, OPTIONS) as mount:
        def read() -> float:
            path = mount.path(ATTACHMENT, f"{next(ours)}.datas")
            os.stat(path)
            return run.command(["cat", path], out)
        pairs.measure(bench.repeat * 2, read, lambda: peer.seconds(next(theirs), size))
        peak = mount.memory("VmHWM")
    _same(out, bench.file("theirs"))
    bench.report.add("20 MB attachment, against curl | base64 -d", pairs.text(), pairs.ratio, 1.1,
                     "1.1 ×")
    limit = (CACHE_MIB + OVER_MIB) << 20
    bench.report.add(f"… peak memory, cache_size={CACHE_MIB}M", f"{peak / 2**20:.1f} MiB", peak,
                     limit, f"{CACHE_MIB + OVER_MIB} MiB")


def _copy(mount: Mount, numbers: list[int], to: str, out: str) -> tuple[float, int]:
    """The seconds of an rsync of these, and how many it transferred."""
    names = [f"{number}.datas.bin" for number in numbers]
    seconds = run.command(["rsync", "-a", "--out-format=%i %n", "--files-from=-",
                           mount.path(ATTACHMENT) + "/", to + "/"], out, names=names)
    with open(out, encoding="utf-8") as file:
        return seconds, sum(line.startswith(">f") for line in file)


def hundred(bench: Bench) -> None:
    """A hundred of them by rsync, twice."""
    server = servers.files(bench.version, bench.small.url)
    numbers, out = _large(server), bench.file("out")
    to = tempfile.mkdtemp(prefix="odoofs-bench-", dir="/var/tmp")  # too much for memory
    try:
        with bench.mount(server, OPTIONS) as mount:
            first, copied = _copy(mount, numbers, to, out)
            peak = mount.memory("VmHWM")
        with bench.mount(server, OPTIONS) as mount:
            second, again = _copy(mount, numbers, to, out)
            calls = Calls(mount).before["calls_by_method"]
    finally:
        shutil.rmtree(to)
    megabytes = len(numbers) * servers.LARGE_BYTES / 1e6
    if copied != len(numbers):
        raise RuntimeError(f"rsync copied {copied} of {len(numbers)}")
    bench.report.add(f"{len(numbers)} of them by rsync -a",
                     f"{first:.4g} s, {megabytes / first:.3g} MB/s")
    limit = (CACHE_MIB + OVER_MIB) << 20
    bench.report.add(f"… peak memory, cache_size={CACHE_MIB}M", f"{peak / 2**20:.1f} MiB", peak,
                     limit, f"{CACHE_MIB + OVER_MIB} MiB")
    bench.report.add("… after another mount: transferred", f"{again}, {second:.3g} s", again, 0,
                     "0")
    bench.report.add("… calls", counted(calls))


def _list(bench: Bench, server: Server, options: str) -> int:
    with bench.mount(server, options) as mount:
        counter = Calls(mount)
        run.command(["ls", "-f", mount.path(servers.MODEL)], bench.file("out"))
        return sum(counter.methods().values())


def images(bench: Bench) -> None:
    """10,000 partners, of which 1,000 have images: listed, and all images read."""
    server = servers.files(bench.version, bench.small.url)
    out = bench.file("out")
    more = _list(bench, server, "ro") - _list(bench, server, "ro,binary=none")
    limit = servers.SMALL_RECORDS // 1000
    bench.report.add(f"ls of {servers.SMALL_RECORDS}, of which {servers.IMAGES} have images: calls "
                     "more than without", str(more), more, limit, str(limit))
    with bench.mount(server, "ro,ttl=3600") as mount:
        tree = mount.path(servers.MODEL)
        names = [name for name in os.listdir(tree) if ".image_1920." in name]
        run.command(["sh", "-c", 'cd "$1" && xargs stat', "sh", tree], out, names=names)
        counter = Calls(mount)
        seconds = run.command(["sh", "-c", 'cd "$1" && xargs cat', "sh", tree], out, names=names)
        calls = counter.methods()
    size = os.stat(out).st_size
    bench.report.add(f"cat of {len(names)} images, {size / len(names) / 1000:.1f} KB each: calls",
                     f"{counted(calls)}, {seconds:.3g} s", sum(calls.values()), CALLS_FOR_IMAGES,
                     str(CALLS_FOR_IMAGES))
