# SPDX-License-Identifier: MIT
"""Whole models in advance: by `.odoofs/prefetch`, and by prefetch=."""

from __future__ import annotations

import calendar
import errno
import os
import time

import pytest

from harness.look import output
from harness.mount import Mount, retry
from harness.rpc import Rpc

MODEL, OTHER = "res.partner", "res.country"
SECONDS = 120


def progress(tree: Mount) -> dict[str, dict]:
    return {each["model"]: each for each in tree.status()["prefetch"]}


def wait_for(tree: Mount, model: str, state: str = "done") -> dict:
    assert retry(lambda: progress(tree).get(model, {}).get("state") == state, SECONDS), \
        progress(tree)
    return progress(tree)[model]


def read_all(tree: Mount, model: str) -> int:
    return sum(bool(tree.record(model, number).read_bytes()) for number in tree.ids(model))


def let_settle(rpc: Rpc, model: str) -> None:
    """What was written in the seconds before it was read is read again by the next mount."""
    def newest() -> float:
        [record] = rpc.call(model, "search_read", [], fields=["write_date"],
                            order="write_date desc", limit=1)
        written = time.strptime(record["write_date"], "%Y-%m-%d %H:%M:%S")
        return time.time() - calendar.timegm(written)
    assert retry(lambda: newest() > 4, SECONDS)


def carrying(calls: dict, *models: str) -> dict:
    """Calls for records or ids of these."""
    return {name: n for name, n in calls.items()
            if name.rpartition(".")[0] in models and name.rpartition(".")[2] in ("read", "search")}


def test_a_model_is_read_ahead_in_batches(mount, rpc):
    tree = mount()
    (tree / ".odoofs/prefetch").write_text(MODEL + "\n")
    there = len(rpc.ids(MODEL))
    assert wait_for(tree, MODEL) == {"model": MODEL, "state": "done", "done": there,
                                     "total": there}
    assert tree.calls()[f"{MODEL}.read"] <= there / 1000 + 3
    with tree.counting() as calls:
        assert read_all(tree, MODEL) == there
    assert not carrying(calls, MODEL)


def test_a_mount_begins_with_it(mount):
    """On a read-only mount as well, where nothing can be written to."""
    tree = mount(ro=True, prefetch=f"{OTHER}:res.cur*:no.such")
    for model in (OTHER, "res.currency"):
        wait_for(tree, model)
    with tree.counting() as calls:
        assert read_all(tree, OTHER) and read_all(tree, "res.currency")
    assert not carrying(calls, OTHER, "res.currency")
    [failure] = [each for each in tree.errors() if each["operation"] == "prefetch"]
    assert "prefetch=no.such: there is no such model" in failure["message"]
    assert tree.status()["options"]["prefetch"] == [OTHER, "res.cur*", "no.such"]
    with pytest.raises(OSError) as refused:
        (tree / ".odoofs/prefetch").write_text(MODEL + "\n")
    assert refused.value.errno == errno.EROFS


def test_the_store_takes_what_memory_cannot(mount, rpc, tmp_path):
    let_settle(rpc, MODEL)
    tree = mount(backup=True, cache_dir=tmp_path / "store", cache_size="1M", prefetch=MODEL)
    wait_for(tree, MODEL)
    assert tree.stats()["cache"]["content_bytes"] <= 1 << 20
    with tree.counting() as calls:
        assert read_all(tree, MODEL) >= 2000
    assert not carrying(calls, MODEL)
    tree.unmount()
    tree = mount(backup=True, cache_dir=tmp_path / "store", cache_size="1M")
    assert read_all(tree, MODEL) >= 2000
    assert not carrying(tree.calls(), MODEL)


def test_without_a_store_it_ends_when_memory_is_full(mount):
    tree = mount(cache_size="1M", prefetch=MODEL)
    report = wait_for(tree, MODEL, "full")
    assert 0 < report["done"] < report["total"]
    assert tree.stats()["cache"]["content_bytes"] <= 1 << 20


@pytest.mark.parametrize("text, number, words", [
    ("no.such\n", errno.ENOENT, "there is no model 'no.such' here"),
    ("no.such", errno.ENOENT, "there is no model 'no.such' here"),
    ("\n", errno.EINVAL, "write which models to read"),
    ("x" * 300, errno.EFBIG, ""),
])
def test_what_cannot_be_is_refused(tree, text, number, words):
    assert tree.models()
    with pytest.raises(OSError) as refused:
        descriptor = os.open(tree / ".odoofs/prefetch", os.O_WRONLY | os.O_TRUNC)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)
    assert refused.value.errno == number
    if words:
        assert words in tree.errors()[-1]["message"]
        assert tree.errors()[-1]["operation"] == "prefetch"


def test_it_is_a_control_file_like_refresh(tree):
    for name in ("prefetch", "refresh"):
        assert output("ls", "-l", tree / ".odoofs" / name).startswith("--w-------")
        assert (tree / ".odoofs" / name).stat().st_size == 0


def test_unmounting_does_not_wait_for_it(wired, tap):
    tree = wired(prefetch="res.*")
    held = tap.cut("read", "hold", 100)
    assert retry(lambda: held.struck, SECONDS)
    tree.unmount()
    tap.release()
