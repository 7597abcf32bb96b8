"""A Draft to decide on: tick, answer, undo, ask the rows, rehearse, and write the file."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import traitlets

from workbench.errors import UnsupportedRequest
from workbench.render import draft_html, draft_words, page, words
from workbench.render import text as text_of
from workbench.results.drafts import Choice, Draft, Question
from workbench.results.plans import Event
from workbench.results.rehearsals import Rehearsal
from workbench.widgets import controls
from workbench.widgets.rehearsal import rehearsal_note
from workbench.widgets.view import View


class DraftView(View):
    """The live view of a Draft."""

    draft = traitlets.Instance(Draft)
    """What the page shows; another one after each decision."""
    rehearsal = traitlets.Instance(Rehearsal, allow_none=True)
    """What the last rehearsal of this very Draft showed; None as long as it was not rehearsed."""
    path = traitlets.Unicode("")
    """The file, once it is written."""

    def __init__(self, draft: Draft, workbench: Any = None, **values: Any) -> None:
        self._before: list[Draft] = []
        self._after: list[Draft] = []
        self._drawing = threading.RLock()
        super().__init__(draft, workbench, draft=draft, **values)

    @property
    def can_write(self) -> bool:
        """There is a file to write, and somebody to write it."""
        own = self.workbench is not None and not getattr(self.workbench, "read_only", False)
        return own and not self.path and bool(self.draft.code) and not self.draft.problem

    def draw(self) -> None:
        """Make the page anew."""
        draft = self.draft
        live = self.workbench is not None and not self.path
        body = draft_html.draft_body(
            draft,
            box=self._box if live else draft_html.box,
            ask=self._ask if live else draft_html.options,
            more=self._safer if live else lambda _index, _choice: "",
        )
        title = f"Written: {draft.path}" if self.path else draft_words.title(draft)
        head = self._message() if live else ""
        with self._drawing, self.hold_sync():
            self._patches = {}
            self._html = page.page(title, head + body + self._told() + self._bar(), kind="good" if self.path else None)

    def act(self, action: str, data: dict[str, Any]) -> dict[str, Any]:
        """Decide, undo that, copy the code, ask the rows, rehearse, write."""
        if action == "copy":
            return {"text": self.draft.code or text_of(self.draft)}
        if action == "cancel":
            self.workbench.cancel()
            return {}
        jobs: dict[str, Callable[[], tuple[Callable[[], object], str]]] = {
            "tick": lambda: self._ticking(self._choice(data)),
            "answer": lambda: self._answering(data),
            "fill": lambda: self._filling(data),
            "safer": lambda: self._rewriting(self._choice(data)),
            "message": lambda: self._naming(str(data.get("message", ""))),
            "undo": lambda: (self._undo, "Undone."),
            "redo": lambda: (self._redo, "Done again."),
            "preflight": lambda: (self._preflight, "Asking the rows."),
            "rehearse": lambda: (self._rehearse, "Rehearsing."),
            "again": lambda: (lambda: self._become(self.draft.decide()), "Making the draft again."),
            "write": lambda: (self._write, "Writing."),
        }
        if action not in jobs:
            return super().act(action, data)
        job, saying = jobs[action]()
        self.start(job, saying)
        return {}

    # -- decisions ------------------------------------------------------------------------------------------------

    def _become(self, draft: Draft) -> None:
        self._before.append(self.draft)
        self._after.clear()
        self._show(draft)

    def _show(self, draft: Draft) -> None:
        with self._drawing, self.hold_sync():
            self.draft, self.result, self.rehearsal, self._error = draft, draft, None, ""
            self.draw()

    def _undo(self) -> None:
        if self._before:
            self._after.append(self.draft)
            self._show(self._before.pop())

    def _redo(self) -> None:
        if self._after:
            self._before.append(self.draft)
            self._show(self._after.pop())

    def _ticking(self, choice: Choice) -> tuple[Callable[[], object], str]:
        if choice.kind.startswith("rename_"):
            thing = f"{choice.kind.removeprefix('rename_')} {choice.object}"
            return lambda: self._become(self.draft.rename(thing, None)), f"Taking back: {choice.key}."
        decide = self.draft.untick if choice.ticked else self.draft.tick
        word = "Leaving out" if choice.ticked else "Taking in"
        return lambda: self._become(decide(choice.key)), f"{word}: {choice.key}."

    def _answering(self, data: dict[str, Any]) -> tuple[Callable[[], object], str]:
        question = self._question(data)
        answers = [answer for answer, _ in question.options]
        answer = str(data.get("answer", ""))
        if answer and answer not in answers:
            raise UnsupportedRequest(f"{answer!r} is no answer to this question.")
        if question.kind == "rename":
            return lambda: self._become(
                self.draft.rename(question.key, answer)
            ), f"Renaming {question.key} to {answer}."
        raise UnsupportedRequest(f"This question is not answered by a button: {question.text}")

    def _filling(self, data: dict[str, Any]) -> tuple[Callable[[], object], str]:
        question = self._question(data)
        expression = str(data.get(f"fill {question.key}", "")).strip()
        if not expression:
            raise UnsupportedRequest("There is no expression.", "Type SQL: '' or lower(name).")
        return lambda: self._become(self.draft.fill(question.key, expression)), f"Filling {question.key}."

    def _rewriting(self, choice: Choice) -> tuple[Callable[[], object], str]:
        taken = choice.key in self.draft.decisions.get("rewrites", {})
        saying = f"As it was found: {choice.key}." if taken else f"The safer way: {choice.key}."
        return lambda: self._become(self.draft.rewrite(choice.key, safer=not taken)), saying

    def _naming(self, message: str) -> tuple[Callable[[], object], str]:
        if message == self.draft.message:
            return (lambda: None), ""
        return lambda: self._become(self.draft.decide(message=message)), "Naming it."

    def _choice(self, data: dict[str, Any]) -> Choice:
        index = str(data.get("choice", ""))
        if not index.isdigit() or int(index) >= len(self.draft.choices):
            raise UnsupportedRequest("This page shows another draft than this view holds.", "Display the view again.")
        return self.draft.choices[int(index)]

    def _question(self, data: dict[str, Any]) -> Question:
        index = str(data.get("question", ""))
        if not index.isdigit() or int(index) >= len(self.draft.questions):
            raise UnsupportedRequest("This page shows another draft than this view holds.", "Display the view again.")
        return self.draft.questions[int(index)]

    # -- jobs -----------------------------------------------------------------------------------------------------

    def _preflight(self) -> None:
        draft = self.workbench.preflight(self.draft)
        with self._drawing, self.hold_sync():
            self.draft = self.result = draft
            self.draw()

    def _rehearse(self) -> None:
        self.rehearsal = self.workbench.rehearse(self.draft, on_event=self._heard)
        self.draw()

    def _heard(self, event: Event) -> None:
        told = event.sql if event.kind in {"notice", "statement"} else event.message
        if told:
            self._progress = told.split("\n")[0][:200]

    def _write(self) -> None:
        self.path = str(self.draft.write())
        self._progress = f"Written: {self.draft.path}"
        self.draw()

    # -- the page -------------------------------------------------------------------------------------------------

    def _box(self, index: int, choice: Choice) -> str:
        mark = draft_words.TICKED if choice.ticked else draft_words.UNTICKED
        return page.element(
            "button",
            mark,
            type="button",
            role="checkbox",
            class_="wb-box",
            aria_checked=str(choice.ticked).lower(),
            aria_label=f"{draft_words.verb(choice)} {choice.object}",
            data_action="tick",
            data_choice=str(index),
        )

    def _ask(self, index: int, question: Question) -> str:
        number = str(index)
        if question.kind == "fill":
            name = f"fill {question.key}"
            field = controls.field("values: ", name, title="An expression in SQL, for rows that have none", keep=name)
            return controls.bar(field + controls.button("Fill", "fill", question=number, fields=""))
        if question.kind == "message":
            return ""
        buttons = [
            controls.button(f"It is {answer} now", "answer", title=why, question=number, answer=answer)
            for answer, why in question.options
        ]
        buttons.append(controls.button("It is gone", "answer", title="A drop and an add", question=number, answer=""))
        reasons = page.listed(f"{answer}: {why}" for answer, why in question.options)
        return controls.bar("".join(buttons)) + reasons

    def _safer(self, index: int, choice: Choice) -> str:
        if choice.key in self.draft.decisions.get("rewrites", {}):
            return controls.button("As it was found", "safer", choice=str(index))
        if not self.draft.rewrites_of(choice):
            return ""
        title = self.draft.rewrites_of(choice)[0].rewrite.code  # type: ignore[union-attr] # rewrites_of has looked
        return controls.button("Take the safer way", "safer", title=title, choice=str(index))

    def _message(self) -> str:
        keep = f"{self.draft.revision} {self.draft.message}"
        field = controls.field("message ", "message", value=self.draft.message, keep=keep, size="56")
        return controls.bar(field + controls.button("Rename the revision", "message", fields=""))

    def _told(self) -> str:
        if self.rehearsal is not None:
            return rehearsal_note(self.rehearsal)
        return page.paragraph(page.muted("not rehearsed")) if self.can_write else ""

    def _bar(self) -> str:
        buttons = []
        if self._before and not self.path:
            buttons.append(controls.button("Undo", "undo", title="Take the last decision back"))
        if self._after and not self.path:
            buttons.append(controls.button("Redo", "redo"))
        if self.can_write:
            waiting = any(each.evidence.verdict == "not proven" and each.evidence.sql for each in self.draft.findings)
            if waiting:
                buttons.append(
                    controls.button("Ask the rows", "preflight", title="Read-only, each query with a time limit")
                )
            if not self.draft.is_empty:
                buttons.append(controls.button("Rehearse", "rehearse", title="Run it on a copy: up, down and up again"))
            bad = words.hazards([each for each in self.draft.findings if each.outcome in {"fails", "loses-data"}])
            label = f"Write {self.draft.path}"
            if bad:
                ask = f"Write it all the same? It {bad}."
                buttons.append(controls.button(label, "write", primary=True, ask=ask, yes="Write it"))
            else:
                buttons.append(controls.button(label, "write", primary=True))
        if self.workbench is not None and not self.path:
            buttons.append(controls.button("Make the draft again", "again", title="After the models were edited"))
        if self.draft.code:
            buttons.append(controls.button("Copy the code", "copy"))
        return controls.bar("".join(buttons)) if buttons else ""
