"""The static pages of plans and runs."""

from __future__ import annotations

import dataclasses
import pathlib
from html.parser import HTMLParser

import pytest

from tests import snapshots
from tests.zoo_plans import PLANS, RUNS
from workbench import render
from workbench.render import words
from workbench.render.plan_html import plan_html
from workbench.render.run_html import run_html
from workbench.results.base import Result
from workbench.text import duration

HERE = pathlib.Path(__file__).parent / "snapshots"


@pytest.mark.parametrize(
    "name", ["empty", "three revisions", "blind", "two databases", "stamp", "purge", "purge alone"]
)
def test_plan(name: str) -> None:
    """The whole page, byte for byte."""
    snapshots.check(HERE / f"plan {name}.html", render.html(PLANS[name]))


@pytest.mark.parametrize("name", ["ok", "failed", "cancelled", "two databases"])
def test_run(name: str) -> None:
    """The whole page, byte for byte."""
    snapshots.check(HERE / f"run {name}.html", render.html(RUNS[name]))


def test_thousands_of_statements_make_a_small_page() -> None:
    """Fifty are shown, the others counted; all are in `plan.sql`."""
    html = render.html(PLANS["thousands"])

    assert len(html) < 30_000
    assert "4,950 more statements not shown" in html


def test_many_steps_share_what_a_page_may_show() -> None:
    """162 revisions of 50 statements would be a megabyte: the later ones show only their number."""
    plan = PLANS["thousands"]
    step = dataclasses.replace(plan.steps[0], statements=(plan.steps[0].statements or ())[:50])
    html = render.html(dataclasses.replace(plan, steps=(step,) * 400))

    assert words.STATEMENTS_ON_A_PAGE == html.count("INSERT</span>")
    assert "… 50 more statements not shown" in html
    assert "… 100 more steps not shown" in html


def test_live_page_is_the_static_page_with_places_to_fill() -> None:
    """Without its empty elements and names, the live page is the static one: the two cannot drift apart."""
    live = plan_html(PLANS["three revisions"], live=True)
    for i in range(3):
        live = live.replace(f'<span style="margin-left:10px" data-live="step-{i}"></span>', "")
        live = live.replace(f' data-key="step {i}"', "")

    assert plan_html(PLANS["three revisions"]) == live


def test_only_the_live_record_has_seconds() -> None:
    """The live page of a run says how long each thing took."""
    assert "125 ms" in run_html(RUNS["ok"], seconds=True)
    assert "125 ms" not in run_html(RUNS["ok"])


@pytest.mark.parametrize(
    "seconds,expected", [(None, ""), (0.004, "4 ms"), (1.25, "1.2 s"), (59.96, "60.0 s"), (125.4, "2 min 5 s")]
)
def test_duration(seconds: float | None, expected: str) -> None:
    """As precise as a person wants it."""
    assert expected == duration(seconds)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.told = ""

    def handle_data(self, data: str) -> None:
        self.told += data


@pytest.mark.parametrize("result", [*PLANS.values(), *RUNS.values()], ids=[*PLANS, *(f"run {name}" for name in RUNS)])
def test_page_says_every_word_of_the_text(result: Result) -> None:
    """Who cannot see the page misses nothing, and who sees it misses nothing of the text."""
    page = _Words()
    page.feed(render.html(result))
    # Punctuation is where the two differ, and a step of a run without statements says "no", not "0".
    words = {word.strip("(.:)") for word in render.text(result).split()} - {"===", "0"}

    assert [] == sorted(word for word in words if word not in page.told)
