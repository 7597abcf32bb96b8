"""Types as SQLAlchemy and the servers' catalogues write them become the same values, and tell what they hold."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from workbench.hazards.types import Kind, affinity, fits, kind, same

PAIRS = [
    ("postgresql", "VARCHAR(40)", "character varying(40)", Kind("text", "varchar", length=40)),
    ("postgresql", "TEXT", "text", Kind("text", "text")),
    ("postgresql", "CHAR(5)", "character(5)", Kind("text", "char", length=5)),
    ("postgresql", "INTEGER", "int4", Kind("integer", "integer", bits=32)),
    ("postgresql", "BIGSERIAL", "bigint", Kind("integer", "bigint", bits=64)),
    ("postgresql", "NUMERIC(12, 2)", "numeric(12,2)", Kind("decimal", "numeric", precision=12, scale=2)),
    ("postgresql", "NUMERIC", "numeric", Kind("decimal", "numeric")),
    ("postgresql", "FLOAT", "double precision", Kind("float", "double", bits=64)),
    ("postgresql", "FLOAT(24)", "real", Kind("float", "real", bits=32)),
    ("postgresql", "TIMESTAMP WITHOUT TIME ZONE", "timestamp", Kind("datetime", "timestamp")),
    ("postgresql", "TIMESTAMP(3) WITH TIME ZONE", "timestamptz(3)",
     Kind("datetime", "timestamp", precision=3, timezone=True)),
    ("postgresql", "TIME WITHOUT TIME ZONE", "time without time zone", Kind("time", "time")),
    ("postgresql", "INTERVAL DAY TO SECOND (3)", "interval(3)", Kind("interval", "interval", precision=3)),
    ("postgresql", "VARCHAR(3)[]", "VARCHAR(3) ARRAY", Kind("array", "array", element="VARCHAR(3)")),
    ("postgresql", "mood", "mood", Kind("other", "mood")),
    ("postgresql", '"Mood"', '"Mood"', Kind("other", "Mood")),
    ("postgresql", "BOOLEAN", "bool", Kind("boolean", "boolean")),
    ("mariadb", "INTEGER", "int(11)", Kind("integer", "integer", bits=32)),
    ("mariadb", "INTEGER UNSIGNED", "int(10) unsigned zerofill", Kind("integer", "integer", bits=32, unsigned=True)),
    ("mariadb", "BOOL", "tinyint(1)", Kind("integer", "tinyint", bits=8)),
    ("mariadb", "NUMERIC", "decimal(10,0)", Kind("decimal", "numeric", precision=10, scale=0)),
    ("mariadb", "ENUM('a','it''s (b)')", "enum('a','it\\'s (b)') COLLATE utf8mb4_bin",
     Kind("enum", "enum", labels=("a", "it's (b)"))),
    ("mariadb", "DATETIME", "datetime(0)", Kind("datetime", "datetime", precision=0)),
    ("mariadb", "VARCHAR(9) CHARACTER SET latin1", "varchar(9)", Kind("text", "varchar", length=9)),
    ("mariadb", "FLOAT", "float", Kind("float", "real", bits=32)),
    ("mariadb", "DOUBLE", "double", Kind("float", "double", bits=64)),
    ("sqlite", "DATETIME", "datetime", Kind("datetime", "datetime")),
    ("sqlite", "BOOLEAN", "boolean", Kind("boolean", "boolean")),
]  # fmt: skip


@pytest.mark.parametrize("dialect, one, other, expected", PAIRS, ids=lambda value: str(value)[:40])
def test_two_ways_to_write_one_type(dialect: str, one: str, other: str, expected: Kind) -> None:
    """SQLAlchemy's words and the server's are one Kind."""
    assert kind(one, dialect) == expected
    assert kind(other, dialect) == expected


def _types() -> list[Any]:
    found = [each for each in vars(sa.types).values() if isinstance(each, type) and each.__name__.isupper()]
    return [each() for each in found if each.__name__ not in {"ARRAY", "VARCHAR", "NVARCHAR"}] + [sa.VARCHAR(7)]


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "sqlite"])
def test_every_type_of_sqlalchemy_is_known(dialect: str) -> None:
    """None of its generic types becomes `other`."""
    from workbench.hazards.question import dialect_of  # noqa: PLC0415 - as the rules do

    compiler = dialect_of(dialect).type_compiler_instance
    unknown = []
    for each in _types():
        try:
            text = compiler.process(each)
        except (sa.exc.CompileError, TypeError):  # a type that the dialect has not
            continue
        if kind(text, dialect).family == "other":
            unknown.append(text)
    assert unknown == (["DATETIME"] if dialect == "postgresql" else [])  # PostgreSQL has none either


FITS = [
    ("postgresql", "integer", "bigint", True),
    ("postgresql", "bigint", "integer", False),
    ("postgresql", "integer", "numeric(10,0)", True),
    ("postgresql", "integer", "numeric(9,0)", False),
    ("postgresql", "bigint", "double precision", False),
    ("postgresql", "varchar(3)", "varchar(5)", True),
    ("postgresql", "varchar(5)", "varchar(3)", False),
    ("postgresql", "text", "varchar", True),
    ("postgresql", "text", "varchar(9)", False),
    ("postgresql", "varchar(3)", "char(9)", False),
    ("postgresql", "numeric(10,2)", "numeric(12,2)", True),
    ("postgresql", "numeric(10,2)", "numeric(12,4)", True),
    ("postgresql", "numeric(10,2)", "numeric(11,4)", False),
    ("postgresql", "numeric", "numeric(11,4)", False),
    ("postgresql", "timestamp(3)", "timestamp", True),
    ("postgresql", "timestamp", "timestamp(3)", False),
    ("postgresql", "timestamp", "timestamptz", False),
    ("postgresql", "date", "timestamp", True),
    ("postgresql", "mood", "mood", True),
    ("postgresql", "mood", "mood2", False),
    ("mariadb", "int(11)", "int(10) unsigned", False),
    ("mariadb", "int(10) unsigned", "bigint(20)", True),
    ("mariadb", "bigint(20) unsigned", "bigint(20)", False),
    ("mariadb", "enum('a','b')", "enum('b','a','c')", True),
    ("mariadb", "enum('a','b')", "enum('a')", False),
    ("mariadb", "text", "longtext", True),
    ("mariadb", "longtext", "text", False),
    ("mariadb", "datetime", "datetime(6)", True),
    ("mariadb", "datetime(6)", "datetime", False),
    ("mariadb", "datetime", "timestamp", False),
]


@pytest.mark.parametrize("dialect, old, new, expected", FITS)
def test_what_fits(dialect: str, old: str, new: str, expected: bool) -> None:
    """Every value of the one is one of the other; where that is not known it does not fit."""
    assert fits(kind(old, dialect), kind(new, dialect), dialect) is expected


def test_ranges_and_bytes() -> None:
    """The least and the greatest value, and what MySQL's TEXT types hold."""
    assert kind("smallint", "postgresql").range == (-32768, 32767)
    assert kind("tinyint unsigned", "mysql").range == (0, 255)
    assert kind("text", "postgresql").range is None
    assert kind("numeric(10,2)", "postgresql").whole_digits == 8
    assert [kind(f"{each}text", "mysql").bytes for each in ("tiny", "", "medium", "long")] == [
        255, 65_535, 16_777_215, 4_294_967_295,
    ]  # fmt: skip


def test_same() -> None:
    """FLOAT and DOUBLE PRECISION are the same on PostgreSQL, TEXT and VARCHAR are not."""
    assert same(kind("float", "postgresql"), kind("double precision", "postgresql"))
    assert not same(kind("text", "postgresql"), kind("varchar", "postgresql"))


def test_affinity() -> None:
    """By the five rules of SQLite's documentation, in their order."""
    told = {each: affinity(each) for each in ("INT", "VARCHAR(5)", "CHARINT", "", "FLOATING POINT", "DATE", "BOOLEAN")}
    assert told == {
        "INT": "INTEGER", "VARCHAR(5)": "TEXT", "CHARINT": "INTEGER", "": "BLOB", "FLOATING POINT": "INTEGER",
        "DATE": "NUMERIC", "BOOLEAN": "NUMERIC",
    }  # fmt: skip
