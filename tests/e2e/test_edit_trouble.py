# SPDX-License-Identifier: MIT
"""The server goes away, or odoofs does, in the middle of a change: nothing is half written, and
what can't be known is said to be unknown."""

import contextlib
import errno
import json
import os
import threading

import pytest

from harness.desk import save
from harness.mount import retry

UNKNOWN = "it is unknown whether it took effect"


def check_kept(desk, name: str, text: bytes) -> str:
    """The text is beside the name; returns why."""
    kept = desk.directory / f"{name}.rej"
    assert retry(kept.exists)
    assert kept.read_bytes() == text
    return (desk.directory / f"{name}.rej.txt").read_text()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_write_is_sent_again(desk, tap, moment):
    """Its values are absolute: to write them twice is to write them."""
    it = desk()
    tap.cut("write", moment)
    assert it.save(city="Namur") == ""
    assert it.changed() == {"city": "Namur"}
    it.check_shown()
    it.check_others(())


def test_a_write_that_never_gets_through(desk, tap):
    it = desk(timeout=4)
    text = it.edited(city="Namur")
    tap.cut("write", "before", times=1000)
    assert save(it.path, text) in ("EIO", "EHOSTUNREACH", "ETIMEDOUT")
    why = check_kept(it, it.path.name, text)
    assert why == it.last_error()["message"] + "\n"
    assert it.changed() == {}


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_create_is_never_sent_twice(desk, tap, rpc, moment):
    """Who doesn't hear what came of it doesn't guess: EIO, and the log says so."""
    it = desk()
    name = f"odoofs unsure {moment}"
    text = json.dumps({"name": name, "ref": "odoofs-unsure"}).encode()
    tap.cut("create", moment)
    try:
        assert save(it.directory / "unsure.json", text) == "EIO"
        assert tap.counts()["create"] == 1
        made = rpc.ids("res.partner", [["name", "=", name]])
        assert len(made) == (0 if moment == "before" else 1)
        error = it.last_error()
        assert (error["operation"], error["errno"]) == ("create", "EIO")
        assert UNKNOWN in error["message"]
        assert UNKNOWN in check_kept(it, "unsure.json", text)
    finally:
        made = rpc.ids("res.partner", [["name", "=", name]])
        if made:
            rpc.call("res.partner", "unlink", made)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_unlink_is_never_sent_twice(desk, tap, rpc, moment):
    it = desk()
    tap.cut("unlink", moment)
    with pytest.raises(OSError) as error:
        it.path.unlink()
    assert error.value.errno == errno.EIO
    assert tap.counts()["unlink"] == 1
    assert (it.on_server() is None) == (moment == "after")
    told = it.last_error()
    assert (told["operation"], told["errno"]) == ("unlink", "EIO")
    assert UNKNOWN in told["message"]
    # What is there is looked up, and not guessed.
    it.tree.refresh("res.partner")
    assert it.path.exists() == (moment == "before")


def test_the_server_is_gone(desk, tap):
    """Everything that would change something fails at once, and works again when it is back."""
    it = desk()
    text = it.edited(city="Namur")
    tap.down()
    assert save(it.path, text) in ("EHOSTUNREACH", "EIO")
    check_kept(it, it.path.name, text)
    assert save(it.directory / "gone.json", b'{"name": "Gone"}') in ("EHOSTUNREACH", "EIO")
    with pytest.raises(OSError):
        it.path.unlink()
    tap.up()
    assert tap.changes() == []
    it.clear_rejected()
    assert retry(lambda: save(it.path, text) == "", 60, 1)
    assert it.changed() == {"city": "Namur"}


@pytest.mark.parametrize("moment", ["while it is written", "while it is sent"])
def test_odoofs_is_killed(desk, tap, moment):
    """By -9: the server has all of a change or nothing."""
    it = desk()
    text = it.edited(city="Namur", street="Meir 1")
    heard: list = []
    if moment == "while it is written":
        fd = os.open(it.path, os.O_WRONLY | os.O_TRUNC)
        os.write(fd, text[:len(text) // 2])
        it.tree.crash()
        with pytest.raises(OSError):
            os.write(fd, text[len(text) // 2:])
            os.fsync(fd)
        try:
            os.close(fd)
        except OSError:
            pass
        assert it.changed() == {}
        return
    tap.cut("write", "hold")
    thread = threading.Thread(target=lambda: heard.append(save(it.path, text)))
    thread.start()
    assert retry(lambda: tap.counts()["write"], 60)
    it.tree.crash()
    thread.join(60)
    assert heard and heard != [""]
    tap.release()
    whole = {"city": "Namur", "street": "Meir 1"}
    assert retry(lambda: it.changed() == whole)


def test_a_forbidden_record(mount, server, partners):
    """What the account may only read says so before anything is typed."""
    tree = mount("demo", models="res.country")
    path = tree / "res.country" / f"{partners.country}.json"
    text = path.read_bytes()
    with pytest.raises(PermissionError):
        path.write_bytes(text.replace(b'"BE"', b'"BX"'))
    with pytest.raises(PermissionError):
        path.unlink()
    with pytest.raises(PermissionError):
        (tree / "res.country/new.json").write_bytes(b'{"name": "New"}')
    assert path.read_bytes() == text


@contextlib.contextmanager
def forbidden(server, rpc, number):
    """A record rule on one partner that no administrator goes past, either."""
    if server.is_fake:
        server.control(forbid_record={"model": "res.partner", "id": number})
        yield
        server.control(reset=True)
        return
    rule = rpc.call("ir.rule", "create", {
        "name": "odoofs", "model_id": rpc.ids("ir.model", [["model", "=", "res.partner"]])[0],
        "domain_force": f"[('id', '!=', {number})]", "perm_read": False, "perm_create": False})
    try:
        yield
    finally:
        rpc.call("ir.rule", "unlink", [rule])


def test_a_record_that_a_rule_forbids(desk, server, rpc):
    """It was allowed when it was read: the save says so, its text is kept, and rm hears it too."""
    it = desk()
    text = it.edited(city="Namur")
    it.path.read_bytes()
    with forbidden(server, rpc, it.number):
        assert save(it.path, text) == "EACCES"
        check_kept(it, it.path.name, text)
        assert it.last_error()["errno"] == "EACCES"
        with pytest.raises(PermissionError):
            it.path.unlink()
    assert it.changed() == {}
