# SPDX-License-Identifier: MIT
""".info/: what there is to know of a model, and how many records a view has."""

from __future__ import annotations

import json
import os

import jsonschema
import pytest

from harness.everything import NAME as THING
from harness.servers import Real
from harness.views import failure, ids

REAL_MODELS = 12
MODELS = ("res.partner", "res.country", "sale.order", "sale.order.line", THING)


@pytest.fixture(scope="module")
def thing(things):
    return things.one()


def test_fields_are_the_server_s(tree, rpc):
    fields = rpc.call("res.country", "fields_get")
    assert tree.json("res.country/.info/fields.json").keys() == fields.keys()
    shown = tree.json("res.country/.info/fields.json")["code"]
    assert {name: shown[name] for name in ("type", "string", "readonly")} == {
        name: fields["code"][name] for name in ("type", "string", "readonly")}


def test_files_have_their_sizes(tree):
    for name in os.listdir(tree / "res.country/.info"):
        path = tree / "res.country/.info" / name
        assert path.stat().st_size == len(path.read_bytes()) > 0
        assert path.stat().st_mode & 0o777 == 0o400


def test_the_count(tree, rpc):
    for view, domain in (("", []), (".filter/is_company/true", [["is_company", "=", True]]),
                         (".filter/id/0", [["id", "=", 0]])):
        assert tree.read(f"res.partner/{view}/.info/count").decode() == \
            f"{len(rpc.ids('res.partner', domain))}\n"
    assert tree.read("res.partner/.first/3/.info/count") == b"3\n"
    assert tree.read("res.partner/.offset/1/.info/count").decode() == \
        f"{len(rpc.ids('res.partner')) - 1}\n"


def test_the_rights(tree, mount):
    assert tree.json("res.country/.info/access.json") == dict.fromkeys(
        ("create", "read", "unlink", "write"), True)
    demo = mount("demo", models="res.country")
    assert demo.json("res.country/.info/access.json") == {
        "create": False, "read": True, "unlink": False, "write": False}


def test_the_model(tree, mount, rpc):
    shown = tree.json("res.country/.info/model.json")
    [row] = rpc.call("ir.model", "search_read", [["model", "=", "res.country"]], ["name", "model"])
    assert {name: shown[name] for name in row} == row and shown["has_write_date"] is True
    demo = mount("demo", models="res.country")  # who may not read ir.model, on 19
    assert demo.json("res.country/.info/model.json")["model"] == "res.country"


# schema.json

def validator(tree, model: str) -> jsonschema.Draft202012Validator:
    schema = tree.json(f"{model}/.info/schema.json")
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def wrong(judge, record: dict) -> list[str]:
    return [f"{list(error.path)}: {error.message}" for error in judge.iter_errors(record)]


@pytest.mark.parametrize("model", MODELS)
def test_records_are_valid(tree, thing, model):
    judge = validator(tree, model)
    numbers = ids(tree / model)
    assert numbers
    for number in numbers[:20] + numbers[-20:]:
        assert wrong(judge, tree.json(f"{model}/{number}.json")) == []


def test_records_of_all_kinds_of_models_are_valid(tree, thing, server):
    """The first few of each model that there is; of a real server's hundreds, of every so many."""
    models, unreadable, invalid = tree.models(), [], []
    if isinstance(server, Real):
        models = models[::max(1, len(models) // REAL_MODELS)]
    for model in models:
        judge = validator(tree, model)
        try:
            records = [tree.json(f"{model}/{number}.json")
                       for number in ids(tree / model / ".first/4")]
        except OSError:  # a server's own model that can't be listed
            unreadable.append(model)
            continue
        invalid += [(model, text) for record in records for text in wrong(judge, record)]
    assert invalid == []
    assert len(unreadable) <= len(models) / 10, unreadable
    assert {error["path"].partition("/")[0] for error in tree.errors()} >= set(unreadable)


@pytest.mark.parametrize("model", ["res.partner", THING])
@pytest.mark.parametrize("options", [{"many2one": "id"}, {"backup": True}, {"fields": "all"}],
                         ids=["many2one=id", "backup", "fields=all"])
def test_records_are_valid_however_they_are_shown(mount, thing, model, options):
    tree = mount(**options)
    judge = validator(tree, model)
    for number in ids(tree / model)[-5:]:
        assert wrong(judge, tree.json(f"{model}/{number}.json")) == []


@pytest.mark.parametrize("field, value", [
    ("x_integer", "3"), ("x_integer", 1.5), ("x_float", "1.5"), ("x_flag", "true"),
    ("x_flag", None), ("x_state", "nosuch"), ("x_date", "20.11.2026"), ("x_date", 5),
    ("x_datetime", "2026-11-20"), ("x_partner_id", [1, "a", "b"]), ("x_partner_id", -1),
    ("x_tag_ids", 3), ("x_tag_ids", ["a"]), ("x_short", "longer than eight"), ("x_text", 5),
    ("x_name", False), ("nosuch", 1), ("id", "14")])
def test_what_is_wrong_isn_t_valid(tree, thing, field, value):
    judge = validator(tree, THING)
    record = tree.json(f"{THING}/{thing}.json")
    assert wrong(judge, record) == []
    assert wrong(judge, {**record, field: value}) != []


def test_what_may_be_written_is_valid(tree, thing):
    judge = validator(tree, THING)
    record = tree.json(f"{THING}/{thing}.json")
    for field, value in (
            ("x_partner_id", 1), ("x_partner_id", False), ("x_partner_id", [1, "Azure"]),
            ("x_partner_id", "Azure Interior"), ("x_tag_ids", []), ("x_state", False),
            ("x_line_ids", [{"x_name": "new"}]), ("x_line_ids", [[5, 0, 0]]),
            ("x_date", False), ("x_float", 1), ("x_text", "any\nthing")):
        assert wrong(judge, {**record, field: value}) == [], (field, value)


def test_a_missing_required_field(tree, thing):
    judge = validator(tree, THING)
    record = tree.json(f"{THING}/{thing}.json")
    del record["x_name"]
    assert any("x_name" in text for text in wrong(judge, record))


def test_editors_are_told(tree, rpc):
    """Labels, help, what can't be written, and what a key of a selection is called."""
    properties = tree.json("res.partner/.info/schema.json")["properties"]
    fields = rpc.call("res.partner", "fields_get", [], ["string", "help", "selection"])
    assert properties["type"]["title"] == fields["type"]["string"]
    helped = [name for name in fields if fields[name].get("help") and name in properties]
    assert helped
    for name in helped:
        assert properties[name]["description"] == fields[name]["help"]
    keys = dict(fields["type"]["selection"])
    told = dict(zip(properties["type"]["enum"], properties["type"]["enumDescriptions"]))
    assert {key: told[key] for key in keys} == keys
    assert properties["write_date"]["readOnly"] is True and properties["id"]["readOnly"] is True
    assert "readOnly" not in properties["city"]


# template.json

def test_a_template_is_a_new_record_once_it_is_filled(mount, rpc, colleague):
    tree = mount()
    template = tree.json(f"{THING}/.info/template.json")
    assert template["x_name"] is False  # to be filled
    template["x_name"] = "from the template"
    (tree / THING / "new.json").write_text(json.dumps(template))
    made = rpc.ids(THING, [["x_name", "=", "from the template"]])
    colleague.created += [(THING, x) for x in made]
    assert len(made) == 1
    assert json.loads(tree.read(f"{THING}/new.json"))["id"] == made[0]


def test_a_partner_of_the_template(mount, rpc, colleague):
    tree = mount()
    template = tree.json("res.partner/.info/template.json")
    defaults = rpc.call("res.partner", "default_get", ["type", "active"])
    assert {name: template[name] for name in defaults} == defaults
    template["name"] = "Azure Template"
    (tree / "res.partner/new.json").write_text(json.dumps(template))
    made = rpc.ids("res.partner", [["name", "=", "Azure Template"]])
    colleague.created += [("res.partner", x) for x in made]
    assert len(made) == 1


def test_there_is_nothing_else(tree):
    assert failure(tree / "res.country/.info/nosuch") != 0
    assert 'there is no "nosuch" in .info' in tree.errors()[-1]["message"]
