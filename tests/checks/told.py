"""What the checks of good practice tell, in short."""

from __future__ import annotations

from workbench.capabilities.practice import NEXT
from workbench.results import Check, Finding


def practices(check: Check, *rules: str) -> list[Finding]:
    """The findings of these rules, or of all but `database-behind`."""
    wanted = set(rules) or set(NEXT) - {"database-behind"}
    return [each for each in check.findings if each.rule in wanted]


def places(check: Check, *rules: str) -> list[tuple[str, str, str]]:
    """Of these findings: rule, severity, and the revision or the object."""
    return [(each.rule, each.severity, each.revision or each.object) for each in practices(check, *rules)]
