"""What several branches have done since they parted: their revisions, what these do, where they meet, who has them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from workbench.capabilities import journal, journal_reading, practices_branches, resolving
from workbench.capabilities.operating import QUIET, operations_of
from workbench.capabilities.practice import Asks, Look, NotAsked, Once
from workbench.environment.graph import Graph
from workbench.errors import HistoryBroken, UnsupportedRequest
from workbench.results import Database, Finding, Operation, Step
from workbench.results.merges import Branch, Deed, Heads, Known, Meeting
from workbench.text import one_line, redact, short_id

_NO_THING = QUIET - {"sql"}
_ON_COLUMNS = {"add_column", "drop_column", "alter_column"}


def heads_of(graph: Graph, revisions: str | Iterable[str]) -> Heads:
    """The heads that are to be merged, in the order that was given.

    Raises:
        HistoryBroken: A file is broken, so Alembic loads none.
        UnsupportedRequest: There is but one, or one is no head.
        RevisionNotFound, MultipleHeads: A name means nothing, or not one thing.

    """
    if graph.faults:
        node = graph.faults[0]
        raise HistoryBroken(
            f"{one_line(node.file.revision)} {one_line(node.fault or '')}, so Alembic loads none of the revisions.",
            "Correct that file first; wb.history() shows it.",
        )
    names = revisions.replace(",", " ").split() if isinstance(revisions, str) else list(revisions)
    found = tuple(dict.fromkeys(id_ for name in names for id_ in resolving.resolve(graph, str(name), ())))
    for each in found:
        above = sorted(node.file.revision for node in graph.nodes if each in node.parents)
        if above:
            raise UnsupportedRequest(
                f"{one_line(each)} is no head: {one_line(above[0])} follows it.", f"The heads are {_told(graph.heads)}."
            )
    if len(found) < 2:  # noqa: PLR2004 - two can be joined
        told = f"There is one head, {_told(found)}" if len(graph.heads) == 1 else f"Only {_told(found)} was named"
        raise UnsupportedRequest(
            "There is no revision yet, so there is nothing to merge."
            if not graph.heads
            else f"{told}, so there is nothing to merge.",
            f"The heads are {_told(graph.heads)}."
            if len(graph.heads) > 1
            else 'The next revision is made by wb.revision("…").',
        )
    return found


def _told(heads: Heads) -> str:
    return ", ".join(one_line(short_id(each)) for each in heads) or "base"


def common(graph: Graph, heads: Heads) -> frozenset[str]:
    """What all of them have."""
    return frozenset.intersection(*(graph.ancestors([each]) for each in heads))


def own(graph: Graph, heads: Heads, head: str) -> frozenset[str]:
    """What of these heads only this one has."""
    return graph.ancestors([head]) - graph.ancestors(each for each in heads if each != head)


def parted(graph: Graph, heads: Heads) -> Heads:
    """The last revisions that all of them have, sorted; none where they have nothing in common."""
    shared = common(graph, heads)
    below = {parent for each in shared for parent in graph.parents[each]}
    return tuple(sorted(shared - below))


def branches(
    graph: Graph, heads: Heads, look: Look, steps: Sequence[Step], databases: tuple[Database, ...]
) -> tuple[Branch, ...]:
    """Each of them, without what speaks against another parent."""
    shared = common(graph, heads)
    known = [*_asked(graph, databases), *_journalled(look, databases)]
    deeds = _deeds(look, steps, several=len({each.database for each in steps}) > 1)
    told = []
    for head in heads:
        mine = graph.ancestors([head]) - shared
        alone = own(graph, heads, head)
        nodes = [node for node in reversed(graph.nodes) if node.file.revision in mine]
        others = {label for node in graph.nodes if node.file.revision in {*heads} - {head} for label in node.labels}
        labels = [each for node in nodes[-1:] for each in node.labels if each not in others]
        told.append(
            Branch(
                head,
                labels[0] if labels else "",
                tuple((node.file.revision, node.file.message.partition("\n")[0]) for node in nodes),
                tuple(deed for node in nodes for deed in deeds.get(node.file.revision, ())),
                tuple(
                    Known(name, url, has, source)  # type: ignore[arg-type]
                    for name, url, applied, source in known
                    if (has := tuple(node.file.revision for node in nodes if node.file.revision in applied & alone))
                ),
            )
        )
    return tuple(told)


def _asked(graph: Graph, databases: tuple[Database, ...]) -> list[tuple[str, str, frozenset[str], str]]:
    return [(each.name, redact(each.url), graph.ancestors(each.heads), "asked") for each in databases]


def _journalled(look: Look, databases: tuple[Database, ...]) -> list[tuple[str, str, frozenset[str], str]]:
    """What this machine has applied to databases that are not the ones of just now."""
    now = {(each.name, each.url) for each in databases}
    told = journal_reading.applied(journal.place(), look.configuration)
    return [
        (name, redact(url), frozenset(applied), "journal")
        for (name, url), applied in sorted(told.items())
        if (name, url) not in now
    ]


def looking(
    graph: Graph, databases: tuple[Database, ...], folder: str, steps: tuple[Step, ...], configuration: str
) -> Look:
    """What the check of branches looks at: these steps, and nothing that would have to be asked."""

    def refuse() -> None:
        raise NotAsked("")

    no = Once(refuse)
    asks = Asks(no, Once(lambda: steps), no, no, no, no)
    return Look(graph, databases, folder, (), False, {}, frozenset(), asks, configuration)


def clashes(look: Look) -> tuple[Finding, ...]:
    """Where one branch takes away what another one needs."""
    return tuple(practices_branches.branches_conflict(look))


def meetings(graph: Graph, branches: Sequence[Branch]) -> tuple[Meeting, ...]:
    """The tables and other named things that more than one branch touches, by name.

    What two of them have in common does not meet itself.
    """
    reach = {each.head: graph.ancestors([each.head]) for each in branches}
    places: dict[tuple[str, str], list[tuple[str, Deed]]] = {}
    for branch in branches:
        for deed in branch.deeds:
            if where := deed.table or deed.object:
                places.setdefault((deed.database, where.casefold()), []).append((branch.head, deed))
    found = []
    for (database, _), deeds in sorted(places.items()):
        pairs = [
            (one, other)
            for (head, one), (at, other) in itertools.combinations(deeds, 2)
            if one.revision not in reach[at] and other.revision not in reach[head]
        ]
        if pairs:
            first = deeds[0][1]
            found.append(Meeting(first.table or first.object, _columns(pairs), tuple(deeds), database))
    return tuple(found)


def _columns(pairs: Iterable[tuple[Deed, Deed]]) -> tuple[str, ...]:
    """Those that both of a pair are about."""
    found: dict[str, str] = {}
    for one, other in pairs:
        theirs = {each.casefold() for each in other.columns}
        for each in one.columns:
            if each.casefold() in theirs:
                found.setdefault(each.casefold(), each)
    return tuple(found.values())


def _deeds(look: Look, steps: Sequence[Step], *, several: bool) -> dict[str, list[Deed]]:
    found: dict[str, list[Deed]] = {}
    for step in steps:
        told = found.setdefault(step.revision, [])
        told += [
            _deed(step, op, step.database if several else "")
            for op in operations_of(look, step)
            if op.kind not in _NO_THING
        ]
    return found


def _deed(step: Step, op: Operation, database: str) -> Deed:
    columns = (op.name,) if op.kind in _ON_COLUMNS else op.on
    table = ".".join(each for each in (op.schema, op.table) if each) if op.table else ""
    return Deed(step.revision, op.kind, op.qualified, table, columns, op.new_name, database)
