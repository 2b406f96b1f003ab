# SPDX-License-Identifier: MIT
"""Each transport: the same tree, few calls, sessions that end, and what odoofs chooses itself."""

import concurrent.futures
import errno
import os

import pytest

from harness import doors
from harness.mount import Mount

pytestmark = pytest.mark.each_door

# What a round of odoofs' own choice with a password comes to, on 14 and 19 alike.
PASSWORD = "jsonrpc"


@pytest.fixture
def transport(server):
    return PASSWORD if server.transport == doors.AUTO else server.transport


def read_all(tree, model, ids, workers=8):
    """Many at a time: the sizes that were read, or the errno of what failed."""
    def read(number):
        try:
            return len(tree.read(f"{model}/{number}.json"))
        except OSError as error:
            return -error.errno
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        return list(pool.map(read, ids))


# The same through every door

def test_it_is_the_one_in_use(mount, server, transport):
    status = mount().status()
    assert status["transport"] == transport
    assert status["transport_reason"]
    if server.transport != doors.AUTO:
        assert status["transport_reason"] == "transport= was given"


def test_the_same_bytes(mount, server, transport):
    """The whole of some models, beside the oldest of the transports."""
    other = "jsonrpc" if transport != "jsonrpc" else "xmlrpc"
    one, two = mount(), mount(transport=other)
    assert two.status()["transport"] == other
    assert one.models() == two.models()
    for model in ("res.partner", "res.country", "res.users", "sale.order", "sale.order.line"):
        ids = one.ids(model)
        assert ids == two.ids(model)
        for number in ids[:40]:
            name = f"{model}/{number}.json"
            assert one.read(name) == two.read(name), name
    assert one.errors() == two.errors() == []


def test_the_same_for_a_portal_user(mount, server, transport):
    """He can't ask for the models, and his secret may be a key, too."""
    trees = [mount("portal", models="res.partner", transport=name)
             for name in {transport, "jsonrpc"}]
    for tree in trees:
        assert tree.ids("res.partner") == trees[0].ids("res.partner")
        for number in trees[0].ids("res.partner")[:5]:
            name = f"res.partner/{number}.json"
            assert tree.read(name) == trees[0].read(name)


def test_edits(desk):
    """A change, an addition and a removal, each of which is one call."""
    record = desk()
    values = {"city": "Zürich \"1\" <&>", "color": 7, "country_id": False}
    record.path.write_bytes(record.edited(**values))
    record.check_saved(values)
    record.tap.clear()
    (record.directory / "new.json").write_text('{"name": "Łódź & Sons", "active": true}')
    made = record.tap.changes()
    assert [call[:2] for call in made] == [("res.partner", "create")]
    number = int(record.tree.read(".odoofs/created").split()[-1].rpartition(b"/")[2].split(b".")[0])
    try:
        shown = record.tree.json(f"res.partner/{number}.json")
        assert shown["name"] == "Łódź & Sons"
    finally:
        record.tap.clear()
        (record.directory / f"{number}.json").unlink()
    assert record.tap.changes() == [("res.partner", "unlink", [number])]
    assert record.rpc.ids("res.partner", [["id", "=", number]]) == []


def test_a_refusal_is_told_in_the_server_s_words(desk, rpc):
    """Whatever the codes of the protocol, the errno is the same."""
    record = desk("res.country", rpc.ids("res.country", limit=1)[0])
    with pytest.raises(OSError) as failure:
        (record.directory / "new.json").write_text('{"name": "Elsewhere", "code": "BE"}')
    assert failure.value.errno == errno.EEXIST
    assert "unique" in record.last_error()["message"]


def test_mounting_is_four_calls_at_most(tap, wired):
    """Then the mount point answers, whatever comes of the fifth."""
    tap.hold_after(4)
    tree = wired()
    assert (tree / "").is_dir()
    tap.release()
    assert tree.models()


# Sessions and tokens that end

ends = pytest.mark.door("session", "jsoncall")


def logins(fake):
    return sum(n for name, n in fake.control(counts=True)["by_method"].items()
               if name in ("session.authenticate", "json-call.user_authenticate"))


@ends
def test_what_expired_is_renewed_once_in_silence(fake, mount):
    tree = mount()
    ids = tree.ids("res.partner")
    fake.control(reset_counts=True, expire_sessions=True, expire_tokens=True)
    assert min(read_all(tree, "res.partner", ids[:200])) > 0
    assert min(read_all(tree, "res.country", tree.ids("res.country"))) > 0
    assert logins(fake) == 1
    assert tree.errors() == [] and tree.log() == ""


@ends
def test_a_change_is_made_once_though_the_session_expired(fake, desk):
    record = desk()
    fake.control(expire_sessions=True, expire_tokens=True)
    (record.directory / "new.json").write_text('{"name": "Once"}')
    assert len(record.rpc.ids("res.partner", [["name", "=", "Once"]])) == 1
    fake.control(expire_sessions=True, expire_tokens=True)
    record.path.write_bytes(record.edited(city="Bruges"))
    assert record.on_server()["city"] == "Bruges"
    assert record.others() == []


@pytest.mark.since(19)
@pytest.mark.door("session")
def test_a_session_that_is_given_another_key(fake, mount):
    tree = mount()
    ids = tree.ids("res.partner")
    fake.control(reset_counts=True)
    for first in range(0, 300, 60):
        fake.control(rotate_sessions=True)
        assert min(read_all(tree, "res.partner", ids[first:first + 60])) > 0
        tree.refresh("res.partner")
    assert logins(fake) == 0
    fake.control(expire_sessions=True)
    assert tree.ids("res.currency") and logins(fake) == 1


@pytest.mark.door("session")
def test_a_session_of_a_server_of_several_databases(own_fake, mount):
    """Which knows nothing of a session that ended, not even which database it was about."""
    server = own_fake("--many-databases", partners=100)
    tree = mount(source=server.source())
    ids = tree.ids("res.partner")
    server.control(reset_counts=True, expire_sessions=True)
    assert min(read_all(tree, "res.partner", ids)) > 0
    assert logins(server) == 1 and tree.errors() == []


@ends
def test_it_logs_out(fake, mount):
    tree = mount()
    tree.models()
    tree.wait_until_idle()
    fake.control(reset_counts=True)
    tree.unmount()
    assert set(fake.control(counts=True)["by_method"]) <= {
        "session.destroy", "json-call.user_logout"}
    assert fake.control(counts=True)["calls"] == 1


# What odoofs chooses

@pytest.mark.parametrize("blocked, secret, chosen, reason", [
    ([], "key", {14: "jsonrpc", 19: "json2"}, {14: "Odoo 14 has no json2",
                                               19: "looks like an API key"}),
    ([], "password", {14: "jsonrpc", 19: "jsonrpc"}, {14: "no json2", 19: "json2 needs"}),
    (["/json/2"], "key", {14: "jsonrpc", 19: "jsonrpc"}, {14: "no json2", 19: "/json/2 is closed"}),
    (["/jsonrpc"], "password", {14: "xmlrpc", 19: "xmlrpc"}, "/jsonrpc is closed"),
    ([{"path": "/jsonrpc", "status": 403}], "password", {14: "xmlrpc", 19: "xmlrpc"}, "403"),
    (["/jsonrpc", "/json/2"], "key", {14: "xmlrpc", 19: "xmlrpc"}, "/jsonrpc is closed"),
    (["/jsonrpc", "/xmlrpc/2/"], "password", {14: "xmlrpc", 19: "xmlrpc"}, "closed"),
    (["/jsonrpc", "/xmlrpc"], "password", {14: "session", 19: "session"}, "closed"),
    (["/web/webclient"], "password", {14: "jsonrpc", 19: "jsonrpc"}, ""),
    (["/web", "/jsonrpc"], "password", {14: "xmlrpc", 19: "xmlrpc"}, ""),
])
@pytest.mark.any_door
def test_its_own_choice(fake, mounts, blocked, secret, chosen, reason):
    fake.control(block=blocked)
    tree = Mount(fake.source(), fake.key() if secret == "key" else "admin", ttl=3600)
    mounts.append(tree)
    status = tree.status()
    assert status["transport"] == chosen[fake.version]
    words = reason[fake.version] if isinstance(reason, dict) else reason
    assert words in status["transport_reason"]
    assert tree.ids("res.country") and tree.errors() == []
    used = fake.control(counts=True)["by_transport"]
    assert set(used) <= {"web", chosen[fake.version]}


@pytest.mark.any_door
def test_a_transport_that_was_asked_for_is_not_given_up(fake, mount):
    """Whoever names one wants that one: another may be what is forbidden there."""
    fake.control(block=["/jsonrpc"])
    with pytest.raises(Exception, match="404"):
        mount(transport="jsonrpc")
    assert "xmlrpc" not in fake.control(counts=True)["by_transport"]
    fake.control(clear_faults=True)
    assert mount(transport="jsonrpc").models()


@pytest.mark.any_door
def test_every_transport_by_name(fake, mount):
    for name in doors.TRANSPORTS:
        if doors.speaks(fake.name, name):
            tree = mount(transport=name)
            assert tree.status()["transport"] == name
            assert os.listdir(tree / "res.country")
