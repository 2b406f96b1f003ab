# SPDX-License-Identifier: MIT
"""What people run over a tree: ls, find, du, grep, tar, cp, rsync, and what lies below them."""

import concurrent.futures
import ctypes
import errno
import mmap
import os
import pathlib
import random
import re
import signal
import subprocess
import tarfile
import tempfile
import threading
import time

import pytest

from harness.mount import mounted, retry
from harness.rpc import Fault, Rpc

PARTNER = "res.partner"
READ = f"{PARTNER}.read"
SOME = "res.partner*:res.country*:res.lang:res.currency:sale.order*:product.*"
AT_FDCWD = -100

LIBC = ctypes.CDLL(None, use_errno=True)


class Entry(ctypes.Structure):
    _fields_ = [("d_ino", ctypes.c_uint64), ("d_off", ctypes.c_int64),
                ("d_reclen", ctypes.c_uint16), ("d_type", ctypes.c_uint8),
                ("d_name", ctypes.c_char * 256)]


class Handle(ctypes.Structure):
    _fields_ = [("handle_bytes", ctypes.c_uint), ("handle_type", ctypes.c_int),
                ("f_handle", ctypes.c_ubyte * 128)]


LIBC.opendir.restype = ctypes.c_void_p
LIBC.opendir.argtypes = [ctypes.c_char_p]
LIBC.readdir.restype = ctypes.POINTER(Entry)
LIBC.telldir.restype = ctypes.c_long
LIBC.seekdir.argtypes = [ctypes.c_void_p, ctypes.c_long]
for name in ("readdir", "telldir", "rewinddir", "closedir"):
    getattr(LIBC, name).argtypes = [ctypes.c_void_p]


def run(*command, cwd=None, status=0):
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True)
    assert done.returncode == status, done.stderr[-2000:]
    return done.stdout.decode()


def content(top):
    """Every file below a directory: its name and its bytes."""
    return {os.path.relpath(os.path.join(place, name), top):
            open(os.path.join(place, name), "rb").read()
            for place, _, names in os.walk(top) for name in names}


# Listings

def check_listing(tree, ids):
    names = run("ls", "-f", tree / PARTNER).split("\n")[:-1]
    assert len(names) == len(set(names))
    assert set(names) - {".", ".."} == {f"{number}.json" for number in ids}
    found = run("find", tree / PARTNER, "-mindepth", "1", "-printf", "%f\n").split("\n")[:-1]
    assert sorted(found) == sorted(set(names) - {".", ".."})


def test_ls_lists_each_id_once_and_all_of_them(mount, rpc):
    check_listing(mount(), rpc.ids(PARTNER))


def test_ls_of_a_large_model(mount, server):
    if server.is_fake:
        pytest.skip("the large database is a real server's")
    try:
        ids = Rpc(server.url, "odoofs_big", "admin", "admin").ids(PARTNER)
    except Fault as reason:
        pytest.skip(f"there is no odoofs_big: {reason}")
    assert len(ids) > 100000
    tree = mount(source=server.source().rpartition("/")[0] + "/odoofs_big")
    tree.models()
    with tree.counting() as calls:
        check_listing(tree, ids)
    assert set(calls) == {f"{PARTNER}.search"}


def test_find_finds_what_there_is(mount, rpc):
    tree = mount()
    found = run("find", PARTNER, "-type", "f", "-name", "*.json", "-size", "+0", cwd=tree.path)
    assert sorted(found.split()) == sorted(f"{PARTNER}/{n}.json" for n in rpc.ids(PARTNER))
    assert run("find", PARTNER, "-empty", cwd=tree.path) == ""


def test_du_is_the_sum_of_the_sizes(mount):
    tree = mount()
    told = int(run("du", "-sb", tree / PARTNER).split()[0])
    sizes = [entry.stat().st_size for entry in os.scandir(tree / PARTNER)]
    assert told == sum(sizes) + os.stat(tree / PARTNER).st_size
    assert sum(sizes) == sum(len(text) for text in content(tree / PARTNER).values())


@pytest.mark.parametrize("read_only", [False, True])
def test_grep_finds_what_the_server_has(mount, rpc, read_only):
    tree = mount(ro=read_only)
    country = rpc.ids("res.country", [["code", "=", "BE"]])[0]
    there = rpc.ids(PARTNER, [["country_id", "=", country]])
    assert there
    for _ in range(2):
        found = run("grep", "-rlF", f'"country_id": [{country}, ', ".", cwd=tree / PARTNER)
        assert sorted(found.split()) == sorted(f"./{number}.json" for number in there)


def test_a_glob_reads_in_batches(mount, rpc):
    """The shell's order is 1, 10, 100, 1000, 1001, …"""
    records = len(rpc.ids(PARTNER))
    for command in ("ls -l *.json", "cat *.json"):
        tree = mount()
        with tree.counting() as calls:
            text = run("sh", "-c", command, cwd=tree / PARTNER)
        assert text.count(".json\n") == records or text.count("\n{") == records - 1
        assert calls.total() <= records / 40, calls


def test_inode_numbers_are_equal_after_a_remount(mount):
    def numbers(tree):
        return sorted(run("find", tree.path, "-printf", "%i %P\n").split("\n"))
    first = mount(models=SOME)
    before = numbers(first)
    first.unmount()
    assert numbers(mount(models=SOME)) == before
    assert len({line.split()[0] for line in before[1:]}) == len(before) - 1


def positions(directory):
    """All names of an open directory, and for each where it was."""
    found = []
    while True:
        place = LIBC.telldir(directory)
        entry = LIBC.readdir(directory)
        if not entry:
            return found
        found.append((entry.contents.d_name.decode(), place))


def test_seekdir_goes_back_to_where_telldir_was(tree, rpc):
    directory = LIBC.opendir(bytes(tree / PARTNER))
    assert directory
    found = positions(directory)
    names = [name for name, _ in found]
    assert names == [".", "..", *(f"{number}.json" for number in rpc.ids(PARTNER))]
    for at in random.Random(3).sample(range(len(found)), 40):
        LIBC.seekdir(directory, found[at][1])
        assert [LIBC.readdir(directory).contents.d_name.decode()
                for _ in names[at:at + 3]] == names[at:at + 3]
    LIBC.rewinddir(directory)
    assert [name for name, _ in positions(directory)] == names
    LIBC.closedir(directory)


def test_a_listing_while_records_come_and_go(mount, rpc, colleague):
    stay = rpc.ids(PARTNER)
    tree = mount(ttl=1)
    end, trouble = threading.Event(), []

    def come_and_go():
        try:
            while not end.is_set():
                colleague.unlink(PARTNER, colleague.create_many(
                    PARTNER, [{"name": f"Passing {n}"} for n in range(5)]))
        except Exception as failure:  # in another thread: told below
            trouble.append(failure)
    with concurrent.futures.ThreadPoolExecutor(1) as other:
        other.submit(come_and_go)
        try:
            for _ in range(8):
                listed = []
                with os.scandir(tree / PARTNER) as entries:
                    for n, entry in enumerate(entries):
                        listed.append(int(entry.name[:-5]))
                        if n % 400 == 0:
                            time.sleep(0.2)
                assert len(listed) == len(set(listed))
                assert set(stay) <= set(listed)
        finally:
            end.set()
    assert not trouble
    left = rpc.ids(PARTNER)
    assert retry(lambda: tree.ids(PARTNER) == left)


# Copies

def test_cp_and_tar_copy_every_byte(mount, tmp_path):
    tree = mount(models=SOME)
    there = content(tree.path)
    run("cp", "-a", tree.path, tmp_path / "copy")
    assert content(tmp_path / "copy") == there
    run("tar", "cf", tmp_path / "tree.tar", "-C", tree.path, ".")
    with tarfile.open(tmp_path / "tree.tar") as archive:
        members = {os.path.relpath(member.name): member for member in archive if member.isfile()}
        assert {name: archive.extractfile(member).read()
                for name, member in members.items()} == there
    for name, member in members.items():
        copied, st = os.stat(tmp_path / "copy" / name), os.stat(tree / name)
        assert copied.st_mtime == st.st_mtime == member.mtime
        assert copied.st_mode == st.st_mode


@pytest.mark.parametrize("options", [{}, {"backup": True}])
def test_rsync_transfers_nothing_the_second_time(mount, tmp_path, options):
    tree = mount(models=SOME, ttl=1, **options)
    rsync = ("rsync", "-ai", f"{tree.path}/", f"{tmp_path}/")
    first = run(*rsync).splitlines()
    assert sum(line.startswith(">f+++++++++ ") for line in first) == len(content(tmp_path)) > 2000
    assert run(*rsync) == ""
    time.sleep(1.5)
    assert run(*rsync) == ""
    tree.unmount()
    tree = mount(models=SOME, **options)
    for more in "", "c":  # a directory's time is the mount's, until its listing moves
        lines = run("rsync", f"-ai{more}", f"{tree.path}/", f"{tmp_path}/").splitlines()
        assert not [line for line in lines if not line.startswith(".d..t")]


@pytest.mark.parametrize("read_only", [False, True])
def test_rsync_past_the_ttl_costs_at_most_three_calls(mount, tmp_path, read_only):
    tree = mount(ttl=2, ro=read_only)
    rsync = ("rsync", "-ani", f"{tree / PARTNER}/", f"{tmp_path}/")
    run("rsync", "-a", *rsync[2:])
    for _ in range(2):
        time.sleep(2.5)
        with tree.counting() as calls:
            assert run(*rsync) == ""
        assert calls.total() <= 3, calls


def test_rsync_transfers_what_changed_and_no_more(mount, colleague, tmp_path):
    numbers = colleague.create_many(PARTNER, [{"name": f"Copied {n}"} for n in range(3)])
    tree = mount(ttl=1)
    rsync = ("rsync", "-ai", "--delete", f"{tree / PARTNER}/", f"{tmp_path}/")
    run(*rsync)
    time.sleep(1.1)
    colleague.write(PARTNER, numbers[0], city="Namur")
    colleague.unlink(PARTNER, numbers[1])
    time.sleep(1.5)
    lines = [line for line in run(*rsync).splitlines() if not line.startswith(".d")]
    assert [line.split()[-1] for line in lines] == [f"{numbers[1]}.json", f"{numbers[0]}.json"]


# Reading

def test_sixteen_readers_fetch_each_record_once(mount, rpc):
    records = len(rpc.ids(PARTNER))
    tree = mount()
    readers = [subprocess.Popen(["grep", "-rc", "name", "."], cwd=tree / PARTNER,
                                stdout=subprocess.PIPE) for _ in range(16)]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        outputs = list(pool.map(lambda reader: reader.communicate()[0], readers))
    assert {output.count(b"\n") for output in outputs} == {records}
    assert tree.stats()["cache"]["batch_records"] == records


def test_reading_at_odd_offsets_and_past_the_end(tree, rpc):
    chance = random.Random(7)
    for number in chance.sample(rpc.ids(PARTNER), 10):
        with open(tree.record(PARTNER, number), "rb", buffering=0) as file:
            whole = file.read()
            assert len(whole) == os.fstat(file.fileno()).st_size
            for _ in range(30):
                at, size = chance.randrange(2 * len(whole)), chance.randrange(1, 5000)
                assert os.pread(file.fileno(), size, at) == whole[at:at + size]
            with mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as mapped:
                assert mapped[:] == whole
                assert mapped.find(b'"id"') == whole.find(b'"id"')


def test_many_open_files_at_once(mount, rpc):
    tree = mount()
    numbers = rpc.ids(PARTNER)[:640:10]
    files = [open(tree.record(PARTNER, number), "rb", buffering=0) for number in numbers]
    try:
        assert len(files) == 64
        heads = [file.read(9 + n) for n, file in enumerate(files)]
        rests = [file.read() for file in reversed(files)]
        for number, head, rest in zip(numbers, heads, reversed(rests)):
            assert head + rest == tree.record(PARTNER, number).read_bytes()
            assert f'"id": {number},'.encode() in head + rest
    finally:
        for file in files:
            file.close()


@pytest.mark.parametrize("read_only", [False, True])
def test_an_open_file_keeps_its_content_across_a_change(mount, colleague, read_only):
    number = colleague.create(PARTNER, name="Old", comment="<p>" + "old " * 5000 + "</p>")
    tree = mount(ttl=1, ro=read_only)
    path = tree.record(PARTNER, number)
    old = path.read_bytes()
    with open(path, "rb", buffering=0) as file, open(path, "rb") as mapped_file:
        mapped = mmap.mmap(mapped_file.fileno(), 0, prot=mmap.PROT_READ)
        assert file.read(10) == old[:10]
        time.sleep(1.1)
        colleague.write(PARTNER, number, name="New, and quite a bit longer", comment=False)
        assert retry(lambda: b"New, and quite" in path.read_bytes())
        assert file.read() == old[10:]
        assert os.fstat(file.fileno()).st_size == len(old)
        assert mapped[:] == old
        mapped.close()
    new = path.read_bytes()
    assert len(new) == path.stat().st_size != len(old)


def handle_of(path):
    handle, number = Handle(handle_bytes=128), ctypes.c_int()
    if LIBC.name_to_handle_at(AT_FDCWD, bytes(path), ctypes.byref(handle),
                              ctypes.byref(number), 0) != 0:
        pytest.skip(f"name_to_handle_at: {os.strerror(ctypes.get_errno())}")
    return handle


def open_handle(top, handle, flags):
    at = os.open(top, os.O_RDONLY)
    try:
        file = LIBC.open_by_handle_at(at, ctypes.byref(handle), flags)
        number = ctypes.get_errno()
    finally:
        os.close(at)
    if file < 0 and number == errno.EPERM:
        pytest.skip("open_by_handle_at is not permitted here")
    if file < 0:
        raise OSError(number, os.strerror(number))
    return file


@pytest.fixture
def mountpoint(request):
    """One for several mounts. Made before them, and removed behind them by what removes no file."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="odoofs-e2e-"))
    mounts = request.getfixturevalue("mounts")
    yield path
    for mount in mounts:
        mount.unmount()
    path.rmdir()


def test_handles_outlive_a_restart(mount, rpc, mountpoint):
    """As NFS keeps them."""
    numbers = rpc.ids(PARTNER)[:20:4]
    tree = mount(path=mountpoint)
    there = {number: tree.record(PARTNER, number).read_bytes() for number in numbers}
    handles = {number: handle_of(tree.record(PARTNER, number)) for number in numbers}
    directory = handle_of(tree / PARTNER)
    tree.unmount()
    tree = mount(path=mountpoint)
    for number, handle in handles.items():
        file = open_handle(tree.path, handle, os.O_RDONLY)
        assert os.pread(file, 1 << 20, 0) == there[number]
        assert os.fstat(file).st_ino == tree.record(PARTNER, number).stat().st_ino
        os.close(file)
    file = open_handle(tree.path, directory, os.O_RDONLY | os.O_DIRECTORY)
    assert sorted(os.listdir(file)) == sorted(os.listdir(tree / PARTNER))
    os.close(file)


# Signals

COMMANDS = {
    "cat": (["cat", f"{PARTNER}/1.json"], "read"),
    "stat": (["stat", f"{PARTNER}/1.json"], "read"),
    "ls": (["ls", "-f", PARTNER], "search"),
    "grep": (["grep", "-r", "nothing of the kind", PARTNER], ["search", "read"]),
}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("command", COMMANDS)
def test_who_waits_for_a_slow_server_can_be_ended(mount, fake, command, number):
    tree = mount()
    tree.models()
    words, method = COMMANDS[command]
    fake.fault("delay", model=PARTNER, method=method, seconds=6)
    waiting = subprocess.Popen(words, cwd=tree.path, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    time.sleep(1)
    assert waiting.poll() is None
    waiting.send_signal(number)
    try:
        assert waiting.wait(2) == -number
    finally:
        fake.control(clear_faults=True)
    assert tree.ids("res.country")


def test_sighup_drops_what_is_cached(mount, rpc):
    number = rpc.ids(PARTNER, limit=1)[0]
    for options in {"ro": True}, {}:
        tree = mount(**options)
        before = tree.record(PARTNER, number).read_bytes()
        with tree.counting() as calls:
            assert tree.record(PARTNER, number).read_bytes() == before
        assert not calls
        tree.signal(signal.SIGHUP)
        assert retry(lambda: "dropping the cache" in tree.log())
        time.sleep(0.2)
        with tree.counting() as calls:
            assert tree.record(PARTNER, number).read_bytes() == before
        assert calls[READ] == 1


def test_sigusr1_logs_the_statistics(mount, rpc):
    tree = mount()
    tree.record(PARTNER, rpc.ids(PARTNER, limit=1)[0]).read_bytes()
    assert READ not in tree.log()
    tree.signal(signal.SIGUSR1)
    assert retry(lambda: READ in tree.log())
    assert re.search(r'"?calls"?\W+\d+', tree.log())
    assert tree.models()


@pytest.mark.parametrize("slow", [False, True])
def test_sigterm_while_busy_unmounts(mount, fake, slow):
    tree = mount()
    tree.models()
    if slow:
        fake.fault("delay", model=PARTNER, method="read", seconds=20)
    readers = [subprocess.Popen(["grep", "-r", "nothing of the kind", "."], cwd=tree / model,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
               for model in (PARTNER, PARTNER, "res.country")]
    time.sleep(0.5)
    began = time.monotonic()
    tree.signal(signal.SIGTERM)
    try:
        assert tree.process.wait(10) == 0
        assert time.monotonic() - began < 5
        for reader in readers:
            reader.wait(10)
        assert not mounted(tree.path)
    finally:
        for reader in readers:
            reader.kill()
            reader.wait()
        fake.control(clear_faults=True)


def test_sigterm_while_busy_with_any_server(mount):
    tree = mount()
    reader = subprocess.Popen(["grep", "-r", "nothing of the kind", "."], cwd=tree / PARTNER,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.2)
    tree.signal(signal.SIGTERM)
    assert tree.process.wait(10) == 0
    reader.wait(10)
    assert not mounted(tree.path)
