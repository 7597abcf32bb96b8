"""Makes tables, rows and one operation at random, and tells what became of the rows."""

from __future__ import annotations

import datetime as dt
import decimal
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

INTS = ("0", "1", "-1", "7", "127", "128", "255", "-129", "32768", "70000", "2147483648", "9007199254740993")
TEXTS = ("'x'", "'abc'", "'abcd'", "'abc  '", "''", "' 7'", "'12'", "'012'", "'12.7'", "'1.20'", "'1e2'", "'12abc'",
         "'2024-02-03'", "'2024-02-30'", "'2024-02-03 10:11:12'", "'70000'", "'99999999999'", "'ä'", "'{}'", "'Abc'",
         "'true'", "'6ccd780c-baba-1026-9564-5b8c656024db'")  # fmt: skip
DECIMALS = ("0", "1.5", "1.20", "1.2345", "12.5", "-0.5", "999.995", "9999.99", "12345.6", "70000.4", "123456.7891")
FLOATS = ("0", "0.1", "1.5", "2.5", "2.6", "3", "-7.25", "99999.5", "70000", "1e10")
MOMENTS = ("'2024-02-03'", "'2024-02-03 10:11:12'", "'2024-02-03 10:11:12.5'", "'1999-12-31 23:59:59'")
DATES = ("'2024-02-03'", "'1999-12-31'")


@dataclass(frozen=True)
class Type:
    """A type that a column may have."""

    ddl: str
    code: str
    family: str
    values: tuple[str, ...]


def _within(values: tuple[str, ...], low: float, high: float) -> tuple[str, ...]:
    return tuple(each for each in values if low <= float(each) <= high)


_SMALL, _INT = _within(INTS, -(2**15), 2**15 - 1), _within(INTS, -(2**31), 2**31 - 1)
_SHORT = tuple(each for each in TEXTS if len(each) <= 5)
_NARROW = _within(tuple(each for each in DECIMALS if len(each.partition(".")[2]) <= 2), -9999, 9999)
_WIDE = _within(DECIMALS, -99999999, 99999999)

TYPES = {
    "postgresql": (
        Type("SMALLINT", "sa.SmallInteger()", "integer", _SMALL),
        Type("INTEGER", "sa.Integer()", "integer", _INT),
        Type("BIGINT", "sa.BigInteger()", "integer", INTS),
        Type("NUMERIC(6, 2)", "sa.Numeric(6, 2)", "decimal", _NARROW),
        Type("NUMERIC(12, 4)", "sa.Numeric(12, 4)", "decimal", _WIDE),
        Type("NUMERIC", "sa.Numeric()", "decimal", (*DECIMALS, "'NaN'")),
        Type("DOUBLE PRECISION", "sa.Double()", "float", (*FLOATS, "'NaN'", "'Infinity'")),
        Type("REAL", "sa.REAL()", "float", FLOATS),
        Type("VARCHAR(3)", "sa.String(3)", "text", _SHORT),
        Type("VARCHAR(10)", "sa.String(10)", "text", tuple(each for each in TEXTS if len(each) <= 12)),
        Type("TEXT", "sa.Text()", "text", TEXTS),
        Type("CHAR(5)", "sa.CHAR(5)", "text", tuple(each for each in TEXTS if len(each) <= 7)),
        Type("BOOLEAN", "sa.Boolean()", "boolean", ("true", "false")),
        Type("DATE", "sa.Date()", "date", DATES),
        Type("TIMESTAMP", "sa.DateTime()", "datetime", MOMENTS),
        Type("TIMESTAMP(0)", "postgresql.TIMESTAMP(precision=0)", "datetime", MOMENTS),
        Type("TIMESTAMPTZ", "sa.DateTime(timezone=True)", "datetime", MOMENTS),
        Type("TIME", "sa.Time()", "time", ("'10:11:12'", "'10:11:12.5'")),
        Type("UUID", "sa.Uuid()", "uuid", ("'6ccd780c-baba-1026-9564-5b8c656024db'",)),
        Type("JSONB", "postgresql.JSONB()", "json", ("'{}'", "'[1, 2]'")),
        Type("INTEGER[]", "postgresql.ARRAY(sa.Integer())", "array", ("'{}'", "'{1, 70000}'")),
        Type("SMALLINT[]", "postgresql.ARRAY(sa.SmallInteger())", "array", ("'{}'", "'{1, 7}'")),
    ),
    "mariadb": (
        Type("TINYINT", "mysql.TINYINT()", "integer", _within(INTS, -128, 127)),
        Type("INTEGER", "sa.Integer()", "integer", _INT),
        Type("INTEGER UNSIGNED", "mysql.INTEGER(unsigned=True)", "integer", _within(INTS, 0, 2**32 - 1)),
        Type("BIGINT", "sa.BigInteger()", "integer", INTS),
        Type("DECIMAL(6, 2)", "sa.Numeric(6, 2)", "decimal", _NARROW),
        Type("DECIMAL(12, 4)", "sa.Numeric(12, 4)", "decimal", _WIDE),
        Type("DOUBLE", "sa.Double()", "float", FLOATS),
        Type("VARCHAR(3)", "sa.String(3)", "text", _SHORT),
        Type("VARCHAR(40)", "sa.String(40)", "text", TEXTS),
        Type("TINYTEXT", "mysql.TINYTEXT()", "text", (*TEXTS, "repeat('y', 250)")),
        Type("TEXT", "sa.Text()", "text", (*TEXTS, "repeat('y', 300)")),
        Type("DATE", "sa.Date()", "date", DATES),
        Type("DATETIME", "sa.DateTime()", "datetime", (MOMENTS[0], MOMENTS[1], MOMENTS[3])),
        Type("DATETIME(6)", "mysql.DATETIME(fsp=6)", "datetime", MOMENTS),
        Type("ENUM('a', 'b', 'c')", 'sa.Enum("a", "b", "c")', "enum", ("'a'", "'b'", "'c'")),
        Type("ENUM('b', 'a')", 'sa.Enum("b", "a")', "enum", ("'a'", "'b'")),
    ),
    "sqlite": (
        Type("INTEGER", "sa.Integer()", "integer", (*INTS, "'abc'", "2.5")),
        Type("BIGINT", "sa.BigInteger()", "integer", INTS),
        Type("FLOAT", "sa.Float()", "float", FLOATS),
        Type("NUMERIC(6, 2)", "sa.Numeric(6, 2)", "decimal", DECIMALS),
        Type("VARCHAR(3)", "sa.String(3)", "text", TEXTS),
        Type("TEXT", "sa.Text()", "text", TEXTS),
        Type("DATE", "sa.Date()", "date", (*DATES, "'2024'")),
        Type("DATETIME", "sa.DateTime()", "datetime", MOMENTS),
        Type("BOOLEAN", "sa.Boolean()", "boolean", ("0", "1")),
    ),
}
CHECKS = {
    "integer": ("v > 0", "v <> 7", "v IS NOT NULL", "v % 2 = 0 OR v < 100"),
    "decimal": ("v > 1", "v BETWEEN 0 AND 100"),
    "float": ("v > 0", "v < 100000"), "text": ("v LIKE 'a%'", "length(v) > 2", "v IN ('x', 'abc')", "v <> ''"),
    "date": ("v > '2000-01-01'",), "datetime": ("v > '2000-01-01'",), "boolean": ("v IS NOT NULL",),
    "time": ("v IS NOT NULL",), "uuid": ("v IS NOT NULL",), "json": ("v IS NOT NULL",), "array": ("v IS NOT NULL",),
    "enum": ("v <> 'c'",),
}  # fmt: skip


@dataclass(frozen=True)
class Made:
    """A table, its rows, and one operation."""

    setup: tuple[str, ...]
    code: str
    seen: str = ""
    """A query of what may be lost: (id, value); empty where nothing can be."""
    before: tuple[str, ...] = ()


@st.composite
def made(draw: st.DrawFn, dialect: str) -> Made:
    """One table with a column v, a column w that leads to p, and one operation."""
    types = TYPES[dialect]
    old = draw(st.sampled_from(types))
    values = draw(st.lists(st.one_of(st.sampled_from(old.values), st.just("NULL")), max_size=4))
    parents = draw(st.lists(st.sampled_from(("1", "2", "3", "NULL")), min_size=len(values), max_size=len(values)))
    rows = ", ".join(
        f"({number}, {value}, {parent})" for number, (value, parent) in enumerate(zip(values, parents, strict=True), 1)
    )
    null = "NOT NULL" if "NULL" not in values and draw(st.booleans()) else "NULL"
    setup = (
        "CREATE TABLE p (id INTEGER PRIMARY KEY)",
        "INSERT INTO p VALUES (1), (2)",
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, v {old.ddl} {null}, w INTEGER)",
        *([f"INSERT INTO t VALUES {rows}"] if rows else []),
    )
    kind = draw(st.sampled_from(("type", "type", "type", "type", "null", "unique", "fk", "check", "drop", "add")))
    before = draw(st.sampled_from(_BEFORE[dialect]))
    if kind == "type":
        return _type(draw, dialect, old, setup, null)
    table, existing = _Writer(dialect), f"existing_type={old.code}"
    seen = ""
    if kind == "null":
        code = table(f'alter_column("v", {existing}, nullable=False)')
        seen = "SELECT id, v FROM t ORDER BY id"
    elif kind == "unique":
        code = table(f'create_unique_constraint("uq", {draw(st.sampled_from((["v"], ["v", "w"], ["w"])))!r})'
                     .replace("'", '"'))  # fmt: skip
    elif kind == "fk":
        code = table('create_foreign_key("fk", "p", ["w"], ["id"])')
    elif kind == "check":
        code = table(f'create_check_constraint("ck", {draw(st.sampled_from(CHECKS[old.family]))!r})')
    elif kind == "drop":
        code = draw(st.sampled_from(('op.drop_table("t")', 'op.drop_column("t", "v")')))
        seen = "SELECT id, v FROM t WHERE v IS NOT NULL" if "column" in code else "SELECT id, w FROM t"
    else:
        options = draw(st.sampled_from(("nullable=False", "nullable=True", 'nullable=False, server_default="5"',
                                        'unique=True, server_default="5"')))  # fmt: skip
        if dialect == "sqlite" and "unique" in options:
            options = "nullable=False"
        code = f'op.add_column("t", sa.Column("n", sa.Integer(), {options}))'
    return Made(setup, code, seen, before if kind in {"null", "fk"} else ())


_BEFORE = {
    "postgresql": ((),),
    "mariadb": ((), ("SET SESSION sql_mode=''",)),
    "sqlite": ((), ("PRAGMA foreign_keys=ON",)),
}


@dataclass(frozen=True)
class _Writer:
    """An operation on the table t as code."""

    dialect: str

    def __call__(self, call: str) -> str:
        if self.dialect == "sqlite":
            return f'with op.batch_alter_table("t") as b:\n    b.{call}'
        name, _, rest = call.partition("(")
        if name == "alter_column":
            return f'op.{name}("t", {rest}'
        first, _, others = rest.partition(", ")
        return f'op.{name}({first}, "t", {others}'


def _type(draw: st.DrawFn, dialect: str, old: Type, setup: tuple[str, ...], null: str) -> Made:
    others = [each for each in TYPES[dialect] if each is not old and _is_sensible(dialect, old, each)]
    # Most pairs are refused whatever the rows are; those that rows decide are worth more.
    close = [each for each in others if any({old.family, each.family} <= group for group in _GROUPS)]
    is_close: int = draw(st.integers(0, 4))
    new: Type = draw(st.sampled_from(close if close and is_close else others))
    nullable = "" if dialect == "postgresql" else f", existing_nullable={null == 'NULL'}"
    using = ""
    if dialect == "postgresql" and old.family == "text" and new.family != "array" and draw(st.booleans()):
        using = f', postgresql_using="v::{new.ddl.lower()}"'
    call = f'alter_column("v", existing_type={old.code}, type_={new.code}{nullable}{using})'
    return Made(setup, _Writer(dialect)(call), _seen(dialect, old, new))


_GROUPS = ({"integer", "decimal", "float"}, {"date", "datetime", "time"}, {"text"}, {"enum", "text"}, {"array"})


def _is_sensible(dialect: str, old: Type, new: Type) -> bool:
    """MariaDB makes a date of any number and a number of any label; nobody asks for it, and only it knows how."""
    kinds = {"date": 1, "datetime": 1, "enum": 2, "text": 0}
    return (
        dialect != "mariadb"
        or new.family == "text"
        or old.family == "text"
        or (kinds.get(old.family, 3) == kinds.get(new.family, 3))
    )


def _seen(dialect: str, old: Type, new: Type) -> str:
    """What to look at before and after; empty where it is a matter of taste whether something is lost."""
    back = {"postgresql": _seen_postgresql, "mariadb": _seen_mariadb}.get(dialect, lambda _old, _new: "v")(old, new)
    return f"SELECT id, {back} FROM t ORDER BY id" if back else ""


def _seen_postgresql(old: Type, new: Type) -> str:
    pair = old.family, new.family
    if pair == ("text", "text"):
        return "v::text"
    if old.family == "text":
        return {"integer": "btrim(v::text)", "decimal": "v::text::numeric", "date": "v::text::timestamp"}.get(
            new.family, "")  # fmt: skip
    if pair == ("datetime", "time"):
        return "v::text"
    return "" if old.family in {"json", "array"} else f"v::{old.ddl}"


def _seen_mariadb(old: Type, new: Type) -> str:
    numbers = {"integer", "decimal", "float"}
    number = "cast(trim(concat(v)) as decimal(40, 10))"
    if {old.family, new.family} <= numbers or (old.family in numbers and new.family == "text"):
        return number
    if old.family == "text" and new.family in {"text", "integer"}:
        return "trim(concat(v))" if new.family == "integer" else "concat(v)"
    if old.family == "text" and new.family == "decimal":
        return number
    if {old.family, new.family} <= {"date", "datetime"} or (old.family, new.family) == ("text", "date"):
        return "cast(v as datetime(6))"
    return "concat(v)" if old.family == "enum" and new.family in {"enum", "text"} else ""


def same(before: Any, after: Any) -> bool:
    """Whether a value is still what it was, as number or as text."""
    if before == after or (before != before and after != after):  # noqa: PLR0124 - NaN
        return True
    if isinstance(before, (int, float, decimal.Decimal)) and isinstance(after, str):
        try:
            return float(after) == float(before)
        except ValueError:
            return False
    if isinstance(before, str) and isinstance(after, (int, float)):
        return str(after) == before
    if isinstance(before, dt.timedelta) or isinstance(after, dt.timedelta):
        return str(before) == str(after)
    return False
