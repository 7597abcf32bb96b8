"""Expressions in Python that give a row its value: compiled, computed row by row, and judged."""

from __future__ import annotations

import datetime as dt
import decimal
import inspect
import textwrap
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from workbench.bridge.query_parameters import postgresql_literal
from workbench.capabilities.backfills_needs import UNIQUE, Need
from workbench.errors import UnsupportedRequest
from workbench.results import Table
from workbench.results.backfills import Filled

FAILED = "\0"
"""Begins the problem of a row on which the expression itself fails."""
_AT_ONCE = 200
_PLAIN = (bool, int, float, str, decimal.Decimal, dt.date, dt.time, uuid.UUID)


def compiled(text: str) -> tuple[Callable[[Mapping[str, Any]], Any], str]:
    """A callable of an expression in which the names of columns stand for their values; and the text.

    Raises:
        UnsupportedRequest: It is no expression.

    """
    try:
        code = compile(text, "<expression>", "eval")
    except (SyntaxError, ValueError) as error:
        raise UnsupportedRequest(
            f"This is no expression of Python's: {getattr(error, 'msg', None) or error}.",
            "Write one without statements: name.lower(), row['name'] or 'none'.",
        ) from error
    return lambda row: eval(code, {"row": row, **row}), text  # noqa: S307 - the author's own expression, in the author's kernel


def source(compute: Callable[[Mapping[str, Any]], Any]) -> str:
    """The text of a function that was defined with `def`; empty where it cannot be had."""
    try:
        told = textwrap.dedent(inspect.getsource(compute))
    except (OSError, TypeError):
        return ""
    return told if told.startswith("def ") else ""


def filled(
    rows: Sequence[Mapping[str, Any]], compute: Callable[[Mapping[str, Any]], Any], keys: Sequence[str], old: str | None
) -> list[Filled]:
    """Each row with its new value; with FAILED and the words of the error where there is none."""
    found = []
    for row in rows:
        key = tuple(row[each] for each in keys)
        before = None if old is None else row[old]
        try:
            found.append(Filled(key, before, compute(row)))
        except Exception as error:  # noqa: BLE001 - whatever it raises is the answer
            words = f"{type(error).__name__}: {error}".removesuffix(": ")
            found.append(Filled(key, before, None, f"{FAILED}{words}"))
    return found


def judged(
    rows: Sequence[Filled], needs: Sequence[Need], model: Table, column: str, dialect: str,
    refused: Callable[[Need, Sequence[str]], set[int]],
) -> list[Filled]:  # fmt: skip
    """The rows with what is wrong with their new values, the database being asked what only it knows."""
    del model, column
    told = [
        each if each.problem or each.new is None or isinstance(each.new, _PLAIN)
        else replace(each, problem=f"is a {type(each.new).__name__}")
        for each in rows
    ]  # fmt: skip
    for need in needs:
        if need.words == "NOT NULL":
            told = [
                replace(each, problem=need.problem) if not each.problem and each.new is None else each for each in told
            ]
            continue
        if need.words == UNIQUE:
            counts = Counter(each.new for each in told if not each.problem)
            told = [
                replace(each, problem=need.problem)
                if not each.problem and each.new is not None and counts[each.new] > 1
                else each
                for each in told
            ]
        asked = [at for at, each in enumerate(told) if not each.problem and each.new is not None]
        for begin in range(0, len(asked), _AT_ONCE):
            some = asked[begin : begin + _AT_ONCE]
            for at in refused(need, [literal(told[each].new, dialect) for each in some]):
                told[some[at]] = replace(told[some[at]], problem=need.problem)
    return told


def literal(value: Any, dialect: str) -> str:
    """A value as SQL."""
    if dialect == "postgresql":
        return postgresql_literal(value)
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (int, float, decimal.Decimal)):
        return str(value)
    text = str(value).replace("'", "''")
    return "'" + (text if dialect == "sqlite" else text.replace("\\", "\\\\")) + "'"
