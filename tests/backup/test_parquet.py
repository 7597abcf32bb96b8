"""A backup as Parquet, where pyarrow is installed; it is no dependency, being larger than all of ours together."""

from __future__ import annotations

import datetime as dt
import importlib
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import make_url

from tests.safety.projects import project

pytest.importorskip("pyarrow")

UTC = ZoneInfo("UTC")
TYPES = {
    "postgresql": (
        "n NUMERIC(12, 3), u UUID, j JSONB, a INTEGER[], d DATE, at TIMESTAMPTZ, i INTERVAL, raw BYTEA, w TEXT, "
        "f DOUBLE PRECISION, big NUMERIC(40), yes BOOLEAN, t TIME, r INT4RANGE, ip INET, whole BIGINT"
    ),
    "mariadb": (
        "n DECIMAL(12, 3), j JSON, d DATE, at DATETIME(6), t TIME, raw BLOB, w TEXT, f DOUBLE, big DECIMAL(40), "
        "yes BIT(1), s SET('a', 'b'), y YEAR, many BIGINT UNSIGNED, whole BIGINT"
    ),
}
# ruff: noqa: ISC004 - statements are long
ROWS = {
    "postgresql": (
        "INSERT INTO gone VALUES (1, 1.500, '00000000-0000-0000-0000-000000000001', '{\"a\": [1, null]}', '{1,NULL}', "
        "'2026-01-02', '2026-01-02 03:04:05+00', '1 day 2 hours', '\\x00ff', 'a, \"b\"', 'NaN', "
        "1234567890123456789012345678901234567890, true, '03:04:05', '[1,3)', '10.0.0.1', 9007199254740993)",
        "INSERT INTO gone (id, d, n, f) VALUES (2, 'infinity', 'NaN', 0.5)",
        "INSERT INTO gone (id) VALUES (3)",
    ),
    "mariadb": (
        "INSERT INTO gone VALUES (1, 1.500, '{\"a\": [1, null]}', '2026-01-02', '2026-01-02 03:04:05.000006', "
        "'-30:04:05', x'00ff', 'a, \"b\"', 0.5, 1234567890123456789012345678901234567890, b'1', 'a,b', 2026, "
        "18446744073709551615, 9007199254740993)",
        "INSERT INTO gone (id) VALUES (2)",
    ),
}

BIG = Decimal(1234567890123456789012345678901234567890)
SAVED = {
    "postgresql": [
        {
            "id": 1, "n": "1.500", "u": "00000000-0000-0000-0000-000000000001", "j": '{"a": [1, null]}',
            "a": "[1, null]", "d": "2026-01-02", "at": dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            "i": dt.timedelta(days=1, hours=2), "raw": b"\x00\xff", "w": 'a, "b"', "f": float("nan"), "big": BIG,
            "yes": True, "t": dt.time(3, 4, 5), "r": "[1, 3)", "ip": "10.0.0.1", "whole": 9007199254740993,
        },
        {"id": 2, "n": "NaN", "d": "infinity", "f": 0.5},
        {"id": 3},
    ],
    "mariadb": [
        {
            "id": 1, "n": Decimal("1.500"), "j": '{"a": [1, null]}', "d": dt.date(2026, 1, 2),
            "at": dt.datetime(2026, 1, 2, 3, 4, 5, 6), "t": -dt.timedelta(hours=30, minutes=4, seconds=5),  # noqa: DTZ001
            "raw": b"\x00\xff", "w": 'a, "b"', "f": 0.5, "big": BIG, "yes": b"\x01", "s": "a,b", "y": 2026,
            "many": "18446744073709551615", "whole": 9007199254740993,
        },
        {"id": 2},
    ],
}  # fmt: skip
"""What the files hold; NaN and infinity are no Arrow decimals and dates, and what 64 bits cannot hold is no integer."""


@pytest.mark.parametrize(
    "server",
    [pytest.param("postgresql", marks=pytest.mark.postgresql), pytest.param("mariadb", marks=pytest.mark.mariadb)],
)
def test_every_type(tmp_path: Path, request: pytest.FixtureRequest, server: str) -> None:
    """A table with a column of each kind of type, with NULLs; and a table without rows is not destroyed."""
    made = project(tmp_path / "project", request.getfixturevalue(f"{server}_url"))
    made.execute(f"CREATE TABLE gone (id INTEGER PRIMARY KEY, {TYPES[server]})", *ROWS[server])
    made.revision("r1", None, "op.drop_table('gone')")
    with made.workbench() as wb:
        run = wb.upgrade().apply(backup=str(tmp_path / "saved"), backup_format="parquet")
    name = make_url(made.url).database

    assert run.ok, run
    file = Path(run.backup) / f"{name}.gone.parquet"
    table = importlib.import_module("pyarrow.parquet").read_table(file)
    rows = [{name: value for name, value in row.items() if value is not None} for row in table.to_pylist()]

    assert repr(SAVED[server]) == repr(rows)  # a NaN equals nothing
