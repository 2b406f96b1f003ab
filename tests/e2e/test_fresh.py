# SPDX-License-Identifier: MIT
"""What others change: seen within the ttl, by one call a model, and only what changed is read."""

import json
import os
import threading
import time

import pytest

from harness.mount import retry

PARTNER, TAG = "res.partner", "res.partner.category"


@pytest.fixture
def group(server):
    """The call that says whether anything moved."""
    return "formatted_read_group" if server.version >= 19 else "read_group"


def read_all(tree, model=PARTNER):
    return {number: tree.record(model, number).read_bytes() for number in tree.ids(model)}


def settle(tree, ttl=1):
    """Let the first checks pass: from then on each ttl is like the other."""
    time.sleep(2 * ttl + 1.5)
    tree.wait_until_idle()


def test_within_the_ttl_nothing_is_asked(mount, rpc):
    tree = mount(ttl=3600)
    number = rpc.ids(PARTNER)[5]
    tree.record(PARTNER, number).read_bytes()
    tree.ids(PARTNER)
    with tree.counting() as calls:
        for _ in range(3):
            tree.ids(PARTNER), tree.record(PARTNER, number).read_bytes()
            os.stat(tree / PARTNER), os.stat(tree.record(PARTNER, number))
            time.sleep(0.5)
    assert not calls


def test_after_the_ttl_one_call_says_that_nothing_moved(mount, group):
    """Also when everything is read again, and when nobody asks: once a ttl, and no more."""
    tree = mount(ttl=1)
    before = read_all(tree)
    settle(tree)
    with tree.counting() as calls:
        started = time.monotonic()
        for _ in range(3):
            time.sleep(1.2)
            assert read_all(tree) == before
        periods = time.monotonic() - started
    assert set(calls) == {f"{PARTNER}.{group}"}
    assert 2 <= calls[f"{PARTNER}.{group}"] <= periods + 1


def test_models_that_nobody_uses_are_not_asked_about(mount):
    tree = mount(ttl=1)
    tree.models()
    for model in tree.models():
        os.stat(tree / model)
    with tree.counting() as calls:
        time.sleep(3)
    assert not calls


def test_a_change_is_seen_and_only_the_changed_is_read(mount, colleague, group):
    number = colleague.create(PARTNER, name="Before")
    tree = mount(ttl=1)
    before = read_all(tree)
    settle(tree)
    records = tree.stats()["cache"]["batch_records"]
    with tree.counting() as calls:
        colleague.write(PARTNER, number, name="After, and longer")
        path = tree.record(PARTNER, number)
        assert retry(lambda: json.loads(path.read_bytes())["name"] == "After, and longer")
        after = read_all(tree)
    assert {n for n in before if before[n] != after[n]} == {number}
    assert tree.stats()["cache"]["batch_records"] - records <= 3  # again within its second
    assert set(calls) <= {f"{PARTNER}.{name}" for name in (group, "search_read", "read", "search")}


@pytest.mark.parametrize("read_only", [False, True])
def test_size_and_content_change_together(mount, colleague, read_only):
    number = colleague.create(PARTNER, name="x")
    tree = mount(ttl=1, ro=read_only)
    path = tree.record(PARTNER, number)
    assert path.stat().st_size == len(path.read_bytes())
    for length in (500, 3, 9000, 1):
        colleague.write(PARTNER, number, street="s" * length)
        assert retry(lambda: json.loads(path.read_bytes())["street"] == "s" * length)
        assert path.stat().st_size == len(path.read_bytes())


@pytest.mark.parametrize("read_only", [False, True])
def test_who_has_it_open_keeps_what_was_opened(mount, colleague, read_only):
    number = colleague.create(PARTNER, name="Before")
    tree = mount(ttl=1, ro=read_only)
    path = tree.record(PARTNER, number)
    with open(path, "rb", buffering=0) as file:
        first = file.read()
        colleague.write(PARTNER, number, name="After, and a good deal longer than before")
        assert retry(lambda: path.read_bytes() != first)
        assert os.pread(file.fileno(), 1 << 20, 0) == first
        assert os.fstat(file.fileno()).st_size == len(first)
    assert json.loads(path.read_bytes())["name"].startswith("After")


@pytest.mark.parametrize("read_only", [False, True])
def test_a_new_record_appears(mount, colleague, read_only):
    tree = mount(ttl=1, ro=read_only)
    before = tree.ids(TAG)
    number = colleague.create(TAG, name="New here")
    assert retry(lambda: number in tree.ids(TAG))
    assert tree.ids(TAG) == [*before, number]
    assert tree.json(f"{TAG}/{number}.json")["name"] == "New here"


def test_a_record_appears_whose_name_was_looked_for_before(mount, colleague):
    """The kernel remembers that there was nothing."""
    tree = mount(ttl=1)
    last = tree.ids(TAG)[-1]
    for number in range(last + 1, last + 20):
        assert not tree.record(TAG, number).exists()
    number = colleague.create(TAG, name="Not there yet")
    assert retry(lambda: tree.record(TAG, number).exists())


def test_a_record_appears_whose_name_was_looked_for_without_a_listing(mount, colleague):
    tree = mount(ttl=1)
    number = colleague.create(TAG, name="One") + 1
    path = tree.record(TAG, number)
    assert not path.exists()
    assert colleague.create(TAG, name="Next") == number
    assert retry(path.exists)


@pytest.mark.parametrize("read_only", [False, True])
def test_a_deleted_record_goes(mount, colleague, read_only):
    numbers = [colleague.create(TAG, name=f"To be deleted {n}") for n in range(3)]
    tree = mount(ttl=1, ro=read_only)
    before = tree.ids(TAG)
    path = tree.record(TAG, numbers[1])
    assert path.read_bytes()
    colleague.unlink(TAG, numbers[1])
    assert retry(lambda: not path.exists())
    assert tree.ids(TAG) == [number for number in before if number != numbers[1]]
    assert tree.record(TAG, numbers[2]).exists()


def test_one_goes_while_another_comes(mount, colleague):
    """The count is as before; the greatest id isn't."""
    old = colleague.create(TAG, name="Old")
    tree = mount(ttl=1)
    before = tree.ids(TAG)
    settle(tree)
    new = colleague.create(TAG, name="New")
    colleague.unlink(TAG, old)
    assert retry(lambda: tree.ids(TAG) == [n for n in before if n != old] + [new])


def test_the_greatest_id_goes(mount, colleague):
    numbers = [colleague.create(TAG, name=f"Tag {n}") for n in range(2)]
    tree = mount(ttl=1)
    before = tree.ids(TAG)
    colleague.unlink(TAG, numbers[1])
    assert retry(lambda: tree.ids(TAG) == before[:-1])
    again = colleague.create(TAG, name="Another")
    assert retry(lambda: tree.ids(TAG) == [*before[:-1], again])


def test_archiving_hides_where_archived_are_hidden(mount, colleague):
    number = colleague.create(TAG, name="Soon archived")
    all_of_them, active = mount(ttl=1), mount(ttl=1, archived="no")
    assert number in active.ids(TAG) and number in all_of_them.ids(TAG)
    colleague.write(TAG, number, active=False)
    assert retry(lambda: number not in active.ids(TAG))
    assert number in all_of_them.ids(TAG)
    assert retry(lambda: all_of_them.json(f"{TAG}/{number}.json")["active"] is False)
    colleague.write(TAG, number, active=True)
    assert retry(lambda: number in active.ids(TAG))


def test_many_changes_at_once_are_few_calls(mount, colleague, rpc):
    numbers = colleague.create_many(PARTNER, [{"name": f"Many {n}"} for n in range(300)])
    tree = mount(ttl=1)
    read_all(tree)
    settle(tree)
    with tree.counting() as calls:
        rpc.call(PARTNER, "write", numbers, {"city": "Tournai"})
        assert retry(lambda: tree.json(f"{PARTNER}/{numbers[0]}.json")["city"] == "Tournai")
        tree.wait_until_idle()
        for number in numbers:
            assert tree.json(f"{PARTNER}/{number}.json")["city"] == "Tournai"
    assert calls[f"{PARTNER}.read"] <= 30


def test_two_changes_within_a_second(mount, colleague):
    """write_date is in whole seconds: what was written in the second of a check isn't final."""
    number = colleague.create(TAG, name="0")
    tree = mount(ttl=1)
    path = tree.record(TAG, number)
    for n in range(1, 4):
        colleague.write(TAG, number, name=f"First {n}")
        retry(lambda: json.loads(path.read_bytes())["name"] == f"First {n}", 1.5, 0.01)
        colleague.write(TAG, number, name=f"Second {n}")
        assert retry(lambda: json.loads(path.read_bytes())["name"] == f"Second {n}"), n


def test_ttl_of_zero_asks_each_time(mount, colleague):
    number = colleague.create(TAG, name="0")
    tree = mount(ttl=0)
    path = tree.record(TAG, number)
    for n in range(1, 4):
        colleague.write(TAG, number, name=f"{n}")
        assert json.loads(path.read_bytes())["name"] == f"{n}"
        assert path.stat().st_size == len(path.read_bytes())


def test_a_model_without_write_date_is_read_again(mount, fake, rpc):
    model = "mail.followers"
    assert not rpc.call(model, "fields_get", ["write_date"], [])
    tree = mount(ttl=1)
    number = tree.ids(model)[0]
    before = tree.json(f"{model}/{number}.json")["res_id"]
    fake.control(sql=["UPDATE mail_followers SET res_id = ? WHERE id = ?", [before + 1, number]])
    assert retry(lambda: tree.json(f"{model}/{number}.json")["res_id"] == before + 1)
    fake.control(sql=["UPDATE mail_followers SET res_id = ? WHERE id = ?", [before, number]])
    assert retry(lambda: tree.json(f"{model}/{number}.json")["res_id"] == before)


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
    assert retry(lambda: b"Parent after" in path.read_bytes())
    after = path.stat()
    assert after.st_size == len(path.read_bytes())
    assert after.st_mtime > before.st_mtime
    assert after.st_ino == before.st_ino


def test_no_read_is_torn(mount, colleague):
    """While somebody writes long and short in turn: whole texts, and the size that fits them."""
    number = colleague.create(PARTNER, name="x")
    tree = mount(ttl=1)
    path = tree.record(PARTNER, number)
    end = time.monotonic() + 6
    seen, torn = set(), []

    def write():
        n = 0
        while time.monotonic() < end:
            n += 1
            colleague.rpc.call(PARTNER, "write", [number], {"street": f"{n} " * (n % 2 * 3000)})

    def read():
        while time.monotonic() < end:
            try:
                with open(path, "rb", buffering=0) as file:
                    size = os.fstat(file.fileno()).st_size
                    text = file.readall()
                record = json.loads(text)
                if len(text) != size:
                    torn.append((size, len(text)))
                seen.add(record["street"] or "")
            except FileNotFoundError:
                pass
            except (OSError, ValueError) as error:
                torn.append(error)

    threads = [threading.Thread(target=work) for work in (write, read, read, read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not torn
    assert len(seen) >= 3
