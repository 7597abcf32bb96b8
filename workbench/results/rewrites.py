"""A safer way to do what an operation does, as code for the revision that has it and for those after it."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from workbench.results.base import Result

_IMPORTS = {
    "sa": "import sqlalchemy as sa",
    "postgresql": "from sqlalchemy.dialects import postgresql",
    "mysql": "from sqlalchemy.dialects import mysql",
}
_HERE = "# here: the operation itself"


@dataclass(frozen=True, repr=False)
class Rewrite(Result):
    """Code that takes the place of one operation, or stands around it.

    It is code as a revision has it: `op` and what `imports` names are there. Its lines are not indented.
    """

    upgrade: str
    """In place of the operation; of one `around` it, what stands before it."""
    downgrade: str | None = None
    """What undoes it, in place of what undid the operation, empty if there is nothing to undo; of one `around`, what
    stands before that. None: what undoes the operation undoes this as well.
    """
    around: bool = False
    """The operation stays as it is, and what undoes it does."""
    after: str = ""
    """Of one `around`: what stands after the operation."""
    downgrade_after: str = ""
    """Of one `around`: what stands after what undoes it."""
    in_batch: bool = False
    """It stands inside the operation's `with op.batch_alter_table(…) as batch_op:`."""
    alone: bool = False
    """It commits in between (`autocommit_block()`): nothing else should be in its revision."""
    later: tuple[Rewrite, ...] = ()
    """What belongs into later revisions, in order: once the running code is another, or the rows are filled."""
    operation: int = -1
    """Which operation of the step it is about, by index in `step.operations`; -1 where that is not known."""

    @property
    def imports(self) -> tuple[str, ...]:
        """The lines that the code needs beside `from alembic import op`, in their order."""
        texts = (self.upgrade, self.downgrade or "", self.after, self.downgrade_after)
        names = {each.id for text in texts for each in ast.walk(ast.parse(text)) if isinstance(each, ast.Name)}
        return tuple(line for name, line in _IMPORTS.items() if name in names)

    def replacing(self, code: str) -> str:
        """The code of `upgrade()` where the operation's own is `code`."""
        return _joined(self.upgrade, code if self.around else "", self.after)

    def undoing(self, code: str) -> str:
        """The code of `downgrade()` where what undoes the operation is `code`; `pass` where nothing is left."""
        if self.downgrade is None:
            return _joined(code, self.downgrade_after) or "pass"
        return _joined(self.downgrade, code if self.around else "", self.downgrade_after) or "pass"

    @property
    def code(self) -> str:
        """What a reader is shown: the code of `upgrade()`, then that of the later revisions."""
        imports = [each for each in self.imports if each.startswith("from ")]
        shown = _joined(self.upgrade, _HERE if self.around and not self.in_batch else "", self.after)
        if self.in_batch:
            shown = f"# in the batch, first:\n{shown}"
        told = ["\n".join(imports), shown]
        told += [f"# in a later revision:\n{each.code}" for each in self.later]
        return "\n\n".join(each for each in told if each)

    def __repr__(self) -> str:
        return f"Rewrite({self.upgrade.partition(chr(10))[0]!r})"


def _joined(*parts: str) -> str:
    return "\n".join(each for each in parts if each)
