"""Digests of the rows of every table, so that a way there and back can say which vanished, changed or appeared.

A row becomes four bytes a column, kept by a digest of its primary key: a hundredth of the rows themselves. Values that
differ have the same four bytes once in four thousand million times.
"""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from workbench.bridge.quoting import quote_of
from workbench.bridge.sequence_positions import HOME
from workbench.errors import WorkbenchError
from workbench.results import RowsChanged
from workbench.results.definitions import dotted
from workbench.results.objects import Table
from workbench.text import plural

LIMIT = 1_000_000
"""Rows, of all tables together, that are compared one by one; of the tables beyond that only the number is."""
_AT_ONCE = 2_000
_WIDTH = 4

Look = Callable[[], None]
"""Called between two batches of rows; raises to end it."""


@dataclass(frozen=True)
class Shape:
    """A table, as far as its rows need to be told apart."""

    schema: str
    """As the statements have to name it; empty where they need not."""
    name: str
    shown: str
    """`schema.table`, or `table` alone in the default schema."""
    columns: tuple[str, ...]
    key: tuple[str, ...]
    """The primary key; empty if there is none."""


@dataclass
class Digests:
    """The rows of one table."""

    shape: Shape
    count: int
    rows: dict[bytes, bytes] | None = None
    """By primary key; None without one, and where rows are only counted."""
    often: Counter[bytes] | None = None
    """Without a primary key how often each row is there."""

    @property
    def is_compared(self) -> bool:
        """Its rows were read one by one."""
        return self.rows is not None or self.often is not None


def read(connection: Any, tables: Iterable[Table], look: Look) -> tuple[dict[str, Digests], tuple[str, ...]]:
    """The digests of every table, by `schema.table`, and remarks on those that are only counted."""
    left = LIMIT
    told: dict[str, Digests] = {}
    counted: list[str] = []
    unread: list[str] = []
    sizes = [(shape, _count(connection, shape)) for shape in _shapes(connection, tables)]
    for shape, count in sorted(sizes, key=lambda each: each[1]):  # one huge table must not leave the others out
        look()
        told[shape.shown] = Digests(shape, count)
        if count <= left:
            left -= count
            try:
                _read(connection, told[shape.shown], look)
            except WorkbenchError:
                raise
            except Exception as error:
                if connection.dialect.name == "postgresql":
                    raise  # after an error it answers nothing more in this transaction
                unread.append(f"{shape.shown} ({type(error).__name__})")  # SQLite: text that is no UTF-8, say
        else:
            counted.append(f"{shape.shown} ({plural(count, 'row')})")
    whys = (("Too large to compare row by row", counted), ("Rows that the driver cannot read", unread))
    return told, tuple(f"{why}, and only counted: {', '.join(sorted(names))}." for why, names in whys if names)


def compare(before: dict[str, Digests], after: dict[str, Digests], database: str) -> tuple[RowsChanged, ...]:
    """The tables whose rows are not as they were. Columns that are not on both sides are not compared."""
    changed = []
    for name, then in sorted(before.items()):
        now = after.get(name) or Digests(then.shape, 0, {}, Counter())
        found = _compared(database, name, then, now)
        if found is not None:
            changed.append(found)
    return tuple(changed)


def _shapes(connection: Any, tables: Iterable[Table]) -> Iterator[Shape]:
    home = HOME if connection.dialect.name == "postgresql" else ""
    for each in tables:
        columns = tuple(column.name for column in each.columns)
        shown = dotted(each.schema, each.name)
        yield Shape(each.schema or home, each.name, shown, columns, each.primary_key)


def _compared(database: str, name: str, then: Digests, now: Digests) -> RowsChanged | None:
    common = [each for each in then.shape.columns if each in now.shape.columns]
    places = [(then.shape.columns.index(each), now.shape.columns.index(each)) for each in common]
    columns: set[int] = set()
    changed = 0
    if then.rows is not None and now.rows is not None and then.shape.key == now.shape.key:
        vanished = 0
        for key, row in then.rows.items():
            other = now.rows.get(key)
            if other is None:
                vanished += 1
            elif row != other or then.shape.columns != now.shape.columns:
                differing = {i for i, (a, b) in enumerate(places) if _cell(row, a) != _cell(other, b)}
                changed += bool(differing)
                columns |= differing
        appeared = len(now.rows) - (len(then.rows) - vanished)
    elif then.is_compared and now.is_compared:
        was, is_ = _multiset(then, [a for a, _ in places]), _multiset(now, [b for _, b in places])
        vanished, appeared = (was - is_).total(), (is_ - was).total()
    else:
        vanished, appeared = max(then.count - now.count, 0), max(now.count - then.count, 0)
    if not (vanished or changed or appeared):
        return None
    where = tuple(common[i] for i in sorted(columns))
    return RowsChanged(database, name, then.count, now.count, vanished, changed, appeared, where)


def _multiset(side: Digests, indices: list[int]) -> Counter[bytes]:
    told: Counter[bytes] = Counter()
    items = side.often.items() if side.often is not None else ((row, 1) for row in (side.rows or {}).values())
    for row, count in items:
        told[b"".join(_cell(row, i) for i in indices)] += count
    return told


def _cell(row: bytes, index: int) -> bytes:
    return row[index * _WIDTH : (index + 1) * _WIDTH]


def _read(connection: Any, digests: Digests, look: Look) -> None:
    shape = digests.shape
    keyed: dict[bytes, bytes] = {}
    often: Counter[bytes] = Counter()
    places = [shape.columns.index(each) for each in shape.key]
    crc, width = zlib.crc32, _WIDTH
    for row in _stream(connection, shape, look):
        cells = [repr(value).encode("utf-8", "backslashreplace") for value in row]
        digest = b"".join([crc(cell).to_bytes(width, "big") for cell in cells])
        if places:
            key = b"\0".join([cells[i] for i in places])
            keyed[hashlib.blake2b(key, digest_size=12).digest()] = digest
        else:
            often[digest] += 1
    digests.rows, digests.often = (keyed, None) if places else (None, often)


def _stream(connection: Any, shape: Shape, look: Look) -> Iterator[Any]:
    quote = quote_of(connection.dialect, always=True)
    # As text on PostgreSQL: drivers refuse some values that are stored there (a date of infinity).
    cast = "::text" if connection.dialect.name == "postgresql" else ""
    columns = ", ".join(quote(each) + cast for each in shape.columns)
    if not columns:
        return
    asked = _plain(f"SELECT {columns} FROM {_from(connection, shape)}")  # noqa: S608 - quoted names
    result = connection.execute(asked.execution_options(stream_results=True))
    while batch := result.fetchmany(_AT_ONCE):
        look()
        yield from batch


def _count(connection: Any, shape: Shape) -> int:
    return int(connection.execute(_plain(f"SELECT count(*) FROM {_from(connection, shape)}")).scalar() or 0)  # noqa: S608


def _from(connection: Any, shape: Shape) -> str:
    quote = quote_of(connection.dialect, always=True)
    return ".".join(quote(each) for each in (shape.schema, shape.name) if each)


def _plain(sql: str) -> Any:
    return text(sql.replace(":", "\\:"))  # no part of it is a parameter
