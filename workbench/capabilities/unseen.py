"""What Alembic's comparison does not see: CHECKs by what they ask for, the values of enums, views by their text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from workbench.bridge.sql_tokens import normal
from workbench.bridge.values import Check, EnumType, Rename, Thing, Unnamed, Unseen, User, ViewText
from workbench.capabilities import conditions
from workbench.capabilities.renames_parts import labels
from workbench.capabilities.unseen_sqlite import kept
from workbench.results import Schema, Table, View
from workbench.results.definitions import dotted, undotted

Place = tuple[str, str]
"""(schema, table); the schema is empty for the default one."""
_LONGEST = 60
_OPTIONS = re.compile(r";\s+WITH \(([^()]*)\)$")


@dataclass(frozen=True)
class Compared:
    """What is compared, of one database."""

    dialect: str
    before: Schema
    after: Schema
    renames: tuple[Rename, ...]
    fills: Mapping[str, Any]
    made: Callable[[], Mapping[Place, Table | View] | None]
    """Gives the tables and views of the models as this very server words them; None where that is not to be had.
    Asked only where the texts alone do not tell."""
    database: str = ""
    tables: dict[Place, str] = field(init=False)
    """By the present place of a table its new name."""

    def __post_init__(self) -> None:
        """Sort the renames."""
        tables = {(each.schema or "", each.old): each.new for each in self.renames if each.kind == "table"}
        object.__setattr__(self, "tables", tables)

    def columns(self, place: Place) -> dict[str, str]:
        """By the present name of a column its new one, of the table that will be there."""
        return {
            each.old: each.new
            for each in self.renames
            if each.kind == "column" and (each.schema or "", each.table) == place
        }

    def named(self, schema: str | None, table: str) -> str:
        """The new name of a table."""
        return self.tables.get((schema or "", table), table)


def unseen(told: Compared) -> Unseen:
    """What differs in one database, by the names that renames give."""
    return Unseen(
        tuple(_checks(told)),
        tuple(_uniques(told)) if told.dialect == "sqlite" else (),
        tuple(_enums(told)) if told.dialect == "postgresql" else (),
        tuple(_views(told)),
        tuple(kept(told.before, told.renames, told.database)) if told.dialect == "sqlite" else (),
    )


def things(found: Unseen) -> list[Thing]:
    """What env.py may leave out of it."""
    tables = {(each.schema or "", each.table) for each in found.checks}
    tables |= {(each.schema or "", each.name) for each in found.views} | {("", each.table) for each in found.uniques}
    checks = [Thing("check_constraint", each.schema or "", each.table, each.name) for each in found.checks if each.name]
    return [*(Thing("table", schema, name, "") for schema, name in sorted(tables)), *checks]


def without(found: Unseen, left_out: Iterable[Thing]) -> Unseen:
    """The same without what env.py leaves out."""
    out = set(left_out)

    def is_out(schema: str | None, table: str, name: str) -> bool:
        wholes = Thing("table", schema or "", table, ""), Thing("check_constraint", schema or "", table, name)
        return not out.isdisjoint(wholes)

    return replace(
        found,
        checks=tuple(each for each in found.checks if not is_out(each.schema, each.table, each.name)),
        uniques=tuple(each for each in found.uniques if not is_out(None, each.table, "")),
        views=tuple(each for each in found.views if not is_out(each.schema, each.name, "")),
    )


# -- CHECKs ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Condition:
    name: str
    text: str
    spelled: str
    columns: tuple[str, ...]
    is_beside: bool = False
    """MariaDB has it beside a column, where no statement can drop it but one that writes the column anew."""


def _checks(told: Compared) -> Iterator[Check]:
    models = {(each.schema or "", each.name): each for each in told.after.all_tables}
    for live in told.before.all_tables:
        place = live.schema or "", told.named(live.schema, live.name)
        model = models.get(place)
        if model is None or live.kind not in {"table", "partitioned table"}:
            continue
        names = told.columns(place)
        gone, come = _apart(_conditions(live, told.dialect, names), _conditions(model, told.dialect, {}))
        is_proven = told.dialect == "sqlite" or not (gone and come)
        if not is_proven:  # the server may word one of the models as one that is there
            worded = (told.made() or {}).get(place)
            if isinstance(worded, Table):
                is_proven = True
                declared = {each.name: each for each in _conditions(model, told.dialect, {}) if each.name}
                every = [
                    replace(each, name=each.name if each.name in declared else "")
                    for each in _conditions(worded, told.dialect, {})
                ]
                gone, come = _apart(_conditions(live, told.dialect, names), every)
                come = [declared.get(each.name, each) for each in come]
        taken = {each.name for each in (*live.constraints, *model.constraints)}
        yield from _paired(told, model, gone, come, taken, is_proven=is_proven)


def _conditions(table: Table, dialect: str, names: Mapping[str, str]) -> list[_Condition]:
    among = [names.get(each.name, each.name) for each in table.columns]
    found = []
    for each in table.constraints:
        if each.kind == "check":
            is_beside = dialect in {"mysql", "mariadb"} and bool(each.columns) and not each.name
            told = conditions.renamed(conditions.condition_of(each.definition), dialect, names)
            named = conditions.columns_of(told, dialect, among)
            found.append(_Condition(each.name, told, conditions.spelled(told, dialect), named, is_beside))
    return found


def _apart(live: list[_Condition], model: list[_Condition]) -> tuple[list[_Condition], list[_Condition]]:
    """Those that have no like on the other side; the name alone makes no difference."""
    left = list(live)
    come = []
    for each in sorted(model, key=lambda each: not each.name):
        same = [other for other in left if other.spelled == each.spelled]
        if same:
            left.remove(next((other for other in same if other.name == each.name), same[0]))
        else:
            come.append(each)
    return left, come


def _paired(
    told: Compared, model: Table, gone: list[_Condition], come: list[_Condition], taken: set[str], *, is_proven: bool
) -> Iterator[Check]:
    left = [each for each in gone if not each.is_beside]
    for each in come:
        same = [other for other in left if each.name and other.name == each.name]
        # Of one that has no name what it is about tells which it was.
        alike = [other for other in left if other.columns == each.columns and not (each.name and other.name)]
        old = same[0] if same else alike[0] if len(alike) == 1 else None
        if old is not None:
            left.remove(old)
        name = each.name or (old.name if old is not None and old.name else _free(model.name, each.columns, taken))
        taken.add(name)
        yield Check(
            model.schema, model.name, name, None if old is None else old.text, each.text,
            "" if old is None else old.name, () if old is None else old.columns, is_proven, told.database,
        )  # fmt: skip
    for each in left:
        yield Check(
            model.schema, model.name, each.name, each.text, None, each.name, each.columns, is_proven, told.database
        )


def _free(table: str, columns: tuple[str, ...], taken: set[str]) -> str:
    """A name for a CHECK to which the models give none: it has to be found again by the way back."""
    stem = "_".join(("ck", table, *columns))[:_LONGEST]
    return next(name for number in range(1, 1000) if (name := stem if number == 1 else f"{stem}_{number}") not in taken)


# -- UNIQUE without a name -----------------------------------------------------------------------------------------


def _uniques(told: Compared) -> Iterator[Unnamed]:
    models = {each.name: each for each in told.after.all_tables if each.schema is None}
    for live in told.before.all_tables:
        name = told.named(live.schema, live.name)
        model = models.get(name)
        if model is None or live.schema is not None:
            continue
        names = told.columns(("", name))
        kept = {each.columns for each in model.constraints if each.kind == "unique"}
        for each in live.constraints:
            columns = tuple(names.get(one, one) for one in each.columns)
            if each.kind == "unique" and not each.name and columns not in kept:
                yield Unnamed(name, columns, told.database)


# -- enums ----------------------------------------------------------------------------------------------------------


def _enums(told: Compared) -> Iterator[EnumType]:
    live = {(each.schema, each.name): labels(each) for each in told.before.others if each.kind == "enum"}
    models = {(each.schema, each.name): labels(each) for each in told.after.others if each.kind == "enum"}
    declared = {(each.schema or "", each.name) for each in told.after.all_tables}
    for place in sorted({*live, *models}, key=lambda each: (each[0] or "", each[1])):
        schema, name = place
        values = {each.old: each.new for each in told.renames if each.kind == "value" and each.table == name}
        before = tuple(values.get(each, each) for each in live[place]) if place in live else None
        after = models.get(place)
        users = tuple(_users(told, schema, name))
        is_theirs = after is None and any((each.schema or "", each.table) not in declared for each in users)
        if before != after and not (is_theirs and not declared):
            instead = str(told.fills.get(f"modify_enum {dotted(schema, name)}") or "")
            yield EnumType(schema, name, before, after, users, instead, told.database)


def _users(told: Compared, schema: str | None, name: str) -> Iterator[User]:
    wanted = [each for each in (schema, name) if each]
    for table in told.before.all_tables:
        new = told.named(table.schema, table.name)
        names = told.columns((table.schema or "", new))
        for each in table.columns:
            is_array = each.type.endswith("[]")
            if undotted(each.type.removesuffix("[]")) == wanted:
                column = names.get(each.name, each.name)
                yield User(table.schema, new, column, each.default, is_array)


# -- views ----------------------------------------------------------------------------------------------------------


def _views(told: Compared) -> Iterator[ViewText]:
    """Only where the models declare any: else they have nothing to say of those that are there."""
    models = {(each.schema or "", each.name): each for each in told.after.all_views}
    live = {(each.schema or "", each.name): each for each in told.before.all_views}
    for place in sorted({*models, *live} if models else ()):
        old, new = live.get(place), models.get(place)
        before = None if old is None else _selected(old)
        after = None if new is None else _selected(new)
        is_proven = True
        if old is not None and new is not None:
            if normal(str(before)) == normal(str(after)):
                continue
            is_proven = told.dialect == "sqlite"
            worded = None if is_proven else (told.made() or {}).get(place)
            if isinstance(worded, View):
                if worded.definition == old.definition:
                    continue
                is_proven = True
        kind = (old or new or live[place]).kind
        yield ViewText((place[0] or None), place[1], before, after, kind, is_proven, told.database)


def _selected(view: View) -> str:
    """`AS SELECT …`, what stands behind its name; SQLite tells the whole statement."""
    text = view.definition.strip().rstrip(";")
    if text.upper().startswith("CREATE "):
        return text[text.upper().index(" AS ") + 1 :].strip()
    options = _OPTIONS.search(text)  # as PostgreSQL tells them, behind the whole
    return f"WITH ({options[1]}) AS {text[: options.start()]}" if options else f"AS {text}"
