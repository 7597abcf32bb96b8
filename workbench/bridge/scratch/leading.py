"""Leads a connection that is being opened to the scratch database, and sees that it came out there."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from collections.abc import Collection
from typing import Any

from workbench.bridge.scratch import places
from workbench.bridge.scratch.databases import ScratchDatabase, by_itself
from workbench.bridge.scratch.server_wide import is_server_wide
from workbench.errors import ScratchRefused

Scratches = dict[places.LiveIdentity, ScratchDatabase]

_STRING = re.compile(r"'(?:[^'\\]|\\.|'')*'", re.DOTALL)


class Opening:
    """A connection that is being opened: the driver's arguments, which others may still change."""

    def __init__(self, dialect: Any, arguments: list[Any], keywords: dict[str, Any]) -> None:
        self.dialect, self.arguments, self.keywords = dialect, arguments, keywords
        self.asked = list(arguments), dict(keywords)
        self.scratch: ScratchDatabase | None = None

    def lead(self, scratches: Scratches) -> None:
        """Change the arguments, so that they lead to the scratch database.

        Raises:
            ScratchRefused: There is none for the database that they lead to.

        """
        live = places.identity(self.dialect, *self.asked)
        self.scratch = scratches.get(live)
        if self.scratch is None:
            raise ScratchRefused(
                f"env.py connects to {os.path.basename(live.database) or 'a database'}, which has no scratch database.",
                "A rehearsal stays away from every database but those that env.py gives to context.configure().",
            )
        self.arguments[:], led = places.led(self.dialect, *self.asked, self.scratch.name, self.scratch.url)
        self.keywords.clear()
        self.keywords.update(led)

    def used(self) -> tuple[Any, list[Any], dict[str, Any]]:
        """What the driver was given. Of SQLite what was asked for: a file that is not there is not opened.

        Before SQLAlchemy 2.1 the arguments are the engine's own, so what was changed is put back.
        """
        used = list(self.arguments), dict(self.keywords)
        if self.scratch is not None or self.dialect.name == "sqlite":
            self.arguments[:] = self.asked[0]
            self.keywords.clear()
            self.keywords.update(self.asked[1])
        return self.dialect, *(self.asked if self.dialect.name == "sqlite" else used)


def check_arrival(connection: Any, to: ScratchDatabase | None, scratches: Collection[ScratchDatabase]) -> None:
    """Close a driver's connection that is not on the scratch database, before anything is executed on it.

    Args:
        connection: It may have been led anywhere: env.py may have made it by itself.
        to: Where it was led; None if it was not.
        scratches: Where it may be, if it was not led.

    Raises:
        ScratchRefused: It is somewhere else.

    """
    where = places.ask(connection, to.live.dialect if to is not None else None)
    if where is None or where not in {each.mark for each in ([to] if to is not None else scratches)}:
        with contextlib.suppress(Exception):
            connection.close()
        raise by_itself("the database")
    raw = connection if isinstance(connection, sqlite3.Connection) else None
    if raw is not None:
        raw.set_authorizer(_attach_nothing)
    elif to is not None and to.dialect == "sqlite" and hasattr(connection, "run_async"):
        connection.run_async(lambda raw: raw.set_authorizer(_attach_nothing))


def check_connection(info: dict[str, Any]) -> None:
    """Refuse a connection that was opened before anybody was led, and kept: a module of the project's may hold one.

    Raises:
        ScratchRefused: It leads to a live database.

    """
    if info.get("workbench_scratch") is None:
        raise ScratchRefused(
            "The project keeps a connection open that was made before the rehearsal began, so it leads to a live "
            "database. What it was given was not executed.",
            "Open connections where they are used, not when a module is imported; in a revision use op.get_bind().",
        )


def check_statement(statement: str, scratches: Collection[ScratchDatabase]) -> None:
    """Refuse a statement that would leave the scratch database for the live one.

    Raises:
        ScratchRefused: It names the live database, which is on the same server, or acts on the whole server.

    """
    for each in scratches:
        if each.shares_server and is_server_wide(statement, each.dialect):
            raise ScratchRefused(
                "A statement changes roles, settings or databases of the whole server, so it would act on the live "
                "one too. It was not executed.",
                "Rehearse on another server: Workbench(scratch_url='…'); or do this outside the revisions.",
                (("statement", statement),),
            )
        if each.elsewhere is not None and each.elsewhere.search(_STRING.sub("''", statement)):
            raise ScratchRefused(
                f"A statement names the live database {each.live.database} itself, so it would leave the scratch "
                "database for it.",
                "Leave the database's name out of the statement (schema=, or the prefix in op.execute()).",
                (("statement", statement),),
            )


def _attach_nothing(action: int, name: str | None, *_: Any) -> int:
    # VACUUM attaches a file without a name. Any other may be a live one.
    leads_away = action == sqlite3.SQLITE_ATTACH and name not in {"", ":memory:"}
    return sqlite3.SQLITE_DENY if leads_away else sqlite3.SQLITE_OK
