"""A schema as Mermaid's `erDiagram`, for Markdown.

Mermaid reads an entity's name in quotes, without a quote, a percent sign or a backslash in it; an attribute's type
and name as one word each, which begins with a letter and has letters, digits, `-`, `_`, brackets and parentheses;
comments and labels in quotes. `pk`, `fk` and `uk` are keywords (https://mermaid.js.org/syntax/entityRelationshipDiagram.html).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.render.picture_cards import rows
from workbench.render.picture_layout import layout
from workbench.results.objects import Table
from workbench.results.schema import Schema
from workbench.text import one_line

_NO_WORD = re.compile(r"[^A-Za-z0-9_()\[\]-]+")
_UNQUOTABLE = str.maketrans({'"': "'", "\\": "/", "%": "_", "`": "'", "<": "(", ">": ")", "#": "_", ";": ",", "~": "-"})
_KEYWORD = re.compile(r"(pk|fk|uk)\b", re.IGNORECASE)
_DIRECTION = re.compile(r"(?<=direction)\s+(?=tb|bt|lr|rl)", re.IGNORECASE)  # takes the whole line, wherever it stands


def mermaid(schema: Schema) -> str:
    """The tables with all their columns and the foreign keys between them; of several databases one after the other."""
    lines = ["erDiagram"]
    databases = list(dict.fromkeys(each.database for each in schema.all_tables))
    taken: set[str] = set()
    for database in databases:
        tables = [each for each in schema.all_tables if each.database == database]
        names = [_unique(_name(each, database if len(databases) > 1 else ""), taken) for each in tables]
        for table, name in zip(tables, names, strict=True):
            lines += _entity(table, name)
        for edge in layout(tables, hidden_columns="all", group_by_schema=False).edges:
            parent, child = names[edge.target], names[edge.source]
            sides = f"{'|o' if edge.optional else '||'}--{'o{' if edge.source_many else 'o|'}"
            lines.append(f'    "{parent}" {sides} "{child}" : "{_quotable(edge.columns)}"')
    return "\n".join(_DIRECTION.sub("_ ", line) for line in lines)


def _entity(table: Table, name: str) -> Iterator[str]:
    if not table.columns:
        yield f'    "{name}"'
        return
    yield f'    "{name}" {{'
    for column, row in zip(table.columns, rows(table), strict=True):
        keys = ", ".join({"U": "UK"}.get(each, each) for each in row.marks if each != "N")
        word = _word(column.name)
        told = column.name if word != column.name else column.comment or ""
        yield " ".join(
            each
            for each in (f"       {_word(column.type)} {word}", keys, f'"{_quotable(told)}"' if told else "")
            if each
        )
    yield "    }"


def _name(table: Table, database: str) -> str:
    told = _quotable(f"{database}.{table.qualified}" if database else table.qualified)
    return told or "unnamed"


def _unique(name: str, taken: set[str]) -> str:
    """The name, with a number where two that differ would read alike."""
    told, number = name, 2
    while told in taken:
        told, number = f"{name} {number}", number + 1
    taken.add(told)
    return told


def _quotable(text: str) -> str:
    return one_line(text).translate(_UNQUOTABLE)


def _word(text: str) -> str:
    """`text` as a word that Mermaid reads; what it cannot read becomes an underscore."""
    word = _NO_WORD.sub("_", text).strip("_")
    return word if word[:1].isalpha() and not _KEYWORD.match(word) else f"_{word}"
