# SPDX-License-Identifier: MIT
"""Many2one by id, pair and name; many2many as a list or as Odoo's commands."""

import pytest

from harness.desk import save

pytestmark = pytest.mark.each_door


@pytest.fixture
def country(rpc):
    """The id of a country by its code."""
    return lambda code: rpc.ids("res.country", [["code", "=", code]])[0]


def test_many2one(bench, things, rpc):
    """By id, by the pair, of which the id counts, by name, and none."""
    names = ["EUR", "USD", "GBP", "CHF", "JPY"]
    euro, dollar, pound, franc, yen = (rpc.ids("res.currency", [["name", "=", name]])[0]
                                       for name in names)
    desk = bench("x_everything", things.one())
    for typed, sent in ((euro, euro), ([pound, "GBP"], pound), ([franc, "Nonsense"], franc),
                        ([yen, False], yen), ("EUR", euro), (False, False), ("GBP", pound),
                        (None, False), (dollar, dollar)):
        desk.begin_again()
        assert desk.save(x_currency_id=typed) == "", typed
        now = desk.on_server()["x_currency_id"]
        assert now == (sent and [sent, dict(zip((euro, dollar, pound, franc, yen), names))[sent]])
        desk.check_saved({"x_currency_id": sent}, x_currency_id=now)


def test_other_name_for_the_same_id(bench):
    """The id decides. Who changed the name alone is told that nothing came of it."""
    desk = bench()
    assert desk.save(country_id=[desk.before["country_id"][0], "France"]) == ""
    desk.check_untouched()
    assert desk.last_error()["errno"] == "0"
    assert '"country_id"' in desk.last_error()["message"]


def test_name_that_is_nobodys(bench):
    desk = bench()
    text = desk.edited(country_id="Atlantis")
    assert save(desk.path, text) == "EINVAL"
    desk.check_refused(text, '"country_id" names no record of res.country', '"Atlantis"')


def test_part_of_a_name_is_no_name(bench):
    desk = bench()
    text = desk.edited(country_id="Belg")
    assert save(desk.path, text) == "EINVAL"
    desk.check_refused(text, '"country_id"', '"Belg"')


def test_name_of_two(bench, colleague):
    """Which one: their ids are told."""
    name = "Twice Named & Sons"
    numbers = colleague.create_many("res.partner", [{"name": name}, {"name": name}])
    desk = bench()
    text = desk.edited(parent_id=name)
    assert save(desk.path, text) == "EINVAL"
    desk.check_refused(text, '"parent_id"', "several records of res.partner", name,
                       *map(str, numbers))


def test_name_that_is_a_number(bench, colleague):
    """Text is a name, and never an id."""
    number = colleague.create("res.partner", name="20")
    desk = bench()
    assert desk.save(parent_id="20") == ""
    assert desk.tap.changes() == [
        ("res.partner", "write", [desk.number], {"parent_id": number})]
    assert desk.on_server()["parent_id"][0] == number


def test_name_of_an_archived_record(bench, colleague):
    number = colleague.create("res.partner", name="Gone to the Archives", active=False)
    desk = bench()
    assert desk.save(parent_id="Gone to the Archives") == ""
    assert desk.on_server()["parent_id"][0] == number


def test_what_name_search_finds_besides_names(bench, colleague):
    """A reference, say, as in the field of Odoo's own forms; if it is one record's alone."""
    numbers = colleague.create_many("res.partner", [
        {"name": "Somebody", "ref": "LOOKALIKE-1"}, {"name": "Another", "ref": "LOOKALIKE-2"},
        {"name": "A third", "ref": "LOOKALIKE-2"}])
    desk = bench()
    assert desk.save(parent_id="LOOKALIKE-1") == ""
    assert desk.on_server()["parent_id"][0] == numbers[0]
    desk.begin_again()
    text = desk.edited(parent_id="LOOKALIKE-2")
    assert save(desk.path, text) == "EINVAL"
    desk.check_refused(text, '"parent_id"', *map(str, numbers[1:]))


def test_id_that_nobody_has(bench, things):
    """Odoo refuses that by itself, and the record is still there."""
    desk = bench("x_everything", things.one())
    text = desk.edited(x_partner_id=2000000000)
    assert save(desk.path, text) == "EINVAL"
    assert desk.rejected() == text
    assert desk.last_error()["errno"] == "EINVAL"
    assert desk.changed() == {}
    assert desk.path.read_bytes() == desk.text


@pytest.mark.parametrize("field", ["country_id", "parent_id"])
def test_id_that_nobody_has_of_a_partner(bench, field):
    """Some fields make Odoo say that a record is missing: not the one that is saved."""
    desk = bench()
    assert desk.save(**{field: 2000000000}) == "EINVAL"
    assert desk.changed() == {}
    assert desk.path.read_bytes() == desk.text
    assert desk.number in desk.tree.ids("res.partner")
    assert desk.rejected()
    desk.begin_again()
    assert desk.save(city="Namur") == ""
    desk.check_saved({"city": "Namur"})


def test_reference_to_what_nobody_has(bench, things):
    """Odoo would make it empty, and say nothing."""
    desk = bench("x_everything", things.one())
    text = desk.edited(x_reference="res.partner,2000000000")
    assert save(desk.path, text) == "EINVAL"
    desk.check_refused(text, '"x_reference"', "res.partner,2000000000")


# Many2many

@pytest.fixture
def tags(rpc, colleague):
    """The ids of four more tags."""
    return colleague.create_many("res.partner.category",
                                 [{"name": f"Tag {n} of the tests"} for n in range(4)])


def sent_links(desk) -> set:
    """What the commands that were sent come to."""
    [(model, method, ids, values)] = desk.tap.changes()
    assert (model, method, ids) == ("res.partner", "write", [desk.number])
    assert set(values) == {"category_id"}
    links = set(desk.before["category_id"])
    for command in values["category_id"]:
        code, *rest = command
        assert code in (3, 4, 5, 6)
        links = (links - {rest[0]} if code == 3 else links | {rest[0]} if code == 4
                 else set(rest[1]) if code == 6 else set())
    return links


def test_many2many_as_a_list(bench, tags):
    """The list as it shall be: longer, shorter, another, none, [] included."""
    desk = bench()
    there = desk.before["category_id"]
    assert len(there) == 2
    for wanted in (there + tags[:1], tags[:2], tags[:3], tags[2:], [], [tags[0], there[0]]):
        desk.begin_again()
        assert desk.save(category_id=wanted) == ""
        assert sent_links(desk) == set(wanted)
        assert set(desk.on_server()["category_id"]) == set(wanted)
        assert set(desk.changed()) == {"category_id"}
        desk.check_shown()


def test_many2many_ids_twice(bench, tags):
    desk = bench()
    assert desk.save(category_id=tags[:2] * 2) == ""
    assert sent_links(desk) == set(tags[:2])
    assert set(desk.on_server()["category_id"]) == set(tags[:2])


def test_many2many_by_commands(bench, tags, colleague):
    desk = bench()
    there = desk.before["category_id"]
    for commands, wanted in (
            ([[4, tags[0], 0]], {*there, tags[0]}),
            ([[3, there[0], 0], [4, tags[1], 0]], {there[1], tags[0], tags[1]}),
            ([[6, 0, tags[2:]]], set(tags[2:])),
            ([[5, 0, 0], [4, tags[0], 0]], {tags[0]}),
            ([[5]], set())):
        desk.begin_again()
        assert desk.save(category_id=commands) == "", commands
        assert set(desk.on_server()["category_id"]) == wanted, commands
        assert set(desk.changed()) == {"category_id"}
        desk.check_shown()
    desk.begin_again()
    assert desk.save(category_id=[[0, 0, {"name": "Made on the way"}]]) == ""
    [made] = desk.on_server()["category_id"]
    colleague.created.append(("res.partner.category", made))
    assert colleague.rpc.read("res.partner.category", [made], ["name"])[0]["name"] == \
        "Made on the way"
    desk.begin_again()
    assert desk.save(category_id=[[1, made, {"name": "Changed on the way"}]]) == ""
    assert desk.on_server()["category_id"] == [made]
    assert colleague.rpc.read("res.partner.category", [made], ["name"])[0]["name"] == \
        "Changed on the way"


def test_many2many_of_what_nobody_has(bench):
    desk = bench()
    assert desk.save(category_id=[2000000000]) == "EINVAL"
    assert desk.changed() == {}
    assert desk.path.read_bytes() == desk.text


def test_many2one_of_a_mount_that_shows_ids(desk, country):
    """many2one=id: a number is typed where a number was."""
    desk = desk(many2one="id")
    assert b'"country_id": %d' % country("BE") in desk.text
    assert desk.save(country_id=country("FR")) == ""
    assert desk.tap.changes() == [
        ("res.partner", "write", [desk.number], {"country_id": country("FR")})]
    assert desk.shown()["country_id"] == country("FR")
