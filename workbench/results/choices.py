"""What a Draft consists of: the things that it can do or leave, and the questions that only its author can answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbench.results.base import Result
from workbench.results.definitions import undotted
from workbench.results.effects import Destroyed
from workbench.results.schema_diff import Change


@dataclass(frozen=True, repr=False)
class Choice(Result):
    """One thing that the revision can do or leave, with a tick box before it."""

    key: str
    """What it is called in `Draft.decisions`: `add_column customer.email`, `remove_table legacy_export`."""
    ticked: bool
    changes: tuple[Change, ...]
    database: str = ""
    """The name of the database; a multidb revision has a function for each."""
    lost: Destroyed | None = None
    """The rows that would go with it; None where there are none, or where nobody could count them."""
    why: str = ""
    """Why it is ticked or not, where that was decided on: `you said so`."""
    lines: tuple[tuple[str, int, int], ...] = ()
    """Where it stands in the file: (`upgrade` or `downgrade`, first line, last line)."""

    @property
    def kind(self) -> str:
        """Alembic's word for it: `add_column`, `remove_table`, `alter_column`; `rename_column` for a rename."""
        return self.key.partition(" ")[0]

    @property
    def object(self) -> str:
        """`customer.email`."""
        return self.key.partition(" ")[2]

    @property
    def table(self) -> tuple[str, ...]:
        """(schema, table) of what has a name in a table, without the schema where it is the default one."""
        return tuple(undotted(self.object)[:-1])

    def __repr__(self) -> str:
        return f"Choice({'x' if self.ticked else ' '} {self.key})"


@dataclass(frozen=True, repr=False)
class Question(Result):
    """Something that only the author knows."""

    kind: Literal["rename", "fill", "message", "head"]
    key: str
    """Where the answer belongs in `Draft.decisions`: `column customer.nickname`, `add_column customer.email`."""
    text: str
    """The question, in a sentence."""
    options: tuple[tuple[str, str], ...] = ()
    """Pairs of (answer, why): the candidates, the most likely first."""

    def __repr__(self) -> str:
        return f"Question({self.text!r})"
