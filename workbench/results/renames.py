"""Renames that may be meant where something is gone and something else has come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from workbench.results.base import Result, frame
from workbench.results.definitions import dotted

if TYPE_CHECKING:
    import pandas as pd

Renamed = Literal["table", "column", "index", "constraint", "enum value"]
"""What can have another name."""
KINDS: tuple[Renamed, ...] = ("table", "column", "index", "constraint", "enum value")
"""In the order in which they are told."""
_COLUMNS = ("database", "kind", "schema", "table", "gone", "come", "score", "reasons", "against")


@dataclass(frozen=True, repr=False)
class RenameCandidate(Result):
    """One pair of names that may stand for one thing: nothing is decided by it."""

    kind: Renamed
    schema: str | None
    """None for the default one."""
    table: str
    """The table that it belongs to, by the name that it will have; of an enum value the enum. Empty for a table."""
    gone: str
    """The name that is no longer there."""
    come: str
    """The name that is new."""
    score: float
    """From 0 to 1, rounded to two digits: how likely it is, as far as can be told. No measured probability."""
    reasons: tuple[str, ...] = ()
    """What speaks for it, the weightiest first: `same type and default`, `names share 'name'`."""
    against: tuple[str, ...] = ()
    """What speaks against it, the weightiest first: `the new column is NOT NULL, 12 rows are NULL`."""
    database: str = ""
    """The name of the database; it tells several of one env.py apart."""
    old_table: str = ""
    """The table's present name, where it is likely to be renamed as well."""

    @property
    def key(self) -> str:
        """What it is called in `Draft.decisions["renames"]`: `column customer.nickname`, `value order_status.sent`."""
        names = (self.gone,) if self.kind == "table" else (self.table, self.gone)
        kind = "value" if self.kind == "enum value" else self.kind
        return f"{kind} {dotted(self.schema, *names)}"

    def __repr__(self) -> str:
        return f"RenameCandidate({self.key} -> {self.come}, {self.score:.2f})"


def frame_of(candidates: Iterable[RenameCandidate]) -> pd.DataFrame:
    """One row a candidate, in their order.

    Columns: database, kind (str), schema (str or None), table, gone, come (str), score (float64, 0 to 1),
    reasons, against (tuple of str).
    """
    rows = [{name: getattr(each, name) for name in _COLUMNS} for each in candidates]
    return frame(rows, dict.fromkeys(_COLUMNS, "object") | {"score": "float64"})
