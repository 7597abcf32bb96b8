"""Which database an answer speaks of, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.results.base import Result
from workbench.text import short_id


@dataclass(frozen=True, repr=False)
class Database(Result):
    """One database that env.py configured. An env.py of several (multidb, tenants) makes several of these."""

    name: str
    """What people call it: env.py's own name for it (multidb's `engine_name`), else the database's or file's name.

    With the schema behind a dot (`shop.north`) where the version table, or env.py's default schema, has one of its own.
    """
    url: str
    """Its URL without the password; a SQLite path as env.py wrote it."""
    dialect: str
    """`sqlite`, `postgresql`, `mysql` or `mariadb`."""
    server: str
    """The server's version, such as `15.19`; SQLite's library version."""
    heads: tuple[str, ...]
    """The revisions in its version table, sorted; empty is base."""
    version_table: str = "alembic_version"
    """The version table, with its schema where it has one."""
    host: str = ""
    """The server's host (`localhost`), empty for a SQLite file."""
    transactional_ddl: bool = False
    """Whether a failed revision is rolled back as a whole here."""

    @property
    def place(self) -> str:
        """`bookshop on localhost (postgresql 15.19)`: what a dangerous button has to say."""
        where = f" on {self.host}" if self.host else ""
        return f"{self.name}{where} ({f'{self.dialect} {self.server}'.rstrip()})"  # offline there is no server

    def __repr__(self) -> str:
        at = ", ".join(short_id(head) for head in self.heads) or "base"
        return f"Database({self.name}, {self.dialect}, at {at})"
