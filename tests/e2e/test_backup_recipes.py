# SPDX-License-Identifier: MIT
"""The README's commands that back up and restore, each of them, and twice."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from harness.backup import NAME, shell_environment
from harness.mount import TOP, mounted, retry

MODELS = "res.partner.category:res.country"
SNAPSHOT = "2026-11-26T023000Z"

# What stands in the recipes, and in a test.
PLACES = ("/srv/backup/odoo", "/srv/restic", "/srv/borg", "/var/cache/odoofs", "/mnt/odoo")


def recipes() -> list[str]:
    text = (TOP / "README.md").read_text(encoding="utf-8")
    section = re.search(r"^## Back up and restore\n(.*?)(?=^## )", text, re.S | re.M)[1]
    return re.findall(r"```sh\n(.*?)```", section, re.S)


def recipe(word: str) -> str:
    [found] = [text for text in recipes() if word in text]
    return found


class Machine:
    """A home with the profile `prod`, and directories for those of the recipes."""

    def __init__(self, server, directory: pathlib.Path):
        self.directory, self.home = directory, directory / "home"
        for place in ("mnt/odoo", "home/odoo", "home/.config/odoofs", "srv"):
            (directory / place).mkdir(parents=True)
        url, _, rest = str(server.source()).partition("//admin@")
        host, _, database = rest.rpartition("/")
        secret = self.home / ".config/odoofs/secret"
        secret.write_text(server.secret())
        secret.chmod(0o600)
        options = f"transport = {server.transport}\n" if server.transport != "auto" else ""
        (secret.parent / "config").write_text(
            f"[prod]\nurl = {url}//{host}\nlogin = admin\ndatabase = {database}\n"
            f"password_file = {secret}\nmodels = {MODELS}\n{options}")
        self.env = {**shell_environment(None), "HOME": str(self.home), "RESTIC_PASSWORD": "secret",
                    "BORG_PASSPHRASE": "secret",
                    "RESTIC_CACHE_DIR": str(directory / "restic-cache"),
                    "BORG_BASE_DIR": str(directory / "borg")}
        self.env.pop("XDG_CONFIG_HOME", None)
        self.env["PATH"] = f"{TOP / 'contrib'}:{self.env['PATH']}"

    def run(self, script: str) -> str:
        for place in PLACES:
            script = script.replace(place, f"{self.directory}{place}")
        done = subprocess.run(["sh", "-euc", script], env=self.env, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=200, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert not mounted(self.directory / "mnt/odoo")
        # Its store is free for the next mount when it has ended.
        assert retry(lambda: subprocess.run(["pgrep", "-f", f"odoofs .*{self.directory}"],
                                            check=False, capture_output=True).returncode, 60)
        return done.stdout + done.stderr


@pytest.fixture
def machine(server, tmp_path):
    made = Machine(server, tmp_path)
    yield made
    for place in ("mnt/odoo", "home/odoo"):
        if mounted(tmp_path / place):
            subprocess.run(["fusermount3", "-u", "-z", tmp_path / place], check=True)


def needs(*programs: str) -> pytest.MarkDecorator:
    missing = [program for program in programs if not shutil.which(program)]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


@needs("rsync", "jq")
def test_a_backup_is_restored(machine, colleague, rpc):
    tag = colleague.create("res.partner.category", name="Before")
    assert "is complete" in machine.run(recipe("odoofs-backup --keep"))
    [name] = [x for x in os.listdir(machine.directory / "srv/backup/odoo") if NAME.fullmatch(x)]
    colleague.write("res.partner.category", tag, name="After")
    script = recipe("odoofs-restore").replace(SNAPSHOT, name)
    script = script.replace("res.partner/14.json", f"res.partner.category/{tag}.json")
    said = machine.run(script.replace("res.partner ", "res.partner.category "))
    assert f'res.partner.category/{tag}.json: name: "After" -> "Before"' in said
    assert rpc.read("res.partner.category", [tag], ["name"]) == [{"id": tag, "name": "Before"}]
    assert "odoofs-restore: 0 changed" in said.splitlines()[-1]


@needs("restic")
def test_restic_opens_what_changed(machine, colleague, rpc):
    machine.run("restic -r /srv/restic init")
    script = recipe("restic -r").replace("restic ", "restic -v ")
    files = len(rpc.ids("res.country")) + len(rpc.ids("res.partner.category"))
    assert re.search(rf"Files: +{files} new, +0 changed, +0 unmodified", machine.run(script))
    assert re.search(rf"Files: +0 new, +0 changed, +{files} unmodified", machine.run(script))
    colleague.write("res.country", rpc.ids("res.country")[4], phone_code=977)
    assert re.search(rf"Files: +0 new, +1 changed, +{files - 1} unmodified", machine.run(script))


@needs("borg")
def test_borg_opens_what_changed(machine, colleague, rpc):
    machine.run("borg init --encryption=repokey /srv/borg")
    script = recipe("borg create").replace("borg create", "borg create --list").replace(
        "{now}", "{now:%f}")
    assert len(re.findall(r"^A .*\.json$", machine.run(script), re.M)) == (
        len(rpc.ids("res.country")) + len(rpc.ids("res.partner.category")))
    colleague.write("res.country", rpc.ids("res.country")[4], phone_code=977)
    # What changed last is opened once more: borg doesn't trust the newest time that there is.
    for _ in range(2):
        said = machine.run(script)
        assert len(re.findall(r"^[AMC] .*\.json$", said, re.M)) == 1
        assert re.search(r"^U .*\.json$", said, re.M)


@pytest.mark.any_door
def test_every_recipe_is_run():
    """By the tests above; and the timer that another names is there."""
    for text in recipes():
        assert re.search(r"odoofs-backup --keep|odoofs-restore|restic -r|borg create|systemctl",
                         text)
    assert "odoofs-backup@prod.timer" in recipe("systemctl")
    assert (TOP / "contrib/systemd/odoofs-backup@.timer.in").exists()
