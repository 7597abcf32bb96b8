"""Runs the project's env.py as Alembic's own commands do, with our function as its work."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import sys
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.engine import Engine

from workbench.bridge import sqlite_transactions, version_tables
from workbench.errors import EnvPyFailed, InMemoryDatabase, UnsupportedRequest
from workbench.results import Database
from workbench.text import redact

Steps = list[Any]
Work = Callable[["Part"], Any]


@dataclass
class Part:
    """One database that env.py configured, while env.py holds its connection open."""

    name: str
    heads: tuple[str, ...]
    """As Alembic read them, in its order."""
    context: MigrationContext
    script: ScriptDirectory
    arguments: dict[str, Any]
    """What env.py passes on to each `upgrade()` and `downgrade()`."""

    @property
    def database(self) -> Database:
        """What is known of the database, as a value; where env.py ran offline, that is its dialect."""
        connection: Any = self.context.connection
        dialect: Any = self.context.dialect
        if self.context.as_sql:
            return Database(self.name, "", dialect.name, "", (), self.context.version_table)
        url = connection.engine.url
        dialect_name = "mariadb" if getattr(dialect, "is_mariadb", False) else dialect.name
        version = getattr(dialect, "server_version_info", None) or dialect.dbapi.sqlite_version_info
        schema = version_tables.schema_of(self.context)
        table = self.context.version_table
        return Database(
            name=self.name,
            url=redact(url.render_as_string(hide_password=True) if hasattr(url, "render_as_string") else repr(url)),
            dialect=dialect_name,
            server=".".join(str(each) for each in version if isinstance(each, int)),
            heads=tuple(sorted(self.heads)),
            version_table=f"{schema}.{table}" if schema else table,
            host="" if dialect.name == "sqlite" else url.host or "localhost",
            transactional_ddl=sqlite_transactions.can_roll_back(connection)
            if dialect.name == "sqlite"
            else bool(self.context.impl.transactional_ddl),
        )


def _remembering(environment: EnvironmentContext) -> dict[str, Any]:
    """The keywords of `context.run_migrations(engine_name=…)`, as they come: the only name a multidb env.py gives.

    Set on the instance: Alembic looks its module-level proxies up by the very class (util/langhelpers.py).
    """
    arguments: dict[str, Any] = {}
    run = environment.run_migrations

    def run_migrations(**keywords: Any) -> None:
        arguments.clear()
        arguments.update(keywords)
        run(**keywords)

    environment.run_migrations = run_migrations  # type: ignore[method-assign]
    return arguments


def run_environment(
    config: Config, script: ScriptDirectory, work: Work, *, application: str | None = None, **options: Any
) -> list[Any]:
    """Run env.py; each time it comes to `context.run_migrations()`, call `work` with the Part.

    `work` returns the answer for that database; or, for an apply, is a generator function of steps.

    Returns:
        The answers, in the order in which env.py configured the databases.

    Raises:
        EnvPyFailed: env.py ended without ever calling `context.run_migrations()`.

    """
    answers: list[Any] = []
    names: list[str] = []

    def fn(heads: Any, context: MigrationContext) -> Any:
        part = Part(_name(arguments, context, names), tuple(heads), context, script, dict(arguments))
        if context.connection is not None and not context.as_sql and _in_memory(context):
            raise InMemoryDatabase(
                "env.py connects to a SQLite database in memory, which lives in one process only; "
                "the workbench runs env.py in a process of its own, so it would see an empty one.",
                "Use a file: sqlite:///demo.db.",
            )
        answer = work(part)
        if isinstance(answer, Iterator):
            return answer
        answers.append(answer)
        return []

    environment = EnvironmentContext(config, script, fn=fn, **options)
    arguments = _remembering(environment)
    # Entered in this order: a Flask factory may itself look at alembic.context.
    found = version_tables.looked_for_where_they_are()
    with _nothing_pooled(), found, _no_other_migrations(), _application(application), environment:
        script.run_env()
    if not names:
        raise EnvPyFailed(
            "env.py ended without calling context.run_migrations(), so no database was configured.",
            "Look for a condition in env.py that ends early; the `alembic` command does nothing here either.",
            (("file", str(getattr(script, "env_py_location", "env.py"))),),
        )
    return answers


@contextlib.contextmanager
def _nothing_pooled() -> Iterator[None]:
    """Close the connections that wait in pools afterwards, as the end of `alembic` would.

    An env.py that makes an engine with a pool each time, or an application's factory that does (Flask-Migrate), would
    otherwise leave a connection behind with each request, until the server has no more.
    """
    used: weakref.WeakSet[Engine] = weakref.WeakSet()

    def note(connection: Any, *_: Any) -> None:
        used.add(connection.engine)

    event.listen(Engine, "engine_connect", note)
    try:
        yield
    finally:
        event.remove(Engine, "engine_connect", note)
        for engine in list(used):
            if not getattr(engine.dialect, "is_async", False):  # its pool can be closed in its own event loop alone
                with contextlib.suppress(Exception):  # of any driver: what was asked has its answer
                    engine.dispose()


@contextlib.contextmanager
def no_version_table() -> Iterator[None]:
    """Keep Alembic from making its version table: `alembic revision` would, where revision_environment is set."""
    original = MigrationContext._ensure_version_table
    MigrationContext._ensure_version_table = lambda _self, purge=False: None  # type: ignore[method-assign,assignment]  # noqa: ARG005
    try:
        yield
    finally:
        MigrationContext._ensure_version_table = original  # type: ignore[method-assign]


@contextlib.contextmanager
def _no_other_migrations() -> Iterator[None]:
    """Keep an application that migrates its database whenever it starts from doing so: only a Plan's steps run.

    Flask applications do that in their factory. It would also run env.py within env.py, which Alembic cannot do.
    """
    originals = {name: getattr(command, name) for name in ("upgrade", "downgrade", "stamp")}

    def skipping(name: str) -> Callable[..., None]:
        @functools.wraps(originals[name])
        def skip(*_: Any, **__: Any) -> None:
            print(f"workbench: the project's own call of alembic.command.{name}() was skipped", file=sys.stderr)  # noqa: T201

        return skip

    for name in originals:
        setattr(command, name, skipping(name))
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(command, name, original)


_DEFAULT_SCHEMAS = frozenset({None, "", "public", "main", "dbo"})


def _name(arguments: dict[str, Any], context: MigrationContext, taken: list[str]) -> str:
    """Multidb's engine name, else the database's or file's own name, with the schema of a tenant; never one twice."""
    connection = None if context.as_sql else context.connection
    url = connection.engine.url if connection is not None else None
    told = arguments.get("engine_name") or next((v for v in arguments.values() if isinstance(v, str) and v), None)
    base = os.path.splitext(os.path.basename(str(url.database or "")))[0] if url is not None else ""
    base = base or "database"
    # Tenants are told by the version table's schema, or by the one that env.py made the default, as the cookbook does.
    schema = version_tables.schema_of(context) or getattr(context.dialect, "default_schema_name", None)
    # On MySQL the default schema is the database itself, which may be a scratch one that stands in for it.
    itself = {base, connection.info.get("workbench_scratch") if connection is not None else None}
    name = told or (base if schema in _DEFAULT_SCHEMAS or schema in itself else f"{base}.{schema}")
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name} ({number})", number + 1
    taken.append(candidate)
    return candidate


def _in_memory(context: MigrationContext) -> bool:
    connection: Any = context.connection
    url = connection.engine.url
    database = url.database or ""
    return context.dialect.name == "sqlite" and (
        database in {"", ":memory:"} or "mode=memory" in str(url.query) + database
    )


@contextlib.contextmanager
def _application(spec: str | None) -> Iterator[None]:
    """Enter what `module:callable` makes: a context manager, or an application with `app_context()`."""
    if spec is None:
        _read_dotenv()
        if not os.environ.get("FLASK_APP"):
            yield
            return
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    made = _load(spec) if spec is not None else _flask_app()
    manager = made.app_context() if hasattr(made, "app_context") else made
    if not hasattr(manager, "__enter__"):
        raise UnsupportedRequest(
            f"context={spec!r} gives a {type(made).__name__}, no context manager and without app_context().",
            'Name a callable that returns one, as in context="shop:create_app".',
        )
    with manager:
        yield


def _load(spec: str) -> Any:
    module_name, _, path = spec.partition(":")
    if not path:
        raise UnsupportedRequest(
            f"context={spec!r} names no callable.", 'Write it as "module:callable", as in "shop:create_app".'
        )
    remedy = (
        'Write it as "module:callable", as in "shop:create_app"; the module is looked for beside the configuration.'
    )
    try:
        target: Any = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if not error.name or not f"{module_name}.".startswith(f"{error.name}."):
            raise  # the module is there; what it imports is not
        raise UnsupportedRequest(f"context={spec!r} leads nowhere: there is no module {error.name}.", remedy) from error
    for name in path.split("."):
        if not hasattr(target, name):
            raise UnsupportedRequest(f"context={spec!r} leads nowhere: there is no {name!r} in it.", remedy)
        target = getattr(target, name)
    is_factory = callable(target) and not hasattr(target, "app_context") and not hasattr(target, "__enter__")
    return target() if is_factory else target


def _read_dotenv() -> None:
    """Set what `.flaskenv` and `.env` say, as `flask db` does before anything else, where one of them names the app.

    Only with Flask and python-dotenv in the project: without either, `flask` does not read these files.
    """
    if os.environ.get("FLASK_APP") or not any(_names_app(name) for name in (".flaskenv", ".env")):
        return
    try:
        from flask.cli import load_dotenv  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415
        from flask.helpers import get_load_dotenv  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415
    except ImportError:
        return
    if get_load_dotenv() and importlib.util.find_spec("dotenv"):  # without it Flask prints a tip and goes on
        load_dotenv()


def _names_app(name: str) -> bool:
    try:
        with open(name, encoding="utf-8", errors="replace") as file:
            return "FLASK_APP" in file.read()
    except OSError:
        return False


def _flask_app() -> Any:
    try:
        from flask.cli import ScriptInfo  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415
    except ImportError:
        return contextlib.nullcontext()  # FLASK_APP is set for something else than this project
    # Since Flask 2.2 its command line reads the variable, no longer ScriptInfo.
    return ScriptInfo(app_import_path=os.environ["FLASK_APP"]).load_app()
