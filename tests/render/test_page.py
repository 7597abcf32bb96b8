"""The builders: escaping, what survives a sanitizer, code in colours."""

from __future__ import annotations

import subprocess
import sys

import pytest

from workbench.errors import MigrationFailed, PlanOutdated
from workbench.render import page
from workbench.render.error_html import error_html


def test_escape_leaves_no_markup() -> None:
    """Tags, both quotes and ampersands become text."""
    assert "&lt;b title=&quot;x&quot; id=&#x27;y&#x27;&gt; &amp;amp;" == page.escape("<b title=\"x\" id='y'> &amp;")


def test_escape_shows_what_cannot_be_seen() -> None:
    """A right-to-left override and a null byte are written out."""
    assert r"a\u202eb\u0000" == page.escape("a\u202eb\x00")


def test_page_has_one_root() -> None:
    """The title is text, the body is HTML, the root is known by its class."""
    expected = (
        '<div style="font-size:13px;line-height:1.5;max-width:960px" class="workbench">'
        '<div style="font-weight:600;font-size:14px;margin:2px 0 6px">a &lt; b</div><b>c</b></div>'
    )

    assert expected == page.page("a < b", "<b>c</b>")


@pytest.mark.parametrize("kind", list(page.ICONS))
def test_badge_never_speaks_by_colour_alone(kind: page.Kind) -> None:
    """Each has its sign and its word."""
    told = page.badge(kind, "word")

    assert f"{page.ICONS[kind]}&#160;word" in told


def test_no_style_value_that_a_sanitizer_drops() -> None:
    """JupyterLab's sanitizer takes out var(), inherit and currentColor together with their property."""
    html = page.page(
        "t", page.table(["h"], [(page.code("c"),)]) + page.note("warn", "n") + page.details("s", page.pre("p"))
    )

    assert not [word for word in ("var(", "inherit", "currentColor", "<style", "<svg", " id=") if word in html]


def test_details_can_be_told_apart() -> None:
    """The key lets a live view keep open what a person opened."""
    expected = (
        '<details style="margin:2px 0" data-key="step 1" open>'
        '<summary style="cursor:pointer;padding:2px 0">s</summary>b</details>'
    )

    assert expected == page.details("s", "b", is_open=True, key="step 1")


@pytest.mark.parametrize("count,expected", [(0, ""), (-3, ""), (1, "… 1 more row not shown"), (12, "… 12 more rows")])
def test_hidden_things_are_counted(count: int, expected: str) -> None:
    """Nothing hidden says nothing; else how many."""
    told = page.hidden(count, "row")

    assert expected in told
    assert bool(expected) == bool(told)


def test_code_is_coloured_and_escaped() -> None:
    """Colours are inline, names stay plain, the text is escaped, and line ends stay outside the spans."""
    expected = (
        '<span style="color:#2f7fc1">SELECT</span> <span style="color:#3d8b41">1</span> '
        '<span style="opacity:0.65;font-style:italic">-- &lt;b&gt;</span>\n'
        '<span style="color:#2f7fc1">FROM</span> t;'
    )

    assert expected == page.sql_code("SELECT 1 -- <b>\nFROM t;\n")


def test_huge_code_is_not_coloured() -> None:
    """Colouring a megabyte would take seconds and make ten of it."""
    assert "&lt;" * 200_000 == page.python_code("<" * 200_000)


def test_importing_the_renderers_is_cheap() -> None:
    """Neither pandas nor Pygments nor any widget comes along."""
    code = (
        "import sys, workbench.render;"
        "from workbench.render import diff_html, plan_html, run_html;"
        "print([m for m in ('pandas', 'pygments', 'IPython', 'traitlets', 'anywidget') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]\n" == told.stdout


def test_error_says_what_why_and_what_to_do() -> None:
    """The message, the evidence, the remedy; short evidence on a line, long evidence to open."""
    error = MigrationFailed(
        "It <failed>.", "Do that.", (("Statement", "SELECT 1;\nSELECT 2;"), ("Where", "a.py line 3"))
    )
    html = error_html(error)

    assert "✖&#160;Migration failed" in html
    assert "It &lt;failed&gt;." in html
    assert "<summary" in html
    assert "Where: </span><code" in html
    assert "What to do: </b>Do that." in html


def test_error_of_another_kind_is_shown_too() -> None:
    """Whatever a library raises is told by its kind and words, without a stack."""
    html = error_html(KeyError("config"))

    assert "✖&#160;Unexpected error" in html
    assert "KeyError: &#x27;config&#x27;" in html
    assert "Traceback" not in html


def test_error_without_evidence_is_short() -> None:
    """No empty parts."""
    html = error_html(PlanOutdated("It has moved."))

    assert "details" not in html
    assert "What to do" not in html
