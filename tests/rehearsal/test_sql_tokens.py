"""SQL in words: the same however it was written, and cut where a statement ends."""

# ruff: noqa: ISC004 - statements are long

from __future__ import annotations

import pytest

from workbench.bridge.sql_tokens import normal, statements

SCRIPT = """
-- a comment; with a semicolon
CREATE TABLE t (a TEXT DEFAULT 'x;y', "b;c" TEXT /* ; */);
INSERT INTO t VALUES ('it''s; this');;
CREATE TRIGGER tr AFTER INSERT ON t BEGIN
    UPDATE t SET a = CASE WHEN a = 'end' THEN 1 ELSE 2 END;
    DELETE FROM t;
END;
CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $body$ BEGIN RETURN 1; END; $body$;
BEGIN;
(SELECT 1);
COMMIT
"""


def test_script() -> None:
    """Semicolons in strings, names, comments and bodies end nothing; empty statements are none."""
    expected = [
        "-- a comment; with a semicolon\nCREATE TABLE t (a TEXT DEFAULT 'x;y', \"b;c\" TEXT /* ; */)",
        "INSERT INTO t VALUES ('it''s; this')",
        "CREATE TRIGGER tr AFTER INSERT ON t BEGIN\n    UPDATE t SET a = CASE WHEN a = 'end' THEN 1 ELSE 2 END;\n"
        "    DELETE FROM t;\nEND",
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $body$ BEGIN RETURN 1; END; $body$",
        "BEGIN",
        "(SELECT 1)",
        "COMMIT",
    ]

    assert expected == list(statements(SCRIPT))


@pytest.mark.parametrize(
    "one,other",
    [
        ("create index i on t(a)", 'CREATE  INDEX "i"\nON `t` ( [a] );'),
        ("CHECK(a>=1 and b <> 'X y')", "check ( a >= 1 AND b<>'X y' )"),
        ("NUMERIC(10,2)", "NUMERIC( 10, 2 )"),
    ],
)
def test_same(one: str, other: str) -> None:
    """Blanks, quotes that are not needed, and the capitals of keywords make no difference."""
    assert normal(one) == normal(other)


@pytest.mark.parametrize(
    "one,other", [("a = 'x  y'", "a = 'x y'"), ('"select"', "select"), ("a = 'A'", "a = 'a'"), ('"a b"', "a b")]
)
def test_not_same(one: str, other: str) -> None:
    """What stands in strings counts, and a quoted name is no keyword."""
    assert normal(one) != normal(other)
