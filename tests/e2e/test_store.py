# SPDX-License-Identifier: MIT
"""cache_dir=: what one mount has read the next one knows, and reads what changed."""

import os
import pathlib
import signal
import subprocess
import time

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


@pytest.fixture
def small(tmp_path):
    """A disk of a few blocks."""
    path = tmp_path / "small"
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k,mode=700", "tmpfs", path],
                   check=True)
    yield path
    subprocess.run(["umount", "-l", path], check=True)


def check_without(tree: Mount, words: str) -> None:
    """It goes on, and says that there is no store, and why."""
    assert retry(lambda: tree.status()["store"]["state"] == "off", 60)
    assert not tree.stats()["cache"]["store_works"]
    assert words in tree.status()["store"]["why"]
    [failure] = [each for each in tree.errors() if each["operation"] == "store"]
    assert failure["message"] == tree.status()["store"]["why"]
    assert words in tree.log()


def test_a_full_disk_ends_the_store_and_not_the_mount(mount, small):
    full = mount(backup=True, cache_dir=small, ttl=3600)
    assert full.status()["store"] == {"directory": str(small), "state": "used", "why": None}
    before = tree_of(full, "res.partner")
    assert len(before) >= 2000
    check_without(full, "No space left on device; this mount goes on without it")
    assert tree_of(full, "res.partner") == before
    full.unmount()


def test_a_disk_that_was_full_before(mount, small):
    with open(small / "filler", "wb") as file, pytest.raises(OSError):
        while True:
            os.write(file.fileno(), bytes(4096))
    full = mount(backup=True, cache_dir=small, ttl=3600)
    check_without(full, "No space left on device")
    assert tree_of(full)
    full.unmount()


def test_a_full_store_keeps_what_it_has(mount, store):
    """More than cache_dir_size= isn't stored, and the next mount reads the rest."""
    options = {"backup": True, "cache_dir": store, "cache_dir_size": "1M", "ttl": 3600}
    first = mount(fields="all", models="res.partner", **{**options, "backup": None, "ro": True})
    before = tree_of(first, "res.partner")
    assert retry(lambda: first.status()["store"]["state"] == "full", 60)
    assert "cache_dir_size= allows more" in first.status()["store"]["why"]
    first.unmount()
    second = mount(fields="all", models="res.partner", **{**options, "backup": None, "ro": True})
    assert {name: row[4] for name, row in tree_of(second, "res.partner").items()} == {
        name: row[4] for name, row in before.items()}
    assert 0 < second.stats()["cache"]["store_hits"] < len(before)


# The server

def texts_of(tree: Mount, model: str = MODEL) -> dict[str, bytes]:
    return {name: row[4] for name, row in tree_of(tree, model).items()}


def test_a_mount_asks_each_model_once(mount, store):
    """Whether anything moved, and what the fields are. The store is of texts: of binary fields, whose
    contents a copier doesn't read again, it has the sizes only."""
    models = ["res.country.state", "res.currency", "res.groups", "res.lang"]  # nobody writes there
    options = {"backup": True, "cache_dir": store, "ttl": 3600, "binary": "none"}
    for _ in range(2):  # by the second it is known that nothing was under way in the first
        tree = mount(**options)
        before = {model: tree_of(tree, model) for model in models}
        tree.unmount()
    tree = mount(**options)
    with tree.counting() as calls:
        assert {model: tree_of(tree, model) for model in models} == before
    of_models = {name: n for name, n in calls.items() if name.rpartition(".")[0] in models}
    group = {name for name in of_models if name.endswith("read_group")}
    assert group == {name for name in of_models if not name.endswith(".fields_get")}
    assert len(group) == len(models) and set(of_models.values()) == {1}


def test_another_database_of_the_same_name(mount, store, colleague, rpc):
    first = mount(backup=True, cache_dir=store, ttl=3600)
    before = texts_of(first)
    first.unmount()
    [uuid] = rpc.ids("ir.config_parameter", [["key", "=", "database.uuid"]])
    colleague.write("ir.config_parameter", uuid, value="0d00f500-0000-4000-8000-0d00f5000002")
    second = mount(backup=True, cache_dir=store, ttl=3600)
    assert "of another database, which had this name before" in second.log()
    assert "set aside" in second.status()["store"]["why"]
    assert texts_of(second) == before
    assert reads(second.calls())


def test_a_database_that_went_back(mount, store, colleague, server):
    """An older dump was restored: what was written since is as it was, dates and all."""
    one, two, three = colleague.create_many("res.partner", [{"name": f"New {n}"} for n in "123"])
    plain = mount(backup=True, ttl=3600)
    first = mount(backup=True, cache_dir=store, ttl=3600)
    assert b'"name": "New 1"' in plain.record("res.partner", one).read_bytes()
    assert texts_of(first, "res.partner")
    first.unmount()
    server.sql("UPDATE res_partner SET name = 'Old', write_date = '2020-02-02 02:02:02'"
               f" WHERE id IN ({one}, {two})")
    colleague.unlink("res.partner", three)
    plain.signal(signal.SIGHUP)
    second = mount(backup=True, cache_dir=store, ttl=3600)
    for number in (one, two):
        assert b'"name": "Old"' in second.record("res.partner", number).read_bytes()
    assert not second.record("res.partner", three).exists()
    assert retry(lambda: texts_of(second, "res.partner") == texts_of(plain, "res.partner"))


def test_an_older_server_and_the_same_ids(own_fake, mount, store):
    """It begins again where it began: an id is given to another record."""
    fake = own_fake(partners=100)
    rpc = fake.rpc()
    lost = rpc.call("res.partner", "create", [{"name": f"Lost {n}"} for n in range(20)])
    first = mount(source=fake.source(), backup=True, cache_dir=store, ttl=3600)
    assert f"{lost[-1]}.json" in texts_of(first, "res.partner")
    first.unmount()
    fake.kill()
    fake.start()
    new = fake.rpc().call("res.partner", "create", [{"name": f"New {n}"} for n in range(5)])
    assert new == lost[:5]
    second = mount(source=fake.source(), backup=True, cache_dir=store, ttl=3600)
    plain = mount(source=fake.source(), backup=True, ttl=3600)
    assert texts_of(second, "res.partner") == texts_of(plain, "res.partner")
    assert b'"name": "New 0"' in second.record("res.partner", new[0]).read_bytes()


def test_a_date_of_the_future(mount, store, colleague, server):
    """It hides nothing of what is written today."""
    future, other = colleague.create_many(MODEL, [{"name": "Elbonia", "code": "Q1"},
                                                  {"name": "Ruritania", "code": "Q2"}])
    server.sql("UPDATE res_country SET write_date = '2042-02-02 02:02:02'"
               f" WHERE id = {future}")
    first = mount(backup=True, cache_dir=store, ttl=3600)
    before = texts_of(first)
    assert b'"write_date": "2042-02-02 02:02:02"' in before[f"{future}.json"]
    first.unmount()
    colleague.write(MODEL, other, phone_code=987)
    server.sql(f"UPDATE res_country SET phone_code = 986 WHERE id = {future}")
    second = mount(backup=True, cache_dir=store, ttl=3600)
    after = texts_of(second)
    assert {name for name in after if after[name] != before[name]} == {
        f"{future}.json", f"{other}.json"}
    assert second.record(MODEL, future).stat().st_mtime > 2 ** 31


def test_killed_again_and_again(mount, store, colleague, rpc):
    """Whenever it is: the store opens, and what it serves is what the server has."""
    plain = mount(backup=True, ttl=1)
    for n in range(5):
        tree = mount(backup=True, cache_dir=store, ttl=3600, prefetch="res.partner:res.country")
        assert "set aside" not in tree.log() and tree.status()["store"]["state"] == "used"
        time.sleep(0.4 * n)
        tree.crash()
        colleague.write(MODEL, rpc.ids(MODEL, limit=n + 1)[n], phone_code=900 + n)
    last = mount(backup=True, cache_dir=store, ttl=3600)
    assert "set aside" not in last.log()
    for model in (MODEL, "res.partner"):
        assert retry(lambda: texts_of(last, model) == texts_of(plain, model))


def test_refresh_drops_what_is_stored(mount, store):
    first = mount(backup=True, cache_dir=store, ttl=10)
    before = tree_of(first)
    first.signal(signal.SIGHUP)
    first.unmount()
    second = mount(backup=True, cache_dir=store, ttl=10)
    assert tree_of(second) == before
