"""A Draft: what is found, what is decided on, the file that comes of it, and that it does what it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tests.kept import ON_POSTGRESQL, ON_SQLITE
from tests.safety.projects import Project
from workbench import Draft, Workbench
from workbench.errors import HistoryBroken, PlanOutdated, UnsupportedRequest, WriteFailed

CUSTOMER = """
sa.Table("customer", metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(40), nullable=False),
    {columns}
)
"""
NICKNAME = 'sa.Column("nickname", sa.String(40)),'


def models(project: Project, *tables: str) -> None:
    """Let env.py have these tables for its models."""
    project.env("import sqlalchemy as sa\nmetadata = sa.MetaData()\n" + "\n".join(tables), metadata="metadata")


def begin(project: Project, wb: Workbench, *tables: str) -> None:
    """The database at a head that the workbench itself has written for these tables."""
    models(project, *tables)
    wb.revision("begin").write()
    run = wb.upgrade().apply()
    assert run.ok, run.error


def rows(project: Project, sql: str, *values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Run one statement, and give its rows."""
    engine = sa.create_engine(project.url, poolclass=NullPool)
    with engine.begin() as connection:
        done = connection.execute(sa.text(sql), list(values) if values else None)
        return [tuple(each) for each in done] if done.returns_rows else []


def applied(wb: Workbench, draft: Draft) -> None:
    """Write the draft and upgrade to it."""
    draft.write()
    run = wb.upgrade().apply(preflight=False)
    assert run.ok, run.error


def keys(draft: Draft) -> dict[str, bool]:
    """Each choice, and whether it is ticked."""
    return {each.key: each.ticked for each in draft.choices}


def body(draft: Draft) -> tuple[str, str]:
    """The code of upgrade and downgrade, without Alembic's comments."""
    parts = draft.code.split("def ")[1:]
    up, down = (
        "\n".join(line for line in part.split("\n")[1:] if line.strip() and not line.strip().startswith("#"))
        for part in parts
    )
    return up, down


MAKO = (
    '"""${message}"""\n\nimport sqlalchemy as sa\nfrom alembic import op\n${imports if imports else ""}\n\n'
    "revision = ${repr(up_revision)}\ndown_revision = ${repr(down_revision)}\n"
    "branch_labels = ${repr(branch_labels)}\ndepends_on = ${repr(depends_on)}\n\n\n"
    'def upgrade():\n    ${upgrades if upgrades else "pass"}\n\n\n'
    'def downgrade():\n    ${downgrades if downgrades else "pass"}\n'
)


@pytest.fixture
def project(bare: Project) -> Project:
    """An environment without revisions, whose template writes code."""
    (bare.folder / "migrations" / "script.py.mako").write_text(MAKO)
    return bare


def test_without_decisions_it_is_what_alembic_writes(project: Project, wb: Workbench) -> None:
    """Same file, to the byte: Alembic's own comparison, renderers, template and naming.

    But on SQLite, where Alembic's downgrade drops a column in a way that fails wherever it has a key.
    """
    note = 'sa.Table("note", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.Text))'
    begin(project, wb, note)
    models(project, note.replace("sa.Text)", 'sa.Text), sa.Column("at", sa.Integer, index=True)'))
    draft = wb.revision("add a time", rev_id="abc123")
    path = Path(draft.write())
    ours = path.read_text()
    path.unlink()
    command = ["-m", "alembic", "revision", "--autogenerate", "-m", "add a time", "--rev-id", "abc123"]
    subprocess.run([sys.executable, *command], cwd=project.folder, check=True, capture_output=True)

    assert draft.code == ours
    if project.url.startswith("sqlite"):
        assert path.read_text().split("def downgrade")[0] == ours.split("def downgrade")[0]
    else:
        assert path.read_text() == ours


def test_a_rename_keeps_the_values(project: Project, wb: Workbench) -> None:
    """In both directions; what else has changed in the table comes after it, by the new name."""
    begin(project, wb, CUSTOMER.format(columns=NICKNAME))
    rows(project, "INSERT INTO customer (id, name, nickname) VALUES (1, 'Ann', 'annie')")
    models(project, CUSTOMER.format(columns='sa.Column("display_name", sa.String(80), index=True)'))
    found = wb.revision("name customers as they like")
    draft = found.rename("column customer.nickname", "display_name")

    assert keys(found) == {
        "add_column customer.display_name": True,
        "add_index customer.ix_customer_display_name": True,
        "remove_column customer.nickname": False,
    }
    assert keys(draft) == {
        "rename_column customer.nickname": True,
        "alter_column customer.display_name": True,
        "add_index customer.ix_customer_display_name": True,
    }
    applied(wb, draft)
    assert [("annie",)] == rows(project, "SELECT display_name FROM customer")
    assert wb.diff().is_empty
    assert wb.downgrade("-1").apply(preflight=False).ok
    assert [("annie",)] == rows(project, "SELECT nickname FROM customer")


def test_a_rename_of_table_and_column(project: Project, wb: Workbench) -> None:
    """Columns of a renamed table go by its new name; its rows stay."""
    begin(project, wb, CUSTOMER.format(columns=NICKNAME))
    rows(project, "INSERT INTO customer (id, name, nickname) VALUES (1, 'Ann', 'annie')")
    models(project, CUSTOMER.format(columns='sa.Column("alias", sa.String(40))').replace('"customer"', '"client"'))
    draft = wb.revision("call customers clients", decisions={
        "renames": {"table customer": "client", "column client.nickname": "alias"}
    })  # fmt: skip

    assert keys(draft) == {"rename_table customer": True, "rename_column client.nickname": True}
    applied(wb, draft)
    assert [("annie",)] == rows(project, "SELECT alias FROM client")
    assert wb.diff().is_empty
    assert wb.downgrade("-1").apply(preflight=False).ok
    assert [("annie",)] == rows(project, "SELECT nickname FROM customer")


@pytest.mark.parametrize(
    "renames",
    [{"column t.a": "b", "column t.b": "a"}, {"column t.a": "b", "column t.b": "c", "column t.c": "a"}],
    ids=["swap", "ring"],
)
def test_names_that_change_places(project: Project, wb: Workbench, renames: dict[str, str]) -> None:
    """A to b while b goes elsewhere: every value ends under its new name, and back again."""
    columns = ", ".join(f'sa.Column("{name}", sa.Integer)' for name in "abc")
    begin(project, wb, f'sa.Table("t", metadata, {columns})')
    rows(project, "INSERT INTO t (a, b, c) VALUES (1, 2, 3)")
    draft = wb.revision("change places", decisions={"renames": renames})
    applied(wb, draft)

    new = {old.rpartition(".")[2]: name for old, name in renames.items()}
    told = {new.get(name, name): value for name, value in zip("abc", (1, 2, 3), strict=True)}
    assert [(told["a"], told["b"], told["c"])] == rows(project, "SELECT a, b, c FROM t")
    assert wb.downgrade("-1").apply(preflight=False).ok
    assert [(1, 2, 3)] == rows(project, "SELECT a, b, c FROM t")


def test_drops_start_unticked_and_say_what_would_go(project: Project, wb: Workbench) -> None:
    """Tables and columns with the number of rows and values; ticked, they go, and the downgrade works on rows."""
    old = 'sa.Table("old", metadata, sa.Column("id", sa.Integer))'
    begin(project, wb, CUSTOMER.format(columns='sa.Column("rank", sa.Integer, nullable=False)'), old)
    rank = _quoted(project, "rank")
    rows(project, f"INSERT INTO customer (id, name, {rank}) VALUES (1, 'Ann', 7), (2, 'Bob', 8)")
    rows(project, "INSERT INTO old (id) VALUES (1), (2), (3)")
    models(project, CUSTOMER.format(columns=""))
    draft = wb.revision("drop what nobody needs")

    assert keys(draft) == {"remove_column customer.rank": False, "remove_table old": False}
    assert [("remove_column customer.rank", 2), ("remove_table old", 3)] == [
        (each.key, each.lost.rows if each.lost else None) for each in draft.choices
    ]
    assert draft.is_empty
    everything = draft.tick("remove_*")
    assert not everything.is_empty
    applied(wb, everything)
    assert wb.diff().is_empty
    assert wb.downgrade("-1").apply(preflight=False).ok
    assert [(0,), (0,)] == rows(project, f"SELECT {rank} FROM customer")


def _quoted(project: Project, name: str) -> str:
    return f"`{name}`" if "mysql" in project.url or "mariadb" in project.url else f'"{name}"'


def test_a_fill_lets_a_column_be_not_null(project: Project, wb: Workbench) -> None:
    """Of a new column and of one that becomes NOT NULL; the decision is an expression, the code an UPDATE."""
    begin(project, wb, CUSTOMER.format(columns='sa.Column("email", sa.String(40))'))
    rows(project, "INSERT INTO customer (id, name, email) VALUES (1, 'Ann', NULL), (2, 'Bob', 'b@x')")
    both = 'sa.Column("email", sa.String(40), nullable=False), sa.Column("city", sa.String(9), nullable=False)'
    models(project, CUSTOMER.format(columns=both))
    draft = wb.revision("ask for address and city").fill("alter_column customer.email", "lower(name)")
    draft = draft.fill("add_column customer.city", "'a:b'")
    applied(wb, draft)

    assert [("a:b", "ann"), ("a:b", "b@x")] == rows(project, "SELECT city, lower(email) FROM customer ORDER BY id")
    assert wb.diff().is_empty
    assert wb.downgrade("-1").apply(preflight=False).ok


def test_decisions_make_the_same_draft_again(project: Project, wb: Workbench) -> None:
    """They are a plain dict: a notebook reruns without a click."""
    begin(project, wb, CUSTOMER.format(columns=NICKNAME))
    models(project, CUSTOMER.format(columns='sa.Column("alias", sa.String(40), nullable=False)'))
    draft = wb.revision("call them", rev_id="77ab").rename("column customer.nickname", "alias")
    draft = draft.fill("alter_column customer.alias", "name")
    again = wb.revision("call them", decisions=draft.decisions)

    assert _dateless(again.code) == _dateless(draft.code)
    assert again.choices == draft.choices
    assert draft.rename("column customer.nickname", None).decisions["renames"] == {}


def _dateless(code: str) -> str:
    return "\n".join(line for line in code.split("\n") if "Create Date" not in line)


def test_behind_the_head_it_compares_with_the_head(project: Project, wb: Workbench) -> None:
    """Made on a scratch database; the live one is left where it stands."""
    begin(project, wb, CUSTOMER.format(columns=""))
    models(project, CUSTOMER.format(columns=NICKNAME))
    wb.revision("nicknames").write()
    models(project, CUSTOMER.format(columns=NICKNAME + 'sa.Column("city", sa.String(9))'))
    draft = wb.revision("cities")

    assert draft.compared == "head"
    assert keys(draft) == {"add_column customer.city": True}
    assert [step.revision for step in draft.plan.steps] == [*wb.history().heads, draft.revision]
    assert wb.rehearse(draft).ok
    assert wb.current().pending != ()


def test_it_is_rehearsed_before_it_is_a_file(project: Project, wb: Workbench) -> None:
    """Up, down, up on a copy: equal to the models after it, equal to before on the way back; nothing is written."""
    begin(project, wb, CUSTOMER.format(columns=""))
    models(project, CUSTOMER.format(columns=NICKNAME))
    before = _files(project)
    draft = wb.revision("nicknames")
    rehearsal = wb.rehearse(draft)

    assert rehearsal.ok, rehearsal.error
    assert rehearsal.remaining is not None
    assert rehearsal.remaining.is_empty
    assert rehearsal.lost == ()
    assert before == _files(project)
    with pytest.raises(UnsupportedRequest, match="not written yet"):
        draft.plan.apply()


def _files(project: Project) -> dict[str, bytes]:
    return {
        str(each): each.read_bytes()
        for each in sorted(project.folder.rglob("*"))
        if each.is_file() and "__pycache__" not in str(each) and each.suffix != ".db"
    }


@ON_SQLITE
def test_findings_stand_at_their_choice(project: Project, wb: Workbench) -> None:
    """A rule looks at the file that would be written; the finding says which choice it is about."""
    begin(project, wb, CUSTOMER.format(columns='sa.Column("email", sa.String(40))'))
    rows(project, "INSERT INTO customer (id, name, email) VALUES (1, 'Ann', NULL)")
    models(project, CUSTOMER.format(columns='sa.Column("email", sa.String(40), nullable=False), ' + NICKNAME))
    draft = wb.preflight(wb.revision("ask for an address"))
    (choice,) = [each for each in draft.choices if each.key == "alter_column customer.email"]

    assert [("set-not-null", "will fail", 1)] == [
        (each.rule, each.evidence.verdict, each.evidence.count)
        for each in draft.findings_of(choice)
        if each.outcome == "fails"
    ]


@ON_SQLITE
def test_by_hand(project: Project, wb: Workbench) -> None:
    """Operations beside what was found, or the whole code; what cannot be loaded is said, and not written."""
    begin(project, wb, CUSTOMER.format(columns=""))
    more = [{"upgrade": "op.execute('SELECT 1')", "downgrade": "op.execute('SELECT 2')"}]
    draft = wb.revision("look", autogenerate=False, decisions={"operations": more})
    assert body(draft) == ("    op.execute('SELECT 1')", "    op.execute('SELECT 2')")

    loop = "for each in 'ab':\n    if each:\n        op.execute('SELECT 1')"
    whole = draft.decide(code={"upgrade": loop, "downgrade": "pass"})
    assert body(whole)[0] == "\n".join(f"    {line}" for line in loop.split("\n"))

    broken = draft.decide(code={"upgrade": "op.execute('SELECT 1'", "downgrade": "pass"})
    assert "never closed" in broken.problem
    with pytest.raises(UnsupportedRequest, match="cannot be loaded"):
        broken.write()
    with pytest.raises(HistoryBroken, match="cannot be loaded"):
        _ = broken.plan


@ON_SQLITE
def test_writing(project: Project, wb: Workbench) -> None:
    """Never over a file, never what is no longer true, never half; and with an answer where the folder is closed."""
    begin(project, wb, CUSTOMER.format(columns=""))
    models(project, CUSTOMER.format(columns=NICKNAME))
    draft = wb.revision("nicknames")
    models(project, CUSTOMER.format(columns=""))
    before = _files(project)
    with pytest.raises(PlanOutdated, match="have moved"):
        draft.write()
    assert _files(project) == before

    models(project, CUSTOMER.format(columns=NICKNAME))
    (project.folder / draft.path).write_text("mine")
    with pytest.raises(WorkbenchErrors):
        draft.write()
    assert (project.folder / draft.path).read_text() == "mine"
    (project.folder / draft.path).unlink()

    path = draft.write()
    assert path.read_text() == draft.code
    assert [each.name for each in path.parent.iterdir() if each.suffix == ".tmp"] == []


WorkbenchErrors = (PlanOutdated, WriteFailed, HistoryBroken)


@ON_SQLITE
@pytest.mark.parametrize(
    "decisions,words",
    [
        ({"poem": 1}, "There is no decision 'poem'"),
        ({"renames": {"customer.nickname": "x"}}, "which is no rename"),
        ({"fills": {"remove_index customer.ix": "1"}}, "which is no choice that gets values"),
        ({"fills": {"add_index customer.ix": "1"}}, "does not say which column of customer gets values"),
        ({"fills": {"add_column customer.city": {"poem": "x"}}}, "There is no expression"),
        ({"fills": {"add_column customer.city": {"python": "x ="}}}, "cannot become code. This is no expression"),
        ({"fills": {"add_column nobody.city": {"python": "1"}}}, "cannot become code. There is no"),
        ({"fills": {"add_column customer.city": "  "}}, "There is no expression"),
        ({"ticks": ["remove_table old"]}, "ticks is a list"),
        ({"operations": [{"upgrade": 1}]}, "has no text for its upgrade"),
    ],
)
def test_decisions_that_mean_nothing(project: Project, wb: Workbench, decisions: dict[str, Any], words: str) -> None:
    """A clear answer for each."""
    models(project, CUSTOMER.format(columns=NICKNAME))
    with pytest.raises(UnsupportedRequest, match=words):
        wb.revision("try", decisions=decisions)


@ON_POSTGRESQL
def test_the_safer_way_is_taken_into_the_draft(project: Project, wb: Workbench) -> None:
    """A concurrent index in place of one that blocks writes; both directions run, and the models agree."""
    begin(project, wb, CUSTOMER.format(columns=NICKNAME))
    rows(project, "INSERT INTO customer (id, name) SELECT i, 'name' FROM generate_series(1, 20000) i")
    rows(project, "ANALYZE customer")
    models(project, CUSTOMER.format(columns='sa.Column("nickname", sa.String(40), index=True)'))
    found = wb.revision("index nicknames")
    (choice,) = found.choices
    assert [each.rule for each in found.rewrites_of(choice)][:1] == ["pg-index-not-concurrent"]

    draft = found.rewrite(choice.key)
    assert "postgresql_concurrently=True" in draft.code
    assert draft.choices[0].why == "the safer way"
    assert [each.rule for each in draft.findings if each.rule == "pg-index-not-concurrent"] == []
    assert draft.rewrite(choice.key, safer=False).code == found.code
    applied(wb, draft)
    assert wb.diff().is_empty
    assert wb.downgrade("-1").apply().ok


@ON_SQLITE
def test_a_rewrite_that_nobody_offers(project: Project, wb: Workbench) -> None:
    """It says so."""
    begin(project, wb, CUSTOMER.format(columns=""))
    models(project, CUSTOMER.format(columns=NICKNAME))
    with pytest.raises(UnsupportedRequest, match=r"no safer way for add_column customer\.nickname"):
        wb.revision("nicknames").rewrite("add_column customer.nickname")


@ON_SQLITE
def test_a_message_that_says_nothing_is_not_written(project: Project, wb: Workbench) -> None:
    """It can be overruled."""
    begin(project, wb, CUSTOMER.format(columns=""))
    models(project, CUSTOMER.format(columns=NICKNAME))
    draft = wb.revision("update")

    assert [each.kind for each in draft.questions] == ["message"]
    with pytest.raises(UnsupportedRequest, match="says nothing of it"):
        draft.write()
    assert draft.decide(any_message=True).write().exists()


@ON_SQLITE
def test_candidates_are_asked_and_not_decided(project: Project, wb: Workbench) -> None:
    """A question with its reasons; answered by a name, or by `no`."""
    begin(project, wb, CUSTOMER.format(columns=NICKNAME))
    models(project, CUSTOMER.format(columns='sa.Column("nick_name", sa.String(40))'))
    draft = wb.revision("call them something else")

    assert [(each.kind, each.key, [name for name, _ in each.options]) for each in draft.questions] == [
        ("rename", "column customer.nickname", ["nick_name"])
    ]
    assert keys(draft) == {"add_column customer.nick_name": True, "remove_column customer.nickname": False}
    assert draft.rename("column customer.nickname", "nick_name").questions == ()
    no = draft.rename("column customer.nickname", "")
    assert (no.questions, keys(no)) == ((), keys(draft))
