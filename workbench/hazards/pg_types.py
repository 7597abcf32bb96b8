"""PostgreSQL: what a new column, and another type of a column, cost: nothing, a scan, an index, or all of it anew."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Literal

from workbench.hazards.late import Token, TokenType, exp, sqlglot
from workbench.hazards.situation import Situation
from workbench.hazards.types import Kind, kind, same
from workbench.results import Column, Table
from workbench.results.operations import ColumnSpec, Operation

VOLATILE = frozenset(
    {
        "clock_timestamp", "random", "gen_random_uuid", "nextval", "timeofday", "uuidv7", "uuidv4", "uuid_generate_v1",
        "uuid_generate_v1mc", "uuid_generate_v4", "setseed", "random_normal", "setval", "currval", "lastval",
        "pg_sleep", "gen_salt", "gen_random_bytes",
    }
)  # fmt: skip
"""Functions that give another value for each row, known also where no database was asked."""
_UTC = {"utc", "etc/utc", "zulu", "etc/zulu", "gmt", "etc/gmt", "uct", "etc/uct", "universal", "etc/universal"}
_COERCIBLE = {("cidr", "inet"), ("xml", "text"), ("citext", "text"), ("text", "citext"), ("varchar", "citext")}
_SERIAL = re.compile(r"(?:big|small)?serial[248]?", re.IGNORECASE)
_FREE = {"varchar", "text"}
_MOST = 6
"""Digits of a second, where none are said."""

Cost = Literal["", "rewrite"]


def functions(expression: str) -> tuple[str, ...]:
    """The names of the functions that an expression calls, in small letters."""
    tokens = _tokens(expression)
    return tuple(
        name.text.lower()
        for name, after in itertools.pairwise(tokens)
        if after.token_type == TokenType.L_PAREN and re.fullmatch(r"\w+", name.text)
        and name.token_type not in {TokenType.STRING, TokenType.NUMBER}
    )  # fmt: skip


def mentions(expression: str, name: str) -> bool:
    """Whether an expression names this column."""
    return any(
        each.text == name or (each.token_type != TokenType.IDENTIFIER and each.text.lower() == name)
        for each in _tokens(expression)
        if each.token_type != TokenType.STRING
    )


def why_rewritten(column: ColumnSpec, op: Operation, now: Situation) -> str:
    """Why adding this column writes all rows anew, as the end of a sentence; empty if it does not."""
    if column.identity:
        return "an identity gives each row a value"
    if column.autoincrement or _SERIAL.fullmatch(column.type.strip()):
        return "SERIAL gives each row a value"
    if column.computed is not None:
        return "the value of a stored generated column is written to each row" if is_stored(column, op, now) else ""
    if column.default is not None:
        if not now.at_least(11):
            return "before PostgreSQL 11 a default is written to each row"
        varying = [each for each in functions(column.default) if each in VOLATILE or each in now.facts.volatile]
        if varying:
            return f"the default {varying[0]}() gives each row another value"
    domain = constrained_domain(column.type, now)
    return f"the domain {domain} has a constraint, which each row has to meet" if domain else ""


def is_stored(column: ColumnSpec, op: Operation, now: Situation) -> bool:
    """Whether a generated column is STORED: always before PostgreSQL 18."""
    if op.source == "sql":
        return not any(re.search(r"\bVIRTUAL\b", each, re.IGNORECASE) for each in op.sql)
    return column.persisted is True or (column.persisted is None and not now.at_least(18))


def constrained_domain(name: str, now: Situation) -> str:
    """The name of the live domain with a constraint that this type is; empty if it is none."""
    bare = name.rpartition(".")[2].strip('"').lower()
    for each in now.schema.others if now.schema is not None else ():
        if each.kind == "domain" and each.name.lower() == bare and re.search(r"\bCHECK\b|NOT NULL", each.definition):
            return each.name
    return ""


def type_change(old: str, new: str, using: str, now: Situation) -> Cost:  # noqa: PLR0911 - a table of cases
    """What it costs to give a column of type `old` the type `new`: `rewrite`, or nothing.

    What is not known is a rewrite: PostgreSQL leaves rows as they are only where it can prove that they stay so.
    """
    before, after = kind(old, "postgresql"), kind(new, "postgresql")
    if using and not _is_plain_cast(using, after):
        return "rewrite"
    if same(before, after) or (before.family == after.family == "other" and before.name.lower() == after.name.lower()):
        return ""
    if (before.name.lower(), after.name.lower()) in _COERCIBLE and after.length is None:
        return ""
    if before.family == after.family == "text" and {before.name, after.name} <= _FREE:
        longer = after.length is None or (before.length is not None and before.length <= after.length)
        return "" if longer else "rewrite"
    if before.family == after.family == "decimal":
        return _decimal(before, after)
    if before.family == after.family and before.family in {"time", "datetime", "interval"}:
        return _moment(before, after, now)
    return "rewrite"


def changes(column: Column, new: ColumnSpec, *, of_key: bool = False) -> bool:
    """Whether the type, or the collation, is another one than now.

    Args:
        column: As it is live.
        new: What it becomes.
        of_key: Only whether values may compare otherwise: a longer varchar is none.

    """
    before, after = kind(column.type, "postgresql"), kind(new.type, "postgresql")
    if of_key and before.family == after.family == "text" and {before.name, after.name} <= _FREE:
        return False
    return not same(before, after) or (bool(new.collation) and new.collation != (column.collation or ""))


def rebuilt_indexes(table: Table, column: Column, new: ColumnSpec, now: Situation) -> tuple[str, ...]:
    """The indexes that are built anew when the type changes and the table is not written anew."""
    old = kind(column.type, now.dialect)
    zone_changes = old.family == "datetime" and bool(new.type) and kind(new.type, now.dialect).timezone != old.timezone
    everywhere = zone_changes or (bool(new.collation) and new.collation != (column.collation or ""))
    found = []
    for each in table.indexes:
        inside = [one for one in each.expressions if one != column.name and mentions(one, column.name)]
        condition = each.where is not None and mentions(each.where, column.name)
        if inside or condition or (everywhere and column.name in each.expressions):
            found.append(each.name)
    if everywhere:
        found += [each.name for each in table.constraints if each.kind in {"primary key", "unique"}
                  and column.name in each.columns]  # fmt: skip
    return tuple(found)


def proves_not_null(check: str, column: str) -> bool:
    """Whether the condition of a CHECK says `column IS NOT NULL`, alone or joined by AND."""
    try:
        told = sqlglot.parse_one(check, read="postgres")
    except sqlglot.errors.SqlglotError:
        return False
    return any(_says_not_null(each, column) for each in _joined(told))


def _joined(node: exp.Expr) -> Iterator[exp.Expr]:
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.And):
        yield from _joined(node.this)
        yield from _joined(node.expression)
    else:
        yield node


def _says_not_null(node: exp.Expr, column: str) -> bool:
    if not isinstance(node, exp.Is) or not node.args.get("negate") or not isinstance(node.expression, exp.Null):
        return False
    told = node.this
    while isinstance(told, exp.Paren):
        told = told.this
    if not isinstance(told, exp.Column):
        return False
    name = told.this
    return bool(name.this == column or (not name.args.get("quoted") and name.this.lower() == column))


def _is_plain_cast(using: str, after: Kind) -> bool:
    try:
        told = sqlglot.parse_one(using, read="postgres")
    except sqlglot.errors.SqlglotError:
        return False
    while isinstance(told, exp.Paren):
        told = told.this
    if isinstance(told, exp.Cast) and isinstance(told.this, (exp.Column, exp.Paren)):
        return same(kind(told.to.sql(dialect="postgres"), "postgresql"), after)
    return isinstance(told, exp.Column)


def _decimal(before: Kind, after: Kind) -> Cost:
    if after.precision is None:
        return ""
    if before.precision is None:
        return "rewrite"
    return "" if after.scale == before.scale and after.precision >= before.precision else "rewrite"


def _moment(before: Kind, after: Kind, now: Situation) -> Cost:
    def digits(each: Kind) -> int:
        return _MOST if each.precision is None else each.precision

    if digits(after) < digits(before) or before.name != after.name:
        return "rewrite"
    if before.timezone == after.timezone:
        return ""
    zone = now.facts.setting("TimeZone").lower()
    return "" if before.family == "datetime" and zone in _UTC and now.at_least(12) else "rewrite"


def _tokens(text: str) -> list[Token]:
    try:
        return list(sqlglot.tokenize(text, read="postgres"))
    except sqlglot.errors.SqlglotError:
        return []
