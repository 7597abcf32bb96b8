"""Turns what a caller gives to a query, be it of pandas or numpy, into values that the worker takes."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from workbench.bridge import plain_values, query_parameters

_OTHERS = (
    bytes, bytearray, memoryview, dt.date, dt.time, dt.timedelta, decimal.Decimal, uuid.UUID,
)  # fmt: skip


def sent(value: Any) -> Any:
    """A value, or a list of values, as the worker takes it; also what pandas and numpy have made.

    Raises:
        UnsupportedRequest: It is nothing that a query can be given.

    """
    if isinstance(value, enum.Enum):
        value = value.value
    if type(value).__module__.partition(".")[0] in {"numpy", "pandas"}:
        value = _without_pandas(value)
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes, bytearray, memoryview, Mapping)):
        return [sent(each) for each in value]
    for kind in (bool, int, float, str):  # also of a class of the caller's own, which the worker does not have
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, dt.datetime):
        value = dt.datetime.fromisoformat(dt.datetime.isoformat(value))
    if value is None or isinstance(value, _OTHERS):
        return plain_values.plain(value)
    raise query_parameters.no_value(type(value).__name__)


def _without_pandas(value: Any) -> Any:
    import pandas as pd  # noqa: PLC0415 - half a second, and only who has it gets here

    if pd.api.types.is_list_like(value):
        return pd.Series(value).tolist()
    if value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime(warn=False)
    return value.to_pytimedelta() if isinstance(value, pd.Timedelta) else _of_one(pd.Series([value]).tolist()[0])


def _of_one(value: Any) -> Any:
    """What a scalar of numpy's was; a date of numpy's is one of pandas' now."""
    return value.to_pydatetime(warn=False) if hasattr(value, "to_pydatetime") else value
