"""Tells which lines of a file belong to which proposal: while it is rendered, each operation says whose it is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from alembic.autogenerate import render

from workbench.bridge.authoring.operations import CodeOp
from workbench.bridge.values import Code, Span

_MARK = "# workbench-mark "
_CODE = "# workbench-code "
_END = "# ### end Alembic commands ###"
Mark = tuple[str, str, str]
"""(database, direction, key)."""


@contextlib.contextmanager
def marking(owners: Mapping[int, Mark], codes: list[Code], marks: list[Mark]) -> Iterator[None]:
    """Have each operation say in the text whose it is, and lines of code come through Mako untouched.

    Args:
        owners: By the identity of an operation.
        codes: Gets the lines of code, in their order.
        marks: Gets the marks, in their order.

    """
    original = render.render_op

    def render_op(autogen: Any, op: Any) -> list[str]:
        lines = original(autogen, op)
        if isinstance(op, CodeOp):
            if not lines:
                return []
            codes.append(Code("", tuple(lines)))
            lines = [f"{_CODE}{len(codes) - 1}"]
        told = owners.get(id(op))
        if told is None or not lines:
            return lines
        marks.append(told)
        return [f"{_MARK}{len(marks) - 1}", *lines]

    render.render_op = render_op  # type: ignore[assignment]
    try:
        yield
    finally:
        render.render_op = original


def placed(text: str, codes: list[Code], marks: list[Mark]) -> tuple[str, tuple[Span, ...]]:
    """The text without our marks, with the lines of code where they belong; and where each proposal stands in it."""
    lines: list[str] = []
    spans: list[Span] = []
    running: tuple[Mark, int, str] | None = None

    def end() -> None:
        nonlocal running
        if running is not None:
            (database, direction, key), first, _ = running
            last = len(lines)
            while last > first and not lines[last - 1].strip():
                last -= 1
            spans.append(Span(key, database, direction, first, last))
        running = None

    for line in text.split("\n"):
        stripped = line.strip()
        indent = line[: len(line) - len(line.lstrip())]
        if stripped.startswith(_MARK):
            end()
            running = marks[int(stripped.removeprefix(_MARK))], len(lines) + 1, indent
        elif stripped.startswith(_CODE):
            lines += [f"{indent}{each}" if each else "" for each in codes[int(stripped.removeprefix(_CODE))].upgrade]
        else:
            if running is not None and stripped and (stripped == _END or len(indent) < len(running[2])):
                end()
            lines.append(line)
    end()
    return "\n".join(lines), tuple(spans)
