"""Blotting passwords out of SQL without making the SQL wrong."""

from __future__ import annotations

import pytest

from workbench.text import blot, redact


@pytest.mark.parametrize(
    "sql,secret,shown",
    [
        ("COMMENT ON TABLE a IS 'postgres rules, postgresql too'", "postgres", None),
        ("ALTER TABLE bookshop_order ADD owner TEXT DEFAULT 'bookshop'", "bookshop", None),
        ("CREATE ROLE a PASSWORD 'postgres'", "postgres", "CREATE ROLE a PASSWORD '***'"),
        ("CREATE USER a identified by 'bookshop'", "bookshop", "CREATE USER a identified by '***'"),
        ("CREATE ROLE a PASSWORD 's3cr%t-p@ss'", "s3cr%t-p@ss", "CREATE ROLE a PASSWORD '***'"),
        ("SELECT dblink('host=a password=hunter22')", "hunter22", "SELECT dblink('host=a password=***')"),
    ],
)
def test_sql_stays_right(sql: str, secret: str, shown: str | None) -> None:
    """A password that is a mere word goes only where SQL gives a password; any other, wherever it stands."""
    assert (sql if shown is None else shown) == blot(sql, {secret})


def test_prose_hides_more() -> None:
    """In messages and logs nothing has to stay right, so a long password goes also within words."""
    assert "role *** of ***ql" == redact("role postgres of postgresql", {"postgres"})
