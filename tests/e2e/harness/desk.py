# SPDX-License-Identifier: MIT
"""A record on the desk of somebody who edits it: its file, the calls, and what came of it."""

from __future__ import annotations

import calendar
import errno
import functools
import json
import os
import pathlib
import re
import time
from typing import Any, Collection

from .expect import differences, stored_fields, without_binaries
from .mount import Mount, retry
from .rpc import Rpc
from .tap import Tap

# These move with every write, or may: a chatter notes what was changed.
LOG = {"write_date", "write_uid", "__last_update", "message_ids"}

fields_of = functools.lru_cache(maxsize=None)(stored_fields)


def replace(text: bytes, **values: Any) -> bytes:
    """A record's text with other values in some fields, byte for byte the same elsewhere."""
    for name, value in values.items():
        pattern = rb'^  "' + name.encode() + rb'": .*?(,?)$'
        line = f'  "{name}": {json.dumps(value, ensure_ascii=False)}'.encode()
        text, n = re.subn(pattern, lambda match: line + match.group(1), text, flags=re.M)
        assert n == 1, f"{name} isn't in the text"
    return text


def save(path: pathlib.Path, text: bytes) -> str:
    """Write a file as a whole. The name of the errno that was heard, or "" for success."""
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        try:
            left = text
            while left:
                left = left[os.write(fd, left):]
        except OSError:
            os.close(fd)
            raise
        os.close(fd)
    except OSError as error:
        return errno.errorcode[error.errno]
    return ""


def leftovers(directory: pathlib.Path) -> list[str]:
    """What a model's directory lists that is no record, nor a binary field of one."""
    return sorted(name for name in os.listdir(directory)
                  if not re.fullmatch(r"\d+\.(json|(?!json\.)\w+\.\w+)", name))


class Desk:
    """One record of one mount. What it is at the beginning is what tests compare with."""

    def __init__(self, tree: Mount, tap: Tap, rpc: Rpc, model: str, number: int):
        self.tree, self.tap, self.rpc, self.model, self.number = tree, tap, rpc, model, number
        self.directory = tree.path / model
        self.path = self.directory / f"{number}.json"
        self.begin_again()

    def edited(self, **values: Any) -> bytes:
        return replace(self.text, **values)

    def save(self, **values: Any) -> str:
        """Save the present text with these values: see save()."""
        return save(self.path, replace(self.path.read_bytes(), **values))

    def begin_again(self) -> None:
        """What is there now is what to compare with; what was refused before is cleared away."""
        self.clear_rejected()
        self.text = self.path.read_bytes()
        self.before = self.on_server()
        self.tap.clear()

    def clear_rejected(self) -> None:
        """Remove what was kept: the next text that is refused has the first name again."""
        for suffix in (".rej", ".rej.txt"):  # a listing may not be told of them yet
            path = self.directory / f"{self.path.name}{suffix}"
            if path.exists():
                path.unlink()
        for path in self.directory.glob(f"{self.path.name}.rej*"):
            path.unlink(missing_ok=True)

    # How it is now

    def on_server(self) -> dict | None:
        """What the file should show; None when there is no such record."""
        try:
            found = self.rpc.read(self.model, [self.number],
                                  list(fields_of(self.rpc, self.model)))
        except Exception as error:
            if "does not exist" in str(error) or "MissingError" in str(error):
                return None
            raise
        return found[0] if found else None

    def changed(self) -> dict[str, Any]:
        """The fields that are others on the server than at the beginning."""
        now = self.on_server()
        assert now and self.before
        return {name: value for name, value in now.items()
                if name not in LOG and differences(value, self.before[name])}

    def shown(self) -> dict:
        return json.loads(self.path.read_bytes())

    def others(self) -> list[str]:
        """What the directory lists that is no record, nor a binary field of one."""
        return leftovers(self.directory)

    def _kept(self, suffix: str) -> bytes:
        """The kernel tells of the last close when the program has its answer already."""
        path = self.directory / f"{self.number}.json{suffix}"
        retry(path.exists)
        return path.read_bytes()

    def rejected(self) -> bytes:
        """The text that was kept beside the record."""
        return self._kept(".rej")

    def reason(self) -> str:
        """Why it was kept."""
        return self._kept(".rej.txt").decode()

    def last_error(self) -> dict:
        errors = self.tree.errors()
        return errors[-1] if errors else {}

    # What it should be

    def check_shown(self) -> None:
        """The file is what the server has, with its size and its time."""
        now = self.on_server()
        text = self.path.read_bytes()
        assert differences(without_binaries(self.rpc, self.model, json.loads(text)), now) == []
        stat = self.path.stat()
        assert stat.st_size == len(text)
        written = calendar.timegm(time.strptime(now["write_date"], "%Y-%m-%d %H:%M:%S"))
        # A second save within the second leaves write_date alone: then it is when it was seen.
        assert written <= stat.st_mtime <= written + 60

    def check_saved(self, values: dict, left: Collection[str] = (), **results: Any) -> None:
        """One write of these fields, and nothing else; no trace of the editor but `left`.

        `results` are fields that the server makes something else of, or changes as well.
        """
        assert self.tap.changes() == [(self.model, "write", [self.number], values)]
        assert differences(self.changed(), {**values, **results}) == []
        self.check_shown()
        self.check_others(left)
        assert self.number in self.tree.ids(self.model)

    def check_others(self, left: Collection[str]) -> None:
        """Of files that are no records there are these, as soon as the last close is told."""
        retry(lambda: self.others() == sorted(left))
        assert self.others() == sorted(left)

    def check_untouched(self, left: Collection[str] = ()) -> None:
        """No call, the same on the server, the same in the file."""
        assert self.tap.changes() == []
        assert self.changed() == {}
        retry(lambda: self.path.read_bytes() == self.text)  # the last close may not be told yet
        assert self.path.read_bytes() == self.text
        assert self.path.stat().st_size == len(self.text)
        self.check_others(left)

    def check_refused(self, text: bytes, *words: str) -> None:
        """Nothing was sent, what was typed is kept, and the log says why in these words."""
        kept = [f"{self.number}.json.rej", f"{self.number}.json.rej.txt"]
        self.check_untouched(left=kept)
        assert self.rejected() == text
        message = self.last_error()["message"]
        for word in words:
            assert word in message
        assert self.reason() == message + "\n"
        assert os.getxattr(self.path, "user.odoofs.error").decode() == message
        assert self.last_error()["path"] == f"{self.model}/{self.number}.json"
