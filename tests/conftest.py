"""Fixtures for all tests: real databases, the sample environment, and a look at what was left behind."""

import contextlib
import os
import secrets
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from tests import forking, servers

REPOSITORY = Path(__file__).parents[1]

SESSION = "WORKBENCH_TEST_SESSION"
"""The environment variable that marks every process started by this run."""


def missing(what: str, reason: str) -> NoReturn:
    """Skip the test for want of something, or fail it where WORKBENCH_REQUIRE says that it has to be there."""
    if what in os.environ.get("WORKBENCH_REQUIRE", "").split(","):
        pytest.fail(f"WORKBENCH_REQUIRE names {what}, but {reason}", pytrace=False)
    pytest.skip(f"{what}: {reason}")


@pytest.fixture(scope="session", autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail when, after all tests, a worker of theirs is still running."""
    os.environ[SESSION] = token = secrets.token_hex(8)
    yield

    deadline = time.monotonic() + 5
    while (left := workers(token)) and time.monotonic() < deadline:
        time.sleep(0.1)

    assert left == {}, "these workers outlived the tests"


def workers(token: str) -> dict[int, str]:
    """Return the command lines, by process id, of the workers that run with this token in their environment."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):  # none where there is no /proc
        with contextlib.suppress(OSError):
            environment = (folder / "environ").read_bytes().split(b"\0")
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if f"{SESSION}={token}".encode() in environment and "workbench" in command and "worker" in command:
                found[int(folder.name)] = command

    return found


@pytest.fixture(scope="session", autouse=True)
def forked_workers(nothing_left_behind: None) -> Iterator[None]:  # noqa: ARG001 - it ends before that one looks
    """Begin workers where their imports are done."""
    with forking.forked_workers():
        yield


@pytest.fixture
def really_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start workers as a kernel does, imports and all: for tests of that start, and of all that it has in hand."""
    monkeypatch.setattr(forking, "wanted", False)


@pytest.fixture(scope="session", autouse=True)
def cache_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep out of the user's own cache, and do not find there what other versions of these tests have kept."""
    usual = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = tmp_path_factory.mktemp("cache")
    (usual / forking.KEPT).mkdir(parents=True, exist_ok=True)
    for kept in (forking.KEPT, "ms-playwright"):  # what takes long to have
        if (usual / kept).exists():
            (folder / kept).symlink_to(usual / kept)
    os.environ["XDG_CACHE_HOME"] = str(folder)


@pytest.fixture(scope="session", autouse=True)
def journal_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the user's own journal free of what the tests apply, also in the processes that they start."""
    os.environ["WORKBENCH_JOURNAL"] = str(tmp_path_factory.mktemp("journal") / "journal.jsonl")


@pytest.fixture(autouse=True)
def quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the variables that would lead a project's env.py to a database of the person who runs the tests."""
    for name in ("DATABASE_URL", "FLASK_APP", "SQLALCHEMY_DATABASE_URI", "SQLALCHEMY_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[servers.Server | servers.Unavailable]:
    """A PostgreSQL for this run, or why there is none."""
    with contextlib.ExitStack() as stack:
        yield from _server(stack, servers.postgresql())


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[servers.Server | servers.Unavailable]:
    """A MariaDB for this run, or why there is none."""
    with contextlib.ExitStack() as stack:
        yield from _server(stack, servers.mariadb())


def _server(
    stack: contextlib.ExitStack, context: contextlib.AbstractContextManager[servers.Server]
) -> Iterator[servers.Server | servers.Unavailable]:
    try:
        server = stack.enter_context(context)
    except servers.Unavailable as reason:
        yield reason
    else:
        yield server

        assert server.names() == [], "these databases outlived the tests"


@pytest.fixture
def sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of an SQLite database of this test's own; the file does not exist yet."""
    return f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'wbtest.db'}"


@pytest.fixture
def postgresql_url(postgresql_server: servers.Server | servers.Unavailable) -> Iterator[str]:
    """The URL of an empty PostgreSQL database of this test's own."""
    yield from _database("postgresql", postgresql_server)


@pytest.fixture
def mariadb_url(mariadb_server: servers.Server | servers.Unavailable) -> Iterator[str]:
    """The URL of an empty MariaDB database of this test's own."""
    yield from _database("mariadb", mariadb_server)


def _database(what: str, server: servers.Server | servers.Unavailable) -> Iterator[str]:
    if isinstance(server, servers.Unavailable):
        missing(what, str(server))
    else:
        with server.database() as url:
            yield url


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.postgresql),
        pytest.param("mariadb", marks=pytest.mark.mariadb),
    ]
)
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database of this test's own; the test runs once on each kind of server."""
    url: str = request.getfixturevalue(f"{request.param}_url")

    return url


@pytest.fixture(
    scope="module",
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.postgresql),
        pytest.param("mariadb", marks=pytest.mark.mariadb),
    ],
)
def kept_database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database that the tests of one file share, on each kind of server; each empties it for itself."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'wbtest.db'}"
    else:
        yield from _database(request.param, request.getfixturevalue(f"{request.param}_server"))


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A folder with a copy of the repository's own Alembic environment, and no database yet."""
    return copy_of_sample(tmp_path)


def copy_of_sample(parent: Path) -> Path:
    """Copy the repository's own Alembic environment into a new folder `sample` in `parent`, and give that."""
    folder = parent / "sample"
    folder.mkdir()
    shutil.copy(REPOSITORY / "alembic.ini", folder)
    shutil.copytree(REPOSITORY / "migrations", folder / "migrations", ignore=shutil.ignore_patterns("__pycache__"))

    return folder


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers once, where several processes share the tests."""
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        stack = contextlib.ExitStack()
        config.add_cleanup(stack.close)
        os.environ.update(stack.enter_context(servers.shared()))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the servers that its fixtures need."""
    for item in items:
        for what in ("postgresql", "mariadb"):
            if f"{what}_url" in getattr(item, "fixturenames", ()):
                item.add_marker(what)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in plain words what was not tested and why; `make test` repeats it at its end."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )
    lines = [f"{count} test{'s' if count > 1 else ''}: {reason}" for reason, count in sorted(reasons.items())]
    if lines:
        terminalreporter.section("skipped, and why")
        for line in lines:
            terminalreporter.line(line)
    if lines and (path := os.environ.get("WORKBENCH_SKIPPED")):
        with Path(path).open("a", encoding="utf-8") as file:
            file.writelines(f"  {line}\n" for line in lines)


@pytest.fixture(scope="session", autouse=True)
def _heard() -> Iterator[None]:
    """Ctrl-C is heard: a shell starts what it puts into the background with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
