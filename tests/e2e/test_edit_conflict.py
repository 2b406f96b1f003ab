# SPDX-License-Identifier: MIT
"""Two who edit one record: different fields both live, of the same field the second hears ESTALE
and keeps what was typed."""

import errno
import json
import os
import subprocess
import sys
import threading

import pytest

from harness.desk import replace, save
from harness.mount import retry
from harness.programs import shell, succeeds


def check_kept(desk, text: bytes, *words: str) -> None:
    """The text is beside the record, with the reason; the record is what the server has."""
    assert desk.rejected() == text
    error = desk.last_error()
    assert error["errno"] == "ESTALE"
    for word in words:
        assert word in error["message"]
    assert desk.reason() == error["message"] + "\n"
    assert os.getxattr(desk.path, "user.odoofs.error").decode() == error["message"]
    desk.check_shown()


# ── A colleague, in Odoo ──

def test_different_fields_both_live(bench, rpc):
    desk = bench()
    text = desk.edited(city="Namur")
    rpc.call("res.partner", "write", [desk.number], {"street": "Meir 1"})
    assert save(desk.path, text) == ""
    assert desk.tap.changes() == [("res.partner", "write", [desk.number], {"city": "Namur"})]
    assert desk.changed() == {"city": "Namur", "street": "Meir 1"}
    desk.check_shown()
    desk.check_others(())


def test_the_same_field_is_a_conflict(bench, rpc):
    desk = bench()
    text = desk.edited(city="Namur", street="Meir 1")
    rpc.call("res.partner", "write", [desk.number], {"city": "Liège"})
    assert save(desk.path, text) == "ESTALE"
    assert desk.tap.changes() == []
    assert desk.changed() == {"city": "Liège"}
    check_kept(desk, text, '"city"')
    assert desk.shown()["city"] == "Liège"


def test_the_same_change_is_none(bench, rpc):
    desk = bench()
    text = desk.edited(city="Namur")
    rpc.call("res.partner", "write", [desk.number], {"city": "Namur"})
    assert save(desk.path, text) == ""
    assert desk.tap.changes() == []
    assert desk.changed() == {"city": "Namur"}
    desk.check_others(())


def test_after_a_conflict_it_is_done_again(bench, rpc):
    """From what is there now: what is beside it is there until it is removed."""
    desk = bench()
    text = desk.edited(city="Namur")
    rpc.call("res.partner", "write", [desk.number], {"city": "Liège"})
    assert save(desk.path, text) == "ESTALE"
    assert desk.rejected() == text
    assert desk.save(city="Namur") == ""
    assert desk.changed() == {"city": "Namur"}
    assert desk.rejected() == text


def test_what_is_refused_is_kept_though_it_was_overwritten_meanwhile(bench, rpc):
    """Two who have one file open share its text, as anywhere: the second one's is in it when the
    first is told that its own was refused."""
    desk = bench()
    first, second = desk.edited(city="Namur"), desk.edited(street="Meir 1")
    rpc.call("res.partner", "write", [desk.number], {"city": "Liège"})
    heard = []

    def close(fd: int) -> None:
        try:
            os.close(fd)
        except OSError as error:
            heard.append(errno.errorcode[error.errno])

    fd = os.open(desk.path, os.O_WRONLY | os.O_TRUNC)
    os.write(fd, first)
    cut = desk.tap.cut("read", "hold")
    thread = threading.Thread(target=close, args=(fd,))
    thread.start()
    assert retry(lambda: cut.struck, 60)
    other = os.open(desk.path, os.O_WRONLY | os.O_TRUNC)
    os.write(other, second)
    desk.tap.release()
    thread.join(60)
    os.close(other)
    assert heard == ["ESTALE"]
    assert desk.rejected() == first
    assert '"city"' in desk.reason()
    assert desk.changed() == {"city": "Liège", "street": "Meir 1"}
    desk.check_shown()


def test_without_its_write_date_a_text_overwrites(bench, rpc):
    """As the sentence of a conflict says; of what was opened, others' changes are kept still."""
    desk = bench()
    text = json.loads(desk.edited(city="Namur"))
    del text["write_date"]
    rpc.call("res.partner", "write", [desk.number], {"street": "Meir 1"})
    desk.tree.refresh("res.partner")
    assert save(desk.path, json.dumps(text).encode()) == ""
    assert desk.changed() == {"city": "Namur"}


@pytest.mark.parametrize("script", [
    'sed -i "s/Ghent/Namur/" "$FILE"', 'cp "$NEW" "$FILE"',
    'cp "$NEW" "$DIR/.new" && mv "$DIR/.new" "$FILE"'], ids=["sed", "cp", "mv"])
def test_a_program_hears_of_a_conflict(bench, rpc, tmp_path, script):
    desk = bench()
    new = tmp_path / "new.json"
    new.write_bytes(desk.edited(city="Namur"))
    rpc.call("res.partner", "write", [desk.number], {"city": "Liège"})
    done = shell(script, tmp_path, FILE=desk.path, DIR=desk.directory, NEW=new)
    assert done.returncode != 0
    assert b"Stale file handle" in done.stderr
    assert desk.changed() == {"city": "Liège"}
    for path in desk.directory.glob(".new"):
        path.unlink()


@pytest.mark.parametrize("field, before, mine, theirs", [
    ("category_id", [], [0], [1]), ("country_id", False, "Belgium", "France")],
    ids=["many2many", "many2one"])
def test_relations(bench, rpc, field, before, mine, theirs):
    """Tags that two add are both there; of one country one has to be chosen."""
    desk = bench()
    if field == "category_id":
        tags = rpc.ids("res.partner.category", limit=3)
        mine, theirs = sorted([*desk.before[field], tags[2]]), [[3, tags[0], 0]]
        text = desk.edited(category_id=mine)
        rpc.call("res.partner", "write", [desk.number], {field: theirs})
        assert save(desk.path, text) == ""
        assert sorted(desk.on_server()[field]) == sorted(set(mine) - {tags[0]})
        return
    text = desk.edited(country_id=rpc.ids("res.country", [["code", "=", "DE"]])[0])
    other = rpc.ids("res.country", [["code", "=", "FR"]])[0]
    rpc.call("res.partner", "write", [desk.number], {field: other})
    assert save(desk.path, text) == "ESTALE"
    assert desk.on_server()[field][0] == other
    check_kept(desk, text, '"country_id"')


@pytest.mark.parametrize("how", ["in place", "by rename"])
def test_deleted_meanwhile(bench, rpc, tmp_path, how):
    """ENOENT when it is saved, and what was typed is kept beside where it was."""
    desk = bench()
    text = desk.edited(city="Namur")
    if how == "in place":
        fd = os.open(desk.path, os.O_WRONLY | os.O_TRUNC)
        rpc.call("res.partner", "unlink", [desk.number])
        os.write(fd, text)
        with pytest.raises(FileNotFoundError):
            os.close(fd)
        assert desk.rejected() == text
        assert desk.reason() == desk.last_error()["message"] + "\n"
    else:
        new = desk.directory / ".new"
        new.write_bytes(text)
        rpc.call("res.partner", "unlink", [desk.number])
        with pytest.raises(FileNotFoundError):
            os.replace(new, desk.path)
        assert new.read_bytes() == text
        new.unlink()
    assert desk.last_error()["errno"] == "ENOENT"
    assert "exist" in desk.last_error()["message"]
    assert desk.tap.changes() == []
    assert desk.on_server() is None
    assert retry(lambda: not desk.path.exists())


# ── Two on one mount ──

WRITER = """
import os, sys
path, new, go = sys.argv[1:]
text = open(new, "rb").read()
fd = os.open(path, os.O_WRONLY | os.O_TRUNC)
os.write(fd, text[:len(text) // 2])
print("half", flush=True)
sys.stdin.readline()
os.write(fd, text[len(text) // 2:])
os.close(fd)
print("done", flush=True)
"""


class Writer:
    """Another program, which has written half of its text in place."""

    def __init__(self, desk, tmp_path, text: bytes):
        new = tmp_path / "half.json"
        new.write_bytes(text)
        self.process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(desk.path), str(new), "go"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == b"half\n"

    def go_on(self) -> None:
        out, _ = self.process.communicate(b"\n", timeout=60)
        assert (self.process.returncode, out) == (0, b"done\n")


def meanwhile(desk, text: bytes) -> tuple[threading.Thread, list]:
    heard: list = []
    thread = threading.Thread(target=lambda: heard.append(save(desk.path, text)))
    thread.start()
    return thread, heard


def test_two_programs_in_place(bench, tmp_path):
    """The second waits for the first, so that neither text has bytes of the other."""
    desk = bench()
    writer = Writer(desk, tmp_path, desk.edited(city="Namur"))
    thread, heard = meanwhile(desk, desk.edited(street="Meir 1"))
    thread.join(1)
    assert not heard and desk.tap.changes() == []
    writer.go_on()
    thread.join(60)
    assert heard == [""]
    assert desk.tap.changes() == [
        ("res.partner", "write", [desk.number], {"city": "Namur"}),
        ("res.partner", "write", [desk.number], {"street": "Meir 1"})]
    assert desk.changed() == {"city": "Namur", "street": "Meir 1"}
    desk.check_shown()
    desk.check_others(())


def test_two_programs_in_place_and_one_field(bench, tmp_path):
    desk = bench()
    writer = Writer(desk, tmp_path, desk.edited(city="Namur"))
    text = desk.edited(city="Liège")
    thread, heard = meanwhile(desk, text)
    thread.join(1)
    assert not heard
    writer.go_on()
    thread.join(60)
    assert heard == ["ESTALE"]
    assert desk.changed() == {"city": "Namur"}
    check_kept(desk, text, '"city"')


def test_several_programs_in_place(bench, tmp_path):
    """Each field is another's: all are there at the end."""
    desk = bench()
    texts = {"street": "Meir 1", "ref": "R 1", "function": "Boss", "zip": "1000"}
    writer = Writer(desk, tmp_path, desk.edited(city="Namur"))
    for name, value in texts.items():
        (tmp_path / name).write_bytes(desk.edited(**{name: value}))
    programs = [subprocess.Popen(["cp", str(tmp_path / name), str(desk.path)])
                for name in texts]
    writer.go_on()
    assert [program.wait(60) for program in programs] == [0] * len(texts)
    assert desk.changed() == {"city": "Namur", **texts}
    assert len(desk.tap.changes()) == 1 + len(texts)
    desk.check_others(())


def test_who_has_it_open_for_long_is_waited_for_no_longer(desk, tmp_path):
    """It may wait for the second itself: then they write to one file, as elsewhere."""
    desk = desk(timeout=6)
    text = desk.edited(city="Namur")
    writer = Writer(desk, tmp_path, text)
    fd = os.open(desk.path, os.O_RDWR)
    assert os.read(fd, 1 << 20) == text[:len(text) // 2]
    with pytest.raises(OSError) as error:  # what is there isn't whole
        os.close(fd)
    assert error.value.errno == errno.EINVAL
    writer.go_on()
    desk.check_saved({"city": "Namur"})


@pytest.mark.any_door
def test_a_second_save_within_the_second(bench, rpc):
    """write_date is the same then: what was read tells what a text is based on."""
    desk = bench()
    first = desk.edited(city="Namur")
    for n in range(6):  # some of these fall into one second
        assert save(desk.path, replace(first, ref=f"R{n}")) == ""
        rpc.call("res.partner", "write", [desk.number], {"street": f"Meir {n}"})
        desk.tree.refresh("res.partner")
        now = desk.shown()
        assert (now["city"], now["ref"], now["street"]) == ("Namur", f"R{n}", f"Meir {n}")
        first = desk.path.read_bytes()
    assert desk.changed() == {"city": "Namur", "ref": "R5", "street": "Meir 5"}


@pytest.mark.parametrize("script", [
    'cp "$NEW" "$FILE"', 'cp "$NEW" "$DIR/.new"; mv "$DIR/.new" "$FILE"',
    'sleep 1.2; cp "$NEW" "$FILE"'], ids=["cp", "mv", "later"])
def test_one_text_copied_twice(bench, tmp_path, script):
    """What the server computed from the first copy isn't an edit of the second."""
    desk = bench()
    new = tmp_path / "new.json"
    values = {"name": "Zebra", "phone": "+32 2 290 34 90"}
    new.write_bytes(desk.edited(**values))
    succeeds("; ".join([script] * 3), tmp_path, NEW=new, FILE=desk.path, DIR=desk.directory)
    assert desk.tap.changes() == [("res.partner", "write", [desk.number], values)]
    assert desk.shown()["name"] == "Zebra"
    desk.check_shown()
    desk.check_others(())
