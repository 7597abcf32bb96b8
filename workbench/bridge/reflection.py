"""Remembers what was reflected of a live schema, for as long as the database's own catalogue is the same."""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Callable, Iterator
from typing import Any

from alembic.util import sqla_compat
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData

from workbench.bridge.catalogue.fingerprints import fingerprint

Memory = dict[str, "tuple[str, dict[Any, bytes]]"]
"""For each database: the fingerprint of its catalogue, and the pickled entries of Alembic's own reflection cache."""

_REMEMBERED = "alembic_"  # what compare/util.py of Alembic ≥ 1.18 reads in bulk; older ones have no such entries


class Recalled(dict[Any, Any]):
    """An Inspector's `info_cache` that begins with what is remembered and notes what is added.

    Entries are pickled as they come: building Tables calls the project's `column_reflect` events, which may
    change them.
    """

    def __init__(self, entries: dict[Any, bytes]) -> None:
        super().__init__({key: pickle.loads(value) for key, value in entries.items()})  # noqa: S301 - our own bytes
        self.entries = dict(entries)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        if isinstance(key, str) and key.startswith(_REMEMBERED):
            try:
                self.entries[key] = pickle.dumps(value, protocol=4)
            except Exception:  # noqa: BLE001 - a type of the project's that cannot travel is reflected each time
                self.entries.pop(key, None)


def recall(memory: Memory, name: str, connection: Any, inspector: Any) -> tuple[str | None, Recalled]:
    """Give `inspector` what is remembered of this very schema."""
    mark = fingerprint(connection)
    known = memory.get(name)
    recalled = Recalled(known[1] if known is not None and mark is not None and known[0] == mark else {})
    inspector.info_cache = recalled
    return mark, recalled


@contextlib.contextmanager
def queries_recalled(recalled: Recalled, column: Callable[[str], str] = str) -> Iterator[None]:
    """Remember also what Alembic itself asks while it reflects: on PostgreSQL, who owns each sequence.

    With a thousand SERIAL columns these queries, one a column, take as long as all the rest of a comparison.
    `column` gives the name that a column is to have in the answers, where a rename is pretended.
    """
    original = getattr(sqla_compat, "_exec_on_inspector", None)
    if original is None:
        yield
        return

    def execute(inspector: Any, statement: Any, **parameters: Any) -> Any:
        if "seqname" in parameters:
            # Alembic takes it out of a literal and leaves its apostrophes doubled: then there is no such sequence.
            parameters["seqname"] = parameters["seqname"].replace("''", "'")
        key = f"{_REMEMBERED}query: {statement} {sorted(parameters.items())}"
        if key not in recalled:
            result = original(inspector, statement, **parameters)
            rows = [tuple(column(each) if isinstance(each, str) else each for each in row) for row in result]
            recalled[key] = list(result.keys()), rows
        names, rows = recalled[key]
        return IteratorResult(SimpleResultMetaData(names), iter(rows))

    sqla_compat._exec_on_inspector = execute
    try:
        yield
    finally:
        sqla_compat._exec_on_inspector = original


def keep(memory: Memory, name: str, mark: str | None, recalled: Recalled) -> None:
    """Remember what `inspector` has learnt, for the next comparison."""
    if mark is not None:
        memory[name] = (mark, recalled.entries)
