# SPDX-License-Identifier: MIT
"""What tests do to those who are about to come in, or have: the part of /_control about doors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from .server import Server


def block(server: "Server", value: Any) -> bool:
    """Paths that a proxy in front lets nobody through to: {"path": "/jsonrpc", "status": 403}."""
    for item in value if isinstance(value, list) else [value]:
        spec = item if isinstance(item, dict) else {"path": item}
        server.injector.add({"do": "status", "status": spec.get("status", 404),
                             "path": spec["path"]})
    return True


def revoke_key(server: "Server", value: str) -> bool:
    """The API key of this login is refused from now on."""
    server.odoo.auth.change(value, "key", None)
    return True


def set_password(server: "Server", value: dict) -> bool:
    """{"login": "admin", "password": "another"}: sessions of that user end, too."""
    server.odoo.auth.change(value["login"], "password", value["password"])
    return True


def expire_sessions(server: "Server", value: Any) -> bool:
    server.sessions.expire()
    return True


def rotate_sessions(server: "Server", value: Any) -> bool:
    server.sessions.rotate()
    return True


def expire_tokens(server: "Server", value: Any) -> bool:
    server.tokens.expire()
    return True


COMMANDS: dict[str, Callable[["Server", Any], bool]] = {
    "block": block, "revoke_key": revoke_key, "set_password": set_password,
    "expire_sessions": expire_sessions, "rotate_sessions": rotate_sessions,
    "expire_tokens": expire_tokens,
}
