"""An environment with a password in every place where one can be, and a search through all that comes out of it."""

from __future__ import annotations

import contextlib
import html
import os
import pickle
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import create_engine, make_url, text

from tests.safety.projects import Project, project
from tests.widgets.browser import Browser
from workbench import Workbench
from workbench.errors import WorkbenchError
from workbench.widgets import view_of

PASSWORD = "s3cr%t-p@ss/w:rd"
"""Of the account that env.py uses."""
OTHERS = {".env": "d0tenv%p@ss/w:rd", "the ini": "iN1f%le-p@ss/w:rd"}
"""Of accounts that only stand in a file."""
PIECES = ("s3cr", "d0tenv", "iN1f", "p@ss", "p%40ss", "w:rd", "w%3Ard")
"""Any of these would give a part of one away."""

_ENV = """
    import logging, os, sys, warnings

    from alembic import context
    from sqlalchemy import Column, Integer, MetaData, Table, create_engine, pool

    for line in open(".env"):
        os.environ.setdefault(*line.strip().split("=", 1))
    url = os.environ["SHOP_URL"]
    engine = create_engine(url, poolclass=pool.NullPool)
    said = (url, engine.url.password, os.environ["QUEUE_URL"], context.config.get_main_option("sqlalchemy.url"))
    print(*said)
    print(*said, file=sys.stderr)
    logging.getLogger("shop").error("%s %s %s %s", *said)
    warnings.warn(" ".join(map(str, said)))
    metadata = MetaData()
    Table("t1", metadata, Column("id", Integer, primary_key=True))
    {last}
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata)
        with context.begin_transaction():
            context.run_migrations()
"""
SPOILT = {
    "raises": "raise RuntimeError(f'cannot use {said}')",
    "ends": "raise SystemExit(f'cannot use {said}')",
    "cannot connect": "create_engine(url.rpartition('/')[0] + '/no/such/database', poolclass=pool.NullPool).connect()",
}
"""What else the last line of env.py may do."""

_MAKES = """
    password = os.environ["SHOP_URL"] + os.environ["QUEUE_URL"]
    print("in the revision", password)
    op.create_table("t1", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(200)))
    op.bulk_insert(sa.table("t1", sa.column("id"), sa.column("name")), [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}])
    op.get_bind().execute(sa.text("UPDATE t1 SET name = :name WHERE id = 1"), {"name": password})
    op.execute(sa.text("SELECT '" + password.replace(":", r"\\:") + "'"))
    op.get_bind().execute(sa.text("UPDATE t1 SET name = 'c'"))
"""
_FAILS = """
    password = os.environ["SHOP_URL"]

    def connect(dsn):
        secret = dsn
        raise sa.exc.OperationalError(f"CONNECT {dsn}", {"dsn": dsn}, Exception(f"no route: dsn={dsn} {password}"))

    op.create_table("t3", sa.Column("id", sa.Integer, primary_key=True))
    told = sa.engine.make_url(os.environ["QUEUE_URL"]).password.replace(":", r"\\:")
    op.execute(sa.text(f"CREATE TABLE t4 (name VARCHAR(90) DEFAULT '{told}')"))
    connect(os.environ["QUEUE_URL"])
"""


@contextlib.contextmanager
def account(url: str) -> Iterator[str]:
    """The URL with an account of its own, whose password is PASSWORD; that of SQLite, which has none, as it is."""
    parsed = make_url(url)
    kind, name = parsed.get_backend_name(), parsed.database
    if kind == "sqlite":
        yield url
        return
    ways = {
        "postgresql": (
            [f"CREATE ROLE {name} LOGIN SUPERUSER PASSWORD '{PASSWORD}'"],
            [f"REASSIGN OWNED BY {name} TO CURRENT_USER", f"DROP ROLE {name}"],
        ),
        "mysql": (
            [f"CREATE USER '{name}'@'{host}' IDENTIFIED BY '{PASSWORD}'" for host in ("%", "localhost")]
            + [f"GRANT ALL ON *.* TO '{name}'@'{host}'" for host in ("%", "localhost")],
            [f"DROP USER '{name}'@'{host}'" for host in ("%", "localhost")],
        ),
    }
    before, after = ways[kind]
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            for statement in before:
                connection.execute(text(statement.replace(":", r"\:")))
        try:
            yield parsed.set(username=name, password=PASSWORD).render_as_string(hide_password=False)
        finally:
            with admin.connect() as connection:
                for statement in after:
                    connection.execute(text(statement))
    finally:
        admin.dispose()


def planted(folder: Path, url: str) -> Project:
    """An environment that prints, logs and raises its passwords: up to `r2` it works, `r3` fails."""
    made = project(folder, url)
    other = {place: f"amqp://me:{quote(password, safe='')}@queue/q" for place, password in OTHERS.items()}
    (folder / ".env").write_text(f"SHOP_URL={url}\nQUEUE_URL={other['.env']}\n", "utf-8")
    made.ini("path_separator = os", f"sqlalchemy.url = {other['the ini'].replace('%', '%%')}")
    env(made)
    for path in (
        made.revision("r1", None, _MAKES, 'op.drop_table("t1")'),
        made.revision(
            "r2", "r1", 'op.drop_column("t1", "name")', 'op.add_column("t1", sa.Column("name", sa.String(9)))'
        ),
        made.revision("r3", "r2", _FAILS),
    ):
        path.write_text(
            path.read_text("utf-8").replace("import sqlalchemy as sa", "import os\n\nimport sqlalchemy as sa")
        )
    return made


def env(made: Project, last: str = "pass") -> None:
    """Write env.py, with something to do just before it connects."""
    made.raw_env(_ENV.format(last=last))


def faces(value: Any) -> dict[str, str]:
    """Every form in which a value may be seen or kept."""
    told = {"str": str(value), "repr": repr(value)}
    for name in ("to_dict", "_repr_html_", "_repr_mimebundle_"):
        if hasattr(value, name):
            told[name] = html.unescape(str(getattr(value, name)()))
    if not isinstance(value, Workbench):
        told["pickle"] = pickle.dumps(value).decode("latin-1")
    for name in ("df", "statements", "sql", "code", "title"):
        if hasattr(value, name):
            kept = getattr(value, name)
            told[name] = kept.to_csv() if hasattr(kept, "to_csv") else str(kept)
    if hasattr(value, "to_csv"):
        told["csv"] = value.to_csv()
    if isinstance(value, WorkbenchError):
        told["traceback"] = "".join(traceback.format_exception(value))
        with_locals = traceback.TracebackException.from_exception(value, capture_locals=True)
        told["traceback with locals"] = "".join(with_locals.format())
        told["notebook"] = "\n".join(value._render_traceback_())
    return told


@dataclass(repr=False)  # it holds tracebacks with locals, and is a local itself
class Search:
    """Keeps all that came out, and looks through it."""

    texts: list[tuple[str, str]] = field(default_factory=list)

    def keep(self, what: str, value: Any) -> Any:
        """Note every face of a value, also the live one; gives the value."""
        self.texts += [(f"{what}: {name}", shown) for name, shown in faces(value).items()]
        view = view_of(value)
        if view is not None:
            self.keep_view(what, view)
        return value

    def keep_view(self, what: str, view: Any) -> None:
        """Note what a live view holds and what it has said to the browser."""
        self.texts.append((f"{what}: traits", html.unescape(str(view.get_state()))))
        self.texts.append((f"{what}: bundle", html.unescape(str(view._repr_mimebundle_()))))
        self.texts.append((f"{what}: messages", html.unescape(str(view.comm.sent))))

    def ask(self, what: str, call: Callable[[], Any]) -> Any:
        """Call, and note the answer or the refusal."""
        try:
            return self.keep(what, call())
        except WorkbenchError as error:
            self.keep(f"{what} refused", error)
            return None

    def press(self, what: str, result: Any, action: str, **data: object) -> None:
        """Press a button of a result's live view, wait for what it starts, and note all that the view says."""
        view = view_of(result)
        self.texts.append((f"{what}: answer", str(Browser(view).press(action, **data))))
        assert view.wait(60)
        self.keep_view(what, view)

    def keep_files(self, folder: Path, but: tuple[str, ...] = ()) -> None:
        """Note the name and the content of every file below `folder`, but those of these names."""
        for path in folder.rglob("*"):
            if path.is_file() and path.name not in but:
                self.texts.append((str(path), path.read_bytes().decode("latin-1")))

    @property
    def hits(self) -> list[tuple[str, str]]:
        """Where a piece of a password is to be seen."""
        return [(what, piece) for what, shown in self.texts for piece in PIECES if piece in f"{what} {shown}"]


@contextlib.contextmanager
def processes(search: Search) -> Iterator[set[str]]:
    """Meanwhile, look at every process that this one has started, and at theirs; gives the programs that were seen.

    Of each the command line is noted, which every user of the machine can read. The environment, by which pg_dump is
    told the password, only its own user can read; a file with it would stay behind if the worker were killed.
    """
    seen: set[tuple[int, str]] = set()
    programs: set[str] = set()
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(0.01):
            for process in _descendants(os.getpid()):
                with contextlib.suppress(OSError):
                    folder = Path(f"/proc/{process}")
                    command = (folder / "cmdline").read_bytes().decode("latin-1")
                    if (process, command) in seen:
                        continue
                    seen.add((process, command))
                    programs.add(Path(command.partition("\0")[0]).name)
                    search.texts.append(("a command line", command))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield programs
    finally:
        stop.set()
        thread.join()


def _descendants(process: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for path in Path(f"/proc/{process}/task").glob("*/children"):
            for child in path.read_text("ascii").split():
                yield int(child)
                yield from _descendants(int(child))
