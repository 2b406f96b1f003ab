# SPDX-License-Identifier: MIT
"""The same calls by each transport, and what tests can do to those who come in."""

import json
import xmlrpc.client

import pytest
from conftest import RpcError
from doors import TRANSPORTS, Door, cookie_of, envelope, opened

READ = {"ids": [1, 3], "fields": ["name", "country_id", "category_id"]}


@pytest.fixture(scope="module")
def module_of(tmp_path_factory, request):
    """A server of each version that has json-call, too."""
    from conftest import Fake
    made = {}

    def make(version):
        if version not in made:
            made[version] = Fake(tmp_path_factory.mktemp("doors"), version,
                                 "--json-call=context")
        made[version].control(reset=True)
        return made[version]
    yield make
    for fake in made.values():
        fake.stop()


def pytest_generate_tests(metafunc):
    """Each test with both versions, but for /json/2, which 14 doesn't have."""
    if "door" in metafunc.fixturenames:
        metafunc.parametrize("fake, door", [(14, name) for name in TRANSPORTS[1:]] + [
            (19, name) for name in TRANSPORTS], indirect=True)
    elif "fake" in metafunc.fixturenames:
        metafunc.parametrize("fake", [14, 19], indirect=True)


@pytest.fixture
def fake(request, module_of):
    return module_of(request.param)


@pytest.fixture
def door(request, fake):
    return Door(fake, request.param)


def test_the_same_record_by_every_door(door, fake):
    expected = Door(fake, "jsonrpc").call("res.partner", "read", READ)
    assert door.call("res.partner", "read", READ) == expected
    assert len(expected) == 2


def test_calls_are_counted_by_transport(door, fake):
    fake.control(reset_counts=True)
    door.call("res.partner", "read", READ)
    transport = door.call.__name__
    counts = fake.control(counts=True)
    assert counts["by_transport"] == {transport: 1}
    assert counts["by_method"] == {"res.partner.read": 1}
    assert counts["log"][0]["transport"] == transport and counts["log"][0]["ids_count"] == 2


def test_a_fault_on_one_transport(door, fake):
    transport = door.call.__name__
    fake.fault(transport=transport, do="fault", name="odoo.exceptions.UserError",
               message="Not today", times=1)
    with pytest.raises((RpcError, xmlrpc.client.Fault), match="Not today"):
        door.call("res.partner", "read", READ)
    assert door.call("res.partner", "read", READ)


def test_a_status_on_one_transport(door, fake):
    fake.fault(transport=door.call.__name__, method="read", do="status", status=503, times=1)
    with pytest.raises(Exception) as failure:
        door.call("res.partner", "read", READ)
    assert not isinstance(failure.value, (RpcError, xmlrpc.client.Fault))
    assert door.call("res.partner", "read", READ)


def test_a_blocked_path(fake):
    fake.control(block=["/jsonrpc", {"path": "/json/2", "status": 403}])
    assert fake.request("POST", "/jsonrpc", {})[0] == 404
    status, headers, body = fake.request("POST", "/json/2/res.partner/search", {})
    assert status == 403 and b"nginx" in body and "text/html" in headers["Content-Type"]
    assert Door(fake, "session").call("res.partner", "read", READ)
    fake.control(reset=True)
    assert fake.request("POST", "/jsonrpc", {})[0] == 200


# Keys and passwords that change meanwhile

def test_a_key_that_is_revoked(fake):
    def login():
        return fake.service("common", "login", "demo", "demo", "demo-api-key-demo")
    assert login() == 6
    fake.control(revoke_key="demo")
    assert login() is False
    assert fake.control(counts=True)["refused"] == 1
    assert fake.service("common", "login", "demo", "demo", "demo") == 6
    fake.control(reset=True)
    assert login() == 6


def test_a_password_that_is_changed(fake):
    door = Door(fake, "session", "demo")
    fake.control(set_password={"login": "demo", "password": "another"})
    with pytest.raises(RpcError) as failure:
        door.call("res.partner", "read", READ)
    assert failure.value.code == 100
    with pytest.raises(RpcError) as failure:
        Door(fake, "session", "demo")
    assert failure.value.name == "odoo.exceptions.AccessDenied"
    assert fake.service("common", "login", "demo", "demo", "another") == 6


def test_an_unknown_login_or_kind_is_an_error_of_the_test(fake):
    status, _, body = fake.request("POST", "/_control", {"revoke_key": "nobody"})
    assert status == 400 and b"nobody" in body


def test_14_locks_an_address_after_ten_failures(module_of):
    fake = module_of(14)
    proven, fresh = Door(fake, "jsonrpc"), Door(fake, "jsonrpc", "portal")
    proven.call("res.partner", "read", READ)
    for _ in range(10):
        fake.service("common", "login", "demo", "admin", "wrong")
    with pytest.raises(RpcError, match="Too many login failures"):
        Door(fake, "session", "demo")
    with pytest.raises(RpcError, match="Too many login failures"):
        fresh.call("res.partner", "search", {"domain": [], "limit": 1})
    proven.call("res.partner", "read", READ)  # its secret was seen to be right before


def test_19_locks_sessions_only(module_of):
    fake = module_of(19)
    stranger = Door(fake, "jsonrpc")
    for _ in range(10):
        with pytest.raises(RpcError):
            stranger.post("/web/session/authenticate", {
                "db": "demo", "login": "admin", "password": "wrong"})
    with pytest.raises(RpcError, match="Too many login failures"):
        Door(fake, "session")
    assert fake.service("common", "login", "demo", "admin", "admin") == 2
    assert Door(fake, "json2").call("res.partner", "read", READ)


# Sessions

def test_a_session_takes_no_key(fake):
    with pytest.raises(RpcError) as failure:
        Door(fake, "jsonrpc").post("/web/session/authenticate", {
            "db": "demo", "login": "admin", "password": "demo-api-key-admin"})
    assert failure.value.name == "odoo.exceptions.AccessDenied"


def test_sessions_expire(fake):
    door = Door(fake, "session")
    fake.control(expire_sessions=True)
    with pytest.raises(RpcError) as failure:
        door.call("res.partner", "read", READ)
    assert (failure.value.code, failure.value.name) == (
        100, "odoo.http.SessionExpiredException")


def test_sessions_rotate(module_of):
    fake = module_of(19)
    door = Door(fake, "session")
    old = door.cookie
    fake.control(rotate_sessions=True)
    assert door.call("res.partner", "read", READ) and door.cookie != old
    fresh, door.cookie = door.cookie, old
    assert door.call("res.partner", "read", READ)  # what was under way still works
    door.cookie = fresh
    assert door.call("res.partner", "read", READ)


def test_session_info(fake):
    _, _, body = fake.request("POST", "/web/session/authenticate", envelope(
        {"db": "demo", "login": "demo", "password": "demo"}))
    info = opened(body)
    assert (info["uid"], info["db"], info["username"], info["is_system"]) == (
        6, "demo", "demo", False)
    assert info["user_context"]["lang"] == "en_US"


def test_log_out(fake):
    door = Door(fake, "session")
    cookie = door.cookie
    _, headers, body = fake.request("POST", "/web/session/destroy", envelope({}),
                                    {"Cookie": f"session_id={cookie}"})
    assert json.loads(body) == {"jsonrpc": "2.0", "id": 7} and cookie_of(headers) != cookie
    with pytest.raises(RpcError, match="Session expired"):
        door.call("res.partner", "read", READ)


@pytest.mark.parametrize("version", [14, 19])
def test_sessions_of_several_databases(start, version):
    """There a session that expired is none that anything is known of."""
    fake = start(version, "--many-databases")
    door = Door(fake, "session")
    assert door.call("res.partner", "read", READ)
    fake.control(expire_sessions=True)
    status, headers, _ = fake.request("POST", "/web/dataset/call_kw", envelope({}), {
        "Cookie": f"session_id={door.cookie}"})
    assert status == 404 and ("json" in headers["Content-Type"]) == (version == 14)
    status, _, body = fake.request("POST", "/web/dataset/call_kw", envelope({}), {
        "Cookie": f"session_id={door.cookie}", "X-Odoo-Database": "demo"})
    assert status == (200 if version == 19 else 404)


# XML-RPC

def faults(fake, path, method, *args):
    _, _, body = fake.request("POST", path, xmlrpc.client.dumps(args, method).encode(),
                              {"Content-Type": "text/xml"})
    with pytest.raises(xmlrpc.client.Fault) as failure:
        xmlrpc.client.loads(body)
    return failure.value.faultCode, failure.value.faultString


def test_control_bytes(fake):
    """14 writes what no XML parser takes."""
    call = ("demo", 2, "admin", "res.partner", "write", [[3], {"name": "a\x01\x1f\tb"}])
    fake.service("object", "execute_kw", *call)
    body = xmlrpc.client.dumps((*call[:3], "res.partner", "read", [[3], ["name"]]), "execute_kw")
    _, _, answer = fake.request("POST", "/xmlrpc/2/object", body.encode(),
                                {"Content-Type": "text/xml"})
    if fake.version < 19:
        assert b"<string>a\x01\x1f\tb</string>" in answer
    else:
        assert xmlrpc.client.loads(answer)[0][0] == [{"id": 3, "name": "a\tb"}]


def test_no_none(fake):
    fake.fault(method="read", do="wrong_type", value=None, times=2)
    call = ("demo", 2, "admin", "res.partner", "read", [[1]])
    code, text = faults(fake, "/xmlrpc/2/object", "execute_kw", *call)
    assert code == 1 and text.endswith(
        "TypeError: cannot marshal None unless allow_none is enabled\n")
    code, text = faults(fake, "/xmlrpc/object", "execute_kw", *call)
    assert code == "cannot marshal None unless allow_none is enabled"


def test_no_long_integers(fake):
    fake.fault(method="read", do="bigint", field="color", id=1, add=True)
    code, text = faults(fake, "/xmlrpc/2/object", "execute_kw", "demo", 2, "admin", "res.partner",
                        "read", [[1]])
    assert code == 1 and "exceeds XML-RPC limits" in text


@pytest.mark.parametrize("do, expected", [
    ("nan", b"<double>nan</double>"), ("float_1e400", b"<double>1e400</double>"),
    ("invalid_utf8", b"<string>Caf\xe9 \xff\xfe"), ("nul", b"<string>before\x00after</string>"),
    ("deep", b"<array><data><value><array><data><value>")])
def test_values_that_are_no_xml(fake, do, expected):
    fake.fault(method="read", do=do, field="name", id=1)
    body = xmlrpc.client.dumps(("demo", 2, "admin", "res.partner", "read", [[1], ["name"]]),
                               "execute_kw")
    _, _, answer = fake.request("POST", "/xmlrpc/2/object", body.encode(),
                                {"Content-Type": "text/xml"})
    assert expected in answer and b"@raw" not in answer


def test_demo_service(fake):
    for body, good in ((xmlrpc.client.dumps((), "start"), True), ("<", False)):
        status, _, answer = fake.request("POST", "/start", body.encode(),
                                         {"Content-Type": "text/xml"})
        assert (status == 200) == good
        if good:
            assert xmlrpc.client.loads(answer)[0][0] == {
                "host": fake.url, "database": "demo", "user": "admin", "password": "admin"}


# json-call

def test_json_call_says_no_by_a_result(fake):
    door = Door(fake, "jsoncall")
    for path, params, words in (
            ("user_authenticate", {}, "Please send data to Odoo."),
            ("user_authenticate", {"login": "admin", "password": "admin"}, "send database"),
            ("user_authenticate", {"login": "admin", "password": "x", "db": "demo"}, "no user"),
            ("user_logout", {"x": 1}, "Please send token.")):
        assert words in door.post(f"/json-call/{path}", params)["error"]
    assert "missing" in door.post("/json-call", {"token": door.token})["error"]


def test_json_call_tokens(fake):
    door = Door(fake, "jsoncall")
    assert len(door.token) == 64
    assert door.call("res.partner", "search", {"domain": [["id", "=", 1]]}) == [1]
    assert door.post("/json-call", {"token": door.token, "model": "res.partner",
                                    "method": "read", "Args": [[1], ["name"]]})[0]["id"] == 1
    assert door.post("/json-call/user_logout", {"token": door.token}) is True
    for token, words in ((door.token, "Access Denied!"), ("", "Invalid token!")):
        door.token = token
        with pytest.raises(RpcError, match=words) as failure:
            door.call("res.partner", "read", READ)
        assert failure.value.name == "builtins.Exception"
    door = Door(fake, "jsoncall")
    fake.control(expire_tokens=True)
    with pytest.raises(RpcError, match="Access Denied!"):
        door.call("res.partner", "read", READ)


def test_json_call_has_two_ways_with_context(fake):
    door = Door(fake, "jsoncall")
    params = {"token": door.token, "model": "res.partner", "method": "search",
              "args": [[["id", "=", 1]]], "context": {"lang": "en_US"}}
    assert door.post("/json-call", params) == [1]
    fake.control(set={"json_call": "kwargs"})
    with pytest.raises(RpcError, match="unexpected keyword argument 'lang'"):
        door.post("/json-call", params)
    assert door.post("/json-call", {**params, "context": {"context": {"lang": "en_US"}}}) == [1]
    fake.control(set={"json_call": "context"})


def test_json_call_is_not_there_by_itself(odoo):
    status, _, body = odoo.request("POST", "/json-call", envelope({}))
    assert status == 404
