# SPDX-License-Identifier: MIT
"""By which transport the mounts of a round come in, and with which secret.

A round is a server and a transport: "fake19" (odoofs chooses) or "fake19-json2". A source knows
its server, so that whoever mounts it comes in by the door of the round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .servers import Server

AUTO = "auto"
TRANSPORTS = ("json2", "jsonrpc", "session", "xmlrpc", "jsoncall")
SERVERS = ("fake14", "fake19", "real14", "real19")


def speaks(server: str, transport: str) -> bool:
    """Whether a server has that door: /json/2 is new, json-call is no part of Odoo."""
    if transport == "json2":
        return version_of(server) >= 19
    return transport != "jsoncall" or server.startswith("fake")


def round_name(server: str, transport: str) -> str:
    return server if transport == AUTO else f"{server}-{transport}"


def split(round_: str) -> tuple[str, str]:
    """Server and transport."""
    server, _, transport = round_.partition("-")
    return server, transport or AUTO


def version_of(round_: str) -> int:
    return int(split(round_)[0][-2:])


# The very objects: pytest keeps a session's fixture for the same object only.
ROUNDS = [round_name(server, transport) for server in SERVERS
          for transport in (AUTO, *TRANSPORTS) if speaks(server, transport)]


class Source(str):
    """What odoofs mounts, of a server that we know."""

    server: "Server"

    @classmethod
    def of(cls, server: "Server", text: str) -> "Source":
        source = cls(text)
        source.server = server
        return source


def secret_for(server: "Server", transport: str, password: str) -> str:
    """The same user's key, where it has to be one; what is no user's password stays."""
    if transport == "json2" and password in server.LOGINS:
        return server.key(password)
    return password


def enter(source: Any, password: str | None, options: dict[str, Any]) -> tuple[str | None, dict]:
    """Password and options by which a run comes in by the door of the round."""
    server = getattr(source, "server", None)
    if server is None:
        return password, options
    transport = options.get("transport", server.transport)
    if transport != AUTO:
        options = {**options, "transport": transport}
    if password is not None:
        password = secret_for(server, transport, password)
    return password, options
