"""A Check and its Findings as HTML: the same words as the text."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.render import check_text, hazard_words, page, words
from workbench.results.findings import Check, Finding
from workbench.results.rewrites import Rewrite
from workbench.text import plural

_KINDS: dict[str, page.Kind] = {"error": "bad", "warning": "warn", "info": "info"}
_BADGES = {
    "fails": "will fail", "loses-data": "loses data", "blocks": "blocks", "breaks-code": "breaks code",
    "unknown": "not known yet", "advice": "advice",
}  # fmt: skip
_SAID = {"will fail", "will lose data", "will break code"}
"""Verdicts that the badge has said already."""


def check_html(check: Check) -> str:
    """The whole page."""
    kind: page.Kind = "good" if not check.findings else _KINDS[check.findings[0].severity]
    several = len(check.databases) > 1
    body = ""
    for heading, findings in check_text.by_next(check.findings):
        body += page.paragraph(page.element("b", page.escape(heading))) if heading else ""
        body += findings_html(findings, several=several)
    body += "".join(page.paragraph(page.muted(each)) for each in check_text.not_asked(check.not_asked))
    return page.page(check_text.title(check), body, kind=kind)


def finding_html(finding: Finding) -> str:
    """One Finding as a page of its own."""
    return page.page(f"{finding.severity}: {finding.rule}", _finding(finding, several=True))


def findings_html(findings: Sequence[Finding], *, several: bool = False) -> str:
    """Each Finding as a block with a bar in the colour of its severity."""
    shown = check_text.FINDINGS_SHOWN
    body = "".join(_finding(each, several=several) for each in findings[:shown])
    return body + page.hidden(len(findings) - shown, "finding")


def rewrite_html(rewrite: Rewrite) -> str:
    """The code of a safer way."""
    return page.pre(page.python_code(rewrite.code), "white-space:pre-wrap")


def _finding(finding: Finding, *, several: bool) -> str:
    kind = _KINDS[finding.severity]
    where = page.element("b", page.escape(finding.database)) + ": " if several and finding.database else ""
    rule = f"{page.code(finding.rule)}&#160; " if finding.operation else ""
    badge = page.badge(kind, _BADGES.get(finding.outcome, finding.severity) if finding.operation else finding.severity)
    body = page.paragraph(f"{badge}&#160; {where}{rule}{page.escape(finding.message)}")
    if hazard_words.verdict(finding) and (finding.evidence.verdict not in _SAID or finding.evidence.why):
        body += page.paragraph(page.muted(hazard_words.verdict(finding)))
    if finding.remedy:
        body += page.paragraph(page.element("b", "What to do: ") + page.escape(finding.remedy))
    if finding.rewrite:
        body += page.details(page.muted("a safer way"), rewrite_html(finding.rewrite))
    rows = check_text.sample(finding)
    if rows:
        head = rows.pop(0) if finding.evidence.columns else ()
        cells = [[page.escape(cell) for cell in row] for row in rows]
        told = page.table(head, cells, wrap=(len(rows[0]) - 1,))
        body += told if finding.operation else page.details(page.muted("evidence"), told)
    if finding.evidence.sql:
        told, rest = words.cut(finding.evidence.sql.strip("\n"))
        more = page.muted(f"\n… {plural(rest, 'more character')} not shown") if rest else ""
        summary = page.muted(check_text.sql_title(finding))
        body += page.details(summary, page.pre(page.sql_code(told) + more, "white-space:pre-wrap"))
    return page.element("div", body, f"border-left:3px solid {page.TOKENS[kind]};padding:2px 0 2px 10px;margin:6px 0")
