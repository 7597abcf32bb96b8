"""All that can be found wrong on one database without reading its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workbench.bridge import halves, leftovers
from workbench.bridge.environments import Part
from workbench.bridge.values import Node
from workbench.results.findings import Finding
from workbench.text import one_line


def findings(
    part: Part,
    nodes: Mapping[str, Node],
    hide: Callable[[str], str],
    is_cancelled: Callable[[], bool],
    *,
    part_of_them: bool = False,
) -> tuple[Finding, ...]:
    """What is wrong: the version table first, then half-applied revisions, then leftovers.

    A question that fails makes no answer fail: where the database stands is worth knowing all the same.
    """
    found: list[Finding] = []
    try:
        if not part_of_them:
            found += leftovers.of_version_table(part, nodes)
        if not found:
            # Without a place to start from, or beside a schema that no revision made, nothing is half applied.
            found += halves.findings(part, nodes, hide)
        found += leftovers.findings(part)
    except Exception as error:  # drivers, inspectors, and the project's own events in both
        if is_cancelled():
            raise
        found.append(
            Finding(
                rule="not-checked",
                severity="info",
                outcome="",
                message=f"Not everything could be looked at: {one_line(hide(str(error)))}",
                database=part.name,
            )
        )
    return tuple(found)
