"""`workbench check`: the findings for what is pending, for people and for CI."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench import Workbench, __version__
from workbench.capabilities.practice import NEXT, PRACTICES
from workbench.cli.console import complain, say
from workbench.errors import EnvironmentNotFound, WorkbenchError
from workbench.render import check_text, words
from workbench.results.findings import Check, Finding
from workbench.results.plans import Plan

NotAsked = Sequence[tuple[str, str]]
FORMATS = ("text", "json", "github", "sarif")
_FOUND = 1
_UNUSABLE = 2
_RANK = {"error": 0, "warning": 1, "info": 2}
_SARIF = {"error": "error", "warning": "warning", "info": "note"}
_IN_TITLE = {"database-behind"}
"""What a Plan tells by being one."""
_GITHUB = {"error": "error", "warning": "warning", "info": "notice"}


def run(options: argparse.Namespace) -> int:
    """Look at what is pending, and say what was found.

    Returns:
        0 if nothing as grave as `--fail-on` was found, 1 if something was, 2 if it could not be looked.

    """
    try:
        with Workbench(options.config, x=dict(each.partition("=")[::2] for each in options.x or ())) as workbench:
            plan, check = _looked(workbench, options)
            shown = [_shown(each, workbench.folder, samples=options.samples) for each in _together(plan, check)]
    except EnvironmentNotFound:
        raise
    except WorkbenchError as error:
        complain(str(error))
        return _UNUSABLE
    say(_WRITERS[options.format](plan, shown, check.not_asked))
    grave = [each for each in shown if _RANK[each.severity] <= _RANK.get(options.fail_on, -1)]
    return _FOUND if grave else 0


def _looked(workbench: Workbench, options: argparse.Namespace) -> tuple[Plan, Check]:
    if options.no_database:
        plan = workbench.pending_offline(options.start or "base", options.target)
        return plan, workbench.check_offline(plan, everything=options.everything)
    plan = workbench.upgrade(options.target)
    check = workbench.check(everything=options.everything, scratch=options.scratch, rehearse=options.rehearse)
    return (plan if options.no_rows else workbench.preflight(plan, seconds=options.seconds)), check


def _together(plan: Plan, check: Check) -> tuple[Finding, ...]:
    """What is wrong on the databases, what the Plan does, and good practice; without what the Plan says already."""
    known = {(each.rule, each.revision) for each in plan.findings}
    rest = [each for each in check.findings if (each.rule, each.revision) not in known and each.rule not in _IN_TITLE]
    return (
        *(each for each in rest if each.rule not in NEXT),
        *plan.findings,
        *(each for each in rest if each.rule in NEXT),
    )


def _shown(finding: Finding, folder: Path, *, samples: bool) -> Finding:
    """The finding as others may read it: the file from the current folder, and no rows unless they are asked for."""
    path = Path(os.path.relpath(folder / finding.path)).as_posix() if finding.path else ""
    rows = finding.evidence.sample if samples or not finding.operation else ()
    return replace(finding, path=path, evidence=replace(finding.evidence, sample=rows))


def _text(plan: Plan, findings: Sequence[Finding], not_asked: NotAsked) -> str:
    head = words.plan_title(plan)
    unknown = "\n".join(check_text.not_asked(not_asked))
    if not findings:
        return "\n".join(each for each in (head, unknown, "Nothing was found.") if each)
    blocks = [head]
    for heading, these in check_text.by_next([_placed(each) for each in findings]):
        blocks += [f"{heading}:"] if heading else []
        blocks += check_text.findings_text(these, several=len(plan.databases) > 1)
    counts = {kind: sum(each.severity == kind for each in findings) for kind in _RANK}
    total = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    return "\n\n".join([*blocks, *([unknown] if unknown else []), total])


def _placed(finding: Finding) -> Finding:
    """The finding, with the file and line in its message, so that an editor can go there."""
    if not finding.path:
        return finding
    where = f"{finding.path}:{finding.line}" if finding.line else finding.path
    return replace(finding, message=f"{where}: {finding.message}")


def _json(plan: Plan, findings: Sequence[Finding], not_asked: NotAsked) -> str:
    told = {
        "databases": [
            {"name": each.name, "dialect": each.dialect, "heads": list(each.heads)} for each in plan.databases
        ],
        "revisions": list(plan.revisions),
        "findings": [each.to_dict() for each in findings],
        "not_asked": [{"rule": rule, "why": why} for rule, why in not_asked],
    }
    return json.dumps(told, indent=2, default=str)


def _github(_: Plan, findings: Sequence[Finding], not_asked: NotAsked) -> str:
    """Annotations, as docs.github.com's "workflow commands" describe them; what was not asked only in the log."""
    lines = []
    for each in findings:
        at = {"file": each.path, "line": str(each.line) if each.line else "", "title": each.rule}
        told = ",".join(f"{key}={_property(value)}" for key, value in at.items() if value)
        message = f"{each.message} {each.remedy}".strip()
        lines.append(f"::{_GITHUB[each.severity]} {told}::{_escaped(message)}")
    return "\n".join([*lines, *check_text.not_asked(not_asked), *([] if lines else ["Nothing was found."])])


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def _sarif(_: Plan, findings: Sequence[Finding], not_asked: NotAsked) -> str:
    """SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/."""
    from workbench.hazards import judging  # noqa: F401, PLC0415 - it registers the rules
    from workbench.hazards.rule import RULES  # noqa: PLC0415 - as above

    names = sorted({each.rule for each in findings})
    known: dict[str, Any] = {**PRACTICES, **RULES}
    rules = [
        {
            "id": name,
            "shortDescription": {"text": known[name].title if name in known else name},
            **({"help": {"text": known[name].page, "markdown": known[name].page}} if name in known else {}),
        }
        for name in names
    ]
    results = [
        {
            "ruleId": each.rule,
            "ruleIndex": names.index(each.rule),
            "level": _SARIF[each.severity],
            "message": {"text": f"{each.message} {each.remedy}".strip()},
            **_location(each),
        }
        for each in findings
    ]
    driver = {"name": "alembic-workbench", "version": __version__, "rules": rules}
    log: dict[str, Any] = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results, **_invocation(not_asked)}],
    }
    return json.dumps(log, indent=2)


def _invocation(not_asked: NotAsked) -> dict[str, Any]:
    """What was not asked, which is no result."""
    told = [{"level": "note", "message": {"text": each}} for each in check_text.not_asked(not_asked)]
    return {"invocations": [{"executionSuccessful": True, "toolExecutionNotifications": told}]} if told else {}


def _location(finding: Finding) -> dict[str, Any]:
    if not finding.path:
        return {}
    place: dict[str, Any] = {"artifactLocation": {"uri": Path(finding.path).as_posix()}}
    if finding.line:
        place["region"] = {"startLine": finding.line}
    return {"locations": [{"physicalLocation": place}]}


_WRITERS = {"text": _text, "json": _json, "github": _github, "sarif": _sarif}
