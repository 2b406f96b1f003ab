# SPDX-License-Identifier: MIT
"""What sanitizers report of any odoofs of the tests: one in the background has no stderr to say it
on, and nobody hears its exit status. So each process writes a file."""

from __future__ import annotations

import pathlib
import re
import shutil
import tempfile

# Who mounts as another user writes there, too.
DIRECTORY = pathlib.Path(tempfile.mkdtemp(prefix="odoofs-reports-"))
DIRECTORY.chmod(0o1777)

# What is said on stderr all the same.
SANITIZER = re.compile(
    r"(Address|Leak|Thread|UndefinedBehavior)Sanitizer|: runtime error: |Assertion .* failed")

COMMON = f"exitcode=99:log_path={DIRECTORY}/report:print_suppressions=0"
ENVIRONMENT = {
    "ASAN_OPTIONS": f"{COMMON}:detect_leaks=1:detect_stack_use_after_return=1",
    "LSAN_OPTIONS": COMMON,
    "TSAN_OPTIONS": f"{COMMON}:history_size=7:second_deadlock_stack=1",
    "UBSAN_OPTIONS": f"{COMMON}:print_stacktrace=1",
}

# How much of each was told. Who writes may go on, so none is removed before the end.
_told: dict[pathlib.Path, int] = {}


def new(pid: int | str = "*") -> str:
    """What a process, or any, reported since it was asked last."""
    texts = []
    for path in sorted(DIRECTORY.glob(f"report.{pid}")):
        text = path.read_bytes()
        texts.append(text[_told.get(path, 0):].decode(errors="replace"))
        _told[path] = len(text)
    return "".join(texts)


def end() -> str:
    """The same, when there will be no more."""
    text = new()
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    return text
