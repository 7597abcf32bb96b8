"""What a check of good practice is, and the list of all of them: each is a function with its page as its docstring."""

from __future__ import annotations

import ast
import contextlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.bridge.parsing import parse
from workbench.bridge.practice_values import ModelModule, ModelsTold
from workbench.capabilities.histories import shown_path
from workbench.environment.graph import Graph, Node
from workbench.errors import Cancelled, WorkbenchError
from workbench.results import Change, Database, Evidence, Finding, Rehearsal, SchemaDiff, Step
from workbench.results.findings import Outcome, Severity
from workbench.text import one_line

REPAIR = "Repair the history"
UPGRADE = "Upgrade the database"
WRITE = "Write the revision that is missing"
IMPORT = "Let env.py see every model"
CORRECT = "Correct the revision, as long as nobody else has it"
TAKE_BACK = "Take the change of a revision back"
NEXT = {
    "revision-fault": REPAIR, "not-a-revision": REPAIR, "several-heads": REPAIR, "branches-conflict": REPAIR,
    "database-behind": UPGRADE,
    "models-differ": WRITE,
    "model-not-imported": IMPORT,
    "name-too-long": CORRECT, "irreversible-downgrade": CORRECT, "downgrade-does-not-undo": CORRECT,
    "models-in-migration": CORRECT, "unrelated-operations": CORRECT, "undescriptive-message": CORRECT,
    "changed-after-apply": TAKE_BACK, "changed-after-commit": TAKE_BACK,
}  # fmt: skip
"""By rule, what a person does next; in the order in which they are told."""
SHARED = frozenset({"irreversible-downgrade"})
"""Rules that also look at what a Plan does."""


class NotAsked(Exception):
    """A check has nothing to ask; the text says why, as a sentence."""


@dataclass(frozen=True)
class Practice:
    """One check."""

    name: str
    """Kebab-case: `several-heads`."""
    look: Callable[[Look], Iterator[Finding]]

    @property
    def page(self) -> str:
        """What, why, an example, what to do: Markdown."""
        return inspect.getdoc(self.look) or ""

    @property
    def title(self) -> str:
        """The first line of the page."""
        return self.page.partition("\n")[0]


PRACTICES: dict[str, Practice] = {}
"""By name, in the order in which they are told, once `workbench.capabilities.practices` is imported."""


def practice(name: str) -> Callable[[Callable[[Look], Iterator[Finding]]], Callable[[Look], Iterator[Finding]]]:
    """Make a function the check of that name."""

    def register(look: Callable[[Look], Iterator[Finding]]) -> Callable[[Look], Iterator[Finding]]:
        PRACTICES[name] = Practice(name, look)
        return look

    return register


class Once:
    """A question that is asked when its answer is needed first; it fails with the same error from then on."""

    def __init__(self, ask: Callable[[], Any]) -> None:
        self._ask = ask
        self._told: list[Any] = []
        self._error: NotAsked | WorkbenchError | None = None

    def __call__(self) -> Any:
        """The answer.

        Raises:
            NotAsked, WorkbenchError: It cannot be had.

        """
        if self._error is not None:
            raise self._error
        if not self._told:
            try:
                self._told.append(self._ask())
            except Cancelled:
                raise
            except (NotAsked, WorkbenchError) as error:
                self._error = error
                raise
        return self._told[0]


@dataclass
class Asks:
    """What a check may ask. Each raises NotAsked or a WorkbenchError where there is no answer."""

    steps: Callable[[], tuple[Step, ...]]
    """The upgrades of the revisions that are looked at, with their operations; on each database."""
    all_steps: Callable[[], tuple[Step, ...]]
    """Those of the whole history."""
    models: Callable[[], ModelsTold]
    diff: Callable[[], SchemaDiff]
    """From the live databases to the models."""
    head_changes: Callable[[], tuple[Change, ...]]
    """From the head, made on a scratch database, to the models."""
    rehearsal: Callable[[], Rehearsal]


@dataclass
class Look:
    """All that the checks look at."""

    graph: Graph
    databases: tuple[Database, ...]
    """Empty where they could not be asked."""
    folder: str
    locations: tuple[str, ...]
    """The folders of the revision files."""
    recursive: bool
    pending: Mapping[str, frozenset[str]]
    """By the name of a database what it lacks."""
    chosen: frozenset[str]
    """The revisions whose code is judged: pending ones and heads, unless everything was asked for."""
    asks: Asks
    configuration: str = ""
    """What the journal knows this environment by."""
    _texts: dict[str, bytes] = field(default_factory=dict)
    _trees: dict[str, ast.Module | None] = field(default_factory=dict)

    @property
    def nodes(self) -> list[Node]:
        """The revisions whose code is judged, oldest first, without those that Alembic refuses."""
        return [each for each in reversed(self.graph.nodes) if each.file.revision in self.chosen and not each.fault]

    def text(self, node: Node) -> bytes:
        """What stands in its file; empty if it cannot be read, or is compiled."""
        path = node.file.path
        if path not in self._texts:
            self._texts[path] = b""
            if path.endswith(".py"):
                with contextlib.suppress(OSError), open(path, "rb") as file:  # noqa: PTH123 - Path costs more than reading
                    self._texts[path] = file.read()
        return self._texts[path]

    def tree(self, node: Node) -> ast.Module | None:
        """Its syntax tree."""
        path = node.file.path
        if path not in self._trees:
            self._trees[path] = parse(self.text(node))
        return self._trees[path]

    def shown(self, path: str) -> str:
        """A path as it is shown."""
        return shown_path(path, self.folder)

    def at(
        self,
        rule: str,
        node: Node,
        severity: Severity,
        message: str,
        remedy: str,
        *,
        outcome: Outcome = "advice",
        line: int = 0,
        evidence: Evidence | None = None,
    ) -> Finding:
        """A Finding of one revision."""
        return Finding(
            rule, severity, outcome, message, remedy, revision=node.file.revision, object=node.file.revision,
            evidence=evidence or Evidence(), path=self.shown(node.file.path), line=line,
        )  # fmt: skip


def named(node: Node) -> str:
    """`ab12 'create review'`."""
    return f"{one_line(node.file.revision)} {one_line(node.file.message.partition(chr(10))[0])!r}"


def by_name(told: ModelsTold) -> dict[str, ModelModule]:
    """The modules in which models have a name."""
    return {each.name: each for part in told.parts for each in part.modules}
