"""The static page of histories: complete, harmless, the same bytes each time, the same words as the text."""

from __future__ import annotations

import base64
import html
import os
import re
import subprocess
import sys
import textwrap
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest

from tests import zoo
from workbench.render.history_html import history_html, status_html
from workbench.render.history_rows import sentence, tree
from workbench.render.history_text import history_text, status_sentence
from workbench.render.tree_svg import CAP, tree_svg

ALLOWED = {"div", "p", "span", "b", "code", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "img"}
SVG = "{http://www.w3.org/2000/svg}"


class Tags(HTMLParser):
    """Every tag, attribute and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.pictures: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and its attributes."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "img":
            data = dict(attrs)["src"] or ""
            self.pictures.append(base64.b64decode(data.removeprefix("data:image/svg+xml;base64,")).decode())

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text += data + " "


@pytest.mark.parametrize("name", zoo.HISTORIES)
def test_page_and_picture_hold_only_what_they_should(name: str) -> None:
    """No style sheet, id, script or unknown tag gets in, from us or from a hostile string; the picture is XML."""
    history = zoo.HISTORIES[name]()
    told = Tags(history_html(history))
    status = Tags(status_html(zoo.status_of(history)))

    assert told.tags | status.tags <= ALLOWED
    assert told.attributes | status.attributes <= {"style", "class", "src", "alt", "title"}
    for picture in told.pictures:
        elements = {each.tag.removeprefix(SVG) for each in ET.fromstring(picture).iter()}  # noqa: S314 - our own
        assert elements <= {"svg", "title", "rect", "path", "circle", "text", "tspan", "g"}


@pytest.mark.parametrize("name", zoo.HISTORIES)
def test_page_says_what_the_text_says(name: str) -> None:
    """The sentence, and each row's id, message, state, place and remarks stand on the page and in the text."""
    history = zoo.HISTORIES[name]()
    page, text = Tags(history_html(history)).text, history_text(history)
    folded = " ".join(page.split())

    assert sentence(history) in folded
    assert sentence(history) in text
    if len(history.revisions) > CAP:
        assert re.search(r"… \d+ more", folded)
        return
    for row in tree(history).rows if history.revisions else ():
        for words in (row.short, row.word, row.here, *row.notes):
            assert words in folded
            assert words in text
    if history.problem:
        assert {history.problem in folded, history.remedy in folded, history.remedy in text} == {True}


@pytest.mark.parametrize("name", ["linear", "several_databases", "unknown_database_revision", "hostile"])
def test_status_page_says_what_the_text_says(name: str) -> None:
    """The sentence, each database, and each revision that is to come."""
    status = zoo.status_of(zoo.HISTORIES[name]())
    page = " ".join(Tags(status_html(status)).text.split())

    assert status_sentence(status) in page
    assert all(each in page for each in status.pending)


def test_the_picture_of_two_heads() -> None:
    """The whole picture: band and mark at the database's place, grey and blue lines, nodes, words."""
    expected = """\
        <svg xmlns="http://www.w3.org/2000/svg" width="700" height="92" viewBox="0 0 700 92" font-family="SANS" font-size="13" fill="#1f2328" role="img">
        <title>Two &amp; more</title>
        <rect x="0.5" y="0.5" width="699" height="91" rx="6" fill="#ffffff" stroke="#d0d7de"/>
        <rect x="4" y="34" width="692" height="24" rx="4" fill="#dfecfa"/>
        <text x="11" y="50" font-size="12" fill="#0b5cad">▶</text>
        <path d="M34 22V70" fill="none" stroke="#8c959f" stroke-width="2"/>
        <path d="M50 46V63Q50 70 43 70H34" fill="none" stroke="#0b5cad" stroke-width="2"/>
        <circle cx="34" cy="22" r="5" fill="#ffffff" stroke="#59636e" stroke-width="2"/>
        <circle cx="50" cy="46" r="5" fill="#0b5cad" stroke="#0b5cad" stroke-width="2"/>
        <circle cx="34" cy="70" r="5" fill="#0b5cad" stroke="#0b5cad" stroke-width="2"/>
        <g font-family="MONO" font-size="12" fill="#59636e"><text x="66" y="26">3c4d5e6f</text><text x="66" y="50">2b3c4d5e</text><text x="66" y="74">1a2b3c4d</text></g>
        <g text-anchor="end" font-size="12" fill="#59636e"><text x="686" y="26">pending</text><text x="686" y="50" fill="#0b5cad">applied</text><text x="686" y="74" fill="#0b5cad">applied</text></g>
        <g text-anchor="end" font-size="12" font-weight="600" fill="#0b5cad"><text x="631" y="50">the database is here</text></g>
        <text x="138" y="26"><tspan font-weight="600" font-size="11" fill="#59636e">HEAD </tspan>add newsletter</text>
        <text x="138" y="50"><tspan font-weight="600" font-size="11" fill="#59636e">HEAD </tspan>add loyalty points</text>
        <text x="138" y="74">create customers</text>
        </svg>"""  # noqa: E501 - as it is
    drawn = tree_svg(tree(zoo.two_heads()), "Two & more")
    drawn = re.sub(r'font-family="-apple[^"]*"', 'font-family="SANS"', drawn)
    drawn = re.sub(r'font-family="ui-mono[^"]*"', 'font-family="MONO"', drawn)

    assert drawn == textwrap.dedent(expected)


def test_hostile_strings_are_shown_as_text() -> None:
    """What a hostile message says is read on the page and in the picture, letter by letter."""
    page = Tags(history_html(zoo.hostile()))
    words = "".join(ET.fromstring(page.pictures[0]).itertext())  # noqa: S314 - our own

    assert "<script>alert('owned')</script>" in page.text
    assert "<script>alert('owned')</script>" in words
    assert "right \\u202egnp.txt\\u202c" in page.text
    assert "\u202e" not in page.text + words


def test_the_alternative_text_is_the_sentence() -> None:
    """Who does not see the picture hears the answer; the rows are in the table."""
    found = re.search(r'alt="([^"]*)"', history_html(zoo.hostile()))

    assert found is not None
    assert html.unescape(found[1]) == sentence(zoo.hostile())


def test_ten_thousand_are_no_bigger_than_a_hundred() -> None:
    """A saved notebook does not grow with the history: what is left out is counted."""
    page = history_html(zoo.many(10_000))

    assert len(page) < 120_000
    assert "… 4,997 more, all applied" in page


@pytest.mark.slow
def test_the_same_bytes_in_every_process() -> None:
    """No set order, address or clock gets in: another process with another hash seed writes the same page."""
    script = (
        "import hashlib; from tests import zoo; from workbench.render.history_html import history_html as h;"
        "print(hashlib.sha256(''.join(h(f()) for f in zoo.HISTORIES.values()).encode()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(seen) == 1
