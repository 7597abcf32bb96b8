"""Makes the graph out of revision files, also of those that Alembic refuses, with the fault on its node."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from workbench.environment.revision_files import RevisionFile


@dataclass(frozen=True, repr=False)
class Node:
    """A revision file and its place among the others."""

    file: RevisionFile
    parents: tuple[str, ...]
    """`down_revision`, each once, as full ids where a file has them."""
    dependencies: tuple[str, ...]
    """`depends_on` with labels resolved to ids."""
    labels: tuple[str, ...]
    """The labels that find this node, sorted."""
    fault: str | None
    is_head: bool
    is_base: bool
    is_merge_point: bool
    is_branch_point: bool


@dataclass(frozen=True, repr=False)
class Graph:
    """Every node, newest first: none stands below one that it follows or depends on."""

    nodes: tuple[Node, ...]
    heads: tuple[str, ...]
    bases: tuple[str, ...]
    parents: Mapping[str, tuple[str, ...]] = field(repr=False, default_factory=dict)
    """Of each id: what it follows and what it depends on, together."""

    def ancestors(self, ids: Iterable[str]) -> frozenset[str]:
        """`ids` and all that lies below them, dependencies included: what a database at `ids` has applied."""
        seen: set[str] = set()
        todo = list(ids)
        while todo:
            current = todo.pop()
            if current not in seen and current in self.parents:
                seen.add(current)
                todo += self.parents[current]
        return frozenset(seen)

    @property
    def faults(self) -> tuple[Node, ...]:
        """The nodes that Alembic refuses."""
        return tuple(node for node in self.nodes if node.fault)


def build(files: Sequence[RevisionFile], illegal: str = "@-+") -> Graph:
    """The graph of these files. Never refuses: a missing parent, a cycle or a second file of one id is a fault.

    Args:
        files: What each file says about itself.
        illegal: What Alembic allows in no id; ':' joined the others with 1.17.

    """
    counts = Counter(file.revision for file in files)
    first = {file.revision: file for file in reversed(files)}
    owner, label_faults = _label_owners(files)
    parents = {id_: tuple(dict.fromkeys(file.down_revisions)) for id_, file in first.items()}
    dependencies = {id_: _resolved(file.depends_on, first, owner) for id_, file in first.items()}
    children: dict[str, list[str]] = {id_: [] for id_ in first}
    for id_, above in parents.items():
        for parent in above:
            if parent in children:
                children[parent].append(id_)
    both = {id_: tuple(dict.fromkeys(parents[id_] + dependencies[id_])) for id_ in first}
    in_cycle = _cycles(both)
    labels = _spread_labels(first, parents, children, dependencies)
    nodes = {}
    for file in files:
        id_ = file.revision
        fault = file.fault or _illegal(id_, illegal) or label_faults.get(file.path)
        if fault is None and counts[id_] > 1:
            fault = f"{counts[id_]} files have this id"
        missing = [each for each in file.down_revisions if each not in first]
        if fault is None and missing:
            fault = f"follows {_listed(missing)}, which no file has"
        lost = [each for each in file.depends_on if each not in first and each not in owner]
        if fault is None and lost:
            fault = f"depends on {_listed(lost)}, which no file has"
        if fault is None and id_ in in_cycle:
            fault = "is its own ancestor: " + ", ".join(sorted(in_cycle[id_]))
        nodes[file.path] = Node(
            file,
            tuple(dict.fromkeys(file.down_revisions)),
            _resolved(file.depends_on, first, owner),
            tuple(sorted(labels.get(id_, ()))),
            fault,
            is_head=not children[id_],
            is_base=not file.down_revisions,
            is_merge_point=len(set(file.down_revisions)) > 1,
            is_branch_point=len(children[id_]) > 1,
        )
    order = _newest_first(files, first, both)
    return Graph(
        tuple(nodes[file.path] for file in order),
        tuple(sorted(id_ for id_, below in children.items() if not below)),
        tuple(sorted(id_ for id_, above in parents.items() if not above)),
        both,
    )


def _illegal(id_: str, marks: str) -> str | None:
    mark = next((each for each in id_ if each in marks), None)
    return None if mark is None else f"its id holds {mark!r}, which Alembic gives a meaning of its own"


def _listed(ids: Iterable[str]) -> str:
    return ", ".join(id_ or "''" for id_ in ids)


def _label_owners(files: Sequence[RevisionFile]) -> tuple[dict[str, str], dict[str, str]]:
    # Labels and ids are one space of names: `depends_on` and targets may be either.
    ids = {file.revision for file in files}
    owner: dict[str, str] = {}
    faults: dict[str, str] = {}
    for file in files:
        for label in file.branch_labels:
            taken = label if label in ids else owner.setdefault(label, file.revision)
            if taken != file.revision or label in ids:
                faults[file.path] = f"its branch label {label!r} is already used by {taken}"
    return owner, faults


def _resolved(names: tuple[str, ...], first: Mapping[str, RevisionFile], owner: Mapping[str, str]) -> tuple[str, ...]:
    ids = (name if name in first else owner.get(name) for name in names)
    return tuple(dict.fromkeys(id_ for id_ in ids if id_ is not None))


def _spread_labels(
    first: Mapping[str, RevisionFile],
    parents: Mapping[str, tuple[str, ...]],
    children: Mapping[str, Sequence[str]],
    dependencies: Mapping[str, tuple[str, ...]],
) -> dict[str, set[str]]:
    """A label holds for everything above its revision; and below it, if all above is one line, down to where it forks.

    As `alembic.script.revision.RevisionMap._add_branches` does it, which walks down from the last one above.
    """
    nexts: dict[str, set[str]] = {id_: set(above) for id_, above in children.items()}
    for id_, needed in dependencies.items():
        for each in needed:
            nexts[each].add(id_)

    def forks(id_: str) -> bool:
        return len(nexts[id_]) > 1 or len(parents[id_]) > 1

    labels: dict[str, set[str]] = {}
    for id_, file in first.items():
        if not file.branch_labels:
            continue
        todo, above = [id_], set()
        while todo:
            current = todo.pop()
            if current not in above:
                above.add(current)
                labels.setdefault(current, set()).update(file.branch_labels)
                todo += children[current]
        if any(forks(each) for each in above):
            continue
        below = parents[id_][0] if parents[id_] else None
        while below is not None and below in first and below not in above and not forks(below):
            above.add(below)
            labels.setdefault(below, set()).update(file.branch_labels)
            below = parents[below][0] if parents[below] else None
    return labels


def _cycles(edges: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:  # noqa: C901, PLR0912 - one algorithm
    """Of each id that is its own ancestor: the ids of its cycle (Tarjan's components, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: dict[str, frozenset[str]] = {}
    for root in edges:
        if root in index:
            continue
        work = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, rest = work[-1]
            for below in rest:
                if below not in edges:
                    continue
                if below not in index:
                    index[below] = low[below] = len(index)
                    stack.append(below)
                    on_stack.add(below)
                    work.append((below, iter(edges[below])))
                    break
                if below in on_stack:
                    low[node] = min(low[node], index[below])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    members = []
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        members.append(member)
                        if member == node:
                            break
                    if len(members) > 1 or node in edges[node]:
                        found.update(dict.fromkeys(members, frozenset(members)))
    return found


def _newest_first(
    files: Sequence[RevisionFile], first: Mapping[str, RevisionFile], below: Mapping[str, tuple[str, ...]]
) -> list[RevisionFile]:
    """Children before parents; of those that could come next, the one that goes on where the last one led.

    So a branch stands together instead of alternating row by row with its neighbour, as in `git log --topo-order`.
    """
    waiting = Counter(each for ids in below.values() for each in ids if each in first)
    copies: dict[str, list[RevisionFile]] = {}
    for file in files:
        copies.setdefault(file.revision, []).append(file)
    ready = [_Rank(first[id_], 0) for id_ in first if not waiting[id_]]
    heapq.heapify(ready)
    order: list[RevisionFile] = []
    placed: set[str] = set()
    turn = 0
    while len(placed) < len(first):
        if not ready:  # only cycles are left: open one at its smallest id
            ready.append(_Rank(first[min(id_ for id_ in first if id_ not in placed)], turn))
        id_ = heapq.heappop(ready).file.revision
        if id_ in placed:
            continue
        placed.add(id_)
        order += copies[id_]
        turn += 1
        for parent in reversed(below[id_]):
            if parent in first:
                waiting[parent] -= 1
                if not waiting[parent] and parent not in placed:
                    heapq.heappush(ready, _Rank(first[parent], turn))
    return order


class _Rank:
    """The order among revisions that could stand next: latest discovered, then newest date, then id."""

    __slots__ = ("file", "key")

    def __init__(self, file: RevisionFile, turn: int) -> None:
        self.file = file
        created = file.create_date.timestamp() if file.create_date else 0.0
        self.key = (-turn, -created, file.revision)

    def __lt__(self, other: _Rank) -> bool:
        return self.key < other.key
