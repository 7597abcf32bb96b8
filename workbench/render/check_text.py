"""A Check and its Findings as text: what is wrong, what it leads to, and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from workbench.capabilities.practice import NEXT
from workbench.render import hazard_words, words
from workbench.results.effects import Destroyed, Effect
from workbench.results.findings import Check, Evidence, Finding
from workbench.results.rewrites import Rewrite
from workbench.text import aligned, one_line, plural, visible

SIGNS = {"error": "✖", "warning": "⚠", "info": "●"}
FINDINGS_SHOWN = 100
"""Of one Check; the rest is counted, `.df` has all of them."""
_SAMPLE = 20  # lines of evidence


def check_text(check: Check) -> str:
    """How much was found, then each Finding, by what is to be done next; with several databases, each by its name."""
    parts = [title(check)]
    for heading, findings in by_next(check.findings):
        told = "\n\n".join(findings_text(findings, several=len(check.databases) > 1))
        parts.append(f"{heading}:\n\n{told}" if heading else told)
    return "\n\n".join(parts + (["\n".join(not_asked(check.not_asked))] if check.not_asked else []))


def by_next(findings: Sequence[Finding]) -> list[tuple[str, list[Finding]]]:
    """The Findings by what a person does next: first, without a heading, what is wrong on the databases themselves."""
    order = ["", *dict.fromkeys(NEXT.values())]
    found: dict[str, list[Finding]] = {}
    for each in findings:
        found.setdefault(NEXT.get(each.rule, ""), []).append(each)
    return [(heading, found[heading]) for heading in order if heading in found]


def not_asked(told: Sequence[tuple[str, str]]) -> list[str]:
    """`Not asked: changed-after-commit. This folder is in no git repository.`, each reason once."""
    by_reason: dict[str, list[str]] = {}
    for rule, why in told:
        by_reason.setdefault(why, []).append(rule)
    return [f"Not asked: {', '.join(map(one_line, rules))}. {one_line(why)}" for why, rules in by_reason.items()]


def title(check: Check) -> str:
    """`Nothing found on shop (sqlite 3.40.1).` or `shop (…): 1 error, 2 info`."""
    places = words.both([one_line(each.place) for each in check.databases]) or "the database"
    if not check.findings:
        return f"Nothing is wrong on {places}, as far as was looked."
    counts = Counter[str](each.severity for each in check.findings)
    told = ", ".join(plural(counts[each], each, each if each == "info" else None) for each in SIGNS if counts[each])
    return f"{places}: {told}"


def findings_text(findings: Sequence[Finding], *, several: bool = False) -> Iterator[str]:
    """Each Finding as a block of lines."""
    for each in findings[:FINDINGS_SHOWN]:
        yield finding_text(each, several=several)
    if len(findings) > FINDINGS_SHOWN:
        yield f"… {plural(len(findings) - FINDINGS_SHOWN, 'more finding')} not shown"


def rewrite_text(rewrite: Rewrite) -> str:
    """The code of a safer way."""
    return visible(rewrite.code)


def finding_text(finding: Finding, *, several: bool = False) -> str:
    """The sentence, the evidence, and what to do."""
    where = f"{one_line(finding.database)}: " if several and finding.database else ""
    rule = f"{one_line(finding.rule)}: " if finding.operation else ""
    lines = [f"{SIGNS[finding.severity]} {where}{rule}{one_line(finding.message)}"]
    rows = sample(finding)
    lines += [f"    {line}" for line in aligned(rows).split("\n") if line]
    if hazard_words.verdict(finding):
        lines.append(f"  {hazard_words.verdict(finding)}")
    if finding.remedy:
        lines.append(f"  What to do: {one_line(finding.remedy)}")
    if finding.rewrite:
        lines.append("  A safer way:")
        lines += [f"    {line}".rstrip() for line in rewrite_text(finding.rewrite).split("\n")]
    if finding.evidence.sql:
        lines.append(f"  {sql_title(finding)}:")
        told, rest = words.cut(finding.evidence.sql.strip("\n"))
        lines += [f"    {line}".rstrip() for line in visible(told).split("\n")]
        lines += [f"    … {plural(rest, 'more character')} not shown"] if rest else []
    return "\n".join(lines)


def sample(finding: Finding) -> list[tuple[str, ...]]:
    """The rows of evidence, all of one length."""
    rows = [tuple(_cell(cell) for cell in row) for row in finding.evidence.sample[:_SAMPLE]]
    if rows and finding.evidence.columns:
        rows.insert(0, tuple(one_line(each) for each in finding.evidence.columns))
    width = max((len(row) for row in rows), default=0)
    return [row + ("",) * (width - len(row)) for row in rows]


def _cell(value: object) -> str:
    return "NULL" if value is None else one_line(str(value))


def sql_title(finding: Finding) -> str:
    """What the SQL of a Finding is."""
    evidence = finding.evidence
    is_open = evidence.verdict == "not proven" and evidence.seconds is None
    asked = "SQL" if not finding.operation else "To be asked" if is_open else "Asked"
    return {"half-applied": "What is missing"}.get(finding.rule, asked)


def evidence_text(evidence: Evidence) -> str:
    """What was seen, and with which statement."""
    return "\n".join(each for each in (one_line(evidence.verdict), visible(evidence.sql)) if each)


def destroyed_text(destroyed: Destroyed) -> str:
    """`table legacy_export (12,880 rows)`."""
    return words.destroyed(destroyed)


def effect_text(effect: Effect) -> str:
    """`makes column customer.phone`."""
    name = ".".join(each for each in (effect.schema, effect.table, effect.name) if each)
    new = f" to {one_line(effect.new_name)}" if effect.new_name else ""
    return f"{'renames' if new else one_line(effect.does)} {one_line(effect.kind)} {one_line(name)}{new}"
