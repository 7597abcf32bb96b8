"""Python and SQL as coloured HTML, without a style sheet."""

from __future__ import annotations

import functools
from html import escape
from typing import Any

from workbench.text import visible

# Middle tones, since an inline style can neither ask for the theme nor, past JupyterLab's sanitizer, use var().
_COLOURS = {
    "Comment": "opacity:0.65;font-style:italic",
    "Keyword": "color:#2f7fc1",
    "Operator.Word": "color:#2f7fc1",
    "Name.Decorator": "color:#9060c0",
    "Name.Builtin": "color:#9060c0",
    "Name.Function": "color:#9060c0",
    "Literal.String": "color:#b8602f",
    "Literal.Number": "color:#3d8b41",
    "Error": "",
}
_LONGEST = 100_000  # beyond this, colouring costs more than it helps


def python_code(source: str) -> str:
    """Python as HTML for inside a `<pre>`, escaped."""
    return _coloured(source, "python")


def sql_code(source: str) -> str:
    """SQL of any dialect as HTML for inside a `<pre>`, escaped."""
    return _coloured(source, "sql")


def _coloured(source: str, language: str) -> str:
    text = visible(source)
    if len(text) > _LONGEST:
        return escape(text)
    parts: list[str] = []
    before, held = "", ""
    for token, value in _lexer(language).get_tokens(text):
        style = _style(str(token))
        if style != before and held:
            parts.append(_painted(held, before))
            held = ""
        before, held = style, held + value
    parts.append(_painted(held, before))
    return "".join(parts).rstrip("\n")


def _painted(text: str, style: str) -> str:
    # The line's end belongs outside: a comment's token has it inside, where nobody could cut it off.
    body = text.rstrip("\n")
    end = text[len(body) :]
    return f'<span style="{style}">{escape(body)}</span>{end}' if style and body.strip() else escape(text)


@functools.cache
def _style(token: str) -> str:
    name = token.removeprefix("Token.")
    while name:
        if name in _COLOURS:
            return _COLOURS[name]
        name = name.rpartition(".")[0]
    return ""


@functools.cache
def _lexer(language: str) -> Any:
    from pygments.lexers import get_lexer_by_name  # noqa: PLC0415 - only those who want colours pay for it

    # stripnl would eat leading blank lines of the source; ensurenl adds a newline that is cut again above.
    return get_lexer_by_name(language, stripnl=False)
