"""Several heads: what is told of them, on real databases, and what is written."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kept import ON_SQLITE
from tests.safety.projects import Project
from workbench import Draft, Merge, Workbench
from workbench.errors import HistoryBroken, PlanOutdated, RevisionNotFound, UnsupportedRequest
from workbench.results import Finding, Order

DEEDS = """\
2 heads, parted at r1: a1 and b1

a1: 1 revision, on no known database
  a1  Do a1.
      add column customer.phone

b1: 1 revision, on no known database
  b1  Do b1.
      add column customer.address
      create table parcel

More than one touches:
  customer
    a1  add column customer.phone
    b1  add column customer.address

{order}

a1 can follow b1 instead, without a merge: merge.reparent('a1')
b1 can follow a1 instead, without a merge: merge.reparent('b1')
Known are the databases that env.py connects to, and those in the journal of this machine.

To join them, write migrations/versions/c3_merge_a1_and_b1.py:

\"\"\"merge a1 and b1

Revision ID: c3
Revises: a1, b1
\"\"\"

revision = 'c3'
down_revision = ('a1', 'b1')
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass"""


def at(wb: Workbench, target: str) -> None:
    """Bring the database there."""
    run = wb.upgrade(target).apply(preflight=False)
    assert run.ok, run.error


def without_places(text: str) -> str:
    """The text, without the name of this run's database, and how many rows its version table adds."""
    return re.sub(r"on a copy of \S+( on 127\.0\.0\.1)? \([23] rows\)", "on a copy of <it>", text)


def test_everything_is_told_and_nothing_written(forked: Project, wb: Workbench) -> None:
    """What both do, where they meet, that the order does not matter, and the file; P1."""
    at(wb, "r1")
    files, database = forked.files(), forked.database()
    merge = wb.merge(rev_id="c3")
    order = (
        "✔ The order does not matter: “a1, then b1” and “b1, then a1” give the same schema and rows, on a copy of <it>."
        "\n"
        "  customer has its columns in another order: id, name, phone, address; and id, name, address, phone."
    )

    assert without_places(str(merge)) == DEEDS.format(order=order)
    assert (forked.files(), forked.database()) == (files, database)
    assert isinstance(merge, Draft)
    assert merge.df[["branch", "kind", "object", "met"]].values.tolist() == [
        ["a1", "add_column", "customer.phone", True],
        ["b1", "add_column", "customer.address", True],
        ["b1", "create_table", "parcel", False],
    ]
    assert pickle.loads(pickle.dumps(merge)) == merge  # noqa: S301 - our own


@ON_SQLITE
def test_it_is_what_alembic_merge_writes(forked: Project, wb: Workbench) -> None:
    """The same name and text, to the byte; and the database can be upgraded to it."""
    merge = wb.merge(message="join them", rev_id="c3", orders=False)
    path = merge.write()
    ours = path.read_text()
    path.unlink()
    command = [sys.executable, "-m", "alembic", "merge", "heads", "-m", "join them", "--rev-id", "c3"]
    subprocess.run(command, cwd=forked.folder, check=True, capture_output=True)

    assert ours == path.read_text()
    at(wb, "head")
    assert wb.current().heads == ("c3",)
    assert merge.order == Order("not tried", "Nobody asked for it: merge.try_orders() runs both.")


def test_rows_that_depend_on_the_order(forked: Project, wb: Workbench) -> None:
    """Both run, and the rows are not the same: found on rows that the revisions have made, as the database is at a1."""
    forked.revision("a1", "r1", "op.execute(\"UPDATE customer SET name = 'Cy' WHERE id = 1\")")
    forked.revision("b1", "r1", "op.execute(\"DELETE FROM customer WHERE name = 'Cy'\")")
    at(wb, "a1")
    merge = wb.merge()
    order = str(merge).partition("\n\n⚠ ")[2].partition("\n\n")[0]

    assert order == (
        "The order matters: “a1, then b1” and “b1, then a1” do not give the same schema and rows, on a database "
        "made by the revisions.\n"
        "          what      a1, then b1  b1, then a1\n"
        "    rows  customer  1 row        2 rows, 1 only here\n"
        "  Databases that had one branch first will not be the same as those that had the other."
    )
    assert [each.known[0].revisions if each.known else () for each in merge.branches] == [("a1",), ()]
    assert merge.movable == (("b1", "a1"),)


def test_an_order_that_cannot_be_run(forked: Project, wb: Workbench) -> None:
    """What one branch drops the other needs: the statement that fails, and no other parent in that order."""
    forked.revision("a1", "r1", 'op.drop_column("customer", "name")')
    forked.revision("b1", "r1", 'op.create_index("ix_name", "customer", ["name"])')
    merge = wb.merge()

    assert merge.order.verdict == "fails"
    failures = {order: dict(error.evidence)["statement"] for order, error in merge.order.failures}
    # Of an index on the dropped column, SQLite refuses the drop; the others drop it along.
    both = {("a1", "b1"), ("b1", "a1")} if forked.url.startswith("sqlite") else {("a1", "b1")}
    assert set(failures) == both
    assert failures["a1", "b1"].startswith("CREATE INDEX")
    assert [(each.rule, each.revision) for each in merge.findings] == [("branches-conflict", "a1")]
    assert isinstance(merge.findings[0], Finding)
    with pytest.raises(UnsupportedRequest, match=r"^b1 cannot follow a1: in this order it fails"):
        merge.reparent("b1")
    said = "A database that has a1 first cannot go on to b1, merged or not."
    assert (said in str(merge)) is (len(both) == 1)


@ON_SQLITE
def test_what_differs_each_time_is_left_out(forked: Project, wb: Workbench) -> None:
    """A value by chance is no difference of the order; another column of the same table still is one."""
    chance = "op.execute('UPDATE customer SET name = hex(randomblob(4))')"
    forked.revision("a1", "r1", f"op.add_column('customer', sa.Column('x', sa.Integer))\n{chance}")
    at(wb, "r1")
    same = wb.merge().order
    assert (same.verdict, same.restless) == ("same", ("customer.name",))

    forked.revision(
        "a1", "r1", f"op.add_column('customer', sa.Column('x', sa.Integer))\n{chance}\n"
        "op.execute('INSERT INTO customer (id, x) SELECT 3, count(*) FROM sqlite_master')",
    )  # fmt: skip
    other = wb.merge().order

    assert (other.verdict, [each.columns for each in other.rows]) == ("differs", [("name", "x")])


@ON_SQLITE
def test_three_heads_a_dependency_and_labels(forked: Project, wb: Workbench) -> None:
    """Each pair stands in both orders; a name is a label where one fits; of a dependency there is one order."""
    path = forked.revision("d1", "r1", 'op.create_table("d", sa.Column("id", sa.Integer, primary_key=True))')
    path.write_text(path.read_text().replace("branch_labels = None", "branch_labels = ('deliveries',)"))
    three = wb.merge()
    with pytest.raises(UnsupportedRequest, match="There are 2 branches that a1 could follow"):
        three.reparent("a1")

    assert three.order.orders == (("a1", "b1", "d1"), ("d1", "b1", "a1"))
    assert (three.message, three.order.verdict) == ("merge a1 and b1 and deliveries", "same")
    assert "No difference was found: “a1, then b1, then deliveries” and “deliveries, then b1, then a1” give" in str(
        three
    )
    assert "Other orders were not tried." in str(three)
    assert "deliveries can follow a1 instead, without a merge: merge.reparent('deliveries', onto='a1')" in str(three)
    assert three.reparent("deliveries", "a1").onto == "a1"

    path.write_text(path.read_text().replace("depends_on = None", "depends_on = 'a1'"))
    two = wb.merge(("a1", "deliveries@head"))

    assert (two.order.verdict, two.order.why) == (
        "fixed",
        "deliveries depends on a1, so a1 always runs first.",
    )
    assert [each.stays for each in two.branches] == ["Another branch depends on all of it.", ""]
    assert wb.merge(("a1", "b1"), orders=False).down_revisions == ("a1", "b1")


@ON_SQLITE
def test_heads_with_nothing_in_common(forked: Project, wb: Workbench) -> None:
    """They can be joined, and are run from base; neither is another's branch that could follow it."""
    forked.revision("b1", None, 'op.create_table("parcel", sa.Column("id", sa.Integer, primary_key=True))')
    merge = wb.merge()

    assert (merge.parted, merge.order.verdict) == ((), "same")
    assert [each.stays for each in merge.branches] == [
        "It begins a history of its own: r1 follows nothing.",
        "It begins a history of its own: b1 follows nothing.",
    ]
    assert str(merge).startswith("2 heads, with nothing in common: a1 and b1\n")


@ON_SQLITE
@pytest.mark.parametrize(
    "revisions, error, told",
    [
        (
            "a1",
            UnsupportedRequest,
            "Only a1 was named, so there is nothing to merge.\nWhat to do: The heads are a1, b1.",
        ),
        (("r1", "b1"), UnsupportedRequest, "r1 is no head: a1 follows it.\nWhat to do: The heads are a1, b1."),
        ("zz", RevisionNotFound, "No revision file has the id 'zz'.\nWhat to do: The ids are in wb.history().df."),
    ],
)
def test_what_is_no_two_heads(
    forked: Project, wb: Workbench, revisions: str, error: type[Exception], told: str
) -> None:
    """What could not be done, why, and what to do."""
    with pytest.raises(error) as refusal:
        wb.merge(revisions)

    assert str(refusal.value) == told
    assert forked.versions.is_dir()


@ON_SQLITE
def test_one_head_none_and_a_broken_file(forked: Project, wb: Workbench) -> None:
    """There is nothing to merge, or nothing that Alembic loads; an unknown option is told, too."""
    with pytest.raises(UnsupportedRequest, match=r"^A merge has no decision 'splice'"):
        wb.merge(splice=True)
    with pytest.raises(UnsupportedRequest, match=r"^There is no data='some'"):
        wb.merge(data="some")  # type: ignore[arg-type] # that is the point
    (forked.versions / "b1.py").unlink()
    with pytest.raises(UnsupportedRequest) as one:
        wb.merge()
    (forked.versions / "b1.py").write_text("def")
    with pytest.raises(HistoryBroken) as broken:
        wb.merge()
    for path in forked.versions.glob("*.py"):
        path.unlink()
    with pytest.raises(UnsupportedRequest) as none:
        wb.merge()

    assert str(one.value) == (
        "There is one head, a1, so there is nothing to merge.\n"
        'What to do: The next revision is made by wb.revision("…").'
    )
    assert broken.value.message.startswith("b1 cannot be read: SyntaxError")
    assert none.value.message == "There is no revision yet, so there is nothing to merge."


@ON_SQLITE
def test_without_the_database(forked: Project, wb: Workbench) -> None:
    """The merge can be written all the same; what nobody knows is said, and nothing gets another parent."""
    database = Path(forked.url.removeprefix("sqlite:///"))
    database.mkdir()
    try:
        merge = wb.merge()
    finally:
        database.rmdir()
    note, offline = merge.notes

    assert note.startswith("The databases could not be asked: ")
    assert offline.startswith("What the branches do could not be told: ")  # an env.py that connects in any case
    assert merge.order == Order("not tried", note)
    assert "touch the same" not in str(merge)
    assert {each.stays for each in merge.branches} == {
        "The databases could not be asked, so nobody knows whether one has it."
    }
    assert merge.code


@ON_SQLITE
def test_a_history_that_does_not_begin_at_an_empty_database(forked: Project, wb: Workbench) -> None:
    """It cannot be replayed: that is an answer; with a baseline it can."""
    at(wb, "a1")
    forked.revision("r1", None, 'op.add_column("old", sa.Column("x", sa.Integer))')
    merge = wb.merge()
    baseline = forked.folder / "base.sql"
    baseline.write_text("CREATE TABLE old (id INTEGER); CREATE TABLE customer (id INTEGER);")

    assert merge.order.verdict == "not tried"
    assert merge.order.why.startswith(
        "The revisions below the branches cannot be run on an empty database. The upgrade of r1"
    )
    assert merge.try_orders(baseline=str(baseline)).order.verdict == "same"


@ON_SQLITE
def test_two_rows_in_the_version_table(forked: Project, wb: Workbench) -> None:
    """A database that has both is on both, so neither moves; one that no file knows makes nobody sure."""
    at(wb, "heads")
    both = wb.merge(orders=False)
    forked.execute("DELETE FROM alembic_version", "INSERT INTO alembic_version VALUES ('gone')")
    unknown = wb.merge(orders=False)

    assert [each.stays for each in both.branches] == ["wbtest has it: what was applied does not change."] * 2
    assert [each.stays for each in unknown.branches] == [
        "wbtest stands at gone, which no file has, so nobody knows what it has applied."
    ] * 2


@ON_SQLITE
def test_a_draft_that_is_out_of_date(forked: Project, wb: Workbench) -> None:
    """A head that is none any more: nothing is written. Another message is another draft of the same merge."""
    merge = wb.merge(orders=False)
    named = merge.decide(message="join phones and parcels")
    again = wb.merge(orders=False, decisions=named.decisions)
    forked.revision("a2", "a1")
    before = forked.files()
    with pytest.raises(PlanOutdated):
        named.write()

    assert isinstance(named, Merge)
    assert (named.branches, named.message) == (merge.branches, "join phones and parcels")
    assert (again.code, again.path) == (named.code, named.path)
    assert {k: v for k, v in forked.files().items() if "__pycache__" not in k} == {
        k: v for k, v in before.items() if "__pycache__" not in k
    }
    with pytest.raises(UnsupportedRequest, match=r"^A merge has no decision 'ticks'"):
        merge.tick("add_table x")


def test_it_is_tried_before_it_is_written(forked: Project, wb: Workbench) -> None:
    """A Merge is a Draft: rehearsed up to the merge, down and up again, with the rows, before there is a file."""
    at(wb, "a1")
    forked.revision("b1", "r1", 'op.create_table("x", sa.Column("id", sa.Integer))', 'op.drop_table("x")')
    files, database = forked.files(), forked.database()
    merge = wb.merge(orders=False, rev_id="c3")
    told = wb.rehearse(merge)

    assert (told.ok, told.lost, told.rows_changed) == (True, (), ())
    assert [each.revision for each in told.plan.steps] == ["b1", "c3"]
    assert [each.direction for each in told.passes] == ["upgrade", "downgrade", "upgrade"]
    assert (forked.files(), forked.database()) == (files, database)


TENANTS = """
from alembic import context
from sqlalchemy import create_engine, pool

for name in ("north", "south"):
    engine = create_engine({url!r}.replace("wbtest.db", name + ".db"), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""


@ON_SQLITE
def test_two_databases(forked: Project, wb: Workbench) -> None:
    """Each is told by its name, and both orders are run on both."""
    forked.raw_env(TENANTS.format(url=forked.url))
    merge = wb.merge()

    assert [each.name for each in merge.databases] == ["north", "south"]
    assert {each.database for each in merge.branches[0].deeds} == {"north", "south"}
    assert [(each.object, each.database) for each in merge.meetings] == [("customer", "north"), ("customer", "south")]
    assert merge.order.verdict == "same"


@ON_SQLITE
def test_no_scratch_database_can_be_had(forked: Project, wb: Workbench) -> None:
    """An env.py that opens its connections by itself is not led anywhere: the order was not tried, and why."""
    forked.env("import sqlite3", "pass")
    text = forked.env_py.read_text().replace(
        "poolclass=pool.NullPool", f"creator=lambda: sqlite3.connect({forked.url[10:]!r})"
    )
    forked.env_py.write_text(text)
    at(wb, "r1")
    before = forked.database()
    order = wb.merge().order

    assert order.verdict == "not tried"
    assert order.why
    assert forked.database() == before
