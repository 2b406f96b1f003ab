# SPDX-License-Identifier: MIT
"""What people put around it: the manual page, completions, and systemd units."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from harness import namespace
from harness.mount import BINARY, TOP

pytestmark = pytest.mark.any_door

CONTRIB = TOP / "contrib"
COMPLETIONS = CONTRIB / "completions"
PATH = f"{pathlib.Path(BINARY).parent}:{os.environ['PATH']}"


def needs(*programs: str) -> pytest.MarkDecorator:
    missing = [program for program in programs if not shutil.which(program)]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


def output(*command: object, **more: object) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=60, check=False, **more)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def options() -> dict[str, str]:
    """What --help offers behind -o: "fields" → "stored|all", "ro" → ""."""
    found = {}
    for line in output(BINARY, "--help").splitlines():
        spec = re.match(r"    ([a-z]\S*(?: [a-z_]+=\S+)*)", line)
        for option in re.split("[ ,]+", spec[1].strip(",")) if spec else []:
            name, _, takes = option.partition("=")
            found[name] = takes
    assert len(found) > 25 and found["fields"] == "stored|all"
    return found


# The manual page

@needs("mandoc", "man")
@pytest.mark.parametrize("name", sorted(path.name for path in CONTRIB.glob("*.1")))
def test_the_manual_page_is_well_formed(name):
    page = CONTRIB / name
    assert output("mandoc", "-T", "lint", "-W", "warning", page) == ""
    done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page],
                          capture_output=True, text=True, check=True,
                          env={**os.environ, "MANROFFSEQ": ""})
    assert done.stderr == ""


def test_the_manual_page_explains_every_option(options):
    page = (CONTRIB / "odoofs.1").read_text(encoding="utf-8").replace("\\\n", "")
    items = "\n".join(re.findall(r"^\.It (Cm .*)", page, re.M))
    explained = set(re.findall(r"(?:^Cm|, Cm) ([a-z_0-9]+)", items, re.M))
    assert explained - options.keys() == set()
    assert options.keys() - explained == {"noexec"} & options.keys()
    for name, takes in options.items():
        if "|" in takes:
            values = re.search(rf"^\.It Cm {name} Ns = Ns (.*)", page, re.M)[1]
            assert re.findall(r"Cm (\w+)", values) == takes.split("|"), name


# Completions: asked as the shells ask them

BASH = r"""
source /usr/share/bash-completion/bash_completion
source "$1"
COMP_LINE=$2 COMP_POINT=${#2} COMPREPLY=()
# Readline cuts words at these as well.
COMP_WORDS=($(sed 's/\([=:]\)/ \1 /g' <<<"$2"))
[[ $2 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_odoofs odoofs
printf '%s\n' "${COMPREPLY[@]}"
"""

ZSH = r"""
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PROMPT= PS2= LISTMAX=9999; stty columns 200; fpath=($COMPLETIONS $fpath); autoload -Uz compinit
compinit -u -C -d $DUMP; compadd() { local each; local -a seen; builtin compadd -O seen "$@"
for each in $seen; do print -r -- "<$each>"; done; builtin compadd "$@" }
comppostfuncs=(told); told() { print -r -- "<E""ND>" }; echo RE""ADY'
zpty -r -m z seen '*READY*'
zpty -w -n z "$1"$'\t'
zpty -r -m z seen '*<END>*'
print -r -- "$seen"
"""


def ask_bash(line: str, env: dict[str, str]) -> list[str]:
    return output("bash", "-c", BASH, "bash", COMPLETIONS / "odoofs.bash", line,
                  env=env).split()


def ask_fish(line: str, env: dict[str, str]) -> list[str]:
    text = output("fish", "--no-config", "-c",
                  "source $argv[1]; complete -C $argv[2]", COMPLETIONS / "odoofs.fish", line,
                  env=env)
    return [each.split("\t")[0] for each in text.splitlines()]


def ask_zsh(line: str, env: dict[str, str]) -> list[str]:
    text = output("zsh", "-f", "-c", ZSH, "zsh", line,
                  env={**env, "COMPLETIONS": str(COMPLETIONS), "TERM": "dumb"})
    return re.findall(r"<([^<>\r\n]*)>", text)[:-1]


SHELLS = [pytest.param(ask, marks=needs(name), id=name)
          for name, ask in (("bash", ask_bash), ("fish", ask_fish), ("zsh", ask_zsh))]


@pytest.fixture(scope="module")
def dump(tmp_path_factory):
    """Where zsh writes down which completions there are, so that it looks for them once."""
    return tmp_path_factory.mktemp("zsh") / "dump"


@pytest.fixture
def env(tmp_path, dump):
    """A home with profiles in it, and odoofs where shells find it."""
    config = tmp_path / "config/odoofs/config"
    config.parent.mkdir(parents=True)
    config.write_text("[prod]\nurl = https://erp.example.com\n[test]\n")
    (tmp_path / ".odoorpcrc").write_text("[saved]\n")
    return {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "PATH": PATH, "DUMP": str(dump)}


def plain(answers: list[str]) -> set[str]:
    return {answer.rpartition(",")[2].rstrip("=") for answer in answers}


@pytest.mark.parametrize("ask", SHELLS)
def test_options_are_completed(ask, env, options):
    """All that there are, which the shells learn from --help."""
    offered = {answer.partition("=")[0] for answer in plain(ask("odoofs -o ", env))}
    assert offered >= options.keys()
    assert {answer.partition("=")[0] for answer in plain(ask("odoofs -o ro,cache", env))} == {
        name for name in options if name.startswith("cache")}


@pytest.mark.parametrize("ask", SHELLS)
def test_values_are_completed(ask, env):
    values = {answer.rpartition("=")[2] for answer in ask("odoofs -o ro,delete=", env)}
    assert values == {"unlink", "archive", "deny"}


@pytest.mark.parametrize("ask", SHELLS)
def test_profiles_and_directories_are_completed(ask, env, tmp_path):
    assert {"prod", "test", "saved"} <= set(ask("odoofs -o ro ", env))
    (tmp_path / "here").mkdir()
    (tmp_path / "hereby").touch()
    names = {pathlib.Path(answer).name for answer in ask(f"odoofs -o ro prod {tmp_path}/he", env)}
    assert "here" in names and "hereby" not in names


# systemd

@pytest.fixture
def units(tmp_path):
    """All of them, as they are installed."""
    for each in CONTRIB.glob("systemd/*.in"):  # a timer looks for its service
        text = each.read_text(encoding="utf-8")
        text = text.replace("@bindir@/odoofs-backup", str(CONTRIB / "odoofs-backup"))
        (tmp_path / each.stem).write_text(text.replace("@bindir@/odoofs", BINARY))
    return tmp_path


def analyze(directory: pathlib.Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(["systemd-analyze", *arguments], cwd=directory, capture_output=True,
                          text=True, check=False,
                          env={**os.environ, "XDG_RUNTIME_DIR": str(directory)})
    return done.returncode, done.stdout + done.stderr


@needs("systemd-analyze")
@pytest.mark.parametrize("unit, whose", [
    ("odoofs@.service", "--user"), ("odoofs-system@.service", "--system"),
    ("odoofs-backup@.service", "--system"), ("odoofs-backup@.timer", "--system")])
def test_the_units_are_well_formed(units, unit, whose):
    """
    systemd says nothing about them. That they mount, come back after a crash and stay down after a
    refusal needs a manager of its own, which would take this machine for its own.
    """
    assert analyze(units, "verify", whose, "--man=no", f"./{unit}") == (0, "")


@needs("systemd-analyze")
@pytest.mark.parametrize("unit, most", [("odoofs-system@.service", 40),
                                        ("odoofs-backup@.service", 26)])
def test_the_units_take_away_what_they_can(units, unit, most):
    """By systemd's "exposure level", in tenths: what they have now is the limit."""
    def judge():
        return analyze(units, "security", "--offline=true", f"--threshold={most}", "--no-pager",
                       f"./{unit}")
    status, words = judge()
    assert status == 0, words
    text = (units / unit).read_text(encoding="utf-8")
    assert "\nRestrictNamespaces=yes\n" in text
    (units / unit).write_text(text.replace("\nRestrictNamespaces=yes\n", "\n"))
    assert judge()[0] != 0


@pytest.mark.parametrize("unit", ["odoofs@.service", "odoofs-system@.service",
                                  "odoofs-backup@.service"])
def test_the_units_keep_memory_and_files_to_themselves(units, unit):
    """Also the one of a user's manager, which can take away nothing else: it runs fusermount3."""
    lines = (units / unit).read_text(encoding="utf-8").splitlines()
    assert {"LimitCORE=0", "UMask=0077", "KeyringMode=private"} <= set(lines)


@needs("setpriv", "unshare")
@pytest.mark.skipif(os.geteuid() != 0, reason="takes rights from root: needs root")
def test_what_the_units_take_away_is_not_needed(open_directory, server):
    """As root with nothing but the right to mount, which no program it starts could get either."""
    (open_directory / "secret").write_text("admin")
    (open_directory / "secret").chmod(0o600)
    done = namespace.run("""
        setpriv --bounding-set=-all,+sys_admin --inh-caps=-all --no-new-privs \\
            odoofs -f -o password_file=secret "$SOURCE" mnt & pid=$!
        for i in $(seq 600); do mountpoint -q mnt && break; sleep 0.1; done
        ls mnt | grep -x res.partner
        kill $pid
        wait $pid
        mountpoint -q mnt || echo unmounted""", open_directory, SOURCE=server.source())
    assert done.stdout.splitlines() == ["res.partner", "unmounted"], done.stderr


@needs("setpriv", "unshare", "rsync")
@pytest.mark.skipif(os.geteuid() != 0, reason="takes rights from root: needs root")
def test_a_backup_needs_no_more_than_its_unit_leaves(open_directory, server):
    """The same, of a file system that is read-only but for the backups."""
    (open_directory / "secret").write_text("admin")
    (open_directory / "secret").chmod(0o600)
    (open_directory / "backups").mkdir()
    done = namespace.run("""
        mount --bind backups backups
        mount -o remount,bind,ro /
        cd "$PWD/backups"
        setpriv --bounding-set=-all,+sys_admin --inh-caps=-all --no-new-privs \\
            "$BACKUP" -o models=res.country,password_file=../secret "$SOURCE" .
        ls""", open_directory, SOURCE=server.source(),
        BACKUP=str(CONTRIB / "odoofs-backup"))
    assert done.returncode == 0, done.stderr
    summary, name = done.stdout.splitlines()
    assert "is complete" in summary
    assert name in summary
