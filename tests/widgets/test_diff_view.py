"""A diff as a table, as code, as SQL."""

from __future__ import annotations

import pytest

from tests.widgets.browser import Browser
from tests.zoo_plans import DIFFS
from workbench.render import diff_html
from workbench.widgets.diff import DiffView

DIFF = DIFFS["three tables"]


@pytest.mark.parametrize(
    "mode,body,copied",
    [
        ("table", diff_html.diff_body(DIFF), str(DIFF)),
        ("code", diff_html.code_html(DIFF), diff_html.code_text(DIFF)),
        ("SQL", diff_html.sql_html(DIFF), diff_html.sql_text(DIFF)),
    ],
)
def test_each_form_shows_and_copies(mode: str, body: str, copied: str) -> None:
    """The page holds what the static renderers make; the copy is that form's text; the button is pressed in."""
    browser = Browser(DiffView(DIFF))
    browser.press(f"as {mode}")

    assert body in browser.view._html
    assert f'data-action="as {mode}" aria-pressed="true"' in browser.view._html
    assert copied == browser.press("copy")["text"]


def test_unknown_form_is_refused() -> None:
    """There are three."""
    answer = Browser(DiffView(DIFF)).press("as poem")

    assert "A diff shows as table, code or SQL, not as 'poem'." == answer["error"]["message"]


def test_empty_diff_has_no_buttons() -> None:
    """Where nothing differs, there is nothing to show in another form."""
    assert "<button" not in DiffView(DIFFS["empty"])._html
