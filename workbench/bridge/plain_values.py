"""Makes plain values of what a driver gives, such as both sides of the pipe know."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from typing import Any

_PLAIN = {type(None), bool, int, float, str, bytes, dt.date, dt.time, dt.timedelta, decimal.Decimal, uuid.UUID}


def plain(value: Any) -> Any:
    """`value` as something that both sides of the pipe know; what is nothing of the kind as its text."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, dt.datetime):
        offset = value.utcoffset()
        return value if offset is None else value.replace(tzinfo=dt.timezone(offset))
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    if type(value) in {list, tuple}:
        return [plain(each) for each in value]
    if type(value) is dict:
        return {str(name): plain(each) for name, each in value.items()}
    return str(value)


def is_at_an_end(value: Any) -> bool:
    """It is, or a list has, the first or last date that Python knows: some drivers give that for infinity."""
    if type(value) is list:
        return any(is_at_an_end(each) for each in value)
    if isinstance(value, dt.datetime):
        value = value.date()
    return isinstance(value, dt.date) and value in {dt.date.min, dt.date.max}
