"""The harness itself: a click in the browser reaches Python, and Python's answer reaches the browser."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.lab import Lab

COUNTER = """\
import ipywidgets

clicks = []
button = ipywidgets.Button(description="Count")
answer = ipywidgets.Label("nothing yet")


def count(_):
    clicks.append(len(clicks) + 1)
    answer.value = f"Python saw click {clicks[-1]}"


button.on_click(count)
ipywidgets.HBox([button, answer])
"""


def test_click_reaches_python_and_back(lab: Lab) -> None:
    """A button in a cell's output calls the kernel, and what the kernel sets is drawn."""
    lab.write("counter.ipynb", "print('before')", COUNTER)
    page = lab.open("counter.ipynb")
    lab.run_all()
    for number in (1, 2):
        page.get_by_role("button", name="Count", exact=True).click()
        expect(page.get_by_text(f"Python saw click {number}", exact=True)).to_be_visible()

    assert lab.python("clicks") == [1, 2]


def test_themes(lab: Lab) -> None:
    """Both of Lab's themes can be had, and a picture of each."""
    lab.write("themes.ipynb", "6 * 7")
    page = lab.open("themes.ipynb")
    lab.run_all()
    background = "getComputedStyle(document.body).getPropertyValue('--jp-layout-color0').trim()"
    seen: dict[str, tuple[object, Path]] = {}
    for theme in ("dark", "light"):
        lab.theme(theme)
        seen[theme] = (page.evaluate(background), lab.screenshot(f"theme-{theme}"))

    assert seen["dark"][0] != seen["light"][0]
    assert [True, True] == [picture.stat().st_size > 1000 for _, picture in seen.values()]


def test_next_test_begins_with_nothing(lab: Lab) -> None:
    """Kernels and names of an earlier test are gone."""
    lab.write("counter.ipynb", "'clicks' in globals()")
    lab.open("counter.ipynb")

    assert lab.python("'clicks' in globals()") is False
    assert len(lab._sessions()) == 1
