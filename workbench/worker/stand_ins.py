"""The scratch databases of one rehearsal: made while env.py holds the live ones, led to from then on, and dropped."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from alembic import command

from workbench.bridge import translate, version_tables
from workbench.bridge.catalogue.asking import default_schema
from workbench.bridge.environments import Part
from workbench.bridge.scratch import databases
from workbench.bridge.scratch.databases import ScratchDatabase
from workbench.bridge.values import Baseline
from workbench.errors import Cancelled, EnvPyFailed, PlanOutdated
from workbench.results import Database, Event, Plan, Scratch
from workbench.text import blot, plural

if TYPE_CHECKING:
    from workbench.worker.tasks import Job

CANCELLED = "The rehearsal was cancelled. The live database was not touched."
_OFTEN = 0.2  # seconds between two words about the progress of a copy


@dataclass(frozen=True)
class Options:
    """How a Plan is rehearsed."""

    data: str = "full"
    filled: str = "copy"
    baseline: Baseline | None = None
    scratch_url: str | None = None
    asks: tuple[int, ...] = ()
    """Before which steps of the Plan, by index, the kernel has questions; see `asking_copies`."""
    seconds: float = 30.0
    """That one query of a question may take."""


class StandIns:
    """The scratch databases that stand in for the live ones."""

    def __init__(self, job: Job, options: Options, plan: Plan | None = None) -> None:
        self.job = job
        self.options = options
        self.plan = plan
        """The databases have to stand where it begins; without one they may stand anywhere."""
        self.databases: list[Database] = []
        self.scratches: dict[Any, ScratchDatabase] = {}
        """By what identifies the live database: tenants of one share a scratch database."""
        self.told: list[Scratch] = []
        self.firsts: dict[Any, str] = {}
        """Of the parts that share a scratch database the first, which looks at it for all of them."""
        self.first_of: dict[str, str] = {}
        """By part: the first one that shares its database."""
        self.named_schemas: set[str] = set()
        """What env.py names of PostgreSQL's schemas."""
        self.version_tables: dict[str, list[tuple[str, str]]] = {}
        """By the first part: the version tables in its database."""
        self.notes: list[str] = []
        self._said = 0.0
        self._modules = set(sys.modules)

    def is_first(self, part: Part) -> bool:
        """Whether this part looks at its scratch database, for all that share it."""
        return part.name in self.firsts.values()

    def paused(self, part: Part) -> tuple[str, ...]:
        """The events that the copy of this part's database has disabled."""
        return next((self.scratches[live].paused for live, name in self.firsts.items() if name == part.name), ())

    def make(self) -> None:
        """Make a scratch database for each live one, while env.py holds its connection to it."""
        self.ask(self._made, leading=False)
        if self.options.filled == "replay" and self.named_schemas:
            self.ask(lambda part: version_tables.make_schemas(part.context))

    def _made(self, part: Part) -> None:
        plan = self.plan
        begins = None if plan is None else next((each.heads for each in plan.databases if each.name == part.name), None)
        if plan is not None and begins != tuple(sorted(part.heads)):
            raise PlanOutdated(
                f"The Plan is out of date, and nothing was rehearsed: {part.name} does not stand where it begins.",
                "Make the plan again, and rehearse that one.",
            )
        self.databases.append(part.database)
        live = databases.live_of(part)
        made = self.scratches.get(live)
        if made is None:
            self.firsts[live] = part.name
            dropped = databases.sweep(part)
            if dropped:
                self.say(f"dropped what a crash had left: {', '.join(map(os.path.basename, dropped))}")
            size, rows = databases.size_of(part)
            self.say(self._intent(part, size, rows))
            made = databases.make(
                part,
                data=self.options.data,
                filled=self.options.filled,
                scratch_url=self.options.scratch_url,
                progress=self._progress,
            )
            self.scratches[live] = made
            self.say(f"made {os.path.basename(made.name)} ({made.way})")
            self.told.append(Scratch(part.name, made.way, made.rows, made.size))
            self.notes += [f"{part.name}: {each}" for each in made.notes]
        self.first_of[part.name] = self.firsts[live]
        self.named_schemas |= set(version_tables.named_schemas(part.context))
        schema = part.context.version_table_schema or _schema(part)
        self.version_tables.setdefault(self.firsts[live], []).append((schema, part.context.version_table))

    def _intent(self, part: Part, size: int, rows: int) -> str:
        if self.options.filled == "replay":
            return f"making an empty database beside {part.name}"
        whole = ", ".join(each for each in (in_words(size) if size else "", plural(rows, "row")) if each)
        return {
            "full": f"copying {part.name}: {whole}",
            "sample": f"copying a sample of {part.name} (all of it: {whole})",
            "none": f"copying the schema of {part.name}, without its rows (all of it: {whole})",
        }[self.options.data]

    def _progress(self, what: str, done: int, total: int) -> None:
        self.look_for_cancel()
        now = time.monotonic()
        if now - self._said > _OFTEN or done == total:
            self._said = now
            self.say(f"{what}: {done:,} of {total:,}" if total else what)

    def drop(self) -> None:
        """Drop all of them; what cannot be dropped becomes a note."""
        self.job.emit(("dropping",))
        for each in self.scratches.values():
            try:
                each.drop()
            except Exception as error:  # noqa: BLE001, PERF203 - what was found out is worth more than a tidy server
                self.notes.append(
                    f"The scratch database {os.path.basename(each.name)} could not be dropped: {type(error).__name__}. "
                    "The next rehearsal tries again."
                )

    def ask(
        self, work: Any, *, call: Any = command.current, leading: bool = True, listener: Any = None, **options: Any
    ) -> None:
        """Run env.py, led to the scratch databases.

        An env.py that makes tables cannot run twice in one process: what the project has imported since is forgotten,
        and it is run once more.
        """
        reached = False

        def working(part: Part) -> Any:
            nonlocal reached
            reached = True
            return work(part)

        for attempt in (1, 2):
            try:
                if leading:
                    with self.job.guard.lead(list(self.scratches.values()), listener):
                        self.job.run(working, call, **options)
                else:
                    self.job.run(working, call, **options)
            except Exception as error:  # noqa: PERF203 - twice at the most
                told = translate.translate(error, self.job.guard.secrets, self.job.settings.folder)
                if reached or attempt == 2 or not self.scratches or not isinstance(told, EnvPyFailed):  # noqa: PLR2004
                    raise
                self._forget_modules()
            else:
                return

    def _forget_modules(self) -> None:
        folder = os.path.join(os.path.realpath(self.job.settings.folder), "")
        for name in set(sys.modules) - self._modules:
            path = os.path.realpath(getattr(sys.modules[name], "__file__", None) or os.sep)
            if path.startswith(folder) and "site-packages" not in path:
                del sys.modules[name]

    def look_for_cancel(self) -> None:
        """Stop here if the user wants to.

        Raises:
            Cancelled: The user does.

        """
        if self.job.is_cancelled():
            raise Cancelled(CANCELLED if self.plan is not None else "It was cancelled. No live database was touched.")

    def say(self, words: str) -> None:
        """Tell whoever watches."""
        self.job.emit(Event("notice", -1, sql=blot(words, self.job.guard.secrets)))


def in_words(size: int) -> str:
    """`3.2 MB`."""
    told = float(size)
    for unit in ("bytes", "kB", "MB"):
        if told < 1000:  # noqa: PLR2004 - as disks are sold
            return f"{told:.0f} {unit}" if unit == "bytes" else f"{told:.1f} {unit}"
        told /= 1000
    return f"{told:.1f} GB"


def _schema(part: Part) -> str:
    """The schema of a version table that has none of its own."""
    if part.context.dialect.name != "postgresql":
        return ""
    return default_schema(part.context.connection) or ""
