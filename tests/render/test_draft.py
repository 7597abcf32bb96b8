"""The three faces of a Draft."""

from __future__ import annotations

import pathlib
from html.parser import HTMLParser

import comm
import pytest

from tests import snapshots
from tests.widgets.browser import Wire
from tests.zoo_drafts import DRAFTS
from workbench import Workbench, render
from workbench.results.backfills import Backfill, Filled
from workbench.widgets.draft import DraftView

HERE = pathlib.Path(__file__).parent / "snapshots"


@pytest.fixture
def view(sample: pathlib.Path, monkeypatch: pytest.MonkeyPatch, name: str) -> DraftView:
    """Its live view, for a Workbench that is asked nothing."""
    monkeypatch.setattr(comm, "create_comm", Wire)
    made = DraftView(DRAFTS[name](), Workbench(sample / "alembic.ini"))
    made.path = made.draft.written
    made.draw()
    return made


@pytest.mark.parametrize("name", DRAFTS)
def test_text(name: str) -> None:
    """The whole text."""
    snapshots.check(HERE / f"draft {name}.txt", str(DRAFTS[name]()))


@pytest.mark.parametrize("name", ["found", "two heads", "rehearsed", "written", "hostile"])
def test_html(name: str) -> None:
    """The whole static page, byte for byte."""
    snapshots.check(HERE / f"draft {name}.html", render.html(DRAFTS[name]()))


@pytest.mark.parametrize("name", ["found", "two heads", "placed", "written"])
def test_view(view: DraftView, name: str) -> None:
    """The whole live page, byte for byte."""
    snapshots.check(HERE / f"draft {name} live.html", view._html)


class _Words(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.told, self.titles, self.tags = "", "", set[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.titles += " ".join(f" {value}" for _, value in attrs)

    def handle_data(self, data: str) -> None:
        self.told += data


@pytest.mark.parametrize("name", DRAFTS)
def test_the_faces_say_the_same(view: DraftView, name: str) -> None:
    """Every word of the text is on both pages, and no name has become a tag."""
    words = {word.strip("(.:;,)?") for word in str(DRAFTS[name]()).split()} - {"Where", "it", "goes"}
    pages = [_Words(render.html(DRAFTS[name]())), _Words(view._html)]

    assert [[], []] == [sorted(word for word in words if word not in page.told + page.titles) for page in pages]
    assert [set(), set()] == [page.tags & {"script", "img"} for page in pages]


def test_a_tried_backfill() -> None:
    """The worst rows in a table, and the code; in words the same as the text."""
    rows = (Filled((3,), None, None, "is still NULL"), Filled((1,), "<b>", "ann@x.org"))
    told = Backfill(
        None, "customer", "email", "lower(name)", "sql", ("id",), ("NOT NULL",), rows, 40, 1,
        upgrade=("op.execute('UPDATE customer …')",), why="in one UPDATE: customer has 60 rows",
    )  # fmt: skip
    snapshots.check(HERE / "backfill.txt", str(told))
    snapshots.check(HERE / "backfill.html", render.html(told))
