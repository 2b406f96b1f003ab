# SPDX-License-Identifier: MIT
"""cache_dir=: what one mount has read the next one knows, and reads what changed."""

import os
import pathlib
import signal
import subprocess

import pytest

from harness.mount import Mount, retry

MODEL = "res.country"


def tree_of(mount: Mount, model: str = MODEL) -> dict[str, tuple]:
    """Everything that a backup program looks at, and the contents."""
    result = {}
    for entry in os.scandir(mount / model):
        st = entry.stat()
        result[entry.name] = (st.st_ino, st.st_size, st.st_mtime, st.st_ctime,
                              pathlib.Path(entry.path).read_bytes())
    return result


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store"


def reads(calls):
    """Calls that carry records or ids: not those that ask whether anything moved."""
    return {name: n for name, n in calls.items()
            if name.startswith(MODEL) and name.rpartition(".")[2] in ("read", "search")}


def test_the_next_mount_reads_nothing_again(mount, store):
    first = mount(backup=True, cache_dir=store, ttl=10)
    before = tree_of(first)
    assert reads(first.calls())
    first.unmount()
    second = mount(backup=True, cache_dir=store, ttl=10)
    assert tree_of(second) == before
    assert not reads(second.calls())
    cache = second.stats()["cache"]
    assert cache["store_works"] and cache["store_hits"] == len(before)


def test_the_next_mount_reads_what_changed(mount, store, colleague):
    first = mount(backup=True, cache_dir=store, ttl=10)
    lost = colleague.create(MODEL, name="Elbonia", code="Q1")
    before = tree_of(first)
    assert f"{lost}.json" in before
    first.unmount()
    changed = first_id(before)
    colleague.write(MODEL, changed, phone_code=987)
    colleague.unlink(MODEL, lost)
    new = colleague.create(MODEL, name="Ruritania", code="Q2")
    second = mount(backup=True, cache_dir=store, ttl=10)
    after = tree_of(second)
    assert set(after) == set(before) - {f"{lost}.json"} | {f"{new}.json"}
    assert {name for name in after if after[name] != before.get(name)} == {
        f"{changed}.json", f"{new}.json"}
    assert b'"phone_code": 987' in after[f"{changed}.json"][4]
    assert b'"name": "Ruritania"' in after[f"{new}.json"][4]
    assert sum(reads(second.calls()).values()) <= 5


def first_id(tree: dict) -> int:
    return min(int(name.partition(".")[0]) for name in tree)


def test_a_killed_mount_leaves_a_good_store(mount, store, colleague):
    first = mount(backup=True, cache_dir=store, ttl=10)
    before = tree_of(first)
    assert retry(lambda: first.stats()["cache"]["store_bytes"] > 20000)
    first.crash()
    colleague.write(MODEL, first_id(before), phone_code=986)
    second = mount(backup=True, cache_dir=store, ttl=10)
    after = tree_of(second)
    assert set(after) == set(before)
    assert {name for name in after if after[name] != before[name]} == {f"{first_id(before)}.json"}
    assert "set aside" not in second.log()


def test_other_users_and_views_have_stores_of_their_own(mount, store):
    for options in ({"backup": True}, {"ro": True}, {"ro": True, "tz": "Asia/Tokyo"}):
        with_store = mount(cache_dir=store, ttl=10, **options)
        plain = mount(ttl=10, **options)
        assert {name: row[4] for name, row in tree_of(with_store).items()} == {
            name: row[4] for name, row in tree_of(plain).items()}
    assert len(list(store.iterdir())) == 3


def test_two_mounts_of_the_same_one_goes_without(mount, store):
    first = mount(backup=True, cache_dir=store, ttl=10)
    second = mount(backup=True, cache_dir=store, ttl=10)
    assert "in use by another mount" in second.log()
    assert first.stats()["cache"]["store_works"]
    assert not second.stats()["cache"]["store_works"]
    assert tree_of(first) == tree_of(second)


def test_a_damaged_store_is_set_aside(mount, store):
    first = mount(backup=True, cache_dir=store, ttl=10)
    before = tree_of(first)
    first.unmount()
    [data] = store.glob("*/data.mdb")
    damaged = bytearray(data.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    data.write_bytes(damaged)
    second = mount(backup=True, cache_dir=store, ttl=10)
    assert "set aside" in second.log()
    assert tree_of(second) == before
    assert list(store.glob("*.aside"))


@pytest.mark.parametrize("mode, words", [(0o755, "chmod 700"), (0o770, "chmod 700")])
def test_a_directory_that_others_can_enter_is_not_used(mount, store, mode, words):
    store.mkdir()
    store.chmod(mode)
    without = mount(backup=True, cache_dir=store, ttl=10)
    assert words in without.log()
    assert not without.stats()["cache"]["store_works"]
    assert tree_of(without)
    assert not list(store.iterdir())


def test_nobody_else_can_read_the_store(mount, store):
    first = mount(backup=True, cache_dir=store, ttl=10)
    assert tree_of(first)
    first.unmount()
    for path in [store, *store.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_full_disk_ends_the_store_and_not_the_mount(mount, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k,mode=700", "tmpfs", small],
                   check=True)
    try:
        full = mount(backup=True, cache_dir=small, ttl=3600)
        before = tree_of(full, "res.partner")
        assert len(before) >= 2000
        assert retry(lambda: not full.stats()["cache"]["store_works"], 60)
        assert "goes on without it" in full.log()
        assert tree_of(full, "res.partner") == before
        full.unmount()
    finally:
        subprocess.run(["umount", "-l", small], check=True)


def test_refresh_drops_what_is_stored(mount, store):
    first = mount(backup=True, cache_dir=store, ttl=10)
    before = tree_of(first)
    first.signal(signal.SIGHUP)
    first.unmount()
    second = mount(backup=True, cache_dir=store, ttl=10)
    assert tree_of(second) == before
