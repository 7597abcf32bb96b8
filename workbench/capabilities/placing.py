"""Where a new revision goes: the heads that it can follow, and what would break the history once it is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.environment.graph import Graph
from workbench.errors import UnsupportedRequest
from workbench.text import short_id


def heads(graph: Graph) -> tuple[tuple[str, str], ...]:
    """Pairs of (head, its message and labels), the newest first: (`c41d77e0`, `add gift vouchers (reporting)`)."""
    return tuple(
        (node.file.revision, node.file.message + (f" ({', '.join(node.labels)})" if node.labels else ""))
        for node in graph.nodes
        if node.file.revision in graph.heads
    )


def is_open(graph: Graph, decisions: Mapping[str, Any]) -> bool:
    """There are several heads, and nobody has said which one it follows."""
    return len(graph.heads) > 1 and decisions.get("head") in (None, "head")


def check(graph: Graph, decisions: Mapping[str, Any]) -> None:
    """Refuse what Alembic itself refuses only when the file is there, and the history cannot be loaded any more.

    Raises:
        UnsupportedRequest: There is a revision of this id, or the branch label is taken.

    """
    names = {node.file.revision: node.file.revision for node in graph.nodes}
    rev_id = decisions.get("rev_id")
    if rev_id in names:
        raise UnsupportedRequest(
            f"There is a revision {rev_id} already, so no other one can have this id.",
            'Give it another one, rev_id="…", or leave rev_id out.',
        )
    taken = names | {label: node.file.revision for node in graph.nodes for label in node.file.branch_labels}
    labels = decisions.get("branch_label") or ()
    for label in (labels,) if isinstance(labels, str) else labels:
        if label in taken:
            other = taken[label]
            what = "is the id of a revision" if label == other else f"belongs to {short_id(other)}"
            raise UnsupportedRequest(
                f"The branch label {label!r} {what}, so no other revision can have it.",
                "Choose another one; what follows that revision is on its branch without a label of its own.",
            )
