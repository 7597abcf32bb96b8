"""Writing by hand in the live view of a Draft: the palette's form, the code as text, and back to the list."""

from __future__ import annotations

import comm
import pytest

from tests.authoring.test_draft import CUSTOMER, MAKO, NICKNAME, begin
from tests.authoring.test_draft_view import press
from tests.kept import ON_SQLITE
from tests.safety.projects import Project
from tests.widgets.browser import Browser, Wire
from workbench import Draft, Workbench
from workbench.widgets import view_of
from workbench.widgets.draft import DraftView

pytestmark = ON_SQLITE
FORM = {"operation": "create_index", "table": "customer", "columns": "name", "name": "", "unique": ""}
INDEX = {
    "upgrade": "op.create_index('ix_customer_name', 'customer', ['name'], unique=False)",
    "downgrade": "op.drop_index('ix_customer_name', table_name='customer')",
}


@pytest.fixture
def draft(bare: Project, wb: Workbench, monkeypatch: pytest.MonkeyPatch) -> Draft:
    """An empty revision on a database with a table; its view speaks over a wire that keeps what is said."""
    monkeypatch.setattr(comm, "create_comm", Wire)
    (bare.folder / "migrations" / "script.py.mako").write_text(MAKO)
    begin(bare, wb, CUSTOMER.format(columns=NICKNAME))
    return wb.revision("write it by hand", autogenerate=False)


def test_an_operation_is_chosen_filled_in_and_taken_out_again(draft: Draft) -> None:
    """The live names are offered; what is wrong is told beside the form, which stays; text and page say the same."""
    browser = Browser(view_of(draft))
    view: DraftView = browser.view
    press(browser, "palette", operation="create_index")
    assert '<option value="customer">customer</option>' in view._html
    press(browser, "palette", operation="create_index", table="customer")
    assert '<option value="nickname"></option>' in view._html
    press(browser, "add", **{**FORM, "columns": "poem"})
    assert "Not added. customer has no column &#x27;poem&#x27;. It has id, name, nickname." in view._html
    assert 'value="poem"' in view._html
    assert view.draft is draft
    press(browser, "add", **FORM)

    assert [INDEX] == view.draft.decisions["operations"]
    line = f"by hand: {INDEX['upgrade']}"
    assert line in str(view.draft)
    assert INDEX["upgrade"].replace("'", "&#x27;") in view._html
    press(browser, "add", operation="execute", sql="UPDATE customer SET name = 'x'")
    untold = "Nothing takes back op.execute(\"UPDATE customer SET name = 'x'\"): its downgrade does nothing."
    assert untold in str(view.draft)
    press(browser, "without", index="1")
    press(browser, "without", index="0")
    assert view.draft.is_empty


def test_the_code_is_taken_over_and_given_back(draft: Draft) -> None:
    """A mistake is told with its line and nothing is lost; then each face says that the list no longer counts."""
    browser = Browser(view_of(draft.add("create_index", table="customer", columns=["name"])))
    view: DraftView = browser.view
    listed = view.draft
    assert INDEX["upgrade"].replace("'", "&#x27;") + "</textarea>" in view._html
    press(browser, "edit", upgrade="op.execute('SELECT 1')\nif :", downgrade="# nothing\npass")
    assert "Not taken over: upgrade, line 2: invalid syntax" in view._html
    assert "if :</textarea>" in view._html
    assert view.draft is listed

    press(browser, "edit", upgrade="for each in (1, 2):\n    op.execute(f'SELECT {each}')", downgrade="pass")
    assert "    for each in (1, 2):\n        op.execute(f'SELECT {each}')\n" in view.draft.code
    for face in (str(view.draft), view.draft._repr_html_(), view._html):
        assert "The code is written by hand." in face
        assert "by hand: op.create_index" not in face
    assert not browser.press("add", **FORM)["ok"] or view.wait(60)
    assert "The code of this Draft is written by hand" in view._html + view._error + view._progress
    press(browser, "unedit")

    assert (listed.code, listed.decisions) == (view.draft.code, view.draft.decisions)
