# SPDX-License-Identifier: MIT
"""One2many: lines that are added, changed, created and taken out by a list of them."""

import pytest

from harness.desk import save


@pytest.fixture
def thing(bench, things):
    """A record with two lines that live and die with it, and a child that doesn't."""
    desk = bench("x_everything", things.one())
    assert len(desk.before["x_line_ids"]) == 2 and len(desk.before["x_child_ids"]) == 1
    return desk


def sent(desk, model, field):
    """The commands of the one write there was."""
    [(of, method, ids, values)] = desk.tap.changes()
    assert (of, method, ids, set(values)) == (model, "write", [desk.number], {field})
    return values[field]


def lines_of(desk) -> list[dict]:
    numbers = desk.on_server()["x_line_ids"]
    found = desk.rpc.read("x_everything_line", numbers, ["x_name", "x_quantity"])
    return sorted(found, key=lambda line: line["id"])


def test_a_line_changes(thing):
    first, second = sorted(thing.before["x_line_ids"])
    assert thing.save(x_line_ids=[{"id": first, "x_quantity": 7}, second]) == ""
    assert sent(thing, "x_everything", "x_line_ids") == [[1, first, {"x_quantity": 7}]]
    assert [(x["x_name"], x["x_quantity"]) for x in lines_of(thing)] == [
        ("first", 7), ("second", 2)]
    assert thing.changed() == {}
    assert thing.others() == []


def test_a_line_that_is_new(thing):
    there = thing.before["x_line_ids"]
    new = {"x_name": "third", "x_quantity": 3.5}
    assert thing.save(x_line_ids=[*there, new]) == ""
    assert sent(thing, "x_everything", "x_line_ids") == [[0, 0, new]]
    lines = lines_of(thing)
    assert [x["x_name"] for x in lines] == ["first", "second", "third"]
    assert sorted(thing.shown()["x_line_ids"]) == [x["id"] for x in lines]


def test_all_at_once(thing):
    first, second = sorted(thing.before["x_line_ids"])
    assert thing.save(x_line_ids=[{"x_name": "third"}, {"id": second, "x_name": "2nd"}]) == ""
    assert sorted(sent(thing, "x_everything", "x_line_ids")) == sorted([
        [3, first, 0], [0, 0, {"x_name": "third"}], [1, second, {"x_name": "2nd"}]])
    assert [x["x_name"] for x in lines_of(thing)] == ["2nd", "third"]
    assert thing.rpc.ids("x_everything_line", [["id", "=", first]]) == []


def test_a_line_of_another_record(bench, things, thing):
    """A number that is added is linked: the line leaves the other."""
    other = bench("x_everything", things.one())
    line = other.before["x_line_ids"][0]
    assert thing.save(x_line_ids=[*thing.before["x_line_ids"], line]) == ""
    assert sent(thing, "x_everything", "x_line_ids") == [[4, line, 0]]
    assert line in thing.shown()["x_line_ids"]
    assert line not in other.on_server()["x_line_ids"]


def test_an_object_of_a_line_as_it_is(thing):
    """Whether its values differ isn't known: they are sent, and stay as they are."""
    first, second = sorted(thing.before["x_line_ids"])
    assert thing.save(x_line_ids=[first, {"id": second}]) == ""
    thing.check_untouched()


def test_lines_taken_out_die(thing):
    """As Odoo does with those whose inverse cascades; the log says what went."""
    first, second = sorted(thing.before["x_line_ids"])
    assert thing.save(x_line_ids=[second]) == ""
    assert sent(thing, "x_everything", "x_line_ids") == [[3, first, 0]]
    assert thing.shown()["x_line_ids"] == [second]
    assert thing.rpc.ids("x_everything_line", [["id", "=", first]]) == []
    assert f"x_everything/{thing.number}.json: x_line_ids" in thing.tree.log()


def test_the_empty_list_takes_out_all(thing):
    """Which to Odoo itself means nothing at all."""
    assert thing.save(x_line_ids=[]) == ""
    assert thing.on_server()["x_line_ids"] == thing.shown()["x_line_ids"] == []


def test_children_taken_out_live_on(thing):
    [child] = thing.before["x_child_ids"]
    assert thing.save(x_child_ids=[]) == ""
    assert thing.shown()["x_child_ids"] == []
    assert thing.rpc.read("x_everything", [child], ["x_parent_id"])[0]["x_parent_id"] is False


def test_a_child_that_is_moved_here_and_back(thing, things, bench):
    child = things.one()
    assert thing.save(x_child_ids=[*thing.before["x_child_ids"], child]) == ""
    assert child in thing.shown()["x_child_ids"]
    thing.tree.refresh("x_everything")
    desk = bench("x_everything", child)
    assert desk.before["x_parent_id"][0] == thing.number
    assert desk.save(x_parent_id=False) == ""
    desk.check_saved({"x_parent_id": False})


def test_by_commands(thing):
    first, second = sorted(thing.before["x_line_ids"])
    commands = [[1, first, {"x_quantity": 9}], [2, second, 0], [0, 0, {"x_name": "third"}]]
    assert thing.save(x_line_ids=commands) == ""
    assert sent(thing, "x_everything", "x_line_ids") == commands
    assert [(x["x_name"], x["x_quantity"]) for x in lines_of(thing)][0] == ("first", 9)
    assert thing.rpc.ids("x_everything_line", [["id", "=", second]]) == []


@pytest.mark.parametrize("list_of", [
    lambda first, second: [second], lambda first, second: [],
    lambda first, second: [[2, first, 0]], lambda first, second: [[3, first, 0]],
    lambda first, second: [[5, 0, 0]], lambda first, second: [[6, 0, [second]]],
    lambda first, second: [{"id": second, "x_quantity": 5}]],
    ids=["shorter", "empty", "2", "3", "5", "6", "object"])
def test_delete_deny_keeps_lines(deny, things, list_of):
    """And nothing else of the save is done, either."""
    desk = deny("x_everything", things.one())
    first, second = sorted(desk.before["x_line_ids"])
    text = desk.edited(x_line_ids=list_of(first, second), x_integer=77)
    assert save(desk.path, text) == "EPERM"
    desk.check_refused(text, "delete=deny", "x_line_ids")


def test_delete_archive_keeps_lines(desk, things):
    """Odoo doesn't archive what leaves a record, it deletes it."""
    desk = desk("x_everything", things.one(), delete="archive")
    text = desk.edited(x_line_ids=[])
    assert save(desk.path, text) == "EPERM"
    desk.check_refused(text, "delete=archive", "x_line_ids")


def test_delete_deny_lets_lines_be_added_and_changed(deny, things):
    desk = deny("x_everything", things.one())
    first, second = sorted(desk.before["x_line_ids"])
    assert desk.save(x_line_ids=[second, {"id": first, "x_quantity": 3}, {"x_name": "n"}]) == ""
    assert [x["x_quantity"] for x in lines_of(desk)][:2] == [3, 2]
    assert len(lines_of(desk)) == 3


@pytest.fixture(scope="module")
def deny(desks):
    """Desks on a mount that removes nothing."""
    return desks(delete="deny")


def test_a_line_that_a_colleague_took_meanwhile(thing, rpc):
    """The list was another by then: nobody can tell what was meant."""
    first, second = sorted(thing.before["x_line_ids"])
    text = thing.edited(x_line_ids=[second])
    rpc.call("x_everything_line", "unlink", [second])
    assert save(thing.path, text) == "ESTALE"
    assert thing.rejected() == text
    assert thing.tap.changes() == []
    assert thing.on_server()["x_line_ids"] == thing.shown()["x_line_ids"] == [first]


# Orders: the lines that cost something when they go wrong

@pytest.fixture
def order(bench, rpc):
    """A quotation of three lines."""
    products = rpc.ids("product.product", limit=3)
    customer = rpc.ids("res.partner", limit=1)[0]
    number = rpc.call("sale.order", "create", {
        "partner_id": customer, "order_line": [
            [0, 0, {"product_id": product, "product_uom_qty": 2, "price_unit": 10.0}]
            for product in products]})
    return bench("sale.order", number)


def of_order(desk) -> list[dict]:
    numbers = sorted(desk.on_server()["order_line"])
    return desk.rpc.read("sale.order.line", numbers,
                         ["product_id", "product_uom_qty", "price_unit", "price_subtotal"])


def check_totals(desk) -> None:
    """The file has the sum of the lines, other than before."""
    total = sum(line["price_subtotal"] for line in of_order(desk))
    assert total != pytest.approx(desk.before["amount_untaxed"])
    assert desk.shown()["amount_untaxed"] == pytest.approx(total)
    assert desk.shown()["amount_total"] == desk.on_server()["amount_total"]


def test_order_lines(order, rpc):
    """One changed, one by its product's name, one taken out; the totals follow."""
    first, second, third = sorted(order.before["order_line"])
    product = rpc.ids("product.product", limit=4)[3]
    assert order.save(order_line=[first, {"id": second, "product_uom_qty": 5},
                                  {"product_id": product, "price_unit": 1.5}]) == ""
    assert sorted(sent(order, "sale.order", "order_line")) == sorted([
        [3, third, 0], [1, second, {"product_uom_qty": 5}],
        [0, 0, {"product_id": product, "price_unit": 1.5}]])
    lines = of_order(order)
    assert [line["product_uom_qty"] for line in lines] == [2, 5, 1]
    assert lines[2]["product_id"][0] == product
    check_totals(order)
    assert sorted(order.shown()["order_line"]) == [line["id"] for line in lines]


def test_a_product_by_name(order, rpc, colleague):
    product = colleague.create("product.product", name="Solar Sundial 3000")
    first, second, third = sorted(order.before["order_line"])
    assert order.save(order_line=[first, second, third,
                                  {"product_id": "Solar Sundial 3000"}]) == ""
    assert sent(order, "sale.order", "order_line") == [[0, 0, {"product_id": product}]]
    assert of_order(order)[3]["product_id"][0] == product
    colleague.rpc.call("sale.order", "unlink", [order.number])


@pytest.mark.parametrize("line, words", [
    ({"product_uom_qty": "two"}, ['"order_line[3].product_uom_qty"', "a number"]),
    ({"product_id": "No Such Thing"}, ['"order_line[3].product_id"', "names no record"]),
    ({"product_uom_qyt": 2}, ['"order_line[3].product_uom_qyt"', '"product_uom_qty" meant']),
    ({"id": 1, "product_uom_qty": 2}, ['"order_line[3].id"', "no line of this record"])])
def test_a_wrong_line_holds_back_all(order, line, words):
    text = order.edited(order_line=[*order.before["order_line"], line], client_order_ref="new")
    assert save(order.path, text) == "EINVAL"
    order.check_refused(text, *words)


def test_a_line_that_is_edited_as_its_own_file(order, bench):
    """The other way to the same: the order's file then has the new total."""
    line = sorted(order.before["order_line"])[0]
    desk = bench("sale.order.line", line)
    assert desk.save(product_uom_qty=4) == ""
    assert of_order(order)[0]["product_uom_qty"] == 4
    order.tree.refresh("sale.order")
    check_totals(order)


def test_a_confirmed_order(order, rpc):
    """Business logic says no to what is taken out, in its own words."""
    rpc.call("sale.order", "action_confirm", [order.number])
    order.tree.refresh("sale.order")
    order.begin_again()
    lines = sorted(order.before["order_line"])
    text = order.edited(order_line=lines[1:])
    assert save(order.path, text) == "EINVAL"
    assert order.rejected() == text
    error = order.last_error()
    assert error["exception"] == "odoo.exceptions.UserError"
    assert "once" in error["message"].lower() and "confirmed" in error["message"]
    assert order.reason() == error["message"] + "\n"
    assert order.changed() == {}
    assert order.path.read_bytes() == order.text


def test_a_locked_order(order, bench, rpc, server):
    """Odoo's own sentence is the reason that is kept."""
    rpc.call("sale.order", "action_confirm", [order.number])
    rpc.call("sale.order", "action_done" if server.version == 14 else "action_lock",
             [order.number])
    desk = bench("sale.order.line", min(order.before["order_line"]))
    text = desk.edited(product_uom_qty=9)
    assert save(desk.path, text) == "EINVAL"
    assert desk.rejected() == text
    assert desk.reason() == desk.last_error()["message"] + "\n"
    assert desk.last_error()["message"].startswith(
        "It is forbidden to modify the following fields in a locked order: Quantity")
    assert desk.changed() == {}
    assert desk.path.read_bytes() == desk.text


def test_lines_of_a_locked_order(order, rpc, server):
    """14 says that the list is read-only by then, later ones refuse the line."""
    rpc.call("sale.order", "action_confirm", [order.number])
    rpc.call("sale.order", "action_done" if server.version == 14 else "action_lock",
             [order.number])
    order.tree.refresh("sale.order")
    order.begin_again()
    first, *others = sorted(order.before["order_line"])
    text = order.edited(order_line=[{"id": first, "product_uom_qty": 9}, *others])
    assert save(order.path, text) == "EINVAL"
    assert order.rejected() == text
    assert ('"order_line" is read-only in the state "done"' if server.version == 14 else
            "It is forbidden to modify") in order.last_error()["message"]
    assert [line["product_uom_qty"] for line in of_order(order)] == [2, 2, 2]
    assert order.path.read_bytes() == order.text
