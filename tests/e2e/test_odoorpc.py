# SPDX-License-Identifier: MIT
"""The same values as OdooRPC gives, for many partners and for a record of every model."""

import errno
import json
import os
import random
import subprocess
import urllib.parse

import odoorpc
import pytest

from harness.expect import X2MANY, differences, text_of, without_binaries
from harness.look import output

pytestmark = pytest.mark.any_door

PARTNER = "res.partner"
SAMPLE = 200
EVERY = [["id", ">", 0]]  # without a domain Odoo keeps attachments of fields to itself
VARIANTS = {"plain": {}, "ids": {"many2one": "id"}, "backup": {"backup": True}}
TYPES = {"boolean", "char", "date", "datetime", "float", "html", "integer", "many2many",
         "many2one", "monetary", "one2many", "reference", "selection", "text"}


def refused(error):
    return error.info["data"]["name"] == "odoo.exceptions.AccessError"


class Said:
    """What OdooRPC says, in the user's own context, archived records included."""

    def __init__(self, server, login="admin"):
        address = urllib.parse.urlsplit(server.url)
        self.odoo = odoorpc.ODOO(address.hostname, port=address.port, timeout=120)
        self.odoo.login(server.database, login, login)
        self.context = {**self.odoo.env.context, "active_test": False}
        self.context.pop("uid", None)
        self.version = int(self.odoo.version.partition(".")[0])
        self.rights = {}

    def call(self, model, method, *args, **kwargs):
        return self.odoo.execute_kw(model, method, list(args),
                                    {**kwargs, "context": self.context})

    def may_read(self, model):
        if model not in self.rights:
            ask = (("has_access", [], "read") if self.version >= 19
                   else ("check_access_rights", "read", False))
            try:
                self.rights[model] = bool(self.call(model, *ask))
            except odoorpc.error.RPCError as error:
                self.rights[model] = not refused(error)  # a model that fails isn't forbidden
        return self.rights[model]

    def models(self):
        """All that has records of its own and may be read."""
        flags = ["transient"]
        if self.call("ir.model", "fields_get", ["abstract"], ["type"]):
            flags.append("abstract")
        rows = self.call("ir.model", "search_read", [], ["model", *flags])
        return {row["model"] for row in rows
                if not any(row[flag] for flag in flags) and self.may_read(row["model"])}

    def fields(self, model):
        every = self.call(model, "fields_get", [], ["type", "store", "relation"])
        return {name: field for name, field in every.items()
                if name != "id" and field.get("store") and field["type"] != "binary"
                and (field["type"] not in X2MANY or self.may_read(field["relation"]))}

    def read(self, model, number, names, load="_classic_read"):
        """The values that can be read, and the names of the fields that can't."""
        try:
            rows = self.call(model, "read", [number], list(names), load=load)
            return (rows[0] if rows else None), set()
        except odoorpc.error.RPCError:
            pass
        values, failing = {"id": number}, set()
        for name in names:
            try:
                values.update(self.call(model, "read", [number], [name], load=load)[0])
            except odoorpc.error.RPCError:
                failing.add(name)
        return values, failing

    def record(self, model, number, variant, fields):
        names = [name for name, field in fields.items()
                 if variant != "backup" or field["type"] != "one2many"]
        return self.read(model, number, names,
                         "_classic_read" if variant == "plain" else "_classic_write")


@pytest.fixture(scope="module")
def said(server):
    return Said(server)


@pytest.fixture(scope="module")
def firsts(said):
    """By model: its first record's number, None where there is none, or why it can't be said."""
    found = {}
    for model in sorted(said.models()):
        try:
            ids = said.call(model, "search", EVERY, order="id", limit=1)
            found[model] = ids[0] if ids else None
        except odoorpc.error.RPCError as error:
            found[model] = error
    return found


@pytest.mark.parametrize("variant", VARIANTS)
def test_partners(mount, said, rpc, variant):
    """Some by chance, the same ones each time; values and bytes."""
    tree = mount(**VARIANTS[variant])
    fields = said.fields(PARTNER)
    names = [name for name, field in fields.items()
             if variant != "backup" or field["type"] != "one2many"]
    chosen = random.Random(14).sample(rpc.ids(PARTNER), SAMPLE)
    load = "_classic_read" if variant == "plain" else "_classic_write"
    there = {row["id"]: row for row in said.call(PARTNER, "read", chosen, names, load=load)}
    assert len(there) == SAMPLE
    output("grep", "-rc", "name", tree / PARTNER)  # one after another is a call for each
    wrong = {}
    for number in chosen:
        text = tree.record(PARTNER, number).read_bytes()
        found = differences(without_binaries(rpc, PARTNER, json.loads(text)), there[number])
        if found or text != text_of(json.loads(text)):
            wrong[number] = found or text
    assert not wrong
    assert not tree.errors()


def test_the_models_are_those_that_may_be_read(tree, firsts):
    assert set(tree.models()) == set(firsts)


def complaints_about(tree, model):
    return [entry for entry in tree.errors() if entry["path"].partition("/")[0] == model]


def check_broken(tree, model, error):
    """What OdooRPC can't list can't be listed here, and the log says why in Odoo's words."""
    expected = errno.EACCES if refused(error) else errno.EIO
    try:
        os.listdir(tree / model)
    except OSError as failure:
        if failure.errno != expected:
            return [f"{model}: {failure}, where OdooRPC says {error}"]
    else:
        return [f"{model}: listed, where OdooRPC says {error}"]
    words = str(error).splitlines()[0]
    entries = complaints_about(tree, model)
    if not any(words in entry["message"] for entry in entries):
        return [f"{model}: the log doesn't say {words!r}: {entries}"]
    return []


def test_an_archived_relation_is_shown_and_kept(mount, said, colleague):
    """Odoo's search_read leaves it out even where the context asks for it; its read doesn't."""
    archived, other = (colleague.create(f"{PARTNER}.category", name=f"Tag {active}", active=active)
                       for active in (False, True))
    number = colleague.create(PARTNER, name="Tagged", category_id=[[6, 0, [archived]]])
    tree = mount(ttl=1)
    path = tree.record(PARTNER, number)
    there = said.call(PARTNER, "read", [number], ["category_id"])[0]["category_id"]
    assert there == [archived]
    shown = json.loads(path.read_bytes())
    assert shown["category_id"] == there
    path.write_text(json.dumps({**shown, "category_id": [archived, other]}))
    there = said.call(PARTNER, "read", [number], ["category_id"])[0]["category_id"]
    assert sorted(there) == sorted([archived, other])
    assert sorted(json.loads(path.read_bytes())["category_id"]) == sorted(there)


@pytest.mark.parametrize("hidden", ["archived", "context"])
def test_an_edit_keeps_links_that_it_does_not_show(real, mount, said, colleague, hidden):
    """Of a real server only: the demo server doesn't keep hidden links as Odoo does."""
    archived, first, second = (
        colleague.create(f"{PARTNER}.category", name=f"Tag {n}", active=bool(n)) for n in range(3))
    number = colleague.create(PARTNER, name="Tagged",
                              category_id=[[6, 0, [archived, first]]])
    options = {"archived": "no"} if hidden == "archived" else {"context": '{"active_test": true}'}
    path = mount(**options).record(PARTNER, number)
    shown = json.loads(path.read_bytes())
    assert shown["category_id"] == [first]
    path.write_text(json.dumps({**shown, "category_id": [first, second]}))
    there = said.call(PARTNER, "read", [number], ["category_id"])[0]["category_id"]
    assert sorted(there) == sorted([archived, first, second])


def check_record(tree, said, rpc, model, number, variant):
    """Where the file of a record differs from what OdooRPC reads; twice when it does at first."""
    fields = said.fields(model)
    there, failing = said.record(model, number, variant, fields)
    shown = without_binaries(rpc, model, tree.json(f"{model}/{number}.json"))
    found = differences(shown, there)
    if failing:
        named = json.dumps(complaints_about(tree, model))
        found += [f"{name}: fails, and the log doesn't name it"
                  for name in failing if name not in named]
    if not found:
        return fields, []
    again, _ = said.record(model, number, variant, fields)
    moving = {text.partition(":")[0].partition(" ")[0].partition(".")[0]
              for text in differences(there, again)}
    return fields, [f"{model}/{number} {text}" for text in found
                    if text.partition(":")[0].partition(" ")[0].partition(".")[0] not in moving]


@pytest.mark.parametrize("variant", ["plain", "backup"])
def test_a_record_of_every_model(mount, said, rpc, firsts, server, variant):
    tree = mount(**VARIANTS[variant])
    wrong, types, read = [], set(), 0
    for model, first in firsts.items():
        if isinstance(first, Exception):
            wrong += check_broken(tree, model, first)
            continue
        with os.scandir(tree / model) as entries:
            name = next((entry.name for entry in entries), None)
        if name != (None if first is None else f"{first}.json"):
            wrong.append(f"{model}: the first is {name}, not {first}")
        elif first is not None:
            try:
                fields, found = check_record(tree, said, rpc, model, first, variant)
            except (OSError, ValueError) as failure:
                wrong.append(f"{model}/{first}: {failure}")
                continue
            wrong += found
            types |= {field["type"] for field in fields.values()}
            read += 1
    assert not wrong, "\n".join(wrong)
    assert types >= TYPES
    assert read > (15 if server.is_fake else 80)


def test_what_fails_on_the_server_is_a_model_like_others_beside_it(tree, firsts):
    """There are such models everywhere: the test above must have met them."""
    broken = {model for model, first in firsts.items() if isinstance(first, Exception)}
    assert broken
    for model in broken:
        assert (tree / model).is_dir()


def test_two_mounts_of_the_same_state_are_the_same(mount, fake, firsts):
    """All models, all records."""
    first, second = mount(), mount()
    broken = {model for model in firsts if isinstance(firsts[model], Exception)}
    assert first.models() == second.models() and set(first.models()) == set(firsts)
    done = subprocess.run(["diff", "-r", first.path, second.path], capture_output=True, text=True)
    assert done.stdout == ""
    assert not [line for line in done.stderr.splitlines()
                if not any(f"/{model}: Input/output error" in line for model in broken)]
