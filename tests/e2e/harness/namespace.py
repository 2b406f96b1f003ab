# SPDX-License-Identifier: MIT
"""
A place where odoofs is installed, mount(8) reads the test's own fstab, and everybody may mount.

mount(8) cleans the environment, so that odoofs has to be where a shell finds it; a mount namespace
has it there, and nothing of that is seen outside. Needs root.
"""

from __future__ import annotations

import pathlib
import subprocess

from .mount import BINARY, SANITIZER, environment

# Whatever happens, nothing stays mounted: the last process there ends with it.
PREPARE = """
set -eu
trap 'status=$?; umount -l mnt 2>/dev/null || :; exit $status' EXIT
mount -t tmpfs -o mode=755 tmpfs /usr/local/bin
ln -s "$BINARY" /usr/local/bin/odoofs
mknod -m 666 dev-fuse c 10 229
mount --bind dev-fuse /dev/fuse
mount --bind fstab /etc/fstab
: >fuse.conf
mount --bind fuse.conf /etc/fuse.conf
as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
"""


def run(script: str, directory: pathlib.Path, fstab: str = "", password: str | None = None,
        program: str = BINARY, **env: str) -> subprocess.CompletedProcess:
    """
    Run a shell script in `directory`, where `mnt` is to be mounted on, with as_user to run a
    command as nobody, who the directory `mnt` belongs to.
    """
    (directory / "fstab").write_text(fstab)
    (directory / "mnt").mkdir(exist_ok=True)
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", PREPARE + script],
        cwd=directory, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
        env=environment(password, BINARY=program, **env))
    assert not SANITIZER.search(done.stderr), done.stderr
    return done
