# SPDX-License-Identifier: MIT
"""Pass every test: build, unit tests, the demo server's own, and the mounts.

    tests/run [--servers=fake14,fake19,real14,real19]

installs what it needs, builds with AddressSanitizer and UBSan in build-asan (and in
build-coverage, which counts what is run), with ThreadSanitizer in build-tsan, and without in
build-clang, which clang-tidy looks through; runs all tests, those of what transports do by each of
them, and the fuzzers for a while; prints how much of the code was run; and closes with the line
`N passed, N failed, N skipped`. Its exit status is 0 when nothing failed. A real server that this
machine can't have is skipped, and says why.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET

TOP = pathlib.Path(__file__).resolve().parent.parent
ASAN = TOP / "build-asan"
CLANG = TOP / "build-clang"
COVERAGE = TOP / "build-coverage"
TSAN = TOP / "build-tsan"
FUZZ = TOP / "build-fuzz"
SERVERS = ["fake14", "fake19", "real14", "real19"]

# odoofs chooses jsonrpc for a password. By the other transports only those tests are run again
# that are marked each_door, jsoncall where servers are as old as it is. The servers with which it
# takes longest come first, as two run side by side: most of a round is waiting for a server.
DOORS = {"real19": "json2,session,xmlrpc", "real14": "session,xmlrpc",
         "fake14": "jsoncall", "fake19": "json2,session,xmlrpc"}
SIDE_BY_SIDE = 2

# By its other transports, it is ThreadSanitizer that looks on: AddressSanitizer did elsewhere.
RACED = "fake19"

# The unit tests and this server's round run what counts lines: nearly all is in reach of them.
COUNTED = "fake19"
LEAST_COVERED = 85  # percent of the lines
SANITIZERS = ("-Db_sanitize=address,undefined", "-Db_lundef=false")
PYTEST = ["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider"]


class Counts:
    """What passed, failed, and was skipped, over all parts. Any thread may add to it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.passed = self.failed = self.skipped = 0

    def say(self, *words: str) -> None:
        with self.lock:
            print(*words, flush=True)

    def add(self, part: str, passed: int, failed: int, skipped: int) -> None:
        self.say(f"== {part}: {passed} passed, {failed} failed, {skipped} skipped")
        with self.lock:
            self.passed += passed
            self.failed += failed
            self.skipped += skipped


def run(*command: str, env: dict[str, str] | None = None) -> int:
    print("$", " ".join(command), flush=True)
    return subprocess.run(command, cwd=TOP, env={**os.environ, **(env or {})},
                          stdin=subprocess.DEVNULL, check=False).returncode


def check(counts: Counts, part: str, *command: str) -> bool:
    """A command that is a test: whether it ended with 0."""
    good = run(*command) == 0
    counts.add(part, int(good), int(not good), 0)
    return good


def build(counts: Counts, directory: pathlib.Path, *options: str, target: str = "all",
          **env: str) -> bool:
    if not (directory / "build.ninja").exists():
        if run("meson", "setup", str(directory), str(TOP), *options, env=env):
            counts.add(f"set up {directory.name}", 0, 1, 0)
            return False
    return check(counts, f"build {directory.name}", "ninja", "-C", str(directory), "--quiet", target)


def check_format(counts: Counts) -> None:
    files = subprocess.run(["git", "ls-files", "*.c", "*.h"], cwd=TOP, check=True,
                           capture_output=True, text=True).stdout.split()
    check(counts, "clang-format", "clang-format", "--dry-run", "-Werror", *files)


def unit_tests(counts: Counts, directory: pathlib.Path) -> None:
    run("meson", "test", "-C", str(directory), "--print-errorlogs", "--no-rebuild",
        "--timeout-multiplier=10",
        env={"ASAN_OPTIONS": "detect_leaks=1:abort_on_error=1",
             "TSAN_OPTIONS": "history_size=7:second_deadlock_stack=1",
             "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"})
    log = directory / "meson-logs/testlog.junit.xml"
    passed = failed = skipped = 0
    for case in ET.parse(log).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    counts.add(f"unit tests in {directory.name}", passed, failed or int(not passed), skipped)


def fuzz(counts: Counts) -> None:
    """Each target for some seconds, from its corpus; tests/fuzz/run says how many."""
    if build(counts, FUZZ, "-Dfuzz=true", *SANITIZERS, target="fuzzers", CC="clang"):
        check(counts, "fuzzers", "tests/fuzz/run", str(FUZZ))


def report_of(name: str) -> pathlib.Path:
    return ASAN / f"{name}.xml"


def pytest(counts: Counts, name: str, *arguments: str, **env: str) -> None:
    """A round of tests. What it says comes at its end, as others run at the same time."""
    report = report_of(name)
    report.unlink(missing_ok=True)
    command = [*PYTEST, f"--junitxml={report}", *arguments]
    counts.say("$", *command)
    done = subprocess.run(command, cwd=TOP, env={**os.environ, **env}, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace")
    counts.say(done.stdout)
    count_report(counts, name, done.returncode)


def count_report(counts: Counts, name: str, status: int) -> None:
    if not report_of(name).exists():
        counts.add(name, 0, 1, 0)
        return
    suite = ET.parse(report_of(name)).getroot().find("testsuite")
    number = {key: int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped")}
    failed = number["failures"] + number["errors"]
    if status and not failed:
        failed = 1
    counts.add(name, number["tests"] - failed - number["skipped"], failed, number["skipped"])


def start_real(version: str) -> str | None:
    """Build and start a real server, with its database as it was made; why it can't be, or None."""
    for command in ("start", "reset"):
        result = subprocess.run([str(TOP / "tests/real/odoo-server"), command, version],
                                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                check=False)
        if result.returncode:
            words = (result.stdout.strip() or result.stderr.strip()).splitlines()
            return words[-1] if words else f"exit status {result.returncode}"
    return None


def is_there(counts: Counts, server: str) -> bool:
    if not server.startswith("real"):
        return True
    why = start_real(server.removeprefix("real"))
    if why:
        skipped = why.startswith("skipped")
        print(f"{server}: {why}", flush=True)
        counts.add(f"mounts of {server}", 0, int(not skipped), int(skipped))
    return not why


def rounds(counts: Counts, server: str, *options: str) -> None:
    """All tests by the transport that odoofs chooses, then those of transports by the others."""
    watched = COVERAGE if server == COUNTED else ASAN
    pytest(counts, f"mounts-of-{server}", "tests/e2e", f"--servers={server}", *options,
           ODOOFS=str(watched / "fs/odoofs"), ODOOFS_PLAIN=str(CLANG / "fs/odoofs"))
    pytest(counts, f"transports-of-{server}", "tests/e2e", "-m", "each_door", "--served",
           f"--servers={server}", f"--transports={DOORS[server]}",
           ODOOFS=str((TSAN if server == RACED else ASAN) / "fs/odoofs"))


def left_out(server: str, there: list[str]) -> list[str]:
    """What another server's round has: tests that need no server are run with the first one, and
    the older fake is only made to misbehave where there is a real one of its version."""
    options = ["--served"] if server != there[0] else []
    return options + (["--misbehaving"] if server == "fake14" and "real14" in there else [])


def mounts(counts: Counts, servers: list[str]) -> None:
    there = [server for server in servers if is_there(counts, server)]
    with concurrent.futures.ThreadPoolExecutor(1) as beside, \
            concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        fuzzed = beside.submit(fuzz, counts)
        raced = beside.submit(unit_tests, counts, TSAN)
        for done in [pool.submit(rounds, counts, server, *left_out(server, there))
                     for server in sorted(there, key=list(DOORS).index)]:
            done.result()
        fuzzed.result()
        raced.result()


def coverage(counts: Counts) -> None:
    """What the unit tests and the counted round ran of our own code: gcovr's table."""
    ours = [option for layer in ("fs", "cache", "odoo")
            for option in ("--filter", f"{re.escape(str(TOP / layer))}/")]
    check(counts, f"{LEAST_COVERED} % of the lines", "gcovr", "--root", str(TOP), *ours,
          "--print-summary", "--fail-under-line", str(LEAST_COVERED), str(COVERAGE))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--servers", default=",".join(SERVERS),
                        help="which servers to mount (default: all)")
    arguments = parser.parse_args()
    servers = arguments.servers.split(",")
    if not set(servers) <= set(SERVERS):
        parser.error(f"servers are {', '.join(SERVERS)}")
    counts = Counts()
    check_format(counts)
    if build(counts, CLANG, CC="clang"):
        check(counts, f"hardening of {CLANG.name}", "tests/hardening", str(CLANG / "fs/odoofs"))
        check(counts, "clang-tidy", "tests/analyze", str(CLANG))
    if build(counts, TSAN, "-Db_sanitize=thread", "-Db_lundef=false", CC="clang") and \
            build(counts, COVERAGE, *SANITIZERS, "-Db_coverage=true") and \
            build(counts, ASAN, *SANITIZERS, target="fs/odoofs"):
        unit_tests(counts, COVERAGE)
        pytest(counts, "demo-server", "tests/fake")
        mounts(counts, servers)
        if COUNTED in servers:
            coverage(counts)
    print(f"{counts.passed} passed, {counts.failed} failed, {counts.skipped} skipped")
    return 1 if counts.failed or not counts.passed else 0


if __name__ == "__main__":
    sys.exit(main())
