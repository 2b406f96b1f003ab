# SPDX-License-Identifier: MIT
"""Methods of a model, called by a write to .call/METHOD: the result, the errno, who may."""

from __future__ import annotations

import errno
import json
import os
import pathlib
import subprocess

import pytest

from harness.mount import retry

pytestmark = [pytest.mark.each_door, pytest.mark.calm("a call isn't sent again")]


def call(path: pathlib.Path, text: str) -> str:
    """Write as a shell does; the name of the errno that the write ended with, or ""."""
    fd = os.open(path, os.O_WRONLY | os.O_TRUNC)
    try:
        assert os.write(fd, text.encode()) == len(text.encode())
    except OSError as error:
        return errno.errorcode[error.errno]
    finally:
        os.close(fd)
    return ""


def quotation(rpc, colleague) -> int:
    partner = rpc.ids("res.partner", limit=1)[0]
    return colleague.rpc.call("sale.order", "create", {"partner_id": partner})


@pytest.fixture
def order(rpc, colleague):
    number = quotation(rpc, colleague)
    yield number
    rpc.call("sale.order", "action_cancel", [number])
    rpc.call("sale.order", "unlink", [number])


def test_a_method_is_called_and_its_record_is_another(mount, rpc, order):
    tree = mount()
    path = tree.record("sale.order", order)
    assert json.loads(path.read_text())["state"] == "draft"
    result = subprocess.run(["bash", "-c", f"echo '[[{order}]]' > .call/action_confirm"],
                            cwd=tree / "sale.order", capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(tree.read("sale.order/.call/action_confirm")) in (True, [True], None)
    assert rpc.read("sale.order", [order], ["state"])[0]["state"] == "sale"
    assert json.loads(path.read_text())["state"] == "sale"
    assert len(path.read_bytes()) == path.stat().st_size


def test_what_a_call_made_is_listed(mount, rpc, colleague):
    tree = mount()
    number = colleague.create("res.partner", name="Azure Copy", ref="COPY")
    tree.refresh("res.partner")
    before = set(tree.ids("res.partner"))
    assert call(tree / "res.partner/.call/copy", f"[[{number}]]") == ""
    made = json.loads(tree.read("res.partner/.call/copy"))
    made = made[0] if isinstance(made, list) else made
    colleague.created.append(("res.partner", made))
    assert retry(lambda: set(tree.ids("res.partner")) - before == {made})


def test_the_result_is_read_on_the_same_file(tree, rpc):
    fd = os.open(tree / "res.partner/.call/read", os.O_RDWR)
    try:
        for number in rpc.ids("res.partner", limit=3):
            text = json.dumps([[number], ["name"]]).encode()
            assert os.write(fd, text) == len(text)
            name = rpc.read("res.partner", [number], ["name"])
            assert json.loads(os.read(fd, 1 << 16)) == name  # where it was written
            assert os.read(fd, 1 << 16) == b""
            assert json.loads(os.pread(fd, 1 << 16, 0)) == name  # and from the beginning
    finally:
        os.close(fd)


def test_each_open_file_has_its_own_result(tree, rpc):
    first, second = rpc.ids("res.partner", limit=2)
    path = tree / "res.partner/.call/read"
    one, two = os.open(path, os.O_RDWR), os.open(path, os.O_RDWR)
    try:
        os.write(one, b'[[%d], ["name"]]' % first)
        os.write(two, b'[[%d], ["name"]]' % second)
        assert json.loads(os.read(one, 1 << 16))[0]["id"] == first
        assert json.loads(os.read(two, 1 << 16))[0]["id"] == second
    finally:
        os.close(one)
        os.close(two)
    # Who opens it later gets what came last, and with its size.
    assert json.loads(path.read_bytes())[0]["id"] == second
    assert path.stat().st_size == len(path.read_bytes())


def test_an_object_names_its_parts(tree, rpc):
    path = tree / "res.partner/.call/search_read"
    number = rpc.ids("res.partner", limit=1)[0]
    assert call(path, json.dumps({"kwargs": {
        "domain": [["id", "=", number]], "fields": ["name"]}})) == ""
    assert json.loads(path.read_bytes()) == rpc.read("res.partner", [number], ["name"])


def test_the_context_goes_with_it(tree, rpc):
    archived = rpc.ids("res.partner", [["active", "=", False]])
    path = tree / "res.partner/.call/search"
    question = {"args": [[["active", "in", [True, False]], ["id", "in", archived]]]}
    assert call(path, json.dumps(question)) == ""
    assert sorted(json.loads(path.read_bytes())) == archived
    del question["args"][0][0]
    assert call(path, json.dumps({**question, "context": {"active_test": True}})) == ""
    assert json.loads(path.read_bytes()) == []


def test_a_text_may_come_in_pieces(tree, rpc):
    numbers = rpc.ids("res.partner", limit=2)
    text = json.dumps([numbers, ["name"]]).encode() + b"\n\n"
    fd = os.open(tree / "res.partner/.call/read", os.O_RDWR)
    try:
        for byte in text:
            assert os.write(fd, bytes([byte])) == 1
        assert len(json.loads(os.pread(fd, 1 << 16, 0))) == 2
    finally:
        os.close(fd)


def test_nothing_written_is_no_call(tree):
    (tree / "res.partner/.call").stat()
    with tree.counting() as calls:
        for command in (": > .call/action_archive", "touch .call/action_archive",
                        "echo > .call/action_archive", "cat .call/action_archive"):
            subprocess.run(["bash", "-c", command], cwd=tree / "res.partner", check=True)
    assert calls == {}


def test_a_large_argument(mount, rpc, partners):
    tree = mount()
    number, comment = partners.one(), "x" * 300_000
    assert call(tree / "res.partner/.call/write",
                json.dumps([[number], {"comment": comment}])) == ""
    assert comment in rpc.read("res.partner", [number], ["comment"])[0]["comment"]


# What goes wrong

def test_a_fault_is_the_errno_and_its_text_the_content(tree):
    path = tree / "res.partner/.call/write"
    assert call(path, '[[99999999], {"name": "x"}]') == "ENOENT"
    text = path.read_text()
    assert "does not exist" in text or "doesn't exist" in text
    error = tree.errors()[-1]
    assert (error["path"], error["operation"]) == ("res.partner/.call/write", "call")
    assert error["errno"] == "ENOENT" and error["message"] + "\n" == text


def test_what_the_server_refuses(tree, rpc):
    assert call(tree / "res.country/.call/create", '[{"name": "B", "code": "BE"}]') == "EEXIST"
    assert call(tree / "res.partner/.call/search", '[[["nosuch", "=", 1]]]') == "EINVAL"
    assert "nosuch" in tree.read("res.partner/.call/search").decode()
    assert call(tree / "res.partner/.call/nosuch_method", "[[1]]") == "EIO"
    assert "nosuch_method" in tree.read("res.partner/.call/nosuch_method").decode()


def test_a_shell_hears_it(tree):
    result = subprocess.run(["bash", "-c", "echo hello > .call/action_archive"],
                            cwd=tree / "res.partner", capture_output=True, text=True)
    assert result.returncode == 1 and "Invalid argument" in result.stderr


@pytest.mark.parametrize("text, words", [
    ("hello", "a list of its arguments, [[5], …], or an object"),
    ("5", "a list of its arguments"),
    ("[[5]", "a ] is missing"),
    ("[[5]]]", "line 1, column 6"),
    ('{"id": [5]}', '"id" is no part of a call'),
    ('{"ids": "5"}', '"ids" has to be an id, or a list of ids'),
    ('{"kwargs": [1]}', '"kwargs" has to be an object'),
    ("[9007199254740993, 1]", "below 2^53"),
])
def test_what_is_no_call_is_never_sent(tree, text, words):
    path = tree / "res.partner/.call/action_archive"
    path.stat()
    with tree.counting() as calls:
        fd = os.open(path, os.O_WRONLY)
        with pytest.raises(OSError) as caught:
            try:
                os.write(fd, text.encode())
            finally:
                os.close(fd)
    assert caught.value.errno == errno.EINVAL
    assert calls == {}
    error = tree.errors()[-1]
    assert words in error["message"] and error["path"] == "res.partner/.call/action_archive"


def test_private_methods_are_refused(tree):
    for name in ("_write", "__init__"):
        with pytest.raises(PermissionError):
            open(tree / "res.partner/.call" / name, "w")
    assert "private to Odoo" in tree.errors()[-1]["message"]
    for name in ("no-such", "a.b", "1st"):
        assert not (tree / "res.partner/.call" / name).exists()


def test_who_may_not_write_is_refused_by_the_server(mount, rpc):
    tree = mount("demo", models="res.country")
    number = rpc.ids("res.country", limit=1)[0]
    before = rpc.read("res.country", [number], ["name"])
    assert call(tree / "res.country/.call/write", f'[[{number}], {{"name": "x"}}]') == "EACCES"
    assert rpc.read("res.country", [number], ["name"]) == before


def test_calls_can_be_denied(mount, rpc):
    tree = mount(calls="deny")
    path = tree / "res.partner/.call/action_archive"
    path.stat()
    with tree.counting() as calls, pytest.raises(PermissionError) as caught:
        os.open(path, os.O_WRONLY)
    assert caught.value.errno == errno.EPERM and calls == {}
    assert tree.errors()[-1]["message"] == "calls=deny: methods can't be called here"
    assert path.stat().st_mode & 0o777 == 0o400
    assert tree.status()["options"]["calls"] == "deny"


@pytest.mark.parametrize("option", ["ro", "backup"])
def test_nothing_is_called_on_a_read_only_mount(mount, option):
    tree = mount(**{option: True})
    path = tree / "res.partner/.call/action_archive"
    with pytest.raises(OSError) as caught:
        os.open(path, os.O_WRONLY)
    assert caught.value.errno == errno.EROFS
    assert path.read_bytes() == b""
    assert tree.status()["options"]["calls"] == "deny"


def test_delete_deny_holds_for_calls(mount, rpc, partners):
    tree, number = mount(delete="deny"), partners.one()
    with pytest.raises(PermissionError):
        os.open(tree / "res.partner/.call/unlink", os.O_WRONLY)
    assert "delete=deny" in tree.errors()[-1]["message"]
    assert rpc.ids("res.partner", [["id", "=", number]]) == [number]


def test_it_is_in_the_model_s_own_directory_and_isn_t_listed(tree):
    assert ".call" not in os.listdir(tree / "res.partner")
    assert os.listdir(tree / "res.partner/.call") == []
    assert not (tree / "res.partner/.filter/id/1/.call").exists()
    assert "is in the model's own directory" in tree.errors()[-1]["message"]


def test_a_call_is_sent_once(wired, tap, rpc, partners):
    """The line breaks when the server has done it: nobody knows, so it isn't done twice."""
    tree, number = wired(), partners.one()
    path = tree / "res.partner/.call/copy"
    path.stat()
    before = rpc.ids("res.partner")
    tap.cut("copy", "after")
    assert call(path, f"[[{number}]]") == "EIO"
    assert "unknown" in path.read_text()
    made = [x for x in rpc.ids("res.partner") if x not in before]
    assert len(made) == 1
    rpc.call("res.partner", "unlink", made)
