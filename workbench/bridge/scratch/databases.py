"""Scratch databases: made beside a live one, led to instead of it, dropped at the end, swept up after a crash."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy.engine.url import make_url

from workbench.bridge.environments import Part
from workbench.bridge.scratch.places import LiveIdentity, identity, kind
from workbench.errors import ScratchRefused, WorkbenchError

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""

SAMPLE = 1000
"""How many rows of each table a sample has at the most."""
FRESH = 60
"""Seconds in which another process may still be making a scratch database that nobody holds yet."""
_NAME = re.compile(r"workbench_scratch_([0-9a-f]{8})[0-9a-f]{8}(?:_\d+)?")  # with a number: a copy of one
MARKER = "workbench_scratch"
"""What marks the database of `scratch_url` while it is in use: a schema on PostgreSQL, a procedure on MariaDB."""


class Copies(Protocol):
    """Copies of a scratch database, as it stood at some points."""

    def keep(self, number: int) -> bool:
        """Copy what is there now; False if that cannot be: somebody is connected to it, or the copies get too large."""

    def restore(self, number: int, *, last: bool) -> bool:
        """Put the copy in its place, the copy itself if it is the last time; False if it cannot be done."""

    def forget(self, number: int) -> None:
        """Drop a copy, if there is one."""


@dataclass
class ScratchDatabase:
    """One scratch database that stands in for one live one."""

    name: str
    """Its name; of SQLite the file's path."""
    dialect: str
    """`sqlite`, `postgresql`, `mysql` or `mariadb`."""
    live: LiveIdentity
    """The database that it stands in for."""
    way: str
    """How it was filled, in a few words; see `results.rehearsals.Scratch`."""
    rows: int = 0
    size: int = 0
    notes: tuple[str, ...] = ()
    """What could not be copied, and why."""
    mark: tuple[str, ...] = ()
    """What the database answers when it is asked which one it is; see `places.ask`."""
    url: Any = None
    """Where `scratch_url` leads, None for a database on the live one's own server."""
    shares_server: bool = True
    """It is on the live one's server, so that what acts on the whole server acts on the live one."""
    elsewhere: re.Pattern[str] | None = None
    """A statement that matches would leave the scratch database for the live one, on the same server."""
    paused: tuple[str, ...] = ()
    """The events of MariaDB and MySQL that are enabled in the live database, and would run in this one, too."""
    copies: Copies | None = field(default=None, repr=False)
    """What can copy it on its server, and put it back; None where nothing can."""
    _undo: Callable[[], None] | None = field(default=None, repr=False)

    def drop(self) -> None:
        """Drop it, or empty it where `scratch_url` named it. A second call does nothing."""
        undo, self._undo = self._undo, None
        if undo is not None:
            undo()


@dataclass
class Order:
    """What is to be made, and from what: the arguments of `make`, and how the live connection was opened."""

    part: Part
    data: str
    filled: str
    progress: Progress
    live: LiveIdentity
    dialect: Any
    arguments: list[Any]
    keywords: dict[str, Any]
    url: Any
    name: str

    @property
    def dialect_name(self) -> str:
        """`sqlite`, `postgresql`, `mysql` or `mariadb`."""
        return "mariadb" if getattr(self.part.context.dialect, "is_mariadb", False) else kind(self.dialect)

    @property
    def copies(self) -> bool:
        """The schema is copied, and not made by the revisions."""
        return self.filled == "copy"

    @property
    def version_table(self) -> tuple[str, str]:
        """Schema (empty for the default one) and name of the version table."""
        return self.part.context.version_table_schema or "", self.part.context.version_table


def new_name() -> str:
    """A name that nobody else has; the time of its making is in it."""
    return f"workbench_scratch_{int(time.time()):08x}{secrets.token_hex(4)}"


def is_ours(name: str) -> bool:
    """The name is one of `new_name`."""
    return _NAME.fullmatch(name) is not None


def is_fresh(name: str) -> bool:
    """It was named so recently that its maker may not hold it yet."""
    found = _NAME.fullmatch(name)
    return found is None or abs(time.time() - int(found[1], 16)) < FRESH


def live_of(part: Part) -> LiveIdentity:
    """What identifies the live database of this part; parts with the same one share a scratch database.

    Raises:
        ScratchRefused: env.py opens its connection by itself.

    """
    dialect, arguments, keywords = _opened(part)
    return identity(dialect, arguments, keywords)


def size_of(part: Part) -> tuple[int, int]:
    """Bytes and estimated rows of the live database of this part.

    Raises:
        ScratchRefused: There are no scratch databases for this dialect.

    """
    answer: tuple[int, int] = _side(kind(part.context.dialect)).size_of(part.context.connection)
    return answer


def make(part: Part, *, data: str, filled: str, scratch_url: str | None, progress: Progress) -> ScratchDatabase:
    """Make and fill a scratch database for the live one of this part, while env.py holds its connection.

    Args:
        part: The live database.
        data: `full`, `sample` or `none`: which rows are copied. Those of the version table always are.
        filled: `copy`, or `replay` for an empty one that the revisions will fill.
        scratch_url: An empty database to use, where none may be created.
        progress: Told what is being done.

    Returns:
        The scratch database; whoever asked for it drops it.

    Raises:
        ScratchRefused: It cannot be had. Nothing is left of it.

    """
    dialect, arguments, keywords = _opened(part)
    url = make_url(scratch_url) if scratch_url else None
    if url is not None and url.get_backend_name().replace("mariadb", "mysql") != kind(dialect):
        raise ScratchRefused(
            f"scratch_url= names a {url.get_backend_name()} database, and {part.name} is a {dialect.name} one.",
            "A rehearsal needs the same kind of database as the live one.",
        )
    live = identity(dialect, arguments, keywords)
    order = Order(part, data, filled, progress, live, dialect, arguments, keywords, url, new_name())
    try:
        made: ScratchDatabase = _side(live.dialect).make(order)
    except (WorkbenchError, KeyboardInterrupt, SystemExit):
        raise
    except Exception as error:
        raise ScratchRefused(
            f"No scratch database could be made for {part.name}: {error}",
            "Name an empty database in scratch_url=, or leave rows out with data='sample' or data='none'.",
        ) from error
    return made


def sweep(part: Part) -> list[str]:
    """Drop what crashed runs have left on this server and in the cache folder, and nothing else.

    Returns:
        The names that were dropped.

    """
    from workbench.bridge.scratch import sqlite  # noqa: PLC0415 - they import from here

    dropped = sqlite.sweep()
    dialect, arguments, keywords = _opened(part)
    if kind(dialect) != "sqlite":
        dropped += _side(kind(dialect)).sweep(dialect, arguments, keywords)
    return dropped


def folder() -> str:
    """Our own cache folder for scratch files, made if it is not there; nobody else may look into it."""
    base = os.environ.get("LOCALAPPDATA") if os.name == "nt" else os.environ.get("XDG_CACHE_HOME")
    path = os.path.join(base or os.path.expanduser("~/.cache"), "alembic-workbench", "scratch")
    os.makedirs(path, mode=0o700, exist_ok=True)
    return path


def denied(error: BaseException, what: str) -> ScratchRefused:
    """The error of an account that may not make databases."""
    return ScratchRefused(
        f"A scratch database cannot be made: {what} refused it ({str(error).strip()}).",
        "Make an empty database by hand and name it: Workbench(scratch_url='…'); or let this account create databases.",
    )


def _side(name: str) -> Any:
    from workbench.bridge.scratch import mysql, postgresql, sqlite  # noqa: PLC0415 - they import from here

    sides = {"sqlite": sqlite, "postgresql": postgresql, "mysql": mysql}
    if name not in sides:
        raise ScratchRefused(
            f"There are no scratch databases for {name}.",
            "Rehearse on SQLite, PostgreSQL, MySQL or MariaDB.",
        )
    return sides[name]


def _opened(part: Part) -> tuple[Any, list[Any], dict[str, Any]]:
    connection: Any = part.context.connection
    opened = connection.info.get("workbench_opened")
    if opened is None or opened[2].get("async_creator_fn"):
        raise by_itself(part.name)
    dialect, arguments, keywords = opened
    return dialect, list(arguments), dict(keywords)


def cut_off(name: str, way: str) -> ScratchRefused:
    """The error of a database of `scratch_url` that a crash has left full; `way` says how to empty it.

    It is never emptied unasked: since the crash, somebody may have put something of their own there.
    """
    return ScratchRefused(
        f"{name}, which scratch_url= names, is not empty: a rehearsal in it was cut off, and what it left is still "
        "there, perhaps beside something of somebody else's.",
        f"Look at what is in it. If nothing of that is needed, {way}; or name another one that is empty.",
    )


def by_itself(name: str) -> ScratchRefused:
    """The error of an env.py that cannot be led elsewhere."""
    return ScratchRefused(
        f"env.py opens its connection to {name} by itself (creator=), so it cannot be led to a scratch database.",
        "Give create_engine() the URL and its connect_args in place of creator=; or listen to SQLAlchemy's do_connect "
        "event, which may change them.",
    )
