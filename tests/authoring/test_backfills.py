"""The backfill lab: an expression on real rows, what it leaves wrong, and the code that does it."""

from __future__ import annotations

import sys
from subprocess import run
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tests.authoring.test_draft import MAKO
from tests.kept import ON_POSTGRESQL, ON_SQLITE
from tests.safety.projects import Project
from workbench import Workbench
from workbench.capabilities import backfills_code
from workbench.errors import UnsupportedRequest
from workbench.results.backfills import Backfill, Filled

HEAD = "import sqlalchemy as sa\nmetadata = sa.MetaData()\nT, C = sa.Table, sa.Column\n"
TABLES = """
T("country", metadata, C("code", sa.String(2), primary_key=True))
T("customer", metadata, C("id", sa.Integer, primary_key=True, autoincrement=False), C("name", sa.String(40)),
  C("birth", sa.Integer), {columns})
"""
LIVE = 'C("email", sa.String(40)), C("land", sa.String(9)), C("note", sa.String(40))'
NAMES = [(1, "Ann", None), (2, "Bob", "b@x.org"), (3, None, None), (4, "Cy", "b@x.org"), (5, "Dee", "d@x.org")]


@pytest.fixture
def shop(bare: Project) -> Project:
    """Five customers; of two the email is missing, and of two it is the same."""
    told: dict[str, Any] = {}
    exec(HEAD + TABLES.format(columns=LIVE), told)  # noqa: S102 - the tests' own words
    engine = sa.create_engine(bare.url, poolclass=NullPool)
    told["metadata"].create_all(engine)
    bare.execute("INSERT INTO country VALUES ('AT'), ('BE')")
    with engine.begin() as connection:
        for id_, name, email in NAMES:
            values = {"id": id_, "name": name, "birth": 10 - id_ if id_ != 3 else 0, "email": email, "land": "AT"}
            connection.execute(sa.insert(told["metadata"].tables["customer"]).values(values))
    return bare


def tried(wb: Workbench, project: Project, column: str, expression: Any, columns: str, **options: Any) -> Backfill:
    """The answer for a column of `customer`, when the models have these."""
    project.env(HEAD + TABLES.format(columns=columns), metadata="metadata")
    return wb.backfill(f"customer.{column}", expression, **options)


NOT_NULL = 'C("email", sa.String(40), nullable=False), C("land", sa.String(9)), C("note", sa.String(40))'
UNIQUE = 'C("email", sa.String(40), unique=True), C("land", sa.String(9)), C("note", sa.String(40))'
PARENT = 'C("email", sa.String(40)), C("land", sa.String(2), sa.ForeignKey("country.code")), C("note", sa.String(40))'
NEW = f'{LIVE}, C("rank", sa.Integer, nullable=False)'
OR = {"mariadb": "concat(lower(name), '@x.org')", "mysql": "concat(lower(name), '@x.org')"}


def test_rows_that_stay_wrong_come_first(shop: Project, wb: Workbench) -> None:
    """Of the rows that NOT NULL refuses, the one that the expression leaves NULL comes first, and is counted."""
    wb.schema()
    expression = OR.get(wb.schema().databases[0].dialect, "lower(name) || '@x.org'")
    told = tried(wb, shop, "email", expression, NOT_NULL)

    rows = (Filled((3,), None, None, "is still NULL"), Filled((1,), None, "ann@x.org"))
    assert (rows, 2, 1, False, "", ("NOT NULL",), ("id",)) == (
        told.rows, told.wrong, told.left, told.at_least, told.problem, told.needs, told.keys,
    )  # fmt: skip
    assert ("in one UPDATE: customer has 5 rows", False, False) == (told.why, told.own_revision, told.ok)
    lines = "customer.email: 2 rows in the way, 1 left", "", "3  None -> None         is still NULL"
    assert (*lines, "1  None -> 'ann@x.org'") == tuple(str(told).splitlines()[:4])
    assert list(told.df.columns) == ["id", "old", "new", "problem"]


def test_the_same_in_python(shop: Project, wb: Workbench) -> None:
    """A text of Python's in which the columns stand by their names, or a function of the row."""
    text = tried(wb, shop, "email", "name and name.lower() + '@x.org'", NOT_NULL, python=True)
    called = tried(wb, shop, "email", lambda row: (row["name"] or "none").lower(), NOT_NULL)

    assert (Filled((3,), None, None, "is still NULL"), Filled((1,), None, "ann@x.org")) == text.rows
    assert (2, 1, False) == (text.wrong, text.left, text.ok)
    assert (Filled((1,), None, "ann"), Filled((3,), None, "none")) == called.rows
    assert (True, (), "there is no source of this callable: write it with def in a cell, or as a text") == (
        called.ok, called.upgrade, called.why,
    )  # fmt: skip


def test_a_row_on_which_python_fails(shop: Project, wb: Workbench) -> None:
    """What the expression raises is told of its row, and nothing of ours."""
    told = tried(wb, shop, "email", "name.lower()", NOT_NULL, python=True)

    words = "AttributeError: 'NoneType' object has no attribute 'lower'"
    assert ((Filled((3,), None, None, words), Filled((1,), None, "ann")), f"fails on row 2 (id 3): {words}", ()) == (
        told.rows, told.problem, told.upgrade,
    )  # fmt: skip


@ON_POSTGRESQL
def test_a_row_on_which_sql_fails(shop: Project, wb: Workbench) -> None:
    """Of all rows that one is found on which the server cannot compute it."""
    told = tried(wb, shop, "rank", "100 / birth", NEW)

    assert ("fails on row 3 (id 3): division by zero", (Filled((3,), None, None, "division by zero"),), 5, ()) == (
        told.problem, told.rows, told.wrong, told.upgrade,
    )  # fmt: skip


@pytest.mark.parametrize(
    "expression, words",
    [("nowhere", "nowhere"), ("lower(", ""), ("1) FROM customer; DELETE FROM customer; SELECT (1", "")],
)
def test_what_is_no_expression(shop: Project, wb: Workbench, expression: str, words: str) -> None:
    """Another column, a broken text, and one that would write: said by the database, with nothing changed."""
    told = tried(wb, shop, "email", expression, NOT_NULL)

    assert words in told.problem
    assert ((), (), False, [(5,)]) == (told.rows, told.upgrade, told.ok, shop.execute("SELECT count(*) FROM customer"))
    assert told.problem


def test_values_that_come_twice(shop: Project, wb: Workbench) -> None:
    """All but the first of those that are the same are in the way of a unique constraint, and new ones may be, too."""
    free = tried(wb, shop, "email", "NULL", UNIQUE)
    same = tried(wb, shop, "email", "'d@x.org'", UNIQUE)

    assert ((Filled((4,), "b@x.org", None),), 1, 0, True) == (free.rows, free.wrong, free.left, free.ok)
    assert {(4, "comes twice"), (5, "comes twice")} == {(each.key[0], each.problem) for each in same.rows}
    assert (2, False) == (same.left, same.ok)
    assert "comes twice" == tried(wb, shop, "email", "'d@x.org'", UNIQUE, python=True).rows[0].problem


def test_values_without_a_parent_and_too_long(shop: Project, wb: Workbench) -> None:
    """A foreign key and a narrower type at once: each new value is judged by both."""
    shop.execute("UPDATE customer SET land = 'Austria' WHERE id = 1", "UPDATE customer SET land = 'XX' WHERE id = 2")
    told = tried(wb, shop, "land", "CASE WHEN id = 1 THEN 'AT' ELSE 'YY' END", PARENT)
    python = tried(wb, shop, "land", "'AT' if id == 1 else 'YYY'", PARENT, python=True)

    assert (("fits VARCHAR(2)", "key of country"), 2, 1) == (told.needs, told.wrong, told.left)
    assert (Filled((2,), "XX", "YY", "is no key of country"), Filled((1,), "Austria", "AT")) == told.rows
    assert (Filled((2,), "XX", "YYY", "does not fit VARCHAR(2)"), Filled((1,), "Austria", "AT")) == python.rows


def test_a_column_that_nothing_is_asked_of(shop: Project, wb: Workbench) -> None:
    """A column as it is, one that is not there, no expression and a statement of Python's are refused in words."""
    wrong = [("name", "'x'", {}), ("nowhere", "'x'", {}), ("email", " ", {}), ("email", "x = 1", {"python": True})]
    told = []
    for column, expression, options in wrong:
        with pytest.raises(UnsupportedRequest) as refused:
            tried(wb, shop, column, expression, NOT_NULL, **options)
        told.append(refused.value.message)

    assert [
        "The models ask nothing of customer.name that its rows do not have already.",
        "There is no column 'nowhere' in customer.",
        "There is no expression for email.",
        "This is no expression of Python's: invalid syntax.",
    ] == told


@pytest.mark.parametrize("python", [False, True])
@pytest.mark.parametrize("few", [10_000, 1])
def test_the_code_does_what_was_shown(
    shop: Project, wb: Workbench, monkeypatch: pytest.MonkeyPatch, few: int, *, python: bool
) -> None:
    """Really applied, in one go and in batches of two rows, the rows are as they were shown."""
    monkeypatch.setattr(backfills_code, "FEW", few)
    monkeypatch.setattr(backfills_code, "BATCH", 2)
    expression = "'n:' + (name or '%')" if python else "CASE WHEN name IS NULL THEN 'n:%' ELSE 'n:x' END"
    columns = LIVE.replace('C("note", sa.String(40))', 'C("note", sa.String(40), nullable=False)')
    told = tried(wb, shop, "note", expression, columns, python=python)
    shop.execute("UPDATE customer SET note = 'kept' WHERE id = 2")
    shop.revision("fill", None, "\n".join(told.upgrade))
    run = wb.upgrade().apply()

    expected = {each.key[0]: each.new for each in told.rows} | {2: "kept"}
    assert run.ok, run.error
    assert expected == dict(shop.execute("SELECT id, note FROM customer"))
    assert (few == 1, True) == (told.own_revision, told.ok)


@ON_SQLITE
def test_values_from_python_are_no_script(shop: Project, wb: Workbench) -> None:
    """`alembic upgrade --sql` and the preview say so in words; online it runs."""
    columns = LIVE.replace('C("note", sa.String(40))', 'C("note", sa.String(40), nullable=False)')
    told = tried(wb, shop, "note", "'n:' + (name or '%')", columns, python=True)
    shop.revision("fill", None, "\n".join(told.upgrade))
    plan = wb.upgrade()
    (step,) = plan.steps

    assert step.statements is None
    why = "customer.note gets its values from Python, which no SQL script can hold: upgrade online."
    assert why in str(step.why_not)
    script = run([sys.executable, "-m", "alembic", "upgrade", "head", "--sql"], cwd=shop.folder, check=False,
                 capture_output=True, text=True)  # fmt: skip
    assert script.returncode != 0
    assert f"FAILED: {why}" in " ".join(script.stdout.split())
    assert "Traceback" not in script.stdout + script.stderr
    assert plan.apply().ok


@pytest.mark.parametrize("value", ["'n:' || name", {"python": "'n:' + name"}], ids=["sql", "python"])
def test_a_draft_fills_a_large_table_in_batches(
    shop: Project, wb: Workbench, monkeypatch: pytest.MonkeyPatch, value: Any
) -> None:
    """By the names that a rename gives, in either language; the values are those that were tried, and it goes back."""
    monkeypatch.setattr(backfills_code, "FEW", 1)
    monkeypatch.setattr(backfills_code, "BATCH", 2)
    if not isinstance(value, dict) and wb.schema().databases[0].dialect in OR:
        value = "concat('n:', name)"
    (shop.folder / "migrations" / "script.py.mako").write_text(MAKO)
    shop.execute("UPDATE customer SET name = 'Eve', note = 'kept' WHERE id = 3")
    new = 'C("remark", sa.String(60), nullable=False), C("rank", sa.String(9), nullable=False)'
    columns = LIVE.replace('C("note", sa.String(40))', new)
    shop.env(HEAD + TABLES.format(columns=columns), metadata="metadata")
    decisions = {
        "renames": {"column customer.note": "remark"},
        "fills": {"alter_column customer.remark": value, "add_column customer.rank": value},
    }
    draft = wb.revision("remark on customers", decisions=decisions)
    key, text = "alter_column customer.remark", value["python"] if isinstance(value, dict) else value
    tried = draft.backfill(key, text, python=isinstance(value, dict))
    rehearsal = wb.rehearse(draft)
    draft.write()
    run = wb.upgrade().apply()

    assert ("LIMIT 2" in draft.code, tried.wrong, tried.left) == (True, 4, 0)
    assert rehearsal.ok, rehearsal.error
    assert run.ok, run.error
    names = dict(NAMES_NOW)
    assert {id_: (f"n:{name}", f"n:{name}") for id_, name in NAMES_NOW} | {3: ("kept", f"n:{names[3]}")} == {
        id_: (remark, rank)
        for id_, remark, rank in shop.execute(f"SELECT id, remark, {quoted(shop)} FROM customer ORDER BY id")
    }
    assert wb.diff().is_empty
    assert wb.downgrade("base").apply(preflight=False).ok


def test_a_written_fill_in_python_that_fails_on_a_later_row(shop: Project, wb: Workbench) -> None:
    """The database stands where it stood, and it can run again."""
    fails_on_a_later_row(shop, wb, {"python": "'n:' + str(1 // (row['id'] - 7))"})


@ON_POSTGRESQL
def test_a_written_fill_that_fails_on_a_later_row(shop: Project, wb: Workbench) -> None:
    """The same in SQL, where a division by zero is no NULL."""
    fails_on_a_later_row(shop, wb, "'n:' || 1 / (id - 7)")


def fails_on_a_later_row(shop: Project, wb: Workbench, value: Any) -> None:
    """Write a Draft with this value, which cannot be had for a row that comes after; apply it, and once more."""
    (shop.folder / "migrations" / "script.py.mako").write_text(MAKO)
    columns = LIVE.replace('C("note", sa.String(40))', 'C("note", sa.String(40), nullable=False)')
    shop.env(HEAD + TABLES.format(columns=columns), metadata="metadata")
    wb.revision("notes on all customers", decisions={"fills": {"alter_column customer.note": value}}).write()
    shop.execute("INSERT INTO customer (id, name) VALUES (7, 'Zoe')")
    before = stands(shop, wb)
    run = wb.upgrade().apply(preflight=False)

    assert run.error is not None
    assert "division" in f"{run.error.message} {run.error.evidence}"
    assert before == stands(shop, wb)
    shop.execute("DELETE FROM customer WHERE id = 7")
    assert wb.upgrade().apply().ok
    assert wb.diff().is_empty


def stands(shop: Project, wb: Workbench) -> list[Any]:
    """The rows, the tables but for what a server only estimates, and the heads."""
    tables = [(each.name, each.columns, each.constraints, each.indexes) for each in wb.schema().all_tables]
    return [shop.execute("SELECT * FROM customer ORDER BY id"), tables, wb.current().heads]


NAMES_NOW = [(1, "Ann"), (2, "Bob"), (3, "Eve"), (4, "Cy"), (5, "Dee")]


def quoted(project: Project) -> str:
    """`rank` is a word of MySQL's own."""
    return "`rank`" if "m" in project.url.partition(":")[0] else '"rank"'


def test_rows_in_the_way_of_a_constraint(shop: Project, wb: Workbench) -> None:
    """A foreign key and a unique constraint: the rows are asked, the decision names its column, and it runs."""
    (shop.folder / "migrations" / "script.py.mako").write_text(MAKO)
    shop.execute("UPDATE customer SET land = 'XX' WHERE id IN (2, 4)")
    both = LIVE.replace('C("land", sa.String(9))', 'C("land", sa.String(9), sa.ForeignKey("country.code", name="fk"))')
    code = TABLES.replace("sa.String(2)", "sa.String(9)").format(
        columns=f'{both}, sa.UniqueConstraint("email", name="uq")'
    )
    shop.execute(WIDER.get(wb.schema().databases[0].dialect, "SELECT 1"))
    shop.env(HEAD + code, metadata="metadata")
    draft = wb.preflight(wb.revision("customers have a country").untick("alter_column *"))
    columns = {each.key: draft.columns_of(each) for each in draft.choices if each.ticked}
    asked = {each.key: each.text for each in draft.questions}
    free = draft.backfill("add_constraint customer.uq", "NULL", column="email")
    draft = draft.fill("add_constraint customer.uq", "NULL", column="email")
    draft = draft.fill("add_fk customer.fk", "'AT'", column="land")
    draft.write()
    run = wb.upgrade().apply()

    assert {"add_fk customer.fk": ("land",), "add_constraint customer.uq": ("email",)} == columns
    assert "What shall customer.land be in the rows that are in the way?" == asked["add_fk customer.fk"]
    assert "What shall customer.email be in the rows that are in the way?" == asked["add_constraint customer.uq"]
    assert (1, 0) == (free.wrong, free.left)
    assert run.ok, run.error
    told = shop.execute("SELECT id, land, email FROM customer ORDER BY id")
    lands = [("AT", None), ("AT", "b@x.org"), ("AT", None), ("AT", None), ("AT", "d@x.org")]
    assert [(id_, *each) for id_, each in enumerate(lands, 1)] == told


WIDER = {
    "postgresql": "ALTER TABLE country ALTER code TYPE varchar(9)",
    "mysql": "ALTER TABLE country MODIFY code varchar(9)",
    "mariadb": "ALTER TABLE country MODIFY code varchar(9)",
}
"""MySQL wants both sides of a foreign key alike."""


def test_a_new_column_that_may_be_null(shop: Project, wb: Workbench) -> None:
    """It gets its values once it is there."""
    (shop.folder / "migrations" / "script.py.mako").write_text(MAKO)
    shop.env(HEAD + TABLES.format(columns=f'{LIVE}, C("born", sa.Integer)'), metadata="metadata")
    wb.revision("tell when they were born").fill("add_column customer.born", "birth * 2").write()
    run = wb.upgrade().apply()

    assert run.ok, run.error
    assert [(18,), (16,), (0,), (12,), (10,)] == shop.execute("SELECT born FROM customer ORDER BY id")
