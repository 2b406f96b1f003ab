# SPDX-License-Identifier: MIT
"""What stat says: exact sizes, the server's times, modes by right, numbers that stay."""

import calendar
import os
import stat
import subprocess
import time

import pytest

from harness.mount import retry


def moment(text: str) -> int:
    """Odoo's "2026-11-20 08:12:44" as UNIX seconds."""
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%d %H:%M:%S"))


@pytest.mark.each_door
def test_sizes_are_exact(tree):
    for model in ("res.country", "res.currency", "res.lang", "res.users"):
        for number in tree.ids(model):
            path = tree.record(model, number)
            assert path.stat().st_size == len(path.read_bytes())


def test_mtime_is_write_date(tree, rpc):
    for row in rpc.read("res.partner", rpc.ids("res.partner", limit=40), ["write_date"]):
        assert tree.record("res.partner", row["id"]).stat().st_mtime == moment(row["write_date"])


def test_times_of_what_was_first_seen(tree, rpc):
    number = rpc.ids("res.country", limit=1)[0]
    st = tree.record("res.country", number).stat()
    assert st.st_ctime == st.st_mtime == st.st_atime
    assert st.st_mtime_ns % 10**9 == 0


def test_mtime_without_write_date_is_create_date_or_the_mount(tree, rpc):
    """Models without write_date: readable ones that have records."""
    started = calendar.timegm(time.strptime(tree.status()["mounted"], "%Y-%m-%dT%H:%M:%SZ"))
    checked = 0
    for model in sorted(tree.models()):
        if rpc.call(model, "fields_get", ["write_date"], []):
            continue
        try:
            ids = tree.ids(model)
        except OSError:
            continue
        if ids:
            st = tree.record(model, ids[0]).stat()
            record = tree.json(f"{model}/{ids[0]}.json")
            made = record.get("create_date")
            assert st.st_mtime == (moment(made) if made else started), model
            checked += 1
    assert checked


def test_records_have_one_link_and_blocks_by_size(tree):
    for number in tree.ids("res.country")[:20]:
        st = tree.record("res.country", number).stat()
        assert stat.S_ISREG(st.st_mode)
        assert st.st_nlink == 1
        assert st.st_blocks == (st.st_size + 511) // 512
        assert st.st_blksize == 4096


def test_directories_claim_no_number_of_subdirectories(tree):
    """2 links would promise find that the root has no directories in it."""
    for directory in (tree.path, tree / "res.country", tree / ".odoofs"):
        assert os.stat(directory).st_nlink == 1


@pytest.mark.parametrize("read_only", [False, True])
def test_modes(mount, rpc, read_only):
    """What the account may do: that the mount is read-only is the mount's own affair."""
    tree = mount(ro=read_only)
    number = rpc.ids("res.partner", limit=1)[0]
    assert stat.S_IMODE(tree.record("res.partner", number).stat().st_mode) == 0o600
    assert stat.S_IMODE((tree / "res.partner").stat().st_mode) == 0o700
    assert stat.S_IMODE(tree.path.stat().st_mode) == 0o500


@pytest.mark.each_door
def test_modes_are_what_the_account_may_do(mount, rpc):
    """The ordinary user reads languages, and neither changes nor adds any."""
    tree = mount("demo")
    number = rpc.ids("res.lang", [["active", "=", True]])[0]
    assert tree.json(f"res.lang/{number}.json")["active"] is True
    assert stat.S_IMODE(tree.record("res.lang", number).stat().st_mode) == 0o400
    assert stat.S_IMODE((tree / "res.lang").stat().st_mode) == 0o500
    assert stat.S_IMODE((tree / "res.partner").stat().st_mode) == 0o700


def test_owner_and_umask(mount, rpc):
    tree = mount(uid=1234, gid=4321, umask="027")
    number = rpc.ids("res.partner", limit=1)[0]
    for path, mode in ((tree.path, 0o550), (tree / "res.partner", 0o750),
                       (tree.record("res.partner", number), 0o640), (tree / ".odoofs", 0o550),
                       (tree / ".odoofs/status.json", 0o440)):
        st = os.stat(path)
        assert (st.st_uid, st.st_gid) == (1234, 4321)
        assert stat.S_IMODE(st.st_mode) == mode, path


def test_owner_is_who_mounts(tree):
    st = tree.path.stat()
    assert (st.st_uid, st.st_gid) == (os.getuid(), os.getgid())


def test_inode_numbers_are_distinct_and_stay(mount):
    def numbers(tree):
        found = {}
        for model in ("res.partner", "res.country", "res.lang"):
            found[model] = (tree / model).stat().st_ino
            for entry in os.scandir(tree / model):
                found[f"{model}/{entry.name}"] = entry.inode()
        return found
    first = mount()
    before = numbers(first)
    assert len(set(before.values())) == len(before)
    for name, number in list(before.items())[::97]:
        assert os.stat(first / name).st_ino == number
    first.unmount()
    assert numbers(mount(ro=True)) == before


def test_inode_number_stays_when_the_content_changes(mount, colleague):
    number = colleague.create("res.partner", name="Before")
    tree = mount(ttl=1)
    path = tree.record("res.partner", number)
    before = path.stat()
    colleague.write("res.partner", number, name="After, and longer")
    assert retry(lambda: path.stat().st_size != before.st_size)
    assert path.stat().st_ino == before.st_ino


def test_statfs_is_constant_and_free(mount):
    tree = mount()
    os.stat(tree / "res.partner")
    first = os.statvfs(tree.path)
    with tree.counting() as calls:
        for _ in range(5):
            assert os.statvfs(tree / "res.partner") == first
        subprocess.run(["df", tree.path], stdout=subprocess.DEVNULL, check=True)
    assert not calls
    assert first.f_namemax == 255 and first.f_bavail > 0 and first.f_favail > 0


def test_stat_of_directories_is_free(mount):
    tree = mount()
    tree.models()
    with tree.counting() as calls:
        for model in tree.models():
            os.stat(tree / model)
    assert not calls


def test_directory_mtime_moves_when_its_listing_does(mount, colleague):
    tree = mount(ttl=1)
    ids = tree.ids("res.partner.category")
    directory = tree / "res.partner.category"
    before = directory.stat().st_mtime_ns
    time.sleep(2.2)
    assert tree.ids("res.partner.category") == ids
    assert directory.stat().st_mtime_ns == before
    number = colleague.create("res.partner.category", name="A new tag")
    assert retry(lambda: directory.stat().st_mtime_ns > before, 60)
    assert tree.ids("res.partner.category") == [*ids, number]
    between = directory.stat().st_mtime_ns
    time.sleep(1.1)
    colleague.unlink("res.partner.category", number)
    assert retry(lambda: directory.stat().st_mtime_ns > between, 60)
    assert tree.ids("res.partner.category") == ids


def test_directory_mtime_stays_when_a_record_changes(mount, colleague):
    number = colleague.create("res.partner.category", name="Before")
    tree = mount(ttl=1)
    directory = tree / "res.partner.category"
    tree.ids("res.partner.category")
    before = directory.stat().st_mtime_ns
    size = tree.record("res.partner.category", number).stat().st_size
    colleague.write("res.partner.category", number, name="After, and longer")
    path = tree.record("res.partner.category", number)
    assert retry(lambda: path.stat().st_size != size)
    assert directory.stat().st_mtime_ns == before


def test_ctime_moves_with_the_content(mount, colleague):
    number = colleague.create("res.partner.category", name="Before")
    tree = mount(ttl=1)
    path = tree.record("res.partner.category", number)
    before = path.stat()
    time.sleep(1.1)
    colleague.write("res.partner.category", number, name="After, and longer")
    assert retry(lambda: path.stat().st_size != before.st_size)
    after = path.stat()
    assert after.st_ctime > before.st_ctime
    assert after.st_mtime >= before.st_mtime
    assert abs(after.st_ctime - time.time()) < 30


def test_du_is_the_sum_of_the_sizes(tree):
    told = subprocess.run(["du", "-b", "-s", tree / "res.country"], capture_output=True, text=True,
                          check=True).stdout.split()[0]
    sizes = [len((tree / f"res.country/{n}.json").read_bytes()) for n in tree.ids("res.country")]
    assert int(told) == sum(sizes) + (tree / "res.country").stat().st_size


def test_ls_says_the_same_as_stat(tree):
    text = subprocess.run(["ls", "-ln", "--time-style=+%s", tree / "res.lang"],
                          capture_output=True, text=True, check=True).stdout
    for line in text.splitlines()[1:]:
        mode, links, uid, gid, size, mtime, name = line.split()
        st = (tree / "res.lang" / name).stat()
        assert (stat.filemode(st.st_mode), st.st_nlink, st.st_uid, st.st_gid, st.st_size,
                int(st.st_mtime)) == (mode, int(links), int(uid), int(gid), int(size), int(mtime))
