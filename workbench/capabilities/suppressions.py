"""Findings that somebody lets be: `# workbench: ignore[rule] reason`, and `[tool.workbench] ignore`."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbench.capabilities.practice import NEXT, SHARED
from workbench.errors import EnvironmentInvalid
from workbench.results import Step
from workbench.results.findings import Finding

_COMMENT = re.compile(r"#\s*workbench:\s*ignore\s*\[([^\]]*)\]\s*(.*)")
_KEYS = {"rule", "revision", "object", "reason"}
_EXAMPLE = 'ignore = [{rule = "drop-table", revision = "ab12", reason = "the table was never used"}]'
WITHOUT_REASON = "suppression-without-reason"
UNUSED = "unused-suppression"
ELSEWHERE = frozenset(NEXT) - SHARED
"""Rules that `wb.check()` looks for, and no Plan."""


@dataclass(frozen=True)
class Suppression:
    """One place that says that a rule may be broken."""

    rules: tuple[str, ...]
    reason: str
    path: str
    """The file that says so, as it is shown."""
    line: int
    """Of that file; 0 for pyproject.toml."""
    revision: str = ""
    """Only of this revision; empty for all."""
    object: str = ""
    """Only of this object; empty for all."""
    first: int = 0
    """The lines of the operation that it stands at; 0 for the whole revision."""
    last: int = 0

    def fits(self, finding: Finding) -> bool:
        """Whether it speaks of that finding."""
        return (
            finding.rule in self.rules
            and self.revision in {"", finding.revision}
            and self.object in {"", finding.object}
            and (self.first == 0 or self.first <= finding.line <= self.last)
        )


def texts(steps: Iterable[Step], folder: str) -> dict[str, bytes]:
    """The content of the files of these steps, by the path that the step names; without those that cannot be read."""
    found: dict[str, bytes] = {}
    for path in dict.fromkeys(each.path for each in steps if each.path):
        with contextlib.suppress(OSError, ValueError), open(os.path.join(folder, path), "rb") as file:  # noqa: PTH118, PTH123 - Path costs more than reading
            found[path] = file.read()
    return found


def in_files(steps: Iterable[Step], content: Mapping[str, bytes]) -> tuple[Suppression, ...]:
    """What the comments in the files of these steps say, whose `texts` are given."""
    found: list[Suppression] = []
    for path, revision in dict.fromkeys((each.path, each.revision) for each in steps if each.path):
        text = content.get(path, b"")
        if b"workbench:" in text:
            found += _in_text(text, path, revision)
    return tuple(found)


def in_settings(table: Mapping[str, Any], file: str) -> tuple[Suppression, ...]:
    """What `[tool.workbench] ignore` says.

    Args:
        table: `[tool.workbench]`.
        file: The file it stands in, as it is shown.

    Raises:
        EnvironmentInvalid: It is no list of tables with a `rule`.

    """
    told = table.get("ignore", [])
    if not isinstance(told, list) or not all(isinstance(each, dict) and _is_right(each) for each in told):
        raise EnvironmentInvalid(f"[tool.workbench] ignore in {file} is not a list of what it can be.", _EXAMPLE)
    return tuple(
        Suppression(
            (each["rule"],), each.get("reason", "").strip(), file, 0, each.get("revision", ""), each.get("object", "")
        )
        for each in told
    )


def without(
    findings: Iterable[Finding],
    suppressions: Iterable[Suppression],
    revisions: Iterable[str],
    elsewhere: frozenset[str] = ELSEWHERE,
) -> tuple[Finding, ...]:
    """The findings that are not suppressed, and one for each suppression that says no reason, or suppresses nothing.

    Args:
        findings: All.
        suppressions: What may be let be.
        revisions: Those that were looked at: of others nobody can say that a suppression is not needed.
        elsewhere: Rules that were not looked for, of which the same is true.

    """
    known, found = tuple(suppressions), tuple(findings)
    good = [each for each in known if each.reason]
    kept = tuple(each for each in found if not any(other.fits(each) for other in good))
    looked_at = set(revisions)
    return (*kept, *(told for each in known if (told := _wrong(each, found, looked_at, elsewhere)) is not None))


def _wrong(
    each: Suppression, findings: tuple[Finding, ...], revisions: set[str], elsewhere: frozenset[str]
) -> Finding | None:
    if each.rules and set(each.rules) <= elsewhere:
        return None
    names = ", ".join(each.rules) or "nothing"
    at = Finding(
        rule="",
        severity="warning",
        outcome="advice",
        message="",
        revision=each.revision,
        path=each.path,
        line=each.line,
    )
    if not each.reason:
        return replace(
            at,
            rule=WITHOUT_REASON,
            message=f"ignore[{names}] gives no reason, so it suppresses nothing.",
            remedy="Say behind it why the finding may stay.",
        )
    if each.revision not in revisions or any(each.fits(finding) for finding in findings):
        return None
    if elsewhere & set(each.rules):
        return None
    return replace(
        at,
        rule=UNUSED,
        message=f"ignore[{names}] suppresses nothing: there is no such finding.",
        remedy="Take it out.",
    )


def _in_text(text: bytes, path: str, revision: str) -> Iterator[Suppression]:
    try:
        tokens = list(tokenize.tokenize(io.BytesIO(text).readline))
        tree = ast.parse(text)
    except (SyntaxError, ValueError, tokenize.TokenError):
        return
    statements = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt)
        and not isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.With, ast.If, ast.For))
    ]
    for token in tokens:
        told = _COMMENT.match(token.string) if token.type == tokenize.COMMENT else None
        if told is None:
            continue
        rules = tuple(name.strip() for name in told.group(1).split(",") if name.strip())
        line = token.start[0]
        alone = not token.line[: token.start[1]].strip()
        first, last = _lines(statements, line, alone=alone)
        yield Suppression(rules, told.group(2).strip(), path, line, revision, first=first, last=last)


def _lines(statements: list[ast.stmt], line: int, *, alone: bool) -> tuple[int, int]:
    """The lines of the operation that a comment stands at: within it, behind it, or alone on the line before it."""
    within = [each for each in statements if each.lineno <= line <= (each.end_lineno or each.lineno)]
    if within:
        found = max(within, key=lambda each: each.lineno)
        return found.lineno, found.end_lineno or found.lineno
    after = [each for each in statements if each.lineno > line] if alone else []
    if not after:
        return line, line
    found = min(after, key=lambda each: each.lineno)
    return found.lineno, found.end_lineno or found.lineno


def _is_right(told: dict[str, Any]) -> bool:
    return bool(told.get("rule")) and set(told) <= _KEYS and all(isinstance(each, str) for each in told.values())
