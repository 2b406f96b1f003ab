# SPDX-License-Identifier: MIT
"""Runs of odoofs that are to end by themselves, and servers that aren't Odoo."""

from __future__ import annotations

import contextlib
import pathlib
import re
import socket
import ssl
import subprocess
import threading
from typing import Any, Callable, Iterator

from . import reports
from .doors import Source, enter
from .mount import BINARY, SANITIZER, environment, mounted, option_arguments

WORDS = re.compile(r"odoofs: \S")


class Ended:
    """How a run ended, and what it said on stderr."""

    def __init__(self, status: int, words: str, output: str):
        self.status, self.words, self.output = status, words, output

    @property
    def sentence(self) -> str:
        """What it said, which was one line, without its beginning."""
        lines = self.words.splitlines()
        assert len(lines) == 1, self.words
        assert WORDS.match(lines[0]), self.words
        return lines[0].partition(": ")[2]


def run(*arguments: Any, password: str | None = "admin", timeout: float = 60,
        user: int | None = None, env: dict[str, str] | None = None,
        **options: Any) -> Ended:
    """Run odoofs without a terminal, and wait for its end; `env` is added to the environment."""
    source = next((a for a in arguments if isinstance(a, Source)), None)
    password, options = enter(source, password, options)
    command = [BINARY, *option_arguments(options), *map(str, arguments)]
    more = dict(env or {})
    if user is not None:  # a build that counts lines can only write them down elsewhere then
        more["GCOV_PREFIX"] = str(reports.DIRECTORY)
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=timeout, env=environment(password, **more),
                          start_new_session=True,
                          user=user, group=user, extra_groups=None if user is None else [])
    assert not SANITIZER.search(done.stderr), done.stderr
    return Ended(done.returncode, done.stderr, done.stdout)


def refused(*arguments: Any, status: int, words: str | list[str], **more: Any) -> str:
    """The run ends with that status, one sentence with those words in it, and no mount."""
    ended = run(*arguments, **more)
    assert ended.status == status, ended.words
    sentence = ended.sentence
    for word in [words] if isinstance(words, str) else words:
        assert word in sentence, sentence
    return sentence


def unmount(path: pathlib.Path) -> None:
    """What a run in the background left."""
    if mounted(path):
        subprocess.run(["fusermount3", "-u", str(path)], check=True)


@contextlib.contextmanager
def listening(talk: Callable[[socket.socket], None], certificate: Any = None) -> Iterator[int]:
    """A server on this machine that does to each connection what `talk` does; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with contextlib.suppress(OSError), connection:
                    if certificate:
                        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                        context.load_cert_chain(certificate)
                        connection = context.wrap_socket(connection, server_side=True)
                    talk(connection)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def answering(body: bytes, status: str = "200 OK", kind: str = "text/html",
              *headers: str) -> Callable[[socket.socket], None]:
    """For listening(): the same answer to every request."""
    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}",
                "Connection: close", *headers, "", ""]
        connection.sendall("\r\n".join(head).encode() + body)
    return talk
