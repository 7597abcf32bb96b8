"""Writing a revision by hand in a real JupyterLab: the palette with keys, a mistake in the code, and the way back."""

from __future__ import annotations

import shutil

from playwright.sync_api import expect

from tests.authoring.test_draft import MAKO
from tests.browser.lab import Lab
from tests.browser.test_draft_view import BEFORE, MODELS, SLOW, button
from tests.browser.test_plan_view import START
from tests.safety.projects import project


def test_an_operation_and_the_code(lab: Lab, sqlite_url: str) -> None:
    """Chosen from the live names, added with Enter; a mistake stays where it was typed; Python holds what was done."""
    shutil.rmtree(lab.root / "shop", ignore_errors=True)  # of the test before
    made = project(lab.root / "shop", sqlite_url)
    (made.folder / "migrations" / "script.py.mako").write_text(MAKO)
    made.env("from models import metadata", metadata="metadata")
    (made.folder / "models.py").write_text(MODELS.format(columns=BEFORE))
    with made.workbench() as wb:
        wb.revision("begin with customers").write()
        assert wb.upgrade().apply().ok
    lab.write(
        "by_hand.ipynb",
        f"{START}\nimport workbench\nwb = workbench.Workbench('shop/alembic.ini', url={sqlite_url!r})",
        "view = workbench.widgets.view_of(wb.revision('look customers up', autogenerate=False))\nview",
    )
    lab.page.set_viewport_size({"width": 1000, "height": 1500})
    page = lab.open("by_hand.ipynb")
    lab.theme("light")
    lab.run_all()
    page.get_by_text("Add an operation").click(timeout=SLOW)
    page.get_by_role("combobox", name="operation").select_option("create_index")
    table = page.get_by_role("combobox", name="table")
    expect(table).to_be_visible(timeout=SLOW)
    table.select_option("customer")
    columns = page.get_by_role("combobox", name="columns")
    expect(page.get_by_title("In their order, with commas: id, nickname, email")).to_be_visible(timeout=SLOW)
    columns.fill("poem")
    columns.press("Enter")
    expect(page.get_by_text("Not added. customer has no column 'poem'.").first).to_be_visible(timeout=SLOW)
    expect(columns).to_have_value("poem")
    lab.screenshot("by-hand-not-added")
    columns.fill("email")
    columns.press("Enter")
    expect(page.get_by_text("CREATE INDEX ix_customer_email").first).to_be_visible(timeout=SLOW)
    lab.screenshot("by-hand-added")

    page.get_by_text("Edit the code").click()
    upgrade = page.get_by_role("textbox", name="the body of upgrade()")
    upgrade.fill("for each in (1, 2):\n    op.execute(f'SELECT {each}'")
    button(page, "Take over").click()
    expect(page.get_by_text("Not taken over: upgrade, line 2: '(' was never closed").first).to_be_visible(timeout=SLOW)
    expect(upgrade).to_have_value("for each in (1, 2):\n    op.execute(f'SELECT {each}'")
    upgrade.press("End")
    page.keyboard.press("ControlOrMeta+End")
    page.keyboard.type(")")
    button(page, "Take over").click()
    expect(page.get_by_text("The code is written by hand.").first).to_be_visible(timeout=SLOW)
    for theme in ("light", "dark"):
        lab.theme(theme)
        lab.screenshot(f"by-hand-code-{theme}")
    body = "for each in (1, 2):\n    op.execute(f'SELECT {each}')"
    assert body == lab.python("view.draft.decisions['code']['upgrade']")
    button(page, "Back to the list").click()
    expect(page.get_by_text("The code is written by hand.")).to_have_count(0, timeout=SLOW)
    assert ["op.create_index('ix_customer_email', 'customer', ['email'], unique=False)"] == lab.python(
        "[each['upgrade'] for each in view.draft.decisions['operations']]"
    )
