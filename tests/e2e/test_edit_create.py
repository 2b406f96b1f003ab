# SPDX-License-Identifier: MIT
"""A new file is a create, rm an unlink: each once, and rm hears what the server says."""

import errno
import json
import os
import re

import pytest

from harness.desk import save
from harness.mount import retry
from harness.programs import shell, succeeds

REF = "odoofs-create"


@pytest.fixture(scope="module")
def room(bench, rpc):
    """The partners' directory, with one record in it that isn't touched."""
    desk = bench()
    yield desk
    left = rpc.ids("res.partner", [["ref", "=", REF]])
    if left:
        rpc.call("res.partner", "unlink", left)


@pytest.fixture
def place(room):
    room.begin_again()
    return room


def text_of(**values) -> bytes:
    return json.dumps({"name": "Acme", "ref": REF, **values}).encode()


def created(desk) -> list[str]:
    return (desk.tree / ".odoofs/created").read_text().splitlines()


def check_created(desk, written: str, /, **values) -> int:
    """One create, of these values; the written name is reachable, and not listed."""
    changes = desk.tap.changes()
    assert [change[:2] for change in changes] == [("res.partner", "create")]
    vals = changes[0][2][0] if isinstance(changes[0][2], list) else changes[0][2]
    assert vals == values
    name = desk.directory / written
    number = json.loads(name.read_bytes())["id"]
    assert created(desk)[-1] == f"res.partner/{written} res.partner/{number}.json"
    path = desk.directory / f"{number}.json"
    assert path.read_bytes() == name.read_bytes()
    assert path.stat().st_ino == name.stat().st_ino
    assert f"{number}.json" in os.listdir(desk.directory)
    assert written not in os.listdir(desk.directory)
    on_server = desk.rpc.read("res.partner", [number], list(values))[0]
    assert {key: on_server[key] for key in values} == values
    return number


@pytest.mark.parametrize("name", ["acme.json", "new.json", "é ✓.json", "99999999.json"])
def test_a_new_name_is_a_create(place, name):
    assert save(place.directory / name, text_of(city="Ghent")) == ""
    if name[0] == "9":  # a number that no record has: Odoo gives its own
        changes = place.tap.changes()
        assert [change[1] for change in changes] == ["create"]
        assert json.loads((place.directory / name).read_bytes())["id"] != 99999999
        return
    number = check_created(place, name, name="Acme", ref=REF, city="Ghent")
    # It is the record by that name too.
    place.tap.clear()
    path = place.directory / name
    assert save(path, path.read_bytes().replace(b"Ghent", b"Namur")) == ""
    assert place.tap.changes() == [("res.partner", "write", [number], {"city": "Namur"})]
    assert b"Namur" in (place.directory / f"{number}.json").read_bytes()


def test_a_name_of_two_lines_is_one(place):
    name = "acme.json res.partner\n7%.json"
    assert save(place.directory / name, text_of()) == ""
    number = json.loads((place.directory / name).read_bytes())["id"]
    assert created(place)[-1] == (
        f"res.partner/acme.json res.partner%0A7%25.json res.partner/{number}.json")


@pytest.mark.parametrize("script", [
    'cp "$NEW" "$DIR/acme.json"', 'cat "$NEW" > "$DIR/acme.json"',
    'cp "$NEW" "$DIR/.new" && mv "$DIR/.new" "$DIR/acme.json"', 'mv "$NEW" "$DIR/acme.json"',
    'rsync -a "$NEW" "$DIR/"', 'rsync -a --inplace "$NEW" "$DIR/"'],
    ids=["cp", "cat", "rename", "mv", "rsync", "rsync --inplace"])
def test_by_programs(place, tmp_path, script):
    new = tmp_path / "acme.json"
    new.write_bytes(text_of())
    place.tree.refresh("res.partner")
    if (place.directory / "acme.json").exists():  # of the program before
        (place.directory / "acme.json").unlink()
        place.tap.clear()
    succeeds(script, tmp_path, NEW=new, DIR=place.directory)
    check_created(place, "acme.json", name="Acme", ref=REF)


def test_a_copy_of_a_record_is_another_record(place, tmp_path):
    """Its id, what Odoo logs and what it computes are left aside, and the log names them."""
    values = json.loads(place.edited(name="A copy", ref=REF))
    assert save(place.directory / "copy.json", json.dumps(values).encode()) == ""
    (change,) = place.tap.changes()
    vals = change[2][0] if isinstance(change[2], list) else change[2]
    assert change[1] == "create" and (vals["name"], vals["ref"]) == ("A copy", REF)
    assert not {"id", "create_date", "create_uid", "write_date", "write_uid"} & set(vals)
    new = json.loads((place.directory / "copy.json").read_bytes())
    assert new["id"] != place.number
    assert new["city"] == place.before["city"]
    assert place.changed() == {}


def test_what_is_refused(place, rpc):
    """By us or by the server: nothing is created, the text is kept under the name's .rej."""
    for text, words in ((b'{"name": "Acme", "nmae": 1}', "isn't a field"),
                        (b'["name"]', "one JSON object"), (b'{"name": ', "ends here")):
        path = place.directory / "refused.json"
        assert save(path, text) == "EINVAL"
        kept = place.directory / "refused.json.rej"
        assert retry(kept.exists)
        assert kept.read_bytes() == text
        reason = (place.directory / "refused.json.rej.txt").read_text()
        assert words in reason and reason == place.last_error()["message"] + "\n"
        assert place.last_error()["path"] == "res.partner/refused.json"
        assert place.tap.changes() == []
        assert retry(lambda: not path.exists())
        kept.unlink()
        (place.directory / "refused.json.rej.txt").unlink()


def test_a_required_field_is_missing(room):
    """Odoo says which; it is a sentence where people look."""
    room.tap.clear()
    directory = room.tree / "x_everything"
    path = directory / "unnamed.json"
    assert save(path, b'{"x_short": "a"}') == "EINVAL"
    kept = directory / "unnamed.json.rej"
    assert retry(kept.exists)
    assert kept.read_bytes() == b'{"x_short": "a"}'
    error = room.last_error()
    assert (error["path"], error["operation"]) == ("x_everything/unnamed.json", "create")
    assert re.search("Name|x_name", error["message"])
    assert "Traceback" not in error["message"]
    assert room.rpc.ids("x_everything", [["x_short", "=", "a"]]) == []
    kept.unlink()
    (directory / "unnamed.json.rej.txt").unlink()


def test_an_empty_new_file_is_none(place):
    path = place.directory / "empty.json"
    path.touch()
    assert retry(lambda: not path.exists())
    assert place.tap.changes() == []


# ── rm ──

def make(desk, count: int, model: str = "res.partner") -> list[int]:
    more = {"ref": REF} if model == "res.partner" else {}
    numbers = desk.rpc.call(model, "create", [
        {"name": f"To go {n}", **more} for n in range(count)])
    desk.tree.refresh(model)
    desk.tap.clear()
    return numbers


def test_rm(place, tmp_path):
    (number,) = make(place, 1)
    succeeds('rm "$FILE"', tmp_path, FILE=place.directory / f"{number}.json")
    assert place.tap.changes() == [("res.partner", "unlink", [number])]
    assert place.rpc.ids("res.partner", [["id", "=", number]]) == []
    assert f"{number}.json" not in os.listdir(place.directory)


def test_rm_of_100_files_is_100_unlinks(place, tmp_path):
    tags = "res.partner.category"  # a partner takes a real server long
    numbers = make(place, 100, tags)
    files = " ".join(f"{number}.json" for number in numbers)
    succeeds(f'cd "$DIR" && rm {files}', tmp_path, DIR=place.tree / tags)
    assert place.tap.changes() == [(tags, "unlink", [n]) for n in numbers]
    assert place.rpc.ids(tags, [["id", "in", numbers]]) == []


def test_rm_rf_of_one(place, tmp_path):
    (number,) = make(place, 1)
    succeeds('rm -rf "$FILE" "$FILE" "$FILE.none"', tmp_path,
             FILE=place.directory / f"{number}.json")
    assert place.tap.changes() == [("res.partner", "unlink", [number])]


@pytest.mark.parametrize("who", ["rm of the number", "rm of the name", "a colleague"])
def test_the_written_name_goes_with_its_record(place, who):
    name = place.directory / "hand.json"
    assert save(name, text_of()) == ""
    number = json.loads(name.read_bytes())["id"]
    if who == "a colleague":
        place.rpc.call("res.partner", "unlink", [number])
        place.tree.refresh("res.partner")
    else:
        (name if who == "rm of the name" else place.directory / f"{number}.json").unlink()
    for path in (name, place.directory / f"{number}.json"):
        assert not path.exists()
        with pytest.raises(FileNotFoundError):
            path.read_bytes()
        with pytest.raises(FileNotFoundError):
            path.unlink()
    # The name is free again.
    place.tap.clear()
    assert save(name, text_of(city="Mons")) == ""
    assert json.loads(name.read_bytes())["id"] != number
    assert [change[1] for change in place.tap.changes()] == ["create"]
    name.unlink()


def test_rm_hears_the_server(place, rpc, tmp_path):
    """A record that another one needs is EBUSY, with Odoo's own sentence."""
    (number,) = make(place, 1)
    thing = rpc.call("x_everything", "create", {"x_name": "Needs it", "x_owner_id": number})
    path = place.directory / f"{number}.json"
    try:
        done = shell('rm "$FILE"', tmp_path, FILE=path)
        assert done.returncode != 0 and b"Device or resource busy" in done.stderr
        assert path.exists()
        error = place.last_error()
        assert (error["path"], error["operation"], error["errno"]) == (
            f"res.partner/{number}.json", "unlink", "EBUSY")
        assert "model" in error["message"]
        assert "Traceback" not in error["message"] and "{" not in error["message"]
        assert os.getxattr(path, "user.odoofs.error").decode() == error["message"]
        assert rpc.ids("res.partner", [["id", "=", number]]) == [number]
    finally:
        rpc.call("x_everything", "unlink", [thing])
        rpc.call("res.partner", "unlink", [number])


@pytest.mark.since(19)
def test_rm_hears_a_warning_without_its_button(place, real):
    """A contact of a user who is active."""
    number = real.rpc().ids("res.users", [["login", "=", "demo"]])[0]
    partner = real.rpc().read("res.users", [number], ["partner_id"])[0]["partner_id"][0]
    with pytest.raises(OSError) as error:
        (place.directory / f"{partner}.json").unlink()
    assert error.value.errno == errno.EINVAL
    message = place.last_error()["message"]
    assert message.startswith("You cannot delete contacts linked to an active user.")
    assert "ir.actions" not in message and "{" not in message and "None" not in message


def test_delete_deny(desk, tmp_path):
    it = desk(delete="deny")
    done = shell('rm -f "$FILE"', tmp_path, FILE=it.path)
    assert done.returncode != 0 and b"Operation not permitted" in done.stderr
    assert "delete=deny" in it.last_error()["message"]
    it.check_untouched()


def test_delete_archive(desk, tmp_path):
    """rm is a write of one field; the record is there still, as the mount shows archived ones."""
    it = desk(delete="archive")
    succeeds('rm "$FILE"', tmp_path, FILE=it.path)
    assert it.tap.changes() == [("res.partner", "write", [it.number], {"active": False})]
    assert it.changed() == {"active": False}


def test_delete_archive_where_archived_are_hidden(desk, tmp_path):
    it = desk(delete="archive", archived="no")
    succeeds('rm "$FILE"', tmp_path, FILE=it.path)
    assert it.tap.changes() == [("res.partner", "write", [it.number], {"active": False})]
    assert not it.path.exists()
    assert it.path.name not in os.listdir(it.directory)


def test_delete_archive_of_what_has_no_active(desk, rpc):
    """There is nothing to archive: refused, and not unlinked instead."""
    it = desk(delete="archive")
    tag = rpc.call("res.country.group", "create", {"name": REF})
    it.tree.refresh("res.country.group")
    path = it.tree / f"res.country.group/{tag}.json"
    try:
        with pytest.raises(PermissionError):
            path.unlink()
        assert "active" in it.last_error()["message"]
        assert it.tap.changes() == []
    finally:
        rpc.call("res.country.group", "unlink", [tag])


def test_read_only(desk, tmp_path):
    it = desk(ro=True)
    for script in ('rm -f "$FILE"', 'echo "{}" > "$FILE"', 'echo "{}" > "$DIR/new.json"',
                   'sed -i s/a/b/ "$FILE"'):
        done = shell(script, tmp_path, FILE=it.path, DIR=it.directory)
        assert done.returncode != 0 and b"Read-only file system" in done.stderr
    it.check_untouched()
