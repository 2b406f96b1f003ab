# SPDX-License-Identifier: MIT
"""Version, login, and what is answered before any model is touched."""

import json

import pytest
from conftest import RpcError


def test_version(odoo):
    info = odoo.service("common", "version")
    assert info["server_version_info"] == [odoo.version, 0, 0, "final", 0, ""]
    status, _, body = odoo.request("POST", "/web/webclient/version_info", {})
    assert status == 200 and json.loads(body)["result"] == info


def test_version_pages_are_new(odoo):
    for path in ("/web/version", "/json/version"):
        status, _, body = odoo.page(path)
        assert status == (200 if odoo.version == 19 else 404)
        if status == 200:
            assert json.loads(body)["version"] == "19.0"


def test_login_page(odoo):
    status, headers, body = odoo.request("GET", "/web/login")
    assert status == 200 and b"oe_login_form" in body and "session_id=" in headers["Set-Cookie"]


def test_login(odoo):
    assert odoo.service("common", "login", "demo", "admin", "admin") == 2
    assert odoo.service("common", "authenticate", "demo", "demo", "demo", {}) == 6
    assert odoo.service("common", "login", "demo", "portal", "demo-api-key-portal") == 7
    assert odoo.service("common", "login", "demo", "admin", "wrong") is False
    assert odoo.service("common", "login", "demo", "nobody", "admin") is False
    assert odoo.service("db", "list") == ["demo"]


def test_authenticate_needs_four_arguments(odoo):
    with pytest.raises(RpcError) as error:
        odoo.service("common", "authenticate", "demo", "admin", "admin")
    assert error.value.name == "builtins.TypeError"


def test_refused(odoo):
    def call(db, uid, secret):
        with pytest.raises(RpcError) as error:
            odoo.service("object", "execute_kw", db, uid, secret, "res.partner", "search", [[]])
        assert error.value.code == (0 if odoo.version == 19 else 200)
        return error.value.name
    assert call("demo", 2, "wrong") == "odoo.exceptions.AccessDenied"
    assert call("demo", 999, "admin") == "odoo.exceptions.MissingError"
    assert call("nowhere", 2, "admin") == "psycopg2.OperationalError"
    assert call("", 2, "admin") == ("builtins.AssertionError" if odoo.version == 19
                                    else "psycopg2.OperationalError")


def test_locked_out_after_ten_failures(odoo):
    for _ in range(10):
        assert odoo.service("common", "login", "demo", "admin", "wrong") is False
    right = odoo.service("common", "login", "demo", "admin", "admin")
    assert right == (2 if odoo.version == 19 else False)
    odoo.control(reset=True)
    assert odoo.service("common", "login", "demo", "admin", "admin") == 2


def test_bad_requests(odoo):
    assert odoo.request("POST", "/jsonrpc", b"{")[0] == 400
    status, _, _ = odoo.request("POST", "/jsonrpc", b"{}", {"Content-Type": "text/plain"})
    assert status == (415 if odoo.version == 19 else 400)
    assert odoo.page("/nowhere")[0] == 404


def test_many_databases(start):
    odoo = start(14, "--many-databases")
    body = {"id": 1, "params": {"service": "object", "method": "execute_kw", "args": [
        "demo", 2, "wrong", "res.partner", "search", [[]]]}}
    assert odoo.request("POST", "/jsonrpc", body)[0] == 500
    _, headers, _ = odoo.request("GET", "/web/login?db=demo")
    cookie = {"Cookie": headers["Set-Cookie"].split(";")[0]}
    assert odoo.request("POST", "/jsonrpc", body, cookie)[0] == 200


def test_http(odoo):
    status, headers, body = odoo.request("POST", "/jsonrpc", {})
    assert status == 200 and int(headers["Content-Length"]) == len(body)


def test_keep_alive(start):
    import http.client
    odoo = start(19, "--keep-alive")
    connection = http.client.HTTPConnection(odoo.host, timeout=5)
    for _ in range(3):
        connection.request("GET", "/web/version")
        assert connection.getresponse().read()
    assert odoo.control(counts=True)["connections"] == 1


def test_ready_line_and_file(odoo):
    assert odoo.ready == f"ready {odoo.url} database demo\n"


def test_same_data_every_time(start):
    one, two = start(19), start(19)
    read = [s.call("res.partner", "search_read", [], order="id") for s in (one, two)]
    assert read[0] == read[1] and len(read[0]) > 280


def test_data_on_disk(start, tmp_path):
    one = start(14, "--db", str(tmp_path / "data"))
    number = one.call("res.partner", "create", {"name": "Kept"})
    one.stop()
    two = start(14, "--db", str(tmp_path / "data"))
    assert two.call("res.partner", "read", [number], ["name"]) == [
        {"id": number, "name": "Kept"}]
