"""What a batch of SQLite would lose of each table, and what it would fail on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbench.bridge.values import Again, Kept, Rename
from workbench.capabilities import conditions
from workbench.hazards.question import quoted
from workbench.hazards.sqlite_uses import names_in, views_over
from workbench.results import Schema, SchemaObject, Table
from workbench.results.objects import Index


def kept(before: Schema, renames: Iterable[Rename], database: str) -> Iterator[Kept]:
    """One for each table of which something has to be kept.

    Args:
        before: The live schema.
        renames: What is renamed first: SQLite itself writes the new names into what names the old ones, but not into
            these texts. A table whose name, or whose column, gets another one has nothing made again by its old text.
        database: Its name.

    """
    told = [each for each in renames if each.kind in {"table", "column"}]
    new_tables = {each.old: each.new for each in told if each.kind == "table"}
    triggers = [each for each in before.others if each.kind == "trigger"]
    referred = {(key.referred_table, table.name) for table in before.all_tables for key in table.foreign_keys}
    for table in before.all_tables:
        if table.schema is not None:
            continue
        name = new_tables.get(table.name, table.name)
        names = {each.old: each.new for each in told if each.kind == "column" and each.table == name}
        around: tuple[tuple[str, ...], tuple[Again, ...]] = ((), ())
        if name == table.name and not names:
            around = _around(table, before, triggers)
        found = Kept(
            name,
            tuple(
                conditions.renamed(conditions.condition_of(each.definition), "sqlite", names)
                for each in table.constraints
                if each.kind == "check" and not each.name
            ),
            *around,
            counts_on=any("AUTOINCREMENT" in each.definition for each in table.constraints),
            is_referred=any(parent == table.name != child for parent, child in referred),
            database=database,
        )
        if found != Kept(name, database=database):
            yield found


def _around(table: Table, before: Schema, triggers: list[SchemaObject]) -> tuple[tuple[str, ...], tuple[Again, ...]]:
    """What is taken out of the way before the batch, and what is made again after it."""
    columns = {each.name.casefold(): each.name for each in table.columns}

    def again(name: str, *sql: str) -> Again:
        named = names_in(sql[-1])
        return Again(name, sql, tuple(column for key, column in columns.items() if key in named))

    after = [
        again(each.name, f"DROP INDEX IF EXISTS {quoted(each.name, 'sqlite')}", each.definition)
        for each in table.indexes
        if _is_lost(each, columns)
    ]
    own = [each for each in triggers if each.table == table.name]
    after += [again(each.name, each.definition) for each in own]
    views = list(views_over(table.name, before.all_views))
    names = {each.name for each in views}
    others = [
        each for each in triggers if each not in own and table.name.casefold() in names_in(each.definition)
        and each.table not in names
    ]  # fmt: skip
    drops = [f"DROP TRIGGER {quoted(each.name, 'sqlite')}" for each in others]
    drops += [f"DROP VIEW {quoted(each.name, 'sqlite')}" for each in reversed(views)]  # with its triggers
    of_views = [each for each in triggers if each.table in names]
    after += [Again(each.name, (each.definition,), ()) for each in (*views, *others, *of_views)]
    return tuple(drops), tuple(after)


def _is_lost(index: Index, columns: dict[str, str]) -> bool:
    """Whether SQLAlchemy does not read it, or not all of it: an expression, DESC, COLLATE."""
    words = {"DESC", "COLLATE"} & set(index.definition.upper().replace(",", " ").replace(")", " ").split())
    return bool(words) or any(each.casefold() not in columns for each in index.expressions)
