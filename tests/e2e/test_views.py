# SPDX-License-Identifier: MIT
"""Views: a path below a model is a question, and lists what the server finds for it."""

from __future__ import annotations

import datetime
import json
import os

import pytest

from harness.everything import NAME as THING
from harness.mount import retry
from harness.views import ids, names

AZURE = "Azure Interior"

# Path, domain, and the rest of what a search takes: the same for the fake and real servers.
CHAINS = [
    (".filter/is_company/true", [["is_company", "=", True]], {}),
    (".filter/is_company/.ne/true", [["is_company", "!=", True]], {}),
    (".filter/active/false", [["active", "=", False]], {}),
    (".filter/id/.in/1,2,3", [["id", "in", [1, 2, 3]]], {}),
    (".filter/id/.gt/10/.filter/id/.le/14", [["id", ">", 10], ["id", "<=", 14]], {}),
    (".filter/name/.ilike/azure", [["name", "ilike", "azure"]], {}),
    (".filter/name/.not-ilike/e", [["name", "not ilike", "e"]], {}),
    (".filter/name/.eq-ilike/AZURE%25", [["name", "=ilike", "AZURE%"]], {}),
    (f".filter/name/{AZURE}", [["name", "=", AZURE]], {}),
    (f".filter/parent_id/{AZURE}", [["parent_id", "=", AZURE]], {}),
    (".filter/parent_id/false", [["parent_id", "=", False]], {}),
    (".filter/parent_id/.ne/false", [["parent_id", "!=", False]], {}),
    (".filter/country_id.code/BE", [["country_id.code", "=", "BE"]], {}),
    (".filter/parent_id.country_id.code/.in/US,BE",
     [["parent_id.country_id.code", "in", ["US", "BE"]]], {}),
    (".filter/type/.in/contact,delivery", [["type", "in", ["contact", "delivery"]]], {}),
    (".filter/type/.not-in/contact", [["type", "not in", ["contact"]]], {}),
    (".filter/create_date/.ge/2000-01-01", [["create_date", ">=", "2000-01-01 00:00:00"]], {}),
    (".filter/create_date/.lt/1999", [["create_date", "<", "1999-01-01 00:00:00"]], {}),
    (".by/is_company/true", [["is_company", "=", True]], {}),
    (".domain/[('is_company','=',True)]", [["is_company", "=", True]], {}),
    (".domain/[[\"is_company\",\"=\",true]]", [["is_company", "=", True]], {}),
    (".domain/['|',('id','=',1),'!',('id','>',4)]", ["|", ["id", "=", 1], "!", ["id", ">", 4]], {}),
    (".domain/[('create_date','!=',None),('id','in',(1,3))]", [["id", "in", [1, 3]]], {}),
    (".domain/['|',('id','=',1),('id','=',2)]/.filter/id/2", [["id", "=", 2]], {}),
    (".order/name,id", [], {"order": "name, id"}),
    (".order/name.desc,id.asc", [], {"order": "name desc, id asc"}),
    (".order/id.desc/.first/5", [], {"order": "id desc", "limit": 5}),
    (".offset/3/.first/4", [], {"order": "id", "offset": 3, "limit": 4}),
    (".first/7/.offset/5", [], {"order": "id", "offset": 5, "limit": 2}),
    (".filter/is_company/true/.order/name,id/.offset/2/.first/3/.columns/name",
     [["is_company", "=", True]], {"order": "name, id", "offset": 2, "limit": 3}),
]


@pytest.mark.parametrize("path, domain, page", CHAINS, ids=[chain[0] for chain in CHAINS])
def test_a_chain_lists_what_the_server_finds(tree, rpc, path, domain, page):
    expected = rpc.call("res.partner", "search", domain, **{"order": "id", **page})
    assert ids(tree / "res.partner" / path) == expected


def test_most_of_them_find_some_and_not_all(rpc):
    """Else the test above would be passed by a tree that lists nothing, or everything."""
    everything = rpc.call("res.partner", "search_count", [])
    counts = [rpc.call("res.partner", "search_count", domain) for _, domain, _ in CHAINS if domain]
    assert sum(0 < count < everything for count in counts) > len(counts) * 2 / 3


def test_the_last_and_a_sample(tree, rpc):
    everything = rpc.ids("res.partner")
    assert ids(tree / "res.partner/.last/4") == everything[-4:]
    assert ids(tree / "res.partner/.first/10/.last/4") == everything[6:10]
    assert ids(tree / "res.partner/.last/4/.first/1") == everything[-4:-3]
    sample = ids(tree / "res.partner/.sample/9")
    assert len(sample) == 9 == len(set(sample)) and set(sample) <= set(everything)
    assert ids(tree / "res.partner/.sample/9") == sample  # as long as they are there
    ordered = rpc.call("res.partner", "search", [], order="name desc, id desc")
    assert ids(tree / "res.partner/.order/name.desc,id.desc/.last/3") == ordered[-3:]


def test_a_name_is_searched_as_odoo_does(tree, rpc):
    found = rpc.call("res.partner", "name_search", "azure", limit=10000)
    assert found and sorted(ids(tree / "res.partner/.name/azure")) == sorted(x[0] for x in found)
    companies = rpc.ids("res.partner", [["id", "in", [x[0] for x in found]],
                                        ["is_company", "=", True]])
    assert ids(tree / "res.partner/.name/azure/.filter/is_company/true") == companies


@pytest.mark.parametrize("value, domain", [
    ("2026-11-20", ["&", ["x_date", ">=", "2026-11-20"], ["x_date", "<", "2026-11-21"]]),
    ("2026-11", ["&", ["x_date", ">=", "2026-11-01"], ["x_date", "<", "2026-12-01"]]),
    (".gt/2026-11", [["x_date", ">=", "2026-12-01"]]),
    ("false", [["x_date", "=", False]]),
])
def test_dates_are_spans(tree, rpc, things, colleague, value, domain):
    colleague.create(THING, x_name="dated", x_date="2026-11-20")
    colleague.create(THING, x_name="later", x_date="2027-01-20")
    tree.refresh(THING)
    expected = rpc.ids(THING, domain)
    if value != "false":
        assert expected
    assert ids(tree / THING / ".filter/x_date" / value) == expected


def test_days_count_from_today(tree, rpc, colleague):
    made = colleague.create("res.partner", name="Azure Today")
    tree.refresh("res.partner")
    for value, days in (("today", 0), ("-7d", 7), ("-1m", 31)):
        first = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days)
        shown = ids(tree / "res.partner/.filter/write_date/.ge" / value)
        assert made in shown
        if value != "-1m":
            assert shown == rpc.ids("res.partner", [["write_date", ">=", f"{first:%Y-%m-%d}"]])
    assert made not in ids(tree / "res.partner/.filter/write_date/.gt/today")
    assert made not in ids(tree / "res.partner/.filter/write_date/.lt/today")


# What explains itself

def test_directories_list_what_may_follow(tree, rpc):
    partner = tree / "res.partner"
    assert names(partner / ".info") == ["access.json", "count", "fields.json", "model.json",
                                        "schema.json", "template.json"]
    assert names(partner / ".export") == ["csv", "json", "jsonl"]
    assert {".gt", ".ge", ".lt", ".le", ".ne", ".in"} <= set(names(partner / ".filter/color"))
    assert ".child-of" not in names(partner / ".filter/color")
    assert {".ilike", ".child-of"} <= set(names(partner / ".filter/parent_id"))
    fields = rpc.call("res.partner", "fields_get", [], ["searchable", "store", "type"])
    assert {"name", "country_id", "id"} <= set(names(partner / ".filter"))
    assert set(names(partner / ".filter")) <= set(fields)
    assert {"name", "id"} <= set(names(partner / ".order"))
    assert "country_id" in names(partner / ".by") and "name" not in names(partner / ".by")
    for silent in (".domain", ".name", ".first", ".last", ".offset", ".sample", ".call"):
        assert os.listdir(partner / silent) == []


def test_values_have_their_labels(tree, rpc):
    states = dict(rpc.call("sale.order", "fields_get", ["state"], ["selection"])
                  ["state"]["selection"])
    there = {row["state"] for row in rpc.call("sale.order", "search_read", [], ["state"])}
    listed = names(tree / "sale.order/.by/state")
    assert listed == sorted(f"{key} ({states[key]})" for key in there)
    for name in listed:  # and each of them leads to its records, by its key as well
        key = name.partition(" ")[0]
        expected = rpc.ids("sale.order", [["state", "=", key]])
        assert ids(tree / "sale.order/.by/state" / name) == expected
        assert ids(tree / "sale.order/.filter/state" / key) == expected


def test_values_of_relations_have_their_names(tree, rpc):
    listed = names(tree / "sale.order/.by/partner_id")
    there = {tuple(row["partner_id"])
             for row in rpc.call("sale.order", "search_read", [], ["partner_id"])}
    assert len(listed) == len(there)
    for number, name in sorted(there)[:3]:
        [entry] = [x for x in listed if x.endswith(f" ({number})")]
        assert ids(tree / "sale.order/.by/partner_id" / entry) == rpc.ids(
            "sale.order", [["partner_id", "=", number]])
        assert ids(tree / "sale.order/.filter/partner_id" / str(number)) == rpc.ids(
            "sale.order", [["partner_id", "=", number]])


def test_values_are_those_of_the_view(tree, rpc):
    """Below a filter there are only the values that its records have."""
    rows = rpc.call("sale.order", "search_read", [["state", "=", "sale"]], ["partner_id"])
    assert len(os.listdir(tree / "sale.order/.filter/state/sale/.by/partner_id")) == len(
        {row["partner_id"][0] for row in rows})


def test_dates_are_listed_by_month(tree, rpc):
    rows = rpc.call("sale.order", "search_read", [], ["date_order"])
    months = names(tree / "sale.order/.by/date_order")
    assert months == sorted({row["date_order"][:7] for row in rows})
    assert sum(len(ids(tree / "sale.order/.by/date_order" / month)) for month in months) == len(rows)


def test_nothing_of_it_is_listed_in_the_model(tree):
    partner = tree / "res.partner"
    for directory in (partner, partner / ".first/5", partner / ".filter/is_company/true"):
        assert all(name[0].isdigit() for name in os.listdir(directory))


# Records in views

def test_a_record_is_the_same_file_in_every_view(tree, rpc):
    number = rpc.ids("res.partner", [["is_company", "=", True]], limit=1)[0]
    own = tree.record("res.partner", number)
    for view in (f".filter/id/{number}", ".filter/is_company/true", ".by/is_company/true",
                 f".domain/[('id','=',{number})]", f".order/name/.filter/id/{number}"):
        path = tree / "res.partner" / view / own.name
        assert os.path.samefile(path, own)
        assert path.read_bytes() == own.read_bytes()
        assert path.stat().st_size == len(own.read_bytes())
        [entry] = [x for x in os.scandir(path.parent) if x.name == own.name]
        assert entry.inode() == own.stat().st_ino
    other = rpc.ids("res.partner", [["is_company", "=", False]], limit=1)[0]
    assert not (tree / "res.partner/.filter/is_company/true" / f"{other}.json").exists()


def test_an_edit_in_a_view_is_an_edit_of_the_record(mount, rpc, partners):
    tree, number = mount(), partners.one()
    path = tree / "res.partner/.filter/city/Ghent" / f"{number}.json"
    text = path.read_text()
    path.write_text(text.replace('"city": "Ghent"', '"city": "Liège"'))
    assert rpc.read("res.partner", [number], ["city"])[0]["city"] == "Liège"
    assert json.loads(tree.record("res.partner", number).read_text())["city"] == "Liège"
    # It doesn't match any more: the next listing is without it, and it isn't found there.
    assert number not in ids(path.parent)
    assert not path.exists()
    assert number in ids(tree / "res.partner/.filter/city/Liège")


def test_what_others_change_leaves_and_enters(mount, rpc, colleague, partners):
    tree, number = mount(ttl=1), partners.one()
    here, there = (tree / "res.partner/.filter/city" / name for name in ("Ghent", "Arlon"))
    assert number in ids(here) and number not in ids(there)
    colleague.write("res.partner", number, city="Arlon")
    assert retry(lambda: number in ids(there))
    assert retry(lambda: number not in ids(here))


def test_a_record_is_removed_and_made_in_a_view(mount, rpc, colleague):
    tree = mount()
    number = colleague.create("res.partner", name="Azure Short", ref="SHORT")
    view = tree / "res.partner/.filter/ref/SHORT"
    assert ids(view) == [number]
    (view / f"{number}.json").unlink()
    assert rpc.ids("res.partner", [["id", "=", number]]) == []
    assert ids(view) == []
    (view / "new.json").write_text('{"name": "Azure New", "ref": "SHORT"}')
    made = rpc.ids("res.partner", [["ref", "=", "SHORT"]])
    colleague.created += [("res.partner", x) for x in made]
    assert ids(view) == made and len(made) == 1


def test_columns_leave_only_these_fields(tree, rpc):
    number = rpc.ids("res.partner", [["is_company", "=", True]], limit=1)[0]
    view = tree / "res.partner/.filter/is_company/true/.columns/name,country_id"
    path = view / f"{number}.json"
    assert list(json.loads(path.read_text())) == ["id", "country_id", "name"]
    whole = tree.record("res.partner", number).read_text().splitlines()
    assert all(line.rstrip(",") in {x.rstrip(",") for x in whole}
               for line in path.read_text().splitlines())
    assert path.stat().st_size == len(path.read_bytes())
    assert path.stat().st_ino != tree.record("res.partner", number).stat().st_ino
    assert ids(view) == rpc.ids("res.partner", [["is_company", "=", True]])
    assert path.stat().st_mode & 0o777 == 0o400  # a part of a record can't be saved


def test_links_for_people(tree, rpc):
    view = tree / "res.partner/.filter/is_company/true/.names"
    companies = rpc.ids("res.partner", [["is_company", "=", True]])
    listed = os.listdir(view)
    assert len([x for x in listed if x.endswith(".json")]) == len(companies)
    for number in companies[:5]:
        [entry] = [x for x in listed if x.endswith(f" ({number}).json")]
        shown = rpc.read("res.partner", [number], ["display_name"])[0]["display_name"]
        assert entry == f"{shown} ({number}).json".replace("/", "%2F")
        assert os.readlink(view / entry) == f"../{number}.json"
        assert json.loads((view / entry).read_text())["id"] == number
        assert os.path.samefile(view / entry, tree.record("res.partner", number))
    assert not (view / f"Somebody else ({companies[0]}).json").exists()
