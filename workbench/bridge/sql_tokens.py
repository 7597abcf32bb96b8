"""Cuts SQL into words, so that two ways to write the same definition compare equal, and a script into statements."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"""
      (?P<blank>\s+|--[^\n]*|/\*.*?(?:\*/|\Z))
    | (?P<text>'(?:[^']|'')*(?:'|\Z))
    | (?P<dollar>\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z))
    | (?P<name>"(?:[^"]|"")*(?:"|\Z)|`(?:[^`]|``)*(?:`|\Z)|\[[^\]]*(?:\]|\Z))
    | (?P<word>(?:[\w$.]|[^\x00-\x7f])+)
    | (?P<mark><>|<=|>=|!=|\|\||::|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PLAIN_NAME = re.compile(r"[A-Za-z_]\w*")
_KEYWORDS = frozenset(
    """
    ABORT ACTION AFTER ALWAYS AND AS ASC AUTOINCREMENT BEFORE BEGIN BETWEEN BY CASCADE CASE CHECK COLLATE CONFLICT
    CONSTRAINT CREATE CROSS DEFAULT DEFERRABLE DEFERRED DELETE DESC DISTINCT EACH ELSE END EXISTS FAIL FOR FOREIGN FROM
    GENERATED GROUP HAVING IF IGNORE IN INDEX INITIALLY INNER INSERT INSTEAD INTO IS JOIN KEY LEFT LIKE LIMIT NO NOT
    NULL OF ON OR ORDER PRIMARY REFERENCES REPLACE RESTRICT ROW ROWID SELECT SET STORED STRICT TABLE TEMP TEMPORARY
    THEN TRIGGER UNION UNIQUE UPDATE USING VALUES VIEW VIRTUAL WHEN WHERE WITH WITHOUT
    """.split()  # noqa: SIM905 - a list of quoted words is three times as long
)


def tokens(sql: str) -> Iterator[str]:
    """The words of `sql` without blanks and comments; a quoted name that needs no quotes comes without them."""
    for match in _TOKEN.finditer(sql):
        kind, told = match.lastgroup, match.group()
        if kind == "blank":
            continue
        if match["name"] is not None:
            inner = unquoted(told)
            yield inner if _PLAIN_NAME.fullmatch(inner) and inner.upper() not in _KEYWORDS else f'"{inner}"'
        elif match["word"] is not None and told.upper() in _KEYWORDS:
            yield told.upper()
        else:
            yield told


def unquoted(name: str) -> str:
    """A name without its quotes."""
    if name[:1] in {'"', "`"} and name[-1:] == name[:1] and len(name) > 1:
        return name[1:-1].replace(name[0] * 2, name[0])
    return name[1:-1] if name[:1] == "[" and name[-1:] == "]" else name


def joined(words: list[str]) -> str:
    """Words as one line, always with the same blanks."""
    line = ""
    for index, word in enumerate(words):
        before = words[index - 1] if index else ""
        tight = not line or word in {",", ")", ";"} or before == "("
        if word == "(" and (before[:1].isalpha() or before[:1] == "_") and before not in _KEYWORDS:
            tight = True  # a call, or a type with a length
        line += word if tight else f" {word}"
    return line


def normal(sql: str) -> str:
    """`sql` on one line, with the same blanks, quotes and capitals however it was written."""
    words = list(tokens(sql))
    while words and words[-1] == ";":
        words.pop()
    return joined(words)


def groups(words: list[str]) -> tuple[list[str], list[list[str]], list[str]]:
    """What stands before the first parenthesis, what in it (cut at its commas), and what after it."""
    depth = 0
    head: list[str] = []
    parts: list[list[str]] = [[]]
    for index, word in enumerate(words):
        if word == ")":
            depth -= 1
            if depth == 0:
                return head, parts, words[index + 1 :]
        if depth == 0 and word != "(":
            head.append(word)
        elif depth == 1 and word == ",":
            parts.append([])
        elif depth > 0:
            parts[-1].append(word)
        if word == "(":
            depth += 1
    return head, parts if depth else [], []


def statements(script: str) -> Iterator[str]:
    """The statements of a script, cut at the semicolons that are not inside of a string, a comment or a body.

    A trigger's body between BEGIN and END is one with its CREATE TRIGGER.
    """
    begun = 0
    words: list[str] = []
    depth = 0
    for match in _TOKEN.finditer(script):
        told = match.group()
        if match["blank"] is not None:
            continue
        if match["word"] is not None:
            words.append(told.upper())
            if _has_body(words):
                depth += told.upper() in {"BEGIN", "CASE"}
                depth -= told.upper() == "END"
        elif told == ";" and depth <= 0:
            statement = script[begun : match.start()].strip()
            if words:
                yield statement
            begun, words, depth = match.end(), [], 0
        elif not words:
            words.append("")  # a statement that begins with a parenthesis
    if words:
        yield script[begun:].strip()


def _has_body(words: list[str]) -> bool:
    head = words[:8]
    return head[0] == "CREATE" and not {"TRIGGER", "PROCEDURE", "FUNCTION", "EVENT"}.isdisjoint(head)
