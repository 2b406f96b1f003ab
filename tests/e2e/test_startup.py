# SPDX-License-Identifier: MIT
"""Starting: each thing that can go wrong has its sentence and its exit status."""

import errno
import os
import pathlib
import pty
import signal
import subprocess
import time

import pytest

from harness.mount import BINARY, Mount, MountFailed, environment, mounted, retry
from harness.run import answering, listening, refused, run, unmount

pytestmark = pytest.mark.any_door

HERE = "http://admin@127.0.0.1:9/demo"  # nobody listens there


# The command line: status 2, and no server is asked

@pytest.mark.parametrize("arguments, words", [
    ([], "SOURCE and MOUNTPOINT are missing"),
    ([HERE], "MOUNTPOINT is missing"),
    ([HERE, "a", "b"], "more than SOURCE and MOUNTPOINT"),
    (["-z", HERE, "a"], 'no option "-z"'),
    (["--nosuch", HERE, "a"], 'no option "--nosuch"'),
    (["--ttl=5", HERE, "a"], "-o ttl"),
    (["-o"], "-o needs a value"),
    (["a", HERE], "SOURCE stands before MOUNTPOINT"),
    (["ftp://admin@h/db", "a"], "https"),
    (["https://h/db", "a"], "no login"),
    (["https://admin@h", "a"], "no database"),
    (["https://admin@h/", "a"], "no database"),
    (["https://admin@h:99999/db", "a"], "port"),
    (["http://admin@odoo.example/db", "a"], ["plain http", "insecure"]),
    (["http://admin@10.0.0.1/db", "a"], ["plain http", "insecure"]),
])
def test_command_line(arguments, words):
    refused(*arguments, status=2, words=words)


@pytest.mark.parametrize("option, words", [
    ("nosuch=1", 'no option "nosuch"'),
    ("modles=res.*", '"models"'),
    ("ttl=abc", "ttl"), ("ttl=-1", "ttl"), ("ttl=1.5", "ttl"), ("ttl=", "ttl"), ("ttl", "ttl"),
    ("ttl=86401", "86400"), ("timeout=0", "timeout"), ("connections=0", "connections"),
    ("connections=17", "16"), ("cache_size=12Q", "cache_size"), ("cache_size=1K", "cache_size"),
    ("fields=some", "fields"), ("many2one=none", "many2one"), ("archived=maybe", "archived"),
    ("umask=999", "umask"), ("uid=x", "uid"), ("company=a", "company"),
    ("context={", "context"), ("context=[1]", "context"), ("loglevel=loud", "loglevel"),
    ("ro,rw", "contradict"), ("backup,many2one=name", "contradict"),
    ("backup,fields=all", "contradict"), ("auto_unmount", "auto_unmount"),
    ("nonempty", "nonempty"), ("allow_root", "allow_root"), ("remount", "unmount it"),
    ("cacert=/nonexistent", "cacert"),
])
def test_options(empty, option, words):
    refused("-o", option, HERE.replace("http:", "https:"), empty, status=2, words=words)


@pytest.mark.parametrize("arguments", [
    ["-o", "password=hunter2", HERE], ["--password=hunter2", HERE], ["-o", "passwd=hunter2", HERE],
    ["http://admin:hunter2@127.0.0.1:9/demo"]])
def test_a_password_on_the_command_line_is_refused_and_not_repeated(empty, arguments):
    sentence = refused(*arguments, empty, status=2, words="password")
    assert "hunter2" not in sentence


def test_help_and_version():
    for flag in ("-h", "--help"):
        ended = run(flag, password=None)
        assert ended.status == 0 and ended.words == ""
        for option in ("password_file=", "ttl=", "models=", "backup", "ro "):
            assert option in ended.output
    for flag in ("-V", "--version"):
        ended = run(flag, password=None)
        assert ended.status == 0 and ended.words == ""
        assert ended.output.startswith("odoofs 0.")


# The mount point: status 1, before any server is asked

def test_mount_point_that_is_missing(tmp_path):
    refused(HERE, tmp_path / "nothing", status=1, words=["nothing", "doesn't exist"])


def test_mount_point_that_is_a_file(tmp_path):
    (tmp_path / "file").touch()
    refused(HERE, tmp_path / "file", status=1, words=["file", "isn't a directory"])


def test_mount_point_that_is_not_empty(tmp_path):
    (tmp_path / "something").touch()
    refused(HERE, tmp_path, status=1, words="isn't empty")
    assert (tmp_path / "something").exists()


def test_mount_point_of_another_user(open_directory):
    """Root may mount anywhere, so somebody else has to try."""
    refused(HERE, open_directory, status=1, words="may mount on", user=65534)


def test_mount_point_that_is_mounted_already(mount, server):
    tree = mount()
    refused(server.source(), tree.path, status=1, words=["already", server.source()])
    assert tree.models()


def test_mount_point_that_is_dead_from_a_crash(mount, server, mounts):
    crashed = mount()
    assert crashed.models()
    crashed.crash()
    with pytest.raises(OSError) as failure:
        os.listdir(crashed.path)
    assert failure.value.errno == errno.ENOTCONN
    again = Mount(server.source(), path=crashed.path)
    mounts.append(again)
    assert again.models()
    assert "unmounted it" in again.log()
    again.unmount()
    assert not mounted(crashed.path)


# The secret

def test_secret_from_a_file(empty, server, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("admin\n")
    secret.chmod(0o600)
    ended = run(server.source(), empty, password=None, password_file=secret)
    assert (ended.status, ended.words) == (0, "")
    assert os.listdir(empty)


def test_the_file_goes_before_the_environment(empty, server, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("wrong")
    secret.chmod(0o600)
    refused(server.source(), empty, status=1, words="refused the login", password="admin",
            password_file=secret)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602, 0o777])
def test_secret_file_readable_by_others(empty, tmp_path, mode):
    secret = tmp_path / "secret"
    secret.write_text("admin")
    secret.chmod(mode)
    refused(HERE, empty, status=1, words=["chmod 600", str(secret)], password_file=secret)


@pytest.mark.parametrize("content, words", [
    (b"", "empty"), (b"\n", "empty"), (b"two\nlines\n", "more than one line"),
    (b"nul\0byte", "NUL"), (b"x" * 100000, "more than")])
def test_secret_file_that_holds_no_secret(empty, tmp_path, content, words):
    secret = tmp_path / "secret"
    secret.write_bytes(content)
    secret.chmod(0o600)
    refused(HERE, empty, status=1, words=words, password_file=secret)


def test_secret_file_that_is_none(empty, tmp_path):
    refused(HERE, empty, status=1, words="No such file", password_file=tmp_path / "nothing")
    refused(HERE, empty, status=1, words="isn't a regular file", password_file=tmp_path)
    os.mkfifo(tmp_path / "fifo", 0o600)
    refused(HERE, empty, status=1, words="isn't a regular file", password_file=tmp_path / "fifo")


def test_secret_file_of_another_user(empty, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("admin")
    secret.chmod(0o600)
    os.chown(secret, 65534, 65534)
    refused(HERE, empty, status=1, words="belongs to another user", password_file=secret)


def test_no_secret_and_no_terminal(empty):
    refused(HERE, empty, status=1, words=["password_file=", "ODOOFS_PASSWORD"], password=None)


def test_secret_at_the_prompt(empty, server):
    """Asked for on the terminal, and not shown there."""
    child, terminal = pty.fork()
    if child == 0:
        os.execve(BINARY, [BINARY, server.source(), str(empty)], environment(None))
    shown = b""
    while b": " not in shown:
        shown += os.read(terminal, 1024)
    assert b"admin" in shown
    time.sleep(0.2)
    os.write(terminal, b"admin\n")
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == 0
    while True:
        try:
            more = os.read(terminal, 1024)
        except OSError:
            break
        if not more:
            break
        shown += more
    os.close(terminal)
    assert shown.count(b"admin") == 1, shown
    assert os.listdir(empty)


# The server

def test_unknown_host(empty):
    refused("https://admin@no-such-host.invalid/demo", empty, status=1,
            words=["no-such-host.invalid", "no such host"])


def test_refused_port(empty):
    refused(HERE, empty, status=1, words=["127.0.0.1:9", "refused"])


def test_wrong_database(empty, server):
    source = server.source(database="nothere")
    refused(source, empty, status=1, words='"nothere"')


def test_wrong_password(empty, server):
    refused(server.source(), empty, status=1, words=['"admin"', "refused the login"],
            password="wrong")


def test_wrong_login(empty, server):
    refused(server.source("nobody"), empty, status=1, words=['"nobody"', "refused the login"])


def test_a_refused_password_is_sent_once(empty, fake):
    refused(fake.source(), empty, status=1, words="refused the login", password="wrong")
    logins = {name: n for name, n in fake.control(counts=True)["by_method"].items()
              if name in ("common.login", "common.authenticate")}
    assert sum(logins.values()) == 1


def test_a_web_server_that_is_not_odoo(empty):
    for talk in (answering(b"<html>It works!</html>"), answering(b"{}", kind="application/json"),
                 answering(b"not found", "404 Not Found"), answering(b"", "204 No Content"),
                 answering(b"[1, 2]", kind="application/json")):
        with listening(talk) as port:
            refused(f"http://admin@127.0.0.1:{port}/demo", empty, status=1,
                    words=[f"127.0.0.1:{port}", "no Odoo"])


def test_something_that_speaks_no_http(empty):
    with listening(lambda connection: connection.sendall(b"220 mail.example ESMTP\r\n")) as port:
        refused(f"http://admin@127.0.0.1:{port}/demo", empty, status=1,
                words=f"127.0.0.1:{port}")


def test_a_server_that_hangs_up(empty):
    with listening(lambda connection: connection.recv(65536)) as port:
        refused(f"http://admin@127.0.0.1:{port}/demo", empty, status=1,
                words=f"127.0.0.1:{port}", timeout=30)


def test_a_server_that_never_answers(empty):
    started = time.monotonic()
    with listening(lambda connection: time.sleep(8)) as port:
        refused("-o", "timeout=2", f"http://admin@127.0.0.1:{port}/demo", empty, status=1,
                words=f"127.0.0.1:{port}")
    assert time.monotonic() - started < 12


def test_a_redirect_to_another_host_is_not_followed(empty):
    """It would carry the password there."""
    asked = []
    with listening(asked.append) as elsewhere:
        talk = answering(b"", "302 Found", "text/html",
                         f"Location: http://127.0.0.2:{elsewhere}/jsonrpc")
        with listening(talk) as port:
            refused(f"http://admin@127.0.0.1:{port}/demo", empty, status=1, words="127.0.0.2")
    assert not asked


def test_language_and_company_are_checked(empty, server):
    refused("-o", "lang=xx_YY", server.source(), empty, status=1, words=["xx_YY", "en_US"])
    refused("-o", "company=9999", server.source(), empty, status=1, words="9999")


# Started

def test_background_is_ready_when_the_command_ends(empty, server):
    ended = run(server.source(), empty)
    assert (ended.status, ended.words, ended.output) == (0, "", "")
    assert mounted(empty)
    assert os.listdir(empty)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_unmounts(mount, number):
    tree = mount()
    tree.models()
    tree.signal(number)
    assert tree.process.wait(20) == 0
    assert not mounted(tree.path)


def test_a_signal_ends_it_while_a_read_waits(mount, own_fake):
    server = own_fake(partners=100)
    tree = mount(source=server.source())
    tree.ids("res.country")
    server.freeze()
    with subprocess.Popen(["cat", tree / "res.country/3.json"], stderr=subprocess.DEVNULL) as cat:
        time.sleep(0.5)
        started = time.monotonic()
        tree.signal(signal.SIGTERM)
        assert tree.process.wait(20) == 0
        assert time.monotonic() - started < 10
        assert cat.wait(10) != 0
    assert not mounted(tree.path)


def test_hangup_drops_the_cache(mount):
    tree = mount(ttl=3600)
    number = tree.ids("res.country")[0]
    tree.read(f"res.country/{number}.json")
    tree.signal(signal.SIGHUP)
    assert retry(lambda: "dropping the cache" in tree.log())
    with tree.counting() as calls:
        tree.read(f"res.country/{number}.json")
    assert calls["res.country.read"] == 1


def test_a_signal_logs_the_statistics(mount):
    tree = mount()
    tree.signal(signal.SIGUSR1)
    assert retry(lambda: '"calls_by_method"' in tree.log())


@pytest.mark.parametrize("options", [{}, {"loglevel": "debug"}, {"loglevel": "debug", "ttl": 0}])
def test_the_log_has_no_secret(fake, mounts, options):
    """At no level; the API key is a secret that stands nowhere else."""
    tree = Mount(fake.source(), password="demo-api-key-admin", **options)
    mounts.append(tree)
    fake.fault("fault", model="res.lang", method="search", name="builtins.ValueError",
               message="that demo-api-key-admin is no good")
    tree.read(f"res.country/{tree.ids('res.country')[0]}.json")
    with pytest.raises(OSError):
        tree.ids("res.lang")
    assert "is no good" in tree.log() and "is no good" in tree.errors()[-1]["message"]
    for text in (tree.log(), *(tree.read(f".odoofs/{name}").decode()
                               for name in ("errors", "status.json", "stats.json"))):
        assert "demo-api-key" not in text


def test_the_process_hides_its_secret(mount, server, mounts):
    """Not in its arguments, not in its environment, and no core file of it."""
    tree = mount()
    process = pathlib.Path(f"/proc/{tree.process.pid}")
    assert b"ODOOFS_PASSWORD=admin" not in process.joinpath("environ").read_bytes()
    limits = process.joinpath("limits").read_text()
    assert [line.split()[4:6] for line in limits.splitlines() if "core file" in line] == [
        ["0", "0"]]


def test_failing_to_start_is_no_mount(server):
    with pytest.raises(MountFailed) as failure:
        Mount(server.source(), password="wrong")
    assert failure.value.status == 1
