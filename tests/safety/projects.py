"""Small Alembic environments of one's own making, and a look at all that they hold."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, inspect, make_url, text
from sqlalchemy.pool import NullPool

from workbench import Workbench
from workbench.errors import WorkbenchError

ENV = """
    import os

    from alembic import context
    from sqlalchemy import create_engine, pool

    {before}
    url = {url!r}
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        {connected}
        context.configure(connection=connection, target_metadata={metadata}, **{options})
        with context.begin_transaction():
            context.run_migrations()
"""
ASYNC_ENV = """
    import asyncio

    from alembic import context
    from sqlalchemy import pool
    from sqlalchemy.ext.asyncio import create_async_engine

    def migrate(connection):
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()

    async def main():
        engine = create_async_engine({url!r}, poolclass=pool.NullPool)
        async with engine.connect() as connection:
            await connection.run_sync(migrate)
        await engine.dispose()

    asyncio.run(main())
"""
"""An env.py as Alembic's asynchronous template has it."""
MAKO = '''
"""${message}"""

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}
'''.lstrip()


@dataclass
class Project:
    """An environment in a folder."""

    folder: Path
    url: str

    @property
    def versions(self) -> Path:
        """Where the revision files lie."""
        return self.folder / "migrations" / "versions"

    @property
    def env_py(self) -> Path:
        """The file that Alembic runs."""
        return self.folder / "migrations" / "env.py"

    def ini(self, *lines: str) -> Project:
        """Write alembic.ini, unless it says the same already: a worker would take it for another one."""
        told = "\n".join(("[alembic]", "script_location = %(here)s/migrations", "prepend_sys_path = %(here)s", *lines))
        path = self.folder / "alembic.ini"
        if not path.exists() or path.read_text() != f"{told}\n":
            path.write_text(f"{told}\n")
        return self

    def env(
        self,
        before: str = "",
        connected: str = "pass",
        *,
        metadata: str = "None",
        options: dict[str, Any] | None = None,
    ) -> Project:
        """Write an env.py as Alembic's own, with something `before` the engine and something when `connected`."""
        code = textwrap.dedent(ENV).format(
            before=textwrap.dedent(before),
            url=self.url,
            connected=textwrap.indent(textwrap.dedent(connected).strip(), " " * 4).strip(),
            metadata=metadata,
            options=options or {},
        )
        return self.raw_env(code)

    def raw_env(self, code: str) -> Project:
        """Write an env.py."""
        self.env_py.write_text(textwrap.dedent(code).strip() + "\n")
        return self

    def revision(
        self, name: str, down: str | tuple[str, ...] | None, upgrade: str = "pass", downgrade: str = "pass"
    ) -> Path:
        """Write a revision file, in which `op` and `sa` are at hand."""
        path = self.versions / f"{name}.py"
        head = (
            f'"""Do {name}."""\n\n'
            "import sqlalchemy as sa\nfrom alembic import op\n\n"
            f"revision = {name!r}\ndown_revision = {down!r}\nbranch_labels = None\ndepends_on = None\n\n\n"
        )
        up, back = (textwrap.indent(textwrap.dedent(body).strip(), " " * 4) for body in (upgrade, downgrade))
        path.write_text(f"{head}def upgrade():\n{up}\n\n\ndef downgrade():\n{back}\n")
        return path

    def tables(self, count: int = 2) -> Project:
        """Write `count` revisions `r1`, `r2`, … in a row, each of which makes a table `t1`, `t2`, …."""
        for number in range(1, count + 1):
            self.revision(
                f"r{number}",
                f"r{number - 1}" if number > 1 else None,
                f"op.create_table('t{number}', sa.Column('id', sa.Integer, primary_key=True))",
                f"op.drop_table('t{number}')",
            )
        return self

    def workbench(self, **options: Any) -> Workbench:
        """A Workbench on it."""
        return Workbench(self.folder / "alembic.ini", **options)

    def renew(self) -> Project:
        """Make it as `project` makes one, on an empty database: for tests that share a folder and a worker."""
        for path in self.folder.iterdir():  # the folder itself is where the worker lives
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != "alembic.ini":
                path.unlink()
        url = make_url(self.url)
        if url.get_backend_name() == "postgresql":
            schemas = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
            names = ", ".join(name for (name,) in self.execute(schemas))
            self.execute(f"DROP SCHEMA {names} CASCADE", "CREATE SCHEMA public")
        elif url.get_backend_name() == "sqlite":
            for path in Path(str(url.database)).parent.iterdir():
                path.unlink()
        else:
            self.execute(f"DROP DATABASE {url.database}", f"CREATE DATABASE {url.database} CHARACTER SET utf8mb4")
        return self.write()

    def write(self) -> Project:
        """Write what every environment has."""
        self.versions.mkdir(parents=True)
        (self.folder / "migrations" / "script.py.mako").write_text(MAKO)
        return self.ini().env()

    def files(self) -> dict[str, bytes]:
        """Every file in the folder, with what is in it; folders end with a slash."""
        return {
            f"{path.relative_to(self.folder)}{'/' * path.is_dir()}": b"" if path.is_dir() else path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
        }

    def execute(self, *statements: str) -> list[Any]:
        """Execute statements behind everybody's back; gives the rows of the last one."""
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.begin() as connection:
            result = [connection.execute(text(each)) for each in statements][-1]
            return [tuple(row) for row in result] if result.returns_rows else []

    def database(self) -> Any:
        """All that is in the database: of SQLite every byte, None where there is no file; else tables and rows."""
        url = make_url(self.url)
        if url.get_backend_name() == "sqlite":
            path = Path(url.database or "")
            beside = sorted(each.name for each in path.parent.iterdir())
            return (beside, path.read_bytes(), path.stat().st_mtime_ns) if path.exists() else (beside, None, None)
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.connect() as connection:
            look = inspect(connection)
            # MariaDB's schemas are the databases of everybody on the server.
            schemas = look.get_schema_names() if url.get_backend_name() == "postgresql" else [url.database]
            return {
                (schema, table): connection.execute(text(f"SELECT count(*) FROM {schema}.{table}")).scalar()
                for schema in schemas
                for table in ["", *look.get_table_names(schema)]
                if table and schema != "information_schema"
            } | {(schema, ""): None for schema in schemas}


def project(folder: Path, url: str) -> Project:
    """A new environment with an env.py like Alembic's own, and no revisions."""
    return Project(folder, url).write()


def told(error: WorkbenchError, made: Project) -> str:
    """The whole text of an error, with what changes from machine to machine replaced."""
    words = str(error).replace(str(made.folder), "<project>").replace(sys.executable, "<python>")
    words = re.sub(r"sqlite:////\S*/", "sqlite:///<data>/", words)
    return re.sub(r"wbtest_\w+", "<database>", re.sub(r"port \d+", "port <port>", words))
