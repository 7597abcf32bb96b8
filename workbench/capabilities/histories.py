"""History and Status: the graph of the files, and where the databases stand in it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from workbench.bridge.values import Identifiers
from workbench.environment.graph import Graph, Node
from workbench.errors import WorkbenchError
from workbench.results import Database, Finding, History, Revision, Status
from workbench.results.history import State
from workbench.text import redact


def history(
    graph: Graph,
    databases: tuple[Database, ...],
    problem: WorkbenchError | None,
    folder: str,
    rev_range: str | None = None,
) -> History:
    """The History of `graph` as the databases have it.

    Args:
        graph: What the files say.
        databases: Where each database stands; empty if it could not be asked.
        problem: Why it could not.
        folder: Paths below it are shown relative to it.
        rev_range: As `alembic history -r` takes it.

    Raises:
        UnsupportedRequest: It is not a range, or not one of these revisions.

    """
    current = _heads(databases)
    applied = [(each.name, graph.ancestors(each.heads)) for each in databases]
    nodes: Iterable[Node] = graph.nodes
    if rev_range is not None:
        from workbench.bridge import ranges  # noqa: PLC0415 - Alembic: half a second that most questions need not wait

        listed = set(ranges.in_range(identifiers(graph), rev_range, current, folder))
        nodes = (node for node in graph.nodes if node.file.revision in listed)
    return History(
        revisions=tuple(_revision(node, applied, folder) for node in nodes),
        heads=graph.heads,
        bases=graph.bases,
        current=current,
        databases=databases,
        unknown=tuple(head for head in current if head not in graph.parents),
        problem=None if problem is None else problem.message,
        remedy="" if problem is None else problem.remedy,
        rev_range=rev_range,
    )


def status(graph: Graph, databases: tuple[Database, ...], folder: str, findings: tuple[Finding, ...] = ()) -> Status:
    """Where the databases stand in `graph`."""
    current = _heads(databases)
    known = {each.name: tuple(head for head in each.heads if head in graph.parents) for each in databases}
    pending = _pending(graph, known, folder)
    messages = {node.file.revision: node.file.message for node in graph.nodes}
    told = dict.fromkeys((*current, *pending))
    return Status(
        heads=current,
        pending=pending,
        unknown=tuple(head for head in current if head not in graph.parents),
        is_current=not pending and all(head in graph.parents for head in current),
        databases=databases,
        messages=tuple((each, messages[each]) for each in told if each in messages),
        findings=findings,
    )


def identifiers(graph: Graph) -> list[Identifiers]:
    """The revisions that Alembic can take, as it would read them."""
    return [
        Identifiers(each.file.revision, each.file.down_revisions, each.file.depends_on, each.file.branch_labels)
        for each in reversed(graph.nodes)
        if each.fault is None
    ]


def _heads(databases: tuple[Database, ...]) -> tuple[str, ...]:
    return tuple(sorted({head for each in databases for head in each.heads}))


def _pending(graph: Graph, known: dict[str, tuple[str, ...]], folder: str) -> tuple[str, ...]:
    """In the order in which Alembic would run them; of a history that it refuses, in the order of the tree."""
    wanted: dict[str, None] = {}
    files = identifiers(graph)
    for heads in known.values():
        applied = graph.ancestors(heads)
        missing = [node.file.revision for node in reversed(graph.nodes) if node.file.revision not in applied]
        if not missing:
            continue
        from workbench.bridge import ranges  # noqa: PLC0415 - as above

        try:
            wanted.update(dict.fromkeys(ranges.upgrade_order(files, heads, folder)))
        except WorkbenchError:
            wanted.update(dict.fromkeys(missing))
    return tuple(wanted)


def _revision(node: Node, applied: list[tuple[str, frozenset[str]]], folder: str) -> Revision:
    file = node.file
    lacking = tuple(name for name, ids in applied if file.revision not in ids)
    state: State = "unknown" if not applied else "pending" if lacking else "applied"
    return Revision(
        revision=file.revision,
        down_revisions=file.down_revisions,
        depends_on=file.depends_on,
        branch_labels=file.branch_labels,
        message=file.message,
        path=shown_path(file.path, folder),
        create_date=file.create_date,
        is_head=node.is_head,
        is_base=node.is_base,
        is_merge_point=node.is_merge_point,
        is_branch_point=node.is_branch_point,
        state=state,
        fault=node.fault,
        dependencies=node.dependencies,
        labels=node.labels,
        doc=file.doc,
        missing_in=lacking if 0 < len(lacking) < len(applied) else (),
    )


def shown_path(path: str, folder: str) -> str:
    """`path` from `folder` where it lies below it, with forward slashes; else as it is."""
    prefix = folder.rstrip(os.sep) + os.sep
    return path[len(prefix) :].replace(os.sep, "/") if path.startswith(prefix) else path


def shown_url(database: Database, folder: str) -> str:
    """The URL without the password; of a SQLite file only what tells it from its neighbours."""
    url = redact(database.url)
    head, slashes, path = url.partition("///")
    if database.dialect != "sqlite" or not slashes:
        return url
    shown = shown_path(path, folder)
    return f"{head}///{'…/' + Path(shown).name if Path(shown).is_absolute() else shown}"
