# SPDX-License-Identifier: MIT
"""A server that answers anything: a thousand seeds, each of which makes other answers wrong.

Every operation ends in time with an errno that says something, odoofs lives and has nothing for a
sanitizer to report, and when the server is sane again so is the mount.
"""

import concurrent.futures
import errno
import random

import pytest

from harness.hostile import PARTNER, Visitor
from harness.run import run, unmount

# A thousand together.
DOORS = ["jsonrpc", "json2", "session", "xmlrpc", "jsoncall"]
SEEDS, OPERATIONS, LOGINS = 200, 3, 60
TIMEOUT = 2

# On a loaded machine an answer of 128 MiB alone takes a while under a sanitizer.
LIMIT = 60

pytestmark = [pytest.mark.any_door, pytest.mark.since(19)]



def go_mad(server, seed):
    server.control(clear_faults=True, fault={
        "path": "/", "do": "fuzz", "seed": seed,
        "probability": random.Random(seed).choice([0.1, 0.3, 0.6, 1])})


def is_locked_out(tree):
    """It took an answer for "this password is refused", and doesn't ask again, as it promises."""
    try:
        tree.ids(PARTNER)
    except OSError as failure:
        return failure.errno == errno.EACCES and "refused" in tree.log()
    return False


def check_sane(server, tree, visitor):
    """What is on the server is what is shown."""
    server.control(clear_faults=True)
    tree.wait_until_idle()
    tree.refresh()
    if is_locked_out(tree):
        return False
    rpc = server.rpc()
    ids = rpc.ids(PARTNER)
    assert tree.ids(PARTNER) == ids
    for row in rpc.read(PARTNER, ids, ["name", "ref"]):
        shown = tree.json(f"{PARTNER}/{row['id']}.json")
        assert (shown["name"], shown["ref"]) == (row["name"], row["ref"])
        if row["id"] == visitor.number:
            assert visitor.could_be(row["ref"]), (row, visitor.written)
    assert len(tree.read(f"{PARTNER}/.export/jsonl").splitlines()) == len(ids)
    return True


def bear(server, mount, door, seeds):
    """All seeds, on one mount unless it is locked out."""
    tree, written = None, []
    for seed in seeds:
        if tree is None:
            tree = mount(source=server.source(), transport=door, timeout=TIMEOUT)
            visitor = Visitor(tree, 12, LIMIT, written)
        go_mad(server, seed)
        tree.refresh()
        visitor.visit(seed, OPERATIONS)
        assert tree.process.poll() is None, f"seed {seed}: it died: {tree.log()[-4000:]}"
        assert not visitor.strange, visitor.strange
        if seed % 20 == 19 and not check_sane(server, tree, visitor):
            tree.unmount()
            tree = None
    return visitor


def test_whatever_it_answers(own_fake, mount):
    """By each transport; at the same time, as most of it is waiting."""
    servers = [own_fake(partners=50) for _ in DOORS]
    with concurrent.futures.ThreadPoolExecutor(len(DOORS)) as pool:
        done = [pool.submit(bear, servers[n], mount, door, range(n * SEEDS, (n + 1) * SEEDS))
                for n, door in enumerate(DOORS)]
    for each in done:
        assert each.result().failures > SEEDS  # it was mad


def test_whatever_it_answers_to_a_login(own_fake, empty):
    """It is mounted, or there is one sentence and exit status 1."""
    server = own_fake(partners=10)
    for seed in range(LOGINS):
        go_mad(server, seed)
        ended = run("-o", f"timeout={TIMEOUT}", server.source(), empty,
                    transport=DOORS[seed % len(DOORS)])
        assert ended.status in (0, 1), (seed, ended.words)
        if ended.status:
            assert ended.sentence
        unmount(empty)
