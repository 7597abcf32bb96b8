"""Proposals for the native enums of PostgreSQL, whose values Alembic's comparison does not look at."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from alembic.operations import ops
from sqlalchemy.exc import SQLAlchemyError

from workbench.bridge.authoring.operations import CodeOp
from workbench.bridge.authoring.proposing import Proposal, Told
from workbench.bridge.live import harmless
from workbench.bridge.losses import MOST
from workbench.bridge.quoting import quote_of, text_code
from workbench.bridge.values import Code, EnumType, User
from workbench.results import Destroyed
from workbench.results.definitions import dotted

Ticks = Iterable["tuple[str, bool]"]
_LABEL = re.compile(r"^'((?:[^']|'')*)'::")


def proposals(
    enums: Iterable[EnumType],
    found: list[Proposal],
    ticks: Ticks,
    dialect: Any,
    made_by_tables: Collection[tuple[str | None, str]] = (),
) -> tuple[list[Proposal], list[Proposal]]:
    """What comes before everything else, and what after it: a type is there as long as something uses it.

    Args:
        enums: That differ.
        found: The other proposals.
        ticks: Pairs of (pattern, whether it is wanted).
        dialect: PostgreSQL's.
        made_by_tables: The (schema, name) of those that come with a table by themselves.

    """
    first: list[Proposal] = []
    last: list[Proposal] = []
    for each in enums:
        writer = _Writer(each, dialect)
        if each.before is None:
            first.append(writer.added(alone=(each.schema, each.name) not in made_by_tables))
        elif each.after is None:
            removed = _removed(writer, found, ticks)
            last += [] if removed is None else [removed]
        else:
            first += writer.changed(list(ticks))
    return first, last


def _removed(writer: _Writer, found: list[Proposal], ticks: Ticks) -> Proposal | None:
    """The end of a type, if all that uses it may go; wanted if all of that is."""
    leaving = [_leaving(user, found) for user in writer.enum.users]
    if None in leaving:
        return None
    proposal = writer.removed()
    proposal.wanted = bool(leaving) and all(each.is_wanted(ticks) for each in leaving if each is not None)
    return proposal


def _leaving(user: User, found: list[Proposal]) -> Proposal | None:
    """The proposal by which a column has that type no longer."""
    place = user.schema, user.table
    for each in found:
        for op in each.up:
            if isinstance(op, ops.DropTableOp) and (op.schema, op.table_name) == place:
                return each
            if (
                isinstance(op, (ops.DropColumnOp, ops.AlterColumnOp))
                and (op.schema, op.table_name, op.column_name) == (*place, user.column)
                and not (isinstance(op, ops.AlterColumnOp) and op.modify_type is None)
            ):
                return each
    return None


def in_the_way(enums: Iterable[EnumType], connection: Any, database: str) -> dict[str, Destroyed]:
    """By key of a proposal the rows that have a value which goes; of a type that several columns have, the first."""
    found: dict[str, Destroyed] = {}
    for each in enums:
        gone = [value for value in each.before or () if value not in (each.after or each.before or ())]
        key = f"modify_enum {dotted(each.schema, each.name)}"
        for user in each.users if gone else ():
            table = sa.table(user.table, sa.column(user.column), schema=user.schema)
            has = sa.cast(table.c[user.column], sa.Text).in_(gone)
            some = sa.select(sa.literal(1)).select_from(table).where(has).limit(MOST + 1).subquery()
            with contextlib.suppress(SQLAlchemyError), harmless(connection):
                count = connection.execute(sa.select(sa.func.count()).select_from(some)).scalar()
                if count:
                    rows = min(count, MOST)
                    found.setdefault(
                        key,
                        Destroyed(database, key, user.schema or "", user.table, user.column, rows, count > MOST),
                    )
    return found


class _Writer:
    """Writes the statements about one type."""

    def __init__(self, enum: EnumType, dialect: Any) -> None:
        self.enum = enum
        self._quote = quote_of(dialect)
        self.name = self._named(enum.schema, enum.name)

    def added(self, *, alone: bool) -> Proposal:
        return self._proposal(
            f"add_enum {self._key()}",
            Told(self._key(), None, _shown(self.enum.after)),
            [self._created(self.enum.after or ())] if alone else [],
            [f"DROP TYPE {self.name}"],
        )

    def removed(self) -> Proposal:
        return self._proposal(
            f"remove_enum {self._key()}",
            Told(self._key(), _shown(self.enum.before), None),
            [f"DROP TYPE {self.name}"],
            [self._created(self.enum.before or ())],
        )

    def changed(self, ticks: list[tuple[str, bool]]) -> list[Proposal]:
        """One for each value that comes; and one for all that takes the type to be made anew."""
        before, after = self.enum.before or (), self.enum.after or ()
        current = list(before)
        made: list[Proposal] = []
        for value in (each for each in after if each not in before):
            beside = _beside(value, after, current)
            made.append(self._value_added(value, beside))
            if made[-1].is_wanted(ticks):
                word, other = beside or ("AFTER", current[-1])
                current.insert(current.index(other) + (word == "AFTER"), value)
        wanted = [each for each in made if each.is_wanted(ticks)]
        left_out = {each.told.name for each in made if each.told is not None and each not in wanted}
        target = tuple(each for each in after if each not in left_out)
        anew = None
        if tuple(current) != target:
            anew = self._made_anew(before, target)
            made.append(anew)
        if anew is not None and anew.is_wanted(ticks):
            for each in wanted:  # all at once is one look at the rows
                each.up, each.down = [], []
        elif wanted:
            self._taken_back(wanted, before)
        return made

    # -- inside ---------------------------------------------------------------------------------------------------

    def _value_added(self, value: str, beside: tuple[str, str] | None) -> Proposal:
        where = f" {beside[0]} {_literal(beside[1])}" if beside else ""
        sql = f"ALTER TYPE {self.name} ADD VALUE IF NOT EXISTS {_literal(value)}{where}"
        key = f"add_enum_value {dotted(self.enum.schema, self.enum.name, value)}"
        proposal = Proposal(key, "add_enum_value", self.enum.schema, self.enum.name, is_whole=True)
        proposal.told = Told(value, None, _literal(value), sql)
        self._codes(proposal, ("with op.get_context().autocommit_block():", f"    {_execute(sql)}"), ())
        return proposal

    def _taken_back(self, added: list[Proposal], before: tuple[str, ...]) -> None:
        """The way back of all of them stands at the first, which is undone last."""
        names = ", ".join(_literal(each.told.name) for each in added if each.told is not None)
        first = added[0]
        lines = [
            f"# This fails while a row has {names}: give it another value first.",
            *map(_execute, self._anew(before)),
        ]
        self._codes(first, first.up[0].code.upgrade, tuple(lines))

    def _made_anew(self, before: tuple[str, ...], target: tuple[str, ...]) -> Proposal:
        gone = [each for each in before if each not in target]
        moved = []
        if gone and self.enum.instead:
            listed = ", ".join(map(_literal, gone))
            for user in self.enum.users:
                table, column = self._named(user.schema, user.table), self._quote(user.column)
                moved.append(f"UPDATE {table} SET {column} = {self.enum.instead} WHERE {column}::text IN ({listed})")  # noqa: S608 - the author writes it
        come = [each for each in target if each not in before]
        key = f"modify_enum {self._key()}"
        proposal = self._proposal(key, Told(self._key(), _shown(before), _shown(target)), [], [])
        up: list[str] = []
        instead_is_new = bool(come) and bool(moved)
        if gone and not moved:
            up.append(f"# This fails while a row has {', '.join(map(_literal, gone))}.")
        if instead_is_new:  # the value may be one that comes: both are there while rows change
            up += map(_execute, self._anew((*before, *come)))
        up += map(_execute, [*moved, *self._anew(target)])
        down = [_execute(each) for each in self._anew(before)]
        notes = []
        if gone:
            notes.append(f"# Which rows had {', '.join(map(_literal, gone))} is not known any more.")
        if come:
            notes.append(f"# This fails while a row has {', '.join(map(_literal, come))}: give it another value first.")
        self._codes(proposal, tuple(up), (*notes, *down))
        proposal.told = Told(self._key(), _shown(before), _shown(target), ";\n".join([*moved, *self._anew(target)]))
        return proposal

    def _anew(self, values: tuple[str, ...]) -> list[str]:
        """The type under its name with these values, and every column that uses it."""
        old = self._named(self.enum.schema, f"{self.enum.name}_old"[:63])
        lines = [f"ALTER TYPE {self.name} RENAME TO {old.rpartition('.')[2]}", self._created(values)]
        for user in self.enum.users:
            at = f"ALTER TABLE {self._named(user.schema, user.table)} ALTER COLUMN {self._quote(user.column)}"
            array = "[]" if user.is_array else ""
            if user.default is not None:
                lines.append(f"{at} DROP DEFAULT")
            cast = f"{self._quote(user.column)}::text{array}::{self.name}{array}"
            lines.append(f"{at} TYPE {self.name}{array} USING {cast}")
            if user.default is not None and _is_left(user.default, values):
                lines.append(f"{at} SET DEFAULT {user.default}")
        return [*lines, f"DROP TYPE {old}"]

    def _created(self, values: Iterable[str]) -> str:
        return f"CREATE TYPE {self.name} AS ENUM ({', '.join(map(_literal, values))})"

    def _proposal(self, key: str, told: Told, up: list[str], down: list[str]) -> Proposal:
        proposal = Proposal(key, key.partition(" ")[0], self.enum.schema, self.enum.name, is_whole=True)
        proposal.told = Told(told.name, told.before, told.after, ";\n".join(up))
        self._codes(proposal, tuple(map(_execute, up)), tuple(map(_execute, down)))
        return proposal

    @staticmethod
    def _codes(proposal: Proposal, up: tuple[str, ...], down: tuple[str, ...]) -> None:
        op = CodeOp(Code(proposal.key, up, down))
        proposal.up, proposal.down = [op], [op.reverse()]

    def _key(self) -> str:
        return dotted(self.enum.schema, self.enum.name)

    def _named(self, schema: str | None, name: str) -> str:
        return ".".join(self._quote(each) for each in (schema, name) if each)


def _beside(value: str, after: tuple[str, ...], current: list[str]) -> tuple[str, str] | None:
    """Where a value comes among those that are there: behind the one before it, else before the one behind it."""
    at = after.index(value)
    before = next((each for each in reversed(after[:at]) if each in current), None)
    behind = next((each for each in after[at + 1 :] if each in current), None)
    if before is not None:
        return None if current[-1] == before else ("AFTER", before)
    return ("BEFORE", behind) if behind is not None else None


def _is_left(default: str, values: tuple[str, ...]) -> bool:
    found = _LABEL.match(default)
    return found is None or found[1].replace("''", "'") in values


def _shown(values: tuple[str, ...] | None) -> str | None:
    return None if values is None else ", ".join(map(_literal, values))


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _execute(sql: str) -> str:
    return f"op.execute({text_code(sql)})"
