"""All that can be wrong with an environment, one by one: a clear error with a way out, and nothing changed."""

from __future__ import annotations

import pickle
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.kept import ON_SQLITE
from tests.safety.projects import Project, project, told
from workbench import Workbench, errors
from workbench.errors import WorkbenchError

TERMINAL = "What to do: `alembic current` in a terminal stops at the same place; correct env.py or what it imports."
TREE = "What to do: Correct the files. `wb.history()` shows the tree all the same, with the fault marked on its node."
CONFIGURED = "Check that the server runs, and host and port where env.py takes its URL from."
UNKNOWN = (
    "What to do: The file is on another branch or another machine, as a rule: bring it here. If it is gone for good, "
    "make sure what the schema equals, and write that into the version table: `wb.stamp(…, purge=True)`."
)
NO_PYTHON = (
    "What to do: It needs Python 3.10 or newer with Alembic 1.13 or newer. Name the interpreter of the project's "
    'virtual environment: Workbench(python="…/bin/python").'
)
TAB = "\t"
CONTEXT = (
    'What to do: Write it as "module:callable", as in "shop:create_app"; the module is looked for beside the '
    "configuration."
)


@pytest.fixture
def made(tmp_path: Path, sqlite_url: str) -> Project:
    """An environment with two revisions, and no database file yet."""
    return project(tmp_path / "project", sqlite_url).tables(2)


WARM = (errors.HistoryBroken, errors.MultipleHeads, errors.UnknownDatabaseRevision, errors.RevisionNotFound)
"""What a worker that stays is asked for; whatever is wrong with an env.py or a configuration meets a fresh one."""


def refused(
    made: Project, ask: Callable[[Workbench], Any], warm: Workbench | None = None, **options: Any
) -> WorkbenchError:
    """The error that the question ends with, after a look whether anything was changed by it."""
    before = made.files(), made.database()
    with pytest.raises(WorkbenchError) as caught, nullcontext(warm) if warm else made.workbench(**options) as wb:
        ask(wb)

    assert before == (made.files(), made.database())
    assert [f"{type(caught.value).__name__}: {caught.value}"] == caught.value._render_traceback_()
    assert caught.value == pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own

    return caught.value


def current(wb: Workbench) -> Any:
    """Ask where the database stands."""
    return wb.current()


def upgrade(wb: Workbench) -> Any:
    """Ask what an upgrade would run."""
    return wb.upgrade()


@dataclass(frozen=True)
class Case:
    """Something that is wrong, and what the workbench says of it."""

    spoil: Callable[[Project], object]
    kind: type[WorkbenchError]
    builtin: type[Exception]
    expected: str
    ask: Callable[[Workbench], Any] = current
    options: tuple[tuple[str, Any], ...] = ()


def rewrite(name: str, change: Callable[[str], str]) -> Callable[[Project], object]:
    """Change the text of a revision's file."""

    def spoil(made: Project) -> None:
        path = made.versions / f"{name}.py"
        path.write_text(change(path.read_text()))

    return spoil


def second_file(made: Project) -> None:
    """Write a second file for the revision r2."""
    path = made.revision("copy", "r1")
    path.write_text(path.read_text().replace("'copy'", "'r2'"))


def cycle(made: Project) -> None:
    """Write two revisions that follow each other."""
    made.revision("a1", "a2")
    made.revision("a2", "a1")


def unknown(made: Project) -> None:
    """Put the database at a revision that no file has."""
    made.execute(
        "CREATE TABLE alembic_version (version_num VARCHAR(32))", "INSERT INTO alembic_version VALUES ('deadbeef')"
    )


CASES = {
    "no ini": Case(
        lambda made: (made.folder / "alembic.ini").unlink(),
        errors.EnvironmentNotFound,
        FileNotFoundError,
        """There is no file <project>/alembic.ini (looked for <project>/alembic.ini).
What to do: Check the path; it is meant from the folder of the notebook. Workbench() without a path looks in the \
parent folders too.""",
    ),
    "no script_location": Case(
        lambda made: (made.folder / "alembic.ini").write_text("[alembic]\n[other]\n"),
        errors.EnvironmentInvalid,
        ValueError,
        """<project>/alembic.ini has no script_location in its section [alembic].
sections in the file: alembic, other
What to do: Add `script_location = %(here)s/migrations`, the folder that holds env.py; or name the right section: \
Workbench(…, section="…").""",
    ),
    "no ini file at all": Case(
        lambda made: (made.folder / "alembic.ini").write_text("alembic\n"),
        errors.EnvironmentInvalid,
        ValueError,
        """<project>/alembic.ini cannot be read as an ini file: File contains no section headers. \
file: '<project>/alembic.ini', line: 1 'alembic\\n'
What to do: Correct the file; the `alembic` command would stop there too.""",
    ),
    "no script folder": Case(
        lambda made: (made.folder / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/nowhere\n"),
        errors.EnvironmentInvalid,
        ValueError,
        """The script folder cannot be used: Path doesn't exist: <project>/nowhere.  Please use the 'init' command to \
create a new scripts folder.
What to do: Check script_location in the configuration: the folder that holds env.py.""",
    ),
    "no env.py": Case(
        lambda made: made.env_py.unlink(),
        errors.EnvironmentInvalid,
        ValueError,
        """The script folder <project>/migrations holds no env.py.
What to do: Check script_location in the configuration. A new environment is made by `alembic init migrations`.""",
    ),
    "env.py raises": Case(
        lambda made: made.env("raise RuntimeError('the moon is full')"),
        errors.EnvPyFailed,
        RuntimeError,
        f"""env.py, or what it imports, raised RuntimeError: the moon is full
file: migrations/env.py, line 6
line: raise RuntimeError('the moon is full')
{TERMINAL}""",
    ),
    "env.py prints, then raises": Case(
        lambda made: made.env("os.write(1, b'to file 1\\n'); os.system('echo from a shell'); raise ValueError"),
        errors.EnvPyFailed,
        RuntimeError,
        f"""env.py, or what it imports, raised ValueError: ValueError
file: migrations/env.py, line 6
line: os.write(1, b'to file 1\\n'); os.system('echo from a shell'); raise ValueError
it printed:
    to file 1
    from a shell
{TERMINAL}""",
    ),
    "env.py calls sys.exit": Case(
        lambda made: made.env("raise SystemExit('no SHOP_URL')"),
        errors.EnvPyFailed,
        RuntimeError,
        """env.py, or what it imports, ended the process with sys.exit('no SHOP_URL').
file: migrations/env.py, line 6
line: raise SystemExit('no SHOP_URL')
What to do: Look at that line for the condition on which it gives up: often an environment variable that is not set. \
Pass it: Workbench(env={…}).""",
    ),
    "env.py ends the process": Case(
        lambda made: made.env("os._exit(3)"),
        errors.WorkerDied,
        RuntimeError,
        """The process that runs the project's code ended with exit code 3 in the middle of its work.
What to do: Nothing else is affected, and the next call starts a new one. What a migration had not committed, the \
database rolls back; `wb.current()` says where it stands.""",
    ),
    "env.py crashes": Case(
        lambda made: made.env("import signal; os.kill(os.getpid(), signal.SIGSEGV)"),
        errors.WorkerDied,
        RuntimeError,
        """The process that runs the project's code was ended by the signal SIGSEGV in the middle of its work.
What to do: Nothing else is affected, and the next call starts a new one. What a migration had not committed, the \
database rolls back; `wb.current()` says where it stands.""",
    ),
    "env.py hangs": Case(
        lambda made: made.env("import time\nprint('waiting')\ntime.sleep(1000)"),
        errors.WorkerTimeout,
        TimeoutError,
        """env.py did not reach context.run_migrations() within 2 seconds, and was stopped.
it was in: migrations/env.py, line 8
line: time.sleep(1000)
it printed: waiting
What to do: It may wait for a database that does not answer, for a lock, or for input. More time: \
Workbench(timeout=…).""",
        options=(("timeout", 2.0),),
    ),
    "env.py asks": Case(
        lambda made: made.env("input('Which database? ')"),
        errors.EnvPyFailed,
        RuntimeError,
        f"""env.py, or what it imports, raised EOFError: EOF when reading a line
file: migrations/env.py, line 6
line: input('Which database? ')
it printed: Which database?
{TERMINAL}""",
    ),
    "env.py does nothing": Case(
        lambda made: made.raw_env("pass"),
        errors.EnvPyFailed,
        RuntimeError,
        """env.py ended without calling context.run_migrations(), so no database was configured.
file: <project>/migrations/env.py
What to do: Look for a condition in env.py that ends early; the `alembic` command does nothing here either.""",
    ),
    "env.py cannot be parsed": Case(
        lambda made: made.raw_env("def x(:"),
        errors.EnvPyFailed,
        RuntimeError,
        """migrations/env.py cannot be read: SyntaxError in line 1: invalid syntax.
line: def x(:
What to do: Correct the file.""",
    ),
    "env.py needs what is not installed": Case(
        lambda made: made.env("import nowhere_to_be_found"),
        errors.EnvPyFailed,
        RuntimeError,
        """env.py, or what it imports, raised ModuleNotFoundError: No module named 'nowhere_to_be_found'
file: migrations/env.py, line 6
line: import nowhere_to_be_found
What to do: nowhere_to_be_found is not importable in the Python that runs the project. If the project has a virtual \
environment of its own: Workbench(python="…/bin/python"). If it lies beside alembic.ini: add `prepend_sys_path = .` \
there.""",
    ),
    "env.py needs a variable": Case(
        lambda made: made.env("os.environ['SHOP_DATABASE']"),
        errors.EnvPyFailed,
        RuntimeError,
        """env.py, or what it imports, raised KeyError: 'SHOP_DATABASE'
file: migrations/env.py, line 6
line: os.environ['SHOP_DATABASE']
What to do: It looks like an environment variable that is not set: Workbench(env={…}), or a .env that env.py reads.""",
    ),
    "env.py needs an application": Case(
        lambda made: made.env("raise RuntimeError('Working outside of application context.')"),
        errors.AppContextMissing,
        RuntimeError,
        """env.py works only inside an application context, and none was given.
file: migrations/env.py, line 6
line: raise RuntimeError('Working outside of application context.')
What to do: Name the application: Workbench(context="shop:create_app"), a callable whose result is, or has an \
app_context() that is, a context manager. Where FLASK_APP is set, it is used by itself.""",
    ),
    "an application that is not there": Case(
        lambda made: made,
        errors.UnsupportedRequest,
        ValueError,
        f"context='shop:create_app' leads nowhere: there is no module shop.\n{CONTEXT}",
        options=(("context", "shop:create_app"),),
    ),
    "an application without that factory": Case(
        lambda made: (made.folder / "shop.py").write_text(""),
        errors.UnsupportedRequest,
        ValueError,
        f"context='shop:create_app' leads nowhere: there is no 'create_app' in it.\n{CONTEXT}",
        options=(("context", "shop:create_app"),),
    ),
    "no models": Case(
        lambda made: made,
        errors.EnvPyFailed,
        RuntimeError,
        """env.py gives no target_metadata, so there are no models to compare with.
file: <project>/migrations/env.py
What to do: Set target_metadata in env.py, or pass Workbench(metadata=Base.metadata).""",
        lambda wb: wb.diff(),
    ),
    "a driver that is not installed": Case(
        lambda made: made.env("create_engine('oracle+oracledb://u:pw@h/d')"),
        errors.DriverMissing,
        ImportError,
        """The database's driver 'oracledb' is not installed in the Python that runs this project.
python: <python>
What to do: Install it there, or name the driver that you have in the URL, as in "postgresql+psycopg://…". If the \
project has a Python of its own: Workbench(python="…/bin/python").""",
    ),
    "no such kind of database": Case(
        lambda made: made.env("create_engine('nosuch://u:pw@h/d')"),
        errors.DriverMissing,
        ImportError,
        """SQLAlchemy does not know this kind of database: Can't load plugin: sqlalchemy.dialects:nosuch
python: <python>
What to do: Check the first part of the URL (before ://), or install the package that brings this dialect.""",
    ),
    "no URL": Case(
        lambda made: made.env("create_engine('u:pw@h/d')"),
        errors.EnvPyFailed,
        RuntimeError,
        """The database's URL cannot be read: Could not parse SQLAlchemy URL from given URL string.
What to do: It looks like dialect+driver://user:password@host/database; special characters in the password have to \
be percent-encoded (`urllib.parse.quote_plus`).""",
    ),
    "a % in the ini": Case(
        lambda made: made.ini("sqlalchemy.url = postgresql://u:p%40ss@h/d").env(
            "context.config.get_main_option('sqlalchemy.url')"
        ),
        errors.EnvPyFailed,
        RuntimeError,
        """alembic.ini holds a % that ini files read as the beginning of a substitution, mostly in a password.
What to do: Write %% for % in alembic.ini.""",
    ),
    "a % set by env.py": Case(
        lambda made: made.env("context.config.set_main_option('sqlalchemy.url', 'postgresql://u:p%40ss@h/d')"),
        errors.EnvPyFailed,
        RuntimeError,
        """The configuration cannot take the database's URL: a % stands in it, and ini files read % as the beginning \
of a substitution.
What to do: In env.py write config.set_main_option('sqlalchemy.url', url.replace('%', '%%')).""",
    ),
    "a database in memory": Case(
        lambda made: made.env("create_engine = lambda *a, make=create_engine, **k: make('sqlite://')"),
        errors.InMemoryDatabase,
        ValueError,
        """env.py connects to a SQLite database in memory, which lives in one process only; the workbench runs env.py \
in a process of its own, so it would see an empty one.
What to do: Use a file: sqlite:///demo.db.""",
    ),
    "a database in memory, as url": Case(
        lambda made: made,
        errors.InMemoryDatabase,
        ValueError,
        """sqlite:// lives in one process only, and the workbench runs env.py in a process of its own.
What to do: Use a file: sqlite:///demo.db.""",
        options=(("url", "sqlite://"),),
    ),
    "a SQLite file in no folder": Case(
        lambda made: made,
        errors.DatabaseUnreachable,
        ConnectionError,
        """The SQLite file cannot be opened.
the driver says: unable to open database file
What to do: Check the path where env.py takes its URL from: its folder has to be there, and a relative path is meant \
from the folder of the configuration.""",
        options=(("url", "sqlite:///nowhere/shop.db"),),
    ),
    "a file that is no SQLite database": Case(
        lambda made: Path(str(make_url(made.url).database)).write_text("a letter, and a long one\n" * 100),
        errors.DatabaseUnreachable,
        ConnectionError,
        """The file is not a SQLite database.
the driver says: file is not a database
statement: PRAGMA main.table_info("alembic_version")
What to do: Check the path where env.py takes its URL from.""",
    ),
    "PostgreSQL is down": Case(
        lambda made: made,
        errors.DatabaseUnreachable,
        ConnectionError,
        f"""The database cannot be reached.
the driver says:
    connection failed: connection to server at "127.0.0.1", port <port> failed: Connection refused
    {TAB}Is the server running on that host and accepting TCP/IP connections?
What to do: {CONFIGURED}""",
        options=(("url", "postgresql+psycopg://u:pw@127.0.0.1:1/d"),),
    ),
    "MariaDB is down": Case(
        lambda made: made,
        errors.DatabaseUnreachable,
        ConnectionError,
        f"""The database cannot be reached.
the driver says: (2003, "Can't connect to MySQL server on '127.0.0.1' ([Errno 111] Connection refused)")
What to do: {CONFIGURED}""",
        options=(("url", "mysql+pymysql://u:pw@127.0.0.1:1/d"),),
    ),
    "a revision with a syntax error": Case(
        rewrite("r2", lambda code: f"{code}\ndef x(:\n"),
        errors.HistoryBroken,
        ValueError,
        """migrations/versions/r2.py cannot be loaded: SyntaxError in line 19: invalid syntax.
line: def x(:
What to do: Correct the file. `wb.history()` shows the tree all the same.""",
        upgrade,
    ),
    "a revision that raises": Case(
        rewrite("r2", lambda code: f"{code}\nraise ValueError('at import')\n"),
        errors.HistoryBroken,
        ValueError,
        """A revision file cannot be loaded: ValueError: at import.
file: migrations/versions/r2.py, line 19
line: raise ValueError('at import')
What to do: Correct the file. `wb.history()` shows the tree all the same.""",
        upgrade,
    ),
    "a revision without an id": Case(
        rewrite("r2", lambda _: "x = 1\n"),
        errors.HistoryBroken,
        ValueError,
        f"""The revision files do not make a history: r2.py has no `revision`, so nobody can tell which one it is.
{TREE}""",
        upgrade,
    ),
    "a missing parent": Case(
        lambda made: made.revision("r3", "gone"),
        errors.HistoryBroken,
        ValueError,
        f"The revision files do not make a history: one follows gone, which no file has.\n{TREE}",
        upgrade,
    ),
    "a cycle": Case(
        cycle,
        errors.HistoryBroken,
        ValueError,
        f"The revision files do not make a history: a1, a2 follow each other in a circle.\n{TREE}",
        upgrade,
    ),
    "two files with one id": Case(
        second_file,
        errors.HistoryBroken,
        ValueError,
        f"The revision files do not make a history: several files have the id r2.\n{TREE}",
        upgrade,
    ),
    "two files with one id, and a draft": Case(
        second_file,
        errors.HistoryBroken,
        ValueError,
        f"The revision files do not make a history: several files have the id r2.\n{TREE}",
        lambda wb: wb.revision("one more"),
    ),
    "several heads": Case(
        lambda made: made.revision("b2", "r1"),
        errors.MultipleHeads,
        ValueError,
        """There are several heads (b2, r2), and 'head' means exactly one.
heads: b2, r2
What to do: Name one of them, a branch as in 'label@head', or 'heads' for all; or join them: wb.merge().""",
        upgrade,
    ),
    "a database at an unknown revision": Case(
        unknown,
        errors.UnknownDatabaseRevision,
        LookupError,
        f"wbtest stands at deadbeef, which no revision file has.\n{UNKNOWN}",
        upgrade,
    ),
    "a downgrade from an unknown revision": Case(
        unknown,
        errors.UnknownDatabaseRevision,
        LookupError,
        f"wbtest stands at deadbeef, which no revision file has.\n{UNKNOWN}",
        lambda wb: wb.downgrade("-1"),
    ),
    "a target that is not there": Case(
        lambda made: made,
        errors.RevisionNotFound,
        LookupError,
        "No revision file answers to 'zzzz'.\nWhat to do: `wb.history()` lists the ids, labels and heads.",
        lambda wb: wb.upgrade("zzzz"),
    ),
    "a target too far": Case(
        lambda made: made,
        errors.UnsupportedRequest,
        ValueError,
        """The target +9 asks for more steps than there are.
What to do: `wb.history()` shows where the database is, and what lies above and below.""",
        lambda wb: wb.upgrade("+9"),
    ),
    "a downgrade to above": Case(
        lambda made: made,
        errors.UnsupportedRequest,
        ValueError,
        """Destination r2 is not a valid downgrade target from current head(s).
What to do: `wb.history()` shows which revisions lie above and below where the database is.""",
        lambda wb: wb.downgrade("r2"),
    ),
    "no target": Case(
        lambda made: made,
        errors.UnsupportedRequest,
        ValueError,
        """The upgrade has no target.
What to do: Name one: 'head', 'base', an id, '+1', '-1', 'label@head'.""",
        lambda wb: wb.upgrade(""),
    ),
    "opened read-only": Case(
        lambda made: made,
        errors.DatabaseReadOnly,
        PermissionError,
        """This Workbench was opened with read_only=True, so it applies nothing.
What to do: To write, open one without read_only=True.""",
        lambda wb: wb.upgrade().apply(),
        options=(("read_only", True),),
    ),
    "opened read-only, and a draft": Case(
        lambda made: made,
        errors.DatabaseReadOnly,
        PermissionError,
        """This Workbench was opened with read_only=True, so it writes nothing.
What to do: To write, open one without read_only=True.""",
        lambda wb: wb.revision("x", autogenerate=False).write(),
        options=(("read_only", True),),
    ),
    "no such Python": Case(
        lambda made: made,
        errors.InterpreterUnusable,
        RuntimeError,
        """The Python /nowhere/bin/python cannot be started: No such file or directory.
What to do: Name the interpreter of the project's virtual environment: Workbench(python=".venv/bin/python").""",
        options=(("python", "/nowhere/bin/python"),),
    ),
}


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.kind not in WARM])
def test_the_error_says_what_why_and_what_to_do(name: str, made: Project) -> None:
    """Its whole text is as reviewed, it is ours and the right built-in, and nothing was changed by asking."""
    case = CASES[name]
    case.spoil(made)

    error = refused(made, case.ask, **dict(case.options))

    assert case.expected == told(error, made)
    assert type(error) is case.kind
    assert isinstance(error, case.builtin)


@ON_SQLITE
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.kind in WARM])
def test_the_error_says_so_in_a_warm_worker(name: str, bare: Project, wb: Workbench) -> None:
    """As above, of what is wrong with the revisions or the target."""
    case = CASES[name]
    case.spoil(bare.tables(2))

    error = refused(bare, case.ask, wb)

    assert case.expected == told(error, bare)
    assert type(error) is case.kind
    assert isinstance(error, case.builtin)


@ON_SQLITE
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.kind is errors.HistoryBroken])
def test_a_broken_history_is_still_shown(name: str, bare: Project, wb: Workbench) -> None:
    """The tree and the state of the database are to be had; the node that Alembic refuses says why."""
    CASES[name].spoil(bare.tables(2))

    history, status = wb.history(), wb.current()

    assert (None, ()) == (history.problem, status.heads)
    assert history.faults or name == "a revision that raises"


@pytest.mark.parametrize("name", ["PostgreSQL is down", "a driver that is not installed", "env.py raises"])
def test_the_tree_is_there_without_the_database(name: str, made: Project) -> None:
    """If the database cannot be asked, `history()` shows the files, and says why their state is not known."""
    case = CASES[name]
    case.spoil(made)

    with made.workbench(**dict(case.options)) as wb:
        history = wb.history()

    assert ["r2", "r1"] == [each.revision for each in history.revisions]
    assert ["unknown", "unknown"] == [each.state for each in history.revisions]
    assert case.expected.splitlines()[0] == history.problem
    assert history.remedy


def test_an_unknown_revision_can_be_left_by_stamp_purge(made: Project) -> None:
    """The way out that the error names works."""
    unknown(made)

    with made.workbench() as wb:
        run = wb.stamp("r1", purge=True).apply()

    assert (True, ("r1",)) == (run.ok, run.heads)
    assert [("r1",)] == made.execute("SELECT version_num FROM alembic_version")


def test_a_file_that_is_no_python(made: Project) -> None:
    """A program that is not Python, or a Python without Alembic, is named with what it lacks."""
    bare = made.folder / "bare"
    bare.write_text(f'#!/bin/sh\nexec {sys.base_prefix}/bin/python3 -S -I "$@"\n')
    bare.chmod(0o755)

    without = refused(made, current, python=bare)
    other = refused(made, current, python="/bin/true")

    assert f"The Python {bare} cannot run the project: it has no alembic.\n{NO_PYTHON}" == str(without)
    assert f"The Python /bin/true cannot run the project: the worker did not start.\n{NO_PYTHON}" == str(other)


def test_a_read_only_sqlite_file(made: Project) -> None:
    """It can be asked everything; an apply says that it does not take writes, and changes nothing."""
    made.execute("CREATE TABLE somebody (id INTEGER)")
    url = made.url.replace("sqlite:///", "sqlite:///file:") + "?mode=ro&uri=true"
    before = made.files(), made.database()

    with made.workbench(url=url) as wb:
        run = wb.upgrade().apply()

    assert (made.files(), made.database()) == before
    assert (
        "Nothing could be run: the database does not take writes. "
        "the driver says: attempt to write a readonly database "
        "statement: CREATE TABLE alembic_version ( version_num VARCHAR(32) NOT NULL, "
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num) ) "
        "What to do: Check the file's permissions, or whether this is a read-only replica or account."
    ) == " ".join(str(run.error).split())
    assert (False, (), ["not run", "not run"]) == (run.ok, run.heads, [step.outcome for step in run.steps])
    assert "wbtest is still at base." == run.standing


@pytest.fixture
def locked(mariadb_url: str) -> Any:
    """A MariaDB account with a password that nobody here knows."""
    admin = create_engine(mariadb_url, isolation_level="AUTOCOMMIT")
    name = str(make_url(mariadb_url).database)
    with admin.connect() as connection:
        connection.execute(text(f"CREATE USER '{name}'@'%' IDENTIFIED BY 'quite another one'"))
        connection.execute(text(f"CREATE USER '{name}'@'localhost' IDENTIFIED BY 'quite another one'"))
    yield make_url(mariadb_url).set(username=name, password="s3cr%t-p@ss/w:rd").render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP USER '{name}'@'%', '{name}'@'localhost'"))
    admin.dispose()


def test_a_wrong_password(made: Project, locked: str) -> None:
    """It is answered quickly, and says so without the password."""
    made.url = locked
    made.env()
    with made.workbench() as wb:
        with pytest.raises(errors.AccessDenied):
            wb.current()
        began = time.monotonic()
        with pytest.raises(errors.AccessDenied) as caught:
            wb.current()

    assert time.monotonic() - began < 20
    assert isinstance(caught.value, ConnectionError)
    host = caught.value.evidence[0][1].split("@")[1].split(" ")[0]
    assert f"""The database refused the user or the password.
the driver says: (1045, "Access denied for user '<database>'@{host} (using password: ***)")
What to do: Check user and password where env.py takes its URL from (often DATABASE_URL or .env).""" == told(
        caught.value, made
    )


def test_no_such_database(tmp_path: Path, postgresql_url: str, mariadb_url: str) -> None:
    """A server that answers without having the database is told from one that is down."""
    url = make_url(postgresql_url).set(database="wbtest_nowhere").render_as_string(hide_password=False)
    other = make_url(mariadb_url).set(database="wbtest_nowhere").render_as_string(hide_password=False)
    messages = []
    for number, each in enumerate((url, other)):
        made = project(tmp_path / str(number), each)
        with made.workbench() as wb, pytest.raises(errors.DatabaseUnreachable) as caught:
            wb.current()
        messages.append((caught.value.message, caught.value.remedy))

    remedy = "Create it there, or check the name where env.py takes its URL from."
    assert [("The server answers, but it has no such database.", remedy)] * 2 == messages
