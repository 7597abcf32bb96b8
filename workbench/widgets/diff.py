"""A SchemaDiff to look at as a table, as the code of a revision, or as SQL."""

from __future__ import annotations

from typing import Any, Literal, get_args

from workbench.errors import UnsupportedRequest
from workbench.render import diff_html, page, words
from workbench.render import text as text_of
from workbench.results.schema_diff import SchemaDiff
from workbench.widgets import controls
from workbench.widgets.view import View

Mode = Literal["table", "code", "SQL"]


class DiffView(View):
    """The live view of a SchemaDiff."""

    def __init__(self, diff: SchemaDiff, workbench: Any = None, **values: Any) -> None:
        self.mode: Mode = "table"
        super().__init__(diff, workbench, **values)

    def draw(self) -> None:
        """Make the page anew, in the form that was chosen."""
        diff: SchemaDiff = self.result
        body = {"table": diff_html.diff_body, "code": diff_html.code_html, "SQL": diff_html.sql_html}[self.mode](diff)
        if not diff.is_empty:
            body = self._bar() + body
        self._html = page.page(words.diff_title(diff), body, kind="good" if diff.is_empty else None)

    def act(self, action: str, data: dict[str, Any]) -> dict[str, Any]:
        """Show another form, or give the text of the shown one to copy."""
        if action == "copy":
            copies = {"table": text_of, "code": diff_html.code_text, "SQL": diff_html.sql_text}
            return {"text": copies[self.mode](self.result)}
        if action.startswith("as "):
            mode = action.removeprefix("as ")
            if mode not in get_args(Mode):
                raise UnsupportedRequest(f"A diff shows as table, code or SQL, not as {mode!r}.")
            self.mode = mode  # type: ignore[assignment] # looked up just now
            self.draw()
            return {}
        return super().act(action, data)

    def _bar(self) -> str:
        forms = "".join(
            controls.button(f"as {mode}", f"as {mode}", pressed=mode == self.mode) for mode in get_args(Mode)
        )
        what = {"table": "Copy as text", "code": "Copy code", "SQL": "Copy SQL"}[self.mode]
        shape = "display:flex;flex-wrap:wrap;gap:8px;margin:2px 0 8px"
        return page.element(
            "div", controls.group("How to show the changes", forms) + controls.button(what, "copy"), shape
        )
