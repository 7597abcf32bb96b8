"""A Drift as text: how many of which verdict, object by source, then the definitions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from workbench.results import Acceptance, Accepted, Difference, Drift
from workbench.results.exploring import VERDICTS, Verdict
from workbench.text import aligned, one_line, plural, short_id, visible

SHOWN = 100
"""Differences of one Drift; the rest is counted, and `.df` has all of it."""
SOURCES = ("models", "revisions", "live")
HEADERS = ("object", "verdict", *SOURCES)
"""The verdict first: where there is no room for all of the matrix, it has to be in sight."""
_COUNTED: dict[Verdict, str] = {"no revision for it": "without a revision"}
"""A verdict behind a number, where that would read oddly."""


def drift_text(drift: Drift) -> str:
    """The sentence, the matrix, and below it what each source has."""
    parts = [title(drift)]
    shown = drift.differences[:SHOWN]
    if shown:
        several = len(drift.databases) > 1
        rows = [(("database",) if several else ()) + HEADERS]
        rows += [((one_line(each.database),) if several else ()) + (one_line(each.object), told(each), *cells(each))
                 for each in shown]  # fmt: skip
        parts.append(aligned(rows))
        parts += ["\n".join(_sides(each)) for each in shown]
    if len(drift.differences) > SHOWN:
        parts.append(f"… {plural(len(drift.differences) - SHOWN, 'more difference')} not shown")
    if drift.accepted:
        parts.append("\n".join(["Accepted:", *(f"  {accepted_text(each)}" for each in drift.accepted)]))
    if drift.notes:
        parts.append("\n".join(["Notes:", *(f"  {one_line(each)}" for each in drift.notes)]))
    return "\n\n".join(parts)


def difference_text(each: Difference) -> str:
    """The verdict and what each source has."""
    return "\n".join(_sides(each))


def accepted_text(each: Accepted) -> str:
    """What it is, and why it may stay."""
    return f"{one_line(each.difference.object)} ({each.difference.verdict}): {one_line(each.reason)}"


def acceptance_text(acceptance: Acceptance) -> str:
    """The whole of the file."""
    return f"{acceptance_title(acceptance)}\n\n{_visible_lines(acceptance.text)}"


def acceptance_title(acceptance: Acceptance) -> str:
    """Which file would say what; nothing is written yet."""
    return f"Accept {one_line(acceptance.accepted.difference.object)} in {one_line(acceptance.path)}: not written yet."


def title(drift: Drift) -> str:
    """`3 differences: 1 changed by hand, 2 pending`."""
    places = ", ".join(one_line(each.place) for each in drift.databases)
    accepted = f" ({len(drift.accepted)} accepted)" if drift.accepted else ""
    if drift.is_empty:
        return f"No drift on {places}{accepted}: {_agree(drift)}"
    counts = {verdict: sum(each.verdict == verdict for each in drift.differences) for verdict in VERDICTS}
    told = ", ".join(f"{count} {_COUNTED.get(verdict, verdict)}" for verdict, count in counts.items() if count)
    return f"{plural(len(drift.differences), 'difference')} on {places}: {told}{accepted}"


def kind(drift: Drift) -> Literal["good"] | None:
    """The colour of the title: nothing is wrong, and nothing was left out."""
    return "good" if drift.is_empty and not drift.without_models else None


def _agree(drift: Drift) -> str:
    if not drift.without_models:
        return "models, revisions and live agree in all that was compared."
    of = f" of {', '.join(map(one_line, drift.without_models))}" if len(drift.databases) > 1 else ""
    return f"revisions and live agree in all that was compared; there were no models{of} to compare them with."


def cells(each: Difference) -> tuple[str, str, str]:
    """What each source has, measured by the revisions: a sign and a word."""

    def cell(side: str | None) -> str:
        if side is None:
            return "✖ none"
        return "+ only here" if each.revisions is None else "✔ same" if side == each.revisions else "≠ other"

    models = cell(each.models) if each.in_models else "· not told"
    return models, "✖ none" if each.revisions is None else "✔ there", cell(each.live)


def told(each: Difference) -> str:
    """The verdict, and where it is pending which revision will do it."""
    return f"{each.verdict} ({one_line(short_id(each.revision))})" if each.revision else each.verdict


def sides(each: Difference) -> Iterator[tuple[str, str | None]]:
    """Each source with its definition; the models only where they can say something."""
    for name in SOURCES:
        if name != "models" or each.in_models:
            yield name, getattr(each, name)
    if each.head is not None:
        yield "at the head", each.head


def _sides(each: Difference) -> Iterator[str]:
    yield f"{one_line(each.object)}: {told(each)}"
    for name, text in sides(each):
        lines = ["(none)"] if text is None else visible_lines(text)
        yield f"  {name:<11}  {lines[0]}"
        yield from (f"  {'':<11}  {line}".rstrip() for line in lines[1:])


def visible_lines(text: str) -> list[str]:
    """The lines, each without invisible characters."""
    return [visible(line) for line in text.strip("\n").split("\n")]


def _visible_lines(text: str) -> str:
    return "\n".join(visible_lines(text))
