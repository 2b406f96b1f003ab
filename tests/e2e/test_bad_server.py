# SPDX-License-Identifier: MIT
"""
Answers that no Odoo should give: values, ids, names and bodies that are wrong.

Of each it is checked that what can't be shown is left out or refused, that the reason is said, and
that the neighbours are untouched.
"""

import errno
import json
import os
import re
import subprocess

import pytest

from harness.desk import replace
from harness.mount import retry
from harness.views import failure

PARTNER = "res.partner"
READ = ["read", "search_read"]
NUMBER, NEIGHBOUR = 12, 13


def spoil(fake, do, method=READ, **more):
    fake.control(fault={"model": PARTNER, "method": method, "do": do, **more})


def record(tree, number):
    return tree.json(f"{PARTNER}/{number}.json")


def said(tree, *words):
    """An entry of .odoofs/errors with all these words, which the log has as well, on a line."""
    def find():
        return [entry for entry in tree.errors()
                if all(word in entry["message"] for word in words)]
    found = retry(find, 60)
    assert found, (words, tree.errors())
    assert re.sub("[\\x00-\\x1f]", "?", found[0]["message"]) in tree.log()
    return found[0]


# A value: the field is left out of that record, and the rest of it is there.

VALUES = [
    ("nan", "partner_latitude", {}, "NaN is not JSON"),
    ("infinity", "partner_latitude", {}, "Infinity is not JSON"),
    ("float_1e400", "partner_latitude", {}, "isn't a finite number"),
    ("nan", "name", {}, "NaN is not JSON"),
    ("bigint", "color", {}, "isn't a whole number below 2^53"),
    ("invalid_utf8", "name", {}, "not UTF-8"),
    ("nul", "name", {}, "a NUL character"),
    ("deep", "name", {"depth": 100000}, "nested too deeply"),
    ("drop_field", "name", {}, "the server's answer doesn't have it"),
    ("value", "name", {"value": [1, 2]}, "isn't text or false"),
    ("value", "partner_latitude", {"value": "x"}, "isn't a finite number"),
    ("value", "country_id", {"value": [1]}, "isn't an id, [id, name] or false"),
    ("value", "active", {"value": "true"}, "isn't true or false"),
]


@pytest.mark.parametrize("do, field, more, words", VALUES,
                         ids=[f"{case[0]}-{case[1]}" for case in VALUES])
def test_a_value_that_cannot_be_shown(mount, fake, do, field, more, words):
    good = record(mount(), NUMBER)
    spoil(fake, do, id=NUMBER, field=field, **more)
    tree = mount()
    shown = record(tree, NUMBER)
    assert field in good
    assert shown == {name: value for name, value in good.items() if name != field}
    assert field in record(tree, NEIGHBOUR)
    entry = said(tree, f"field {field} is left out of this record", words)
    assert (entry["path"], entry["errno"]) == (f"{PARTNER}/{NUMBER}.json", "EIO")


def test_a_record_of_50_mb(mount, fake):
    spoil(fake, "huge", id=NUMBER, field="name", megabytes=50)
    tree = mount()
    path = tree.record(PARTNER, NUMBER)
    text = path.read_bytes()
    assert json.loads(text)["name"] == "x" * (50 << 20)
    assert path.stat().st_size == len(text)
    assert len(tree.read(f"{PARTNER}/{NEIGHBOUR}.json")) < 10000


def test_a_record_that_is_too_large(mount, fake):
    """Over what an answer may have: what makes it so is left out."""
    spoil(fake, "content_length", value=(128 << 20) + 1, contains="city")
    tree = mount()
    assert "city" not in record(tree, NUMBER)
    said(tree, "city", "left out")


# An id that no record has.

IDS = [0, -5, 2**31, 2**63, True, "12", 12.5, None]


@pytest.mark.parametrize("number", IDS, ids=repr)
def test_an_id_in_a_listing(mount, fake, number):
    ids = mount().ids(PARTNER)
    spoil(fake, "bad_id", method="search", index=11, value=number)
    tree = mount()
    assert tree.ids(PARTNER) == [*ids[:11], *ids[12:]]
    assert said(tree, "lists an id that no record can have")["path"] == PARTNER


@pytest.mark.parametrize("number", IDS, ids=repr)
def test_an_id_in_a_record(mount, fake, number):
    spoil(fake, "bad_id", id=NUMBER, value=number)
    tree = mount()
    assert failure(f"{PARTNER}/{NUMBER}.json", tree.read) == errno.EIO
    assert record(tree, NEIGHBOUR)["id"] == NEIGHBOUR
    said(tree, "a record that wasn't asked for")


def test_a_listing_out_of_order(mount, fake):
    spoil(fake, "shuffle", method="search")
    tree = mount()
    assert failure(PARTNER, tree.ids) == errno.EIO
    said(tree, "isn't in the order of ids")
    assert record(tree, NUMBER)["id"] == NUMBER


@pytest.mark.parametrize("do, more", [
    ("duplicate_record", {"id": NUMBER}), ("shuffle", {}),
    ("extra_record", {"record": {"id": 4711, "name": "Not asked for"}})])
def test_records_twice_or_unasked_for_or_out_of_order(mount, fake, do, more):
    good = mount()
    expected = [good.read(f"{PARTNER}/{n}.json") for n in (NUMBER, NEIGHBOUR)]
    spoil(fake, do, **more)
    tree = mount()
    assert [tree.read(f"{PARTNER}/{n}.json") for n in (NUMBER, NEIGHBOUR)] == expected
    if do != "shuffle":
        said(tree, "a record that wasn't asked for, or one twice")


def test_a_value_that_cannot_be_compared_with(mount, fake):
    """The server's record of now is one that can't be shown: nothing is written over it."""
    tree = mount()
    path = tree.record(PARTNER, NUMBER)
    text = replace(path.read_bytes(), city="Elsewhere")
    spoil(fake, "value", id=NUMBER, field="city", value=[1, 2])
    assert failure(path, lambda file: file.write_bytes(text)) == errno.EIO
    said(tree, "city", "isn't text or false")
    assert fake.rpc().read(PARTNER, [NUMBER], ["city"])[0]["city"] != "Elsewhere"


# A body.

@pytest.mark.parametrize("do", ["cut", "cut_clean", "reset"])
def test_a_body_that_ends_early_is_asked_for_again(mount, fake, do):
    good = mount()
    ids, text = good.ids(PARTNER), good.read(f"{PARTNER}/{NUMBER}.json")
    spoil(fake, do, bytes=300, times=1)
    spoil(fake, do, method="search", bytes=300, times=1)
    tree = mount()
    assert tree.read(f"{PARTNER}/{NUMBER}.json") == text
    if do == "cut_clean":  # it looked whole: nothing says that trying again would help
        assert failure(PARTNER, tree.ids) == errno.EIO
        assert retry(tree.errors, 60)[0]["path"] == PARTNER
    assert tree.ids(PARTNER) == ids


def test_bodies_that_always_end_early(mount, fake):
    spoil(fake, "cut", bytes=300)
    tree = mount(timeout=5)
    assert failure(f"{PARTNER}/{NUMBER}.json", tree.read) in (errno.EHOSTUNREACH,
                                                              errno.ETIMEDOUT)
    assert "was cut off after 300 bytes" in tree.log()
    assert tree.ids(PARTNER)
    fake.control(clear_faults=True)
    assert retry(lambda: subprocess.run(["cat", tree.record(PARTNER, NUMBER)],
                                        capture_output=True, check=False).returncode == 0, 60)


def test_an_answer_that_never_ends(mount, fake):
    """Within its deadline, and with the reason."""
    spoil(fake, "drip", step=1, interval=1)
    tree = mount(timeout=3)
    assert failure(f"{PARTNER}/{NUMBER}.json", tree.read) in (errno.EHOSTUNREACH,
                                                              errno.ETIMEDOUT)
    assert retry(tree.errors, 60)
    assert tree.ids(PARTNER)


@pytest.mark.parametrize("body", ["", "null", "[]", "{", "<html>", "{}", '"x"',
                                  '{"jsonrpc": "2.0", "id": 1}', "\ufeff{}", "[" * 100000],
                         ids=lambda body: body[:12] or "nothing")
def test_a_body_that_is_no_answer(mount, fake, body):
    tree = mount()
    tree.models()
    fake.control(fault={"model": PARTNER, "do": "body", "body": body, "type": "application/json"})
    assert failure(PARTNER, tree.ids) in (errno.EIO, errno.EHOSTUNREACH)
    assert failure(f"{PARTNER}/{NUMBER}.json", tree.read) in (errno.EIO, errno.EHOSTUNREACH)
    assert tree.errors()
    assert tree.ids("res.country")


@pytest.mark.parametrize("value", [{"a": 1}, "x", 7, None], ids=repr)
def test_a_result_of_another_type(mount, fake, value):
    spoil(fake, "wrong_type", value=value)
    spoil(fake, "wrong_type", method="search", value=value)
    tree = mount()
    assert failure(PARTNER, tree.ids) == errno.EIO
    assert failure(f"{PARTNER}/{NUMBER}.json", tree.read) == errno.EIO
    said(tree, "isn't a list")
    assert tree.ids("res.country")


@pytest.mark.parametrize("do, more, words", [
    ("redirect", {"location": "http://127.0.0.2:9/%s"}, "not followed"),
    ("body", {"type": "text/html-%s", "body": ""}, "something answers, but not as Odoo does")])
def test_a_header_that_has_the_secret_in_it(mount, own_fake, do, more, words):
    """The sentence that quotes it has stars there."""
    secret = "correct-horse-battery"
    server = own_fake(partners=20)
    server.control(set_password={"login": "admin", "password": secret})
    tree = mount(secret, source=server.source())
    tree.models()
    server.control(fault={"model": PARTNER, "do": do, **{
        name: value.replace("%s", secret) for name, value in more.items()}})
    assert failure(PARTNER, tree.ids)
    assert "***" in said(tree, words)["message"]
    assert secret not in tree.log()


def test_a_number_in_what_is_told_of_a_model(mount, fake):
    tree = mount()
    fake.control(fault={"model": PARTNER, "method": "fields_get", "do": "wrong_type",
                        "value": {"name": {"type": "char", "size": 1 << 60}}})
    assert failure(f"{PARTNER}/.info/fields.json", tree.read) == errno.EIO
    said(tree, "a number that JSON can't hold")


# A model.

@pytest.mark.parametrize("name", ["../x", "x_a/b", "..", ".", ".odoofs", "a\nb", "-o", "x" * 300,
                                  "Ünï", "a b"])
def test_a_model_whose_name_is_no_directory(mount, own_fake, name):
    server = own_fake(partners=20)
    before = set(mount(source=server.source()).models())
    server.control(extra_models=[name, "x_sound"])
    tree = mount(source=server.source())
    assert set(tree.models()) == before | {"x_sound"}
    entry = said(tree, "a model whose name can't be a directory")
    assert entry["path"] == "/"
    assert tree.json(f"{PARTNER}/1.json")["id"] == 1


def test_a_model_whose_name_is_not_utf8(mount, own_fake):
    """No JSON at all: which models there are isn't known, and not that nobody may see them."""
    server = own_fake(partners=20)
    server.control(extra_models=[{"model_hex": "6dff"}])
    tree = mount(source=server.source())
    assert failure(tree.path, os.listdir) == errno.EIO
    said(tree, "not UTF-8")


def test_a_model_that_the_server_fails_on(mount, fake):
    fake.control(broken_model={"model": "res.country"})
    tree = mount()
    assert failure("res.country", tree.ids) == errno.EIO
    assert failure("res.country/1.json", tree.read) == errno.EIO
    assert said(tree, "res_country")["path"].startswith("res.country")
    assert record(tree, NUMBER)["id"] == NUMBER
    assert "res.country" in tree.models()
