# SPDX-License-Identifier: MIT
"""Values of each type: what was typed is what reaches the server, and the file then shows what
the server made of it."""

import json
import subprocess

import pytest

from harness.desk import save
from harness.expect import differences

pytestmark = pytest.mark.each_door

LONG = "Llanfairpwllgwyngyll ✓ " * 2000

# What is typed, is sent, and is read again.
SAME = {
    "x_name": ["Other", "  blanks  ", 'a "quote", a \\ and a /', "Tab\tand\nnewline",
               "Ünïcödé 漢字 😀", "\u2028\u00a0\u202e", "null", "[1, 2]", "{}", LONG],
    "x_short": ["12345678", "ÄÖÜäöüß漢"],
    "x_translated": ["Hello again"],
    "x_text": ["one\n\n\tthree\r\nfour", "\x7f", LONG, "", False],
    "x_integer": [0, -1, 2147483647, -2147483648],
    "x_float": [0.0, 0.1, -2.5, 1 / 3, 1e-7, 1e21, 123456789.123456, 5, 1.7976931348623157e308],
    "x_amount": [0.0, -12.34, 1000000.01],
    "x_flag": [True, False],
    "x_date": ["2024-02-29", "1999-12-31", "1000-01-01", "9999-12-31", False],
    "x_datetime": ["2024-02-29 23:59:59", "2026-01-01 00:00:00", False],
    "x_state": ["open", "done", False],
}


def rounds():
    """The first value of each field, the second of each, and so on."""
    for n in range(max(map(len, SAME.values()))):
        yield {field: values[n] for field, values in SAME.items() if n < len(values)}


def test_what_is_typed_is_sent(bench, things):
    desk = bench("x_everything", things.one())
    for values in rounds():
        desk.begin_again()
        assert desk.save(**values) == ""
        desk.check_saved(values)


def test_null_is_false(bench, things):
    desk = bench("x_everything", things.one())
    fields = ["x_text", "x_date", "x_datetime", "x_state", "x_partner_id", "x_reference"]
    assert desk.save(**dict.fromkeys(fields)) == ""
    desk.check_saved(dict.fromkeys(fields, False))


def test_the_same_in_other_words(bench, things, tmp_path):
    desk = bench("x_everything", things.one())
    number, name = desk.before["x_partner_id"]
    for field, value in (("x_integer", 3.0), ("x_float", 15e-1), ("x_flag", False),
                         ("x_tag_ids", desk.before["x_tag_ids"][::-1]),
                         ("x_tag_ids", desk.before["x_tag_ids"] * 2),
                         ("x_partner_id", number), ("x_partner_id", name),
                         ("x_partner_id", [number, "Somebody"])):
        new = tmp_path / "new.json"
        new.write_bytes(desk.edited(**{field: value}))
        subprocess.run(["cp", new, desk.path], check=True)
        assert desk.tap.counts() == {}, (field, value)
    desk.check_untouched()


def test_text_laid_out_otherwise(bench, things):
    """Other blanks, another order, escapes: only what changed is sent."""
    desk = bench("x_everything", things.one())
    record = json.loads(desk.text)
    turned = dict(reversed(record.items()), x_name="Größe 😀")
    for text in (json.dumps(record), json.dumps(record, indent=8, sort_keys=True),
                 json.dumps(record, separators=(",", ":")) + "\n\n\n"):
        assert save(desk.path, text.encode()) == ""
        desk.check_untouched()
    assert save(desk.path, json.dumps(turned, indent="\t").encode()) == ""
    desk.check_saved({"x_name": "Größe 😀"})


def test_keys_left_out_stay(bench, things):
    desk = bench("x_everything", things.one())
    assert save(desk.path, b'{"x_integer": 4}') == ""
    desk.check_saved({"x_integer": 4})
    desk.begin_again()
    assert save(desk.path, b"{}") == ""
    assert save(desk.path, b'{"id": %d}\n' % desk.number) == ""
    desk.check_untouched()


def test_what_the_server_makes_of_it(bench, things):
    """Rounded, sanitised: the file shows what is there now, not what was typed."""
    desk = bench("x_everything", things.one())
    html = '<p onclick="x()">Good</p><script>alert(1)</script>'
    assert desk.save(x_html=html, x_amount=10.12345) == ""
    now = desk.on_server()
    assert "script" not in now["x_html"] and "onclick" not in now["x_html"]
    assert "Good" in now["x_html"]
    assert now["x_amount"] == 10.12
    desk.check_saved({"x_html": html, "x_amount": 10.12345}, x_html=now["x_html"],
                     x_amount=10.12)
    text = desk.path.read_bytes()
    desk.begin_again()
    assert save(desk.path, text) == ""
    desk.check_untouched()


def test_what_the_server_computes_from_it(bench):
    """Fields that depend on it are others in the file, too."""
    desk = bench()
    assert desk.save(email="Azure <INFO@Example.com>") == ""
    now = desk.on_server()
    assert now["email_normalized"] == "info@example.com"
    desk.check_saved({"email": "Azure <INFO@Example.com>"},
                     email_normalized="info@example.com")
    assert desk.shown()["email_normalized"] == "info@example.com"


def test_reference(bench, things, rpc):
    desk = bench("x_everything", things.one())
    user = rpc.ids("res.users", limit=1)[0]
    for value in (f"res.users,{user}", f"res.partner,{things.partners[1]}", False):
        desk.begin_again()
        assert desk.save(x_reference=value) == ""
        desk.check_saved({"x_reference": value})


@pytest.mark.since(19)
def test_an_id_whose_model_is_another_field(bench, colleague, partners):
    number = colleague.create("ir.attachment", name="note.txt", res_model="res.partner",
                              res_id=partners.one(), datas="aGVsbG8=")
    desk = bench("ir.attachment", number)
    other = partners.one()
    assert desk.save(res_id=other) == ""
    assert desk.tap.changes() == [("ir.attachment", "write", [number], {"res_id": other})]
    assert desk.changed()["res_id"] == other
    assert desk.shown()["res_id"] == other


@pytest.mark.since(19)
def test_json(bench, fake):
    desk = bench("x_everything", 1)
    empty = [] if fake.transport == "xmlrpc" else [None]  # it can't hold one
    for value in ({"a": {"b": [1, 2.5, *empty, True, "é", []]}}, [], [1], "text", 5, 0.1, True):
        desk.begin_again()
        assert desk.save(x_json=value) == ""
        desk.check_saved({"x_json": value})


@pytest.mark.parametrize("language, text", [("fr_FR", "Salut"), ("en_US", "Hi")])
def test_translated(desk, things, fake, rpc, language, text):
    """A translated field is written in the mount's language, and only in that."""
    number = things.one()
    other = {"fr_FR": "en_US", "en_US": "fr_FR"}[language]
    rpc.call("x_everything", "write", [number], {"x_translated": "other"},
             context={"lang": other})
    desk = desk("x_everything", number, lang=language)
    assert desk.save(x_translated=text) == ""
    assert desk.tap.changes() == [
        ("x_everything", "write", [number], {"x_translated": text})]
    for lang, expected in ((language, text), (other, "other")):
        assert rpc.call("x_everything", "read", [number], ["x_translated"],
                        context={"lang": lang})[0]["x_translated"] == expected
    assert desk.shown()["x_translated"] == text


def test_every_writable_partner_field(bench, rpc):
    """What a file shows can be typed in again as it stands, and is no change."""
    desk = bench()
    record = json.loads(desk.text)
    for name in record:
        assert save(desk.path, json.dumps({name: record[name]}).encode()) == ""
    assert differences(desk.shown(), record) == []
    desk.check_untouched()
