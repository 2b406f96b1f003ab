# SPDX-License-Identifier: MIT
"""Many programs at once in the directory of a mounted model.

Who reads checks all that he sees, who edits tells what he tried and what he heard. It is a program
of its own, as the tests have threads, which don't go well with fork: it takes its orders as JSON on
stdin, and writes what each of its processes has to tell, an object a line.
"""

from __future__ import annotations

import contextlib
import csv
import errno
import json
import os
import random
import re
import subprocess
import sys
import time
from typing import Any, Callable, Iterator

FIELDS = ("city", "street", "ref", "function")
EXPORTED = 300
SED_SAYS = {"Stale file handle": "ESTALE"}

# What was refused when a file was closed is kept as soon as the kernel tells of the last close.
KEPT_SECONDS = 30


def read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def read_whole(path: str) -> tuple[str, dict]:
    """A record that somebody may be just writing: read again until it is whole."""
    while True:
        text = read(path)
        try:
            return text, json.loads(text)
        except ValueError:
            time.sleep(0.01)


def write(path: str, text: str) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        data = text.encode()
        while data:
            data = data[os.write(fd, data):]
    finally:
        os.close(fd)


class Worker:
    """A process: does one thing after the other until the time is over."""

    def __init__(self, orders: dict, number: int):
        self.orders, self.number, self.n = orders, number, 0
        self.directory = orders["directory"]
        self.random = random.Random(f"{orders['seed']} {number}")
        self.end = time.monotonic() + orders["seconds"]

    def path(self, name: Any) -> str:
        return f"{self.directory}/{name}"

    def record(self, number: int) -> str:
        return self.path(f"{number}.json")

    def acts(self) -> list[tuple[int, Callable[[], Any]]]:
        """What it does, and how often."""
        raise NotImplementedError

    def run(self) -> Iterator[dict]:
        weights, acts = zip(*self.acts())
        while time.monotonic() < self.end:
            [act] = self.random.choices(acts, weights)
            self.n += 1
            started = time.monotonic()
            told = act()
            seconds = time.monotonic() - started
            yield {"worker": self.number, "act": act.__name__, "seconds": seconds, **(told or {})}
            time.sleep(self.random.random() * self.orders["pause"])


class Reader(Worker):
    """`steady` are records that nobody changes, `edited` those that are changed meanwhile."""

    def __init__(self, orders: dict, number: int):
        super().__init__(orders, number)
        self.steady, self.edited = orders["steady"], orders["shared"] + sum(orders["own"], [])
        self.seen: dict[int, str] = {}

    def acts(self):
        return [(60, self.cat), (20, self.cat_edited), (20, self.stat), (3, self.ls),
                (2, self.view), (1, self.export), (0.5, self.find), (0.5, self.grep)]

    def run(self):
        for told in super().run():
            yield {"reads": True, **told}

    def cat(self):
        number = self.random.choice(self.steady)
        text = read(self.record(number))
        assert text == self.seen.setdefault(number, text) and json.loads(text)["id"] == number

    def cat_edited(self):
        number = self.random.choice(self.edited)
        assert read_whole(self.record(number))[1]["id"] == number

    def stat(self):
        number = self.random.choice(self.steady)
        with open(self.record(number), "rb") as file:
            assert os.fstat(file.fileno()).st_size == len(file.read())

    def listed(self, view: str) -> set[str]:
        return set(os.listdir(self.path(view)))

    def ls(self):
        names = self.listed(".")
        assert all(f"{number}.json" in names for number in self.steady)

    def view(self):
        names = self.listed(f".filter/id/.le/{max(self.steady)}")
        assert {f"{number}.json" for number in self.steady} <= names

    def export(self):
        with open(self.path(f".first/{EXPORTED}/.columns/id,name/.export/csv"), newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        numbers = [int(row[".id"]) for row in rows]
        assert len(set(numbers)) == len(numbers) == EXPORTED

    def find(self):
        """A file is empty while somebody writes it anew, and gone when who made it removed it."""
        steady = {f"{number}.json" for number in self.steady}
        for entry in os.scandir(self.directory):
            with contextlib.suppress(FileNotFoundError):
                assert entry.stat().st_size > 0 or entry.name not in steady, entry.name

    def grep(self):
        names = [self.record(number) for number in self.random.sample(self.steady, 200)]
        done = subprocess.run(["grep", "-l", '^  "id": '] + names, capture_output=True, text=True)
        assert done.returncode == 0 and done.stdout.splitlines() == names, done.stderr


class Editor(Worker):
    """Each edit gives one field a value that no other edit gives; so each can be looked for."""

    def __init__(self, orders: dict, number: int):
        super().__init__(orders, number)
        self.own = orders["own"][number]
        self.shared = orders["shared"]
        self.made: list[int] = []
        self.scratch = self.path(f".crowd-{number}")

    def acts(self):
        return [(8, self.in_place), (8, self.by_rename), (3, self.shared_in_place),
                (3, self.shared_by_rename), (1, self.by_sed), (3, self.create), (2, self.remove)]

    @property
    def value(self) -> str:
        return f"{self.orders['seed']}-{self.number}-{self.n}"

    def _edit(self, number: int, save: Callable[[str, str], dict]) -> dict:
        field = self.random.choice(FIELDS)
        text, _ = read_whole(self.record(number))
        text, n = re.subn(rf'(?m)^  "{field}": .*?(,?)$', rf'  "{field}": "{self.value}"\1', text)
        assert n == 1
        return {"record": number, "field": field, "value": self.value,
                **save(self.record(number), text)}

    def _write(self, path: str, text: str) -> dict:
        try:
            write(path, text)
        except OSError as error:
            return {"heard": errno.errorcode[error.errno], "kept": self._is_kept(path)}
        return {"heard": ""}

    def _is_kept(self, path: str) -> bool:
        """Whether our text is beside the record; taken away, as only so many are kept."""
        end = time.monotonic() + KEPT_SECONDS
        while time.monotonic() < end:
            for n in range(4 * self.orders["editors"]):
                kept = f"{path}.rej.{n}" if n else f"{path}.rej"
                try:
                    if f'"{self.value}"' in read(kept):
                        os.unlink(kept)
                        with contextlib.suppress(FileNotFoundError):
                            os.unlink(f"{kept}.txt")
                        return True
                except FileNotFoundError:
                    pass  # nothing of that number, or another's is being cleared away
            time.sleep(0.05)
        return False

    def _rename(self, path: str, text: str) -> dict:
        write(self.scratch, text)
        try:
            os.replace(self.scratch, path)
        except OSError as error:
            kept = read(self.scratch) == text
            os.unlink(self.scratch)
            return {"heard": errno.errorcode[error.errno], "kept": kept}
        return {"heard": ""}

    def in_place(self):
        return self._edit(self.random.choice(self.own), self._write)

    def by_rename(self):
        return self._edit(self.random.choice(self.own), self._rename)

    def shared_in_place(self):
        return {"shared": True, **self._edit(self.random.choice(self.shared), self._write)}

    def shared_by_rename(self):
        return {"shared": True, **self._edit(self.random.choice(self.shared), self._rename)}

    def by_sed(self):
        number, field = self.random.choice(self.own), self.random.choice(FIELDS)
        done = subprocess.run(
            ["sed", "-i", f's/^  "{field}": .*",$/  "{field}": "{self.value}",/',
             self.record(number)], capture_output=True, text=True, env={"LC_ALL": "C"})
        heard = done.stderr.strip().rpartition(": ")[2]
        return {"record": number, "field": field, "value": self.value,
                "heard": SED_SAYS.get(heard, heard), "kept": True}

    def create(self):
        path = self.path(f"crowd-{self.value}.json")
        told = {"value": self.value,
                **self._write(path, json.dumps({"name": f"Crowd {self.value}", "ref": self.value}))}
        if not told["heard"]:
            told["record"] = json.loads(read(path))["id"]
            self.made.append(told["record"])
        return told

    def remove(self):
        if not self.made:
            return {"heard": "", "record": 0}
        number = self.made.pop(self.random.randrange(len(self.made)))
        try:
            os.unlink(self.record(number))
        except OSError as error:
            return {"record": number, "heard": errno.errorcode[error.errno]}
        return {"record": number, "heard": ""}


def work(worker: Worker, path: str) -> int:
    with open(path, "w", encoding="utf-8") as file:
        for told in worker.run():
            print(json.dumps(told), file=file)
    return 0


def main() -> int:
    orders = json.load(sys.stdin)
    workers = [Editor(orders, n) for n in range(orders["editors"])]
    workers += [Reader(orders, orders["editors"] + n) for n in range(orders["readers"])]
    children = {}
    for worker in workers:
        pid = os.fork()
        if not pid:
            status = 1
            try:
                status = work(worker, f"{orders['told']}/{worker.number}")
            finally:
                sys.excepthook(*sys.exc_info()) if status else None
                sys.stderr.flush()
                os._exit(status)
        children[pid] = worker
    failed = 0
    for _ in workers:
        pid, status = os.wait()
        if status:
            print(f"process {children[pid].number} failed", file=sys.stderr)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
