"""What differs between models, revisions and a live database, and why: the comparison itself, which asks nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.results import Difference
from workbench.results.definitions import Definitions, Key, whole
from workbench.results.exploring import VERDICTS, Verdict

_UNDECLARED = frozenset({
    "schema", "extension", "composite type", "range type", "domain", "function", "procedure", "event trigger",
    "statistics", "policy", "rule", "trigger", "event", "view",
})  # fmt: skip
"""Kinds that a MetaData does not make by itself; only one that the models' own database has is compared with it."""
_NEVER = frozenset({"schema", "extension"})
"""Were made for the models' database, not by the models."""
_FOREIGN = "FOREIGN KEY "
_OWNED = " OWNED BY "
_NEXT = re.compile(r"nextval\('([^']+)'::regclass\)")


@dataclass(frozen=True, repr=False)
class Passed:
    """A revision that is not applied, with the schema before and after it."""

    revision: str
    before: Definitions
    after: Definitions


@dataclass(frozen=True, repr=False)
class Sides:
    """What is compared, of one database."""

    models: Definitions | None
    """None where they could not be had."""
    revisions: Definitions
    live: Definitions
    head: Definitions
    """What there is once all revisions are applied."""
    pending: tuple[Passed, ...] = ()
    """The revisions that are not applied, the first one first."""
    halves: frozenset[str] = frozenset()
    """Those of them that are known to be half applied: what they have done was not done by hand."""
    unmade: frozenset[tuple[str, str]] = frozenset()
    """Tables of the models, as (schema, name), that could not be made: the models say nothing of them."""


def differences(sides: Sides, database: str = "") -> tuple[Difference, ...]:
    """By verdict, schema, table and kind.

    Of a table that is missing somewhere, its parts are not told one by one.
    """
    found = sorted(_found(sides, database), key=lambda each: _place(each[0], each[1]))
    return tuple(difference for _, difference in found)


def _place(key: Key, difference: Difference) -> tuple[object, ...]:
    return (VERDICTS.index(difference.verdict), key.schema, key.table, *key.place)


def _found(sides: Sides, database: str) -> Iterator[tuple[Key, Difference]]:
    look = _Look(sides)
    for key in sorted({*look.near, *sides.revisions, *sides.live, *sides.head}, key=lambda each: each.place):
        verdict = look.verdict(key)
        if verdict is not None:
            yield key, look.difference(key, verdict, database)


class _Look:
    """The models' definitions twice: with the names that the revisions have, and with those that the head has.

    A constraint without a name of its own gets one from whoever makes it, so that of two with the same definition
    between models and revisions the name says nothing.
    """

    def __init__(self, sides: Sides) -> None:
        self.sides = sides
        models = {} if sides.models is None else _without_owned(sides.models)
        self.near = named_as(models, sides.revisions)
        self.far = named_as(models, sides.head)
        columns = [key for side in (sides.revisions, sides.live, sides.head) for key in side if key.kind == "column"]
        self.columns = {".".join(filter(None, key[1:4])).replace('"', ""): key for key in columns}

    def verdict(self, key: Key) -> Verdict | None:  # noqa: PLR0911 - one reason after another
        revisions, live, head = self.sides.revisions, self.sides.live, self.sides.head
        above = self.owner(key)
        if _present(live, key) != _present(revisions, key) or (above and (above in live) != (above in revisions)):
            return None
        if live.get(key) != revisions.get(key):
            return "half applied" if self.half(key) else "changed by hand"
        if not self.is_declared(key):
            if revisions.get(key) == head.get(key) or _present(head, key) != _present(revisions, key):
                return None
            if above and (above in head) != (above in revisions):
                return None
            return "pending"
        if _present(self.near, key) != _present(revisions, key):
            # A table that a revision will make: only what that revision leaves out of it is told beside it.
            made = _present(self.far, key) and _present(head, key)
            return "no revision for it" if made and not _same(self.far, head, key) else None
        if _same(self.near, revisions, key):
            return None
        return "pending" if _same(self.far, head, key) else "no revision for it"

    def is_declared(self, key: Key) -> bool:
        """Whether the models say anything about such a thing."""
        if self.sides.models is None or key.kind in _NEVER:
            return False
        if (key.schema, key.table) in self.sides.unmade:
            return False
        if key in self.near or key in self.far:
            return True
        if self.sides.unmade and not key.table:
            return False  # a type, or a sequence, that perhaps only such a table has
        if self.owner(key):
            return False
        kind = key.of if key.kind == "comment" and key.of else key.kind
        belongs = [each for each in _above(key) if any(each in side for side in self._all)]
        return kind not in _UNDECLARED and not any(each.kind == "view" and each not in self.near for each in belongs)

    def half(self, key: Key) -> str:
        """The half applied revision that has made it what it is, with all its parts; empty if none has."""
        live = self.sides.live
        for each in self.sides.pending:
            if each.revision in self.sides.halves and live.get(key) == each.after.get(key) != each.before.get(key):
                parts = [one for side in (live, each.after) for one in side if one[1:3] == key[1:3]]
                if key.kind not in {"table", "view"} or all(live.get(one) == each.after.get(one) for one in parts):
                    return each.revision
        return ""

    def owner(self, key: Key) -> Key | None:
        """The column that a sequence belongs to."""
        if key.kind != "sequence":
            return None
        told = next((each[key] for each in self._all if key in each), "")
        return self.columns.get(told.partition(_OWNED)[2].replace('"', ""))

    @property
    def _all(self) -> tuple[Definitions, ...]:
        return (self.near, self.sides.revisions, self.sides.live, self.sides.head)

    def difference(self, key: Key, verdict: Verdict, database: str) -> Difference:
        sides = self.sides
        models = self.near if key in self.near else self.far if _present(self.far, key) else {}
        told = [each.get(key) for each in (models, sides.revisions, sides.live, sides.head)]
        if key.kind == "table" and (None in told[1:] or (sides.models is not None and told[0] is None)):
            every = (models, sides.revisions, sides.live, sides.head)
            told = [whole(each, key, text) for each, text in zip(every, told, strict=True)]
        revision = self.half(key) if verdict == "half applied" else ""
        if verdict == "pending":
            revision = next(
                (each.revision for each in sides.pending
                 if each.before.get(key) != each.after.get(key) == sides.head.get(key)), "",
            )  # fmt: skip
        return Difference(
            kind=key.kind,
            schema=key.schema or None,
            table=key.table,
            name=key.name,
            verdict=verdict,
            models=told[0],
            revisions=told[1],
            live=told[2],
            in_models=self.is_declared(key),
            head=told[3] if told[3] != told[1] else None,
            revision=revision,
            database=database,
        )


def named_as(models: Definitions, other: Definitions) -> Definitions:
    """The models, each constraint that has another name there under that name, if the definition is the same.

    So are the indexes that InnoDB makes for foreign keys.
    """
    spare: dict[tuple[str, str, str, str], list[Key]] = {}
    for key, definition in other.items():
        if key.kind == "constraint" and models.get(key) != definition:
            spare.setdefault((key.kind, key.schema, key.table, definition), []).append(key)
    names: dict[Key, Key] = {}
    for key, definition in models.items():
        if key.kind == "constraint" and other.get(key) != definition:
            fitting = spare.get((key.kind, key.schema, key.table, definition))
            if fitting:
                names[key] = fitting.pop(0)
    mine, theirs = _indexes(models, other), _indexes(other, models)
    for key, definition in models.items():
        if key.kind == "constraint" and definition.startswith(_FOREIGN):
            names |= _index_of(definition, mine.get(key[1:3], []), theirs.get(key[1:3], []))
    return {names.get(key, key): definition for key, definition in models.items()}


def _indexes(side: Definitions, beside: Definitions) -> dict[tuple[str, ...], list[tuple[Key, str]]]:
    """By schema and table the indexes that are not the same beside."""
    found: dict[tuple[str, ...], list[tuple[Key, str]]] = {}
    for key, told in side.items():
        if key.kind == "index" and beside.get(key) != told:
            found.setdefault(key[1:3], []).append((key, told))
    return found


def _index_of(definition: str, mine: list[tuple[Key, str]], theirs: list[tuple[Key, str]]) -> dict[Key, Key]:
    """The index that InnoDB makes for a foreign key, and what it is called there: its definition has no name in it."""
    one, other = ([key for key, told in each if definition.startswith(f"{_FOREIGN}{told} ")] for each in (mine, theirs))
    return dict(zip(one, other, strict=False))


def _same(one: Definitions, other: Definitions, key: Key) -> bool:
    """The same definition, as far as it says something.

    By whatever name a sequence goes that belongs to a column, it is the column's own; and PostgreSQL keeps both
    spellings of what is the very same function to it.
    """
    told, meant = one.get(key), other.get(key)
    if told == meant or told is None or meant is None or key.kind != "column":
        return told == meant
    return _plain(told) == _plain(meant)


def _plain(told: str) -> str:
    return _NEXT.sub("nextval()", told).replace("DEFAULT CURRENT_TIMESTAMP", "DEFAULT now()")


def _above(key: Key) -> list[Key]:
    """What a thing is a part of: a table or a view, and of a comment what it stands at."""
    above = []
    if key.table and key.kind not in {"table", "view"}:
        kinds = [key.of] if key.of in {"table", "view"} else ["table", "view"]
        above += [Key(kind, key.schema, key.table) for kind in kinds]
    if key.kind == "comment" and key.of not in {"table", "view"}:
        above.append(Key(key.of, key.schema, key.table, key.name))
    return above


def _present(side: Definitions, key: Key) -> bool:
    """Whether that is there which the thing is a part of; True where it stands by itself."""
    relations = [each for each in _above(key) if each.kind in {"table", "view"}]
    others = [each for each in _above(key) if each.kind not in {"table", "view"}]
    return (not relations or any(each in side for each in relations)) and all(each in side for each in others)


def _without_owned(found: Definitions) -> Definitions:
    """The definitions without the sequences that columns own: their names come from how the column came to be."""
    return {key: told for key, told in found.items() if key.kind != "sequence" or _OWNED not in told}
