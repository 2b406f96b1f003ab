# SPDX-License-Identifier: MIT
"""TLS as a proxy in front of Odoo speaks it, with a word to visitors that it doesn't let in."""

from __future__ import annotations

import os
import socket
import ssl

LINGER = 2.0


def make_context(certificate: str, client_ca: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    if client_ca:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def wrap(context: ssl.SSLContext, sock: socket.socket) -> ssl.SSLSocket:
    """
    Take a visitor in. One that is refused hears why: what it has sent already is read first, as
    closing over it would be a reset, which overtakes the alert.
    """
    wrapped = context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
    try:
        wrapped.do_handshake()
    except ssl.SSLError:
        with socket.socket(fileno=os.dup(wrapped.fileno())) as bare, wrapped:
            bare.shutdown(socket.SHUT_WR)
            bare.settimeout(LINGER)
            while bare.recv(65536):
                pass
        raise
    return wrapped
