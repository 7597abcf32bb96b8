"""A Draft to decide on: tick, answer, try values, undo, ask the rows, rehearse, write it, and plan its upgrade."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import traitlets

from workbench.errors import UnsupportedRequest
from workbench.render import draft_html, draft_words, page
from workbench.render import text as text_of
from workbench.results.choices import Choice, Question
from workbench.results.drafts import Draft
from workbench.results.plans import Event
from workbench.results.rehearsals import Rehearsal
from workbench.widgets import draft_editor, draft_lab, draft_palette, draft_parts, draft_place
from workbench.widgets.draft_by_hand import ByHandView, Job
from workbench.widgets.draft_lab import Trial
from workbench.widgets.draft_onward import OnwardView


class DraftView(ByHandView, OnwardView):
    """The live view of a Draft."""

    rehearsal = traitlets.Instance(Rehearsal, allow_none=True)
    """What the last rehearsal of this very Draft showed; None as long as it was not rehearsed."""
    path = traitlets.Unicode("")
    """The file, once it is written."""

    def __init__(self, draft: Draft, workbench: Any = None, **values: Any) -> None:
        self._before: list[Draft] = []
        self._after: list[Draft] = []
        self._trials: dict[str, Trial] = {}
        self._drawing = threading.RLock()
        super().__init__(draft, workbench, rehearsal=draft.rehearsal, **values)

    @property
    def is_live(self) -> bool:
        """There is somebody to decide with, and it is not written yet."""
        return self.workbench is not None and not self.path

    @property
    def can_write(self) -> bool:
        """There is a file to write, and somebody to write it."""
        own = self.is_live and not getattr(self.workbench, "read_only", False)
        return own and bool(self.draft.code) and not self.draft.problem

    def draw(self) -> None:
        """Make the page anew."""
        title = draft_words.title(self.draft)
        with self._drawing, self.hold_sync():
            self._patches = {}
            below = "" if self.beneath is None else self.beneath._html  # noqa: SLF001 - its page is a part of this one
            self._html = page.page(title, "".join(self.sections()), kind="good" if self.path else None) + below

    def sections(self) -> Iterator[str]:
        """The page below its title, from top to bottom; what is to be a part of it is a line here."""
        draft, live = self.draft, self.is_live
        if self.split_view is not None:
            yield "" if self.split_view.is_written else draft_parts.whole_again()
            return
        if self.plan_view is not None:
            yield page.details(page.muted("its code"), draft_html.file(draft), key="file")
            return
        if live:
            yield draft_parts.message(draft)
        yield draft_html.notes(draft)
        if live:
            yield draft_place.section(draft)
        yield draft_html.questions(draft, self._ask if live else draft_html.options)
        is_list = live and draft.decisions.get("code") is None
        yield draft_html.choices(draft, draft_parts.box if is_list else draft_html.box, self._more)
        yield "".join(self._labs())
        yield draft_html.by_hand(draft, draft_palette.taking_out if live else lambda _index: "")
        if is_list:
            yield draft_palette.section(draft, self._chosen)
        yield draft_html.findings(draft)
        yield draft_html.file(draft)
        if live:
            yield draft_editor.section(draft, self._wrong)
        yield draft_html.tried(draft)
        if self.path:
            yield draft_html.after(draft)
            yield draft_parts.written(can_plan=self.workbench is not None)
        else:
            yield draft_parts.bar(
                draft, can_write=self.can_write, can_make=live, undo=bool(self._before), redo=bool(self._after)
            )

    def act(self, action: str, data: dict[str, Any]) -> dict[str, Any]:
        """Decide, undo that, try values, copy the code, ask the rows, rehearse, write; then what its Plan can."""
        if self.beneath is not None:
            return super().act(action, data)
        if action == "copy":
            return {"text": self.draft.code or text_of(self.draft)}
        if action == "cancel":
            self.workbench.cancel()
            return {}
        if action == "lab":
            self._open(self._choice(data))
            return {}
        jobs: dict[str, Callable[[], Job]] = {
            **self.by_hand(data),
            "tick": lambda: self._ticking(self._choice(data)),
            "answer": lambda: self._answering(data),
            "place": lambda: self._placing(data),
            "try": lambda: self._trying(self._choice(data), data),
            "fill": lambda: self._filling(self._choice(data), data),
            "unfill": lambda: self._unfilling(self._choice(data)),
            "safer": lambda: self._rewriting(self._choice(data)),
            "message": lambda: self._naming(str(data.get("message", ""))),
            "undo": lambda: (self._undo, "Undone."),
            "redo": lambda: (self._redo, "Done again."),
            "preflight": lambda: (self._preflight, "Asking the rows."),
            "rehearse": lambda: (self._rehearse, "Rehearsing."),
            "split": lambda: (self._split, "Splitting it."),
            "again": lambda: (lambda: self._become(self.draft.decide()), "Making the draft again."),
            "write": lambda: (self._write, "Writing."),
            "plan": lambda: (self._plan, "Planning the upgrade."),
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
            self.draft, self.result, self.rehearsal, self._error = draft, draft, draft.rehearsal, ""
            self._wrong = None
            self.draw()

    def _undo(self) -> None:
        if self._before:
            self._after.append(self.draft)
            self._trials.clear()
            self._show(self._before.pop())

    def _redo(self) -> None:
        if self._after:
            self._before.append(self.draft)
            self._trials.clear()
            self._show(self._after.pop())

    def _ticking(self, choice: Choice) -> Job:
        if choice.kind.startswith("rename_"):
            thing = f"{choice.kind.removeprefix('rename_')} {choice.object}"
            return lambda: self._become(self.draft.rename(thing, None)), f"Taking back: {choice.key}."
        decide = self.draft.untick if choice.ticked else self.draft.tick
        word = "Leaving out" if choice.ticked else "Taking in"
        return lambda: self._become(decide(choice.key)), f"{word}: {choice.key}."

    def _answering(self, data: dict[str, Any]) -> Job:
        question = self._question(data)
        answers = [answer for answer, _ in question.options]
        answer = str(data.get("answer", ""))
        if answer not in answers and (answer or question.kind != "rename"):
            raise UnsupportedRequest(f"{answer!r} is no answer to this question.")
        self._trials.clear()
        if question.kind == "head":
            return lambda: self._become(self.draft.decide(head=answer)), f"Following {answer}."
        told = f"Renaming {question.key} to {answer}." if answer else f"No rename: {question.key}."
        return lambda: self._become(self.draft.rename(question.key, answer)), told

    def _placing(self, data: dict[str, Any]) -> Job:
        decisions = draft_place.decisions(self.draft, data)
        if not decisions:
            return (lambda: None), "It goes there already."
        return lambda: self._become(self.draft.decide(**decisions)), "Putting it there."

    def _filling(self, choice: Choice, data: dict[str, Any]) -> Job:
        trial = draft_lab.typed(self.draft, choice, data)

        def fill() -> None:
            draft = self.draft.fill(choice.key, trial.expression, **trial.options)
            self._trials.pop(choice.key, None)
            self._become(draft)

        return fill, f"Filling {choice.object}."

    def _unfilling(self, choice: Choice) -> Job:
        self._trials.pop(choice.key, None)
        return lambda: self._become(self.draft.fill(choice.key, None)), f"Without values for {choice.object}."

    def _rewriting(self, choice: Choice) -> Job:
        taken = choice.key in self.draft.decisions.get("rewrites", {})
        saying = f"As it was found: {choice.key}." if taken else f"The safer way: {choice.key}."
        return lambda: self._become(self.draft.rewrite(choice.key, safer=not taken)), saying

    def _naming(self, message: str) -> Job:
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

    def _open(self, choice: Choice) -> None:
        """Show the lab of a choice, or hide it again."""
        if self._trials.pop(choice.key, None) is None:
            self._trials[choice.key] = draft_lab.decided(self.draft, choice)
        self.draw()

    def _trying(self, choice: Choice, data: dict[str, Any]) -> Job:
        trial = draft_lab.typed(self.draft, choice, data)

        def work() -> None:
            answer = self.draft.backfill(choice.key, trial.expression, **trial.options)
            self._trials[choice.key] = Trial(trial.expression, trial.python, trial.column, answer)
            self.draw()
            self._progress = answer.shown

        return work, "Trying it on the rows."

    def _preflight(self) -> None:
        self._show(self.workbench.preflight(self.draft))

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

    def _ask(self, index: int, question: Question) -> str:
        if question.kind == "fill":
            number, choice = self._of(question.key)
            return draft_lab.lab(self.draft, number, choice, self._trials.get(choice.key, Trial()))
        if question.kind == "head":
            return draft_parts.heads(index, question)
        return draft_parts.renames(index, question) if question.kind == "rename" else ""

    def _of(self, key: str) -> tuple[int, Choice]:
        return next((number, each) for number, each in enumerate(self.draft.choices) if each.key == key)

    @property
    def _asked(self) -> set[str]:
        """The choices whose lab stands in a question."""
        return {each.key for each in self.draft.questions if each.kind == "fill"}

    def _more(self, index: int, choice: Choice) -> str:
        if not self.is_live or self.draft.decisions.get("code") is not None:
            return ""
        told = draft_parts.safer(self.draft, index, choice)
        if choice.key not in self._asked and draft_lab.is_offered(self.draft, choice):
            told += draft_lab.opener(index, is_open=choice.key in self._trials)
        return told

    def _labs(self) -> Iterator[str]:
        asked = self._asked
        for index, choice in enumerate(self.draft.choices if self.is_live else ()):
            if choice.key in self._trials and choice.key not in asked:
                yield draft_lab.beneath(self.draft, index, choice, self._trials[choice.key])
