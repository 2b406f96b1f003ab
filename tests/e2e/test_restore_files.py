# SPDX-License-Identifier: MIT
"""contrib/odoofs-restore: the images and attachments of what it restores."""

from __future__ import annotations

import shutil

import pytest

from harness.mount import Mount
from harness.pictures import encoded, png

# With the demo server only, as all of odoofs-restore.
pytestmark = [pytest.mark.skipif(not shutil.which("jq"), reason="not installed: jq"),
              pytest.mark.usefixtures("fake")]

PARTNER, ATTACHMENT = "res.partner", "ir.attachment"


@pytest.fixture(scope="module")
def trees(server):
    """A mount to restore into, and one to back up from."""
    made = [Mount(server.source(), ttl=0, max_file="64K"),
            Mount(server.source(), backup=True, ttl=0)]
    yield made
    for each in made:
        each.unmount()


def image(rpc, number):
    return rpc.read(PARTNER, [number], ["image_1920"])[0]["image_1920"]


def test_what_differs_is_written_and_no_more(restorer, rpc, colleague):
    changed, same, emptied, filled = colleague.create_many(PARTNER, [
        {"name": "Changed", "image_1920": encoded(png(1))},
        {"name": "Same", "image_1920": encoded(png(2))},
        {"name": "Emptied", "image_1920": encoded(png(3))},
        {"name": "Filled"}])
    kept = restorer.keep_files(PARTNER, changed, same, emptied, filled)
    rpc.call(PARTNER, "write", [changed], {"image_1920": encoded(png(4))})
    rpc.call(PARTNER, "write", [emptied], {"image_1920": False})
    rpc.call(PARTNER, "write", [filled], {"image_1920": encoded(png(5))})

    plan = restorer.run("--dry-run", kept)
    assert f"{PARTNER}/{changed}.image_1920: would be written" in plan.output
    assert f"{PARTNER}/{emptied}.image_1920: would be written" in plan.output
    assert f"{PARTNER}/{filled}.image_1920: would be emptied" in plan.output
    assert f"{PARTNER}/{same}" not in plan.output
    assert "would be: 3 changed, 0 created, 0 deleted, 0 problems" in plan.output
    assert image(rpc, changed) == encoded(png(4))

    with restorer.tree.counting() as calls:
        done = restorer.run(kept)
    assert calls[f"{PARTNER}.write"] == 3
    assert "odoofs-restore: 3 changed, 0 created, 0 deleted, 0 problems" in done.output
    assert [image(rpc, number) for number in (changed, same, emptied, filled)] == [
        encoded(png(1)), encoded(png(2)), encoded(png(3)), False]
    assert "0 changed, 0 created, 0 deleted, 0 problems" in restorer.run(kept).output


def test_with_a_record_that_is_created_anew(restorer, rpc, colleague):
    partner = colleague.create(PARTNER, name="Gone", image_1920=encoded(png(6)))
    attachment = colleague.create(ATTACHMENT, name="a.txt", datas=encoded(b"hello\n"))
    restorer.keep_files(PARTNER, partner)
    restorer.keep_files(ATTACHMENT, attachment)
    colleague.unlink(PARTNER, partner)
    colleague.unlink(ATTACHMENT, attachment)
    plan = restorer.run("--dry-run", restorer.snapshot)
    assert f"{PARTNER}/{partner}.image_1920: would be written" in plan.output
    done = restorer.run(restorer.snapshot)
    assert "0 changed, 2 created, 0 deleted, 0 problems" in done.output
    renamed = restorer.renamed()
    assert image(rpc, renamed[PARTNER, partner]) == encoded(png(6))
    [record] = rpc.read(ATTACHMENT, [renamed[ATTACHMENT, attachment]], ["datas", "name"])
    assert (record["datas"], record["name"]) == (encoded(b"hello\n"), "a.txt")


def test_what_is_wrong_is_told(restorer, rpc, colleague):
    missing, damaged, large = colleague.create_many(ATTACHMENT, [
        {"name": "missing", "datas": encoded(b"one")},
        {"name": "damaged", "datas": encoded(b"two")},
        {"name": "large", "datas": encoded(bytes(100_000))}])
    kept = restorer.keep_files(ATTACHMENT, missing, damaged, large)
    for number in (missing, damaged, large):
        rpc.call(ATTACHMENT, "write", [number], {"datas": encoded(b"another")})
    next(kept.glob(f"{missing}.datas.*")).unlink()
    next(kept.glob(f"{damaged}.datas.*")).write_bytes(b"tow")
    done = restorer.run(kept, status=1)
    assert f"{missing}.datas.txt is missing from the backup" in done.words
    assert f"{damaged}.datas.txt isn't what its record says of it" in done.words
    assert f"{ATTACHMENT}/{large}.datas can't be written: " in done.words
    assert "max_file" in done.words
    assert "3 problems" in done.output, done.words
    for record in rpc.read(ATTACHMENT, [missing, damaged, large], ["datas"]):
        assert record["datas"] == encoded(b"another")


def test_a_mount_without_such_files(restorer, mount, colleague):
    number = colleague.create(PARTNER, name="x", image_1920=encoded(png(7)))
    kept = restorer.keep_files(PARTNER, number)
    restorer.tree = mount(binary="none", ttl=0)
    assert "left aside: the mount needs binary=files" in restorer.run(kept).words
