"""Half-applied revisions, also those that a plain `alembic` has left: recognised, told exactly, and never invented."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

from alembic.config import CommandLine
from sqlalchemy import make_url

from tests.kept import ON_MARIADB, ON_SQLITE
from tests.safety.projects import Project
from tests.sample import running
from workbench import Workbench
from workbench.capabilities.practice import NEXT
from workbench.results import Finding

VOUCHERS = """
    op.create_table("voucher", sa.Column("id", sa.Integer, primary_key=True))
    op.create_index("ix_voucher_id", "voucher", ["id"])
    op.execute("INSERT INTO nowhere VALUES (1)")
    op.add_column("t1", sa.Column("voucher_id", sa.Integer))
    op.execute("CREATE VIEW vouchers AS SELECT id FROM voucher")
"""
UNDO_VOUCHERS = """
    op.execute("DROP VIEW vouchers")
    op.drop_column("t1", "voucher_id")
    op.execute("INSERT INTO nowhere VALUES (1)")
    op.drop_table("voucher")
"""


def kind(made: Project) -> str:
    """Which of the three it is."""
    return make_url(made.url).get_backend_name()


def alembic(made: Project, *arguments: str) -> int:
    """Run Alembic's own command line, as people do who have no workbench; in this process, which is quick."""
    path = sys.path[:]
    try:
        with warnings.catch_warnings(action="ignore"):
            CommandLine().main(["-c", str(made.folder / "alembic.ini"), *arguments])
    except Exception:  # noqa: BLE001 - whatever ends the command
        return 1
    finally:
        sys.path[:] = path
    return 0


def only(findings: tuple[Finding, ...]) -> Finding:
    """The one Finding."""
    assert 1 == len(findings), [each.message for each in findings]
    return findings[0]


def test_a_plain_upgrade_that_died(bare: Project, wb: Workbench) -> None:
    """The third of five statements fails: which took is told exactly, and both ways on work; PostgreSQL has nothing."""
    made = bare.tables(1)
    made.revision("r2", "r1", VOUCHERS, "pass")
    assert 0 == alembic(made, "upgrade", "r1")
    assert 0 != alembic(made, "upgrade", "head")
    check, status = wb.check(), wb.current()

    # The downgrade of r2 is empty, and r2 is pending.
    assert ["database-behind", "irreversible-downgrade"] == [it.rule for it in check.findings if it.rule in NEXT]
    assert status.findings == tuple(each for each in check.findings if each.rule not in NEXT)
    assert ("r1",) == status.heads
    if kind(made) == "postgresql":
        assert (True, ()) == (check.ok, status.findings)
        return

    finding = only(status.findings)
    quoted = "CREATE TABLE voucher ( id INTEGER NOT NULL"
    assert ("half-applied", "error", "fails", "r2", "voucher") == (
        finding.rule, finding.severity, finding.outcome, finding.revision, finding.object,
    )  # fmt: skip
    assert finding.message.startswith(f"r2 'Do r2.' is half applied: 2 of 5 statements took ({quoted}")
    assert finding.message.endswith(
        "; CREATE INDEX ix_voucher_id ON voucher (id)), 1 cannot be told, 2 did not. "
        "Running it again fails at statement 1, because table voucher is there already."
    )
    assert (
        "Undo what was done (DROP TABLE voucher) and run the upgrade again. Or run by hand what is missing "
        '(statements 3 to 5) and record it: wb.stamp("r2").apply().'
    ) == finding.remedy
    assert (
        "INSERT INTO nowhere VALUES (1);\nALTER TABLE t1 ADD COLUMN voucher_id INTEGER;\n"
        "CREATE VIEW vouchers AS SELECT id FROM voucher"
    ) == finding.evidence.sql
    assert (
        (1, "took", "makes table voucher"),
        (2, "took", "makes index voucher.ix_voucher_id"),
        (4, "did not", "makes column t1.voucher_id"),
        (5, "did not", "makes view vouchers"),
    ) == finding.evidence.sample

    made.execute("DROP TABLE voucher")
    assert () == wb.current().findings

    assert 0 != alembic(made, "upgrade", "head")
    made.execute("ALTER TABLE t1 ADD COLUMN voucher_id INTEGER", "CREATE VIEW vouchers AS SELECT id FROM voucher")
    finding = only(wb.current().findings)
    assert ("not-recorded", 'wb.stamp("r2").apply()') == (
        finding.rule,
        finding.remedy.split(": ")[2].split(". ")[0],
    )
    assert wb.stamp("r2").apply().ok
    assert () == wb.current().findings


def test_a_plain_downgrade_that_died(bare: Project, wb: Workbench) -> None:
    """The head says that it is in, and half of it is gone."""
    made = bare.tables(1)
    made.revision("r2", "r1", VOUCHERS.replace("INSERT INTO nowhere VALUES (1)", "SELECT 1"), UNDO_VOUCHERS)
    assert 0 == alembic(made, "upgrade", "head")
    assert 0 != alembic(made, "downgrade", "-1")
    check, status = wb.check(), wb.current()

    assert (check.findings, ("r2",)) == (status.findings, status.heads)
    if kind(made) == "postgresql":
        assert () == check.findings
        return
    finding = only(check.findings)
    assert (
        "r2 'Do r2.' is half undone: 2 of 4 statements of its downgrade took (DROP VIEW vouchers; ALTER TABLE t1 DROP "
        "COLUMN voucher_id), 1 cannot be told, 1 did not. Running it again fails at "
        "statement 1, because view vouchers is gone already."
    ) == finding.message
    assert finding.remedy.endswith('(statements 3 to 4) and record it: wb.stamp("r1").apply(). Or restore a backup.')
    assert f"✖ {finding.message}" in str(status)
    assert "half undone" in status._repr_html_()


@ON_SQLITE
def test_code_that_reads(bare: Project, wb: Workbench) -> None:
    """Of a step whose SQL cannot be had, the operations tell: those that were heard, and those in its code."""
    made = bare.tables(1)
    made.revision(
        "r2",
        "r1",
        """
        op.add_column("t1", sa.Column("first", sa.String(20)))
        for row in op.get_bind().execute(sa.text("SELECT id FROM t1")):
            pass
        op.execute("INSERT INTO nowhere VALUES (1)")
        with op.batch_alter_table("t1") as batch:
            batch.add_column(sa.Column("last", sa.String(20)))
        """,
    )
    assert 0 != alembic(made, "upgrade", "head")
    first, second = wb.current().findings[0], wb.current().findings[-1]

    assert ("not-recorded", "r1") == (first.rule, first.revision) or first == second
    assert second.message.startswith(
        "r2 'Do r2.' is half applied: 1 of 2 operations took (makes column t1.first), 1 did"
    )


GUARDED = """
    op.execute("CREATE TABLE IF NOT EXISTS t1 (id INTEGER)")
    op.create_table("t1", sa.Column("id", sa.Integer), if_not_exists=True)
    op.execute("DROP TABLE IF EXISTS gone")
    if not sa.inspect(op.get_bind()).has_table("t1"):
        op.create_table("t1", sa.Column("id", sa.Integer))
    op.create_table("later", sa.Column("id", sa.Integer))
"""


@ON_SQLITE
def test_what_asks_first_tells_nothing(bare: Project, wb: Workbench) -> None:
    """A history that begins at a schema that is there, and takes care of that itself, is not half applied."""
    made = bare
    made.execute("CREATE TABLE t1 (id INTEGER)")
    made.revision("r1", None, GUARDED.replace("if not", "if True or not"))
    offline = wb.current().findings
    made.revision("r1", None, GUARDED)
    reading = wb.current().findings

    assert ((), ()) == (offline, reading)


@ON_SQLITE
def test_what_is_in_the_way(bare: Project, wb: Workbench) -> None:
    """Something that is there though what comes before it is not: no half, but it will fail all the same."""
    made = bare.tables(1)
    made.revision(
        "r2", "r1", "op.create_table('a', sa.Column('x', sa.Integer))\nop.create_table('b', sa.Column('x', sa.Integer))"
    )
    assert wb.upgrade("r1").apply().ok
    made.execute("CREATE TABLE b (id INTEGER)")
    finding = only(wb.current().findings)

    assert ("in-the-way", "r2 'Do r2.' will fail at statement 2, because table b is there already.") == (
        finding.rule,
        finding.message,
    )


@ON_SQLITE
def test_rows_are_never_to_be_dropped(bare: Project, wb: Workbench) -> None:
    """Where the table that took has rows, dropping it is not what is advised."""
    made = bare.tables(1)
    made.revision("r2", "r1", VOUCHERS)
    assert 0 != alembic(made, "upgrade", "head")
    made.execute("INSERT INTO voucher VALUES (1)")
    remedy = wb.current().findings[-1].remedy

    assert (
        "Table voucher has rows in it, so think before you drop anything. As a rule: run by hand what is missing "
        '(statements 3 to 5) and record it: wb.stamp("r2").apply().'
    ) == remedy


def test_nothing_is_invented(sample: Path, database_url: str) -> None:
    """At every revision of a real history, with branches, up and down again, there is nothing to find."""
    found: dict[tuple[str, ...], tuple[Finding, ...]] = {}
    with Workbench(sample, url=database_url) as wb:
        revisions = [each.revision for each in reversed(wb.history().revisions)]
        for go, targets in ((running.upgrade, revisions), (running.downgrade, [*reversed(revisions), "base"])):
            for target in targets:
                go(database_url, target)
                status = wb.current()
                found[go.__name__, *status.heads] = status.findings

    assert {} == {heads: each for heads, each in found.items() if each}
    assert 2 * len(revisions) - 5 < len(found)


@ON_MARIADB
def test_a_run_that_failed(bare: Project, wb: Workbench) -> None:
    """The Run itself tells what is left; what leaves no trace in the schema is not claimed to be there."""
    made = bare.tables(1)
    made.revision("r2", "r1", "op.rename_table('t1', 't2')\nop.execute('INSERT INTO nowhere VALUES (1)')")
    run = wb.upgrade().apply()

    assert run.findings == wb.current().findings

    finding = only(run.findings)
    assert (
        "r2 'Do r2.' is half applied: 1 of 2 statements took (ALTER TABLE t1 RENAME TO t2), 1 cannot be told. "
        "Running it again fails at statement 1, because table t1 is called t2 already."
    ) == finding.message
    assert (
        "Undo what was done (ALTER TABLE t2 RENAME TO t1) and run the upgrade again. Or run by hand what is missing "
        '(statement 2) and record it: wb.stamp("r2").apply().'
    ) == finding.remedy
    assert run.standing.endswith(finding.message)


@ON_MARIADB
def test_a_downgrade_that_failed(bare: Project, wb: Workbench) -> None:
    """The Run tells what of the downgrade took, and leaves the steps before it alone."""
    made = bare.tables(3)
    made.revision(
        "r2",
        "r1",
        "op.create_table('t2', sa.Column('id', sa.Integer))\nop.create_table('u2', sa.Column('id', sa.Integer))",
        "op.drop_table('u2')\nop.execute('INSERT INTO nowhere VALUES (1)')\nop.drop_table('t2')",
    )
    assert wb.upgrade().apply().ok
    run = wb.downgrade("base").apply()

    assert (("r2",), run.findings) == (run.heads, wb.current().findings)

    assert (
        "r2 'Do r2.' is half undone: 1 of 3 statements of its downgrade took (DROP TABLE u2), 1 cannot be told, 1 did "
        "not. Running it again fails at statement 1, because table u2 is gone already."
    ) == only(run.findings).message


@ON_MARIADB
def test_an_account_with_rights_on_single_tables(bare: Project) -> None:
    """MariaDB hides the other tables from it: nobody calls them gone, and nobody advises a stamp for that reason."""
    made = bare.tables(1)
    made.revision("r2", "r1", VOUCHERS, "pass")
    assert 0 == alembic(made, "upgrade", "r1")
    assert 0 != alembic(made, "upgrade", "head")
    url = make_url(made.url)
    reader = f"{url.database}_reader"[-60:]
    made.execute(f"CREATE USER {reader} IDENTIFIED BY 'not-to-be-seen'", f"GRANT SELECT ON alembic_version TO {reader}")
    theirs = url.set(username=reader, password="not-to-be-seen").render_as_string(hide_password=False)
    try:
        with made.workbench(url=theirs) as workbench:
            told = [only(workbench.current().findings)]
            made.execute(f"GRANT SELECT ON t1 TO {reader}")
            told.append(only(workbench.current().findings))
        with made.workbench() as workbench:
            ours = only(workbench.current().findings)
    finally:
        made.execute(f"DROP USER {reader}")

    assert "half-applied" == ours.rule
    message = (
        f"Whether a revision is half applied could not be looked at on {url.database}: this account has rights on "
        "single tables alone, and the server keeps back which others there are."
    )
    assert [("not-checked", "info", message)] * 2 == [(each.rule, each.severity, each.message) for each in told]
