# SPDX-License-Identifier: MIT
"""Runs of contrib's backup script, and what they leave."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
from typing import Any

from .doors import enter
from .mount import BINARY, SANITIZER, TOP, environment, mounted

BACKUP = TOP / "contrib/odoofs-backup"
NAME = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z")


def shell_environment(password: str | None) -> dict[str, str]:
    """In which odoofs is the one that is tested."""
    path = f"{pathlib.Path(BINARY).parent}:{os.environ['PATH']}"
    return environment(password, PATH=path)


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
            env=shell_environment(secret), start_new_session=True)

    def end(self, process: subprocess.Popen) -> Night:
        """Wait for its end, at which nothing is mounted."""
        output, words = process.communicate(timeout=200)
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
