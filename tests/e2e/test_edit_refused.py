# SPDX-License-Identifier: MIT
"""What is refused before anything is sent: with EINVAL, and the line and the field in words."""

import errno
import json
import os

import pytest

from harness.desk import replace, save

ID, REFERENCE = "a record's id", "a reference as"
DAY, MOMENT = 'a day as "2026-11-20"', 'a time in UTC as "2026-11-20 08:12:44"'
WHOLE, IN_RANGE = "a whole number, written without", "from -2147483648 to 2147483647"
MANY2ONE, MANY2MANY, LINES = "an id, [id, ", "a list of ids", "a list of ids and lines"
KEYS = 'one of "draft", "open", "done" or false'
COMMAND, LINK = "one of Odoo's commands", "[4, id, 0]"

# Each of these a server would take for something else, or refuse in words of its own.
WRONG = {
    "x_name": [(5, "text or false"), (True, "text or false"), ([1, "a"], "text or false"),
               ({"en_US": "a"}, "text or false")],
    "x_short": [("123456789", "holds 8 characters, and this is 9")],
    "x_text": [(5, "text or false"), (["a"], "text or false")],
    "x_html": [(5, "text or false"), ({}, "text or false")],
    "x_integer": [(5.7, WHOLE), (5.5e0, WHOLE), ("5", WHOLE), ("", WHOLE), (True, WHOLE),
                  (False, WHOLE), (None, WHOLE), ([5], WHOLE), (2147483648, IN_RANGE),
                  (-2147483649, IN_RANGE), (2 ** 60, IN_RANGE)],
    "x_float": [("5", "a number"), ("", "a number"), (False, "a number"), (None, "a number"),
                ([1.0], "a number")],
    "x_amount": [("10.00", "a number"), ("10,00", "a number"), (True, "a number")],
    "x_flag": [("false", "true or false"), ("true", "true or false"), (0, "true or false"),
               (1, "true or false"), ("", "true or false")],
    "x_date": [("2026-02-29", DAY), ("2026-11-31", DAY), ("2026-1-1", DAY), ("", DAY),
               ("2026-11-20 00:00:00", DAY), ("20.11.2026", DAY), (20261120, DAY),
               (True, DAY), ("0000-01-01", DAY)],
    "x_datetime": [("2026-11-20T08:12:44", MOMENT), ("2026-11-20 08:12:44Z", MOMENT),
                   ("2026-11-20 08:12:44+01:00", MOMENT), ("2026-11-20 08:12:44.5", MOMENT),
                   ("2026-11-20 08:12", MOMENT), ("2026-11-20", MOMENT), ("", MOMENT),
                   ("2026-11-20 24:00:00", MOMENT), ("2026-11-20 08:60:00", MOMENT),
                   ("2026-13-20 08:12:44", MOMENT), (1763626364, MOMENT)],
    "x_state": [("", KEYS), ("nowhere", KEYS), ("Draft", KEYS), (1, KEYS), (True, KEYS),
                (["draft"], KEYS)],
    "x_partner_id": [("", "an id, a name or false"), ([], MANY2ONE), ([5], MANY2ONE), ([1, "a", "b"], MANY2ONE),
                     ({"id": 1}, MANY2ONE), (0, MANY2ONE), (-1, MANY2ONE), (1.5, MANY2ONE),
                     (True, MANY2ONE), (["1", "a"], MANY2ONE), (2 ** 31, MANY2ONE)],
    "x_reference": [("res.partner", REFERENCE), ("res.partner,0", REFERENCE),
                    ("res.partner,", REFERENCE), ("res.partner,x", REFERENCE),
                    ("res.partner,1,2", REFERENCE), (1, REFERENCE), ("", REFERENCE),
                    (["res.partner", 1], REFERENCE),
                    ("res.country,1", 'refer to one of "res.partner"')],
    "x_tag_ids": [(1, MANY2MANY), ("1", MANY2MANY), (False, MANY2MANY), (None, MANY2MANY),
                  (["1"], ID), ([1.5], ID), ([0], ID), ([True], ID), ([{"id": 1}], ID),
                  ([1, [4, 2, 0]], ID), ([[9, 1, 1]], COMMAND), ([["4", 1]], COMMAND),
                  ([[4]], LINK), ([[4, 0]], ID), ([[6, 0]], "[6, 0, [ids]]"),
                  ([[6, 0, 1]], "a list of ids"), ([[0, 0, 1]], "an object of fields"),
                  ([[4, 1, 0], 2], "either"), ([[]], COMMAND)],
    "x_line_ids": [(1, LINES), (False, LINES), (None, LINES), ("x", LINES), ([True], "an id"),
                   (["first"], "an id or a line"), ([0], ID), ([1.5], "an id or a line"),
                   ([{"id": 99999999}], "no line of this record has that id"),
                   ([{"id": "1"}], ID), ([{"x_nonsense": 1}], "isn't a field of this model"),
                   ([{"x_quantity": "two"}], "a number"), ([{}, [0, 0, {}]], "a command among"),
                   ([[1, 99999999]], "[1, id, {…}]"), ([[7, 0, 0]], COMMAND)],
    "x_file": [("!!!", "is binary"), ("aGVsbG8=", "is binary"), (5, "is binary")],
    "id": [(1, "can't be changed"), ("1", "can't be changed"), (None, "can't be changed")],
    "create_date": [("2020-01-01 00:00:00", "is read-only"), (False, "is read-only")],
    "create_uid": [(1, "is read-only"), ("OdooBot", "is read-only")],
    "write_uid": [(1, "is read-only")],
    "x_nmae": [("a", 'is "x_name" meant?')],
    "nonsense": [(1, "isn't a field of this model")],
    "": [(1, "isn't a field of this model")],
}


def line_of(text: bytes, key: str) -> int:
    lines = text.split(b"\n")
    return next(n for n, line in enumerate(lines, 1) if line.startswith(b'  "%s":' % key.encode()))


def wrong_text(desk, field, value) -> bytes:
    if f'  "{field}":'.encode() in desk.text:
        return desk.edited(**{field: value})
    line = f'  {json.dumps(field)}: {json.dumps(value)},\n'
    return desk.text.replace(b"{\n", b"{\n" + line.encode(), 1)


@pytest.mark.parametrize("field", WRONG)
def test_wrong_value(bench, things, field):
    desk = bench("x_everything", things.one())
    for value, words in WRONG[field]:
        desk.clear_rejected()
        text = wrong_text(desk, field, value)
        assert save(desk.path, text) == "EINVAL", value
        error = desk.last_error()
        assert error["path"] == f"x_everything/{desk.number}.json"
        assert (error["operation"], error["errno"]) == ("write", "EINVAL")
        assert words in error["message"], value
        # A place inside of the value is on its line.
        assert error["message"].startswith(f'line {line_of(text, field)}: "{field}'), value
        assert desk.rejected() == text
    assert desk.tap.changes() == []
    desk.check_refused(text, words)


@pytest.mark.parametrize("write", [
    lambda n, m: {"order": 1, "message": "a"}, lambda n, m: {"x_name": "right", "x_flag": 0}])
def test_one_wrong_field_holds_back_all(bench, things, write):
    desk = bench("x_everything", things.one())
    text = json.dumps({**json.loads(desk.text), "x_integer": 99, **write(1, 2)}).encode()
    assert save(desk.path, text) == "EINVAL"
    desk.check_refused(text)


# Texts that are no record, what is said of them, and how the place is told. CITY is where the
# line of the city is.
NOT_JSON = {
    "no JSON at all": (lambda t: b"hello\n", ["line 1, column 1"]),
    "a list": (lambda t: b"[" + t + b"]", ["one JSON object", "a list"]),
    "text": (lambda t: b'"text"', ["one JSON object", "text"]),
    "a number": (lambda t: b"5", ["one JSON object", "a number"]),
    "null": (lambda t: b"null", ["one JSON object", "null"]),
    "two objects": (lambda t: t + t, ["line AFTER, column 1"]),
    "two objects on a line": (lambda t: b"{} {}", ["line 1, column 4"]),
    "a key twice": (lambda t: t.replace(b"{\n", b'{\n  "city": "Mons",\n', 1),
                    ["line CITY1", '"city"']),
    "a key twice in a list": (lambda t: b'{\n  "child_ids": [{"name": "a", "name": "b"}]\n}',
                              ["line 2", '"name"']),
    "a comma missing": (lambda t: t.replace(b'"Ghent",', b'"Ghent"', 1),
                        ["line CITY1, column 3", "comma"]),
    "a comma too many": (lambda t: b'{\n  "city": "Mons",\n}\n', ["line 3", "comma"]),
    "a quote missing": (lambda t: t.replace(b'"Ghent",', b'Ghent",', 1), ["line CITY, column 11"]),
    "a quote inside": (lambda t: t.replace(b"Ghent", b'Gh"ent', 1), ["line CITY"]),
    "single quotes": (lambda t: b"{'city': 'Mons'}", ["line 1, column 2", "double quotes"]),
    "True": (lambda t: b'{\n "active": True}', ["line 2, column 12", "small letters"]),
    "None": (lambda t: b'{"city": None}', ["line 1, column 10", "false"]),
    "NaN": (lambda t: b'{"color": NaN}', ["line 1, column 11", "no number NaN"]),
    "0x10": (lambda t: b'{"color": 0x10}', ["line 1, column 11", "not how JSON writes a number"]),
    "01": (lambda t: b'{"color": 01}', ["line 1, column 11"]),
    "1e999": (lambda t: b'{"partner_latitude": 1e999}', ["line 1, column 22"]),
    "a comment": (lambda t: b'{ // new\n "city": "Mons"}', ["line 1, column 3", "comment"]),
    "cut off": (lambda t: t[:len(t) // 2], ["the text ends here"]),
    "cut off before the last brace": (lambda t: t.rstrip()[:-1], ["a } is missing"]),
    "a line break in text": (lambda t: t.replace(b"Ghent", b"Gh\nent", 1), ["line CITY"]),
    "a tab in text": (lambda t: t.replace(b"Ghent", b"Gh\tent", 1), ["line CITY", "\\t"]),
    "NUL in text": (lambda t: t.replace(b"Ghent", b"Gh\\u0000ent", 1), ["line CITY"]),
    "a bare NUL": (lambda t: t.replace(b"Ghent", b"Gh\0ent", 1), ["line CITY"]),
    "half a surrogate": (lambda t: t.replace(b"Ghent", b"\\ud800", 1), ["line CITY"]),
    "Latin-1": (lambda t: t.replace(b"Ghent", b"Li\xe8ge", 1), ["line CITY", "UTF-8"]),
    "UTF-16": (lambda t: t.decode().encode("utf-16"), ["UTF-16"]),
    "UTF-16 without a mark": (lambda t: t.decode().encode("utf-16-le"), ["UTF-16"]),
    "UTF-32": (lambda t: t.decode().encode("utf-32"), ["UTF-32"]),
    "a conflict's marks": (lambda t: b"<<<<<<< mine\n" + t, ["line 1, column 1"]),
    "too deep": (lambda t: b'{"comment": ' + b"[" * 5000 + b"]" * 5000 + b"}",
                 ["line 1, column", "nested too deeply"]),
    "zeroes": (lambda t: bytes(4096), []),
}


@pytest.mark.parametrize("what", NOT_JSON)
def test_not_a_record(bench, what):
    desk = bench()
    make, words = NOT_JSON[what]
    text = make(desk.text)
    city = line_of(desk.text, "city")
    assert save(desk.path, text) == "EINVAL"
    places = {"CITY1": city + 1, "CITY": city, "AFTER": desk.text.count(b"\n") + 1}
    for name, line in places.items():
        words = [word.replace(name, str(line)) for word in words]
    desk.check_refused(text, *words)
    assert desk.last_error()["errno"] == "EINVAL"


@pytest.mark.parametrize("change", [
    lambda t: b"\xef\xbb\xbf" + t, lambda t: t.replace(b"\n", b"\r\n"),
    lambda t: b"\xef\xbb\xbf" + t.replace(b"\n", b"\r\n"), lambda t: b"\n\n \t" + t,
    lambda t: t.rstrip()], ids=["BOM", "CRLF", "both", "blanks", "no newline"])
def test_what_windows_adds_does_no_harm(bench, change):
    desk = bench()
    assert save(desk.path, change(desk.text)) == ""
    desk.check_untouched()
    assert save(desk.path, change(desk.edited(city="Namur"))) == ""
    desk.check_saved({"city": "Namur"})


@pytest.mark.parametrize("text", [b"", b"\n", b"   \r\n\t\n"])
def test_an_empty_file_is_no_edit(bench, text):
    desk = bench()
    assert save(desk.path, text) == ""
    desk.check_untouched()


def test_200_megabytes(bench):
    """EFBIG is heard by the first write past max_file, not after all of it, and by close."""
    desk = bench()
    written, chunk = 0, b" " * (1 << 20)
    fd = os.open(desk.path, os.O_WRONLY | os.O_TRUNC)
    os.write(fd, b"{")
    with pytest.raises(OSError) as error:
        while written < 200 << 20:
            written += os.write(fd, chunk)
    assert error.value.errno == errno.EFBIG
    assert written < 16 << 20
    with pytest.raises(OSError) as error:
        os.close(fd)
    assert error.value.errno == errno.EFBIG
    desk.check_refused(b"{" + b" " * written, "16777216", "max_file=")
    assert desk.last_error()["errno"] == "EFBIG"


def test_truncated_to_200_megabytes(bench):
    desk = bench()
    with pytest.raises(OSError) as error:
        os.truncate(desk.path, 200 << 20)
    assert error.value.errno == errno.EFBIG
    assert "max_file=" in desk.last_error()["message"]
    desk.check_untouched()


def test_max_file(desk):
    desk = desk(max_file=20000)
    assert desk.save(street="x" * 15000) == ""
    desk.check_saved({"street": "x" * 15000})
    desk.begin_again()
    assert desk.save(street="y" * 25000) == "EFBIG"
    assert "20000" in desk.last_error()["message"]
    desk.check_untouched()
    assert desk.save(street="short enough") == ""
    desk.check_saved({"street": "short enough"})


def test_an_error_is_one_line_of_json(bench):
    """Whatever was typed: what is shown of it can't break the log."""
    desk = bench()
    bad = 'a"\\\n\t\u2028 😀' * 50
    assert desk.save(color=bad) == "EINVAL"
    lines = (desk.tree / ".odoofs/errors").read_bytes().splitlines()
    error = json.loads(lines[-1])
    assert set(error) == {"time", "path", "operation", "errno", "message"}
    assert '"color" has to be a whole number' in error["message"]
    assert len(error["message"]) < 300
    desk.check_refused(replace(desk.text, color=bad))
