# SPDX-License-Identifier: MIT
"""What the README shows works: its commands, its options, and the demo that it begins with."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from harness.mount import BINARY

pytestmark = pytest.mark.any_door

TOP = pathlib.Path(__file__).resolve().parents[2]
README = (TOP / "README.md").read_text(encoding="utf-8")

# What comes with nothing but Debian's base, and what install-deps brings.
MISSING = [name for name in ("vim", "sponge") if not shutil.which(name)]


def console(heading: str) -> list[str]:
    """The commands behind `$ ` in the console blocks of a section."""
    section = re.search(rf"^## {heading}\n(.*?)(?=^## )", README, re.S | re.M).group(1)
    blocks = re.findall(r"```console\n(.*?)```", section, re.S)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def shell(command: str, cwd: pathlib.Path) -> subprocess.CompletedProcess:
    return subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=cwd, text=True,
                          capture_output=True, stdin=subprocess.DEVNULL, check=False, timeout=400)


def test_the_sections_have_commands():
    assert len(console("Recipes")) >= 4 and len(console("Editing")) >= 3
    assert len(console("Views")) >= 8 and len(console("Methods")) >= 3


@pytest.mark.parametrize("command", console("Recipes"))
def test_a_recipe(fake, mount, command):
    result = shell(command, mount(ttl=10).path)
    # diff says by 1 that it found differences, as it should here.
    assert result.returncode == (1 if command.startswith("diff") else 0), result.stderr
    assert result.stdout.strip() not in ("", "0")


@pytest.mark.parametrize("command", console("Views"))
def test_a_view(fake, mount, command, tmp_path):
    result = shell(command.replace("> archived.csv", f"| tee {tmp_path}/archived.csv"),
                   mount(ttl=10).path)
    # What head no longer reads ends who writes it, by SIGPIPE.
    assert result.returncode in ((0, 141) if "| head" in command else (0,)), result.stderr
    assert result.stderr == ""
    assert result.stdout.strip() not in ("", "0") or command.endswith("new.json")


@pytest.mark.parametrize("command", console("Methods"))
def test_a_method(fake, mount, command):
    tree = mount(ttl=10)
    draft = tree.ids("sale.order/.filter/state/draft/.first/1")[0]
    result = shell(command.replace("[[1]]", f"[[{draft}]]"), tree.path)
    assert result.returncode == 0 and result.stderr == ""
    assert tree.errors() == []


def test_the_mount_explains_itself(tree):
    """The same chapters, as plain text."""
    text = (tree / ".odoofs/README").read_text(encoding="utf-8")
    assert (tree / ".odoofs/README").stat().st_size == len(text.encode())
    for heading in ("What you see", "Views", "Methods", "Editing", "Errors", "Limits"):
        assert f"\n{heading}\n{'=' * len(heading)}\n" in text
        for command in console(heading):
            assert f"    $ {command}\n" in text
    for mark in ("```", "**", "|---", "`"):
        assert mark not in text
    assert "README" in os.listdir(tree / ".odoofs")


@pytest.mark.parametrize("command", console("Editing"))
def test_an_edit(fake, mount, command):
    if any(re.search(rf"\b{name}\b", command) for name in MISSING):
        pytest.skip(f"not installed: {', '.join(MISSING)}")
    if command.startswith("vim "):
        command = f"vim -es -u NONE -c '%s/\"ref\": .*,/\"ref\": \"vim\",/' -c wq {command[4:]}"
    tree = mount(ttl=10)
    before = (tree.path / "res.partner/14.json").read_text(encoding="utf-8")
    result = shell(command, tree.path)
    assert result.returncode == 0, result.stderr
    assert (tree.path / "res.partner/14.json").read_text(encoding="utf-8") != before
    assert fake.control(counts=True)["by_method"].get("res.partner.write") == 1


def test_every_option_is_explained():
    """In the README and by --help, and none that there isn't."""
    usage = subprocess.run([BINARY, "--help"], capture_output=True, text=True, check=True).stdout
    table = re.search(r"^\| option \|.*?\n\n", README, re.S | re.M).group(0)
    first = "\n".join(line.split(" | ")[0] for line in table.splitlines()[2:])
    explained = set(re.findall(r"`([a-z_0-9]+)(?:=|`)", first))
    offered = set(re.findall(r"^    (?!-)([a-z_0-9]+)(?:=\S+)?(?: |$)", usage, re.M))
    offered |= set(re.findall(r"^    uid=N (gid)=N", usage, re.M))
    assert explained - offered == set()
    assert offered - explained - {"noatime"} == set()


@pytest.mark.skipif(os.geteuid() != 0, reason="installs packages: needs root")
def test_the_demo(tmp_path):
    """One command sets it up and looks around, and its counterpart clears it away."""
    where = tmp_path / "demo"
    try:
        result = shell(f"contrib/demo/try {where}", TOP)
        assert result.returncode == 0, result.stdout + result.stderr
        for expected in ("res.partner", '"id": 14,', '"city": "Gent"', "calls_by_method"):
            assert expected in result.stdout
        assert where.is_mount()
    finally:
        stopped = shell(f"contrib/demo/try --stop {where}", TOP)
    assert stopped.returncode == 0, stopped.stderr
    assert not where.exists()
