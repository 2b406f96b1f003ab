# SPDX-License-Identifier: MIT
"""Fixtures: servers by name, mounts that are always unmounted, and a colleague at work.

    pytest tests/e2e --servers=fake14,fake19,real14,real19 [--transports=auto,json2,…|all]

Every test runs against each of the servers, except those that ask for `fake`, which make a
server misbehave, for `real`, and those marked `since(19)`, of what older ones don't have. ODOOFS names the
program (else build-asan/fs/odoofs), ODOOFS_SERVERS the servers. By which transports the mounts
come in is said by --transports: odoofs chooses, unless told otherwise. With --weather=SEED the way to
the fakes is a bad one: see harness/weather.py.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import tempfile
from typing import Any, Callable, Iterator

import pytest

pytest.register_assert_rewrite("harness.desk", "harness.programs", "harness.run")

from harness import doors, reports, servers
from harness.backup import Restorer
from harness.desk import Desk, leftovers
from harness.mount import BINARY, Mount, watchdog
from harness.pool import Partners, Things
from harness.rpc import Colleague, Rpc
from harness.run import unmount
from harness.servers import Fake, Server
from harness.tap import Tap
from harness.weather import WEATHER


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--servers", default=os.environ.get("ODOOFS_SERVERS", "fake14,fake19"),
                     help="against which servers: " + ",".join(doors.SERVERS))
    parser.addoption("--transports", default=doors.AUTO,
                     help="by which transports, as far as a server has them: "
                     + ",".join((doors.AUTO, *doors.TRANSPORTS)) + ", or all of them")
    parser.addoption("--weather", type=int, metavar="SEED",
                     help="between the mounts and the fakes: late, in pieces, and with losses")
    parser.addoption("--served", action="store_true",
                     help="leave out what needs no server, which one run of several has done")
    parser.addoption("--misbehaving", action="store_true",
                     help="of what needs a server, only those that make it misbehave")


def pytest_report_header(config: pytest.Config) -> str:
    return (f"odoofs: {BINARY}; servers: {config.getoption('--servers')}; transports: "
            f"{config.getoption('--transports')}")


def pytest_configure(config: pytest.Config) -> None:
    WEATHER.seed = config.getoption("--weather")
    config.addinivalue_line("markers", "calm(why): nothing is lost on the way, even with --weather")
    config.addinivalue_line("markers", "since(version): of Odoo, from which on there is such")
    config.addinivalue_line("markers", "door(names): only the rounds by these transports")
    config.addinivalue_line("markers", "any_door: the transport makes no difference, so one will do")
    config.addinivalue_line("markers", "each_door: for short rounds, of what each transport does "
                            "in its own way")
    for option, known in (("--servers", doors.SERVERS),
                          ("--transports", (doors.AUTO, *doors.TRANSPORTS, "all"))):
        unknown = set(config.getoption(option).split(",")) - set(known)
        if unknown:
            raise pytest.UsageError(f"{option}: there is no {', '.join(sorted(unknown))}")
    if not os.access(BINARY, os.X_OK):
        raise pytest.UsageError(f"{BINARY} isn't there: build it, or name it in ODOOFS")


def chosen(config: pytest.Config) -> list[str]:
    """The rounds: each server with each transport."""
    names = config.getoption("--servers").split(",")
    transports = config.getoption("--transports").split(",")
    if "all" in transports:
        transports = list(doors.TRANSPORTS)
    wanted = {doors.round_name(name, transport) for name in names for transport in transports}
    return [round_ for round_ in doors.ROUNDS if round_ in wanted]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "server_name" not in metafunc.fixturenames:
        return
    rounds = chosen(metafunc.config)
    if metafunc.definition.get_closest_marker("any_door"):
        rounds = [x for x in rounds if doors.split(x)[1] == doors.AUTO]
    for mark in metafunc.definition.iter_markers("door"):
        rounds = [x for x in rounds if doors.split(x)[1] in mark.args]
    for mark in metafunc.definition.iter_markers("since"):
        rounds = [x for x in rounds if doors.version_of(x) >= mark.args[0]]
    for kind in ("fake", "real"):
        if kind in metafunc.fixturenames:
            rounds = [x for x in rounds if x.startswith(kind)]
    metafunc.parametrize("server_name", rounds, scope="session", indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What needs a fake, or a real server, is no test without one: gone, not skipped."""
    rounds = chosen(config)
    auto = any(doors.split(round_)[1] == doors.AUTO for round_ in rounds)

    def has_server(item: Any) -> bool:
        callspec = getattr(item, "callspec", None)
        if callspec is None or "server_name" not in callspec.params:
            if config.getoption("--served"):
                return False
            return auto or item.get_closest_marker("any_door") is None
        if config.getoption("--misbehaving") and "fake" not in item.fixturenames:
            return False
        return isinstance(callspec.params["server_name"], str)
    config.hook.pytest_deselected(items=[item for item in items if not has_server(item)])
    items[:] = [item for item in items if has_server(item)]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """What odoofs said goes under the report of a test that failed."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for mount in getattr(item, "funcargs", {}).get("mounts", ()):
            if mount.log_path.exists():
                report.sections.append((f"odoofs on {mount.path}", mount.log()[-6000:]))


def pytest_sessionfinish(session: pytest.Session) -> None:
    servers.end()
    report = reports.end()
    if report:
        print(f"\nA sanitizer had something to report, after the last test:\n{report}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def no_report() -> Iterator[None]:
    """Whichever process a sanitizer reported of, also one that no test waits for."""
    yield
    report = reports.new()
    assert not report, f"a sanitizer has something to report:\n{report[:20000]}"


@pytest.fixture(autouse=True)
def no_hang() -> Iterator[None]:
    with watchdog():
        yield


@pytest.fixture(autouse=True)
def weather(request: pytest.FixtureRequest) -> Iterator[None]:
    """Bad, if it was asked for, but not for those who count what passes."""
    with contextlib.ExitStack() as stack:
        if request.node.get_closest_marker("calm"):
            stack.enter_context(WEATHER.calm())
        yield


@pytest.fixture(scope="session")
def server_name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def server(server_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server of this round; what isn't to be had is skipped, with the reason."""
    try:
        server = servers.create(server_name, tmp_path_factory.mktemp(server_name))
    except servers.Unavailable as reason:
        pytest.skip(f"{server_name}: {reason}")
    yield server
    server.stop()


@pytest.fixture
def fake(server: Server) -> Iterator[Fake]:
    """The fake of this round, for tests that make it misbehave; reset before and after."""
    assert isinstance(server, Fake)
    server.control(reset=True)
    yield server
    server.control(reset=True)


@pytest.fixture(scope="session")
def real(server: Server) -> Server:
    """The real server of this round, for what a fake would answer for itself."""
    return server


@pytest.fixture
def own_fake(server_name: str, fake: Fake, tmp_path: pathlib.Path) -> Iterator[Callable]:
    """Makes fakes that a test has for itself: to be killed, frozen, or filled otherwise."""
    made: list[Fake] = []

    def make(*arguments: str, **more: Any) -> Fake:
        directory = tmp_path / f"server{len(made)}"
        directory.mkdir()
        made.append(Fake(fake.version, directory, *arguments, **more))
        made[-1].transport = fake.transport
        return made[-1]
    yield make
    for each in made:
        each.stop()


@pytest.fixture
def mounts() -> Iterator[list[Mount]]:
    """All mounts of a test: unmounted at its end whatever happened, and looked at for reports."""
    all_mounts: list[Mount] = []
    yield all_mounts
    failures = []
    for mount in reversed(all_mounts):
        try:
            mount.unmount()
        except AssertionError as failure:
            failures.append(str(failure))
    assert not failures, "\n".join(failures)


@pytest.fixture
def mount(server: Server, mounts: list[Mount]) -> Callable[..., Mount]:
    """Mounts the server: mount(ro=True, ttl=5). What is cached isn't checked, unless asked for."""
    def make(login: str = "admin", source: str | None = None, **options: Any) -> Mount:
        options.setdefault("ttl", 3600)
        mounts.append(Mount(source or server.source(login), login, **options))
        return mounts[-1]
    return make


@pytest.fixture(scope="module")
def tree(server: Server) -> Iterator[Mount]:
    """A mount that the tests of a file share: for those that neither change nor count."""
    mount = Mount(server.source(), ttl=3600)
    yield mount
    mount.unmount()


@pytest.fixture(scope="session")
def rpc(server: Server) -> Rpc:
    """The server itself, beside the mount."""
    return server.rpc()


@pytest.fixture
def colleague(server: Server) -> Iterator[Colleague]:
    """Somebody who changes things meanwhile; undone at the end."""
    colleague = Colleague(server.rpc())
    yield colleague
    colleague.tidy()


@pytest.fixture
def empty(tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    """A mount point for one run; what failed to start must not have mounted anything."""
    path = tmp_path / "empty"
    path.mkdir()
    yield path
    unmount(path)


@pytest.fixture
def open_directory() -> Iterator[pathlib.Path]:
    """A temporary directory that other users can get into, as pytest's own is not."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="odoofs-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


# For those who edit

@pytest.fixture
def tap(server: Server) -> Iterator[Tap]:
    """The line to the server, on which calls are seen, and which can be cut."""
    tap = Tap(server)
    yield tap
    tap.close()


@pytest.fixture
def wired(tap: Tap, mount: Callable[..., Mount]) -> Callable[..., Mount]:
    """Mounts the server over that line."""
    def make(login: str = "admin", **options: Any) -> Mount:
        return mount(login, tap.source(login), **options)
    return make


@pytest.fixture(scope="session")
def partners(rpc: Rpc) -> Iterator[Partners]:
    """Partners that may be edited."""
    pool = Partners(rpc)
    yield pool
    pool.tidy()


@pytest.fixture(scope="session")
def things(rpc: Rpc) -> Iterator[Things]:
    """Records of a field of every type that may be edited."""
    pool = Things(rpc)
    yield pool
    pool.tidy()


@pytest.fixture
def desk(wired: Callable[..., Mount], tap: Tap, rpc: Rpc, partners: Partners
         ) -> Callable[..., Desk]:
    """A record that is about to be edited, a partner unless told otherwise, on a new mount
    unless told which."""
    def make(model: str = "res.partner", number: int | None = None, tree: Mount | None = None,
             **options: Any) -> Desk:
        number = number or partners.one()
        return Desk(tree or wired(**options), tap, rpc, model, number)
    return make


@pytest.fixture(scope="module")
def desks(server: Server, rpc: Rpc, partners: Partners) -> Iterator[Callable]:
    """Makes makers of desks that share a mount: desks(delete="deny")(model, number)."""
    taps, trees = [], []

    def open_mount(**options: Any) -> Callable[..., Desk]:
        tap = Tap(server)
        taps.append(tap)
        tree = Mount(tap.source(), ttl=3600, **options)
        trees.append(tree)

        def make(model: str = "res.partner", number: int | None = None) -> Desk:
            number = number or partners.one()
            for name in leftovers(tree / model):  # of the test before
                (tree / model / name).unlink()
            if not (tree / model / f"{number}.json").exists():
                tree.refresh(model)
            return Desk(tree, tap, rpc, model, number)
        return make
    yield open_mount
    for tree in trees:
        tree.unmount()
    for tap in taps:
        tap.close()


@pytest.fixture(scope="module")
def bench(desks: Callable) -> Callable[..., Desk]:
    """Records that are about to be edited, on one mount, which the tests of a file share."""
    return desks()


@pytest.fixture
def restorer(trees: list[Mount], tmp_path: pathlib.Path, colleague: Colleague) -> Iterator[Restorer]:
    """Backs up and restores by a module's own `trees`; what it created goes at the end."""
    made = Restorer(*trees, tmp_path)
    yield made
    if made.map.exists():
        colleague.created += [(model, new) for (model, _), new in made.renamed().items()]
