"""What an apply asks of a server: what has not changed since the findings were shown is not read again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hazards.bench import Bench
from tests.hazards.cases import Case, T
from tests.hazards.wire import Wire, wire

_CODE = """
op.alter_column("t", "id", existing_type=sa.Integer(), nullable=False)
op.alter_column("t", "pid", existing_type=sa.Integer(), nullable=False)
op.drop_column("t", "b")
"""
_CATALOGUE = {
    "postgresql": ("FROM pg_description d", "LEFT JOIN pg_catalog.pg_rewrite w"),
    "mysql": ("information_schema.statistics WHERE table_schema = database() ORDER BY",),
}
"""What is asked only to read a schema, or what depends on it."""
_IS_EMPTY = "EXISTS(SELECT 1 FROM "


@pytest.fixture(params=[
    pytest.param("postgresql_url", marks=pytest.mark.postgresql), pytest.param("mariadb_url", marks=pytest.mark.mariadb)
])  # fmt: skip
def asked(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Bench, Wire]]:
    """An environment that reaches its server through a Wire."""
    with wire(request.getfixturevalue(request.param)) as through:
        bench = Bench(tmp_path / "env", through.url, Case("asked", "", _CODE))
        with bench.engine.begin() as connection:
            for statement in T:
                connection.exec_driver_sql(statement)
        yield bench, through
        bench.close()


def test_an_apply_reads_no_unchanged_catalogue(asked: tuple[Bench, Wire]) -> None:
    """One connection each to verify, for the facts, the rows, and where it stands then; two to migrate."""
    bench, through = asked
    catalogue = _CATALOGUE[bench.engine.dialect.name]
    plan = bench.workbench.upgrade()
    assert plan.findings
    shown = through.take()
    connections = through.connections
    assert plan.apply().ok
    told = through.take()

    assert [(_times(each, shown), _times(each, told)) for each in catalogue] == [(1, 0) for _ in catalogue]
    assert (_times(_IS_EMPTY, shown), _times(_IS_EMPTY, told)) == (1, 1)
    assert through.connections - connections == 6


def test_a_changed_catalogue_is_read_again(asked: tuple[Bench, Wire]) -> None:
    """What somebody has added since then is seen, by the rules and in what the rows are asked."""
    bench, through = asked
    plan = bench.workbench.upgrade()
    before = {each.rule for each in plan.findings}
    with bench.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE t ADD CONSTRAINT uq_t_b UNIQUE (b, a)")
        connection.exec_driver_sql("CREATE VIEW v AS SELECT b FROM t")
    through.take()
    found = {each.rule for each in bench.workbench.preflight(plan).findings}
    told = through.take()
    catalogue = _CATALOGUE[bench.engine.dialect.name]

    assert [_times(each, told) for each in catalogue] == [1 for _ in catalogue]
    assert "drop-column-drops-constraint" in found - before


def _times(part: str, statements: list[str]) -> int:
    return sum(part in " ".join(each.split()) for each in statements)
