"""What the worker answers. Both sides know it, and the kernel needs no Alembic for it."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.bridge.values import Scripts
from workbench.errors import WorkbenchError
from workbench.results import Change, Database, Executed, Step


@dataclass(frozen=True)
class Versions:
    """What the project's interpreter has."""

    python: str
    alembic: str
    sqlalchemy: str


@dataclass(frozen=True)
class Standing:
    """The answer to `status`."""

    databases: tuple[Database, ...]
    scripts: Scripts


@dataclass(frozen=True)
class Compared:
    """The answer to `diff`."""

    databases: tuple[Database, ...]
    changes: tuple[Change, ...]
    ignored: tuple[str, ...]


@dataclass(frozen=True)
class Planned:
    """The answer to `plan`."""

    databases: tuple[Database, ...]
    steps: tuple[Step, ...]
    sql: str
    after: tuple[tuple[str, tuple[str, ...]], ...]
    sealed: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Ran:
    """What the worker knows of an apply. Where the databases stand now is asked of them afterwards."""

    finished: tuple[int, ...]
    """The steps that came to their end, by index; what became of them the version table tells."""
    failed: int
    """The step that did not; -1 if there is none."""
    seconds: tuple[tuple[int, float], ...]
    """Pairs of (step, how long it took)."""
    executed: tuple[Executed, ...]
    error: WorkbenchError | None
    committed: bool = False
    """The failed step had committed something by itself (an autocommit_block)."""
    in_doubt: bool = False
    """The worker could not tell; this is what was heard of it."""
