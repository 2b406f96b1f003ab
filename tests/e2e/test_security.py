# SPDX-License-Identifier: MIT
"""What others could get at: the process's memory, and what a record's name might lead to."""

from __future__ import annotations

import json
import os
import pathlib
import re
import resource
import signal
import subprocess

import pytest

from harness.mount import BINARY, environment, retry

PARTNER = "res.partner"
NOBODY = 65534

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user: needs root")


# The process

def with_cores() -> None:
    """And as from a terminal: what a shell begins in the background ignores this signal."""
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def ended_with_a_core(pid: int) -> tuple[int, bool]:
    """The signal that it ended by, and whether its memory was written down."""
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status), status
    return os.WTERMSIG(status), os.WCOREDUMP(status)


@pytest.mark.any_door
@needs_root
def test_the_process_is_closed_to_its_own_user(own_fake, open_directory):
    """What isn't dumpable is root's in /proc, and leaves no core, whatever limits it was given."""
    server = own_fake(partners=5)
    server.freeze()  # it waits for the login, its secret in memory
    (open_directory / "mnt").mkdir()
    for path in (open_directory, open_directory / "mnt"):
        os.chown(path, NOBODY, NOBODY)
    with subprocess.Popen([BINARY, "-f", server.source(), "mnt"], cwd=open_directory, user=NOBODY,
                          group=NOBODY, extra_groups=[], preexec_fn=with_cores,
                          env=environment("admin"), stdin=subprocess.DEVNULL) as process:
        proc = pathlib.Path(f"/proc/{process.pid}")
        assert retry(lambda: (proc / "mem").stat().st_uid == 0)
        uids = [line.split()[1:] for line in (proc / "status").read_text().splitlines()
                if line.startswith("Uid:")]
        assert uids == [[str(NOBODY)] * 4]
        for name in ("mem", "environ", "maps", "fd", "io"):
            assert (proc / name).stat().st_uid == 0, name
        assert re.search(r"(?m)^Max core file size +0 +0 +bytes", (proc / "limits").read_text())
        process.send_signal(signal.SIGQUIT)
        assert ended_with_a_core(process.pid) == (signal.SIGQUIT, False)
        process.returncode = -signal.SIGQUIT
    assert os.listdir(open_directory) == ["mnt"]


# Names

LONG = "A very long name " * 18
NAMES = ["../../../../etc/passwd", "..", ".", "/", "/etc/passwd", "a/b/../..", ".hidden", "-rf",
         "two\nlines", "tab\tand\x01\x1b[2J\x7f", "carriage\rreturn", "%2F..%2F%00", "50%", "\\..\\",
         "(14).json", "x (999999).json", "../14.json (14).json", LONG, "é" * 300, "/" * 300,
         "x" * 254 + "é", "‮txt.exe", "`id` $(id) ; 'x' \"y\"", "…"]


def links_of(view: pathlib.Path) -> dict[str, str]:
    """Every name of a `.names/`, and where it leads."""
    return {name: os.readlink(view / name) for name in os.listdir(view)}


def assert_harmless(tree, view: pathlib.Path, numbers: list[int]) -> None:
    """There is a link for each of the records, it leads to that record, and its name is one."""
    links = links_of(view)
    assert sorted(target for target in links.values() if target.endswith(".json")) == sorted(
        f"../{number}.json" for number in numbers)
    for name, target in links.items():
        raw = os.fsencode(name)
        assert len(raw) <= 255 and not raw.startswith(b"."), name
        assert not [byte for byte in raw if byte < 0x20 or byte in (0x2f, 0x7f)], name
        path = os.path.realpath(view / name, strict=True)
        assert path == str(view.parent / target.removeprefix("../"))
        assert os.path.samefile(path, tree.path / PARTNER / os.path.basename(target))
        if target.endswith(".json"):
            assert json.loads((view / name).read_bytes())["id"] == int(target[3:-5])
    # As those see it who don't ask by name.
    found = subprocess.run(["find", "-L", ".", "-mindepth", "1", "-print0"], cwd=view, check=True,
                           capture_output=True).stdout.split(b"\0")[:-1]
    assert sorted(found) == sorted(b"./" + os.fsencode(name) for name in links)


def test_links_lead_to_records_whatever_these_are_called(mount, colleague):
    numbers = [colleague.create(PARTNER, name=name) for name in NAMES]
    tree = mount()
    listed = ",".join(map(str, numbers))
    view = tree / f"{PARTNER}/.filter/id/.in/{listed}/.names"
    assert_harmless(tree, view, numbers)


@pytest.mark.parametrize("do", ["nul", "invalid_utf8", "huge", "deep", "value"])
def test_links_lead_to_records_whatever_a_server_calls_them(mount, fake, rpc, do):
    """Names that no database could hold. Where they can't be told, there is an error and no link."""
    numbers = rpc.ids(PARTNER, limit=5)
    listed = ",".join(map(str, numbers))
    tree = mount()
    view = tree / f"{PARTNER}/.filter/id/.in/{listed}/.names"
    assert len(links_of(view)) >= 5
    fake.fault(do, model=PARTNER, field="display_name", value=["../../etc/passwd"])
    tree.refresh()
    try:
        links = links_of(view)
    except OSError:
        assert tree.errors()
        return
    for name, target in links.items():
        assert "/" not in name and target.removeprefix("../").split(".")[0] in map(str, numbers)
        assert os.path.realpath(view / name).startswith(f"{tree.path}/{PARTNER}/")


def test_a_name_that_is_made_up_leads_nowhere(tree, rpc):
    number = rpc.ids(PARTNER, limit=1)[0]
    view = tree / PARTNER / ".names"
    for name in ("..%2F..%2Fetc%2Fpasswd", "%2E%2E", "..", "x\n", "%00"):
        with pytest.raises(FileNotFoundError):
            os.readlink(view / f"{name} ({number}).json")
    with pytest.raises(OSError):
        os.symlink("/etc/passwd", view / f"x ({number}).json")
    with pytest.raises(OSError):
        os.symlink("/etc/passwd", tree / PARTNER / f"{number}.json")
    with pytest.raises(OSError):
        os.symlink("/etc", tree / "etc")
