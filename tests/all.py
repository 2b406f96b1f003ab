# SPDX-License-Identifier: MIT
"""Pass every test: build, unit tests, the demo server's own, and the mounts.

    tests/run [--servers=fake14,fake19,real14,real19]

installs what it needs, builds with AddressSanitizer and UBSan in build-asan, and without in
build-clang (the other compiler), runs all tests, those of what transports do by each of them, and
closes with the line `N passed, N failed, N skipped`. Its exit status is 0 when nothing failed. A
real server that this machine can't have is skipped, and says why.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

TOP = pathlib.Path(__file__).resolve().parent.parent
ASAN = TOP / "build-asan"
CLANG = TOP / "build-clang"
SERVERS = ["fake14", "fake19", "real14", "real19"]

# odoofs chooses jsonrpc for a password. By the other transports only those tests are run again
# that are marked each_door, jsoncall where servers are as old as it is. Those that take longest
# come first, as two run side by side.
DOORS = {"real19": "json2,session,xmlrpc", "real14": "session,xmlrpc",
         "fake19": "json2,session,xmlrpc", "fake14": "jsoncall"}
SIDE_BY_SIDE = 2
PYTEST = ["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider"]


class Counts:
    """What passed, failed, and was skipped, over all parts."""

    def __init__(self) -> None:
        self.passed = self.failed = self.skipped = 0

    def add(self, part: str, passed: int, failed: int, skipped: int) -> None:
        print(f"== {part}: {passed} passed, {failed} failed, {skipped} skipped", flush=True)
        self.passed += passed
        self.failed += failed
        self.skipped += skipped


def run(*command: str, env: dict[str, str] | None = None) -> int:
    print("$", " ".join(command), flush=True)
    return subprocess.run(command, cwd=TOP, env={**os.environ, **(env or {})},
                          stdin=subprocess.DEVNULL, check=False).returncode


def build(counts: Counts, directory: pathlib.Path, *options: str, **env: str) -> bool:
    if not (directory / "build.ninja").exists():
        if run("meson", "setup", str(directory), str(TOP), *options, env=env):
            counts.add(f"set up {directory.name}", 0, 1, 0)
            return False
    good = run("ninja", "-C", str(directory), "--quiet") == 0
    counts.add(f"build {directory.name}", int(good), int(not good), 0)
    return good


def check_format(counts: Counts) -> None:
    files = subprocess.run(["git", "ls-files", "*.c", "*.h"], cwd=TOP, check=True,
                           capture_output=True, text=True).stdout.split()
    good = run("clang-format", "--dry-run", "-Werror", *files) == 0
    counts.add("clang-format", int(good), int(not good), 0)


def unit_tests(counts: Counts, directory: pathlib.Path) -> None:
    run("meson", "test", "-C", str(directory), "--print-errorlogs", "--no-rebuild",
        env={"ASAN_OPTIONS": "detect_leaks=1:abort_on_error=1",
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


def report_of(name: str) -> pathlib.Path:
    return ASAN / f"{name}.xml"


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


def pytest(counts: Counts, name: str, *arguments: str, **env: str) -> None:
    report_of(name).unlink(missing_ok=True)
    status = run(*PYTEST, f"--junitxml={report_of(name)}", *arguments, env=env)
    count_report(counts, name, status)


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


def run_doors(server: str) -> int:
    """The short rounds of a server; what they said comes at their end. Returns their status."""
    report = report_of(f"transports-of-{server}")
    report.unlink(missing_ok=True)
    command = [*PYTEST, f"--junitxml={report}", "tests/e2e", "-m", "each_door", "--served",
               f"--servers={server}", f"--transports={DOORS[server]}"]
    print("$", " ".join(command), flush=True)
    done = subprocess.run(
        command, cwd=TOP, env={**os.environ, "ODOOFS": str(ASAN / "fs/odoofs")}, check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(done.stdout, flush=True)
    return done.returncode


def transports(counts: Counts, servers: list[str]) -> None:
    servers = [server for server in DOORS if server in servers]
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for server, status in zip(servers, pool.map(run_doors, servers)):
            count_report(counts, f"transports-of-{server}", status)


def mounts(counts: Counts, server: str, *options: str) -> bool:
    """False when there is no such server here."""
    if server.startswith("real"):
        why = start_real(server.removeprefix("real"))
        if why:
            skipped = why.startswith("skipped")
            print(f"{server}: {why}", flush=True)
            counts.add(f"mounts of {server}", 0, int(not skipped), int(skipped))
            return False
    pytest(counts, f"mounts-of-{server}", "tests/e2e", f"--servers={server}", *options,
           ODOOFS=str(ASAN / "fs/odoofs"))
    return True


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
    build(counts, CLANG, CC="clang")
    if build(counts, ASAN, "-Db_sanitize=address,undefined", "-Db_lundef=false"):
        unit_tests(counts, ASAN)
        pytest(counts, "demo-server", "tests/fake")
        there: list[str] = []
        for server in servers:
            if mounts(counts, server, *(["--served"] if there else [])):
                there.append(server)
        transports(counts, there)
    print(f"{counts.passed} passed, {counts.failed} failed, {counts.skipped} skipped")
    return 1 if counts.failed or not counts.passed else 0


if __name__ == "__main__":
    sys.exit(main())
