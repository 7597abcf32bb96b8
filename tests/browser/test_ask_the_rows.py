"""A plan's rows are asked by a button, in a real JupyterLab: those in the way are seen, and it can be cancelled."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.lab import Lab

START = """
import pathlib
import tempfile

import workbench.widgets
from tests.safety.projects import project

folder = pathlib.Path(tempfile.mkdtemp())
made = project(folder / "project", f"sqlite:///{folder}/shop.db")
made.execute(
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, name VARCHAR(40), email VARCHAR(80), town_id INTEGER)",
    "CREATE TABLE town (id INTEGER PRIMARY KEY)",
    "INSERT INTO town VALUES (1), (2)",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) INSERT INTO customer "
    "SELECT i, 'Customer ' || i, CASE WHEN i % 11 = 3 THEN NULL ELSE 'c' || i || '@example.org' END, i % 3 FROM n",
)
"""
MANDATORY = """
made.revision("r1", None, '''
with op.batch_alter_table("customer") as batch:
    batch.alter_column("email", nullable=False, existing_type=sa.String(80))
''')
made.revision("r2", "r1", '''
op.add_column("customer", sa.Column("code", sa.String(8)))
op.execute("UPDATE customer SET code = 'c' || id WHERE id < 399")
''')
made.revision("r3", "r2", '''
with op.batch_alter_table("customer") as batch:
    batch.alter_column("code", nullable=False, existing_type=sa.String(8))
''')
view = workbench.widgets.view_of(made.workbench().upgrade())
view
"""
SLOW = """
made.revision("r1", None, '''
with op.batch_alter_table("customer") as batch:
    batch.alter_column("email", nullable=False, existing_type=sa.String(80))
    for number in range(20):
        batch.create_check_constraint(f"ck_{number}", f"length(hex(zeroblob(5000000 + id))) > {number}")
''')
view = workbench.widgets.view_of(made.workbench().upgrade())
view
"""
NOT_NULL = "customer.email becomes NOT NULL, and 37 rows have NULL there."


def test_the_rows_in_the_way_are_seen(lab: Lab) -> None:
    """One press: the rows with their keys, the SQL, and the question says so. What depends is for a rehearsal."""
    lab.write("ask.ipynb", START, MANDATORY)
    lab.page.set_viewport_size({"width": 1200, "height": 1300})
    page = lab.open("ask.ipynb")
    lab.run_all()
    lab.theme("light")
    ask = page.get_by_role("button", name="Ask the rows", exact=True)
    copies = "1 question is about what earlier steps change first, so only a rehearsal can ask."
    expect(page.get_by_text(copies).first).to_be_visible()
    lab.screenshot("ask-before")
    ask.click()
    expect(page.get_by_text(NOT_NULL).first).to_be_visible()
    expect(ask).to_have_count(0)
    expect(page.get_by_role("row", name="3 NULL", exact=True)).to_be_visible()
    expect(page.get_by_text(copies).first).to_be_visible()
    for theme, width in (("light", 1200), ("dark", 1200), ("dark", 600), ("light", 600)):
        lab.theme(theme)
        page.set_viewport_size({"width": width, "height": 1300})
        lab.screenshot(f"ask-answered-{theme}-{width}")
    page.get_by_role("button", name="Rehearse", exact=True).click()
    expect(page.get_by_text("The upgrade of r1 failed").first).to_be_visible()
    lab.screenshot("ask-rehearsed")
    page.get_by_role("button", name="Apply 3 revisions to shop", exact=True).click()
    expect(page.get_by_role("group", name="But 1 will fail.")).to_be_visible()
    lab.screenshot("ask-apply")


def test_it_can_be_cancelled(lab: Lab) -> None:
    """What was answered stays, the rest is asked by the next press."""
    lab.write("ask.ipynb", START, SLOW)
    page = lab.open("ask.ipynb")
    lab.run_all()
    ask = page.get_by_role("button", name="Ask the rows", exact=True)
    ask.click()
    expect(page.get_by_text(re.compile(r"Asking the rows: \d+ of 21 questions answered\.")).first).to_be_visible()
    lab.screenshot("ask-asking")
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(ask).to_be_visible()
    assert ["set-not-null"] == lab.python("[each.rule for each in view.plan.findings if each.outcome == 'fails']")
    assert [True, ""] == lab.python("[view._progress.startswith('It was cancelled: '), view._error]")
    whys = lab.python("[each.evidence.why for each in view.plan.findings if each.rule == 'add-check']")
    assert isinstance(whys, list)
    assert {"it was not asked"} == {*whys} - {"it was cancelled", "no answer within 2 s"}
    lab.screenshot("ask-cancelled")
