"""The Plan view asks the rows, shows what they answer, and does not begin against it unseen."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hazards.bench import Bench
from tests.hazards.cases import Case, T
from tests.widgets.browser import Browser
from tests.widgets.test_plan_controls import PLAN, applied
from tests.widgets.test_plan_view import Fake
from workbench.results import Evidence, Finding
from workbench.widgets.plan import PlanView

_CODE = 'with op.batch_alter_table("t") as b:\n    b.alter_column("a", nullable=False, existing_type=sa.Integer())'
_ASK = 'data-action="preflight"'
_SAID = "t.a becomes NOT NULL, and 1 row"


@pytest.fixture
def bench(tmp_path: Path, sqlite_url: str) -> Iterator[Bench]:
    """A table with a NULL, and a revision that forbids it."""
    made = Bench(tmp_path / "env", sqlite_url, Case("not-null", "", _CODE))
    with made.engine.begin() as connection:
        for statement in T:
            connection.exec_driver_sql(statement)
    yield made
    made.close()


def test_the_rows_are_asked_by_a_button(bench: Bench) -> None:
    """Before, it is not known; afterwards the row stands there, the button is gone, and the question says so."""
    browser = Browser(PlanView(bench.workbench.upgrade(), bench.workbench))
    assert "not known yet" in browser.view._html
    assert _ASK in browser.view._html
    browser.press("preflight")
    browser.view.wait(20)
    assert _SAID in browser.view._html
    assert _ASK not in browser.view._html
    assert "But 1 will fail." in browser.view._html
    assert browser.view._progress == "1 will fail"
    browser.press("apply", plan=browser.view.plan.id)
    browser.view.wait(20)
    assert browser.view.run is not None
    assert not browser.view.run.ok


def test_what_was_not_seen_is_not_begun(bench: Bench) -> None:
    """Applied unasked, it refuses, and shows the rows; then it is the user's own decision."""
    browser = Browser(PlanView(bench.workbench.upgrade(), bench.workbench))
    browser.press("apply", plan=browser.view.plan.id)
    browser.view.wait(20)
    assert browser.view.run is None
    assert f"It was not begun: {_SAID}" in browser.view._error
    assert _SAID in browser.view._html
    browser.press("apply", plan=browser.view.plan.id)
    browser.view.wait(20)
    assert browser.view.run is not None


def test_a_doubted_stamp_is_confirmed_by_its_name() -> None:
    """As a protected database is; of several, one line of names does for both."""
    doubt = Finding("other-schema", "warning", "", "The live schema is not that of head.", database="bookshop",
                    evidence=Evidence("compared", 3))  # fmt: skip
    plan = dataclasses.replace(PLAN, direction="stamp", doubts=(doubt,))
    fake = Fake()
    html = PlanView(plan, fake)._html
    assert "What bookshop will say of itself is not what is in it." in html
    assert 'data-must="bookshop"' in html
    assert 'data-needs="confirm"' in html
    assert "data-ask" not in html
    applied(fake, plan, confirm="bookshop")
    assert {"confirm": "bookshop"} == fake.options
