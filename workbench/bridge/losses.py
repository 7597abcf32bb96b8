"""Finds the data that steps would destroy, and counts it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from workbench.bridge.live import Live, harmless
from workbench.bridge.timeouts import Timeouts
from workbench.results.effects import Destroyed, Effect

_PATIENCE = Timeouts(lock=1.0)
"""How long to wait, to count its rows, for a table that somebody has locked."""
MOST = 1_000_000
"""Rows of a table are counted up to here."""
LOOKED_AT = 5_000_000
"""Of so many rows of a table the values of a column are counted."""


def destroyed(
    connection: Any, database: str, steps: Iterable[tuple[str, tuple[Effect, ...]]], version_table: str
) -> tuple[Destroyed, ...]:
    """The tables and columns with data in them that these steps drop, in their order.

    Args:
        connection: To the live database.
        database: Its name.
        steps: Of each, the revision and what it does.
        version_table: Alembic's own, which is none of it.

    """
    live = Live(connection)
    found = [each for each in _dropped(live, database, steps) if each.table.casefold() != version_table.casefold()]
    whole = {(each.schema, each.table.casefold()) for each in found if not each.column}
    if found:
        with contextlib.suppress(sa.exc.SQLAlchemyError), harmless(connection):  # a plan is worth having without them
            _PATIENCE.ask_with(connection)
    counted = (
        _counted(connection, live, each)
        for each in found
        if not each.column or (each.schema, each.table.casefold()) not in whole
    )
    return tuple(each for each in counted if each.rows != 0)


def select(live: Live, schema: str, table: str, columns: Iterable[str], as_text: frozenset[str] = frozenset()) -> Any:
    """The rows of a live table, as the driver gives them: no type of the project's comes in between.

    Those columns that are in `as_text` are asked for as the database itself writes them.
    """
    named: list[Any] = [sa.column(each) for each in columns]
    told = [sa.cast(each, sa.Text).label(each.name) if each.name in as_text else each for each in named]
    return sa.select(*told).select_from(sa.table(table, *named, schema=live.schema(schema)))


def _dropped(  # noqa: C901 - tables and columns, dropped and renamed
    live: Live, database: str, steps: Iterable[tuple[str, tuple[Effect, ...]]]
) -> list[Destroyed]:
    """What is dropped of what is live now, by the names that it has now."""
    names: dict[tuple[str, str], tuple[str, str] | None] = {}  # what is called so in the course of the steps
    columns: dict[tuple[str, str, str], str | None] = {}
    found: dict[tuple[str, str, str], Destroyed] = {}
    for revision, effects in steps:
        for each in effects:
            key = (each.schema, each.table.casefold())
            now = names.get(key, (each.schema, each.table))
            if each.kind in {"table", "rows"}:
                if each.does == "drops" and now is not None and live.has_table(*now):
                    found.setdefault((*now, ""), Destroyed(database, revision, *now))
                if each.new_name:
                    names[each.schema, each.new_name.casefold()] = now
                if each.kind == "table":
                    names[key] = None
            elif each.kind == "column" and now is not None:
                place = (*key, each.name.casefold())
                column = columns.get(place, each.name)
                is_live = column is not None and live.has_table(*now) and column.casefold() in live.columns(*now)
                if each.does == "drops" and is_live:
                    found.setdefault((*now, column or ""), Destroyed(database, revision, *now, column or ""))
                if each.new_name:
                    columns[(*key, each.new_name.casefold())] = column
                if each.does == "makes" or each.new_name or each.does == "drops":
                    columns[place] = None
    return list(found.values())


def _counted(connection: Any, live: Live, lost: Destroyed) -> Destroyed:
    name = lost.column
    if name:
        some = select(live, lost.schema, lost.table, [name]).limit(LOOKED_AT).subquery()
        query = sa.select(sa.func.count(), sa.func.count(some.c[name])).select_from(some)
    else:
        one = sa.select(sa.literal(1).label("one")).select_from(sa.table(lost.table, schema=live.schema(lost.schema)))
        query = sa.select(sa.func.count(), sa.func.count()).select_from(one.limit(MOST + 1).subquery())
    try:
        with harmless(connection):
            looked_at, rows = (int(each) for each in connection.execute(query).one())
    except sa.exc.SQLAlchemyError:
        return replace(lost, rows=None)
    if name:
        return replace(lost, rows=rows, at_least=looked_at >= LOOKED_AT)
    return replace(lost, rows=min(rows, MOST), at_least=rows > MOST)
