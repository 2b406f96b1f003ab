# SPDX-License-Identifier: MIT
"""What views cost: how many calls, and none where nothing is asked."""

from __future__ import annotations

import functools
import os

import pytest

from harness.views import ids

EIGHT = ".filter/is_company/true/.order/name.desc/.offset/1"  # eight segments with the model's
READING = ("search", "search_read", "web_search_read", "read", "name_search", "search_count")


@pytest.fixture
def mount(mount, server):
    """Of records alone: what binary fields cost is counted in test_binary.py."""
    return functools.partial(mount, binary="none")


def reads(calls) -> dict[str, int]:
    """Those that ask for records; a schema is asked for once in a mount's life."""
    return {name: n for name, n in calls.items() if name.rpartition(".")[2] in READING
            and name.startswith("res.partner.")}


@pytest.fixture
def fresh(mount):
    """A mount that knows which models there are, and nothing of them."""
    tree = mount()
    os.listdir(tree.path)
    return tree


def test_a_chain_costs_nothing_before_it_is_listed(fresh):
    with fresh.counting() as calls:
        (fresh / "res.partner" / EIGHT).stat()
        assert (fresh / "res.partner/.filter/is_company/true/.export").is_dir()
    assert calls == {}


def test_a_chain_is_one_question(fresh, rpc):
    with fresh.counting() as calls:
        listed = ids(fresh / "res.partner" / EIGHT / ".first/5")
    assert len(listed) == 5
    assert reads(calls) == {"res.partner.search": 1}
    with fresh.counting() as calls:  # and known from then on
        assert ids(fresh / "res.partner" / EIGHT / ".first/5") == listed
    assert calls == {}


@pytest.mark.parametrize("view", [".filter/id/.gt/0", ".order/name.desc,id"])
def test_a_listing_is_a_call_a_thousand(fresh, rpc, colleague, view):
    there = len(rpc.ids("res.partner"))
    if there < 1500:
        colleague.create_many("res.partner", [{"name": f"Azure {n}"} for n in range(1500 - there)])
        there = 1500
    with fresh.counting() as calls:
        assert len(ids(fresh / "res.partner" / view)) == there
    assert 1 <= reads(calls)["res.partner.search"] <= 1 + there // 1000 + 1
    assert set(reads(calls)) == {"res.partner.search"}


def test_a_count_is_one_call(fresh, rpc):
    with fresh.counting() as calls:
        text = fresh.read("res.partner/.filter/is_company/true/.info/count")
    assert int(text) == len(rpc.ids("res.partner", [["is_company", "=", True]]))
    assert reads(calls) == {"res.partner.search_count": 1}


def test_records_of_a_view_are_read_together(fresh, rpc):
    number = len(rpc.ids("res.partner", [["is_company", "=", True]]))
    view = fresh / "res.partner/.filter/is_company/true"
    with fresh.counting() as calls:
        for name in os.listdir(view):
            assert (view / name).read_bytes()
    assert reads(calls)["res.partner.search"] <= 1 + number // 1000
    batches = sum(n for name, n in reads(calls).items() if not name.endswith(".search"))
    assert batches <= 4 + number.bit_length() + number // 1000
    with fresh.counting() as calls:  # and the same records elsewhere aren't read again
        for name in os.listdir(view):
            assert (fresh / "res.partner" / name).read_bytes()
    assert calls == {}


def test_values_are_one_call(fresh):
    with fresh.counting() as calls:
        assert os.listdir(fresh / "res.partner/.by/country_id")
    groups = {name: n for name, n in calls.items() if name.endswith("read_group")}
    assert sum(groups.values()) == 1 and reads(calls) == {}


def test_an_export_is_a_search_and_a_read_a_thousand(fresh, rpc):
    there = len(rpc.ids("res.partner", [["is_company", "=", True]]))
    with fresh.counting() as calls:
        fresh.read("res.partner/.filter/is_company/true/.columns/name,city/.export/csv")
    assert reads(calls) == {"res.partner.search": 1 + there // 1000,
                            "res.partner.read": 1 + there // 1000}


def test_names_are_asked_for_by_the_thousand(fresh, rpc):
    there = len(rpc.ids("res.partner", [["is_company", "=", True]]))
    view = fresh / "res.partner/.filter/is_company/true/.names"
    with fresh.counting() as calls:
        listed = os.listdir(view)
        for name in listed[:20]:
            os.readlink(view / name)
    assert len(listed) == there
    assert sum(reads(calls).values()) <= 2 * (1 + there // 1000)


def test_what_programs_look_for_costs_nothing(fresh):
    """git, shells and file managers look for these in every directory."""
    os.listdir(fresh / "res.partner/.first/3")
    with fresh.counting() as calls:
        for name in (".git", ".hg", ".directory", ".hidden", ".Trash", "HEAD", "index.html"):
            for view in ("", ".first/3", ".filter/is_company/true"):
                assert not (fresh / "res.partner" / view / name).exists()
    assert calls == {}
    assert fresh.errors() == []
