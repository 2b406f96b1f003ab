# SPDX-License-Identifier: MIT
"""What others change shows within the ttl, though the kernel remembers what was there before."""

import itertools
import json
import os
import signal
import threading
import time

import pytest

from harness.look import drop_kernel_cache, output, running
from harness.mount import Mount, retry

PARTNER, TAG = "res.partner", "res.partner.category"

# A ttl is a second here. The kernel would believe what it knows for five minutes.
SECONDS = 60


@pytest.fixture(scope="module", params=[False, True], ids=["rw", "ro"])
def live(request, server):
    """A mount that looks for changes every second."""
    mount = Mount(server.source(), ttl=1, ro=request.param)
    yield mount
    mount.unmount()


def soon(check):
    return retry(check, SECONDS)


def listed(tree, model) -> dict[int, int]:
    """What `ls -l` says: numbers, and sizes."""
    lines = output("ls", "-l", tree / model).splitlines()[1:]
    return {int(line.split()[8].partition(".json")[0]): int(line.split()[4]) for line in lines}


def check_shown(tree, model, number):
    """The three ways to look agree."""
    path = tree.record(model, number)
    text = output("cat", path).encode()
    assert path.stat().st_size == len(text) == listed(tree, model)[number]
    return json.loads(text)


def test_a_write_shows(live, colleague):
    number = colleague.create(TAG, name="Before")
    assert soon(lambda: live.record(TAG, number).exists())
    assert check_shown(live, TAG, number)["name"] == "Before"
    path = live.record(TAG, number)
    before = path.stat()
    for name in ("After, and a good deal longer", "x"):
        colleague.write(TAG, number, name=name)
        assert soon(lambda: json.loads(path.read_bytes())["name"] == name)
        assert check_shown(live, TAG, number)["name"] == name
    assert path.stat().st_ino == before.st_ino
    assert path.stat().st_mtime_ns > before.st_mtime_ns


def test_a_write_shows_in_stat_alone(live, colleague):
    number = colleague.create(TAG, name="Before")
    path = live.record(TAG, number)
    assert soon(path.exists)
    size = path.stat().st_size
    colleague.write(TAG, number, name="Before, and more")
    assert soon(lambda: path.stat().st_size == size + len(", and more"))


def test_a_write_shows_in_ls_alone(live, colleague):
    number = colleague.create(TAG, name="Before")
    assert soon(lambda: number in listed(live, TAG))
    size = listed(live, TAG)[number]
    colleague.write(TAG, number, name="Before, and more")
    assert soon(lambda: listed(live, TAG)[number] == size + len(", and more"))


def test_a_new_record_shows_and_goes(live, rpc, colleague):
    assert soon(lambda: live.ids(TAG) == rpc.ids(TAG))
    before = live.ids(TAG)
    number = colleague.create(TAG, name="New here")
    assert soon(lambda: number in live.ids(TAG))
    assert live.ids(TAG) == [*before, number]
    assert check_shown(live, TAG, number)["name"] == "New here"
    colleague.unlink(TAG, number)
    assert soon(lambda: number not in live.ids(TAG))
    assert live.ids(TAG) == before
    assert soon(lambda: not live.record(TAG, number).exists())
    with pytest.raises(FileNotFoundError):
        live.record(TAG, number).read_bytes()


def test_a_deleted_record_is_gone_for_who_knows_its_name(live, colleague):
    numbers = [colleague.create(TAG, name=f"To be deleted {n}") for n in range(2)]
    path = live.record(TAG, numbers[0])
    assert soon(path.exists)
    assert path.read_bytes()
    colleague.unlink(TAG, numbers[0])
    assert soon(lambda: not path.exists())
    assert live.record(TAG, numbers[1]).exists()


def test_a_name_that_was_looked_for_before(live, colleague):
    """The kernel remembers that there was nothing."""
    last = colleague.create(TAG, name="The last")
    assert soon(lambda: last in live.ids(TAG))
    for number in range(last + 1, last + 20):
        assert not live.record(TAG, number).exists()
    number = colleague.create(TAG, name="Not there yet")
    assert soon(live.record(TAG, number).exists)


def test_a_name_that_was_looked_for_without_a_listing(mount, colleague):
    tree = mount(ttl=1)
    number = colleague.create(TAG, name="One") + 1
    assert not tree.record(TAG, number).exists()
    assert colleague.create(TAG, name="Next") == number
    assert soon(tree.record(TAG, number).exists)


def test_one_goes_while_another_comes(live, rpc, colleague):
    """The count is as before."""
    old = colleague.create(TAG, name="Old")
    assert soon(lambda: live.ids(TAG) == rpc.ids(TAG))
    before = live.ids(TAG)
    new = colleague.create(TAG, name="New")
    colleague.unlink(TAG, old)
    assert soon(lambda: live.ids(TAG) == [n for n in before if n != old] + [new])


def test_archiving_hides_where_archived_are_hidden(live, mount, colleague):
    number = colleague.create(TAG, name="Soon archived")
    active = mount(ttl=1, archived="no")
    assert number in active.ids(TAG)
    assert soon(lambda: number in live.ids(TAG))
    colleague.write(TAG, number, active=False)
    assert soon(lambda: number not in active.ids(TAG))
    assert soon(lambda: live.json(f"{TAG}/{number}.json")["active"] is False)
    assert number in live.ids(TAG)
    colleague.write(TAG, number, active=True)
    assert soon(lambda: number in active.ids(TAG))
    assert soon(lambda: active.record(TAG, number).exists())


def test_many_at_once(live, rpc, colleague):
    numbers = colleague.create_many(TAG, [{"name": f"Many {n}"} for n in range(150)])
    assert soon(lambda: set(numbers) <= set(live.ids(TAG)))
    assert live.json(f"{TAG}/{numbers[7]}.json")["name"] == "Many 7"
    rpc.call(TAG, "write", numbers, {"color": 7})
    for number in numbers:
        assert soon(lambda: live.json(f"{TAG}/{number}.json")["color"] == 7)
    colleague.unlink(TAG, numbers)
    assert soon(lambda: not set(numbers) & set(live.ids(TAG)))


def test_two_writes_within_a_second(live, colleague):
    """write_date is in whole seconds: what was written in the second of a check isn't final."""
    number = colleague.create(TAG, name="0")
    path = live.record(TAG, number)
    assert soon(path.exists)
    for n in range(1, 4):
        colleague.write(TAG, number, name=f"First {n}")
        retry(lambda: json.loads(path.read_bytes())["name"] == f"First {n}", 1.5, 0.01)
        colleague.write(TAG, number, name=f"Second {n}")
        assert soon(lambda: json.loads(path.read_bytes())["name"] == f"Second {n}"), n


def test_with_a_ttl_of_zero_each_look_is_fresh(mount, colleague):
    number = colleague.create(TAG, name="0")
    path = mount(ttl=0).record(TAG, number)
    for n in range(1, 4):
        colleague.write(TAG, number, name="x" * n)
        assert json.loads(path.read_bytes())["name"] == "x" * n
        assert path.stat().st_size == len(path.read_bytes())


def test_without_write_date_all_is_read_again(mount, fake, rpc):
    model = "mail.followers"
    assert not rpc.call(model, "fields_get", ["write_date"], [])
    tree = mount(ttl=1)
    number = tree.ids(model)[0]
    before = tree.json(f"{model}/{number}.json")["res_id"]
    for value in (before + 1, before):
        fake.control(sql=["UPDATE mail_followers SET res_id = ? WHERE id = ?", [value, number]])
        assert soon(lambda: tree.json(f"{model}/{number}.json")["res_id"] == value)


def test_a_change_that_leaves_write_date_alone_has_its_own_mtime(mount, colleague):
    """Another record's name is in this one's text: seen at the next reading, and dated then."""
    parent = colleague.create(TAG, name="Parent before")
    child = colleague.create(TAG, name="Child", parent_id=parent)
    tree = mount(ttl=3600)
    path = tree.record(TAG, child)
    before = path.stat()
    time.sleep(1.1)
    colleague.write(TAG, parent, name="Parent after")
    assert path.stat().st_mtime == before.st_mtime
    tree.refresh(TAG)
    assert soon(lambda: b"Parent after" in path.read_bytes())
    after = path.stat()
    assert after.st_size == len(path.read_bytes())
    assert after.st_mtime > before.st_mtime
    assert after.st_ino == before.st_ino


@pytest.mark.parametrize("read_only", [False, True])
def test_what_moves_no_date_is_found_after_max_age(mount, colleague, read_only):
    """A many2many is written from its other side. Nothing else of the record moves, nor of others."""
    number, other = colleague.create_many(PARTNER, [{"name": "Tagged"}, {"name": "Other"}])
    tag = colleague.create(TAG, name="Tag")
    time.sleep(3.1)  # what was written just before it is read is read again anyway
    tree = mount(ttl=3600, ro=read_only, max_age=2)
    path, untouched = tree.record(PARTNER, number), tree.record(PARTNER, other)
    before, before_other = path.stat(), untouched.stat()
    text = json.loads(path.read_bytes())
    assert text["category_id"] == []
    colleague.rpc.call(TAG, "write", [tag], {"partner_ids": [[4, number]]})
    assert soon(lambda: json.loads(path.read_bytes())["category_id"] == [tag])
    assert json.loads(path.read_bytes())["write_date"] == text["write_date"]
    after = path.stat()
    assert (after.st_mtime > before.st_mtime, after.st_ctime > before.st_ctime,
            after.st_ino) == (True, True, before.st_ino)
    assert times(untouched.stat()) == times(before_other)


def times(st: os.stat_result) -> tuple:
    return st.st_mtime, st.st_ctime, st.st_size


def test_the_kernel_is_told_by_the_poll(mount, colleague):
    """Nobody asks odoofs for what the kernel remembers."""
    number = colleague.create(TAG, name="Before")
    tree = mount(ttl=3600, poll=1)
    path = tree.record(TAG, number)
    assert json.loads(path.read_bytes())["name"] == "Before"
    colleague.write(TAG, number, name="After")
    assert soon(lambda: json.loads(path.read_bytes())["name"] == "After")


def test_without_a_poll_the_kernel_asks_again(mount, colleague, rpc):
    number = colleague.create(TAG, name="Before")
    tree = mount(ttl=1, poll=0)
    path = tree.record(TAG, number)
    assert json.loads(path.read_bytes())["name"] == "Before"
    colleague.write(TAG, number, name="After")
    assert soon(lambda: json.loads(path.read_bytes())["name"] == "After")
    assert soon(lambda: tree.ids(TAG) == rpc.ids(TAG))
    with tree.counting() as calls:
        time.sleep(2.5)
    assert not calls


# Who asks for it

@pytest.mark.parametrize("how", [TAG, "", "hangup"])
def test_what_is_dropped_is_read_again(mount, colleague, how):
    """One model by name, or all; the kernel's share of it as well."""
    number = colleague.create(TAG, name="Before")
    tree = mount(ttl=3600, ro=how == "hangup")
    path = tree.record(TAG, number)
    ids = tree.ids(TAG)
    assert json.loads(path.read_bytes())["name"] == "Before"
    colleague.write(TAG, number, name="After")
    new = colleague.create(TAG, name="New")
    assert json.loads(path.read_bytes())["name"] == "Before"
    assert tree.ids(TAG) == ids
    if how == "hangup":
        tree.signal(signal.SIGHUP)
    else:
        tree.refresh(how)
    assert soon(lambda: json.loads(path.read_bytes())["name"] == "After")
    assert soon(lambda: tree.ids(TAG) == [*ids, new])


def test_a_refresh_leaves_other_models_alone(wired, tap, rpc):
    tree = wired()
    country, language = rpc.ids("res.country")[0], rpc.ids("res.lang")[0]
    tree.read(f"res.country/{country}.json"), tree.read(f"res.lang/{language}.json")
    tree.refresh("res.country")
    with tap.counting(tree) as calls:
        tree.read(f"res.country/{country}.json"), tree.read(f"res.lang/{language}.json")
    assert calls == {"res.country.fields_get": 1, "res.country.read": 1}


# Who waits for somebody else

def test_one_slow_read_holds_up_no_news(wired, tap, colleague):
    """
    The kernel holds a directory for who looks something up there, and whoever tells it of a name
    waits for that: nobody must, neither the news nor who reads something else.
    """
    slow, first, second, *_ = colleague.create_many(TAG, [{"name": f"Tag {n}"}
                                                          for n in range(60)])
    partner = colleague.create(PARTNER, name="Partner")
    tree = wired(ttl=1, connections=4)
    other = tree.record(PARTNER, partner)
    tree.ids(TAG)
    for path in (tree.record(TAG, first), tree.record(TAG, second), other):
        path.read_bytes()
    held = tap.cut("read", "hold")
    with running("cat", tree.record(TAG, slow)) as cat:
        assert soon(lambda: held.struck)
        tap.clear()
        colleague.write(TAG, first, name="Changed")
        assert soon(lambda: tap.passed()[f"{TAG}.search_read"] >= 2)  # it was asked what changed
        colleague.write(PARTNER, partner, name="Changed")
        assert soon(lambda: json.loads(other.read_bytes())["name"] == "Changed")
        drop_kernel_cache(tree.path)
        assert b"Tag 2" in tree.record(TAG, second).read_bytes()
        assert cat.poll() is None
        tap.release()
        assert cat.wait(SECONDS) == 0
    assert soon(lambda: b"Changed" in tree.record(TAG, first).read_bytes())


# Who has it open

@pytest.mark.parametrize("read_only", [False, True])
def test_who_has_it_open_keeps_what_was_opened(mount, colleague, read_only):
    number = colleague.create(PARTNER, name="Before", comment="<p>" + "old " * 5000 + "</p>")
    tree = mount(ttl=1, ro=read_only)
    path = tree.record(PARTNER, number)
    with open(path, "rb", buffering=0) as file:
        first = file.read(4096)
        assert first
        colleague.write(PARTNER, number, name="After, and a good deal longer", comment=False)
        assert soon(lambda: b"After, and" in path.read_bytes())
        first += file.readall()
        assert b"After" not in first and json.loads(first)["name"] == "Before"
        assert os.pread(file.fileno(), 1 << 20, 0) == first
        assert os.fstat(file.fileno()).st_size == len(first)
    assert len(path.read_bytes()) == path.stat().st_size != len(first)


@pytest.mark.parametrize("read_only", [False, True])
def test_who_has_it_open_keeps_what_was_deleted(mount, colleague, read_only):
    number = colleague.create(PARTNER, name="Before", comment="<p>" + "old " * 50000 + "</p>")
    tree = mount(ttl=1, ro=read_only)
    path = tree.record(PARTNER, number)
    with open(path, "rb", buffering=0) as file:
        first = file.read(4096)
        colleague.unlink(PARTNER, number)
        assert soon(lambda: not path.exists())
        first += file.readall()
        assert json.loads(first)["name"] == "Before"
        assert os.fstat(file.fileno()).st_size == len(first)


@pytest.mark.parametrize("read_only", [False, True])
def test_no_read_is_torn(mount, colleague, read_only):
    """While somebody writes long and short in turn: whole texts, and the size that fits them."""
    number = colleague.create(PARTNER, name="x")
    path = mount(ttl=1, ro=read_only).record(PARTNER, number)
    seen, torn, over = set(), [], threading.Event()
    end = time.monotonic() + SECONDS

    def read():
        while not over.is_set():
            try:
                with open(path, "rb", buffering=0) as file:
                    size = os.fstat(file.fileno()).st_size
                    text = file.readall()
                if len(text) != size:
                    torn.append((size, len(text)))
                seen.add(json.loads(text)["street"] or "")
            except OSError as error:
                torn.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for n in itertools.count():
            colleague.rpc.call(PARTNER, "write", [number], {"street": f"{n} " * (n % 2 * 3000)})
            if len(seen) > 5 or time.monotonic() > end:
                break
    finally:
        over.set()
        for reader in readers:
            reader.join()
    assert not torn
    assert len(seen) > 2
