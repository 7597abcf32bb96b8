"""Scratch databases on MariaDB and MySQL: made beside the live one, or the one that `scratch_url` names."""

# ruff: noqa: S608 - names from the catalogue, quoted

from __future__ import annotations

import contextlib
import hashlib
import re
from typing import Any

from workbench.bridge.scratch import databases, mysql_copy, places
from workbench.bridge.scratch.admin import Admin
from workbench.bridge.scratch.databases import MARKER, Order, ScratchDatabase
from workbench.bridge.scratch.mysql_copy import literal, name_of
from workbench.errors import ScratchRefused

_LONG = 2147483  # seconds that the keeper may be silent; Windows takes no more
_TABLE_NEXT = (
    r"(?:FROM|JOIN|INTO|UPDATE|TABLE|EXISTS|REFERENCES|VIEW|TRIGGER|LIKE|TO|IGNORE|(?:INDEX|TRIGGER)\s+\S+.*?\sON)"
)


def size_of(connection: Any) -> tuple[int, int]:
    """Bytes and rows as the statistics have them."""
    row = connection.exec_driver_sql(
        "SELECT coalesce(sum(data_length + index_length), 0), coalesce(sum(table_rows), 0) "
        "FROM information_schema.tables WHERE table_schema = database()"
    ).first()
    return int(row[0]), int(row[1])


def make(order: Order) -> ScratchDatabase:
    """See `scratch.make`."""
    admin = Admin(order.dialect, order.arguments, order.keywords)
    try:
        live = admin.value("SELECT database()")
        if not live:
            raise ScratchRefused("env.py names no database in its URL.", "Name it: mysql+pymysql://user@host/database.")
        made = _in_url(order, admin) if order.url is not None else _created(order, admin)
        try:
            made.elsewhere = _elsewhere(str(live), made.name, admin)
            if order.copies:
                to = places.led(order.dialect, order.arguments, order.keywords, made.name, made.url)
                mysql_copy.fill(made, order, str(live), to)
        except BaseException:
            made.drop()
            raise
        return made
    finally:
        admin.close()


def sweep(dialect: Any, arguments: list[Any], keywords: dict[str, Any]) -> list[str]:
    """Drop scratch databases whose lock nobody holds; returns their names."""
    dropped = []
    admin = Admin(dialect, arguments, keywords)
    try:
        for (name,) in admin.run("SHOW DATABASES LIKE 'workbench\\_scratch\\_%'"):
            if not databases.is_ours(str(name)) or databases.is_fresh(str(name)):
                continue
            if not admin.value(f"SELECT GET_LOCK({literal(_lock(str(name)))}, 0)"):
                continue
            with contextlib.suppress(Exception):  # somebody else's
                used = f"SELECT 1 FROM information_schema.processlist WHERE db = {literal(name)}"
                if not admin.value(used):
                    admin.run(f"DROP DATABASE {name}")
                    dropped.append(str(name))
            admin.value(f"SELECT RELEASE_LOCK({literal(_lock(str(name)))})")
    finally:
        admin.close()
    return dropped


def _created(order: Order, admin: Admin) -> ScratchDatabase:
    order.progress("creating the scratch database", 0, 1)
    ((charset, collation),) = admin.run("SELECT @@character_set_database, @@collation_database")
    # The lock comes first: a database whose lock is free is nobody's.
    keeper = _keeping(Admin(order.dialect, order.arguments, order.keywords), order.name)
    if keeper is None:  # pragma: no cover - eight random digits
        raise ScratchRefused(f"{order.name} is taken.", "Try again.")
    name = order.name
    try:
        keeper.run(f"CREATE DATABASE {name} CHARACTER SET {charset} COLLATE {collation}")
        keeper.run(f"USE {name}")
        mark = keeper.which()
    except Exception as error:
        keeper.close()
        raise databases.denied(error, "the server") from error

    def undo() -> None:
        with contextlib.suppress(Exception):  # the server has gone: the next run sweeps
            _alone(keeper, name)
            keeper.run(f"DROP DATABASE IF EXISTS {name}")
        keeper.close()

    return ScratchDatabase(name, order.dialect_name, order.live, "replay", mark=mark, _undo=undo)


def _keeping(keeper: Admin, name: str) -> Admin | None:
    """The connection with the lock of a scratch database; None, and closed, if somebody else has it."""
    try:
        keeper.run(f"SET SESSION wait_timeout = {_LONG}, lock_wait_timeout = 10")
        if keeper.value(f"SELECT GET_LOCK({literal(_lock(name))}, 0)"):
            return keeper
    except BaseException:
        keeper.close()
        raise
    keeper.close()
    return None


def _lock(name: str) -> str:
    return f"workbench {hashlib.sha256(name.encode()).hexdigest()[:32]}"


def _alone(keeper: Admin, name: str) -> None:
    """End the connections that env.py has left open on it: their locks would keep it from being dropped."""
    others = keeper.run(
        f"SELECT id FROM information_schema.processlist WHERE db = {literal(name)} AND id <> connection_id()"
    )
    for (number,) in others:
        with contextlib.suppress(Exception):  # it has just ended
            keeper.run(f"KILL {int(number)}")


# -- the database that scratch_url names ------------------------------------------------------------------------------


def _in_url(order: Order, admin: Admin) -> ScratchDatabase:
    name = str(order.url.database or "")
    opened = Admin(order.dialect, *places.led(order.dialect, order.arguments, order.keywords, name, order.url))
    mark = opened.which()
    if not name or mark == admin.which():
        opened.close()
        raise ScratchRefused("scratch_url= names the live database itself.", "Name another database, which is empty.")
    keeper = _keeping(opened, name)
    if keeper is None:
        raise ScratchRefused(
            f"{name}, which scratch_url= names, is in use by another rehearsal.",
            "Wait for it, or name another database.",
        )
    try:
        if order.copies and mark[1:] != admin.which()[1:]:
            raise ScratchRefused(  # noqa: TRY301 - the keeper is closed below
                "scratch_url= names a database on another server, and rows are copied within one server only.",
                "Name a database on the live one's server; or replay the history from base.",
            )
        if keeper.value(_tables(name)) or keeper.value(_routines(name, "<>")) or keeper.value(_events(name)):
            if keeper.value(_routines(name, "=")):
                which = name_of(name)
                raise databases.cut_off(name, f"DROP DATABASE {which} and CREATE DATABASE {which}")  # noqa: TRY301
            raise ScratchRefused(  # noqa: TRY301 - the keeper is closed below
                f"{name}, which scratch_url= names, is not empty.",
                "Name an empty database: everything in it goes at the end of a rehearsal.",
            )
        with contextlib.suppress(Exception):  # without CREATE ROUTINE a crash is not recognised
            keeper.run(f"CREATE PROCEDURE {MARKER}() COMMENT 'alembic-workbench: scratch' BEGIN END")
    except BaseException:
        keeper.close()
        raise

    def undo() -> None:
        with contextlib.suppress(Exception):
            _alone(keeper, name)
            _empty(keeper, name)
        keeper.close()

    made = ScratchDatabase(name, order.dialect_name, order.live, "replay", mark=mark, url=order.url, _undo=undo)
    made.shares_server = mark[1:] == admin.which()[1:]
    return made


def _tables(name: str) -> str:
    return f"SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = {literal(name)}"


def _routines(name: str, marker: str) -> str:
    return (
        "SELECT routine_name, routine_type FROM information_schema.routines WHERE routine_schema = "
        f"{literal(name)} AND routine_name {marker} '{MARKER}'"
    )


def _events(name: str) -> str:
    return f"SELECT event_name FROM information_schema.events WHERE event_schema = {literal(name)}"


def _empty(keeper: Admin, name: str) -> None:
    """Take everything out; the marker last, so that what is left is known for ours."""
    keeper.run("SET SESSION foreign_key_checks = 0")
    for (each,) in keeper.run(_events(name)):  # first: they run by themselves
        keeper.run(f"DROP EVENT {name_of(name)}.{name_of(each)}")
    for each, kind in keeper.run(_tables(name)):
        what = kind if kind in {"VIEW", "SEQUENCE"} else "TABLE"
        keeper.run(f"DROP {what} IF EXISTS {name_of(name)}.{name_of(each)}")
    for each, kind in keeper.run(_routines(name, "<>")):
        keeper.run(f"DROP {kind} {name_of(name)}.{name_of(each)}")
    keeper.run(f"DROP PROCEDURE IF EXISTS {name_of(name)}.{MARKER}")
    keeper.run("SET SESSION foreign_key_checks = 1")


def _elsewhere(live: str, name: str, admin: Admin) -> re.Pattern[str] | None:
    """What a statement looks like that names the live database: every database of a server can be reached.

    Where a table has the database's own name, `shop.id` is a column of it, so only places where a table is named count.
    """
    if live == name:
        return None
    tables = {str(row[0]).lower() for row in admin.run(_tables(live))}
    word = rf"(?:`{re.escape(live)}`|(?<![\w$`.@]){re.escape(live)}(?![\w$`]))"
    places = rf"(?:\b{_TABLE_NEXT}[\s(]+|,\s*)" if live.lower() in tables else ""
    three = rf"|{word}\s*\.\s*[\w$`]+\s*\.\s*[\w$`*]" if places else ""
    use = rf"\A\s*USE\s+(?!`?{re.escape(name)}\b)"
    return re.compile(rf"{use}|{places}{word}\s*\.\s*[\w$`]{three}", re.IGNORECASE | re.DOTALL)
