# SPDX-License-Identifier: MIT
"""Small pictures, and what of a directory belongs to one record."""

from __future__ import annotations

import base64
import hashlib
import os
import pathlib
import struct
import zlib


def png(red: int, side: int = 8) -> bytes:
    """A square of one colour."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))
    rows = b"".join(b"\0" + bytes((red, 0, 0)) * side for _ in range(side))
    return (b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def sum_of(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()


def files(directory: pathlib.Path, number: int) -> list[str]:
    """What is listed of a record."""
    return sorted(name for name in os.listdir(directory) if name.startswith(f"{number}."))
