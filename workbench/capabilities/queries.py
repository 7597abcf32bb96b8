"""Queries of one's own, as frames."""

from __future__ import annotations

import datetime as dt
import warnings
from numbers import Real
from typing import TYPE_CHECKING, Any

from workbench.capabilities import query_values
from workbench.errors import RowsCut, UnsupportedRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from workbench.results import Table
    from workbench.worker.answers import Answered
    from workbench.worker.client import Client

_PATIENCE = 30.0
_LONGEST = 1_000_000.0
"""Seconds: what every server takes."""
_LARGEST = 2**63  # what Int64 holds


def ask(
    client: Client, sql: str, values: Mapping[str, Any], limit: int | None, database: str | None, timeout: float
) -> pd.DataFrame:
    """The answer as a frame; a warning says when rows were left out. See `Workbench.query`."""
    if not isinstance(sql, str):
        raise UnsupportedRequest(
            f"A query is a text, and no {type(sql).__name__}.", 'As in wb.query("SELECT count(*) FROM orders").'
        )
    if not sql.strip():
        raise UnsupportedRequest("There is no query.", 'As in wb.query("SELECT count(*) FROM orders").')
    rows: Any = limit
    if rows is not None and (not isinstance(rows, int) or rows < 0):
        raise UnsupportedRequest(f"limit={limit!r} is no number of rows.", "All of them: limit=None.")
    if not isinstance(timeout, Real) or not 0 < timeout <= _LONGEST:
        raise UnsupportedRequest(
            f"timeout={timeout!r} is no time.", f"It is meant in seconds: more than 0, at most {_LONGEST:,.0f}."
        )
    sent = {name: query_values.sent(value) for name, value in values.items()}
    told: Answered = client.call(
        "query", graceful=True, asked=sql, values=sent, limit=limit, timeout=float(timeout), database=database
    )
    made = _frame(told.columns, told.rows if limit is None else told.rows[:limit])
    made.attrs["cut"] = limit is not None and len(told.rows) > limit
    if made.attrs["cut"]:
        words = f"There are more rows: these are the first {limit:,}. All of them: wb.query(…, limit=None)."
        # A notebook shows where a warning comes from. Where this module lies helps nobody, and differs everywhere.
        warnings.warn_explicit(words, RowsCut, "wb.query", 1)
    return made


def first_rows(client: Client, table: Table, count: int) -> pd.DataFrame:
    """The first rows of a table; see `Table.first_rows`."""
    if count < 0:
        raise UnsupportedRequest(f"{count} is no number of rows.", "As in table.first_rows(5).")
    told: Answered = client.call(
        "query", graceful=True, asked=table, values={}, limit=count, timeout=_PATIENCE, database=table.database
    )
    return _frame(told.columns, told.rows[:count])


def _frame(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """The rows with the dtypes that their values allow, also where two columns have one name."""
    import pandas as pd  # noqa: PLC0415 - half a second that only those who want a frame should pay

    # Column by column, and only then named: names may come twice.
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    made = {number: _series(list(values)) for number, values in enumerate(columns)}
    frame = pd.DataFrame(made, index=range(len(rows)), columns=range(len(names)))
    frame.columns = pd.Index(names, dtype=object)
    return frame


def _series(values: list[Any]) -> pd.Series[Any]:
    import pandas as pd  # noqa: PLC0415 - as above

    kinds = {type(each) for each in values if each is not None}
    as_they_are = pd.Series(values, dtype=object)
    if kinds == {dt.datetime}:
        zones = {each.tzinfo is not None for each in values if each is not None}
        return as_they_are if len(zones) > 1 else pd.to_datetime(as_they_are, utc=zones == {True})
    if kinds == {float}:
        return as_they_are.astype("float64")
    if kinds == {bool}:
        return as_they_are.astype("boolean")
    if kinds == {int} and all(each is None or -_LARGEST <= each < _LARGEST for each in values):
        return as_they_are.astype("Int64")
    return as_they_are
