"""What a name of a revision means: an id or its beginning, `head`, `base`, a label, and so many steps from one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workbench.environment.graph import Graph, Node
from workbench.errors import MultipleHeads, RevisionNotFound, UnsupportedRequest
from workbench.text import short_id

_RELATIVE = re.compile(r"(?P<from>.*?)(?P<steps>[+-]\d+)", re.DOTALL)
Heads = tuple[str, ...]


def resolve(graph: Graph, name: str, current: Heads) -> Heads:
    """The heads that `name` means; none for `base`.

    Args:
        graph: The history.
        name: As `alembic upgrade` and `downgrade` take it; relative ones without an id are from `current`.
        current: Where the database stands.

    Raises:
        RevisionNotFound: No file has it.
        MultipleHeads: It is not one revision.
        UnsupportedRequest: It leads out of the history, or to a fork.

    """
    name = name.strip()
    relative = _RELATIVE.fullmatch(name)
    if relative is not None and name not in graph.parents:
        start = _one(graph, relative["from"], name) if relative["from"] else _current(current, name)
        return _steps(graph, start, int(relative["steps"]), name)
    if name in {"base", "heads", "current"}:
        return {"base": (), "heads": graph.heads, "current": current}[name]
    found = _one(graph, name, name)
    return (found,) if found else ()


def _one(graph: Graph, name: str, asked: str) -> str:  # noqa: PLR0911 - one way of naming after another
    """The id of one revision, empty for base."""
    label, at, rest = name.rpartition("@")
    if at and rest in {"head", "heads"}:
        return _head(_labelled(graph, label), asked)
    if at and rest == "base":
        return ""
    if name == "head":
        return _head(graph.heads, asked)
    if name == "base":
        return ""
    if name == "current":
        raise UnsupportedRequest(f"{asked!r} cannot be asked here.", "Leave `current` out: `-1` is meant from there.")
    within = {node.file.revision for node in _nodes(graph, label)} if at else set(graph.parents)
    if rest in within:
        return rest
    owners = [node.file.revision for node in graph.nodes if rest in node.file.branch_labels]
    if owners:
        return owners[0]
    found = sorted(each for each in within if rest and each.startswith(rest))
    if len(found) == 1:
        return found[0]
    if found:
        told = ", ".join(found[:5]) + (", …" if len(found) > 5 else "")  # noqa: PLR2004 - enough to see it
        raise RevisionNotFound(f"{asked!r} is the beginning of {len(found)} ids: {told}.", "Write more of it.")
    raise RevisionNotFound(f"No revision file has the id {asked!r}.", "The ids are in wb.history().df.")


def _head(heads: Iterable[str], asked: str) -> str:
    found = tuple(heads)
    if len(found) > 1:
        raise MultipleHeads(
            f"{asked!r} is not one revision: there are the heads {', '.join(map(short_id, found))}.",
            'Name one of them, or all: "heads".',
        )
    return found[0] if found else ""


def _nodes(graph: Graph, label: str) -> list[Node]:
    found = [node for node in graph.nodes if label in node.labels]
    if not found and label in graph.parents:  # Alembic takes an id for a branch, too
        found = [node for node in graph.nodes if label in graph.ancestors((node.file.revision,))]
    if not found:
        raise RevisionNotFound(f"No branch has the label {label!r}.", "The labels are in wb.history().df.")
    return found


def _labelled(graph: Graph, label: str) -> tuple[str, ...]:
    return tuple(sorted(node.file.revision for node in _nodes(graph, label) if node.is_head))


def _current(current: Heads, asked: str) -> str:
    if len(current) > 1:
        raise MultipleHeads(
            f"{asked!r} is meant from where the database stands, and that is at {', '.join(map(short_id, current))}.",
            f"Name the one: {short_id(current[0])}{asked}.",
        )
    return current[0] if current else ""


def _steps(graph: Graph, start: str, steps: int, asked: str) -> Heads:
    at = start
    if start and start not in graph.parents:
        raise RevisionNotFound(f"The database stands at {start}, which no revision file has.", "Name a revision.")
    for _ in range(abs(steps)):
        if steps > 0:
            nexts = [
                node.file.revision for node in graph.nodes if (at in node.parents if at else not node.parents)
            ]  # fmt: skip
        else:
            node = next((each for each in graph.nodes if each.file.revision == at), None)
            nexts = [] if node is None else list(node.parents) or [""]
        if len(nexts) != 1:
            where = short_id(at) or "base"
            why = "it forks at" if nexts else "the history ends at"
            raise UnsupportedRequest(f"{asked!r} leads nowhere: {why} {where}.", "Name a revision.")
        at = nexts[0]
    return (at,) if at else ()
