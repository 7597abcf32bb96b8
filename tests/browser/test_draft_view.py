"""From models edited in a file to an upgraded database, in a real JupyterLab, by clicks and keys."""

from __future__ import annotations

import re
import shutil

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect
from sqlalchemy.pool import NullPool

from tests.authoring.test_draft import MAKO
from tests.browser.lab import Lab
from tests.browser.test_plan_view import START
from tests.safety.projects import Project, project

MODELS = """
import sqlalchemy as sa
metadata = sa.MetaData()
sa.Table("customer", metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    {columns}
)
"""
BEFORE = 'sa.Column("nickname", sa.String(40)), sa.Column("email", sa.String(120))'
AFTER = 'sa.Column("display_name", sa.String(40)), sa.Column("email", sa.String(120))'
LATER = AFTER.replace("sa.String(120)", "sa.String(120), nullable=False")


def begun(lab: Lab, url: str) -> Project:
    """A project at its head, with three rows, whose models have moved on."""
    shutil.rmtree(lab.root / "shop", ignore_errors=True)  # of the test before
    made = project(lab.root / "shop", url)
    (made.folder / "migrations" / "script.py.mako").write_text(MAKO)
    made.env("from models import metadata", metadata="metadata")
    (made.folder / "models.py").write_text(MODELS.format(columns=BEFORE))
    with made.workbench() as wb:
        wb.revision("begin with customers").write()
        assert wb.upgrade().apply().ok
    made.execute(
        "INSERT INTO customer (id, nickname, email) VALUES (1, 'Ann', 'a@x'), (2, 'Bob', NULL), (3, 'Cy', 'c@x')"
    )
    (made.folder / "models.py").write_text(MODELS.format(columns=AFTER))
    return made


def opened(lab: Lab, url: str) -> Page:
    """The notebook, with its first two cells run."""
    lab.write(
        "draft.ipynb",
        f"{START}\nimport workbench\nwb = workbench.Workbench('shop/alembic.ini', url={url!r})",
        "view = workbench.widgets.view_of(wb.revision('let customers choose a display name'))\nview",
        "wb.upgrade() if view.path else None",
    )
    lab.page.set_viewport_size({"width": 1000, "height": 1500})
    page = lab.open("draft.ipynb")
    lab.theme("light")
    lab.run_all()
    return page


SLOW = 30_000
"""Milliseconds for what asks a database several times."""


def button(page: Page, name: str | re.Pattern[str]) -> Locator:
    """The button of that name."""
    return page.get_by_role("button", name=name)


def filled(lab: Lab, page: Page, database: str) -> None:
    """Try values in the lab, in SQL that leaves a row and in Python that leaves none, and take the latter."""
    values = page.get_by_role("textbox", name="values")
    values.fill("CASE WHEN id = 1 THEN 'x' END")
    values.press("Enter")
    expect(page.get_by_text("customer.email: 1 row in the way, 1 left").first).to_be_visible(timeout=SLOW)
    assert values.input_value() == "CASE WHEN id = 1 THEN 'x' END"
    values.fill("display_name.lower() + '@example.org'")
    page.get_by_role("combobox", name="language").select_option("Python")
    button(page, "Try it").click()
    expect(page.get_by_text("customer.email: 1 row in the way, 0 left").first).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("cell", name="'bob@example.org'")).to_be_visible()
    page.locator(".workbench-view").first.evaluate("view => view.scrollIntoView()")
    for theme, name in (("light", "draft"), ("dark", "draft-dark")):
        lab.theme(theme)
        lab.screenshot(name if database == "sqlite_url" else f"{name}-{database[:6]}")
    lab.theme("light")
    button(page, "Take it into the draft").click()
    expect(page.get_by_text("rows without a value get display_name.lower() + '@example.org' (Python)")).to_be_visible(
        timeout=SLOW
    )


def upgraded(lab: Lab, page: Page, database: str) -> None:
    """Go on from the written file to the upgraded database, on the same page."""
    button(page, "Plan the upgrade").click()
    expect(button(page, re.compile("^Apply 1 revision to"))).to_be_visible(timeout=SLOW)
    lab.screenshot(f"draft-planned-{database[:6]}")
    button(page, re.compile("^Apply 1 revision to")).click()
    button(page, "Run it").click()
    expect(page.get_by_text(re.compile("^Applied 1 revision to")).first).to_be_visible(timeout=SLOW)
    lab.screenshot(f"draft-applied-{database[:6]}")


@pytest.mark.parametrize("database", ["sqlite_url", pytest.param("postgresql_url", marks=pytest.mark.postgresql)])
def test_from_the_models_to_the_database(lab: Lab, request: pytest.FixtureRequest, database: str) -> None:
    """A rename answered, models edited again, values given, rehearsed, written, upgraded; nothing is lost."""
    url = request.getfixturevalue(database)
    made = begun(lab, url)
    page = opened(lab, url)
    expect(page.get_by_text("Is column customer.nickname called display_name now, or is it gone?")).to_be_visible(
        timeout=SLOW
    )
    drop = page.get_by_role("checkbox", name="drop column customer.nickname")
    expect(drop).to_have_attribute("aria-checked", "false")
    lab.screenshot(f"draft-asked-{database[:6]}")
    drop.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("3 values will be lost")).to_be_visible(timeout=SLOW)
    button(page, "Undo").click()
    expect(page.get_by_text("3 values would be lost")).to_be_visible(timeout=SLOW)
    button(page, "It is display_name now").click()
    expect(page.get_by_role("checkbox", name="rename column customer.nickname")).to_be_visible(timeout=SLOW)

    (made.folder / "models.py").write_text(MODELS.format(columns=LATER))
    button(page, "Make the draft again").click()
    expect(page.get_by_text("What shall customer.email be in the rows that have no value?")).to_be_visible(timeout=SLOW)
    button(page, "Ask the rows").click()
    expect(page.get_by_text("will fail").first).to_be_visible(timeout=SLOW)
    lab.screenshot(f"draft-will-fail-{database[:6]}")
    filled(lab, page, database)
    button(page, re.compile("^Rehearse$")).click()
    expect(
        page.get_by_text(
            re.compile("up ✔ down ✔ up ✔; the rows of 1 table are not as they were; the models agree")
        ).first
    ).to_be_visible(timeout=60_000)
    for theme in ("light", "dark"):
        lab.theme(theme)
        lab.screenshot(f"draft-rehearsed-{theme}-{database[:6]}")
    page.set_viewport_size({"width": 600, "height": 1500})
    lab.screenshot(f"draft-narrow-{database[:6]}")
    page.set_viewport_size({"width": 1000, "height": 1500})
    lab.theme("light")
    assert len(list(made.versions.glob("*.py"))) == 1
    write = button(page, re.compile("^Write migrations.versions"))
    write.click()
    yes = button(page, "Write it")
    expect(yes.or_(page.get_by_text(re.compile("^Written: migrations")).first).first).to_be_visible(timeout=SLOW)
    if yes.is_visible():
        yes.click()
    expect(page.get_by_text(re.compile("Written: migrations.versions")).first).to_be_visible(timeout=SLOW)

    upgraded(lab, page, database)
    engine = sa.create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT id, display_name, email FROM customer ORDER BY id")).all()
    assert [(1, "Ann", "a@x"), (2, "Bob", "bob@example.org"), (3, "Cy", "c@x")] == [tuple(each) for each in found]


def test_where_it_goes_by_keys_alone(lab: Lab, sqlite_url: str) -> None:
    """Two heads: the question is answered, and a label given, without a mouse; what is typed wrong says why."""
    made = begun(lab, sqlite_url)
    (head,) = (path.stem for path in made.versions.glob("*.py"))
    made.revision("b1", head.partition("_")[0])
    made.revision("b2", head.partition("_")[0])
    page = opened(lab, sqlite_url)
    expect(page.get_by_text("Which of the 2 heads does it follow?")).to_be_visible(timeout=SLOW)
    for theme in ("light", "dark"):
        lab.theme(theme)
        lab.screenshot(f"draft-heads-{theme}")
    lab.theme("light")
    button(page, "Follow b2 Do b2.").press("Enter")
    expect(page.get_by_text("follows b2 Do b2.").first).to_be_visible(timeout=SLOW)
    page.locator("summary", has_text="Where it goes").press("Enter")
    label = page.get_by_role("textbox", name="branch label")
    label.fill("b1")
    label.press("Enter")
    expect(page.get_by_text("The branch label 'b1' is the id of a revision").first).to_be_visible(timeout=SLOW)
    expect(label).to_be_focused()
    label.fill("names")
    label.press("Enter")
    expect(page.get_by_text("branch label names").first).to_be_visible(timeout=SLOW)
    lab.screenshot("draft-place")
    page.set_viewport_size({"width": 600, "height": 1500})
    lab.screenshot("draft-place-narrow")

    assert ["b2", "names"] == lab.python("[view.draft.decisions[name] for name in ('head', 'branch_label')]")


def test_python_holds_what_was_decided(lab: Lab, sqlite_url: str) -> None:
    """The view's Draft has the decisions of the clicks; made again from them it is the same file."""
    begun(lab, sqlite_url)
    page = opened(lab, sqlite_url)
    button(page, "It is gone").click()
    expect(page.get_by_text("Is column customer.nickname called")).to_have_count(0)

    assert {"column customer.nickname": ""} == lab.python("view.draft.decisions['renames']")
    assert lab.python("wb.revision(view.draft.message, decisions=view.draft.decisions).code.split('def ')[1:] "
                      "== view.draft.code.split('def ')[1:]")  # fmt: skip
