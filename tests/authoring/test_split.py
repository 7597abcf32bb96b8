"""A Draft in several revisions: their order, that they lead where the whole does, and that all or none are written."""

from __future__ import annotations

import comm
import pytest

from tests.authoring import pairs
from tests.authoring.test_draft import MAKO, begin, models, rows
from tests.authoring.test_property import ENV, _different, _needs_values
from tests.kept import ON_SQLITE
from tests.safety.projects import Project
from tests.widgets.browser import Browser, Wire
from workbench import Draft, Workbench
from workbench.errors import PlanOutdated, UnsupportedRequest
from workbench.widgets import view_of
from workbench.widgets.draft import DraftView

BEFORE = (
    (
        'sa.Table("customer", metadata, sa.Column("id", sa.Integer, primary_key=True), '
        'sa.Column("name", sa.String(40)), sa.Column("fax", sa.String(40)))'
    ),
    'sa.Table("log", metadata, sa.Column("id", sa.Integer, primary_key=True))',
)
AFTER = (
    (
        'sa.Table("customer", metadata, sa.Column("id", sa.Integer, primary_key=True), '
        'sa.Column("name", sa.String(40), nullable=False), sa.Column("email", sa.String(40), index=True))'
    ),
    'sa.Table("log", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("level", sa.Integer))',
)


def whole(bare: Project, wb: Workbench) -> Draft:
    """Unrelated changes, with a value for the rows in the way and one row."""
    (bare.folder / "migrations" / "script.py.mako").write_text(MAKO)
    begin(bare, wb, *BEFORE)
    rows(bare, "INSERT INTO customer (id) VALUES (1)")
    models(bare, *AFTER)
    ticks = {"*": True}
    return wb.revision("much", decisions={"ticks": ticks, "fills": {"alter_column customer.name": "'nobody'"}})


def test_expands_before_it_contracts(bare: Project, wb: Workbench) -> None:
    """Each part follows the one before; all are written, and lead to the models and back."""
    split = whole(bare, wb).split()
    assert [(each.stage, each.tables, each.keys) for each in split.parts] == [
        ("expand", ("customer",), ("add_column customer.email", "add_index customer.ix_customer_email")),
        ("expand", ("log",), ("add_column log.level",)),
        ("contract", ("customer",), ("alter_column customer.name", "remove_column customer.fax")),
    ]
    first, second, last = (each.draft for each in split.parts)
    assert (second.down_revisions, last.down_revisions) == ((first.revision,), (second.revision,))
    assert first.message == "add column customer.email, add index customer.ix_customer_email"
    assert wb.rehearse(split.last).ok
    assert not split.written

    assert [each.name for each in split.write()] == [each.draft.path.rpartition("/")[2] for each in split.parts]
    run = wb.upgrade().apply(preflight=False)
    assert run.ok, run.error
    assert wb.diff().is_empty
    assert rows(bare, "SELECT id, name FROM customer") == [(1, "nobody")]
    assert wb.downgrade("-3").apply(preflight=False).ok
    models(bare, *BEFORE)
    assert wb.diff().is_empty


@ON_SQLITE
def test_all_or_none(bare: Project, wb: Workbench) -> None:
    """Where the last file would be made otherwise now, the first ones, which are written by then, are removed again."""
    split = whole(bare, wb).split()
    folder = (bare.folder / split.last.path).parent
    before = sorted(each.name for each in folder.glob("*.py"))
    models(bare, AFTER[0].replace(", nullable=False", ""), AFTER[1])
    with pytest.raises(PlanOutdated):
        split.write()
    assert sorted(each.name for each in folder.glob("*.py")) == before
    assert not split.written


@ON_SQLITE
def test_faces(bare: Project, wb: Workbench) -> None:
    """Text and HTML say the same; names are escaped."""
    split = whole(bare, wb).split()
    text, html = str(split), split._repr_html_()
    assert text.startswith("3 revisions, not written yet.\n\n1. ")
    for each in split.parts:
        for told in (each.why, each.draft.message, *each.keys):
            assert told in text
            assert told in html
    assert list(split.df["part"]) == [1, 1, 2, 3, 3]


@ON_SQLITE
def test_what_cannot_be_split(bare: Project, wb: Workbench) -> None:
    """A first revision, code by hand, and a part for itself are refused with what to do."""
    models(bare, *BEFORE)
    with pytest.raises(UnsupportedRequest, match="does not follow one head"):
        wb.revision("first").split()
    split = whole(bare.renew(), wb).split()
    with pytest.raises(UnsupportedRequest, match="follows another one"):
        split.last.write()
    with pytest.raises(UnsupportedRequest, match="follows another one"):
        split.last.decide(message="other")
    by_hand = wb.revision("by hand").decide(code={"upgrade": "pass", "downgrade": "pass"})
    with pytest.raises(UnsupportedRequest, match="written by hand"):
        by_hand.split()


@ON_SQLITE
def test_in_the_view(bare: Project, wb: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Offered where more than one table changes; looked at, taken back, rehearsed and written from the same page."""
    monkeypatch.setattr(comm, "create_comm", Wire)
    draft = whole(bare, wb)
    browser = Browser(view_of(draft))
    view: DraftView = browser.view
    assert "Split it" in view._html
    assert "Split it" not in Browser(view_of(draft.untick("*").tick("add_column log.level"))).view._html
    for action, shown in (
        ("split", "3 revisions, not written yet"),
        ("whole", "Split it"),
        ("split", "Back to one revision"),
        ("rehearse", "up, down and up again"),
        ("write", "3 revisions written"),
    ):
        assert browser.press(action)["ok"]
        assert (view.beneath or view).wait(60)
        assert view.wait(60)
        assert (view._error, shown in view._html) == ("", True), (action, view._html)
    assert "Back to one revision" not in view._html
    assert len(list((bare.folder / "migrations" / "versions").glob("*.py"))) == 1 + 3


@pytest.mark.parametrize("seed", range(2))
def test_leads_where_the_whole_does(bare: Project, wb: Workbench, seed: int) -> None:
    """Random pairs of schemas: no difference after all parts, and none after all their ways back."""
    pair = pairs.random_pair(seed)
    problem = tried(bare, wb, pair)
    assert problem == "", problem


def tried(project: Project, wb: Workbench, pair: pairs.Pair) -> str:
    """What went wrong; empty if nothing did."""
    (project.folder / "migrations" / "script.py.mako").write_text(MAKO)
    file = project.folder / "models.txt"
    file.write_text(pair.models(pair.before))
    project.env(ENV, metadata="metadata")
    wb.revision("begin with this").write()
    assert wb.upgrade().apply(preflight=False).ok
    inserts = pairs.inserts(pair)
    if inserts:
        project.execute(*inserts)
    file.write_text(pair.models(pair.after))
    draft = wb.revision("go on", decisions={"ticks": {"*": True}, "renames": pair.renames})
    if not draft.choices:
        return ""
    fills = pairs.fills(pair, [each.key for each in draft.choices if _needs_values(each)])
    split = (draft.decide(fills=fills) if fills else draft).split()
    split.write()
    for way, tables in (("up", pair.after), ("down", pair.before)):
        plan = wb.upgrade() if way == "up" else wb.downgrade(f"-{len(split.parts)}")
        run = plan.apply(preflight=False)
        if not run.ok:
            return f"{way}: {run.error}\n{split}"
        file.write_text(pair.models(tables))
        left = wb.diff()
        if not left.is_empty:
            return f"left after {way}: {left}\n{split}"
        if told := _different(project, wb, tables):
            return f"after {way}: {told}\n{split}"
    return ""
