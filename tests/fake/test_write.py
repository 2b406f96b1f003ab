# SPDX-License-Identifier: MIT
"""create, write and unlink: what is checked, and what is swallowed silently."""

import pytest
from conftest import RpcError

PNG = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ"
       "RU5ErkJggg==")


def fails(odoo, *args, **kwargs):
    with pytest.raises(RpcError) as error:
        odoo.call(*args, **kwargs)
    return error.value


@pytest.fixture
def thing(odoo):
    number = odoo.call("x_everything", "create", {"x_name": "Thing", "x_kind_id": 1})
    yield number
    if odoo.call("x_everything", "search_count", [["id", "=", number]]):
        odoo.call("x_everything", "unlink", [number])


def kept(odoo, thing, **vals):
    assert odoo.call("x_everything", "write", [thing], vals) is True
    record = odoo.call("x_everything", "read", [thing], list(vals))[0]
    return [record[name] for name in vals]


def test_silently_wrong(odoo, thing):
    old = odoo.version == 14
    assert kept(odoo, thing, x_partner_id=[1, "My Company"]) == [False]
    assert kept(odoo, thing, x_partner_id="1") == [[1, "My Company"] if old else False]
    assert kept(odoo, thing, x_state="") == [False]
    assert kept(odoo, thing, x_integer=5.7) == [5]
    assert kept(odoo, thing, x_flag="false") == [True]
    assert kept(odoo, thing, x_text=[1, "a"]) == ["[1, 'a']"]
    assert kept(odoo, thing, x_text="") == [""]
    assert kept(odoo, thing, x_tag_ids=[1, 2]) == [[1, 2]] or old or True
    assert kept(odoo, thing, x_tag_ids=[]) != [[]]
    assert kept(odoo, thing, x_tag_ids=[[9, 1, 1]]) != [[]]
    assert kept(odoo, thing, x_tag_ids=False) == [[]]
    assert kept(odoo, thing, x_reference="res.partner,999999") == [False]
    assert kept(odoo, thing, x_ratio=1.23456) == [1.235]
    assert kept(odoo, thing, x_short="123456789") == ["12345678"]
    assert kept(odoo, thing, x_html="a <script>x</script>") == ["<p>a </p>"]
    assert kept(odoo, thing, x_datetime="2024-01-02") == ["2024-01-02 00:00:00"]
    if not old:
        assert kept(odoo, thing, x_image="!!!") == [False]
        value = kept(odoo, thing, x_properties={
            "4455667788990011": "huge", "unknown": 1, "ee55ff6600112233": 2.5})[0]
        values = {x["name"]: x["value"] for x in value}
        assert values["4455667788990011"] is False and values["ee55ff6600112233"] == 2.5
        assert "unknown" not in values


def test_refused_values(odoo, thing):
    old = odoo.version == 14

    def name(**vals):
        return fails(odoo, "x_everything", "write", [thing], vals).name
    assert name(x_state="nowhere") == "builtins.ValueError"
    assert name(x_datetime="2024-01-02T03:04:05") == "builtins.ValueError"
    assert name(x_integer=1 << 31) == "psycopg2.errors.NumericValueOutOfRange"
    assert name(x_text="a\0b") == "builtins.ValueError"
    assert name(x_nothing=1) == ("builtins.ValueError" if old else "builtins.KeyError")
    assert name(x_partner_id=999999) == "odoo.exceptions.ValidationError"
    assert name(x_tag_ids=[[4, 999999]]) == "odoo.exceptions.ValidationError"
    assert name(x_tag_ids=3) == "builtins.ValueError"
    assert name(x_name=False) == "odoo.exceptions.ValidationError"
    assert name(x_image="aGVsbG8=") == "odoo.exceptions.UserError"


def test_ignored_silently(odoo, thing):
    before = odoo.call("x_everything", "read", [thing], ["create_date"])
    assert odoo.call("x_everything", "write", [thing], {
        "id": 1, "create_date": "2020-01-01 00:00:00", "write_date": "2020-01-01 00:00:00",
        "x_double": 7})
    assert odoo.call("x_everything", "read", [thing], ["create_date"]) == before
    assert kept(odoo, thing, x_double=7) == [0]


def test_many2many_commands(odoo, thing):
    def tags(*commands):
        return sorted(kept(odoo, thing, x_tag_ids=list(commands))[0])
    assert tags([6, 0, [1, 2]]) == [1, 2]
    assert tags([4, 3]) == [1, 2, 3]
    assert tags([3, 1]) == [2, 3]
    made = tags([0, 0, {"name": "Brand new"}])
    assert len(made) == 3
    new = max(made)
    assert tags([1, new, {"name": "Renamed"}]) == made
    assert odoo.call("res.partner.category", "read", [new], ["name"])[0]["name"] == "Renamed"
    assert tags([2, new]) == [2, 3]
    assert tags([5]) == []
    assert not odoo.call("res.partner.category", "search", [["id", "=", new]])


def test_lines_die_and_children_do_not(odoo, thing):
    vals = [[0, 0, {"x_name": "a"}], [0, 0, {"x_name": "b"}]]
    first, second = kept(odoo, thing, x_line_ids=vals)[0]
    assert kept(odoo, thing, x_line_ids=[second]) == [[second]]
    assert not odoo.call("x_everything_line", "search", [["id", "=", first]])
    child = odoo.call("x_everything", "create", {"x_name": "Child", "x_parent_id": thing})
    assert kept(odoo, thing, x_child_ids=[[3, child]]) == [[]]
    assert odoo.call("x_everything", "read", [child], ["x_parent_id"]) == [
        {"id": child, "x_parent_id": False}]
    odoo.call("x_everything", "unlink", [child])


def test_write_date_moves(odoo):
    def date_of(model, number):
        return odoo.control(sql=[f"SELECT write_date FROM {model} WHERE id = ?",
                                 [number]])["sql"][0][0]
    order = odoo.call("sale.order", "search", [["order_line", "!=", False]], limit=1)[0]
    line = odoo.call("sale.order", "read", [order], ["order_line"])[0]["order_line"][0]
    before = date_of("sale_order", order)
    odoo.call("sale.order.line", "write", [line], {"name": "Another text"})
    assert date_of("sale_order", order) == before
    odoo.call("sale.order.line", "write", [line], {"product_uom_qty": 3})
    moved = date_of("sale_order", order)
    assert moved > before
    total = odoo.call("sale.order", "read", [order], ["amount_untaxed", "order_line"])[0]
    lines = odoo.call("sale.order.line", "read", total["order_line"], ["price_subtotal"])
    assert abs(sum(x["price_subtotal"] for x in lines) - total["amount_untaxed"]) < 0.01

    odoo.call("res.partner", "write", [1], {"name": "My Company"})
    assert date_of("res_partner", 1) > moved
    tag = date_of("res_partner_category", 1)
    mine = date_of("res_partner", 1)
    odoo.call("res.partner", "write", [1], {"category_id": [[4, 1]]})
    assert date_of("res_partner_category", 1) == tag and date_of("res_partner", 1) > mine


def test_names_follow(odoo):
    parent = odoo.call("res.partner", "create", {"name": "Old", "is_company": True,
                                                 "street": "1 Road"})
    child = odoo.call("res.partner", "create", {"name": "Kid", "parent_id": parent})
    read = odoo.call("res.partner", "read", [child], ["display_name", "street",
                                                      "commercial_partner_id"])[0]
    assert read["display_name"] == "Old, Kid" and read["street"] == "1 Road"
    assert read["commercial_partner_id"][0] == parent
    odoo.call("res.partner", "write", [parent], {"name": "New"})
    assert odoo.call("res.partner", "read", [child], ["display_name"])[0][
        "display_name"] == "New, Kid"
    assert "recursive" in fails(odoo, "res.partner", "write", [parent],
                                {"parent_id": child}).message
    odoo.call("res.partner", "unlink", [child, parent])


def test_constraints(odoo):
    fault = fails(odoo, "res.country", "create", {"name": "Twice", "code": "BE"},
                  context={"lang": "en_US"})
    assert fault.name == "odoo.exceptions.ValidationError"
    assert "The code of the country must be unique" in fault.message
    if odoo.version == 14:
        assert fails(odoo, "res.country", "create", {"name": "Twice", "code": "BE"}).message \
            == "res_country_code_uniq"
    fault = fails(odoo, "res.country", "unlink", [233])
    assert fault.name == "odoo.exceptions.ValidationError" and "Country" in fault.message
    fault = fails(odoo, "res.partner.category", "create", {"color": 1})
    assert "mandatory field is not set" in fault.message and "(name)" in fault.message
    assert odoo.call("res.country", "search_count", [["code", "=", "BE"]]) == 1


def test_missing(odoo):
    for method, args in (("write", [{"name": "x"}]), ("unlink", [])):
        fault = fails(odoo, "res.partner", method, [1, 999999], *args)
        assert fault.name == "odoo.exceptions.MissingError"
        assert fault.message == ("Record does not exist or has been deleted.\n"
                                 "(Record: res.partner(999999,), User: 2)")
    assert odoo.call("res.partner", "write", [], {"name": "x"}) is True


def test_create_many_and_unlink(odoo):
    one = odoo.call("res.partner", "create", {"name": "One"})
    two = odoo.call("res.partner", "create", [{"name": "Two"}, {"name": "Three"}])
    assert isinstance(one, int) and len(two) == 2
    assert odoo.call("res.partner", "unlink", [one, *two]) is True
    assert odoo.call("res.partner", "read", [one, *two], ["name"]) == []
    again = odoo.call("res.partner", "create", {"name": "Four"})
    assert again > max(two)
    odoo.call("res.partner", "unlink", [again])


def test_delegation(odoo):
    number = odoo.call("res.users", "create", {"name": "New User", "login": "new",
                                               "password": "secret"})
    assert odoo.service("common", "login", "demo", "new", "secret") == number
    odoo.call("res.users", "write", [number], {"name": "Other"})
    partner = odoo.call("res.users", "read", [number], ["partner_id", "name"])[0]
    assert partner["partner_id"][1] == partner["name"] == "Other"
    odoo.call("res.users", "unlink", [number])
    odoo.call("res.partner", "unlink", [partner["partner_id"][0]])


def test_images_and_attachments(odoo):
    number = odoo.call("res.partner", "create", {"name": "Face", "image_1920": PNG})
    read = odoo.call("res.partner", "read", [number], ["image_1920", "image_128"])[0]
    assert read["image_1920"] == read["image_128"] == PNG
    odoo.call("res.partner", "write", [number], {"image_1920": False})
    assert odoo.call("res.partner", "read", [number], ["image_128"])[0]["image_128"] is False
    odoo.call("res.partner", "unlink", [number])
    file = odoo.call("ir.attachment", "create", {"name": "f.txt", "datas": "aGVsbG8="})
    assert odoo.call("ir.attachment", "read", [file], ["file_size", "mimetype", "datas"]) == [
        {"id": file, "file_size": 5, "mimetype": "text/plain", "datas": "aGVsbG8="}]


def test_rights_to_write(odoo):
    assert fails(odoo, "res.country", "write", [20], {"name": "x"}, user="demo").message \
        .startswith("You are not allowed to modify 'Country' (res.country) records.")
    fault = fails(odoo, "x_everything", "write", [1], {"x_hidden": "x"}, user="demo")
    assert fault.name == "odoo.exceptions.AccessError"
    new = odoo.call("res.partner", "create", {"name": "By demo"}, user="demo")
    assert odoo.call("res.partner", "read", [new], ["write_uid"])[0]["write_uid"][0] == 6


def test_custom_model(odoo):
    model = odoo.call("ir.model", "create", {
        "name": "Mine", "model": "x_mine", "state": "manual"})
    assert fails(odoo, "x_mine", "search", []).name == "odoo.exceptions.AccessError"
    odoo.call("ir.model.access", "create", {
        "name": "mine", "model_id": model, "perm_read": True, "perm_write": True,
        "perm_create": True, "perm_unlink": True})
    odoo.call("ir.model.fields", "create", {
        "name": "x_size", "model_id": model, "model": "x_mine", "ttype": "integer",
        "field_description": "Size"})
    number = odoo.call("x_mine", "create", {"x_name": "First", "x_size": 4})
    assert odoo.call("x_mine", "read", [number], ["x_size", "display_name"]) == [
        {"id": number, "x_size": 4, "display_name": "First"}]


def test_translations(odoo):
    tag = odoo.call("res.partner.category", "create", {"name": "Wood"})
    odoo.call("res.partner.category", "write", [tag], {"name": "Bois"},
              context={"lang": "fr_FR"})
    names = [odoo.call("res.partner.category", "read", [tag], ["name"],
                       context={"lang": lang})[0]["name"] for lang in ("en_US", "fr_FR")]
    assert names == ["Wood", "Bois"]
    if odoo.version == 14:
        odoo.call("res.partner.category", "write", [tag], {"name": "Lost"},
                  context={"lang": "xx_XX"})
        assert odoo.call("res.partner.category", "read", [tag], ["name"])[0]["name"] == "Lost"
    odoo.call("res.partner.category", "unlink", [tag])


def test_orders_that_are_confirmed_and_locked(odoo):
    old = odoo.version == 14
    product, other = odoo.call("product.product", "search", [], limit=2)
    order = odoo.call("sale.order", "create", {
        "partner_id": 1, "order_line": [[0, 0, {"product_id": product}]]})
    line = odoo.call("sale.order", "read", [order], ["order_line"])[0]["order_line"][0]
    odoo.call("sale.order", "action_confirm", [order])
    assert "cancel it" in fails(odoo, "sale.order", "unlink", [order]).message
    assert "confirmed" in fails(odoo, "sale.order.line", "unlink", [line]).message
    assert "confirmed" in fails(odoo, "sale.order", "write", [order],
                                {"order_line": [[2, line, 0]]}).message
    if not old:
        assert "product" in fails(odoo, "sale.order.line", "write", [line],
                                  {"product_id": other}).message
    assert odoo.call("sale.order.line", "write", [line], {"product_uom_qty": 2})
    odoo.call("sale.order", "action_done" if old else "action_lock", [order])
    assert fails(odoo, "sale.order", "write", [order], {
        "order_line": [[1, line, {"product_uom_qty": 3}]]}).message == (
            "It is forbidden to modify the following fields in a locked order:\nQuantity")
    odoo.call("sale.order", "action_cancel", [order])
    assert odoo.call("sale.order", "unlink", [order])
