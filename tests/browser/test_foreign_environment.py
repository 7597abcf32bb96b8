"""Somebody else's environment on the screen: Optuna's, from its wheel, unedited, in its own interpreter."""

from __future__ import annotations

import pathlib

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Lab
from tests.conftest import missing
from tests.real.environments import Unavailable, built

REPOSITORY = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="module")
def optuna() -> tuple[pathlib.Path, pathlib.Path]:
    """The interpreter that has Optuna, and the alembic.ini that its wheel carries."""
    python = built("optuna")
    if isinstance(python, Unavailable):
        missing("environments", str(python))
    ini = next(python.parent.parent.glob("lib/python3*/site-packages/optuna/storages/_rdb/alembic.ini"))
    return python, ini


def test_tree_preview_and_apply_by_clicks(
    lab: Lab, optuna: tuple[pathlib.Path, pathlib.Path], tmp_path: pathlib.Path
) -> None:
    """The tree is drawn, an upgrade previewed and applied by hand, and the database is where the page says."""
    python, ini = optuna
    database = tmp_path / "study.db"
    lab.write(
        "optuna.ipynb",
        f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n"
        "from workbench import Workbench\n"
        f"wb = Workbench({str(ini)!r}, python={str(python)!r}, url='sqlite:///{database}')\n"
        "wb.upgrade('v2.6.0.a').apply().ok",
        "wb.history()",
    )
    lab.page.set_viewport_size({"width": 1200, "height": 1500})
    page = lab.open("optuna.ipynb")
    lab.theme("light")  # whatever the test before has left
    lab.run_all()
    here = page.get_by_role("option", name="v2.6.0.a", exact=False).first
    expect(here).to_contain_text("the database is here")

    head = str(lab.python("wb.history().heads[0]"))
    assert lab.python("wb.history().problem") is None
    pending = lab.python("len(wb.history().pending)")
    page.get_by_role("option", name=head, exact=False).first.click()
    page.get_by_role("button", name="Preview upgrade to here").click()
    button = page.get_by_role("button", name=f"Apply {pending} revisions to study", exact=True)
    expect(button).to_be_visible()
    expect(page.get_by_text("CREATE INDEX trials_study_id_key", exact=False).first).to_be_visible()
    assert lab.python("wb.current().heads") == ["v2.6.0.a"], "a preview has moved the database"
    lab.screenshot("optuna-preview")

    button.click()
    page.get_by_role("button", name="Run them", exact=True).click()
    expect(page.get_by_text(f"Applied {pending} revisions to study", exact=False).first).to_be_visible(timeout=30_000)
    expect(page.get_by_role("option", name=head, exact=False).first).to_contain_text("the database is here")
    lab.screenshot("optuna-upgrade")

    assert lab.python("[wb.current().heads, wb.current().is_current]") == [[head], True]
    lab.theme("dark")
    lab.screenshot("optuna-upgrade-dark")
