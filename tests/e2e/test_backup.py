# SPDX-License-Identifier: MIT
"""contrib/odoofs-backup: dated snapshots, of which each is complete or says that it isn't."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess

import pytest

from harness.backup import BACKUP, Snapshots, files_of
from harness.mount import mounted, retry

pytestmark = pytest.mark.skipif(not shutil.which("rsync"), reason="not installed: rsync")

PARTNERS, TAGS = "res.partner", "res.partner.category"


@pytest.fixture
def nights(server, tmp_path):
    """Snapshots of two models."""
    return Snapshots(tmp_path / "backup", server.source(), f"{PARTNERS}:{TAGS}")


@pytest.fixture
def short(server, tmp_path):
    """Of one model that has little in it."""
    return Snapshots(tmp_path / "backup", server.source(), TAGS)


def changed_since(nights: Snapshots) -> set[str]:
    """Files of the newest snapshot that aren't hard links to the one before."""
    before, after = map(files_of, nights.complete()[-2:])
    return {name for name, stat in after.items()
            if name not in before or stat.st_ino != before[name].st_ino}


def test_a_backup_without_a_store_is_complete(short):
    """It takes longer, and says why."""
    assert short.run().status == 0
    (short.path / ".store").chmod(0o755)
    second = short.run()
    assert second.status == 0, second.words
    assert "there is no store on disk" in second.words and "chmod 700" in second.words
    assert len(short.complete()) == 2


def test_the_second_night_copies_what_changed(nights, colleague, rpc):
    """100 changed, 10 deleted, 10 new: exactly those, and all else is a hard link."""
    mine = colleague.create_many(PARTNERS, [{"name": f"Made {n}"} for n in range(20)])
    first = nights.run()
    assert first.status == 0, first.words
    assert first.words == ""
    ids = rpc.ids(PARTNERS)
    [one] = nights.complete()
    assert set(files_of(one)) == {f"{PARTNERS}/{n}.json" for n in ids} | {
        f"{TAGS}/{n}.json" for n in rpc.ids(TAGS)}
    assert f"{len(files_of(one))} records of 2 models" in first.summary
    assert json.loads((one / f"{PARTNERS}/{mine[0]}.json").read_text())["name"] == "Made 0"

    changed = colleague.create_many(PARTNERS, [{"name": f"Older {n}"} for n in range(90)])
    colleague.write(PARTNERS, mine[:10], city="Ghent")
    colleague.unlink(PARTNERS, mine[10:])
    second = nights.run()
    assert second.status == 0, second.words
    after = {f"{PARTNERS}/{n}.json" for n in changed + mine[:10]}
    assert changed_since(nights) == after
    assert "100 of them new or changed" in second.summary
    one, two = map(files_of, nights.complete())
    assert one.keys() - two.keys() == {f"{PARTNERS}/{n}.json" for n in mine[10:]}

    third = nights.run()
    assert third.status == 0, third.words
    assert changed_since(nights) == set()
    assert ", 0 of them new" in third.summary


def test_so_many_are_kept(short):
    names = []
    for _ in range(3):
        assert short.run("--keep=2").status == 0
        names.append(short.complete()[-1])
    assert short.complete() == names[1:]
    assert short.run("-k", "0").status == 0
    assert short.complete()[:2] == names[1:] and len(short.complete()) == 3
    assert not short.partial() and not list(short.path.glob("*.removed"))


def test_every_record_that_is_listed_is_counted(tree):
    """Attachments of fields are hidden from who doesn't ask for ids."""
    assert int(tree.read("ir.attachment/.info/count")) == len(tree.ids("ir.attachment"))


def test_a_field_that_cannot_be_read_makes_it_incomplete(fake, nights):
    assert nights.run().status == 0
    number = fake.rpc().ids(PARTNERS)[40]
    fake.control(broken_field={"model": PARTNERS, "field": "email", "ids": [number]})
    fake.control(write={"model": PARTNERS, "id": number, "vals": {"city": "Ghent"}})
    for _ in range(2):
        night = nights.run()
        assert night.status == 1
        assert f"{PARTNERS}/{number}" in night.words
        assert "INCOMPLETE" in night.summary and str(nights.partial()[-1]) in night.summary
    assert len(nights.complete()) == 1
    assert f"{PARTNERS}/{number}" in (nights.partial()[-1] / ".problems").read_text()
    # What could be read is a hard link there, too.
    other = f"{PARTNERS}/{number + 1}.json"
    inodes = {files_of(each)[other].st_ino for each in nights.complete() + nights.partial()}
    assert len(inodes) == 1

    fake.control(reset=True)
    assert nights.run().status == 0
    assert len(nights.complete()) == 2 and not nights.partial()


def test_a_model_that_cannot_be_listed_is_told_or_left_out(fake, nights):
    fake.control(broken_model={"model": TAGS})
    night = nights.run()
    assert night.status == 1
    assert f"--exclude={TAGS} leaves it out" in night.words
    assert nights.run("--exclude=*.category").status == 0
    [one] = nights.complete()
    assert not (one / TAGS).exists() and (one / PARTNERS).exists()


def test_a_server_that_dies_midway_leaves_a_partial_one(own_fake, tmp_path):
    server = own_fake()
    nights = Snapshots(tmp_path / "backup", server.source(), PARTNERS)
    server.fault("delay", model=PARTNERS, method=["read", "search_read"], seconds=0.5)
    process = nights.start()
    assert retry(lambda: any(files_of(each) for each in nights.partial()), 60)
    server.kill()
    night = nights.end(process)
    assert night.status == 1
    assert not nights.complete()
    [partial] = nights.partial()
    assert "INCOMPLETE" in night.summary and (partial / ".problems").stat().st_size
    server.start()
    night = nights.run()
    assert night.status == 0, night.words
    assert len(nights.complete()) == 1 and not nights.partial()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_killed_leaves_nothing_mounted(fake, nights, number):
    fake.fault("delay", model=PARTNERS, method=["read", "search_read"], seconds=0.5)
    process = nights.start()
    assert retry(lambda: mounted(nights.path / ".mount") and nights.partial(), 60)
    process.send_signal(number)
    process.communicate(timeout=100)
    assert process.returncode != 0
    assert retry(lambda: not mounted(nights.path / ".mount"), 60)
    assert not nights.complete()
    fake.control(reset=True)
    # The last process of one that was killed hard may still hold the lock.
    assert retry(lambda: nights.run().status == 0, 60)
    assert len(nights.complete()) == 1 and not nights.partial()


def test_two_at_once(fake, nights):
    fake.fault("delay", model=PARTNERS, method=["read", "search_read"], seconds=0.5)
    first = nights.start()
    assert retry(nights.partial, 60)
    _, words = nights.start().communicate(timeout=60)
    assert "under way" in words and first.poll() is None
    fake.control(reset=True)
    assert nights.end(first).status == 0
    assert len(nights.complete()) == 1


def test_another_database_is_refused(server, short):
    assert short.run().status == 0
    source = short.path / ".source"
    source.write_text(source.read_text().replace(server.database, "another"))
    night = short.run()
    assert night.status == 1 and "another database" in night.words
    assert len(short.complete()) == 1 and not short.partial()


def test_a_mount_that_is_refused_leaves_nothing(server, short):
    night = short.run(source=server.source().replace("//admin@", "//nobody@"))
    assert night.status == 1 and "can't be mounted" in night.words
    assert not short.complete() and not short.partial()


@pytest.mark.any_door
@pytest.mark.parametrize("arguments, words", [
    ([], "SOURCE and DIRECTORY"), (["prod"], "SOURCE and DIRECTORY"),
    (["--keep=some", "prod", "/nowhere"], "not 'some'"), (["-k"], "-k needs a value"),
    (["--keep=", "prod", "/nowhere"], "not ''"), (["--what", "prod", "x"], "no option --what"),
    (["-x", "a b", "prod", "/nowhere"], "not 'a b'")])
def test_a_wrong_command_line(arguments, words):
    done = subprocess.run([BACKUP, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and words in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.any_door
def test_help_and_form():
    done = subprocess.run([BACKUP, "--help"], capture_output=True, text=True, check=True)
    for word in ("--keep", "--exclude", "SOURCE", "Exit status"):
        assert word in done.stdout
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", BACKUP], check=True)
