"""Two heads in a real JupyterLab: both orders tried, a branch that follows the other one, a merge written."""

from __future__ import annotations

import re
import shutil

from playwright.sync_api import Page, expect

from tests.browser.lab import Lab
from tests.browser.test_draft_view import SLOW, button
from tests.browser.test_plan_view import START
from tests.merging.conftest import MAKO
from tests.safety.projects import Project, project


def begun(lab: Lab, url: str) -> Project:
    """A project at `r1`, from which two branches begin whose order matters to the rows."""
    shutil.rmtree(lab.root / "fork", ignore_errors=True)  # of the test before
    made = project(lab.root / "fork", url)
    (made.folder / "migrations" / "script.py.mako").write_text(MAKO)
    made.revision(
        "r1",
        None,
        'op.create_table("customer", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text))',
    )
    made.revision(
        "a1",
        "r1",
        'op.add_column("customer", sa.Column("phone", sa.String(20)))\n'
        "op.execute(\"UPDATE customer SET name = 'Cy' WHERE id = 1\")",
    )
    made.revision(
        "b1",
        "r1",
        'op.add_column("customer", sa.Column("address", sa.String(80)))\n'
        'op.execute("UPDATE customer SET address = name")\n'
        'op.create_table("parcel", sa.Column("id", sa.Integer, primary_key=True))',
    )
    with made.workbench() as wb:
        assert wb.upgrade("r1").apply().ok
    made.execute("INSERT INTO customer (id, name) VALUES (1, 'Ann'), (2, 'Bob')")
    return made


def opened(lab: Lab, url: str) -> Page:
    """The notebook, with its cells run."""
    lab.write(
        "merge.ipynb",
        f"{START}\nimport workbench\nwb = workbench.Workbench('fork/alembic.ini', url={url!r})",
        "view = workbench.widgets.view_of(wb.merge(orders=False))\nview",
    )
    lab.page.set_viewport_size({"width": 1000, "height": 1500})
    page = lab.open("merge.ipynb")
    lab.theme("light")
    lab.run_all()
    return page


def test_both_ways_out(lab: Lab, sqlite_url: str) -> None:
    """Orders are tried by a button; another parent is shown, left, and a merge is written after a question."""
    made = begun(lab, sqlite_url)
    page = opened(lab, sqlite_url)
    expect(page.get_by_text("Whether the order matters was not tried.")).to_be_visible(timeout=SLOW)
    lab.screenshot("merge-untried")
    button(page, "Try both orders").click()
    expect(page.get_by_text(re.compile("^The order matters"))).to_be_visible(timeout=60_000)
    expect(page.get_by_role("cell", name=re.compile("row with other values in address"))).to_be_visible()
    for theme in ("light", "dark"):
        lab.theme(theme)
        lab.screenshot(f"merge-tried-{theme}")
    page.set_viewport_size({"width": 600, "height": 1700})
    lab.screenshot("merge-narrow")
    page.set_viewport_size({"width": 1000, "height": 1500})
    button(page, "Let b1 follow a1").click()
    expect(page.get_by_text("+down_revision = 'a1'")).to_be_visible(timeout=SLOW)
    lab.screenshot("merge-reparent-dark")
    lab.theme("light")
    button(page, "Not now").click()
    page.get_by_role("textbox", name="message").fill("join phones and parcels")
    button(page, "Rename the revision").click()
    write = button(page, re.compile("^Write .*join_phones_and_parcels.py$"))
    write.click()
    button(page, "Write it").click()
    expect(page.get_by_text(re.compile("^Written: ")).first).to_be_visible(timeout=SLOW)
    lab.screenshot("merge-written")

    (path,) = made.versions.glob("*join_phones_and_parcels.py")
    assert lab.python("view.path") == f"migrations/versions/{path.name}"
    assert lab.python("wb.history().heads == (view.merge.revision,)") is True


def test_one_branch_follows_the_other(lab: Lab, sqlite_url: str) -> None:
    """Instead of a merge: the file is written, and there is one head."""
    made = begun(lab, sqlite_url)
    page = opened(lab, sqlite_url)
    button(page, "Let b1 follow a1").click(timeout=SLOW)
    button(page, "Write migrations/versions/b1.py").click()
    expect(page.get_by_text("Written: migrations/versions/b1.py").first).to_be_visible(timeout=SLOW)

    assert "down_revision = 'a1'" in (made.versions / "b1.py").read_text()
    assert lab.python("wb.history().heads") == ["b1"]
