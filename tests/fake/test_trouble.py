# SPDX-License-Identifier: MIT
"""Everything that a test can ask to go wrong, and the counters."""

import http.client
import json
import select
import socket
import threading
import time

import pytest
from conftest import RpcError

SEARCH = {"model": "res.partner", "method": "search_read"}


def fails(odoo, *args, **kwargs):
    with pytest.raises(RpcError) as error:
        odoo.call(*args, **kwargs)
    return error.value


def names(odoo, **kwargs):
    return odoo.call("res.partner", "search_read", [["id", "<", 20]], ["name"], order="id",
                     **kwargs)


def envelope():
    return {"id": 7, "params": {"service": "object", "method": "execute_kw", "args": [
        "demo", 2, "admin", "res.partner", "search_read", [[["id", "<", 20]], ["name"]],
        {"order": "id"}]}}


def raw(odoo, timeout=15):
    return odoo.request("POST", "/jsonrpc", envelope(), timeout=timeout)


def text(odoo):
    return raw(odoo)[2].decode("latin-1")


# Counting

def test_counts(odoo):
    odoo.call("res.partner", "search_read", [["id", "in", [1, 2, 3]]], ["name", "email"],
              limit=9)
    odoo.call("res.partner", "read", [1, 3], ["name"])
    odoo.service("common", "version")
    counts = odoo.control(counts=True)
    assert counts["calls"] == 3
    assert counts["by_method"] == {"res.partner.search_read": 1, "res.partner.read": 1,
                                   "common.version": 1}
    log = counts["log"]
    assert (log[0]["ids_count"], log[0]["fields_count"], log[0]["limit"]) == (3, 2, 9)
    assert (log[1]["ids_count"], log[1]["fields_count"]) == (2, 1)
    assert counts["bytes_out"] > 300 and counts["max_concurrent"] == 1
    odoo.control(reset_counts=True)
    assert odoo.control(counts=True)["calls"] == 0


def test_workers_queue(odoo):
    odoo.fault(**SEARCH, do="delay", seconds=0.4)
    start = time.monotonic()
    threads = [threading.Thread(target=names, args=(odoo,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0.75 < time.monotonic() - start < 3
    assert odoo.control(counts=True)["max_concurrent"] == 4


def test_an_idle_connection_holds_a_worker(odoo):
    host, port = odoo.host.split(":")
    idle = [socket.create_connection((host, int(port))) for _ in range(2)]
    time.sleep(0.2)
    start = time.monotonic()
    names(odoo)
    assert 1 < time.monotonic() - start < 4
    for sock in idle:
        sock.close()


# When a rule strikes

def test_nth_times_skip(odoo):
    def pattern(n):
        found = []
        for _ in range(n):
            try:
                names(odoo)
                found.append(".")
            except RpcError:
                found.append("x")
        return "".join(found)
    odoo.fault(**SEARCH, do="fault", nth=2)
    assert pattern(4) == ".x.."
    odoo.control(clear_faults=True, fault={**SEARCH, "do": "fault", "nth": [1, 3]})
    assert pattern(4) == "x.x."
    odoo.control(clear_faults=True, fault={**SEARCH, "do": "fault", "skip": 1, "times": 2})
    assert pattern(5) == ".xx.."
    odoo.control(clear_faults=True,
                 fault={**SEARCH, "do": "fault", "probability": 0.5, "seed": 3})
    first = pattern(12)
    assert "x" in first and "." in first
    odoo.control(clear_faults=True,
                 fault={**SEARCH, "do": "fault", "probability": 0.5, "seed": 3})
    assert pattern(12) == first
    rules = odoo.control(counts=True)["faults"]
    assert rules[0]["struck"] == first.count("x") and rules[0]["matched"] == 12
    odoo.control(clear_faults=True, fault={"contains": "needle", "do": "fault"})
    assert names(odoo) and fails(odoo, "res.partner", "search", [["name", "=", "needle"]])


def test_named_fault(odoo):
    odoo.fault(model="res.partner", method=["write", "create"], do="fault",
               name="odoo.exceptions.ValidationError", message="No more partners")
    fault = fails(odoo, "res.partner", "create", {"name": "x"})
    assert (fault.name, fault.message) == ("odoo.exceptions.ValidationError",
                                           "No more partners")


def test_unknown_fault_is_refused(odoo):
    status, _, body = odoo.request("POST", "/_control", {"fault": {"do": "nonsense"}})
    assert status == 400 and b"nonsense" in body


# The answer as a whole

@pytest.mark.parametrize("status", [404, 429, 500, 502, 503])
def test_status(odoo, status):
    odoo.fault(**SEARCH, do="status", status=status, times=1)
    got, headers, body = raw(odoo)
    assert got == status and b"<h1>" in body and "Retry-After" not in headers


def test_retry_after(odoo):
    odoo.fault(**SEARCH, do="status", status=503, retry_after=2)
    assert raw(odoo)[1]["Retry-After"] == "2"


def test_status_keeps_the_call_from_being_made(odoo):
    odoo.fault(model="res.partner", method="create", do="status", status=502, times=1)
    create = {"id": 1, "params": {"service": "object", "method": "execute_kw", "args": [
        "demo", 2, "admin", "res.partner", "create", [{"name": "Twice?"}]]}}

    def made():
        return odoo.call("res.partner", "search_count", [["name", "=", "Twice?"]])
    assert odoo.request("POST", "/jsonrpc", create)[0] == 502
    assert made() == 0
    odoo.fault(model="res.partner", method="create", do="reset_before", executed=True)
    with pytest.raises(OSError):
        odoo.request("POST", "/jsonrpc", create)
    assert made() == 1
    odoo.call("res.partner", "unlink",
              odoo.call("res.partner", "search", [["name", "=", "Twice?"]]))


def test_redirect(odoo):
    odoo.fault(**SEARCH, do="redirect", location="http://127.0.0.2:9/jsonrpc")
    status, headers, _ = raw(odoo)
    assert status == 302 and headers["Location"] == "http://127.0.0.2:9/jsonrpc"


def test_by_path(odoo):
    odoo.fault(path="/web/webclient", do="status", status=404)
    assert odoo.request("POST", "/web/webclient/version_info", {})[0] == 404
    assert names(odoo)


def test_garbage_and_body_and_wrong_id(odoo):
    odoo.fault(**SEARCH, do="garbage", times=1)
    with pytest.raises(json.JSONDecodeError):
        json.loads(text(odoo))
    odoo.fault(**SEARCH, do="body", body="[]", times=1)
    assert text(odoo) == "[]"
    odoo.fault(**SEARCH, do="wrong_id", value="other", times=1)
    assert json.loads(text(odoo))["id"] == "other"
    odoo.fault(**SEARCH, do="header", name="X-Long", value="x" * 100, times=1)
    assert raw(odoo)[1]["X-Long"] == "x" * 100


# The bytes of the body

def test_cut(odoo):
    odoo.fault(**SEARCH, do="cut", bytes=30)
    with pytest.raises(http.client.IncompleteRead) as error:
        raw(odoo)
    assert len(error.value.partial) == 30


def test_cut_clean(odoo):
    odoo.fault(**SEARCH, do="cut_clean", bytes=30)
    _, headers, body = raw(odoo)
    assert "Content-Length" not in headers and len(body) == 30


def test_wrong_length(odoo):
    odoo.fault(**SEARCH, do="content_length", value=10 ** 10)
    with pytest.raises(http.client.IncompleteRead):
        raw(odoo)


def test_reset(odoo):
    odoo.fault(**SEARCH, do="reset_before", times=1)
    with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
        raw(odoo)
    odoo.fault(**SEARCH, do="reset", bytes=20, times=1)
    with pytest.raises((ConnectionResetError, http.client.IncompleteRead)):
        raw(odoo)
    assert names(odoo)


def test_stall(odoo):
    odoo.fault(**SEARCH, do="stall", bytes=10, seconds=0.5, times=1)
    start = time.monotonic()
    assert json.loads(raw(odoo)[2])["result"] and time.monotonic() - start > 0.45
    odoo.fault(**SEARCH, do="stall", bytes=10, seconds=0.2, then="cut", times=1)
    with pytest.raises(http.client.IncompleteRead):
        raw(odoo)
    odoo.fault(**SEARCH, do="stall", seconds=60, times=1)
    with pytest.raises(TimeoutError):
        raw(odoo, timeout=0.3)
    assert names(odoo)


def test_drip_and_endless(odoo):
    odoo.fault(**SEARCH, do="drip", interval=0.01, step=40, times=1)
    start = time.monotonic()
    assert json.loads(raw(odoo)[2])["result"] and time.monotonic() - start > 0.05
    odoo.fault(**SEARCH, do="endless", times=1)
    host, port = odoo.host.split(":")
    sock = socket.create_connection((host, int(port)))
    body = json.dumps(envelope()).encode()
    sock.sendall(b"POST /jsonrpc HTTP/1.0\r\nContent-Type: application/json\r\n"
                 b"Content-Length: %d\r\n\r\n" % len(body) + body)
    got = 0
    while got < 5 << 20:
        got += len(sock.recv(1 << 20))
    sock.close()
    assert names(odoo)


def test_a_reader_that_stalls_is_cut(odoo):
    odoo.fault(**SEARCH, do="huge", megabytes=30, id=1, times=1)
    host, port = odoo.host.split(":")
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)  # or the kernel takes it all
    sock.connect((host, int(port)))
    body = json.dumps(envelope()).encode()
    sock.sendall(b"POST /jsonrpc HTTP/1.0\r\nContent-Type: application/json\r\n"
                 b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert select.select([sock], [], [], 60)[0]  # the answer begins
    time.sleep(6)
    got = 0
    while data := sock.recv(1 << 20):
        got += len(data)
    assert got < 30 << 20


# Values

def test_values_that_json_cannot_hold(odoo):
    odoo.fault(**SEARCH, do="nan", field="name", id=1, times=1)
    assert '"name": NaN' in text(odoo)
    odoo.fault(**SEARCH, do="float_1e400", id=1, times=1)
    assert '"name": 1e400' in text(odoo)
    odoo.fault(**SEARCH, do="invalid_utf8", id=1, times=1)
    with pytest.raises(UnicodeDecodeError):
        raw(odoo)[2].decode()
    odoo.fault(**SEARCH, do="nul", id=1, times=1)
    assert "before\\u0000after" in text(odoo)
    odoo.fault(**SEARCH, do="deep", depth=5000, id=1, times=1)
    assert "[" * 5000 in text(odoo)
    odoo.fault(**SEARCH, do="value", raw="-0.0e-0", id=1, times=1)
    assert '"name": -0.0e-0' in text(odoo)


def test_values_that_do_not_fit(odoo):
    def spoiled(**rule):
        odoo.fault(**SEARCH, times=1, **rule)
        return names(odoo)
    assert spoiled(do="bigint", id=1)[0]["name"] == 2 ** 53 + 1
    assert len(spoiled(do="huge", id=1, megabytes=2)[0]["name"]) == 2 << 20
    assert spoiled(do="value", id=1, value={"a": [1]})[0]["name"] == {"a": [1]}
    assert "name" not in spoiled(do="drop_field", id=1)[0]
    assert spoiled(do="wrong_type") == "a string where a list belongs"
    assert spoiled(do="wrong_type", value=None) is None


def test_wrong_records(odoo):
    plain = names(odoo)
    odoo.fault(**SEARCH, do="duplicate_record", id=3, times=1)
    assert [r["id"] for r in names(odoo)].count(3) == 2
    for value in (0, -1, 2 ** 31, 2 ** 40, "x"):
        odoo.fault(**SEARCH, do="bad_id", value=value, times=1)
        assert names(odoo)[0]["id"] == value
    odoo.fault(model="res.partner", method="search", do="bad_id", value=-1, times=1)
    assert odoo.call("res.partner", "search", [], limit=2)[0] == -1
    odoo.fault(**SEARCH, do="drop_record", id=3, times=1)
    assert [r for r in plain if r["id"] != 3] == names(odoo)
    odoo.fault(**SEARCH, do="extra_record", record={"id": 999, "name": "Ghost"}, times=1)
    assert names(odoo)[-1]["id"] == 999


# Data

def test_forbidden_record(odoo):
    odoo.control(forbid_record={"model": "res.partner", "id": 12})
    assert 12 not in [r["id"] for r in names(odoo)]
    assert fails(odoo, "res.partner", "read", [11, 12], ["name"]).name == \
        "odoo.exceptions.AccessError"
    assert odoo.call("res.partner", "read", [11], ["name"])
    assert fails(odoo, "res.partner", "write", [12], {"name": "x"})
    odoo.control(reset=True)
    assert 12 in [r["id"] for r in names(odoo)]
    odoo.control(forbid_record={"model": "res.partner", "ids": [12, 13], "uid": 6})
    assert 12 in [r["id"] for r in names(odoo)]
    assert 12 not in [r["id"] for r in names(odoo, user="demo")]


def test_forbidden_and_broken_field(odoo):
    odoo.control(forbid_field={"model": "res.partner", "field": "category_id", "uid": 6})
    fault = fails(odoo, "res.partner", "read", [1], ["category_id"], user="demo")
    assert ("Failed to read field res.partner.category_id" in fault.message) == \
        (odoo.version == 19)
    assert "(res.partner.category)" in fault.message
    assert odoo.call("res.partner", "read", [1], ["category_id"])
    odoo.control(broken_field={"model": "res.partner", "field": "email", "ids": [12]})
    assert fails(odoo, "res.partner", "search_read", [["id", "<", 20]], ["email"]).name == \
        "builtins.ZeroDivisionError"
    assert odoo.call("res.partner", "read", [11], ["email"])
    odoo.control(broken_field={"model": "res.partner", "field": "email"})
    assert fails(odoo, "res.partner", "read", [11], ["email"])


def test_broken_model(odoo):
    odoo.control(broken_model={"model": "res.country"})
    for method in ("search", "search_count", "search_read"):
        assert fails(odoo, "res.country", method, []).name == "psycopg2.errors.UndefinedTable"


def test_lost_record(odoo):
    odoo.control(lose_record={"model": "res.partner", "id": 12})
    assert 12 in odoo.call("res.partner", "search", [["id", "<", 20]])
    assert odoo.call("res.partner", "read", [11, 12], ["name"])[0]["id"] == 11
    assert len(odoo.call("res.partner", "read", [11, 12], ["name"])) == 1


def test_extra_models(start):
    for version in (14, 19):
        odoo = start(version)
        hostile = ["../x", "a/b", "", "x" * 300, "nul\0", "res.partner",
                   {"model_hex": "6d6f64656cff"}, {"model": "x_odd/name", "rows": 2}]
        odoo.control(extra_models=hostile)
        query = {"id": 7, "params": {"service": "object", "method": "execute_kw", "args": [
            "demo", 2, "admin", "ir.model", "search_read", [[], ["model"]], {}]}}
        body = odoo.request("POST", "/jsonrpc", query)[2]
        assert b'"model\xff"' in body
        listed = [r["model"] for r in json.loads(body.replace(b"\xff", b"?"))["result"]]
        assert {"../x", "a/b", "", "x" * 300, "nul\0", "model?"} <= set(listed)
        assert listed.count("res.partner") == 2
        assert len(odoo.call("x_odd/name", "search", [])) == 2
        assert fails(odoo, "../x", "search", []).message == "Object ../x doesn't exist"


def test_another_user_changes_data(odoo):
    number = odoo.control(create={"model": "res.partner", "vals": {"name": "Theirs"}})
    number = number["create"][0]
    before = odoo.call("res.partner", "read", [number], ["write_date"])[0]["write_date"]
    odoo.control(write={"model": "res.partner", "id": number, "vals": {"name": "Changed"},
                        "uid": 6, "date": "2031-01-01 00:00:00.500000"})
    record = odoo.call("res.partner", "read", [number], ["name", "write_date", "write_uid"])[0]
    assert record["name"] == "Changed" and record["write_uid"][0] == 6
    assert before < record["write_date"] == "2031-01-01 00:00:00"
    odoo.control(unlink={"model": "res.partner", "id": number})
    assert odoo.call("res.partner", "search", [["id", "=", number]]) == []
    assert odoo.control(counts=True)["calls"] == 3


def test_a_failed_call_leaves_nothing(odoo):
    before = odoo.call("res.partner", "search_count", [])
    fails(odoo, "res.partner", "create", [{"name": "Good"}, {"name": "Bad", "color": "x"}])
    assert odoo.call("res.partner", "search_count", []) == before
