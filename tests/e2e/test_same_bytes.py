# SPDX-License-Identifier: MIT
"""A backup is the same to the byte, whoever takes it: over any two transports, `diff -r` is silent."""

from __future__ import annotations

import subprocess

import pytest

from harness.doors import AUTO, TRANSPORTS
from harness.mount import Mount
from harness.servers import Server

pytestmark = pytest.mark.any_door

MODELS = ("res.country", "res.country.state", "res.currency", "res.groups", "res.lang",
          "res.partner.category", "res.users", "x_everything")


def ways(server: Server) -> list[str]:
    """The transports that this server has, and a password will do for."""
    return ["jsonrpc", "session", "xmlrpc"] + ["json2"] * (server.version >= 19)


@pytest.fixture(scope="module")
def backups(server, things):
    """A backup by each of them, with values of every type in it."""
    things.take(3)
    trees = {}
    for way in ways(server):
        secret = server.key() if way == "json2" else "admin"
        trees[way] = Mount(str(server.source()), secret, backup=True, ttl=3600, transport=way)
    yield trees
    for tree in trees.values():
        tree.unmount()


@pytest.mark.parametrize("model", MODELS)
def test_two_backups_are_the_same(backups, model):
    first, *others = backups.values()
    assert first.ids(model)
    for other in others:
        done = subprocess.run(["diff", "-r", first / model, other / model], capture_output=True,
                              text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_they_list_the_same_models(backups, rpc):
    """Every one that can be read, and no other."""
    first, *others = (sorted(tree.models()) for tree in backups.values())
    assert set(MODELS) < set(first)
    assert all(other == first for other in others)


def test_what_could_not_be_read_is_said(backups):
    for tree in backups.values():
        assert tree.errors() == []
