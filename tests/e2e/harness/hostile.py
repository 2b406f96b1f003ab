# SPDX-License-Identifier: MIT
"""Somebody who does everything there is to do in a mount, whatever the server answers."""

from __future__ import annotations

import errno
import os
import random
import re
import time
from typing import Callable

from .mount import Mount

PARTNER = "res.partner"

# What an operation may end with: an errno of ours, and never one that says "try again".
KNOWN = {errno.EACCES, errno.EBUSY, errno.EEXIST, errno.EFBIG, errno.EHOSTUNREACH, errno.EINVAL,
         errno.EIO, errno.EISDIR, errno.ENODATA, errno.ENOENT, errno.ENOTDIR, errno.EPERM,
         errno.EROFS, errno.ESTALE, errno.ETIMEDOUT, errno.ENAMETOOLONG, errno.ENOTEMPTY}


class Visitor:
    """Does some of it for each seed, and notes what took too long or ended strangely."""

    def __init__(self, tree: Mount, number: int, limit: float, written: list[tuple[str, bool]]):
        self.tree, self.number, self.limit = tree, number, limit
        self.path = tree.record(PARTNER, number)
        self.strange: list[str] = []
        self.failures = 0
        self.written = written  # values of `ref`, and whether they were acknowledged

    def visit(self, seed: int, count: int) -> None:
        chance = random.Random(seed)
        for act in chance.sample(ACTS, count):
            self._try(seed, chance, act)

    def _try(self, seed: int, chance: random.Random, act: Callable) -> None:
        started, heard = time.monotonic(), 0
        try:
            act(self, chance, seed)
        except OSError as failure:
            heard = failure.errno or 0
            self.failures += 1
        took = time.monotonic() - started
        if heard and heard not in KNOWN:
            self.strange.append(f"seed {seed}: {act.__name__}: {errno.errorcode.get(heard)}")
        if took > self.limit:
            self.strange.append(f"seed {seed}: {act.__name__} took {took:.1f} s")

    def could_be(self, value: str | bool) -> bool:
        """Whether that may be on the server: the last that was acknowledged, or one since."""
        for text, acknowledged in reversed(self.written):
            if text == value:
                return True
            if acknowledged:
                return False
        return True


def _list_root(it: Visitor, chance: random.Random, seed: int) -> None:
    os.listdir(it.tree.path)


def _list_model(it: Visitor, chance: random.Random, seed: int) -> None:
    model = chance.choice([PARTNER, "res.country", "sale.order", "ir.attachment"])
    with os.scandir(it.tree / model) as entries:
        for entry in list(entries)[:8]:
            assert "/" not in entry.name and entry.name not in ("", ".", "..")
            entry.stat(follow_symlinks=False)


def _read_records(it: Visitor, chance: random.Random, seed: int) -> None:
    for number in chance.sample(range(1, 30), 4):
        path = it.tree.record(PARTNER, number)
        size, text = path.stat().st_size, path.read_bytes()
        assert size == len(text) or path.stat().st_size == len(path.read_bytes())


def _read_binary(it: Visitor, chance: random.Random, seed: int) -> None:
    it.tree.read(f"{PARTNER}/{chance.randrange(1, 9)}.image_1920")


def _info(it: Visitor, chance: random.Random, seed: int) -> None:
    name = chance.choice(["fields.json", "schema.json", "template.json", "count", "access.json",
                          "model.json"])
    it.tree.read(f"{PARTNER}/.info/{name}")


def _export(it: Visitor, chance: random.Random, seed: int) -> None:
    kind = chance.choice(["csv", "json", "jsonl"])
    path = it.tree / f"{PARTNER}/.columns/name,country_id,category_id/.export/{kind}"
    with open(path, "rb") as file:
        while file.read(1 << 20):
            pass


def _view(it: Visitor, chance: random.Random, seed: int) -> None:
    path = it.tree / PARTNER / chance.choice([
        ".by/country_id", ".by/is_company/true", ".filter/country_id.code/BE",
        ".filter/name/.ilike/a/.order/name.desc", ".name/a", ".first/3", ".last/3/.names",
        ".sample/2", ".domain/[('is_company','=',True)]", ".filter/create_date/2026"])
    for name in os.listdir(path)[:3]:
        assert "/" not in name
        if ".names" in str(path):
            assert os.readlink(path / name).startswith("../")
        else:
            os.lstat(path / name)


def _edit(it: Visitor, chance: random.Random, seed: int) -> None:
    text, value = it.path.read_text(errors="replace"), f"seed {seed}"
    text, n = re.subn(r'(?m)^  "ref": .*?(,?)$', rf'  "ref": "{value}"\1', text)
    if not n:
        return
    it.written.append((value, False))
    it.path.write_text(text, errors="replace")
    it.written[-1] = (value, True)


def _create(it: Visitor, chance: random.Random, seed: int) -> None:
    (it.tree / f"res.partner.category/new-{seed}.json").write_text('{"name": "Seed"}')


def _remove(it: Visitor, chance: random.Random, seed: int) -> None:
    (it.tree / f"{PARTNER}/{chance.randrange(40, 50)}.json").unlink()


def _call(it: Visitor, chance: random.Random, seed: int) -> None:
    path = it.tree / PARTNER / ".call/name_search"
    path.write_text('{"kwargs": {"name": "a", "limit": 3}}')
    path.read_bytes()


def _leave(it: Visitor, chance: random.Random, seed: int) -> None:
    """What is told of the mount itself doesn't depend on the server."""
    it.tree.status()
    it.tree.stats()
    it.tree.errors()
    os.getxattr(it.path, "user.odoofs.error")


ACTS = [_list_root, _list_model, _list_model, _read_records, _read_records, _read_binary, _info,
        _export, _view, _view, _edit, _edit, _create, _remove, _call, _leave]
