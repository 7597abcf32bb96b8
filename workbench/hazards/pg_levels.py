"""The locks of PostgreSQL's tables by their names, and one table that an operation locks."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.results.operations import Operation

ACCESS_SHARE, ROW_SHARE, ROW_EXCLUSIVE = "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE"
SHARE_UPDATE_EXCLUSIVE, SHARE, SHARE_ROW_EXCLUSIVE = "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE"
EXCLUSIVE, ACCESS_EXCLUSIVE = "EXCLUSIVE", "ACCESS EXCLUSIVE"
LEVELS = (
    ACCESS_SHARE, ROW_SHARE, ROW_EXCLUSIVE, SHARE_UPDATE_EXCLUSIVE, SHARE, SHARE_ROW_EXCLUSIVE, EXCLUSIVE,
    ACCESS_EXCLUSIVE,
)  # fmt: skip
"""From the weakest to the strongest."""
CONFLICTS = {
    ACCESS_SHARE: {ACCESS_EXCLUSIVE},
    ROW_SHARE: {EXCLUSIVE, ACCESS_EXCLUSIVE},
    ROW_EXCLUSIVE: {SHARE, SHARE_ROW_EXCLUSIVE, EXCLUSIVE, ACCESS_EXCLUSIVE},
    SHARE_UPDATE_EXCLUSIVE: {SHARE_UPDATE_EXCLUSIVE, SHARE, SHARE_ROW_EXCLUSIVE, EXCLUSIVE, ACCESS_EXCLUSIVE},
    SHARE: {ROW_EXCLUSIVE, SHARE_UPDATE_EXCLUSIVE, SHARE_ROW_EXCLUSIVE, EXCLUSIVE, ACCESS_EXCLUSIVE},
    SHARE_ROW_EXCLUSIVE: set(LEVELS) - {ACCESS_SHARE, ROW_SHARE},
    EXCLUSIVE: set(LEVELS) - {ACCESS_SHARE},
    ACCESS_EXCLUSIVE: set(LEVELS),
}
"""By level those that nobody else may have on the same table at the same time."""


@dataclass(frozen=True)
class Hold:
    """One table that an operation locks."""

    schema: str
    table: str
    level: str
    scans: bool = False
    rewrites: bool = False
    builds_index: bool = False
    named: bool = True
    """The operation names the table."""
    why: str = ""
    """What is done to all of it, as the end of a sentence; empty where nothing is."""

    @property
    def work(self) -> str:
        """`rewrite`, `index`, `scan`; empty where nothing is read."""
        return "rewrite" if self.rewrites else "index" if self.builds_index else "scan" if self.scans else ""

    def both(self, other: Hold) -> Hold:
        """This one and another on the same table: the stronger lock, and all that either does."""
        level = max(self.level, other.level, key=LEVELS.index)
        why = "; ".join(dict.fromkeys(each for each in (self.why, other.why) if each))
        return Hold(
            self.schema, self.table, level, self.scans or other.scans, self.rewrites or other.rewrites,
            self.builds_index or other.builds_index, self.named or other.named, why,
        )  # fmt: skip


def own(op: Operation, level: str, **more: object) -> Hold:
    """The table that the operation names."""
    return Hold(op.schema, op.table, level, **more)  # type: ignore[arg-type]
