"""Rules about what works and is regretted later: types of keys and times, keys without an index, names that are cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbench.hazards.rewrites import index_beside
from workbench.hazards.rule import MYSQL, PG, SQLITE, StepView, Suspicion, found, rule, step_rule
from workbench.hazards.situation import Situation
from workbench.hazards.types import kind
from workbench.results.operations import ColumnSpec, Operation

_NEARLY = 0.5
"""The share of a key's values that may be given away before it is more than advice."""
_PG_BYTES, _MYSQL_CHARACTERS = 63, 64
_KEYS = {"create_unique_constraint", "create_primary_key"}
_CONSTRAINTS = {*_KEYS, "create_foreign_key", "create_check_constraint", "create_exclude_constraint"}
_MADE = ("create_table", "rename_table", "add_column", "alter_column", "create_index", *sorted(_CONSTRAINTS),
         "create_view", "create_type", "create_trigger", "create_function")  # fmt: skip


@rule(
    "type-advice",
    "L37",
    dialects=(*PG, *MYSQL),
    on=("create_table", "add_column", "alter_column", "create_foreign_key"),
    on_new_tables=True,
)
def type_advice(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A column has a type that works today, and that many come to regret.

    **Why.** A key that is INTEGER ends at 2,147,483,647, and making it larger writes the table anew; so does a foreign
    key that is smaller than the key it leads to. On PostgreSQL `json` has no equality, so DISTINCT, UNION and GROUP BY
    fail on it; `CHAR(n)` is padded with blanks; a `TIMESTAMP` without time zone does not say which moment it is; and
    a SERIAL is a sequence with rights of its own, where an identity is part of the column. (Squawk's
    prefer-bigint-over-int, prefer-identity, ban-char-field and prefer-timestamp-tz; strong_migrations' json and
    mismatched foreign keys.)

    **Example.** `op.add_column("orders", sa.Column("data", sa.JSON()))` on PostgreSQL

    **What to do.** `sa.BigInteger()` with `sa.Identity()` for keys, `postgresql.JSONB()`, `sa.String()`,
    `sa.DateTime(timezone=True)`. Where a key has used half of its values, plan its change now.
    """
    said = [*_of_columns(op, now), *_of_references(op, now)]
    share = _used(op, now)
    if share >= _NEARLY:
        said.insert(0, f"the key of {op.table} has used {share:.0%} of the values that its type has")
    if said:
        yield found(
            "type-advice",
            op,
            "warning" if share >= _NEARLY else "info",
            "advice",
            f"{op.qualified}: {'; '.join(said)}.",
            "Change it while the table is small; a change of type may write all of it anew.",
        )


def _of_columns(op: Operation, now: Situation) -> Iterator[str]:
    added = op.columns if op.kind == "create_table" else () if op.column is None else (op.column,)
    if op.kind == "alter_column" and "type" not in op.sets:
        return
    keys = [each for each in added if _is_key(each, op)]
    if len(keys) == 1 and not now.memory.get("type-advice: a key"):
        said = list(_of_key(keys[0], now))
        now.memory["type-advice: a key"] = bool(said)  # who has one of them has them all over: it is said once
        yield from said
    if now.dialect == "postgresql":
        yield from _of_types(added)


def _is_key(column: ColumnSpec, op: Operation) -> bool:
    declared = any(part.kind == "create_primary_key" and column.name in part.on for part in op.parts)
    return (column.primary_key or declared) and not column.references


def _of_key(column: ColumnSpec, now: Situation) -> Iterator[str]:
    held = kind(column.type, now.dialect).range
    if held is None or held[1] >= 2**63 - 1:
        return
    serial = ", and its sequence is a thing apart, where sa.Identity() is part of the column"
    is_serial = now.dialect == "postgresql" and column.autoincrement and not column.identity
    yield f"the key {column.name} ends at {held[1]:,}{serial if is_serial else ''} (other keys like it are not named)"


def _of_types(columns: Iterable[ColumnSpec]) -> Iterator[str]:
    by_words: dict[str, list[str]] = {}
    for each in columns:
        told = kind(each.type, "postgresql")
        if told.name == "json":
            by_words.setdefault("JSON, which cannot be compared; JSONB can", []).append(each.name)
        elif told.name == "char" and told.length is not None and told.length > 1:
            by_words.setdefault("CHAR, which is padded with blanks", []).append(each.name)
        elif told.name == "timestamp" and not told.timezone:
            words = "without a time zone, which does not say what moment it is"
            by_words.setdefault(words, []).append(each.name)
    for words, names in by_words.items():
        yield f"{', '.join(names)} {'are' if names[1:] else 'is'} {words}"


def _of_references(op: Operation, now: Situation) -> Iterator[str]:
    """PostgreSQL alone lets a key lead to a larger one."""
    if now.dialect != "postgresql":
        return
    types = {each.name: each.type for each in (*op.columns, *((op.column,) if op.column else ()))}
    for key in _foreign_keys(op):
        for here, there in zip(key.on, key.referred_columns, strict=False):
            live, parent = (
                now.live_column(op.schema, op.table, here),
                now.live_column(key.referred_schema, key.referred_table, there),
            )
            own = types.get(here) or (live.type if live is not None else "")
            if not own or parent is None:
                continue
            small, large = kind(own, "postgresql").bits or 0, kind(parent.type, "postgresql").bits or 0
            if 0 < small < large and kind(parent.type, "postgresql").family == "integer":
                yield f"{here} is smaller than {key.referred_table}.{there}, which it refers to"


def _foreign_keys(op: Operation) -> Iterator[Operation]:
    """The foreign keys that an operation makes, each as the operation that would make it alone."""
    yield from (each for each in (op, *op.parts) if each.kind == "create_foreign_key")
    for column in (*op.columns, *((op.column,) if op.column else ())):
        for each in column.references:
            yield Operation(
                "create_foreign_key", op.schema, op.table, on=(column.name,), referred_schema=each.schema,
                referred_table=each.table, referred_columns=each.columns,
            )  # fmt: skip


def _used(op: Operation, now: Situation) -> float:
    """How much of what its key can hold a live table has given away; said once of each table of a Plan."""
    table, measure = now.of(op), now.measure(op.schema, op.table)
    if table is None or measure is None or measure.last_key is None or len(table.primary_key) != 1:
        return 0
    said = now.memory.setdefault("type-advice", set())
    held = next(kind(each.type, now.dialect).range for each in table.columns if each.name == table.primary_key[0])
    if held is None or (table.schema, table.name) in said:
        return 0
    said.add((table.schema, table.name))
    return measure.last_key / held[1]


@step_rule("fk-column-not-indexed", "L38", dialects=(*PG, *SQLITE))
def fk_column_not_indexed(step: StepView, now: Situation) -> Iterator[Suspicion]:
    """A foreign key is added, and no index begins with its columns.

    **Why.** Each DELETE of a parent, and each UPDATE of its key, looks for children: without an index it reads all of
    the child table. MySQL and MariaDB make such an index by themselves; PostgreSQL and SQLite do not.

    **Example.** `op.create_foreign_key("fk_orders_customer", "orders", "customer", ["customer_id"], ["id"])`

    **What to do.** Make the index first; on PostgreSQL CONCURRENTLY, in a revision of its own.
    """
    for op in step.operations:
        keys = [] if op.kind == "create_table" else list(_foreign_keys(op))
        for key in keys:
            if key.on and not any(set(each[: len(key.on)]) == set(key.on) for each in _indexed(key, step, now)):
                columns = ", ".join(key.on)
                yield found(
                    "fk-column-not-indexed",
                    op,
                    "info",
                    "advice",
                    f"No index of {key.table} begins with {columns}: each DELETE in {key.referred_table} will read all "
                    f"of {key.table}.",
                    f"Make an index on {columns} before it.",
                    rewrite=index_beside(key, now.dialect, after=op.kind == "add_column"),
                )
                break


def _indexed(key: Operation, step: StepView, now: Situation) -> Iterator[tuple[str, ...]]:
    """The columns of each index that the table has before the step, or after it."""
    live = now.of(key)
    if live is not None:
        yield tuple(live.primary_key)
        yield from (each.expressions for each in live.indexes if not each.where)
        yield from (each.columns for each in live.constraints if each.kind == "unique")
    here = [each for each in step.operations if (each.schema, each.table) == (key.schema, key.table)]
    for op in (part for each in here for part in (each, *each.parts)):
        if op.kind in {"create_index", *_KEYS} and not op.where:
            yield op.on
    for column in (each for op in here for each in (*op.columns, *((op.column,) if op.column else ()))):
        if column.index or column.unique or column.primary_key:
            yield (column.name,)


@rule("identifier-too-long", "L39", dialects=(*PG, *MYSQL), on=_MADE, on_new_tables=True)
def identifier_too_long(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A name is longer than the database's limit.

    **Why.** MariaDB and MySQL refuse more than 64 characters (1059, run). PostgreSQL cuts at 63 bytes, with a notice
    that nobody reads (run): two names that begin alike become one. SQLAlchemy refuses the name of an index or a
    constraint that is longer than that (IdentifierError, run), before the server sees it; what a naming convention
    makes, or `op.f()` marks, it shortens itself.

    **Example.** `op.execute('CREATE TABLE "a_name_of_more_than_sixty_three_bytes…" (…)')`

    **What to do.** Take a shorter one.
    """
    refused: list[str] = []
    cut: list[str] = []
    for part in (op, *op.parts):
        for name in dict.fromkeys(_names(part)):
            if now.is_mysql:
                refused += [name] * (len(name) > _MYSQL_CHARACTERS)
            elif len(name.encode()) > _PG_BYTES:
                checked = part.kind in {"create_index", *_CONSTRAINTS} and part.source == "operation"
                (refused if checked and len(name) > _PG_BYTES else cut).append(name)
    limit = f"{_MYSQL_CHARACTERS} characters" if now.is_mysql else f"{_PG_BYTES} bytes"
    if refused:
        yield found(
            "identifier-too-long", op, "error", "fails",
            f"{', '.join(refused)}: longer than {limit}, so it is refused.", "Take a shorter name.",
        )  # fmt: skip
    elif cut:
        yield found(
            "identifier-too-long", op, "warning", "advice",
            f"{', '.join(cut)}: PostgreSQL cuts it to {limit}, {_cut(cut[0])!r}.", "Take a shorter name.",
        )  # fmt: skip


def _names(op: Operation) -> Iterable[str]:
    """The names that it makes."""
    if op.kind == "create_table":
        return (op.table, *(each.name for each in op.columns))
    if op.kind in {"rename_table", "alter_column"}:
        return (op.new_name,)
    return (op.name,)


def _cut(name: str) -> str:
    return name.encode()[:_PG_BYTES].decode(errors="ignore")
