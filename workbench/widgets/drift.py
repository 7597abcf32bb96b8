"""A Drift to filter, to open, and to accept one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from workbench.errors import UnsupportedRequest
from workbench.render import drift_html, drift_text, page
from workbench.render import text as text_of
from workbench.results import Acceptance, Difference, Drift
from workbench.results.exploring import VERDICTS
from workbench.text import visible
from workbench.widgets import controls
from workbench.widgets.view import View

_ALL = "all"


class DriftView(View):
    """The live view of a Drift."""

    def __init__(self, drift: Drift, workbench: Any = None, **values: Any) -> None:
        self.verdict = _ALL
        self.kind = ""
        self.text = ""
        self.acceptance: Acceptance | None = None
        """What was asked to be accepted, until it is written."""
        self._accepting_key = ""
        super().__init__(drift, workbench, **values)

    @property
    def shown(self) -> tuple[Difference, ...]:
        """The differences that the filter lets through."""
        needle = self.text.lower()
        return tuple(
            each for each in self.result.differences
            if self.verdict in {_ALL, each.verdict}
            and self.kind in {"", each.kind}
            and any(
                needle in (told or "").lower()
                for told in (each.object, each.models, each.revisions, each.live, each.head)
            )
        )  # fmt: skip

    def draw(self) -> None:
        """Make the page anew, with what the filter lets through."""
        drift: Drift = self.result
        shown = self.shown
        body = "" if drift.is_empty else self._bar()
        if len(shown) < len(drift.differences):
            body += drift_html.summary(len(shown), len(drift.differences))
        more = self._accepting if self.workbench is not None else None
        body += drift_html.matrix(shown, several=len(drift.databases) > 1, more=more) + drift_html.rest(drift)
        with self.hold_sync():
            self._patches = {}
            self._html = page.page(drift_text.title(drift), body, kind=drift_text.kind(drift))

    def act(self, action: str, data: dict[str, Any]) -> dict[str, Any]:
        """Filter, copy, show what the file of accepted differences would say, or write it."""
        if action == "copy":
            return {"text": text_of(self.result)}
        if action == "filter":
            self._filter(data)
        elif action == "accept":
            difference = self._named(str(data.get("difference", "")))
            self.acceptance = self.workbench.accept(difference, str(data.get("reason", "")))
        elif action == "write":
            self._write()
        elif action == "leave":
            self.acceptance = None
        else:
            return super().act(action, data)
        self._error = ""
        self.draw()
        return {}

    def _filter(self, data: dict[str, Any]) -> None:
        verdict, kind = str(data.get("verdict", self.verdict)), str(data.get("kind", self.kind))
        if verdict not in {_ALL, *VERDICTS}:
            raise UnsupportedRequest(f"There is no verdict {verdict!r}.")
        self.verdict, self.kind, self.text = verdict, kind, str(data.get("text", self.text))
        self._progress = f"{len(self.shown)} of {len(self.result.differences)} shown"

    def _write(self) -> None:
        if self.acceptance is None:
            raise UnsupportedRequest("Nothing was chosen to be accepted.")
        path = self.acceptance.write()
        accepted = self.acceptance.accepted
        thing = drift_html.key(self._named(self._accepting_key))
        left = tuple(each for each in self.result.differences if drift_html.key(each) != thing)
        own = self.result.__dict__.get("_origin")
        self.result = replace(self.result, differences=left, accepted=(*self.result.accepted, accepted))
        object.__setattr__(self.result, "_origin", own)
        self.acceptance = None
        self._progress = f"Written into {path.name}."

    def _named(self, key: str) -> Difference:
        drift: Drift = self.result
        found = next((each for each in drift.differences if drift_html.key(each) == key), None)
        if found is None:
            raise UnsupportedRequest("There is no such difference here any more.", "Ask wb.drift() again.")
        self._accepting_key = key
        return found

    def _bar(self) -> str:
        drift: Drift = self.result
        choices = {verdict: verdict for verdict in (_ALL, *VERDICTS)}
        kinds = {"": "every kind"} | {each: each for each in dict.fromkeys(one.kind for one in drift.differences)}
        body = controls.select(
            "Verdict ", "verdict", choices, label="Verdict", title="Only those of this verdict", typing="filter"
        )
        body += controls.select("Kind ", "kind", kinds, label="Kind", title="Only things of this kind", typing="filter")
        told = "Only those that have it in a name or a definition"
        body += controls.field("Text ", "text", type="search", title=told, typing="filter")
        return controls.bar(body + controls.button("Copy as text", "copy"))

    def _accepting(self, each: Difference) -> str:
        key = drift_html.key(each)
        if self.acceptance is not None and key == self._accepting_key:
            asked = controls.button(f"Write {self.acceptance.path}", "write", primary=True)
            asked += controls.button("Not now", "leave")
            return (
                page.paragraph(page.escape(drift_text.acceptance_title(self.acceptance)))
                + drift_html.file_html(self.acceptance)
                + controls.bar(asked)
            )
        spoken = f"Why {visible(each.object)} may stay"  # the same words before each would not tell them apart
        body = controls.field("Why it may stay ", "reason", keep=key, aria_label=spoken)
        return controls.bar(body + controls.button("Accept…", "accept", difference=key, fields=""))
