"""Gives a revision file another `down_revision`, by the smallest edit of its bytes."""

from __future__ import annotations

import ast
import re

from workbench.bridge.parsing import parse
from workbench.errors import UnsupportedRequest

_NAME = "down_revision"
_END = re.compile(rb"\r\n|\r|\n")
_PLAIN = re.compile(r"[\w.-]+")


def with_parent(raw: bytes, old: str, new: str) -> bytes:
    """The file with `down_revision = new` in place of `old`, and its `Revises:` line if that says the same.

    Args:
        raw: What is in the file.
        old: The one id that it follows now.
        new: The one that it shall follow.

    Raises:
        UnsupportedRequest: The id does not stand there as one literal.

    """
    tree = parse(raw)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        tree = None
    if tree is None:
        raise _refused("it is no Python in UTF-8")
    found = [each for each in tree.body if _assigns(each)]
    if len(found) != 1:
        raise _refused(f"{_NAME} is not assigned once at its left margin")
    literal = _literal(found[0].value)  # type: ignore[attr-defined] # _assigns has looked
    if literal is None or literal.value != old:
        raise _refused(f"{_NAME} is no literal {old!r}")
    edits = [(*_span(raw, literal), _quoted(raw, literal, new)), *_revises(raw, tree, old, new)]
    for first, last, text in sorted(edits, reverse=True):
        raw = raw[:first] + text + raw[last:]
    return raw


def _refused(why: str) -> UnsupportedRequest:
    return UnsupportedRequest(f"This file cannot be edited: {why}.", f"Change {_NAME} by hand.")


def _assigns(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        return any(isinstance(each, ast.Name) and each.id == _NAME for each in node.targets)
    return isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == _NAME


def _literal(value: ast.expr | None) -> ast.Constant | None:
    """The text, also where it is the only one of a tuple or a list."""
    if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == 1:
        value = value.elts[0]
    return value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def _span(raw: bytes, node: ast.expr) -> tuple[int, int]:
    """Where it stands, in bytes; the tree counts columns in bytes of UTF-8, and a byte order mark not at all."""
    mark = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    starts = [0, *(each.end() for each in _END.finditer(raw))]
    first, last = (
        starts[line - 1] + column + (mark if line == 1 else 0)
        for line, column in ((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0))
    )
    return first, last


def _quoted(raw: bytes, node: ast.expr, new: str) -> bytes:
    first, _ = _span(raw, node)
    quote = raw[first : first + 1].decode()
    plain = quote in {"'", '"'} and quote not in new and "\\" not in new and new.isprintable()
    return (f"{quote}{new}{quote}" if plain else repr(new)).encode()


def _revises(raw: bytes, tree: ast.Module, old: str, new: str) -> list[tuple[int, int, bytes]]:
    """The edit of the docstring's line, if that names the old one and nothing else."""
    if not tree.body or not isinstance(tree.body[0], ast.Expr) or not _PLAIN.fullmatch(new):
        return []
    doc = tree.body[0].value
    if not isinstance(doc, ast.Constant) or not isinstance(doc.value, str):
        return []
    first, last = _span(raw, doc)
    line = re.compile(rb"^(Revises:[ \t]*)" + re.escape(old.encode()) + rb"(?=[ \t]*$)", re.MULTILINE)
    found = list(line.finditer(raw[first:last].replace(b"\r", b"\n")))
    return [(first + each.end(1), first + each.end(), new.encode()) for each in found[:1]]
