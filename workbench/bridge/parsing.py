"""Reads Python that somebody else wrote, in silence."""

from __future__ import annotations

import ast
import warnings


def parse(text: bytes | str) -> ast.Module | None:
    """The tree; None of what is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an invalid escape in somebody's revision
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
