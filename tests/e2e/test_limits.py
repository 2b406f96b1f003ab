# SPDX-License-Identifier: MIT
"""The machine has no more to give: descriptors, memory, threads. Something fails and says why, and
all is well again when there is more."""

import base64
import errno
import os
import resource
import subprocess

import pytest

from harness import namespace
from harness.gauge import Gauge
from harness.mount import PLAIN, Mount, needs_plain, retry
from harness.views import failure

PARTNER, COUNTRY = "res.partner", "res.country"
MANY = 100_000
MB = 1 << 20

pytestmark = [pytest.mark.any_door, pytest.mark.since(19), pytest.mark.usefixtures("fake"),
              pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to limit another process")]


# Descriptors.

def test_no_descriptor_is_left(mount):
    """What is held is served, the rest fails with the reason, and works when there are some."""
    tree = mount(ttl=1)
    text = tree.read(f"{PARTNER}/12.json")
    gauge = Gauge(tree.process.pid)
    tree.wait_until_idle()
    gauge.limit(resource.RLIMIT_NOFILE, 3)
    for act, path in ((tree.ids, COUNTRY), (tree.read, f"{COUNTRY}/20.json"),
                      (lambda path: os.stat(tree / path), f"{PARTNER}/.export/csv")):
        assert failure(path, act) == errno.EMFILE
        assert "Too many open files" in tree.errors()[-1]["message"]
    assert tree.read(f"{PARTNER}/12.json") == text
    gauge.limit(resource.RLIMIT_NOFILE, 1024)
    assert tree.ids(COUNTRY) and tree.read(f"{COUNTRY}/20.json")
    assert (tree / PARTNER / ".export/csv").stat().st_size


def test_many_open_files_with_few_descriptors(mount, rpc):
    """Those are the readers', not the daemon's; and exports, which have files, leave it some."""
    tree = mount(connections=8, within=["prlimit", "--nofile=64"])
    files = [open(path, "rb") for path in sorted((tree / PARTNER).glob("*.json"))[:900]]
    assert all(file.read() for file in files)
    for file in files:
        file.close()
    exports = [tree / PARTNER / f".first/{n}/.columns/id/.export/jsonl" for n in range(1, 60)]
    heard = [failure(path) for path in exports]
    assert heard[0] == 0 and set(heard) == {0, errno.EMFILE}
    assert "there is no temporary file for this export: Too many open files" in \
        tree.errors()[-1]["message"]
    assert tree.read(f"{COUNTRY}/20.json") and exports[0].read_bytes()


# Memory.

@pytest.fixture
def large(own_fake):
    return own_fake(partners=MANY)


def look_at_all(tree):
    """Each of these looks at a hundred thousand records; gives how each ended."""
    directory = tree / PARTNER
    commands = {"ls": f"ls -f {directory} | wc -l",
                "grep": f"grep -rc Brussels {directory} | wc -l",
                "export": f"wc -l <{directory}/.columns/id,name,city/.export/csv",
                "stat": f"find {directory} -newermt 2000-01-01 | wc -l"}
    return {name: subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], text=True,
                                 capture_output=True, check=False)
            for name, command in commands.items()}


@needs_plain
def test_a_hundred_thousand_records_in_64_mb(mount, large):
    tree = mount(source=large.source(), program=PLAIN, cache_size="8M")
    for name, done in look_at_all(tree).items():
        assert done.returncode == 0 and int(done.stdout) >= MANY, (name, done)
    assert Gauge(tree.process.pid).memory("VmHWM") < 64


@needs_plain
def test_an_attachment_of_20_mb_in_64_mb(mount, own_fake):
    server = own_fake(partners=20)
    data = os.urandom(20 * MB)
    rpc = server.rpc()
    number = rpc.call("ir.attachment", "create", {
        "name": "large.bin", "datas": base64.b64encode(data).decode()})
    tree = mount(source=server.source(), program=PLAIN, cache_size="8M")
    assert tree.read(f"ir.attachment/{number}.datas.bin") == data
    assert Gauge(tree.process.pid).memory("VmHWM") < 64


@needs_plain
def test_memory_ends(mount, own_fake):
    """Looks fail, or don't; nothing crashes, and with more of it all is well: a record that there
    was no memory for is read again after a refresh, as any that couldn't be shown."""
    tree = mount(source=own_fake(partners=2500).source(), program=PLAIN, ttl=1)
    text = tree.read(f"{COUNTRY}/20.json")
    gauge = Gauge(tree.process.pid)
    failed = 0
    for more in (0.5, 4):
        gauge.limit(resource.RLIMIT_DATA, int((gauge.memory("VmData") + more) * MB))
        failed += sum(done.returncode != 0 for done in look_at_all(tree).values())
        assert tree.process.poll() is None, tree.log()
        gauge.limit(resource.RLIMIT_DATA)
        assert tree.read(f"{COUNTRY}/20.json") == text
    assert failed
    assert any("memory" in entry["message"] for entry in tree.errors())
    tree.refresh()
    for name, done in look_at_all(tree).items():
        assert done.returncode == 0 and int(done.stdout) >= 2500, (name, done)


# Threads.

WITH_EVER_MORE_THREADS = """
chown 65534 mnt
for most in $(seq 1 30); do
	if as_user prlimit --nproc=$most odoofs "$SOURCE" "$PWD/mnt" 2>said; then
		echo mounted
		as_user ls mnt | grep -x res.partner
		as_user fusermount3 -u mnt
		exit
	fi
	! mountpoint -q mnt
	tr '\\n' ' ' <said
	echo
done
"""


@needs_plain
def test_no_thread_can_be_made(server, open_directory):
    """Whichever it is that can't: it says so, and nothing is mounted."""
    done = namespace.run(WITH_EVER_MORE_THREADS, open_directory, "", "admin", program=PLAIN,
                         SOURCE=server.source())
    *refusals, is_mounted, is_there = done.stdout.splitlines()
    assert (is_mounted, is_there) == ("mounted", "res.partner"), done
    assert len(refusals) > 3
    for words in refusals:
        assert "Resource temporarily unavailable" in words, words


# The end.

def test_it_is_killed_under_load(mount, mounts, server):
    """Whoever looks hears of it at once; it can be mounted again where it was."""
    tree = mount()
    looks = [subprocess.Popen(["grep", "-rc", "name", tree.path], stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True) for _ in range(16)]
    assert retry(lambda: tree.stats()["in_flight"], 60)
    tree.crash()
    for look in looks:
        words = look.communicate(timeout=60)[1]
        assert look.returncode == 2
        assert "Transport endpoint is not connected" in words or "connection abort" in words
    mounts.append(Mount(server.source(), path=tree.path))
    assert mounts[-1].models()
