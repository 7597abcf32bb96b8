"""A rule about values that are longer than a key of an index may be."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.hazards import questions_rows
from workbench.hazards.late import sa
from workbench.hazards.question import rows_where, source
from workbench.hazards.rule import Suspicion, asking, found, rule
from workbench.hazards.situation import Situation
from workbench.hazards.types import Kind, kind
from workbench.results.operations import Operation

_PG_KEY = 2_690
"""Bytes of one key of a b-tree: 2,704 with its header."""
_MYSQL_KEY = 3_072
_LONG = {"text", "binary", "json", "array", "other"}


@rule(
    "index-key-too-large",
    "L14",
    dialects=("postgresql", "mysql"),
    on=("create_index", "create_unique_constraint", "create_primary_key"),
)
def index_key_too_large(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """An index is built over values that are longer than one of its keys may be.

    **Why.** A key of a PostgreSQL b-tree holds 2,704 bytes, after compression; a longer value makes the build fail,
    and later each INSERT of one. MySQL refuses a key of more than 3,072 declared bytes (1071), and a TEXT without a
    length (1170); MariaDB shortens a plain index by itself.

    **Example.** `op.create_index("ix_page_body", "page", ["body"])`

    **What to do.** PostgreSQL: an index over `md5(body)`, or a hash index. MySQL: `mysql_length={"body": 191}`.
    """
    live = questions_rows.live_columns(op, now, op.on) if op.on and not op.on_expressions else None
    table = now.of(op)
    if live is None or table is None or op.option("using_index"):
        return
    kinds = [kind(each.type, now.dialect) for each in live]
    if now.dialect == "mysql":
        yield from _mysql_key(op, [each.name for each in live], kinds)
        return
    if op.option("postgresql_using").lower() not in {"", "btree"}:
        return
    wide = [
        each for each, one in zip(live, kinds, strict=True)
        if one.family in _LONG and (one.length is None or one.length * 4 > _PG_KEY)
    ]  # fmt: skip
    wide = [each for each in wide if not _is_enum(each.type, now)]
    if not wide:
        return
    rows = source(table)
    size = sum((sa.func.coalesce(sa.func.pg_column_size(rows.c[each.name]), sa.literal(0)) for each in wide),
               start=sa.literal(0))  # fmt: skip
    names = ", ".join(each.name for each in wide)
    question = rows_where(
        "key-size", now.dialect, table, rows,
        sa.and_(size > sa.literal(_PG_KEY), *([sa.literal_column(f"({op.where})")] if op.where else [])),
        [], more=[size.label("bytes")], if_bad="will fail",
    )  # fmt: skip
    yield asking(
        found(
            "index-key-too-large",
            op,
            "info",
            "fails",
            f"{op.qualified} indexes {names}; a value of more than {_PG_KEY:,} bytes makes it fail.",
            f"Index md5({wide[0].name}) instead, or use a hash index.",
        ),
        question,
        now,
        bad=f"{op.qualified} indexes {names}, and {{count}} have more than {_PG_KEY:,} bytes there, compressed.",
        columns=tuple(op.on),
    )


def _is_enum(name: str, now: Situation) -> bool:
    bare = name.rpartition(".")[2].strip('"')
    return now.schema is not None and any(each.kind == "enum" and each.name == bare for each in now.schema.others)


def _mysql_key(op: Operation, names: list[str], kinds: list[Kind]) -> Iterator[Suspicion]:
    said = op.option("mysql_length")
    total = 0
    for name, each in zip(names, kinds, strict=True):
        if name in said or said.isdigit():
            continue
        if each.bytes is not None:
            yield found(
                "index-key-too-large", op, "error", "fails",
                f"{op.qualified} indexes {name}, a {each.name.upper()}, without saying how much of it.",
                f'Say mysql_length={{"{name}": 191}}.',
            )  # fmt: skip
            return
        total += (each.length or 0) * (4 if each.family == "text" else 1)
    if total > _MYSQL_KEY:
        yield found(
            "index-key-too-large", op, "warning", "fails" if op.unique else "unknown",
            f"{op.qualified} indexes up to {total:,} bytes; a key of InnoDB holds {_MYSQL_KEY:,}.",
            f'Say mysql_length={{"{names[0]}": 191}}.',
        )  # fmt: skip
