# SPDX-License-Identifier: MIT
"""The secret: each place that it may come from, and all those where it must not be.

It is an API key here, because no other text looks like it.
"""

import os
import pathlib
import signal
import subprocess

import pytest

from harness import doors, memory
from harness.mount import Mount, retry
from harness.run import refused, run

pytestmark = pytest.mark.any_door

KEY = "demo-api-key-admin"
HERE = "http://admin@127.0.0.1:9/demo"  # nobody listens there


class Home:
    """A home directory, and the environment that goes with it."""

    def __init__(self, path: pathlib.Path):
        self.path = path
        self.env = {"HOME": str(path), "XDG_CONFIG_HOME": str(path / "config")}

    def write(self, name: str, text: str, mode: int = 0o600) -> pathlib.Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def profile(self, server, *lines: str) -> str:
        """A profile for the server in our own file; its name."""
        text = [f"[demo]\nurl = {server.url}\nlogin = admin\ndatabase = {server.database}", *lines]
        self.write("config/odoofs/config", "\n".join(text) + "\n")
        return "demo"


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home").mkdir()
    return Home(tmp_path / "home")


# Each prepares a place; it returns SOURCE, the environment's secret, and options.

def by_environment(server, home):
    return server.source(), KEY, {}


def by_file(server, home):
    return server.source(), None, {"password_file": home.write("secret", KEY + "\n")}


def by_command(server, home):
    home.write("secret", KEY + "\n")
    return server.source(), None, {"password_command": "cat \"$HOME\"/secret"}


def by_netrc(server, home):
    home.write(".netrc", f"machine 127.0.0.1\nlogin admin\npassword {KEY}\n")
    return server.source(), None, {}


def by_profile(server, home):
    return home.profile(server, f"password = {KEY}"), None, {}


def by_profile_file(server, home):
    home.write("config/odoofs/key", KEY)
    return home.profile(server, "password_file = key"), None, {}


def by_profile_command(server, home):
    home.write("secret", KEY)
    return home.profile(server, "password_command = cat ~/secret | head -n 1"), None, {}


def by_odoorpc(server, home):
    host, port = server.url.partition("://")[2].split(":")
    home.write(".odoorpcrc", f"[demo]\ntype = ODOO\nhost = {host}\nprotocol = jsonrpc\n"
               f"port = {port}\ntimeout = 120\nuser = admin\npasswd = {KEY}\n"
               f"database = {server.database}\n\n")
    return "demo", None, {}


PLACES = [by_environment, by_file, by_command, by_netrc, by_profile, by_profile_file,
          by_profile_command, by_odoorpc]


def assert_hidden(tree: Mount) -> None:
    """The key is nowhere but in memory that is locked and left out of dumps."""
    pid = tree.process.pid
    proc = pathlib.Path(f"/proc/{pid}")
    for name in ("cmdline", "environ", "comm", "maps", "status"):
        assert KEY.encode() not in proc.joinpath(name).read_bytes(), name
    for name in ("status.json", "stats.json", "errors", "created"):
        assert KEY.encode() not in tree.read(f".odoofs/{name}"), name
    assert KEY not in tree.log()
    for link in proc.joinpath("fd").iterdir():
        target = os.readlink(link)
        if target.startswith("/") and os.path.isfile(target):
            assert KEY.encode() not in pathlib.Path(target).read_bytes(), target
    where = memory.find(pid, KEY.encode())
    expected = {"lo", "dd"}
    if "libasan" in proc.joinpath("maps").read_text():
        # It makes nothing of mlock(2), and keeps a copy of the environment for itself.
        expected = {"dd"}
        where = [region for region in where
                 if not memory.holds(pid, region, f"ODOOFS_PASSWORD={KEY}".encode())]
    assert where, "it has to be somewhere"
    for region in where:
        assert region.flags >= expected, region


@pytest.mark.skipif(os.geteuid() != 0, reason="looks into another process: needs root")
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_it_is_found_and_stays_hidden(fake, mounts, home, place):
    source, password, options = place(fake, home)
    tree = Mount(source, password, env=home.env, loglevel="debug", ttl=3600,
                 **options)
    mounts.append(tree)
    assert tree.status()["user"] == "admin"
    for number in tree.ids("res.country")[:50]:
        tree.read(f"res.country/{number}.json")
    fake.fault("fault", model="res.lang", method="search", name="builtins.ValueError",
               message="no good")
    with pytest.raises(OSError):
        tree.ids("res.lang")
    with pytest.raises(OSError):
        tree.record("res.partner", 14).write_text('{"name": 1}')
    tree.signal(signal.SIGUSR1)
    assert retry(lambda: "calls_by_method" in tree.log())
    tree.wait_until_idle()
    assert_hidden(tree)


@pytest.mark.skipif(os.geteuid() != 0, reason="looks into another process: needs root")
def test_it_stays_hidden_whatever_the_transport(fake, mounts):
    """Each sends it in a way of its own: in every call, once, or quoted."""
    fake.control(set_password={"login": "admin", "password": KEY})
    for name in doors.TRANSPORTS:
        if not doors.speaks(fake.name, name):
            continue
        tree = Mount(fake.source(), KEY, transport=name, loglevel="debug", ttl=3600)
        mounts.append(tree)
        assert tree.status()["transport"] == name
        tree.read(f"res.country/{tree.ids('res.country')[0]}.json")
        with pytest.raises(OSError):
            tree.record("res.partner", 14).write_text('{"name": 1}')
        fake.control(expire_sessions=True, expire_tokens=True)
        assert tree.ids("res.currency")
        tree.wait_until_idle()
        assert_hidden(tree)
        tree.unmount()


# Precedence: a wrong secret in a place that goes before

@pytest.mark.parametrize("first, second", [
    (by_file, by_environment), (by_command, by_environment), (by_environment, by_profile),
    (by_profile, by_netrc)])
def test_the_first_place_counts(fake, empty, home, first, second):
    """Where both have one, it is the first's: whatever is wrong in the second is never seen."""
    source, password, options = first(fake, home)
    if second is by_environment:
        password = "wrong"
    elif second is by_profile:
        source = home.profile(fake, "password = wrong")
    else:
        home.write(".netrc", "machine 127.0.0.1 login admin password wrong\n")
    ended = run(source, empty, password=password, env=home.env, **options)
    assert (ended.status, ended.words) == (0, "")


# Commands

@pytest.mark.parametrize("command, words", [
    ("exit 3", "exit status 3"), ("kill -9 $$", "signal 9"),
    ("yes", "more than"), ("true", "is empty"), ("echo a; echo b", "more than one line"),
    ("/no/such/program 2>/dev/null", "no such program")])
def test_a_command_that_is_no_use(empty, command, words):
    refused(HERE, empty, status=1, words=["password_command=", words], password=None,
            password_command=command)


def test_a_command_does_not_see_another_secret(empty, home):
    """What is in the environment and isn't used isn't handed on."""
    seen = home.path / "seen"
    refused(HERE, empty, status=1, words="refused", password=KEY, env=home.env,
            password_command=f"env > {seen}; echo secret")
    assert KEY not in seen.read_text() and "HOME=" in seen.read_text()


# Profiles

def test_a_profile_that_others_can_read(empty, home, fake):
    name = home.profile(fake, f"password = {KEY}")
    config = home.path / "config/odoofs/config"
    config.chmod(0o644)
    sentence = refused(name, empty, status=2, words=[f"chmod 600 {config}"], password=None,
                       env=home.env)
    assert KEY not in sentence


def test_a_netrc_that_others_can_read(empty, home, fake):
    home.write(".netrc", f"machine 127.0.0.1 login admin password {KEY}\n", 0o640)
    refused(fake.source(), empty, status=1, words=f"chmod 600 {home.path}/.netrc", password=None,
            env=home.env)


def test_a_profile_that_is_mistyped(empty, home, fake):
    home.profile(fake, "tll = 5")
    refused("demo", empty, status=2, words=["config/odoofs/config, line 5", '"ttl"'],
            env=home.env)
    refused("dmeo", empty, status=2, words=['"dmeo"', 'the nearest is "demo"'], env=home.env)


def test_a_profile_says_what_is_wanted(server, mounts, home):
    """And the command line says it better. The mount is known by the profile's name."""
    home.profile(server, "ttl = 77", "models = res.country:", " res.partner", "ro = yes",
                 "connections = 3")
    tree = Mount("demo", "admin", env=home.env, connections=1)
    mounts.append(tree)
    status = tree.status()
    options = status["options"]
    assert (options["ttl"], options["connections"], options["ro"]) == (77, 1, True)
    assert options["source"] == "demo" and options["profile"].endswith("config/odoofs/config")
    assert sorted(tree.models()) == ["res.country", "res.partner"]
    assert status["server"] == server.url and status["database"] == server.database
    mounted = subprocess.run(["findmnt", "-no", "SOURCE,FSTYPE", tree.path], check=True,
                             capture_output=True, text=True).stdout.split()
    assert mounted == ["demo", "fuse.odoofs"]


def test_a_session_that_odoorpc_saved(server, mounts, home):
    """By OdooRPC itself, whatever its file looks like."""
    odoorpc = pytest.importorskip("odoorpc")
    host, port = server.url.partition("://")[2].split(":")
    odoo = odoorpc.ODOO(host, port=int(port), timeout=33.5)
    odoo.login(server.database, "admin", "admin")
    odoo.save("saved", str(home.path / ".odoorpcrc"))
    tree = Mount("saved", None, env=home.env)
    mounts.append(tree)
    status = tree.status()
    assert (status["user"], status["options"]["timeout"]) == ("admin", 34)
