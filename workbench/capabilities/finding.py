"""Find: everything in the live schema and in the revision files that has a text in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from workbench.capabilities import find_patterns, histories
from workbench.environment import revision_files
from workbench.environment.graph import Graph, Node
from workbench.errors import UnsupportedRequest, WorkbenchError
from workbench.results import Found, Hit, Schema, SchemaObject, Table, View
from workbench.results.definitions import dotted
from workbench.text import plural, redact

AT_MOST = 500
"""Hits of each sort: names, definitions, revisions."""
_OWN_ID = re.compile(r"\s*(?:Revision ID\s*:|revision\s*(?::[^=]+)?=)")
Matches = Callable[[str], bool]


def find(text: str, live: Schema | WorkbenchError, graph: Graph, folder: str, *, regex: bool = False) -> Found:
    """Where the text stands: names first, then definitions and comments, then revisions, newest first.

    Args:
        text: What to look for, regardless of upper and lower case.
        live: The live schema, or why it could not be had.
        graph: The revision files.
        folder: Paths below it are shown relative to it.
        regex: `text` is a regular expression.

    Raises:
        UnsupportedRequest: There is nothing to look for, or it is no regular expression, or one that takes too long.

    """
    if not text or not isinstance(text, str):
        raise UnsupportedRequest("There is nothing to look for.", 'Give a text, as in wb.find("email").')
    objects = () if isinstance(live, WorkbenchError) else live.objects
    matches = _pattern(text, objects, graph, folder) if regex else _part(text)
    notes = []
    names: list[Hit] = []
    definitions: list[Hit] = []
    if isinstance(live, WorkbenchError):
        notes.append(f"Only the revisions were searched. The live schema could not be had: {live.message}")
    for each in objects:
        for is_name, hit in _in_object(each, matches):
            (names if is_name else definitions).append(hit)
    revisions = [hit for node in graph.nodes for hit in _in_revision(node, matches, folder)]
    hits: list[Hit] = []
    for noun, found in (("name", names), ("definition", definitions), ("place", revisions)):
        hits += found[:AT_MOST]
        if len(found) > AT_MOST:
            where = " in revisions" if noun == "place" else ""
            notes.append(f"{plural(len(found) - AT_MOST, 'more ' + noun)}{where} left out: look for a longer text.")
    return Found(text, tuple(hits), tuple(notes))


def _part(text: str) -> Matches:
    wanted = text.casefold()
    return lambda told: wanted in told.casefold()


def _pattern(text: str, objects: Iterable[SchemaObject], graph: Graph, folder: str) -> Matches:
    """Looks at all texts that could be asked for at once, and knows the answers then."""
    texts: list[str] = []

    def take(told: str) -> bool:
        texts.append(told)
        return True

    for each in objects:
        for _ in _in_object(each, take):
            pass
    for node in graph.nodes:
        for _ in _in_revision(node, take, folder):
            pass
    return find_patterns.matching(text, texts).__contains__


def _in_object(each: SchemaObject, matches: Matches) -> Iterator[tuple[bool, Hit]]:
    """The hits, and of each whether the name itself has the text."""
    own = dotted(each.schema, each.table, each.name)
    yield from _look(each, each.kind, own, each.name, each.definition, each.comment, matches)
    if not isinstance(each, (Table, View)):
        return
    for column in each.columns:
        name = dotted(each.schema, each.name, column.name)
        yield from _look(each, "column", name, column.name, column.definition, column.comment, matches)
    for constraint in each.constraints if isinstance(each, Table) else ():
        name = dotted(each.schema, each.name, constraint.name)
        yield from _look(each, "constraint", name, constraint.name, constraint.definition, constraint.comment, matches)
    for index in each.indexes:
        name = dotted(each.schema, each.name, index.name)
        yield from _look(each, "index", name, index.name, index.definition, index.comment, matches)


def _look(
    at: SchemaObject, kind: str, shown: str, name: str, definition: str, comment: str | None, matches: Matches
) -> Iterator[tuple[bool, Hit]]:
    is_name, is_defined = matches(name), matches(definition)
    lines = definition.split("\n")
    with_it = [each for each in lines if matches(each)] if len(lines) > 1 and is_defined else []
    if is_name or is_defined:
        told = definition if is_name or not with_it else with_it[0]
        yield is_name, Hit(kind, shown, told.strip(), database=at.database)
    if comment and matches(comment):
        yield False, Hit("comment", shown, comment, database=at.database)


def _in_revision(node: Node, matches: Matches, folder: str) -> Iterator[Hit]:
    file = node.file
    where = histories.shown_path(file.path, folder)
    is_id, is_message = matches(file.revision), matches(file.message)
    is_known = is_id or is_message
    if is_known:
        yield Hit("revision", file.revision, file.message, where)
    for number, line in _lines(file.path):
        if not matches(line):
            continue
        told = redact(line.strip())
        # A password is not to be guessed piece by piece either.
        if matches(told) and not (is_known and _says_no_more(line, file.message)):
            yield Hit("code", file.revision, told, f"{where}:{number}")


def _lines(path: str) -> Iterable[tuple[int, str]]:
    if revision_files.is_compiled(path):
        return ()
    try:
        text = Path(path).read_text("utf-8", errors="replace")
    except OSError:  # the history tells that it cannot be read
        return ()
    return enumerate(text.splitlines(), 1)


def _says_no_more(line: str, message: str) -> bool:
    """What the revision's own hit says already."""
    return line.strip(" \t\"'") == message or _OWN_ID.match(line) is not None
