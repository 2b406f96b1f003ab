# SPDX-License-Identifier: MIT
"""Who is let in, by each transport: every way of being refused has its sentence."""

import errno
import json
import os
import time

import pytest

from harness import doors
from harness.mount import Mount
from harness.run import answering, listening, refused, run

pytestmark = pytest.mark.each_door

# How each names the secret that was refused.
REFUSED = {"json2": 'refused the API key of "admin"'}
LOCKED = "Too many login failures"


def attempts(fake):
    """How often a secret was refused, and how often one was shown."""
    counts = fake.control(counts=True)
    logins = sum(n for name, n in counts["by_method"].items() if name in (
        "common.login", "common.authenticate", "session.authenticate",
        "json-call.user_authenticate"))
    return counts["refused"], logins


# At the login

def test_wrong_password(empty, server):
    words = REFUSED.get(server.transport, 'refused the login "admin"')
    refused(server.source(), empty, status=1, password="wrong", words=words)


def test_wrong_login(empty, server):
    words = 'is that of "admin"' if server.transport == "json2" else "refused the login"
    refused(server.source("nobody"), empty, status=1, words=[words, '"nobody"'])


def test_a_refused_secret_is_shown_once(empty, fake):
    fake.control(reset_counts=True)
    before = attempts(fake)[0]
    refused(fake.source(), empty, status=1, password="wrong", words="refused")
    refusals, logins = attempts(fake)
    assert (refusals - before, logins) == (1, fake.transport != "json2")


def test_unknown_database(empty, server):
    refused(server.source(database="nothere"), empty, status=1, words='"nothere"')


@pytest.mark.parametrize("case", ["wrong", "nothere"])
@pytest.mark.door(doors.AUTO, "json2", "jsonrpc", "session", "xmlrpc")
def test_on_a_server_of_several_databases(empty, own_fake, case):
    """14 answers with a bare 500 there, unless it is told first which database this is about.
    (And nothing tells json-call.)"""
    server = own_fake("--many-databases", partners=100)
    if case == "wrong":
        words = REFUSED.get(server.transport, 'refused the login "admin"')
        refused(server.source(), empty, status=1, password="wrong", words=words)
    else:
        refused(server.source(database="nothere"), empty, status=1, words='"nothere"')


@pytest.mark.door("session")
def test_a_key_where_a_password_is_wanted(empty, server):
    refused(server.source(), empty, status=1, password=server.key(),
            words=["takes the password", "no API key"])


@pytest.mark.door(doors.AUTO, "xmlrpc")
def test_a_key_in_place_of_the_password(mount, server, mounts):
    tree = Mount(server.source(), server.key(), transport=server.transport, ttl=3600)
    mounts.append(tree)
    assert tree.ids("res.country") == mount().ids("res.country")


@pytest.mark.door("json2")
def test_a_password_where_a_key_is_wanted(empty, server):
    refused(server.source(), empty, status=1, password="no key",
            words=["json2 takes an API key", "can't be one"])
    refused(server.source(), empty, status=1, password="Admin",
            words=['refused the API key of "admin"', "transport=jsonrpc and session"])


@pytest.mark.door("json2")
def test_a_key_of_somebody_else(empty, server):
    refused(server.source("demo"), empty, status=1, password=server.key("admin"),
            words='that of "admin", and not of "demo"')


@pytest.mark.any_door
def test_json2_at_a_server_that_is_too_old(empty, server):
    if server.version < 19:
        refused(server.source(), empty, status=1, transport="json2",
                words=["json2 needs Odoo 19", "this is Odoo 14"])


def test_a_user_who_is_archived(empty, fake):
    fake.control(sql="UPDATE res_users SET active = 0 WHERE login = 'demo'")
    try:
        refused(fake.source("demo"), empty, status=1, words=["refused", '"demo"'],
                password="demo")
    finally:
        fake.control(sql="UPDATE res_users SET active = 1 WHERE login = 'demo'")


def fail_ten_times(fake):
    for _ in range(10):
        fake.post("/web/session/authenticate", {"params": {
            "db": fake.database, "login": "admin", "password": "wrong"}})


def test_an_address_that_is_locked_out(empty, fake):
    """14 locks it whatever the transport, 19 for sessions only. The services just say no."""
    fail_ten_times(fake)
    fake.control(reset_counts=True)
    before = attempts(fake)[0]
    by_session = fake.transport in ("session", "jsoncall")
    if fake.version < 19 or by_session:
        words = LOCKED if fake.transport == "session" else "refused"
        refused(fake.source(), empty, status=1, words=words)
        assert attempts(fake) == (before, 1)
    else:
        ended = run(fake.source(), empty)
        assert (ended.status, ended.words) == (0, "")


STRANGERS = [
    (b"<html>It works!</html>", "200 OK", "text/html"), (b"{}", "200 OK", "application/json"),
    (b"[1, 2]", "200 OK", "application/json"), (b"not found", "404 Not Found", "text/html"),
    (b"", "204 No Content", "text/html"), (b"<?xml version='1.0'?><x/>", "200 OK", "text/xml"),
    (b"forbidden", "403 Forbidden", "text/html"), (b"true", "200 OK", "application/json"),
    (b"<?xml version='1.0'?><methodResponse><params><param><value><int>1</int></value></param>"
     b"</params></methodResponse>", "200 OK", "text/xml"), (b"\xff\xfe\x00", "200 OK", "text/xml")]


@pytest.mark.parametrize("name", (doors.AUTO, *doors.TRANSPORTS))
@pytest.mark.any_door
def test_a_server_that_is_not_odoo(empty, name):
    secret = "0" * 40 if name == "json2" else "admin"
    for body, status, kind in STRANGERS:
        with listening(answering(body, status, kind)) as port:
            refused(f"http://admin@127.0.0.1:{port}/demo", empty, status=1, transport=name,
                    password=secret, words=[f"127.0.0.1:{port}", "no Odoo"])


# While it is mounted

def change_secret(fake):
    """Whatever the mount came in with is refused from now on."""
    if fake.transport == "json2":
        fake.control(revoke_key="admin")
    else:
        fake.control(set_password={"login": "admin", "password": "another"})
    fake.control(expire_tokens=True)


def fails_with(number, action):
    with pytest.raises(OSError) as failure:
        action()
    return failure.value.errno == number


def test_a_secret_that_is_refused_while_mounted(fake, mount, rpc):
    """Each reader is told, the log once, and the server is asked once."""
    tree = mount()
    number = tree.ids("res.partner")[0]
    tree.read(f"res.partner/{number}.json")
    orders = rpc.ids("sale.order", limit=20)
    tree.wait_until_idle()
    fake.control(reset_counts=True)
    before = attempts(fake)[0]
    change_secret(fake)
    for each in orders:
        assert fails_with(errno.EACCES, lambda: tree.read(f"sale.order/{each}.json"))
    assert fails_with(errno.EACCES, lambda: os.listdir(tree / "res.currency"))
    assert fails_with(errno.EACCES, lambda: (tree / "res.partner/new.json").write_text("{}"))
    refusals, logins = attempts(fake)
    assert refusals - before == 1
    assert logins <= (fake.transport in ("session", "jsoncall"))
    log = [line for line in tree.log().splitlines() if "not saved, kept as" not in line]
    assert len(log) == 1 and "nothing more is asked" in log[0], log
    assert tree.read(f"res.partner/{number}.json")  # what is cached is served
    assert {line["errno"] for line in tree.errors()} == {"EACCES"}


@pytest.mark.door(doors.AUTO, "xmlrpc")
def test_a_key_that_is_revoked_while_mounted(fake, mounts, rpc):
    tree = Mount(fake.source(), fake.key(), transport=fake.transport, ttl=3600)
    mounts.append(tree)
    orders = rpc.ids("sale.order", limit=20)
    tree.wait_until_idle()
    before = attempts(fake)[0]
    fake.control(revoke_key="admin")
    for each in orders:
        assert fails_with(errno.EACCES, lambda: tree.read(f"sale.order/{each}.json"))
    assert attempts(fake)[0] - before == 1
    assert len(tree.log().splitlines()) == 1


def test_a_new_mount_is_let_in_again(fake, mount):
    """What was refused is remembered by the mount only."""
    tree = mount()
    change_secret(fake)
    assert fails_with(errno.EACCES, lambda: os.listdir(tree / "res.partner"))
    tree.unmount()
    fake.control(reset=True)
    assert mount().ids("res.partner")


@pytest.mark.door("session")
def test_a_lock_that_is_over_soon_is_no_refusal(fake, mount):
    """As long as it is the right password is refused, too: then the mount goes on. (By the other
    transports a secret that was taken once is taken even then.)"""
    tree = mount()
    ids = tree.ids("res.partner")
    fail_ten_times(fake)
    fake.control(expire_sessions=True, expire_tokens=True)
    with pytest.raises(OSError):
        tree.read(f"res.partner/{ids[300]}.json")
    fake.control(reset=True)
    end = time.monotonic() + 60
    while True:
        try:
            assert tree.read(f"res.partner/{ids[301]}.json")
            break
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.5)


# Nothing of it is written down

def test_nothing_that_opens_is_written_down(server, mounts, tap, mount):
    """Neither key, nor password, nor cookie, nor token: not even where everything is logged."""
    tree = mount("admin", tap.source(), loglevel="debug", ttl=0)
    number = tree.ids("res.country")[0]
    tree.read(f"res.country/{number}.json")
    with pytest.raises(OSError):
        (tree / f"res.country/{number}.json").write_text('{"id": 0, "name": 7}')
    secrets = tap.secrets() - {"admin"}
    if server.transport not in (doors.AUTO, "jsonrpc", "xmlrpc"):
        assert secrets
    texts = [tree.log().encode()] + [tree.read(f".odoofs/{name}") for name in (
        "errors", "status.json", "stats.json", "created")]
    process = f"/proc/{tree.process.pid}"
    for name in ("cmdline", "environ"):
        with open(f"{process}/{name}", "rb") as file:
            texts.append(file.read())
    for secret in secrets:
        assert not [text for text in texts if secret.encode() in text], secret
    json.loads(texts[2])
