# SPDX-License-Identifier: MIT
"""The tree: models are directories, records are files, and nothing else is listed."""

import os
import stat
import subprocess

import pytest

from harness.mount import retry


def readable_models(rpc) -> set[str]:
    """What an administrator may read, worked out from the tables of rights."""
    groups = "all_group_ids" if "all_group_ids" in rpc.call(
        "res.users", "fields_get", ["all_group_ids"], []) else "groups_id"
    mine = rpc.read("res.users", [rpc.uid], [groups])[0][groups]
    rows = rpc.call("ir.model.access", "search_read", [
        ["perm_read", "=", True], ["active", "=", True],
        "|", ["group_id", "=", False], ["group_id", "in", mine]], ["model_id"])
    fields = ["model", "transient"]
    if "abstract" in rpc.call("ir.model", "fields_get", ["abstract"], []):
        fields.append("abstract")
    models = rpc.read("ir.model", [row["model_id"][0] for row in rows], fields)
    return {m["model"] for m in models if not m["transient"] and not m.get("abstract")}


def test_root_lists_every_readable_model(tree, rpc):
    listed = tree.models()
    assert len(listed) == len(set(listed))
    assert set(listed) == readable_models(rpc)


def test_root_has_no_transient_model(tree, rpc):
    transient = rpc.call("ir.model", "search_read", [["transient", "=", True]], ["model"])
    assert transient
    for row in transient[:5]:
        assert not (tree / row["model"]).exists()
    assert not {row["model"] for row in transient} & set(tree.models())


def test_model_lists_every_record_once(tree, rpc):
    ids = tree.ids("res.partner")
    assert ids == rpc.ids("res.partner")
    assert len(ids) >= 2000


def test_archived_records_are_listed_unless_told_otherwise(tree, mount, rpc):
    archived = rpc.ids("res.partner", [["active", "=", False]])
    assert archived
    assert set(archived) <= set(tree.ids("res.partner"))
    without = mount(archived="no").ids("res.partner")
    assert without == rpc.ids("res.partner", [["active", "=", True]])


def test_listing_names_files_and_types(tree):
    with os.scandir(tree / "res.country") as entries:
        for entry in entries:
            assert entry.name == f"{int(entry.name[:-5])}.json"
            assert entry.is_file(follow_symlinks=False)
    with os.scandir(tree.path) as entries:
        assert all(entry.is_dir(follow_symlinks=False) for entry in entries)


def test_dots_are_listed_once(tree):
    for directory in (tree.path, tree / "res.country", tree / ".odoofs"):
        names = subprocess.run(["ls", "-fa", directory], capture_output=True, text=True,
                               check=True).stdout.split("\n")
        assert names.count(".") == 1 and names.count("..") == 1


def test_dots_lead_where_they_should(tree):
    root = os.stat(tree.path)
    model = os.stat(tree / "res.country")
    assert os.stat(tree / "res.country/.").st_ino == model.st_ino
    assert os.stat(tree / "res.country/..").st_ino == root.st_ino
    assert root.st_ino == 1


def test_control_directory_is_reachable_and_not_listed(tree):
    assert ".odoofs" not in tree.models()
    assert stat.S_ISDIR(os.stat(tree / ".odoofs").st_mode)
    found = subprocess.run(["find", ".", "-mindepth", "1", "-maxdepth", "2", "-name", ".*"],
                           cwd=tree.path, capture_output=True, text=True)
    assert found.stdout == ""


@pytest.mark.parametrize("name", [
    "0.json", "-1.json", "+1.json", "01.json", "1", "1.JSON", "1.json~", "1.jso", "1.json ",
    " 1.json", "1e3.json", "0x1.json", "1.0.json", "２.json", "json", ".json", "1..json",
    "2147483648.json", "4294967297.json", "18446744073709551617.json", "9" * 200 + ".json",
    ".infos", ".filters", ".swp", "x" * 255])
def test_names_of_no_record(tree, name):
    with pytest.raises(FileNotFoundError):
        os.stat(tree / "res.partner" / name)


def test_ids_that_no_record_has(tree):
    for number in (999999, 2147483647):
        with pytest.raises(FileNotFoundError):
            os.stat(tree.record("res.partner", number))


def test_ids_that_no_record_has_cost_one_read_before_the_listing_is_known(mount):
    tree = mount()
    with tree.counting() as calls:
        for _ in range(3):
            assert not tree.record("res.partner", 999999).exists()
    assert calls.pop("res.partner.read") == 1
    assert calls.pop("res.partner.fields_get") == 1
    assert not {name for name in calls if name.startswith("res.partner.")}


def test_ids_that_no_record_has_cost_nothing_once_the_listing_is_known(mount):
    tree = mount()
    tree.ids("res.partner")
    tree.read("res.partner/1.json")
    with tree.counting() as calls:
        for number in range(900000, 900100):
            assert not tree.record("res.partner", number).exists()
    assert not calls


def test_models_that_there_are_not(tree):
    for name in ("no.such.model", "res", "res.partner.", "RES.PARTNER", "*", "x" * 255):
        assert not (tree / name).exists()
    assert not os.path.exists(tree / ("x" * 256))


def test_a_record_is_no_directory(tree, rpc):
    number = rpc.ids("res.country", limit=1)[0]
    with pytest.raises(NotADirectoryError):
        os.stat(tree / f"res.country/{number}.json/name")
    with pytest.raises(NotADirectoryError):
        os.listdir(tree.record("res.country", number))
    with pytest.raises(IsADirectoryError):
        open(tree / "res.country", "rb").close()


def test_an_empty_model_lists_nothing(tree, rpc):
    empty = next(model for model in tree.models() if not rpc.ids(model))
    assert tree.ids(empty) == []


def test_models_narrows_the_tree(mount):
    tree = mount(models="res.country*:res.lang")
    assert sorted(m for m in tree.models() if not m.startswith("res.country")) == ["res.lang"]
    assert {"res.country", "res.country.state", "res.country.group"} <= set(tree.models())
    assert not (tree / "res.partner").exists()
    assert tree.ids("res.lang")


def test_models_that_match_nothing_leave_an_empty_tree(mount):
    assert mount(models="nothing.*").models() == []


@pytest.mark.parametrize("ttl", [3600, 1], ids=["after a refresh", "after the ttl"])
def test_a_new_model_appears(mount, rpc, server, request, ttl):
    tree = mount(ttl=ttl)
    before = set(tree.models())
    assert not (tree / "x_odoofs_thing").exists()
    if server.is_fake:
        server.control(extra_models=["x_odoofs_thing"])
        request.addfinalizer(lambda: server.control(
            sql="DELETE FROM ir_model WHERE model = 'x_odoofs_thing'"))
    else:
        model = rpc.call("ir.model", "create", {
            "name": "Thing", "model": "x_odoofs_thing", "state": "manual"})
        request.addfinalizer(lambda: rpc.call("ir.model", "unlink", [model]))
        rpc.call("ir.model.access", "create", {
            "name": "thing", "model_id": model, "perm_read": True})
    if ttl > 1:
        tree.refresh()
    assert retry(lambda: "x_odoofs_thing" in tree.models())
    assert set(tree.models()) == before | {"x_odoofs_thing"}


def test_refresh_shows_a_new_model_at_once(mount, own_fake):
    """Who looks after it waits for the list, and doesn't see the old one."""
    server = own_fake(partners=10)
    tree = mount(source=server.source())
    for n in range(3):
        assert not (tree / f"x_thing{n}").exists()
        server.control(extra_models=[{"model": f"x_thing{n}", "rows": 1}])
        tree.refresh()
        assert tree.ids(f"x_thing{n}") == [1]


def test_the_password_is_no_part_of_the_mount_table(tree, server):
    line = next(line for line in open("/proc/self/mountinfo", encoding="utf-8")
                if str(tree.path) in line)
    assert server.source() in line
    assert " fuse.odoofs " in line
    assert "default_permissions" in line
