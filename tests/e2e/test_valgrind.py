# SPDX-License-Identifier: MIT
"""A mount under valgrind, which sees what sanitizers don't: values that nobody set, in the libraries
as well, and what is lost at the end without their allocator.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess

import pytest

from harness.desk import replace, save
from harness.mount import PLAIN, Mount, needs_plain, retry

PARTNER = "res.partner"
STATUS = 98
VALGRIND = ["valgrind", "--quiet", f"--error-exitcode={STATUS}", "--leak-check=full",
            "--errors-for-leak-kinds=definite", "--show-leak-kinds=definite", "--fair-sched=try"]

pytestmark = [pytest.mark.any_door, pytest.mark.since(19), needs_plain]


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """Without what debuggers know: valgrind takes clang's for damaged, and names come without it."""
    path = tmp_path_factory.mktemp("valgrind") / "odoofs"
    subprocess.run(["objcopy", "--strip-debug", PLAIN, path], check=True)
    return str(path)


@pytest.fixture
def watched(own_fake, mounts, program):
    """Mounts a small server's database under valgrind: watched(**options) is server, mount."""
    def make(**options):
        server = own_fake(partners=60)
        tree = Mount(server.source(), "admin", program=program, within=VALGRIND, ttl=1,
                     timeout=200, **options)
        mounts.append(tree)
        return server, tree
    return make


def look(tree: Mount) -> None:
    """At a bit of everything there is to read."""
    ids = tree.ids(PARTNER)
    for number in ids:
        assert tree.json(f"{PARTNER}/{number}.json")["id"] == number
    for model in tree.models()[:12]:
        for number in tree.ids(model)[:3]:
            tree.read(f"{model}/{number}.json")
    for view in (".filter/country_id.code/BE", ".by/country_id", ".domain/[('id','>',3)]/.last/5",
                 ".name/azure", ".order/name.desc/.first/9", ".columns/name,city", ".sample/3"):
        os.listdir(tree / PARTNER / view)
    links = tree / PARTNER / ".first/9/.names"
    assert {os.readlink(links / name) for name in os.listdir(links)
            if name.endswith(".json")} == {f"../{number}.json" for number in ids[:9]}
    for name in ("fields.json", "schema.json", "template.json", "count", "access.json"):
        assert tree.read(f"{PARTNER}/.info/{name}")
    for kind in ("csv", "json", "jsonl"):
        assert tree.read(f"{PARTNER}/.columns/name,country_id,category_id/.export/{kind}")
    for path in (tree / PARTNER).glob("*.image_1920.*"):
        assert len(path.read_bytes()) == path.stat().st_size
    with pytest.raises(FileNotFoundError):
        (tree / "no.model/1.json").read_bytes()


def edit(tree: Mount, rpc) -> None:
    path = tree.record(PARTNER, 14)
    assert save(path, replace(path.read_bytes(), city="Gent")) == ""
    assert save(path, replace(path.read_bytes(), name=3)) == "EINVAL"
    assert save(path, b"no JSON") == "EINVAL"
    assert os.getxattr(path, "user.odoofs.error")
    scratch = path.with_name(".14.json.Xy12Zq")
    scratch.write_bytes(replace(path.read_bytes(), city="Liège", category_id=[1, 2]))
    scratch.rename(path)
    assert rpc.read(PARTNER, [14], ["city", "category_id"])[0] == {
        "id": 14, "city": "Liège", "category_id": [1, 2]}
    image = next((tree / PARTNER).glob("*.image_1920.*"))
    assert save(image, image.read_bytes() + b"\n") == ""
    (tree / PARTNER / "new.json").write_text('{"name": "Azure Valgrind"}')
    [made] = rpc.ids(PARTNER, [["name", "=", "Azure Valgrind"]])
    assert tree.json(f"{PARTNER}/{made}.json")["name"] == "Azure Valgrind"
    tree.record(PARTNER, made).unlink()
    assert not rpc.ids(PARTNER, [["id", "=", made]])
    method = tree / PARTNER / ".call/name_search"
    method.write_text('{"kwargs": {"name": "", "limit": 3}}')
    assert json.loads(method.read_bytes())
    with pytest.raises(OSError) as failure:
        (tree / PARTNER / ".call/unlink").write_text("[[999999]]")
    assert failure.value.errno in (errno.ENOENT, errno.EINVAL, errno.EIO)


def trouble(tree: Mount, server) -> None:
    """A change of somebody else, a server that fails and one that is gone, and all signals."""
    server.rpc().call(PARTNER, "write", [15], {"city": "Namur"})
    assert retry(lambda: tree.json(f"{PARTNER}/15.json")["city"] == "Namur", 60)
    server.fault("fault", model="res.lang", method="search", name="builtins.ValueError",
                 message="no good")
    with pytest.raises(OSError):
        tree.ids("res.lang")
    server.kill()
    with pytest.raises(OSError):
        tree.read("res.bank/1.json")
    server.start()
    tree.signal(signal.SIGHUP)
    tree.signal(signal.SIGUSR1)
    assert retry(lambda: "calls_by_method" in tree.log(), 60)
    assert tree.ids(PARTNER)
    assert tree.errors() and tree.stats()
    tree.wait_until_idle()


def test_nothing_is_wrong_where_it_is_edited(watched, tmp_path):
    server, tree = watched(cache_dir=tmp_path / "store")
    look(tree)
    edit(tree, server.rpc())
    trouble(tree, server)
    tree.unmount()


def test_nothing_is_wrong_where_it_is_read_only(watched, tmp_path):
    """With a store that is written, and then found by the next mount."""
    for _ in range(2):
        server, tree = watched(backup=True, prefetch="res.partner", cache_dir=tmp_path / "store")
        look(tree)
        look(tree)
        tree.signal(signal.SIGTERM)
        assert tree.process.wait(60) == 0, tree.log()
