"""What a person is asked, shown and warned of before a plan runs, in a real JupyterLab."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.lab import Lab
from tests.browser.test_plan_view import START

LABEL = "Apply 3 revisions to bookshop"


def opened(lab: Lab, *cells: str, width: int = 800, height: int = 1100) -> Page:
    """A notebook of these cells, run, with what they need imported."""
    lab.write("controls.ipynb", START + "from tests.browser.slow_workbench import DESTROYING\n", *cells)
    lab.page.set_viewport_size({"width": width, "height": height})
    page = lab.open("controls.ipynb")
    lab.run_all()
    return page


def view(page: Page, place: int = 0) -> Locator:
    """The view below that cell."""
    return page.locator(".workbench-view").nth(place)


def test_fields_go_along_with_the_button(lab: Lab) -> None:
    """What is typed and ticked beside the button survives a redrawn page, is told in the question, and is sent."""
    page = opened(
        lab, "slow = SlowWorkbench(pause=0.05)\nlive = workbench.widgets.view_of(slow.show(DESTROYING))\nlive"
    )
    lab.theme("light")
    timeout = page.get_by_role("spinbutton", name="lock timeout s")
    expect(timeout).to_have_value("5")
    timeout.fill("-1")
    page.get_by_role("button", name=LABEL, exact=True).click()
    page.get_by_role("button", name="Run them", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("The lock timeout is not a number of seconds above 0.")
    timeout.fill("2.5")
    page.get_by_role("checkbox", name="write it to backup/ first").check()
    lab.python("live.draw()")
    expect(timeout).to_have_value("2.5")
    page.get_by_role("button", name=LABEL, exact=True).click()
    question = (
        "Run 3 revisions (6 statements) on bookshop? It destroys data: legacy_export and customer.nickname. "
        "It is written to backup/ first."
    )
    expect(page.get_by_role("group", name=question)).to_be_visible()
    for theme in ("light", "dark"):
        lab.theme(theme)
        lab.screenshot(f"plan-destroys-{theme}")
    page.set_viewport_size({"width": 600, "height": 1100})
    lab.screenshot("plan-destroys-narrow")
    page.get_by_role("button", name="Run them", exact=True).click()

    expect(page.get_by_text("Applied 3 revisions to bookshop").first).to_be_visible()
    assert [["apply"], {"lock_timeout": 2.5, "backup": "backup"}] == lab.python("[slow.calls, slow.options]")


def test_protected_database_wants_its_name_typed(lab: Lab) -> None:
    """The button is dead until the very name stands in the box, by keys alone; then there is no further question."""
    page = opened(
        lab,
        "slow = SlowWorkbench(pause=0.2, pattern='book*', waits='waits for a lock: held by anna (process 77), which "
        "runs UPDATE customer SET … for 12 s')\nslow.show(DESTROYING)",
        "SlowWorkbench(read_only=True).show(PLANS['three revisions'])",
        height=1400,
    )
    lab.theme("light")
    button = page.get_by_role("button", name=LABEL, exact=True)
    box = page.get_by_role("textbox", name="Type bookshop to go on:")
    expect(button).to_be_disabled()
    box.focus()
    page.keyboard.type("bookshob")
    expect(button).to_be_disabled()
    lab.screenshot("plan-protected-light")
    page.keyboard.press("Backspace")
    page.keyboard.type("p")
    expect(button).to_be_enabled()
    expect(view(page, 1)).to_contain_text("This Workbench was opened with read_only=True, so it applies nothing.")
    expect(view(page, 1).get_by_role("button", name=LABEL)).to_have_count(0)
    lab.theme("dark")
    lab.screenshot("plan-protected-dark")
    for _ in range(3):  # the button to rehearse, and what on
        page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator(".wb-waits")).to_contain_text("held by anna (process 77)")
    lab.screenshot("plan-waiting-dark")
    lab.python("slow.go_on.release(6)")
    expect(page.get_by_text("Applied 3 revisions to bookshop").first).to_be_visible()
    assert [["apply"], {"confirm": "bookshop"}] == lab.python("[slow.calls, slow.options]")


def test_button_greys_out_by_itself(lab: Lab) -> None:
    """Somebody edits a file: within seconds the button is dead and says why. Nobody who does not look is answered."""
    page = opened(lab, "slow = SlowWorkbench()\nslow.show(PLANS['three revisions'])")
    button = page.get_by_role("button", name=LABEL, exact=True)
    expect(button).to_be_enabled()
    page.evaluate("() => jupyterapp.commands.execute('launcher:create').then(() => null)")
    expect(button).to_be_hidden()
    hidden = lab.python("slow.looks")
    page.wait_for_timeout(4000)
    assert hidden == lab.python("slow.looks")

    lab.python("setattr(slow, 'changed', 'migrations/env.py has changed since the Plan was made')")
    page.get_by_role("tab", name="controls.ipynb").first.click()
    expect(
        page.get_by_text("This plan is outdated: migrations/env.py has changed since the Plan was made.").last
    ).to_be_visible()
    expect(button).to_be_disabled()
    lab.screenshot("plan-grey")
    page.get_by_role("button", name="Make the plan again", exact=True).click()
    expect(page.get_by_role("button", name="Apply 1 revision to bookshop", exact=True)).to_be_enabled()
    assert ["upgrade head"] == lab.python("slow.calls")


def test_rehearsal_stands_above_the_plan(lab: Lab) -> None:
    """One press rehearses, with progress; the result stands below the title and the same plan can be applied."""
    page = opened(
        lab,
        "slow = SlowWorkbench(held=('copying rows: 21,000 of 33,015', 'pass 2 of 3: down'))\n"
        "live = workbench.widgets.view_of(slow.show(PLANS['blind']))\nlive",
        height=1400,
    )
    lab.theme("light")
    expect(page.get_by_text("UPDATE customer SET display_name")).to_have_count(0)
    chosen = page.get_by_role("combobox", name="Rehearse on")
    expect(chosen).to_have_value("full")
    page.get_by_role("button", name="Rehearse", exact=True).focus()
    page.keyboard.press("Tab")
    expect(chosen).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(chosen).to_have_value("sample")
    page.get_by_role("button", name="Rehearse", exact=True).click()
    expect(page.get_by_text("copying rows: 21,000 of 33,015").last).to_be_visible()
    lab.screenshot("rehearsal-copying")
    lab.python("slow.go_on.release()")
    expect(page.get_by_text(re.compile("pass 2 of 3: down")).last).to_be_visible()
    lab.screenshot("rehearsal-running")
    lab.python("slow.go_on.release()")
    line = page.get_by_text(
        "Rehearsed on a copy of bookshop (33,015 rows): up ✔ down ✔ up ✔; 1 thing was not brought back; the rows of "
        "1 table are not as they were."
    )
    expect(line.first).to_be_visible()
    assert {"data": "sample"} == lab.python("slow.options")
    expect(chosen).to_have_value("sample")
    expect(page.get_by_text("UPDATE customer SET display_name").first).to_be_visible()
    for theme, width in (("light", 800), ("dark", 800), ("dark", 600)):
        lab.theme(theme)
        page.set_viewport_size({"width": width, "height": 1400})
        lab.screenshot(f"rehearsal-{theme}-{width}")
    page.get_by_role("button", name="Apply 2 revisions to bookshop", exact=True).click()
    page.get_by_role("button", name="Run them", exact=True).click()

    expect(page.get_by_text("Applied 3 revisions to bookshop").first).to_be_visible()  # the run that the zoo plays
    assert [["rehearse", "apply"], True] == lab.python("[slow.calls, live.rehearsal.ok]")
