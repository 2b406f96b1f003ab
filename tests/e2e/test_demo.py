# SPDX-License-Identifier: MIT
"""`demo:` as SOURCE: the public demo service, played by the fake, gives a database."""

import pytest

from harness.mount import Mount
from harness.run import answering, listening, refused

pytestmark = pytest.mark.any_door


def at(url):
    return {"ODOOFS_DEMO_URL": url}


def test_it_mounts_what_the_service_gives(fake, mounts):
    """Nobody is asked for a password, and whatever is in the environment isn't used."""
    tree = Mount("demo:", None, env=at(f"{fake.url}/start"), ttl=3600)
    mounts.append(tree)
    status = tree.status()
    assert (status["server"], status["database"], status["user"]) == (
        fake.url, fake.database, "admin")
    assert status["options"]["source"] == "demo:"
    number = tree.ids("res.country")[0]
    assert tree.json(f"res.country/{number}.json")["id"] == number
    assert fake.control(counts=True)["by_method"]["demo.start"] == 1


def test_it_takes_options_as_any_other(fake, mounts):
    tree = Mount("demo:", None, env=at(f"{fake.url}/start"), transport="xmlrpc", ro=True,
                 models="res.country")
    mounts.append(tree)
    assert tree.status()["transport"] == "xmlrpc"
    assert tree.models() == ["res.country"]


def test_a_service_that_fails(fake, empty):
    fake.fault("fault", model="demo", method="start", message="no more databases today")
    refused("demo:", empty, status=1, password=None, env=at(f"{fake.url}/start"),
            words="no more databases today")


@pytest.mark.parametrize("body, kind, words", [
    (b"<html>Maintenance</html>", "text/html", "demo"),
    (b"<?xml version='1.0'?><methodResponse><params><param><value><struct></struct></value>"
     b"</param></params></methodResponse>", "text/xml", "demo")])
def test_a_service_that_gives_no_database(empty, body, kind, words):
    with listening(answering(body, "200 OK", kind)) as port:
        refused("demo:", empty, status=1, password=None, words=words,
                env=at(f"http://127.0.0.1:{port}/start"))


def test_a_service_that_is_not_there(empty):
    refused("demo:", empty, status=1, password=None, words="127.0.0.1:9",
            env=at("http://127.0.0.1:9/start"))
