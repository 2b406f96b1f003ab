# SPDX-License-Identifier: MIT
"""Runs of contrib's scripts that back up and restore, and what they leave."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import signal
import subprocess
from typing import Any

from .doors import enter
from .mount import BINARY, SANITIZER, TOP, Mount, environment, mounted

BACKUP, RESTORE = TOP / "contrib/odoofs-backup", TOP / "contrib/odoofs-restore"
NAME = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z")


def shell_environment(password: str | None) -> dict[str, str]:
    """In which odoofs is the one that is tested."""
    path = f"{pathlib.Path(BINARY).parent}:{os.environ['PATH']}"
    return environment(password, PATH=path)


def heed_signals() -> None:
    """A shell can't trap what it was started to ignore, as what runs in the background is."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


class Night:
    """How a run of the script ended."""

    def __init__(self, status: int, words: str, output: str):
        self.status, self.words, self.output = status, words, output

    @property
    def summary(self) -> str:
        lines = self.output.splitlines()
        assert len(lines) == 1, self.output + self.words
        return lines[0]


class Snapshots:
    """A directory of snapshots of some models of a server."""

    def __init__(self, path: pathlib.Path, source: str, models: str):
        self.path, self.source, self.models = path, source, models

    def start(self, *arguments: str, source: str | None = None) -> subprocess.Popen:
        source = source or self.source
        secret, options = enter(source, "admin", {"models": self.models})
        words = ",".join(f"{name}={value}" for name, value in options.items())
        return subprocess.Popen(
            [str(BACKUP), "-o", words, *arguments, str(source), str(self.path)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=shell_environment(secret), start_new_session=True, preexec_fn=heed_signals)

    def end(self, process: subprocess.Popen) -> Night:
        """Wait for its end, at which nothing is mounted."""
        output, words = process.communicate(timeout=400)
        assert not SANITIZER.search(words), words
        assert not mounted(self.path / ".mount")
        return Night(process.returncode, words, output)

    def run(self, *arguments: str, **more: Any) -> Night:
        return self.end(self.start(*arguments, **more))

    def complete(self) -> list[pathlib.Path]:
        """Oldest first."""
        return sorted(path for path in self.path.iterdir() if NAME.fullmatch(path.name))

    def partial(self) -> list[pathlib.Path]:
        return sorted(self.path.glob("*.partial"))


def files_of(snapshot: pathlib.Path) -> dict[str, os.stat_result]:
    return {str(path.relative_to(snapshot)): path.stat()
            for path in snapshot.rglob("*.json") if path.is_file()}


class Restorer:
    """Puts a snapshot, made by hand of some records, back into a mount."""

    def __init__(self, tree: Mount, backup: Mount, directory: pathlib.Path):
        self.tree, self.backup = tree, backup
        self.snapshot, self.map = directory / "snapshot", directory / "map"
        self.snapshot.mkdir()

    def keep(self, model: str, *ids: int) -> pathlib.Path:
        """Records as they are now; returns the model's directory in the snapshot."""
        target = self.snapshot / model
        target.mkdir(exist_ok=True)
        for number in ids or self.backup.ids(model):
            shutil.copy2(self.backup.record(model, number), target)
        return target

    def keep_files(self, model: str, *ids: int) -> pathlib.Path:
        """The same, with their images and attachments."""
        target = self.keep(model, *ids)
        for number in ids:
            for value in self.backup.json(f"{model}/{number}.json").values():
                if isinstance(value, dict) and "file" in value:
                    shutil.copy2(self.backup / model / value["file"], target)
        return target

    def run(self, *arguments: object, status: int = 0) -> Night:
        done = subprocess.run(
            [str(RESTORE), f"--map={self.map}", *map(str, arguments), str(self.tree.path)],
            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=400, check=False,
            env=shell_environment(None))
        assert done.returncode == status, done.stdout + done.stderr
        assert done.stdout.splitlines()[-1].startswith("odoofs-restore: ")
        return Night(done.returncode, done.stderr, done.stdout)

    def renamed(self) -> dict[tuple[str, int], int]:
        """The map: (model, old id) → new id."""
        rows = [line.split("\t") for line in self.map.read_text().splitlines()]
        return {(model, int(old)): int(new) for model, old, new, _ in rows}
