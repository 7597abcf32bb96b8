"""The checks of good practice: all of them, on one look; and what nobody was asked for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.capabilities import practices_branches as _branches  # noqa: F401 - importing it registers its check
from workbench.capabilities import practices_changed as _changed  # noqa: F401 - as above
from workbench.capabilities import practices_files as _files  # noqa: F401 - as above
from workbench.capabilities import practices_models as _models  # noqa: F401 - as above
from workbench.capabilities import practices_names as _names  # noqa: F401 - as above
from workbench.capabilities import practices_operations as _operations  # noqa: F401 - as above
from workbench.capabilities import practices_rehearsed as _rehearsed  # noqa: F401 - as above
from workbench.capabilities import practices_unimported as _unimported  # noqa: F401 - as above
from workbench.capabilities import protection, suppressions
from workbench.capabilities.practice import NEXT, PRACTICES, Look, NotAsked
from workbench.environment.graph import Graph
from workbench.errors import Cancelled, EnvironmentInvalid, WorkbenchError
from workbench.results import Database, Finding, Step
from workbench.text import one_line

_FROM_FILES = frozenset({"undescriptive-message", "models-in-migration"})
"""Rules whose answer is the same on every database: a suppression of one that fits nothing is not needed."""


@dataclass(frozen=True)
class Practised:
    """What the checks of good practice have found."""

    findings: tuple[Finding, ...]
    not_asked: tuple[tuple[str, str], ...]
    """Pairs of (rule, why it was not looked for)."""


def look(at: Look) -> Practised:
    """Look with all of them. One that cannot be asked harms no other."""
    found: list[Finding] = []
    not_asked: list[tuple[str, str]] = []
    for each in sorted(PRACTICES.values(), key=lambda each: list(NEXT).index(each.name)):
        here: list[Finding] = []
        try:
            here += each.look(at)
        except Cancelled:
            raise
        except NotAsked as error:
            if str(error):
                not_asked.append((each.name, str(error)))
        except WorkbenchError as error:
            not_asked.append((each.name, one_line(error.message)))
        except Exception as error:  # noqa: BLE001 - a check that fails must not take the others with it
            told = one_line(f"{type(error).__name__}: {error}")
            not_asked.append((each.name, f"The check failed, which is a mistake of the workbench's own: {told}"))
        found += here
    asked = frozenset(PRACTICES) - {name for name, _ in not_asked}
    return Practised(_without_suppressed(at, found, asked), tuple(not_asked))


def pending(graph: Graph, databases: Iterable[Database]) -> dict[str, frozenset[str]]:
    """By the name of a database the revisions that it lacks, without those that Alembic refuses."""
    known = frozenset(node.file.revision for node in graph.nodes if not node.fault)
    return {each.name: known - graph.ancestors(each.heads) for each in databases}


def chosen(graph: Graph, lacking: Iterable[frozenset[str]], *, everything: bool) -> frozenset[str]:
    """The revisions whose code is judged: what nobody has applied yet and the heads, or all of them."""
    if everything:
        return frozenset(node.file.revision for node in graph.nodes)
    return frozenset(graph.heads).union(*lacking)


def _without_suppressed(at: Look, found: list[Finding], asked: frozenset[str]) -> tuple[Finding, ...]:
    nodes = [node for node in at.graph.nodes if not node.fault and b"workbench:" in at.text(node)]
    steps = [Step(node.file.revision, "upgrade", node.file.message, at.shown(node.file.path), None) for node in nodes]
    texts = {step.path: at.text(node) for step, node in zip(steps, nodes, strict=True)}
    # A comment anywhere in the file: what a check finds is about the whole of it.
    told = [replace(each, first=0, last=0) for each in suppressions.in_files(steps, texts)]
    with contextlib.suppress(EnvironmentInvalid):  # apply() complains of it
        settings = protection.read(Path(at.folder))
        told += suppressions.in_settings(settings.table, settings.file.name if settings.file else "")
    own = [each for each in told if set(each.rules) <= suppressions.ELSEWHERE]
    others = [each for each in told if each not in own and each.reason]
    unsure = suppressions.ELSEWHERE - (_FROM_FILES & asked)
    kept = suppressions.without(found, others, ())
    kept = suppressions.without(kept, [each for each in own if each.reason], at.chosen, unsure)
    return kept + suppressions.without((), [each for each in own if not each.reason], (), frozenset())
