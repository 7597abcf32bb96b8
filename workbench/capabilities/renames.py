"""Finds what may be a rename, where something is gone and something else has come; nothing is decided by it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from workbench.capabilities import renames_objects as objects
from workbench.capabilities import renames_rows as rows
from workbench.capabilities import renames_tables as tables
from workbench.capabilities.renames_columns import STRUCTURE_ALONE, Pairing, Weighed
from workbench.capabilities.renames_parts import Point, TableFacts, labels, rarities, score, told, weights
from workbench.capabilities.renames_rivals import chances, connected, points_of, rivals
from workbench.errors import WorkbenchError
from workbench.hazards.question import quoted
from workbench.results import Change, Schema, Table
from workbench.results.renames import KINDS, RenameCandidate

LEAST = 0.1
"""What is less likely is not told."""
LIKELY = 0.5
"""From here on a rename of a table is taken into account where its columns, keys and indexes are looked at."""
_CONVINCING = 1.0
"""From so many points on, what the rows say is more than that nothing is in the way."""
_RESHAPED = 0.5
"""A table whose columns are less alike than this may be another one under the old name."""
_FEW = 64
"""So many pairs of tables are all looked at closely."""
_NOT_ASKED = "told by structure and names alone: no rows were looked at"

Place = tuple[str, str]
"""(schema, table); the schema is empty for the default one."""


def candidates(
    before: Schema,
    after: Schema,
    ask: rows.Ask | None,
    changes: Sequence[Change],
    decided: Mapping[Place, str] | None = None,
) -> tuple[RenameCandidate, ...]:
    """Every pair of a thing that is gone and one that has come which may be one thing, the likeliest first.

    A pair is looked for within one schema; a column, an index or a constraint within one table, or within a table and
    what that is likely to be called. Of one thing there may be several candidates. Names that are there before and
    after are pairs only in a chain (a becomes b, b becomes c) or a ring whose types tell.

    Args:
        before: The live schema, or the head made on a scratch database.
        after: The models, on the same database.
        ask: Puts a query to the live rows, as `renames_rows.asking(client)` does; None where there are none, or none
            may be asked. At most 40 tables are asked, one query each of at most 20,000 rows; on PostgreSQL also one
            for the enums whose values differ.
        changes: What Alembic has found: what env.py leaves out is in no candidate.
        decided: By (schema or empty, live table) the name of each table whose rename is decided on already: it is no
            candidate any more, and its columns, indexes and constraints are looked at as those of one table.

    Returns:
        The candidates; equal input gives the same ones in the same order, as long as the rows are the same.

    """
    found: list[RenameCandidate] = []
    names = sorted({each.database for each in (*before.objects, *after.objects)})
    single = len({each.database for each in after.objects}) <= 1
    for name in [""] if single else names:
        finder = _Finder(
            _dialect(before, after, name),
            name,
            _of(before, name),
            _of(after, name),
            tuple(each for each in changes if single or each.database == name),
            ask,
            dict(decided or {}),
        )
        database = name or (names[-1] if names else "")
        found += [replace(each, database=database) for each in finder.found()]
    return tuple(sorted(found, key=_rank))


def _rank(each: RenameCandidate) -> tuple[object, ...]:
    return -each.score, KINDS.index(each.kind), each.database, each.schema or "", each.table, each.gone, each.come


def _dialect(before: Schema, after: Schema, name: str) -> str:
    known = (*after.databases, *before.databases)
    return next((each.dialect for each in known if not name or each.name == name), "sqlite")


def _of(schema: Schema, name: str) -> Schema:
    if not name:
        return schema
    return replace(schema, objects=tuple(each for each in schema.objects if each.database == name))


@dataclass
class _Finder:
    """Looks at one database."""

    dialect: str
    database: str
    before: Schema
    after: Schema
    changes: tuple[Change, ...]
    ask: rows.Ask | None
    decided: dict[Place, str]
    _facts: dict[tuple[str, Place], TableFacts] = field(default_factory=dict)
    _asked: int = 0

    def found(self) -> Iterator[RenameCandidate]:
        """All candidates, in no order."""
        self.live = {(each.schema or "", each.name): each for each in self.before.all_tables}
        self.models = {(each.schema or "", each.name): each for each in self.after.all_tables}
        of_tables = list(self._tables())
        yield from of_tables
        settled = {old: (old[0], new) for old, new in self.decided.items()}
        self.likely = _mutual(of_tables) | {
            old: new for old, new in settled.items() if old in self.live and new in self.models
        }
        of_columns = list(self._columns())
        yield from of_columns
        yield from self._objects(of_columns)
        if self.dialect == "postgresql":
            yield from self._values()

    def _named(self, *kinds: str) -> set[Place]:
        return {(each.schema or "", each.table) for each in self.changes if each.kind in kinds}

    def facts(self, side: str, place: Place) -> TableFacts:
        """What is known of a table, worked out once."""
        if (side, place) not in self._facts:
            table = (self.live if side == "live" else self.models)[place]
            self._facts[side, place] = TableFacts(table, self.dialect)
        return self._facts[side, place]

    # -- tables ---------------------------------------------------------------------------------------------------

    def _tables(self) -> Iterator[RenameCandidate]:
        gone = (self._named("remove_table") & set(self.live)) - set(self.decided)
        come = (self._named("add_table") & set(self.models)) - {(old[0], new) for old, new in self.decided.items()}
        weight = weights([*self.live.values(), *self.models.values()])
        were, are = tables.referring(self.live.values()), tables.referring(self.models.values())
        reshaped = {
            place
            for place in (self._named("remove_column") & self._named("add_column")) - gone - come
            if place in self.live and place in self.models
            and tables.alike(self.facts("live", place), self.facts("models", place), weight).overlap < _RESHAPED
        }  # fmt: skip
        are_few = len(gone | reshaped) * len(come | reshaped) <= _FEW
        weighed: dict[tuple[Place, Place], tuple[float, list[Point]]] = {}
        for old in sorted(gone | reshaped):
            for new in sorted(come | reshaped):
                if old == new or old[0] != new[0]:
                    continue
                one, other = self.facts("live", old), self.facts("models", new)
                if one.table.kind == other.table.kind and (are_few or tables.plausible(one, other, weight)):
                    weighed[old, new] = tables.weigh(one, other, tables.alike(one, other, weight), were, are)
        weighed = connected(weighed, reshaped)
        totals = {pair: each for pair, (each, _) in weighed.items()}
        for (old, new), total in chances(totals).items():
            if total >= LEAST:
                reasons, against = told([*weighed[old, new][1], *rivals(old, new, totals, lambda each: each[1])])
                yield RenameCandidate("table", old[0] or None, "", old[1], new[1], round(total, 2), reasons, against)

    # -- columns --------------------------------------------------------------------------------------------------

    def _columns(self) -> Iterator[RenameCandidate]:
        rarity = rarities(self.live.values(), self.dialect)
        removed, added = self._named_columns("remove_column"), self._named_columns("add_column")
        changed = self._named_columns("modify_type")
        found: list[tuple[Pairing, dict[tuple[str, str], Weighed]]] = []
        pairs = {place: place for place in sorted({*removed, *changed}) if place in self.live and place in self.models}
        pairs |= {old: new for old, new in self.likely.items() if old not in pairs or old not in self.models}
        for old, new in pairs.items():
            one, other = self.facts("live", old), self.facts("models", new)
            if old == new:
                gone, come, kept = removed.get(old, set()), added.get(old, set()), changed.get(old, set())
            else:
                gone, come, kept = set(one.columns) - set(other.columns), set(other.columns) - set(one.columns), set()
            gone, come = (gone | kept) & set(one.columns), (come | kept) & set(other.columns)
            stable = set(one.columns) & set(other.columns) - gone - come
            pairing = Pairing(one, other, stable, {key: name for key, (_, name) in self.likely.items()}, rarity)
            weighed = _weighed(pairing, gone, come, kept)
            if weighed:
                found.append((pairing, weighed))
        best = {id(weighed): max(each.total for each in weighed.values()) for _, weighed in found}
        for pairing, weighed in sorted(found, key=lambda each: -best[id(each[1])]):
            yield from self._of_table(pairing, weighed)

    def _named_columns(self, kind: str) -> dict[Place, set[str]]:
        found: dict[Place, set[str]] = {}
        for each in self.changes:
            if each.kind == kind:
                found.setdefault((each.schema or "", each.table), set()).add(each.name)
        return found

    def _of_table(self, pairing: Pairing, weighed: Mapping[tuple[str, str], Weighed]) -> Iterator[RenameCandidate]:
        near = {pair: each for pair, each in weighed.items() if score(each.total) >= LEAST}
        said, why = self._rows(pairing, list(near.values()))
        points = {pair: [*each.points, *more] for (pair, each), more in zip(near.items(), said, strict=True)}
        extra = {pair: sum(each for each, _ in more) for pair, more in zip(near, said, strict=True)}
        totals = {pair: each.total + extra[pair] for pair, each in near.items()}
        for pair, total in chances(totals).items():
            sure = near[pair].is_named_alike or extra[pair] >= _CONVINCING
            # Rows may be dirty: what they say against a pair makes it unlikely, and hides it from nobody.
            final = max(LEAST, total if sure else min(total, STRUCTURE_ALONE))
            reasons, against = told([*points[pair], *rivals(*pair, totals, str)])
            old, new = pairing.old.table, pairing.new.table
            was = "" if old.name == new.name else old.name
            yield RenameCandidate(
                "column", new.schema, new.name, pair[0], pair[1], round(final, 2), (*reasons, *why), against, "", was
            )

    def _rows(self, pairing: Pairing, pairs: list[Weighed]) -> tuple[list[list[Point]], tuple[str, ...]]:
        """What the rows say of each pair; and why they say nothing."""
        nothing: list[list[Point]] = [[] for _ in pairs]
        if not pairs:
            return nothing, ()
        if self.ask is None or self._asked >= rows.QUESTIONS:
            return nothing, (_NOT_ASKED,)
        self._asked += 1
        back = {(schema, name): live for (schema, live), (_, name) in self.likely.items()}
        targets = {place: place[1] for place in self.live} | back
        enums = {each.name: labels(each) for each in self.after.others if each.kind == "enum"}
        try:
            return rows.looked(self.ask, self.database, pairing.old, pairs, targets, enums), ()
        except WorkbenchError as error:
            words = dict(error.evidence).get("the database says", error.message)
            return nothing, (f"{_NOT_ASKED} ({words})",)

    # -- indexes, constraints, enum values ------------------------------------------------------------------------

    def _objects(self, of_columns: list[RenameCandidate]) -> Iterator[RenameCandidate]:
        removed = self._named_things("remove_index", "remove_constraint", "remove_fk")
        added = self._named_things("add_index", "add_constraint", "add_fk")
        pairs = {place: place for place in sorted({*removed} & {*added}) if place in self.live and place in self.models}
        pairs |= {old: new for old, new in self.likely.items() if old not in pairs}
        likely = {old[1]: new[1] for old, new in self.likely.items()}
        for old, new in pairs.items():
            gone = objects.things(self.live[old], self.dialect)
            come = objects.things(self.models[new], self.dialect)
            if old == new:
                gone = {name: each for name, each in gone.items() if name in removed[old]}
                come = {name: each for name, each in come.items() if name in added[old]}
            else:
                gone, come = (
                    {name: each for name, each in gone.items() if name not in come},
                    {name: each for name, each in come.items() if name not in gone},
                )
            names: dict[str, list[str]] = {}
            for each in of_columns:
                if (each.schema or "", each.table) == new and each.score >= LIKELY:
                    names.setdefault(each.gone, []).append(each.come)
            was = "" if old == new else old[1]
            told_ = objects.pairs(gone, come, partial(_called, names), likely)
            for one, other, total, reasons, against, kind in told_:
                yield RenameCandidate(
                    kind, new[0] or None, new[1], one, other, round(total, 2), reasons, against, "", was
                )

    def _named_things(self, *kinds: str) -> dict[Place, Collection[str]]:
        found: dict[Place, set[str]] = {}
        for each in self.changes:
            if each.kind in kinds and each.name:
                found.setdefault((each.schema or "", each.table), set()).add(each.name)
        return dict(found)

    def _values(self) -> Iterator[RenameCandidate]:
        models = {(each.schema, each.name): each for each in self.after.others if each.kind == "enum"}
        for each in self.before.others:
            other = models.get((each.schema, each.name)) if each.kind == "enum" else None
            if other is None or set(labels(each)) <= set(labels(other)) or set(labels(other)) <= set(labels(each)):
                continue
            used, why = self._used(each.schema, each.name)
            weighed = list(objects.values(each, other, used))
            likely = chances({(old, new): points_of(total) for old, new, total, *_ in weighed})
            for old, new, _, reasons, against, kind in weighed:
                total = min(likely[old, new], objects.SURE)
                if total >= LEAST:
                    yield RenameCandidate(
                        kind, each.schema, each.name, old, new, round(total, 2), (*reasons, *why), against
                    )

    def _used(self, schema: str | None, name: str) -> tuple[dict[str, int] | None, tuple[str, ...]]:
        """By value how many rows have it, in all columns of this type."""
        named = f"{schema}.{name}" if schema else name
        columns = [
            (table, column)
            for table in self.live.values()
            for column in table.columns
            if column.type.replace('"', "") == named
        ]
        if self.ask is None:
            return None, (_NOT_ASKED,)
        if not columns:
            return None, ("no column is of this type",)
        sql = " UNION ALL ".join(_sample(table, column.name, self.dialect) for table, column in columns)
        try:
            # More values than the answer has rows are of no use to anybody: one text tells them all.
            told_ = self.ask(f"SELECT json_object_agg(value, count) FROM (SELECT value, count(*) AS count FROM ({sql})"  # noqa: S608 - it only looks
                             " AS looked_at GROUP BY value) AS counted", self.database)  # fmt: skip
        except WorkbenchError:
            return None, (_NOT_ASKED,)
        counts = told_[0][0] or {}
        enums = (each for each in self.before.others if each.kind == "enum")
        known = next(each for each in enums if (each.schema, each.name) == (schema, name))
        return {each: int(counts.get(each, 0)) for each in labels(known)}, ()


def _sample(table: Table, column: str, dialect: str) -> str:
    source = ".".join(quoted(each, dialect) for each in (table.schema, table.name) if each)
    name = quoted(column, dialect)
    return f"(SELECT {name}::text AS value FROM {source} WHERE {name} IS NOT NULL LIMIT {rows.LOOKED_AT})"  # noqa: S608 - as above


def _called(names: Mapping[str, Collection[str]], column: str) -> Collection[str]:
    return names.get(column, ())


def _weighed(pairing: Pairing, gone: set[str], come: set[str], kept: set[str]) -> dict[tuple[str, str], Weighed]:
    found = {}
    for old in pairing.old.order:
        for new in pairing.new.order:
            if old not in gone or new not in come or old == new:
                continue
            one, other = pairing.old.columns[old], pairing.new.columns[new]
            if (old in kept or new in kept) and one.type != other.type:
                continue  # of a name that stays only its type tells that another column has it now
            found[old, new] = pairing.weigh(one, other)
    return connected(found, kept)


def _mutual(found: list[RenameCandidate]) -> dict[Place, Place]:
    """By live table what it is likely to be called: where each is the best for the other."""
    best: dict[Place, Place] = {}
    taken: set[Place] = set()
    for each in sorted(found, key=_rank):
        old, new = (each.schema or "", each.gone), (each.schema or "", each.come)
        if each.score >= LIKELY and old not in best and new not in taken:
            best[old] = new
            taken.add(new)
    return best
