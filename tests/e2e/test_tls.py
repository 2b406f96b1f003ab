# SPDX-License-Identifier: MIT
"""https: whom odoofs trusts, who may ask for what, and the ways through a proxy.

These servers are the test's own, as a real Odoo speaks plain http behind somebody else's TLS.
"""

import os

import pytest

from harness.certificates import Authority
from harness.proxy import Proxy
from harness.run import answering, listening, refused, run, unmount

pytestmark = pytest.mark.any_door

# Only the proxies below know it.
NAME = "odoo.example"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def strangers(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("strangers"), "strangers")


@pytest.fixture
def secure(own_fake, authority):
    """Makes servers that speak https, as this host."""
    def make(*arguments, name="127.0.0.1", **more):
        return own_fake(f"--certificate={authority.issue(name)}", *arguments, partners=100, **more)
    return make


def shown(path):
    return "res.partner" in os.listdir(path)


def test_a_private_authority(empty, secure, authority):
    ended = run(secure().source(), empty, cacert=authority.certificate)
    assert (ended.status, ended.words) == (0, "")
    assert shown(empty)


def test_an_authority_that_nobody_knows(empty, secure):
    refused(secure().source(), empty, status=1,
            words=["certificate of 127.0.0.1", "is not trusted", "local issuer"])


def test_another_authority_than_ours(empty, secure, strangers):
    refused(secure().source(), empty, status=1, words="is not trusted",
            cacert=strangers.certificate)


def test_our_own_authority_is_the_only_one(empty, tmp_path, authority):
    """What the system trusts counts no more, or else cacert= would add to it, not replace it."""
    known = authority.issue("127.0.0.1")
    other = Authority(tmp_path, "other")
    with listening(answering(b""), known) as port:
        refused(f"https://admin@127.0.0.1:{port}/demo", empty, status=1, words="is not trusted",
                cacert=other.certificate, env={"SSL_CERT_FILE": str(authority.certificate),
                                               "SSL_CERT_DIR": str(tmp_path)})


def test_a_certificate_of_another_name(empty, secure, authority):
    refused(secure(name=NAME).source(), empty, status=1, words=["is not trusted", "127.0.0.1"],
            cacert=authority.certificate)


def test_a_certificate_that_has_expired(empty, authority):
    with listening(answering(b""), authority.issue("127.0.0.1", days=-1)) as port:
        refused(f"https://admin@127.0.0.1:{port}/demo", empty, status=1, words="expired",
                cacert=authority.certificate)


def test_a_file_that_holds_no_certificate(empty, secure, tmp_path):
    (tmp_path / "nothing.pem").write_text("nothing\n")
    refused(secure().source(), empty, status=1, words="nothing.pem",
            cacert=tmp_path / "nothing.pem")


def test_https_where_plain_http_is_spoken(empty):
    with listening(answering(b"", "400 Bad Request")) as port:
        refused(f"https://admin@127.0.0.1:{port}/demo", empty, status=1,
                words="no TLS connection to 127.0.0.1")


# Certificates of ours

def test_a_server_that_asks_for_a_certificate(empty, secure, authority):
    server = secure(f"--client-ca={authority.certificate}")
    refused(server.source(), empty, status=1, words=["wants a certificate", "cert= and key="],
            cacert=authority.certificate)
    ours = authority.issue("ann")
    for options in ({"cert": ours},
                    {"cert": ours.with_suffix(".crt"), "key": ours.with_suffix(".key")}):
        ours.with_suffix(".key").chmod(0o600)
        ended = run(server.source(), empty, cacert=authority.certificate, **options)
        assert (ended.status, ended.words) == (0, "")
        assert shown(empty)
        unmount(empty)


def test_a_certificate_that_the_server_refuses(empty, secure, authority, strangers):
    server = secure(f"--client-ca={authority.certificate}")
    theirs = strangers.issue("bob")
    refused(server.source(), empty, status=1, words=["refuses the certificate", str(theirs)],
            cacert=authority.certificate, cert=theirs)


def test_a_server_that_asks_for_a_certificate_in_its_answer(empty, authority):
    """As nginx does, whose handshake succeeds."""
    page = b"<center><h1>400 Bad Request</h1></center><center>No required SSL certificate was sent"
    talk = answering(page, "400 Bad Request")
    with listening(talk, authority.issue("127.0.0.1")) as port:
        refused(f"https://admin@127.0.0.1:{port}/demo", empty, status=1,
                words="wants a certificate", cacert=authority.certificate)


def test_keys_that_are_no_use(empty, secure, authority, strangers, tmp_path):
    ours, theirs = authority.issue("ann"), strangers.issue("bob")
    certificate, key = ours.with_suffix(".crt"), tmp_path / "some.key"
    source = secure().source()

    def wrong(words, status=2, **options):
        return refused(source, empty, status=status, words=words, **options)
    wrong(["holds no private key", "key="], cert=certificate)
    key.write_bytes(theirs.with_suffix(".key").read_bytes())
    key.chmod(0o644)
    wrong(["holds a private key", f"chmod 600 {key}"], cert=certificate, key=key)
    key.chmod(0o600)
    wrong([str(certificate), str(key), "can't be used"], status=1, cert=certificate, key=key,
          cacert=authority.certificate)
    key.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    wrong(["is encrypted", "openssl pkey"], cert=certificate, key=key)
    wrong("No such file", cert=certificate, key=tmp_path / "missing")


# Redirects

@pytest.mark.parametrize("place", ["http://127.0.0.1:{port}/jsonrpc",
                                   "https://127.0.0.2:{port}/jsonrpc"])
def test_a_redirect_is_not_followed(empty, authority, place):
    """Neither to another host nor to plain http: it would carry the password there."""
    asked = []
    with listening(asked.append) as elsewhere:
        place = place.format(port=elsewhere)
        talk = answering(b"", "302 Found", "text/html", f"Location: {place}")
        with listening(talk, authority.issue("127.0.0.1")) as port:
            refused(f"https://admin@127.0.0.1:{port}/demo", empty, status=1,
                    words=[place, "not followed"], cacert=authority.certificate)
    assert not asked


# Proxies

def test_a_proxy_sees_the_encrypted_connection_only(empty, secure, authority):
    server = secure(name=NAME)
    with Proxy(server.port) as proxy:
        ended = run(f"https://admin@{NAME}/demo", empty, cacert=authority.certificate,
                    proxy=proxy.url)
        assert (ended.status, ended.words) == (0, "")
        assert shown(empty)
        assert set(proxy.asked) == {f"CONNECT {NAME}:443"}


def test_a_proxy_that_answers_itself(empty, secure, authority, strangers):
    """Whoever stands in between has no certificate for the name."""
    with Proxy(secure(name="proxy.example").port) as proxy:
        refused(f"https://admin@{NAME}/demo", empty, status=1, words=[NAME, "is not trusted"],
                cacert=authority.certificate, proxy=proxy.url)


def test_a_proxy_of_the_environment(empty, secure, authority):
    server = secure(name=NAME)
    with Proxy(server.port) as proxy:
        ended = run(f"https://admin@{NAME}/demo", empty, cacert=authority.certificate,
                    env={"https_proxy": proxy.url, "no_proxy": "other.example"})
        assert (ended.status, ended.words) == (0, "")
        assert proxy.asked
        before = len(proxy.asked)
        unmount(empty)
        refused(f"https://admin@{NAME}/demo", empty, status=1, words="no such host",
                env={"https_proxy": proxy.url, "no_proxy": NAME})
        assert len(proxy.asked) == before


def test_what_goes_to_this_machine_goes_through_no_proxy(empty, fake):
    with Proxy(fake.port) as proxy:
        ended = run(fake.source(), empty, env={"http_proxy": proxy.url, "ALL_PROXY": proxy.url})
        assert (ended.status, ended.words) == (0, "")
        assert not proxy.asked
    refused(fake.source(), empty, status=2, words="proxy= and a server on this machine",
            proxy="http://127.0.0.1:1")


def test_plain_http_through_a_proxy(empty, fake):
    with Proxy(fake.port) as proxy:
        refused(f"http://admin@{NAME}:8069/demo", empty, status=2, words="plain http",
                proxy=proxy.url)
        assert not proxy.asked
        ended = run(f"http://admin@{NAME}:8069/demo", empty, proxy=proxy.url, insecure=True)
        assert (ended.status, ended.words) == (0, "")
        # Before version 16 one of them asks for a session, by GET.
        assert proxy.asked
        for line in proxy.asked:
            assert line.startswith((f"POST http://{NAME}:8069/", f"GET http://{NAME}:8069/web?")), line


@pytest.mark.parametrize("status, words", [
    ("407 Proxy Authentication Required", ["HTTP 407", "https_proxy="]),
    ("403 Forbidden", "HTTP 403")])
def test_a_proxy_that_refuses(empty, fake, status, words):
    with Proxy(fake.port, status) as proxy:
        refused(f"https://admin@{NAME}/demo", empty, status=1, words=words, proxy=proxy.url)
        assert len(proxy.asked) == 1, "a refusal is final"


def test_a_proxy_that_is_not_there(empty):
    refused(f"https://admin@{NAME}/demo", empty, status=1,
            words=["through the proxy http://127.0.0.1:9", "refused"], proxy="http://127.0.0.1:9")
    refused(f"https://admin@{NAME}/demo", empty, status=1, words="the proxy is not known",
            proxy="http://no-such-proxy.invalid:3128")
    sentence = refused("-o", "proxy=http://ann:hunter2@127.0.0.1:9", f"https://admin@{NAME}/demo",
                       empty, status=2, words="https_proxy")
    assert "hunter2" not in sentence


# Names and addresses

@pytest.mark.parametrize("written, asked", [
    ("bücher.example", "xn--bcher-kva.example"), ("b%C3%BCcher.example", "xn--bcher-kva.example"),
    ("BÜCHER.Example", "xn--bcher-kva.example"), ("Odoo.EXAMPLE", "odoo.example")])
def test_host_names_of_any_letters(empty, secure, authority, written, asked):
    """In whatever locale: mount(8) at boot has none."""
    server = secure(name=asked)
    with Proxy(server.port) as proxy:
        ended = run(f"https://admin@{written}/demo", empty, cacert=authority.certificate,
                    proxy=proxy.url, env={"LC_ALL": "C"})
        assert (ended.status, ended.words) == (0, "")
        assert set(proxy.asked) == {f"CONNECT {asked}:443"}


def test_a_host_name_that_cannot_be(empty):
    refused("https://admin@a\u0301\u202e.example/demo", empty, status=2,
            words="isn't a name of the Internet")
