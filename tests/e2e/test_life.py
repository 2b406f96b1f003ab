# SPDX-License-Identifier: MIT
"""The life of a mount: by mount(8) and fstab, by ordinary users, two at once, and ended while busy."""

import errno
import os
import signal
import subprocess
import threading
import time

import pytest

from harness import namespace
from harness.mount import BINARY, environment, mounted, retry

# What mount(8) hands on to us, and what it keeps to itself.
FSTAB_OPTIONS = "rw,_netdev,nofail,noauto,user,x-systemd.automount,x-systemd.mount-timeout=30"

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def secret(open_directory):
    path = open_directory / "secret"
    path.write_text("admin\n")
    path.chmod(0o600)
    return path


def line(source, directory, *options):
    """Of an fstab."""
    return f"{source} {directory}/mnt fuse.odoofs {','.join([FSTAB_OPTIONS, *options])} 0 0\n"


# mount(8)

@needs_root
@pytest.mark.parametrize("options", [(), ("ro", "ttl=60", "models=res.*:sale.order"), ("backup",)])
def test_by_fstab(open_directory, server, secret, options):
    table = line(server.source(), open_directory, f"password_file={secret}", *options)
    done = namespace.run("""
        mount mnt
        ls mnt | grep -x res.partner
        mount mnt 2>&1 | grep -o already
        umount mnt
        ! mountpoint mnt""", open_directory, table)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[:2] == ["res.partner", "already"]


@needs_root
def test_by_fstab_with_a_profile(open_directory, server, secret):
    """Whose `ro` holds, though mount(8) says rw."""
    config = open_directory / "odoofs/config"
    config.parent.mkdir()
    config.write_text(f"[prod]\nurl = {server.url}\nlogin = admin\nro = yes\n"
                      f"database = {server.database}\npassword_file = {secret}\n")
    done = namespace.run("""
        mount mnt
        echo '{}' 2>&1 >mnt/res.country/new.json | grep -o 'Read-only' || :
        findmnt -no SOURCE,FSTYPE mnt
        umount mnt""", open_directory, line("prod", open_directory),
                         XDG_CONFIG_HOME=str(open_directory))
    assert done.returncode == 0, done.stderr
    assert "Read-only" in done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].split() == ["prod", "fuse.odoofs"]


@needs_root
def test_by_fstab_and_refused(open_directory, server, secret):
    table = line(server.source("nobody"), open_directory, f"password_file={secret}")
    done = namespace.run("mount mnt || echo $?; ! mountpoint mnt", open_directory, table)
    assert done.stdout.splitlines()[0] != "0"
    assert '"nobody"' in done.stderr and "refused" in done.stderr


# Ordinary users

AS_A_USER = """
look() {
	echo "$1: $(as_user ls mnt | grep -cx res.partner)"
	ls mnt 2>&1 | grep -o 'Permission denied'  # not even root: allow_other wasn't given
	pid=$(pgrep -u 65534 -f "odoofs.*$PWD/mnt")
	as_user cat /proc/$pid/environ 2>&1 | grep -o 'Permission denied'
	as_user head -c 1 /proc/$pid/mem 2>&1 | grep -o 'Permission denied'
	as_user fusermount3 -u mnt
	! mountpoint -q mnt
}
chown 65534 mnt secret
as_user odoofs "$SOURCE" "$PWD/mnt"
look command
as_user mount "$PWD/mnt"
look fstab
as_user odoofs -o allow_other "$SOURCE" "$PWD/mnt" || echo "status $?"
"""


@needs_root
def test_by_an_ordinary_user(open_directory, server, secret):
    """With fusermount3, by the command and by fstab; nobody else gets in, nor at the secret."""
    table = line(server.source(), open_directory, f"password_file={secret}")
    done = namespace.run(AS_A_USER, open_directory, table, "admin", SOURCE=server.source())
    denied = ["Permission denied"] * 3
    assert done.stdout.splitlines() == ["command: 1", *denied, "fstab: 1", *denied,
                                        "status 1"], done.stderr
    assert "user_allow_other" in done.stderr
    assert done.returncode == 0, done.stderr


# Several

def test_two_mounts_of_one_server(mount):
    """They know nothing of each other; what one writes the other sees."""
    one, other = mount(ttl=0), mount(ttl=0, ro=True)
    number = one.ids("res.country")[0]
    path = one.record("res.country", number)
    before = path.read_bytes()
    assert other.record("res.country", number).read_bytes() == before
    assert os.stat(path).st_ino == os.stat(other.record("res.country", number)).st_ino
    one.unmount()
    assert not mounted(one.path)
    assert other.record("res.country", number).read_bytes() == before
    assert other.models()


# The end, while busy

def test_unmounting_while_a_file_is_open(mount):
    """Refused, as for any filesystem; lazily, it ends when the file is closed."""
    tree = mount()
    number = tree.ids("res.country")[0]
    with open(tree.record("res.country", number), "rb") as file:
        busy = subprocess.run(["fusermount3", "-u", tree.path], capture_output=True, text=True)
        assert busy.returncode != 0 and "busy" in busy.stderr
        assert tree.models(), "it lives on"
        subprocess.run(["fusermount3", "-u", "-z", tree.path], check=True)
        assert not mounted(tree.path)
        assert file.read().startswith(b"{\n")
        assert tree.process.poll() is None
    assert tree.process.wait(30) == 0


def test_a_signal_ends_it_while_a_file_is_open(mount):
    tree = mount()
    number = tree.ids("res.country")[0]
    with open(tree.record("res.country", number), "rb"):
        tree.signal(signal.SIGTERM)
        assert tree.process.wait(30) == 0
        assert not mounted(tree.path)


def test_a_signal_ends_it_while_many_read(mount, own_fake):
    """All of them hear an error at once, and none hangs."""
    server = own_fake(partners=300)
    tree = mount(source=server.source())
    ids = tree.ids("res.partner")[:40]
    server.freeze()
    heard = []

    def read(number):
        try:
            heard.append(tree.record("res.partner", number).read_bytes())
        except OSError as failure:
            heard.append(failure.errno)
    threads = [threading.Thread(target=read, args=[number]) for number in ids]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    started = time.monotonic()
    tree.signal(signal.SIGTERM)
    assert tree.process.wait(30) == 0
    for thread in threads:
        thread.join(30)
    assert time.monotonic() - started < 20
    assert len(heard) == len(ids) and all(isinstance(each, int) for each in heard)
    assert not mounted(tree.path)


def test_a_signal_ends_it_while_a_save_is_under_way(desk, tap):
    """The save is ended first, and whoever saves hears of it."""
    it = desk()
    tap.cut("write", "hold")
    heard = []
    thread = threading.Thread(target=lambda: heard.append(it.save(city="Gent")))
    thread.start()
    assert retry(lambda: tap.counts()["write"])
    it.tree.signal(signal.SIGTERM)
    time.sleep(0.5)
    assert it.tree.process.poll() is None and not heard
    tap.release()
    assert it.tree.process.wait(30) == 0
    thread.join(30)
    assert heard == [""]
    assert it.rpc.call("res.partner", "read", [it.number], ["city"])[0]["city"] == "Gent"


def test_a_signal_ends_it_though_a_save_never_does(desk, tap):
    """It waits, but not for ever."""
    it = desk(timeout=4)
    tap.cut("write", "hold")
    heard = []
    thread = threading.Thread(target=lambda: heard.append(it.save(city="Gent")))
    thread.start()
    assert retry(lambda: tap.counts()["write"])
    it.tree.signal(signal.SIGTERM)
    assert it.tree.process.wait(30) == 0
    thread.join(30)
    assert heard and heard != [""]
    assert not mounted(it.tree.path)


def test_hangup_while_many_read(mount):
    """The cache is dropped under the readers: they read on, and read what is right."""
    tree = mount()
    ids = tree.ids("res.country")[:60]
    right = {number: tree.record("res.country", number).read_bytes() for number in ids}
    wrong = []

    def read():
        for _ in range(3):
            for number in ids:
                if tree.record("res.country", number).read_bytes() != right[number]:
                    wrong.append(number)
    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(4):
        tree.signal(signal.SIGHUP)
        tree.signal(signal.SIGUSR1)
        time.sleep(0.5)
    for thread in threads:
        thread.join()
    assert not wrong
    assert retry(lambda: "dropping the cache" in tree.log())


# The beginning, interrupted

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("flag", ["-f", None])
def test_a_signal_while_it_logs_in(own_fake, empty, flag, number):
    """To all of it, as Ctrl-C sends it: it ends at once, and nothing is mounted later."""
    server = own_fake(partners=10)
    server.freeze()
    arguments = [BINARY, *([flag] if flag else []), server.source(), str(empty)]
    # Who runs the tests may ignore a signal (nohup does), which odoofs would take over.
    with subprocess.Popen(arguments, env=environment("admin"), start_new_session=True,
                          stdin=subprocess.DEVNULL,
                          preexec_fn=lambda: signal.signal(number, signal.SIG_DFL)) as process:
        time.sleep(1)
        assert process.poll() is None
        started = time.monotonic()
        os.killpg(process.pid, number)
        assert process.wait(20) == -number
        assert time.monotonic() - started < 10

    def group_is_gone():
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return True
        return False
    assert retry(group_is_gone, 10)
    server.freeze(False)
    assert not mounted(empty)
