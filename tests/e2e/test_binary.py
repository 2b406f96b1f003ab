# SPDX-License-Identifier: MIT
"""Binary fields as files: which there are, what stat says of them, and what is in them."""

import base64
import os
import subprocess

import pytest

from harness.mount import retry
from harness.pictures import GIF, encoded, files, png, sum_of

PARTNER, ATTACHMENT = "res.partner", "ir.attachment"


def with_image(rpc, limit=5):
    return rpc.ids(PARTNER, [["image_1920", "!=", False]], limit=limit)


def content(rpc, model, number, field):
    return base64.b64decode(rpc.read(model, [number], [field])[0][field])


def test_records_with_images_have_files(tree, rpc):
    listed = os.listdir(tree / PARTNER)
    shown = {int(name.split(".")[0]) for name in listed if ".image_1920." in name}
    assert shown == set(with_image(rpc, None))
    assert not [name for name in listed if "image_128" in name or "avatar" in name]


def test_a_file_is_what_the_server_has(tree, rpc):
    for number in with_image(rpc):
        data = content(rpc, PARTNER, number, "image_1920")
        line = tree.json(f"{PARTNER}/{number}.json")["image_1920"]
        path = tree / PARTNER / line["file"]
        st = path.stat()
        assert path.read_bytes() == data
        assert (tree / PARTNER / f"{number}.image_1920").read_bytes() == data
        assert (tree / PARTNER / f"{number}.image_1920").stat().st_ino == st.st_ino
        assert st.st_size == len(data) == line["size"]
        assert line["sha1"] == sum_of(data) and line["type"].startswith("image/")
        assert st.st_ino != tree.record(PARTNER, number).stat().st_ino


def test_a_record_without_one_says_so(tree, rpc):
    number = rpc.ids(PARTNER, [["image_1920", "=", False]], limit=1)[0]
    assert tree.json(f"{PARTNER}/{number}.json")["image_1920"] is False
    assert not (tree / PARTNER / f"{number}.image_1920").exists()
    assert files(tree / PARTNER, number) == [f"{number}.json"]


def test_another_suffix_is_another_name(tree, rpc):
    number = with_image(rpc, 1)[0]
    for name in ("image_1920.pdf", "image_1920.", "image_1920.png.x", "image_128", "nosuch.png"):
        assert not (tree / PARTNER / f"{number}.{name}").exists()


def test_who_may_not_do_much_sees_the_same(mount, rpc):
    tree = mount("demo")
    for number in with_image(rpc, 2):
        data = content(rpc, PARTNER, number, "image_1920")
        assert (tree / PARTNER / f"{number}.image_1920").read_bytes() == data
        line = tree.json(f"{PARTNER}/{number}.json")["image_1920"]
        assert (line["size"], line["sha1"]) == (len(data), sum_of(data))


def test_a_listing_costs_a_call(mount, rpc):
    tree = mount(ro=True)
    number = len(rpc.ids(PARTNER))
    with tree.counting() as calls:
        os.listdir(tree / PARTNER)
    asked = calls["ir.attachment.search_read"] + calls["ir.attachment.read_group"]
    assert asked == 1 and number < 10000
    with tree.counting() as calls:
        os.listdir(tree / "res.country.state")
    assert not [name for name in calls if name.startswith("ir.attachment")]


def test_parts_of_a_file(tree, rpc):
    number = with_image(rpc, 1)[0]
    data = content(rpc, PARTNER, number, "image_1920")
    with open(tree / PARTNER / f"{number}.image_1920", "rb") as file:
        for offset in (len(data) // 2, 0, len(data) - 1, len(data), len(data) + 5000):
            file.seek(offset)
            assert file.read(100) == data[offset:offset + 100]


def test_views_have_them_too(tree, rpc):
    number = with_image(rpc, 1)[0]
    own = tree / PARTNER / f"{number}.image_1920.png"
    for view in (f".filter/id/{number}", f".filter/id/{number}/.order/name.desc"):
        assert files(tree / PARTNER / view, number) == [own.name, f"{number}.json"]
        assert (tree / PARTNER / view / own.name).stat().st_ino == own.stat().st_ino
    other = rpc.ids(PARTNER, [["id", "!=", number]], limit=1)[0]
    assert not (tree / PARTNER / f".filter/id/{other}" / own.name).exists()


@pytest.mark.parametrize("view", ("", ".filter/image_1920/.ne/false", ".order/name.desc"))
def test_links_for_people(tree, rpc, view):
    """In `.names` of a view there is a link to each file that is in the view."""
    directory = tree / PARTNER / view
    links = {os.readlink(directory / ".names" / name): name
             for name in os.listdir(directory / ".names")}
    assert sorted(links) == sorted(f"../{name}" for name in os.listdir(directory))
    for number in with_image(rpc, 3):
        [own] = [name for name in files(directory, number) if ".image_1920." in name]
        name = rpc.read(PARTNER, [number], ["display_name"])[0]["display_name"]
        assert links[f"../{own}"] == (
            f"{name} ({number})".replace("/", "%2F") + own.removeprefix(str(number)))
        link = directory / ".names" / links[f"../{own}"]
        assert link.read_bytes() == content(rpc, PARTNER, number, "image_1920")
        assert not link.with_suffix(".pdf").is_symlink()
        assert not link.with_name(f"Somebody else ({number}).image_1920.png").is_symlink()


def test_links_of_long_names(tree, colleague):
    number = colleague.create(ATTACHMENT, name="é" * 300, datas=encoded(b"x"))
    view = tree / ATTACHMENT / f".filter/id/{number}/.names"
    for name in os.listdir(view):
        assert len(name.encode()) <= 255 and name.startswith("é" * 100) and "…" in name
        assert os.path.samefile(view / name, tree / ATTACHMENT / os.readlink(view / name)[3:])
    assert len(os.listdir(view)) == 2


def test_no_links_where_a_view_has_no_such_files(tree, rpc):
    number = with_image(rpc, 1)[0]
    view = tree / PARTNER / f".filter/id/{number}/.columns/name/.names"
    assert [os.readlink(view / name) for name in os.listdir(view)] == [f"../{number}.json"]


def test_a_view_costs_few_calls(mount, rpc):
    number = len(rpc.ids(PARTNER))
    for view in (".order/name.desc", ".filter/id/.gt/0", ".filter/id/.gt/0/.names"):
        tree = mount()
        with tree.counting() as calls:
            os.listdir(tree / PARTNER / view)
        asked = calls["ir.attachment.search_read"] + calls["ir.attachment.read_group"]
        assert 0 < asked <= 1 + number // 900


def test_a_backup_holds_them_and_copies_nothing_twice(mount, rpc, tmp_path):
    tree = mount(backup=True, models="res.partner")
    number = with_image(rpc, 1)[0]

    def copy():
        run = subprocess.run(["rsync", "-a", "--out-format=%n", f"{tree.path}/", tmp_path],
                             check=True, capture_output=True, text=True)
        return [name for name in run.stdout.split() if not name.endswith("/")]
    assert f"{PARTNER}/{number}.image_1920.png" in copy()
    assert copy() == []
    data = content(rpc, PARTNER, number, "image_1920")
    assert (tmp_path / PARTNER / f"{number}.image_1920.png").read_bytes() == data


# Attachments

def test_attachments(tree, rpc, colleague):
    text = colleague.create(ATTACHMENT, name="a.txt", datas=encoded(b"hello\n"))
    pdf = colleague.create(ATTACHMENT, name="b", datas=encoded(b"%PDF-1.4\n%%EOF\n"))
    link = colleague.create(ATTACHMENT, name="c", type="url", url="https://example.com/")
    nothing = colleague.create(ATTACHMENT, name="d", datas=False)
    assert (tree / ATTACHMENT / f"{text}.datas.txt").read_bytes() == b"hello\n"
    assert (tree / ATTACHMENT / f"{pdf}.datas.pdf").stat().st_size == 15
    assert tree.json(f"{ATTACHMENT}/{text}.json")["datas"] == {
        "file": f"{text}.datas.txt", "size": 6, "sha1": sum_of(b"hello\n"), "type": "text/plain"}
    for number in (link, nothing):
        assert tree.json(f"{ATTACHMENT}/{number}.json")["datas"] is False
        assert not (tree / ATTACHMENT / f"{number}.datas").exists()


def test_a_large_one_is_the_same(mount, colleague):
    data = os.urandom(3_000_000)
    number = colleague.create(ATTACHMENT, name="large", datas=encoded(data))
    for tree in (mount(), mount(ro=True)):
        assert (tree / ATTACHMENT / f"{number}.datas.bin").read_bytes() == data
        with open(tree / ATTACHMENT / f"{number}.datas", "rb") as file:
            file.seek(2_900_000)
            assert file.read() == data[2_900_000:]


# What others change

def test_what_a_colleague_changes_is_seen(mount, partners, colleague):
    number = partners.one()
    tree = mount(ttl=1)
    assert files(tree / PARTNER, number) == [f"{number}.json"]
    colleague.write(PARTNER, number, image_1920=encoded(png(1)))
    path = tree / PARTNER / f"{number}.image_1920.png"
    assert retry(path.exists, 60) and path.read_bytes() == png(1)
    assert retry(lambda: path.name in files(tree / PARTNER, number), 60)
    before = path.stat()
    with open(path, "rb") as file:
        colleague.write(PARTNER, number, image_1920=encoded(png(2, 9)))
        assert retry(lambda: path.read_bytes() == png(2, 9), 60)
        assert file.read() == png(1)  # who has it open reads what he opened
    assert path.stat().st_ino == before.st_ino
    assert tree.json(f"{PARTNER}/{number}.json")["image_1920"]["sha1"] == sum_of(png(2, 9))
    colleague.write(PARTNER, number, image_1920=encoded(GIF))
    assert retry(lambda: files(tree / PARTNER, number)
                 == [f"{number}.image_1920.gif", f"{number}.json"], 60)
    assert not path.exists()
    colleague.write(PARTNER, number, image_1920=False)
    assert retry(lambda: files(tree / PARTNER, number) == [f"{number}.json"], 60)


# Options

@pytest.mark.any_door
def test_none(mount, rpc):
    tree = mount(binary="none")
    number = with_image(rpc, 1)[0]
    assert "image_1920" not in tree.json(f"{PARTNER}/{number}.json")
    assert files(tree / PARTNER, number) == [f"{number}.json"]
    assert not (tree / PARTNER / f"{number}.image_1920").exists()
    assert tree.status()["options"]["binary"] == "none"


@pytest.mark.any_door
def test_inline(mount, rpc):
    tree = mount(binary="inline")
    number = with_image(rpc, 1)[0]
    assert tree.json(f"{PARTNER}/{number}.json")["image_1920"] == rpc.read(
        PARTNER, [number], ["image_1920"])[0]["image_1920"]
    assert files(tree / PARTNER, number) == [f"{number}.json"]
