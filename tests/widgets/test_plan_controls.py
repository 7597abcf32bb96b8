"""What a person is asked before a Plan runs, and how the view keeps up with a world that moves."""

from __future__ import annotations

import dataclasses
import pathlib
import time
from collections.abc import Callable

import pytest

from tests.browser.slow_workbench import DESTROYING, rehearsed
from tests.safety.projects import Project
from tests.widgets.browser import Browser
from tests.widgets.test_plan_view import Fake
from tests.zoo_plans import PLANS, RUNS
from workbench.bridge.seals import OUTDATED
from workbench.errors import BackupFailed, Cancelled, DatabaseLocked, DatabaseProtected, PlanOutdated, ScratchRefused
from workbench.results import Event, Plan, Rehearsal
from workbench.results.base import attach
from workbench.widgets.plan import PlanView

PLAN = PLANS["three revisions"]
APPLY = 'data-action="apply"'
AGAIN = 'data-action="again"'


class Rehearsing(Fake):
    """A Workbench that also rehearses: it ends with what it was given."""

    def __init__(self, shown: Rehearsal | Exception) -> None:
        super().__init__()
        self.shown = shown

    def rehearse(self, plan: Plan, on_event: Callable[[Event], None], **options: object) -> Rehearsal:
        """Tell how far it is, wait for `go`, and end."""
        self.calls.append("rehearse")
        self.options = options
        on_event(Event("notice", -1, sql="copying rows: 21,000 of 33,015"))
        self.reached.set()
        self.go.wait(5)
        on_event(Event("notice", -1, sql="pass 2 of 3: down"))
        on_event(Event("step", len(plan.steps) - 1, plan.steps[-1].revision))
        if isinstance(self.shown, Exception):
            raise self.shown
        return self.shown


def applied(fake: Fake, plan: Plan = PLAN, **fields: object) -> Browser:
    """A view in which the button was pressed with these fields, when all is over."""
    browser = Browser(PlanView(plan, fake))
    browser.press("apply", plan=plan.id, **fields)
    browser.view.wait(5)
    return browser


@pytest.mark.parametrize(
    "fields, options",
    [
        ({}, {}),
        ({"lock_timeout": "5", "backup": ""}, {}),
        ({"lock_timeout": "0.5", "backup": "yes"}, {"lock_timeout": 0.5, "backup": "backup"}),
        ({"lock_timeout": "", "confirm": "bookshop"}, {"lock_timeout": None}),
    ],
)
def test_fields_become_options(fields: dict[str, str], options: dict[str, object]) -> None:
    """What stands in the fields is what `apply` is given; what is as it is anyway is left out."""
    fake = Fake()
    applied(fake, **fields)  # type: ignore[arg-type]

    assert options == fake.options
    assert ["apply"] == fake.calls


@pytest.mark.parametrize("told", ["0", "-1", "nan", "inf", "?", "five", "1e9"])
def test_lock_timeout_that_is_none_is_refused(told: str) -> None:
    """Nothing runs with a timeout that nobody can mean; the reason is shown and the button is there again."""
    fake = Fake()
    browser = applied(fake, lock_timeout=told)

    assert "The lock timeout is not a number of seconds above 0. Nothing was run." in browser.view._error
    assert APPLY in browser.view._html
    assert [] == fake.calls


def test_backup_is_offered_where_data_is_destroyed() -> None:
    """The box stands there only then, and the question names what goes."""
    field = 'data-field="backup"'

    assert field not in PlanView(PLAN, Fake())._html
    assert field in PlanView(DESTROYING, Fake())._html
    assert "It destroys data: legacy_export and customer.nickname." in PlanView(DESTROYING, Fake())._html


def test_copy_is_offered_where_nobody_can_tell_what_is_destroyed() -> None:
    """Of SQLite the whole file, as `apply(backup=)` does; a rehearsal that shows the SQL does not take the box away."""
    blind = PLANS["blind"]
    server = dataclasses.replace(blind, databases=(dataclasses.replace(blind.databases[0], dialect="postgresql"),))
    browser = Browser(PlanView(blind, Rehearsing(rehearsed(blind))))
    box = (
        '<input data-field="backup" class="wb-input" type="checkbox" data-keep="' + blind.id + '" '
        'data-told="bookshop is copied to backup/ first.">copy bookshop to backup/ first</label>'
    )

    assert 'data-field="backup"' not in PlanView(server, Fake())._html
    assert box in browser.view._html
    browser.press("rehearse")
    browser.view.wait(5)
    assert "1 statement, rehearsed" in browser.view._html
    assert box in browser.view._html


@pytest.mark.parametrize(
    "chosen, options, told",
    [
        ({}, {}, "Rehearsing on a copy."),
        ({"scratch": "full", "lock_timeout": "5"}, {}, "Rehearsing on a copy."),
        ({"scratch": "sample"}, {"data": "sample"}, "Rehearsing on a sample of the rows."),
        ({"scratch": "none"}, {"data": "none"}, "Rehearsing on a copy without rows."),
        ({"scratch": "replay"}, {"filled": "replay"}, "Rehearsing on a replay from base."),
    ],
)
def test_what_a_rehearsal_runs_on_is_chosen(chosen: dict[str, str], options: dict[str, object], told: str) -> None:
    """What stands in the box beside the button is what `rehearse` is given, and what is said aloud."""
    fake = Rehearsing(rehearsed(PLAN))
    browser = Browser(PlanView(PLAN, fake))
    browser.press("rehearse", **chosen)
    browser.view.wait(5)

    assert options == fake.options
    assert told in browser.updates("_progress")


def test_box_of_what_a_rehearsal_runs_on() -> None:
    """It stands right after the button; a value that is none of its own rehearses nothing."""
    fake = Rehearsing(rehearsed(PLAN))
    browser = Browser(PlanView(PLAN, fake))
    answer = browser.press("rehearse", scratch="live")

    assert (
        'title="Run it on a scratch database: up, down and up again" data-action="rehearse" data-fields="">Rehearse'
        '</button><label class="wb-field" title="What it runs on: a scratch database with rows of the live one, or one '
        'that the history made from nothing">on <select data-field="scratch" class="wb-input" aria-label="Rehearse on">'
        '<option value="full">a copy</option><option value="sample">a sample of the rows</option>'
        '<option value="none">a copy without rows</option><option value="replay">a replay from base</option>'
        "</select></label>"
    ) in browser.view._html
    assert "A rehearsal does not run on 'live'." == answer["error"]["message"]
    assert [] == fake.calls


def test_protected_database_is_confirmed_by_its_name() -> None:
    """No question but a box for the name; what is typed there is sent, and Python decides."""
    fake = Fake()
    fake.pattern = "book*"
    html = PlanView(PLAN, fake)._html

    assert "bookshop is protected" in html
    assert 'data-must="bookshop"' in html
    assert 'data-needs="confirm"' in html
    assert "data-ask" not in html
    applied(fake, confirm="bookshop")
    assert {"confirm": "bookshop"} == fake.options


def test_read_only_shows_why_there_is_no_button() -> None:
    """A Workbench that applies nothing offers to rehearse, says why no more, and refuses the message too."""
    fake = Fake()
    fake.read_only = True
    browser = applied(fake)

    assert "This Workbench was opened with read_only=True, so it applies nothing." in browser.view._html
    assert APPLY not in browser.view._html
    assert 'data-action="rehearse"' in browser.view._html
    assert [] == fake.calls


@pytest.mark.parametrize("kind", [DatabaseLocked, DatabaseProtected, BackupFailed])
def test_refusal_loses_nothing(kind: type[Exception]) -> None:
    """The reason and the remedy are shown, and the button is there again."""
    browser = applied(Fake(kind("It was not begun.", "Wait a little.")))

    assert "It was not begun." in browser.view._error
    assert "Wait a little." in browser.view._error
    assert APPLY in browser.view._html


def test_changed_file_greys_the_button_and_a_restored_one_brings_it_back() -> None:
    """Each look compares the files; the page is only made anew if the answer has changed."""
    fake = Fake()
    browser = Browser(PlanView(PLAN, fake))
    assert {"id": "m1", "ok": True} == browser.press("look")
    drawn = len(browser.updates("_html"))
    fake.files = "migrations/env.py has changed since the Plan was made"
    browser.press("look")
    browser.press("look")

    assert drawn + 1 == len(browser.updates("_html"))
    assert "This plan is outdated: migrations/env.py has changed since the Plan was made." in browser.view._html
    assert APPLY not in browser.view._html
    assert AGAIN in browser.view._html
    assert "UnsupportedRequest" == browser.press("apply", plan=PLAN.id)["error"]["kind"]
    fake.files = None
    browser.press("look")
    assert APPLY in browser.view._html
    assert ["look"] * 4 == [call for call in fake.calls if call != "ask"]


def test_database_is_asked_at_every_fourth_look_and_after_another_apply() -> None:
    """Its answer stays until it is asked again: a look at the files alone does not take it back."""
    fake = Fake()
    view = PlanView(PLAN, fake)
    browser = Browser(view)

    def look() -> None:
        browser.press("look")
        view._outlook.wait(5)

    for _ in range(4):
        look()
    assert ["look"] * 4 + ["ask"] == fake.calls
    fake.database = "bookshop was at 9f31c0aa, now it is at 77b1e2d4"
    look()
    assert APPLY in view._html
    fake.applies += 1
    look()
    assert APPLY not in view._html
    look()
    assert "now it is at 77b1e2d4" in view._html
    browser.press("again")
    view.wait(5)
    assert "Apply 1 revision to bookshop" in view._html


def test_nothing_is_looked_at_once_it_ran() -> None:
    """The record of a run does not go out of date, and its page asks the script for no looks."""
    fake = Fake()
    browser = applied(fake)
    browser.press("look")

    assert ["apply"] == fake.calls
    assert "data-look" not in browser.view._html
    assert "data-look" in PlanView(PLAN, fake)._html


def test_refused_as_outdated_says_so_beside_the_button() -> None:
    """What apply() found is as good as what a look finds."""
    browser = applied(Fake(PlanOutdated(f"{OUTDATED}models.py has changed.")))

    assert "This plan is outdated: models.py has changed." in browser.view._html
    assert AGAIN in browser.view._html


def test_rehearsal_stands_below_the_title_and_the_plan_stays() -> None:
    """The SQL that was executed takes the place of what could not be had, and the very same Plan is applied."""
    blind = PLANS["blind"]
    fake = Rehearsing(rehearsed(blind))
    fake.go.clear()
    browser = Browser(PlanView(blind, fake))
    browser.press("rehearse")
    fake.reached.wait(5)
    time.sleep(0.25)  # longer than the throttle holds back
    patches = dict(browser.view._patches)
    fake.go.set()
    browser.view.wait(5)

    assert '<progress max="33015" value="21000"' in patches["controls"]
    assert 'data-action="cancel"' in patches["controls"]
    assert "Rehearsed on a copy of bookshop (33,015 rows): up ✔ down ✔ up ✔; 1 thing was not brought back" in (
        browser.view._html
    )
    assert "1 statement, rehearsed" in browser.view._html
    assert "SQL is not known beforehand" not in browser.view._html
    assert {"id": "m2", "ok": True} == browser.press("apply", plan=blind.id)
    browser.view.wait(5)
    assert ["rehearse", "apply"] == fake.calls


def test_failed_rehearsal_is_told_before_the_plan_is_applied() -> None:
    """One may still apply it, knowing that its own steps failed on a copy."""
    good = rehearsed(PLAN)
    failed = dataclasses.replace(good, ok=False, passes=(dataclasses.replace(good.passes[0], ok=False),), lost=())
    browser = Browser(PlanView(PLAN, Rehearsing(failed)))
    browser.press("rehearse")
    browser.view.wait(5)

    assert "up ✖" in browser.view._html
    assert 'data-ask="Its rehearsal failed. Run 3 revisions (6 statements) on bookshop?"' in browser.view._html


@pytest.mark.parametrize(
    "error, shown",
    [
        (ScratchRefused("No database can be made.", "Name one."), "No database can be made."),
        (Cancelled("Stopped."), ""),
    ],
)
def test_rehearsal_that_did_not_come_about_changes_nothing(error: Exception, shown: str) -> None:
    """A refusal is shown; a cancelled one was wanted, so that it is only spoken of. The buttons are there again."""
    browser = Browser(PlanView(PLAN, Rehearsing(error)))
    before = browser.view._html
    browser.press("rehearse")
    browser.view.wait(5)

    assert before == browser.view._html
    assert shown in browser.view._error
    assert bool(shown) == bool(browser.view._error)


@pytest.mark.parametrize("name", ["stamp", "empty", "offline"])
def test_what_cannot_be_rehearsed_offers_it_not(name: str) -> None:
    """A stamp runs no revision; a range is bound to no database."""
    view = PlanView(PLANS[name], Fake())

    assert 'data-action="rehearse"' not in view._html
    assert "UnsupportedRequest" == Browser(view).press("rehearse")["error"]["kind"]


def test_what_a_statement_waits_for_stands_below_it() -> None:
    """The words come and go with the statement, and a share becomes a bar."""
    patches: list[dict[str, str]] = []

    class Waiting(Fake):
        def apply(self, plan: Plan, on_event: Callable[[Event], None], **options: object) -> object:  # type: ignore[override]
            assert not options
            on_event(Event("step", 0, plan.steps[0].revision))
            on_event(Event("statement", 0, plan.steps[0].revision, "CREATE INDEX ix ON sale (day)"))
            for told in ("waits for a lock: held by anna", "building index: 43 %"):
                on_event(Event("waiting", 0, plan.steps[0].revision, told))
                time.sleep(0.25)  # longer than the throttle holds back
                patches.append(dict(view._patches))
            on_event(Event("executed", 0, plan.steps[0].revision, "CREATE INDEX ix ON sale (day)"))
            time.sleep(0.25)
            patches.append(dict(view._patches))
            return attach(RUNS["ok"], self)

    view = PlanView(PLAN, Waiting())
    Browser(view).press("apply", plan=PLAN.id)
    view.wait(5)

    waits, builds, after = (each["controls"] for each in patches)
    assert "CREATE INDEX ix ON sale (day)" in waits
    assert '<div class="wb-waits">waits for a lock: held by anna</div>' in waits
    assert '<progress max="100" value="43" aria-hidden="true"></progress> building index: 43 %' in builds
    assert "wb-waits" not in after
    assert "●&#160;running" in patches[0]["step-0"]


def test_with_a_real_database_it_is_rehearsed_saved_and_applied(tmp_path: pathlib.Path) -> None:
    """A Workbench, a protected SQLite file, a revision that drops a filled table: each part of the view at work."""
    (tmp_path / "migrations" / "versions").mkdir(parents=True)
    project = Project(tmp_path, f"sqlite:///{tmp_path / 'shop.db'}").ini().env()
    project.execute("CREATE TABLE legacy (id INTEGER PRIMARY KEY, name TEXT)", "INSERT INTO legacy VALUES (1, 'a')")
    revision = project.revision(
        "a1", None, "op.drop_table('legacy')", "op.create_table('legacy', sa.Column('id', sa.Integer))"
    )
    (tmp_path / "pyproject.toml").write_text('[tool.workbench]\nprotected = ["shop*"]\n')
    with project.workbench(scratch_url=f"sqlite:///{tmp_path / 'scratch.db'}") as workbench:
        browser = Browser(PlanView(workbench.upgrade(), workbench))
        view = browser.view
        assert isinstance(view, PlanView)
        browser.press("rehearse")
        view.wait(60)
        assert view._error == ""
        assert "up ✔ down ✔ up ✔" in view._html

        told = revision.read_text("utf-8")
        revision.write_text(told + "# more", "utf-8")
        browser.press("look")
        assert "This plan is outdated: migrations/versions/a1.py has changed since the Plan was made." in view._html
        revision.write_text(told, "utf-8")
        browser.press("look")

        browser.press("apply", plan=view.plan.id, lock_timeout="2", backup="yes", confirm="shops")
        view.wait(60)
        assert "is protected, so nothing is run without the name being typed." in view._error
        browser.press("apply", plan=view.plan.id, lock_timeout="2", backup="yes", confirm="shop")
        view.wait(60)
        assert view.run is not None
        assert view.run.ok
        assert 1 == workbench.applies
    assert [("a1",)] == project.execute("SELECT version_num FROM alembic_version")
    assert [tmp_path / "backup" / view.plan.id / "shop.db"] == list(tmp_path.glob("backup/*/*"))
