"""The steps of one journey through the history while they run, with a look wherever it is wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from alembic.runtime.migration import MigrationContext

from workbench.bridge import audit, effects, seals, stepping
from workbench.bridge.catalogue import fingerprints, reading
from workbench.bridge.catalogue.asking import default_schema
from workbench.bridge.environments import Part
from workbench.results import Event, SchemaObject, Table
from workbench.results.definitions import dotted
from workbench.text import blot
from workbench.worker.answers import Visit
from workbench.worker.schemas import hidden
from workbench.worker.stand_ins import StandIns

if TYPE_CHECKING:
    from workbench.worker.travelling import Traveller

Heads = tuple[str, ...]
Objects = tuple[SchemaObject, ...]
Renames = tuple[tuple[str, str, str, str], ...]

# A SELECT of functions alone may make tables, as those of extensions do.
_ROWS_ONLY = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|(?:SELECT|WITH)\b.*\bFROM)\b", re.IGNORECASE | re.DOTALL)
# What SQLAlchemy's Inspector asks for a batch or a checkfirst is no part of what a revision does.
_LOOKS = re.compile(
    r"\s*(?:PRAGMA\s+(?:\w+\.|\"[^\"]+\"\.)?(?:table_|index_|foreign_key_list|database_list)"
    r"|SHOW\b|(?:SELECT|WITH)\b.*\b(?:pg_catalog|information_schema|sqlite_(?:temp_)?(?:master|schema))\b)",
    re.IGNORECASE | re.DOTALL,
)
_BATCH = "_alembic_tmp_"
_ensure_version_table = MigrationContext._ensure_version_table  # noqa: SLF001 - before anybody replaces it


class Walk:
    """One journey on the scratch databases of `on`."""

    def __init__(self, traveller: Traveller, on: StandIns, bits: dict[str, int]) -> None:
        self.traveller = traveller
        self.on = on
        self.bits = bits
        self.at: str | None = None
        """The revision that is running."""
        self.path = ""
        self.is_shared = len(on.databases) > len(on.scratches)
        """Several parts have one database."""
        self._went = ""
        self._count = 0
        self._texts: list[str] = []
        self._heard = 0
        """Statements of the running step, with the version table's."""
        self._changed: set[str] = set(on.first_of.values())
        """The databases whose schema may have changed since the last look."""
        self._first = ""
        self._last: dict[str, tuple[str | None, Objects]] = {}
        self._ran: dict[tuple[str, str], tuple[tuple[str, ...], Renames]] = {}
        self._read: set[str] = set()

    def up(self, part: Part, target: Heads) -> Iterator[Any]:
        """The steps to `target`; the next one where the database is shared."""
        place = self._place(part)
        steps = list(part.script._upgrade_revs(target, part.heads)) if target else []  # type: ignore[arg-type]  # noqa: SLF001 - as stepping does
        if steps and not part.heads:
            _ensure_version_table(part.context)
        if not self.is_shared:
            self._arrive(part, place)
        for step in steps[:1] if self.is_shared else steps:
            revision = str(step.revision.revision)
            before = self.look(part, place) if self._is_wanted(place | self.bits[revision]) else None
            place |= self.bits[revision]
            yield from self._run(part, step, revision, len(steps))
            if not self.is_shared:
                self._arrive(part, place, before, revision)

    def back(self, part: Part) -> Iterator[Any]:
        """The steps down to base; the next one where the database is shared."""
        steps = stepping.steps_to(part, "downgrade", "base")
        place = self._place(part)
        if not self.is_shared:
            self._arrive(part, place)
        for each in steps[:1] if self.is_shared else steps:
            after = self.look(part, place)
            yield from self._run(part, each.step, each.revision, len(steps))
            if not self.is_shared:
                above, place = place, place & ~self._own(each.revision)
                self._keep(part, above, after, self.look(part, place), each.revision)
                self._arrive(part, place)

    def settle(self, part: Part) -> None:
        """Look at a shared database, now that all its parts have made a step."""
        before = self._seen(part)
        place = self._place(part)
        if self.traveller.backwards and self._went:
            self._keep(part, place | self.bits[self._went], before, self.look(part, place), self._went)
        self._arrive(part, place, before, self._went)

    def went_on(self) -> bool:
        """Whether a step was run since the last time that this was asked."""
        went, self._went = self._went, ""
        return bool(went)

    def heard(self, sql: str, _rows: int | None, seconds: float | None) -> None:
        """Take note of a statement."""
        if self.at is None:
            return
        if seconds is None:
            self._heard += 1
            if _ROWS_ONLY.match(sql) is None:
                self._changed.add(self._first)
        elif _LOOKS.match(sql) is None:
            self._texts.append(sql)

    def look(self, part: Part, place: int = 0) -> Objects:
        """The schema at the place where it stands; one that was seen before is not read again."""
        first = self.on.first_of[part.name]
        known = self.traveller.looks.get((first, place))
        if known is None:
            known = self.traveller.looks[first, place] = self._read_now(part, first)
        return known

    def _read_now(self, part: Part, first: str) -> Objects:
        connection: Any = part.context.connection
        # A driver that was spoken to behind SQLAlchemy's back may have changed it, too. Only SQLite's fingerprint is
        # cheap, and PostgreSQL's cannot tell two changes of one transaction apart.
        mark = fingerprints.fingerprint(connection) if connection.dialect.name == "sqlite" else None
        before, objects = self._last.get(first, (None, ()))
        if first in self._last and first not in self._changed and before == mark:
            return objects
        notes: list[str] = []
        versions = set(self.on.version_tables[first])
        own = default_schema(connection) or ""
        found = (
            each
            for each in reading.read(connection, notes, alone=True, sizes=False)
            if not isinstance(each, Table)
            or ((each.schema or "", each.name) not in versions and (each.schema or own, each.name) not in versions)
        )
        told = hidden(tuple(found), self.traveller.job)
        known = self.traveller.known
        for each in told:
            key = (first, each.kind, each.schema, each.table, each.name)
            if known.get(key) != each:
                known[key] = each
        objects = tuple(known[first, each.kind, each.schema, each.table, each.name] for each in told)
        self.traveller.notes += notes
        self._changed.discard(first)
        self._last[first] = mark, objects
        return objects

    # -- one step -------------------------------------------------------------------------------------------------

    def _run(self, part: Part, step: Any, revision: str, count: int) -> Iterator[Any]:
        self.on.look_for_cancel()
        self.at, self.path, self._went = revision, str(step.revision.path), revision
        self._first = self.on.first_of[part.name]
        self._texts, self._heard = [], 0
        emit, secrets = self.on.job.emit, self.on.job.guard.secrets
        told = str(step.revision.doc or "")
        emit(Event("step", self._count, revision, database=part.name, of=count, message=told))
        with audit.files_read(self._read), effects.listening(lambda: len(self._texts)) as begin:
            ear = begin(self.path)
            yield step
        self.at = None
        if self._heard <= 1:  # nothing but where it stands now: whatever it does, it does unheard
            self._changed.add(self._first)
        emit(Event("step_done", self._count, revision, database=part.name))
        self._count += 1
        if not self.traveller.backwards:
            own = re.compile(rf"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\S*{re.escape(part.context.version_table)}\b")
            ran, renamed = self._ran.get((self._first, revision), ((), ()))
            texts = tuple(blot(each, secrets) for each in self._texts if own.match(each) is None)
            self._ran[self._first, revision] = (*ran, *texts), (*renamed, *_renames(ear, self._texts, part))

    # -- what is wanted, and what is seen -------------------------------------------------------------------------

    def _place(self, part: Part) -> int:
        place = 0
        for each in part.heads:
            place |= self.bits.get(each, 0)
        return place

    def _own(self, revision: str) -> int:
        """The bit of a revision without those that it follows: `stepping.places` gives each the highest of its own."""
        return 1 << (self.bits[revision].bit_length() - 1)

    def _seen(self, part: Part) -> Objects | None:
        found = self._last.get(self.on.first_of[part.name])
        return None if found is None else found[1]

    def _wanted_at(self, place: int) -> list[Heads]:
        return [heads for heads, each in self.traveller.left.items() if each == place]

    def _is_wanted(self, place: int) -> bool:
        return not self.is_shared and bool(self._wanted_at(place))

    def _arrive(self, part: Part, place: int, before: Objects | None = None, revision: str = "") -> None:
        """Look, if this place is wanted or everything is looked at, and keep what is seen."""
        if self.traveller.backwards or self.is_shared or self._wanted_at(place):
            self._keep(part, place, self.look(part, place), before, revision)

    def _keep(self, part: Part, place: int, objects: Objects | None, before: Objects | None, revision: str) -> None:
        if objects is None:
            return
        traveller, first = self.traveller, self.on.first_of[part.name]
        for heads in self._wanted_at(place):
            texts, renames = self._ran.get((first, revision), ((), ()))
            visit = Visit(objects)
            if heads == (revision,):
                visit = Visit(objects, before, texts, renames)
            data = seals.of_data(traveller.job.settings.folder, self._read)
            by_database = traveller.seen.setdefault(heads, {})
            by_database[first] = Visit(visit.objects, visit.before, visit.statements, visit.renames, data)
            if not traveller.backwards and len(by_database) == len(self.on.scratches):
                del traveller.left[heads]


def _renames(ear: effects.Ear, texts: list[str], part: Part) -> Renames:
    told = ear.effects(texts, (0, len(texts)), lambda at: at, part.context.dialect.name)
    return tuple(
        (each.kind, dotted(each.schema, each.table), each.name or each.table, each.new_name)
        for each in told
        if each.new_name and not each.table.startswith(_BATCH) and not each.new_name.startswith(_BATCH)
    )
