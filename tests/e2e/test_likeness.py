# SPDX-License-Identifier: MIT
"""Our fake answers as a real Odoo of its version does, over every transport."""

import http.client
import json
import re

import pytest

from harness.alike import shape
from harness.questions import JSON, Party, Question, questions
from harness.servers import Fake

pytestmark = pytest.mark.any_door


class Asked:
    """One of the two servers, with somebody who has a key and a session there."""

    def __init__(self, server):
        self.address = server.url.partition("://")[2]
        self.who = Party(server.version, server.database, server.key())
        self.who.bound = self._cookie(Question(
            "", "GET", f"/web/login?db={server.database}"))
        self.who.cookie = self._cookie(Question(
            "", "POST", "/web/session/authenticate", json.dumps({"params": {
                "db": server.database, "login": "admin", "password": "admin"}}).encode(),
            JSON))
        # 19 sets a new session's cookie once more.
        self.send(Question("", "POST", "/web/session/check", b'{"params": {}}',
                           {**JSON, "Cookie": f"session_id={self.who.cookie}"}))

    def _cookie(self, question):
        return re.match("session_id=([^;]+)", self.send(question)[1]["set-cookie"]).group(1)

    def send(self, question):
        connection = http.client.HTTPConnection(self.address, timeout=120)
        try:
            connection.request(question.method, question.path, question.body, question.headers)
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, headers, answer.read()
        finally:
            connection.close()

    def answer(self, question):
        return shape(*self.send(question), self.who.database)


@pytest.fixture(scope="module")
def pair(real, tmp_path_factory):
    """The real server, and a fake that has several databases as it does."""
    fake = Fake(real.version, tmp_path_factory.mktemp("like"), "--many-databases", partners=100)
    yield Asked(real), Asked(fake)
    fake.stop()


def test_answers_are_alike(pair):
    """All in one: the list of what differs says more than the first of it."""
    real, fake = pair
    different = []
    for theirs, ours in zip(questions(real.who), questions(fake.who), strict=True):
        expected, got = real.answer(theirs), fake.answer(ours)
        if expected != got:
            different.append(f"{theirs.label}\n  real {expected}\n  fake {got}")
    assert not different, "\n".join(different)


def test_a_session_ends_alike(pair):
    """The last of them, as nobody is logged in afterwards."""
    for party in pair:
        party.gone = Question("", "POST", "/web/session/destroy", b'{"id": 1, "params": {}}',
                              {**JSON, "Cookie": f"session_id={party.who.cookie}"})
    real, fake = pair
    assert real.answer(real.gone) == fake.answer(fake.gone)
    assert real.answer(real.gone) == fake.answer(fake.gone)
