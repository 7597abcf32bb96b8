"""What the text of a revision file tells beside its operations: whether there is a way back, and what is caught."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping

from workbench.results import Step

_TRIVIAL = re.compile(
    rb"""def[ ]downgrade\b[^:]*:\s*
    (?>(?:\"\"\".*?\"\"\"|\'\'\'.*?\'\'\'|\"[^\"\n]*\"|\'[^\'\n]*\')\s*)?
    (?>(?:\#[^\n]*\s*)*)
    (?:pass|raise|\.\.\.|def|$)""",
    re.DOTALL | re.VERBOSE,
)
"""A `downgrade()` that may do nothing. All others have no syntax tree made, which costs twenty times as much."""


def downgrades(steps: Iterable[Step], texts: Mapping[str, bytes]) -> dict[str, str]:
    """Of the upgrades whose file has a `downgrade()` that does nothing or only raises: `pass` or `raise`."""
    ups = (each for each in steps if each.direction == "upgrade")
    return {each.revision: told for each in ups if (told := way_back(texts.get(each.path, b"")))}


def way_back(text: bytes) -> str:
    """`pass` or `raise` where the `downgrade()` of a file does no more; empty of any other, and of no Python."""
    at = text.find(b"def downgrade")
    if not text or (at >= 0 and _TRIVIAL.match(text, at) is None):
        return ""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return ""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "downgrade":
            does = [each for each in node.body if not isinstance(each, (ast.Pass, ast.Expr)) or _does(each)]
            return "pass" if not does else "raise" if isinstance(does[0], ast.Raise) else ""
    return "pass"


def caught(steps: Iterable[Step], texts: Mapping[str, bytes]) -> dict[str, frozenset[int]]:
    """By revision the lines of its file that stand in a `try` with an `except` that goes on."""
    found: dict[str, frozenset[int]] = {}
    for each in steps:
        text = texts.get(each.path, b"")
        if re.search(rb"^\s+try\s*:", text, re.MULTILINE) is None:
            continue
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError):
            continue
        blocks = [node.body for node in ast.walk(tree) if isinstance(node, ast.Try) and _goes_on(node)]
        lines = (range(body[0].lineno, (body[-1].end_lineno or body[-1].lineno) + 1) for body in blocks)
        found[each.revision] = frozenset(line for these in lines for line in these)
    return found


def _goes_on(node: ast.Try) -> bool:
    """An `except` of it does not end with a `raise`."""
    return any(not isinstance(each.body[-1], ast.Raise) for each in node.handlers)


def _does(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
