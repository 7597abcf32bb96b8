"""No string of a database or a file can become markup, in whatever field of whatever result it stands."""

from __future__ import annotations

import dataclasses
import datetime as dt
import unicodedata
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.zoo_plans import BOOKSHOP, DIFFS, PLANS, RUNS
from workbench import render
from workbench.errors import WorkbenchError
from workbench.render.error_html import error_html
from workbench.results import Check, Destroyed, Effect, Event, Evidence, Finding, History, Revision, Status
from workbench.results.base import Result

REVISION = Revision(
    revision="9f31c0aa4e21",
    down_revisions=("5d20b9c1",),
    depends_on=("reporting",),
    branch_labels=("checkout",),
    message="split customer name",
    path="migrations/versions/9f31.py",
    create_date=dt.datetime(2024, 3, 1, 9, 30, tzinfo=dt.UTC),
    is_head=True,
    is_base=False,
    is_merge_point=False,
    is_branch_point=False,
    state="applied",
    fault="cannot be read",
    labels=("checkout",),
    doc="split customer name",
)
RESULTS: dict[str, Result] = {
    "diff": DIFFS["three tables"],
    "diff of two": DIFFS["two databases"],
    "diff with ignored": DIFFS["with ignored"],
    "change": DIFFS["three tables"].changes[1],
    "plan": PLANS["blind"],
    "plan of two": PLANS["two databases"],
    "offline plan": PLANS["offline"],
    "empty plan": PLANS["empty"],
    "step": PLANS["three revisions"].steps[0],
    "run": RUNS["ok"],
    "failed run": RUNS["failed"],
    "run of two": RUNS["two databases"],
    "executed": RUNS["ok"].executed[0],
    "step run": RUNS["ok"].steps[0],
    "event": Event("statement", 1, "9f31", "SELECT 1", 1, 0.5, "bookshop"),
    "database": BOOKSHOP,
    "revision": REVISION,
    "history": History((REVISION,), ("9f31c0aa4e21",), ("9f31c0aa4e21",), ("9f31c0aa4e21",), (BOOKSHOP,), ("3aa8",)),
    "status": Status(("9f31c0aa4e21",), ("c41d77e0",), ("3aa8",), False, (BOOKSHOP,), (("9f31c0aa4e21", "split"),)),
}
# Literals that the code decides by: a result with other words in them does not exist.
_FIXED = {"kind", "direction", "state", "outcome", "severity", "does"}

RESULTS["finding"] = Finding(
    "half-applied", "error", "fails", "r2 is half applied", "DROP TABLE a", "r2", "a",
    Evidence("1 of 2", 1, sample=((1, "took", "makes table a"),), sql="CREATE TABLE a (id INTEGER)"), "bookshop",
)  # fmt: skip
RESULTS["check"] = Check((RESULTS["finding"],), (BOOKSHOP, BOOKSHOP))  # type: ignore[arg-type]
RESULTS["status with findings"] = dataclasses.replace(RESULTS["status"], findings=(RESULTS["finding"],))  # type: ignore[call-arg]
RESULTS["destroyed"] = Destroyed("bookshop", "r2", "public", "customer", "nickname", 12, at_least=True)
RESULTS["effect"] = Effect("changes", "column", "public", "customer", "phone_no", new_name="phone")
RESULTS["plan that destroys"] = dataclasses.replace(PLANS["blind"], destroys=(RESULTS["destroyed"],))  # type: ignore[arg-type]

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x=\'',
    "</pre></td></table></details></div><h1>",
    "&lt;script&gt;",
    "a\nb\r\nc\td",
    "-- </span> /* ' \" */",
    "\U0001f680 \u65e5\u672c\u8a9e",
    "\u202egnp.exe\u2066",
    "\x00\x07\x1b[31m\x7f\x85",
    "\ud800 \udfff",
    "\u2028\u2029\ufeff\u200b",
    "`${x}` {{x}} %s {0}",
)
TEXT = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(codec=None, categories=None), min_size=1, max_size=30),
)


class _Tags(HTMLParser):
    """The tags that are not the colours of code, which depend on the words, and each tag's attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))


_KNOWN_TAGS = {
    *("a", "b", "br", "code", "details", "div", "img", "li", "p", "pre", "span", "summary"),
    *("table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_KNOWN_ATTRIBUTES = {"style", "class", "title", "open", "role", "src", "alt", "data-key", "colspan", "width", "height"}


def _tags(html: str) -> list[tuple[str, tuple[str, ...]]]:
    parser = _Tags()
    parser.feed(html)
    parser.close()
    return parser.tags


def _poisoned(value: Any, text: str) -> Any:
    """The same value with `text` in the place of each string."""
    if isinstance(value, str):
        return text
    if isinstance(value, WorkbenchError):
        return type(value)(text, text, ((text, text), ("Statement", text)))
    if isinstance(value, tuple):
        return tuple(_poisoned(item, text) for item in value)
    if isinstance(value, Result):
        changed = {
            field.name: _poisoned(getattr(value, field.name), text)
            for field in dataclasses.fields(value)
            if field.name not in _FIXED
        }
        return dataclasses.replace(value, **changed)
    return value


def _structure(html: str) -> list[tuple[str, tuple[str, ...]]]:
    # Spans and line breaks come with the words: the colours of code, the lines of a message.
    return [(tag, names) for tag, names in _tags(html) if tag not in {"span", "br"}]


@pytest.mark.parametrize("name", RESULTS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=TEXT)
def test_text_never_becomes_markup(name: str, text: str) -> None:
    """Whatever stands in all of its fields, a page has only our own tags and attributes."""
    html = render.html(_poisoned(RESULTS[name], text))
    told = _tags(html)

    assert {tag for tag, _ in told} <= _KNOWN_TAGS
    assert {attribute for _, names in told for attribute in names} <= _KNOWN_ATTRIBUTES


@pytest.mark.parametrize("name", RESULTS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.sampled_from([each for each in HOSTILE if "\n" not in each and len(each.split()) > 0]))
def test_page_has_the_shape_that_harmless_text_gives_it(name: str, text: str) -> None:
    """The same tags in the same order as with a harmless text of the same length."""
    # Where a result is grouped by names, equal names make equal groups in both.
    hostile = _structure(render.html(_poisoned(RESULTS[name], text)))
    harmless = _structure(render.html(_poisoned(RESULTS[name], "x" * len(text))))

    assert harmless == hostile


@pytest.mark.parametrize("name", RESULTS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=TEXT)
def test_text_form_shows_what_cannot_be_seen(name: str, text: str) -> None:
    """No control, bidirectional or surrogate character reaches a terminal or a notebook."""
    for told in (render.text(_poisoned(RESULTS[name], text)), render.html(_poisoned(RESULTS[name], text))):
        unseen = {
            character
            for character in told
            if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn"} and character not in "\n\t\u200d"
        }

        assert set() == unseen
        told.encode("utf-8")  # raises where it cannot be written


@settings(max_examples=60, deadline=None)
@given(text=TEXT)
def test_errors_are_escaped_too(text: str) -> None:
    """The message, the remedy, the titles and texts of the evidence."""
    html = error_html(WorkbenchError(text, text, ((text, text), ("Statement", text))))

    assert {tag for tag, _ in _tags(html)} <= _KNOWN_TAGS
