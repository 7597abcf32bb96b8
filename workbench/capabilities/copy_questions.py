"""Questions about what earlier steps of a Plan change first: asked on the copy of a rehearsal, before their step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from workbench.bridge.values import Asked
from workbench.results import Evidence, Finding, Plan, Schema
from workbench.results.schema import LIVE
from workbench.worker.answers import Halted, Rehearsed

if TYPE_CHECKING:
    from workbench.capabilities.hazards import Suspected
    from workbench.hazards.question import Question
    from workbench.hazards.rule import Suspicion
    from workbench.worker.client import Client

ON_ALL = "asked on a copy of all rows, right before this step"
ON_SOME = "asked on a copy with a sample of the rows, right before this step"
RAN = "it ran on a copy of all rows"


@dataclass
class CopyQuestions:
    """What one rehearsal is to ask: the rules look at each later step again, at the schema that stands before it."""

    client: Client
    plan: Plan
    suspected: Suspected
    is_whole: bool
    """The copy has all rows; a sample proves what fails, and never that nothing does."""
    _again: dict[int, list[tuple[Suspicion, Suspicion]]] = field(default_factory=dict)
    """By step: what depends on an earlier one, and what the rules make of it on the copy."""
    _asked: dict[int, tuple[Question, ...]] = field(default_factory=dict)

    @property
    def steps(self) -> tuple[int, ...]:
        """Before which steps of the Plan there is something to ask, by index."""
        return tuple(sorted({self._index(each) for each in self._waiting if _is_earlier(each)}))

    def listener(self, on_event: Callable[[Any], None] | None) -> Callable[[Any], None]:
        """What hears the events of the rehearsal: each Halted is answered, the others are passed on."""

        def heard(event: Any) -> None:
            if not isinstance(event, Halted):
                if on_event is not None:
                    on_event(event)
                return
            asked: tuple[Asked, ...] = ()
            try:
                asked = self._questions(event)
            finally:
                self.client.tell(asked)  # it waits for this, whatever becomes of us

        return heard

    def findings(self, told: Rehearsed) -> tuple[Finding, ...]:
        """The Findings that the copy decides; one without a message is none any more."""
        answers: dict[tuple[int, Question], Evidence] = {}
        for step, evidence in told.answers:
            by_question = zip(self._asked.get(step, ()), evidence, strict=False)
            answers.update({(step, question): self._on_copy(each) for question, each in by_question})
        found = [
            finding
            for step, pairs in self._again.items()
            for then, now in pairs
            if (finding := self._decided(then, now, {q: e for (at, q), e in answers.items() if at == step})) is not None
        ]
        if self.is_whole and told.passes and told.passes[0].ok:
            places = {each.place for each in found if each.evidence.verdict != "not proven"}
            found += [_ran(each) for each in self._waiting if _would_fail(each) and each.finding.place not in places]
        return tuple(found)

    @property
    def _waiting(self) -> Iterable[Suspicion]:
        return [each for each in self.suspected.suspicions if each.depends_on]

    def _index(self, suspicion: Suspicion) -> int:
        finding = suspicion.finding
        places = [(each.database, each.revision) for each in self.plan.steps]
        return places.index((finding.database, finding.revision))

    def _questions(self, halted: Halted) -> tuple[Asked, ...]:
        from workbench.hazards import judging  # noqa: PLC0415 - as capabilities.hazards does
        from workbench.hazards.situation import Situation  # noqa: PLC0415 - as above

        step = self.suspected.steps[halted.step]
        now = judging.suspicions([step], Situation(halted.facts, Schema(LIVE, halted.objects)))
        pairs = []
        for then in self._waiting:
            if self._index(then) == halted.step and _is_earlier(then):
                same = [each for each in now if _at(each.finding) == _at(then.finding)]
                same = [each for each in same if each.finding.object == then.finding.object] or same
                pairs += [(then, each) for each in same[:1]]
        self._again[halted.step] = pairs
        questions = (each.question for _, each in pairs if each.question is not None and not each.depends_on)
        self._asked[halted.step] = tuple(dict.fromkeys(questions))
        return tuple(
            Asked(each.bad, each.columns, each.if_bad, each.probe, each.statistics) for each in self._asked[halted.step]
        )

    def _on_copy(self, answer: Evidence) -> Evidence:
        """The answer, with the words that it is one of a copy."""
        where = ON_ALL if self.is_whole else ON_SOME
        if answer.verdict == "not proven":
            return replace(answer, why=f"{where}: {answer.why}")
        if answer.verdict == "clean" and not self.is_whole:
            return replace(answer, verdict="not proven", why=f"{where}; nothing was in the way, which proves nothing")
        return replace(answer, why=where, at_least=answer.at_least or not self.is_whole)

    @staticmethod
    def _decided(then: Suspicion, now: Suspicion, answers: dict[Question, Evidence]) -> Finding | None:
        """The Finding at the place of `then`; None where the copy does not decide it."""
        from workbench.hazards import judging  # noqa: PLC0415 - as above

        if now.depends_on or (now.question is not None and now.question not in answers):
            return None
        told = judging.findings([replace(now, is_caught=then.is_caught)], answers)
        if told:
            return replace(told[0], object=then.finding.object)
        answer = Evidence("clean") if now.question is None else answers[now.question]
        return replace(then.finding, message="", evidence=answer)


def _is_earlier(suspicion: Suspicion) -> bool:
    """It depends on a step before its own, not on its own."""
    return suspicion.depends_on != suspicion.finding.revision


def _at(finding: Finding) -> tuple[Any, ...]:
    return finding.rule, finding.operation, finding.statement, finding.line


def _would_fail(suspicion: Suspicion) -> bool:
    """The statement would have been refused, had there been a row in its way."""
    question = suspicion.question
    fails = question.if_bad == "will fail" if question is not None else suspicion.finding.outcome == "fails"
    return fails and not suspicion.is_caught


def _ran(suspicion: Suspicion) -> Finding:
    """The Finding of a statement that would have been refused, and was not."""
    from workbench.hazards import judging  # noqa: PLC0415 - as above

    evidence = Evidence("clean", why=RAN)
    return judging.clean(suspicion, evidence) or replace(suspicion.finding, message="", evidence=evidence)
