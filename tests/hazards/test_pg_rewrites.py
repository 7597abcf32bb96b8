"""The safer ways that the rules offer on PostgreSQL: each, run instead of the revision, ends at the same schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import servers
from tests.conftest import missing
from tests.hazards.bench import Bench
from tests.hazards.cases import Case, T
from workbench.results import Schema, Table

_GOOD = (*T, "UPDATE t SET a = 2 WHERE a IS NULL", "UPDATE t SET pid = 1 WHERE pid = 99", "UPDATE t SET b = 'b' || id")
_SCHEMA = ("DROP SCHEMA IF EXISTS other CASCADE", "CREATE SCHEMA other",
           'CREATE TABLE other."Odd t" ("A b" INTEGER, b TEXT)')  # fmt: skip
CASES = [
    ("pg-index-not-concurrent", 'op.create_index("ix", "t", ["a", "b"], unique=True)', _GOOD),
    ("pg-index-not-concurrent", 'op.create_index("ix", "t", [sa.text("lower(b)")], postgresql_where=sa.text("a > 0"))',
     _GOOD),
    ("pg-index-not-concurrent", 'op.create_index("ix", "t", ["a"], postgresql_using="hash")', _GOOD),
    ("pg-index-not-concurrent", 'op.create_index("ix", "Odd t", ["A b"], schema="other")', _SCHEMA),
    ("pg-index-not-concurrent", 'op.drop_index("ix", "t")', (*_GOOD, "CREATE INDEX ix ON t (a)")),
    ("pg-index-not-concurrent", 'op.execute("CREATE INDEX ix ON t (a)")', _GOOD),
    ("pg-constraint-builds-index", 'op.create_unique_constraint("uq", "t", ["a", "b"])', _GOOD),
    ("pg-constraint-builds-index", 'op.create_unique_constraint("uq", "Odd t", ["A b"], schema="other")', _SCHEMA),
    ("pg-constraint-builds-index", 'op.create_primary_key("pk", "Odd t", ["A b"], schema="other")', _SCHEMA),
    ("pg-constraint-validates-under-lock",
     'op.create_foreign_key("fk", "t", "p", ["pid"], ["id"], ondelete="CASCADE")', _GOOD),
    ("pg-constraint-validates-under-lock", 'op.create_check_constraint("ck", "t", "id > 0")', _GOOD),
    ("pg-set-not-null-scan", 'op.alter_column("t", "a", nullable=False)', _GOOD),
    ("pg-set-not-null-scan", 'op.alter_column("Odd t", "A b", nullable=False, schema="other")', _SCHEMA),
    ("pg-add-column-rewrite",
     'op.add_column("t", sa.Column("z", sa.Uuid, nullable=False, server_default=sa.text("gen_random_uuid()")))', _GOOD),
    ("pg-heavy-sql", 'op.execute("REFRESH MATERIALIZED VIEW mv")',
     (*_GOOD, "CREATE MATERIALIZED VIEW mv AS SELECT id FROM t", "CREATE UNIQUE INDEX uq ON mv (id)")),
]  # fmt: skip
# What fails as it is written; run, its rewrite ends where the same without CONCURRENTLY would.
FAILING = [
    ("pg-concurrently-in-transaction", 'op.create_index("ix", "t", ["a"], postgresql_concurrently=True)',
     'op.create_index("ix", "t", ["a"])'),
    ("pg-concurrently-in-transaction", 'op.execute("CREATE INDEX CONCURRENTLY ix ON t (a)")',
     'op.create_index("ix", "t", ["a"])'),
]  # fmt: skip


@pytest.fixture(scope="module")
def bench(postgresql_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """An environment with all of them."""
    if isinstance(postgresql_server, servers.Unavailable):
        missing("postgresql", str(postgresql_server))
    with postgresql_server.database() as url:
        made = Bench(tmp_path_factory.mktemp("rewrites"), url, [*_originals(), *_references()])
        yield made
        made.close()


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: f"{number}-{CASES[number][0]}")
def test_it_ends_at_the_same_schema(number: int, bench: Bench) -> None:
    """The original and the rewrite, each from the same tables."""
    rule, _, setup = CASES[number]
    told = bench.run(_originals()[number])
    expected = _shape(bench.workbench.schema())
    finding = told.of(rule)
    assert finding is not None
    assert finding.rewrite

    assert _shape(_after(finding.rewrite, f"w{number}", setup, bench)) == expected


@pytest.mark.parametrize("number", range(len(FAILING)))
def test_what_fails_runs_when_rewritten(number: int, bench: Bench) -> None:
    """As without CONCURRENTLY."""
    rule, code, _ = FAILING[number]
    bench.run(_references()[number])
    expected = _shape(bench.workbench.schema())
    told = bench.run(Case(f"failing-{number}", "postgresql", code, setup=_GOOD))
    finding = told.of(rule)
    assert finding is not None
    assert told.failed

    assert _shape(_after(finding.rewrite, f"f{number}", _GOOD, bench)) == expected


def _originals() -> list[Case]:
    return [
        Case(f"original-{number}", "postgresql", code, setup=setup) for number, (_, code, setup) in enumerate(CASES)
    ]


def _references() -> list[Case]:
    failing = [Case(f"failing-{number}", "postgresql", code) for number, (_, code, _) in enumerate(FAILING)]
    return [
        *(Case(f"reference-{number}", "postgresql", code, setup=_GOOD) for number, (*_, code) in enumerate(FAILING)),
        *failing,
    ]


def _after(code: str, name: str, setup: tuple[str, ...], bench: Bench) -> Schema:
    case = Case(f"rewrite-{name}", "postgresql", code, setup=setup)
    bench._write(Path(bench.folder, "scripts", "versions"), case.name, case.id, None, case.code)
    told = bench.run(case)
    assert not told.failed, told.run.error
    return bench.workbench.schema()


def _shape(schema: Schema) -> list[Any]:
    """All of it but how many rows there are, which a rewritten table knows and another does not."""
    return [
        replace(each, rows=None, rows_estimated=False, size=None) if isinstance(each, Table) else each
        for each in schema.objects
        if each.name != "alembic_version"
    ]
