"""A Run as text: how it ended, where the databases stand now, what became of each step. No clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from workbench.errors import Cancelled
from workbench.render import run_words, words
from workbench.render.check_text import findings_text
from workbench.render.plan_text import statement_lines
from workbench.results.plans import Event, Executed, Run, StepRun
from workbench.text import aligned, duration, one_line, plural, shorten, visible

_WIDTH = 160  # characters of a statement that are printed while it runs


def run_text(run: Run) -> str:
    """The title, the state that the databases were left in, the steps, and what went wrong."""
    sign = "✔" if run.ok else "⚠" if run.cancelled else "✖"
    standing = run_words.run_standing(run)
    parts = [f"{sign} {run_words.run_title(run)}" + (f"\n{standing}" if standing else "")]
    for title, steps in run_words.run_sections(run):
        parts.append("\n".join([*([f"=== {title}"] if title else []), *_steps(run, [step for _, step in steps])]))
    if run.error is not None and not isinstance(run.error, Cancelled):
        parts.append(visible(str(run.error)))
    parts += findings_text(run.findings, several=len(run.databases) > 1)
    return "\n\n".join(part for part in parts if part)


def statements_of(run: Run) -> dict[tuple[str, str], tuple[Executed, ...]]:
    """The executed statements by (database, revision), in order."""
    found: dict[tuple[str, str], list[Executed]] = {}
    for each in run.executed:
        found.setdefault((each.database, each.revision), []).append(each)
    return {key: tuple(value) for key, value in found.items()}


def step_run_text(step: StepRun) -> str:
    """One step on a line."""
    told = (run_words.OUTCOMES[step.outcome], step.outcome, words.step_id(step.revision), one_line(step.message))
    return " ".join(told).rstrip()


def executed_text(executed: Executed) -> str:
    """The statement, and the rows it changed where the driver knows."""
    return "\n".join(statement_lines(executed.sql, "")) + rows_told(executed.rows)


def event_text(event: Event) -> str:
    """One event on a line, as it is printed while a Plan runs: a step, in it its statements, below each its outcome."""
    sql = one_line(event.sql)
    if event.kind == "step":
        number = f"step {event.step + 1}" + (f" of {event.of}" if event.of else "")
        return f"{number}: {words.step_id(event.revision)} {one_line(event.message)}".rstrip()
    if event.kind == "statement":
        return f"  {shorten(sql, _WIDTH)}"
    if event.kind == "executed":
        rows = plural(event.rows, "row") if event.rows is not None and event.rows >= 0 else ""
        return "    " + ", ".join(part for part in (rows, duration(event.seconds)) if part)
    if event.kind in {"waiting", "notice"}:
        return f"    {sql}" if event.kind == "waiting" else sql
    how = "done" if event.kind == "step_done" else "failed"
    return f"  {how} in {duration(event.seconds)}" if event.seconds is not None else f"  {how}"


def rows_told(rows: int | None) -> str:
    """`  -- 3 rows`; nothing where the driver does not know."""
    return f"  -- {plural(rows, 'row')}" if rows is not None and rows >= 0 else ""


def _steps(run: Run, steps: Sequence[StepRun]) -> Iterator[str]:
    ran = Counter({key: len(value) for key, value in statements_of(run).items()})
    rows = [
        (
            f"{run_words.OUTCOMES[run_words.outcome(run, step)]} {run_words.outcome(run, step)}",
            words.step_id(step.revision),
            one_line(step.message),
            plural(ran[step.database, step.revision], "statement") if step.outcome != "not run" else "",
        )
        for step in steps
    ]
    yield from (f"  {line}" for line in aligned(rows).split("\n") if line)
