# SPDX-License-Identifier: MIT
"""Searching and reading, as each version does it."""

import json

import pytest
from conftest import RpcError


def fails(odoo, *args, **kwargs):
    with pytest.raises(RpcError) as error:
        odoo.call(*args, **kwargs)
    return error.value


def test_domains(odoo):
    def count(*domain):
        return odoo.call("res.partner", "search_count", list(domain))
    everything = count()
    companies = count(["is_company", "=", True])
    assert 0 < companies < everything
    assert count(["is_company", "!=", True]) == everything - companies
    assert count("!", ["is_company", "=", True]) == everything - companies
    assert count("|", ["is_company", "=", True], ["is_company", "=", False]) == everything
    assert count(["is_company", "=", True], ["is_company", "=", False]) == 0
    assert count("&", ["id", ">", 10], ["id", "<=", 20]) == \
        len([i for i in odoo.call("res.partner", "search", []) if 10 < i <= 20])
    belgian = count(["country_id.code", "=", "BE"])
    assert belgian == count(["country_id", "=", "Belgium"]) > 0
    assert belgian == count(["country_id", "ilike", "belg"])
    assert count(["name", "=ilike", "administrator"]) == 1
    assert count(["name", "like", "administrator"]) == 0
    assert count(["category_id.name", "=", "VIP"]) == count(["category_id", "=", "VIP"]) > 0
    assert count(["id", "in", []]) == 0 and count(["id", "not in", []]) == everything
    assert count(["parent_id", "=", False]) + count(["parent_id", "!=", False]) == everything
    assert count(["child_ids.name", "=", "Administrator"]) == 1
    first = odoo.call("res.partner", "search", [["is_company", "=", True], ["id", ">", 10]],
                      limit=1, order="id")
    below = odoo.call("res.partner", "search", [["id", "child_of", first]], order="id")
    assert below[0] == first[0] and len(below) >= 9
    assert odoo.call("res.partner", "search", [["id", "parent_of", below[1]]],
                     order="id") == below[:2]
    if odoo.version == 19:
        assert count(["country_id", "any", [["code", "=", "BE"]]]) == belgian


def test_bad_domains(odoo):
    for domain in ([["nothing", "=", 1]], [["name", "~", 1]], ["&", ["id", "=", 1]], ["x"], "x"):
        assert fails(odoo, "res.partner", "search", domain).name.startswith("builtins.")


def test_order_and_paging(odoo):
    ids = odoo.call("res.partner", "search", [], order="id")
    assert ids == sorted(ids)
    assert odoo.call("res.partner", "search", [], 0, 0, "id desc") == ids[::-1]
    paged = []
    while page := odoo.call("res.partner", "search", [["id", ">", paged[-1] if paged else 0]],
                            limit=37, order="id"):
        paged += page
    assert paged == ids
    assert odoo.call("res.partner", "search", [], 5, 3, "id") == ids[5:8]
    assert ids[-1] - ids[0] > len(ids)  # there are gaps
    names = [r["name"] for r in odoo.call("res.country", "search_read", [], ["name"],
                                          order="name desc, id")]
    assert names[0] == "Vietnam"
    assert fails(odoo, "res.partner", "search", [], 0, 1, "foo bar").name.endswith("UserError")


def test_active_test_and_lang(odoo):
    archived = odoo.call("res.partner", "search", [["active", "=", False]])
    assert archived
    assert not set(archived) & set(odoo.call("res.partner", "search", []))
    both = odoo.call("res.partner", "search", [], context={"active_test": False})
    assert set(archived) < set(both)
    assert odoo.call("res.partner", "read", archived[:1], ["active"])[0]["active"] is False
    german = odoo.call("res.country", "search", [["code", "=", "DE"]])
    read = odoo.call("res.country", "read", german, ["name"], context={"lang": "fr_FR"})
    assert read[0]["name"] == "Allemagne"
    if odoo.version == 19:
        assert "Invalid language code" in fails(
            odoo, "res.country", "search", [], context={"lang": "xx_XX"}).message
    else:
        assert odoo.call("res.country", "search", german and [["id", "in", german]],
                         context={"lang": "xx_XX"}) == german


def test_companies(odoo):
    fault = fails(odoo, "res.partner", "search", [], context={"allowed_company_ids": [77]})
    assert fault.name == "odoo.exceptions.AccessError"
    assert odoo.call("res.country", "search", [], limit=1,
                     context={"allowed_company_ids": [77]})


def test_read(odoo):
    ids = odoo.call("res.partner", "search", [["country_id", "!=", False]], limit=3)
    fields = ["name", "country_id", "category_id", "write_date", "partner_latitude"]
    records = odoo.call("res.partner", "read", [ids[1], 10 ** 6, ids[0]], fields)
    assert [r["id"] for r in records] == [ids[1], ids[0]]
    assert list(records[0]) == ["id", *fields]
    assert isinstance(records[0]["country_id"][1], str)
    bare = odoo.call("res.partner", "read", ids, ["country_id"], load="")
    assert isinstance(bare[0]["country_id"], int)
    assert len(records[0]["write_date"]) == 19
    assert odoo.call("res.partner", "read", [0], ["name"]) == [{"id": 0, "name": False}]
    assert fails(odoo, "res.partner", "read", ids, ["nothing"]).name == "builtins.ValueError"


def test_load_of_search_read(odoo):
    if odoo.version == 19:
        record = odoo.call("res.partner", "search_read", [["id", "=", 1]], ["country_id"],
                           load="")
        assert record == [{"id": 1, "country_id": 233}]
    else:
        fault = fails(odoo, "res.partner", "search_read", [], ["name"], load="")
        assert fault.name == "builtins.TypeError" and "'load'" in fault.message


def test_a_record_looks_like_the_real_thing(odoo):
    fields = odoo.call("res.partner", "fields_get", [], ["store", "type"])
    stored = [name for name, x in fields.items() if x["store"]]
    assert len(stored) > 40
    record = odoo.call("res.partner", "read", [222], stored)
    assert 1500 < len(json.dumps(record)) < 4000


def test_every_type_is_there(odoo):
    types = {x["type"] for x in odoo.call("x_everything", "fields_get").values()}
    wanted = {"char", "text", "html", "integer", "float", "monetary", "boolean", "date",
              "datetime", "selection", "many2one", "one2many", "many2many", "binary",
              "reference", "many2one_reference"}
    if odoo.version == 19:
        wanted |= {"json", "properties"}
    assert types == wanted
    records = odoo.call("x_everything", "search_read", [], [])
    assert len(records) == 12
    empty = next(r for r in records if r["x_name"] == "Empty")
    assert empty["x_integer"] == 0 and empty["x_text"] is False and empty["x_line_ids"] == []
    first = records[0]
    assert first["x_double"] == 2 * first["x_integer"]
    if odoo.version == 19:
        assert first["x_json"] == {"a": [1, 2.5, True], "b": {"c": "é"}}
        values = {x["string"]: x["value"] for x in records[3]["x_properties"]}
        assert values["Colour"] == "red" and values["Size"] == "m"


def test_virtual_fields(odoo):
    fields = odoo.call("res.users", "fields_get")
    bare = [name for name, x in fields.items() if "store" not in x]
    assert bool(bare) == (odoo.version == 14)
    if bare:
        read = odoo.call("res.users", "read", [2], ["sel_groups_2_3", "in_group_4"])
        assert read == [{"id": 2, "sel_groups_2_3": 3, "in_group_4": False}]


def test_fields_get(odoo):
    fields = odoo.call("res.country", "fields_get", ["code", "nothing"])
    assert list(fields) == ["code"] and fields["code"]["size"] == 2
    assert ("name" in fields["code"]) == (odoo.version == 19)
    some = odoo.call("res.partner", "fields_get", ["child_ids"], ["type", "relation_field"])
    assert some == {"child_ids": {"type": "one2many", "relation_field": "parent_id"}}


def test_binary(odoo):
    company = odoo.call("res.partner", "search", [["image_1920", "!=", False]], limit=1)
    image = odoo.call("res.partner", "read", company, ["image_1920"])[0]["image_1920"]
    assert image.startswith("iVBORw0KGgo")
    size = odoo.call("res.partner", "read", company, ["image_1920"],
                     context={"bin_size": True})[0]["image_1920"]
    assert size.endswith(("Kb", "bytes"))
    rows = odoo.call("ir.attachment", "search_read",
                     [["res_model", "=", "res.partner"], ["res_id", "in", company],
                      ["res_field", "=", "image_1920"]], ["file_size", "checksum"])
    assert len(rows) == (1 if odoo.version == 19 else 0)


def test_groups(odoo):
    spec = ["write_date:max", "id:max"]
    ids = odoo.call("res.partner", "search", [])
    newest = odoo.call("res.partner", "search_read", [], ["write_date"], 0, 1,
                       "write_date desc")[0]["write_date"]
    row = odoo.call("res.partner", "read_group", [], spec, [])[0]
    assert (row["write_date"], row["id"], row["__count"]) == (newest, max(ids), len(ids))
    if odoo.version == 19:
        row = odoo.call("res.partner", "formatted_read_group", [], [], [*spec, "__count"])
        assert row == [{"__extra_domain": [[1, "=", 1]], "write_date:max": newest,
                        "id:max": max(ids), "__count": len(ids)}]
    by = odoo.call("res.partner", "read_group", [], ["id:max"], ["country_id"])
    assert sum(r["country_id_count"] for r in by) == len(ids)
    assert "write_date" in fails(odoo, "mail.followers", "read_group", [], spec, []).message


def test_write_date_comparison(odoo):
    record = odoo.call("res.partner", "search_read", [["id", "=", 50]], ["write_date"])[0]
    when = record["write_date"]

    def hit(operator):
        return bool(odoo.call("res.partner", "search",
                              [["id", "=", 50], ["write_date", operator, when]]))
    assert hit(">=")
    assert hit("=") == (odoo.version == 19)
    assert hit(">") == (odoo.version == 14)


def test_rights(odoo):
    model = {14: "ir.config_parameter", 19: "ir.model"}[odoo.version]
    fault = fails(odoo, model, "search", [], user="demo")
    assert fault.name == "odoo.exceptions.AccessError"
    assert fault.message.startswith("You are not allowed to access '")
    assert odoo.call("x_everything", "check_access_rights", "write", False, user="demo") is True
    if odoo.version == 19:
        assert odoo.call("res.country", "has_access", [], "write", user="demo") is False
        names = [m["model"] for m in odoo.call("ir.model", "get_available_models", user="demo")]
        assert "res.partner" in names and "mail.thread" not in names
        assert odoo.call("ir.model", "get_available_models", user="portal") == []
    model, field = {14: ("ir.server.object.lines", "resource_ref"),
                    19: ("ir.actions.server", "resource_ref")}[odoo.version]
    listed = odoo.call(model, "fields_get", [field], ["selection"], user="demo")
    assert ["res.partner", "Contact"] in listed[field]["selection"]
    assert fails(odoo, "x_nobody", "search", []).message.count("No group currently allows")


def test_rights_of_all_models_at_once(odoo):
    groups, users = (("all_group_ids", "all_user_ids") if odoo.version == 19 else
                     ("groups_id", "users"))
    mine = odoo.call("res.users", "read", [2], [groups])[0][groups]
    rows = odoo.call("ir.model.access", "search_read",
                     ["|", ["group_id", "=", False], ["group_id." + users, "in", [2]]],
                     ["model_id", "perm_read"])
    assert rows == odoo.call("ir.model.access", "search_read",
                             ["|", ["group_id", "=", False], ["group_id", "in", mine]],
                             ["model_id", "perm_read"])
    for row in odoo.call("res.groups", "search_read", [], [users]):
        assert (2 in row[users]) == (row["id"] in mine)
    readable = {r["model_id"][0] for r in rows if r["perm_read"]}
    for model in odoo.call("ir.model", "search_read", [], ["model"]):
        assert (model["id"] in readable) == \
            odoo.call(model["model"], "check_access_rights", "read", False), model


def test_what_an_ordinary_user_may_not_read(odoo):
    if odoo.version == 19:
        fault = fails(odoo, "res.partner", "read", [1], ["name", "rtc_session_ids"],
                      user="demo")
        assert fault.message.startswith("Failed to read field res.partner.rtc_session_ids\n")
    fault = fails(odoo, "x_everything", "read", [1], ["x_secret_ids"], user="demo")
    assert "'Secret' (x_secret)" in fault.message
    fault = fails(odoo, "x_everything", "read", [1], ["x_hidden"], user="demo")
    assert "x_hidden" in fault.message
    assert "x_hidden" not in odoo.call("x_everything", "fields_get", user="demo")
    own = odoo.call("res.partner", "search", [], user="portal")
    assert own == [7]
    assert fails(odoo, "res.partner", "read", [7, 1], ["name"], user="portal").name == \
        "odoo.exceptions.AccessError"


def test_odd_models(odoo):
    assert fails(odoo, "report.nowhere", "search", []).name == "psycopg2.errors.UndefinedTable"
    assert fails(odoo, "mail.thread", "search", []).name == "odoo.exceptions.AccessError"
    assert fails(odoo, "no.such", "search", []).message == "Object no.such doesn't exist"
    assert fails(odoo, "res.partner", "_search", []).message.startswith("Private methods")
    assert odoo.call("base.language.install", "search", []) == []
    assert odoo.call("account.root", "search_read", [], ["name"])[0] == {
        "id": 48010, "name": "10"}
    assert "write_date" not in odoo.call("mail.followers", "fields_get")


def test_a_name_in_a_domain_is_what_name_search_looks_for(odoo):
    """From 17 on; 14 stores a partner's name, and looks at nothing else."""
    number = odoo.call("res.partner", "create", {"name": "Zebra", "email": "quagga@example.com"})
    for operator, found in (("ilike", odoo.version >= 17), ("not ilike", odoo.version < 17)):
        assert (number in odoo.call("res.partner", "search", [
            ["display_name", operator, "quagga"]])) is found
    assert number in [x[0] for x in odoo.call("res.partner", "name_search", "quagga")]


def test_names(odoo):
    found = odoo.call("res.country", "name_search", "BE", limit=5)
    assert [20, "Belgium"] in found
    if odoo.version == 14:
        assert odoo.call("res.country", "name_get", [20]) == [[20, "Belgium"]]
    else:
        assert odoo.call("res.country", "read", [20], ["display_name"])[0][
            "display_name"] == "Belgium"
    context = odoo.call("res.users", "context_get")
    assert context["lang"] == "en_US"
    assert ["fr_FR", "French / Français"] in odoo.call("res.lang", "get_installed")
