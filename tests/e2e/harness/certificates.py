# SPDX-License-Identifier: MIT
"""An authority of the test's own, and the certificates that it issues."""

from __future__ import annotations

import pathlib
import subprocess

EXTENSIONS = "subjectAltName={kind}:{name}\nbasicConstraints=critical,CA:FALSE\n"


def openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Authority:
    """`certificate` is what to trust."""

    def __init__(self, directory: pathlib.Path, name: str = "authority"):
        self.directory, self.name = directory, name
        self.certificate, self.key = directory / f"{name}.crt", directory / f"{name}.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", 2, "-subj", f"/CN={name}", "-keyout", self.key, "-out",
                self.certificate)

    def issue(self, name: str, days: int = 2) -> pathlib.Path:
        """A certificate for a host or a person, with its key below it; -1 days is expired."""
        stem = self.directory / f"{self.name}-{name.replace(':', '_')}"
        key, request, certificate, both, extensions = (
            stem.with_name(stem.name + end) for end in (".key", ".csr", ".crt", ".pem", ".ext"))
        kind = "IP" if name[0].isdigit() or ":" in name else "DNS"
        extensions.write_text(EXTENSIONS.format(kind=kind, name=name))
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                f"/CN={name}", "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key,
                "-days", days, "-extfile", extensions, "-out", certificate)
        both.write_bytes(certificate.read_bytes() + key.read_bytes())
        both.chmod(0o600)
        return both
