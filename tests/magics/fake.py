"""A Workbench that remembers what it was asked, and answers from the zoo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests import zoo, zoo_plans
from workbench.errors import EnvironmentNotFound
from workbench.results import History, Plan, SchemaDiff, Status


class FakeWorkbench:
    """The face of `workbench.facade.Workbench` as far as the magics look at it."""

    made: list[FakeWorkbench]

    def __init__(
        self, config: str | None = None, *, section: str = "alembic", x: dict[str, str] | None = None, animal: str = ""
    ) -> None:
        if config == "missing.ini":
            raise EnvironmentNotFound("There is no file missing.ini.", "Check the path.")
        self.made.append(self)
        self.arguments = (config, section, x or {})
        self.asked: list[Any] = []
        self.closed = False
        self.folder = Path.cwd()
        self.whole = zoo.HISTORIES[animal or "branch_and_merge"]()

    def history(self, rev_range: str | None = None) -> History:
        """Answer with the whole, or with one range whichever was asked for."""
        self.asked.append(("history", rev_range))
        return self.whole if rev_range is None else zoo.HISTORIES["in_a_range"]()

    def current(self) -> Status:
        """Answer as the history says."""
        self.asked.append("current")
        return zoo.status_of(self.whole)

    def diff(self) -> SchemaDiff:
        """Answer from the zoo."""
        self.asked.append("diff")
        return zoo_plans.DIFFS["three tables"]

    def upgrade(self, target: str = "head") -> Plan:
        """Answer from the zoo."""
        self.asked.append(("upgrade", target))
        return zoo_plans.PLANS["one revision"]

    def downgrade(self, target: str) -> Plan:
        """Answer from the zoo."""
        self.asked.append(("downgrade", target))
        return zoo_plans.PLANS["downgrade"]

    def stamp(self, target: str, *, purge: bool = False) -> Plan:
        """Answer from the zoo."""
        self.asked.append(("stamp", target, purge))
        return zoo_plans.PLANS["stamp"]

    def revision(self, message: str, **options: object) -> str:
        """Answer with some words."""
        self.asked.append(("revision", message, options))
        return "a draft"

    def merge(self, revisions: tuple[str, ...], message: str | None, **options: object) -> str:
        """Answer with some words."""
        self.asked.append(("merge", revisions, message, options))
        return "a merge"

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True
