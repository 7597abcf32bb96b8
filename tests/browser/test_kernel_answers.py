"""While a migration runs, the kernel is somebody else's: other cells and other views answer at once."""

from __future__ import annotations

import pathlib
import statistics

from playwright.sync_api import expect

from tests.browser.lab import Lab
from tests.browser.test_plan_view import REPOSITORY
from tests.safety.projects import Project

ROUND_TRIP = """async () => {
  const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const began = performance.now();
  await kernel.requestExecute({ code: "1 + 1", store_history: false }).done;
  return (performance.now() - began) / 1000;
}"""
PRESS = """async () => {
  const [wanted] = [...document.querySelectorAll("button")].filter((it) => it.textContent === "as code");
  const view = wanted.closest(".workbench-view");
  const began = performance.now();
  const drawn = new Promise((done) => new MutationObserver(done).observe(view, { childList: true, subtree: true }));
  wanted.click();
  await drawn;
  return (performance.now() - began) / 1000;
}"""


def test_kernel_answers_during_a_long_statement(lab: Lab, postgresql_url: str, tmp_path: pathlib.Path) -> None:
    """A statement sleeps for a minute; cells and a button of another view are answered before it has ended.

    A kernel that waits for it would answer when nothing runs any more. How long they took is printed, not compared:
    others may keep the machine busy.
    """
    (tmp_path / "migrations" / "versions").mkdir(parents=True)
    project = Project(tmp_path, postgresql_url).ini().env()
    project.revision("a1", None, 'op.execute("SELECT pg_sleep(60)")')
    lab.write(
        "answers.ipynb",
        f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n"
        "import workbench.widgets\nfrom tests.browser.slow_workbench import SlowWorkbench\n"
        "from tests.zoo_plans import DIFFS\nfrom workbench import Workbench\n"
        "workbench.widgets.register(get_ipython())\n"
        f"wb = Workbench({str(tmp_path)!r})\nlive = workbench.widgets.view_of(wb.upgrade())\nlive",
        "SlowWorkbench().show(DIFFS['three tables'])",
    )
    page = lab.open("answers.ipynb")
    lab.run_all()
    button = page.get_by_role("button", name="Apply 1 revision to", exact=False)
    expect(button).to_be_visible(timeout=30_000)
    idle = statistics.median(page.evaluate(ROUND_TRIP) for _ in range(9))
    button.click()
    page.get_by_role("button", name="Run it", exact=True).click()
    expect(page.get_by_text("SELECT pg_sleep(60)").last).to_be_visible()
    expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_visible()

    cells = statistics.median(page.evaluate(ROUND_TRIP) for _ in range(9))
    press = page.evaluate(PRESS)
    assert lab.python("live._busy")
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_text("Cancelled after 0 of 1 revision").first).to_be_visible(timeout=20_000)
    print(f"cells {idle:.3f} s before, {cells:.3f} s during the statement; another view's button {press:.3f} s")  # noqa: T201
