"""Rules about what goes for good: tables and columns, and what goes with them."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.hazards import questions_rows
from workbench.hazards.pg_types import mentions
from workbench.hazards.rewrites import schema_of
from workbench.hazards.rule import PG, Suspicion, asking, found, rule
from workbench.hazards.rules.data import columns_in
from workbench.hazards.situation import Situation, condition_of
from workbench.results import Table
from workbench.results.findings import ONLY_REHEARSED, Evidence, Verdict
from workbench.results.operations import Operation
from workbench.results.rewrites import Rewrite

_LATER = "Let the running code stop using it first, and drop it in a later revision; keep a copy of what is needed."

REHEARSE = "Rehearse it, and look at what became of the rows: wb.rehearse(plan)."
KEPT = Evidence("not proven", why=ONLY_REHEARSED)


@rule("drop-table", "L01", on=("drop_table",))
def drop_table(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A table is dropped: its rows are gone, and code that uses it fails.

    **Why.** No downgrade brings the rows back. PostgreSQL and MariaDB refuse while a foreign key leads to it; SQLite
    with `foreign_keys` on deletes the children of ON DELETE CASCADE, and otherwise leaves them without a parent.

    **Example.** `op.drop_table("customer")`

    **What to do.** Once no code uses it, `op.rename_table("customer", "zz_drop_customer")`; drop that in a later
    revision.
    """
    if op.table.startswith("_alembic_tmp_") or (op.conditional and now.knows_data and now.of(op) is None):
        return
    suspicion = found(
        "drop-table",
        op,
        questions_rows.severity(now),
        "loses-data",
        f"{op.table} is dropped, with its rows; no downgrade brings them back.",
        _LATER,
        rewrite=_renamed_first(op),
    )
    table = now.of(op)
    if table is None:
        yield questions_rows.undecided(suspicion, now, (op.schema, op.table))
        return
    if now.dialect == "sqlite" and now.setting("foreign_keys").lower() in {"1", "on", "true", "yes"}:
        yield from _children(op, now, table)
    yield asking(
        suspicion,
        questions_rows.any_row(table, now.dialect, "will lose data"),
        now,
        bad=f"{op.table} is dropped, with {{count}}.",
        clean=f"{op.table} is dropped; it has no row. Code that uses it fails.",
        clean_severity="warning",
        clean_outcome="breaks-code",
    )


def _renamed_first(op: Operation) -> Rewrite | None:
    """Out of the way first: whoever still uses it is heard of while it can come back."""
    if op.cascade:
        return None
    name, where = f"zz_drop_{op.table}"[:63], schema_of(op.schema)
    dropped = Rewrite(f"op.drop_table({name!r}{where})", "# what it held does not come back")
    return Rewrite(
        f"op.rename_table({op.table!r}, {name!r}{where})",
        f"op.rename_table({name!r}, {op.table!r}{where})",
        later=(dropped,),
    )


def _children(op: Operation, now: Situation, table: Table) -> Iterator[Suspicion]:
    """SQLite deletes all rows first, and with them their children, or refuses for their sake."""
    for child, _ in now.children(op.schema, op.table):
        for key in child.foreign_keys:
            if key.referred_table.casefold() != table.name.casefold():
                continue
            removes = key.on_delete in {"CASCADE", "SET NULL", "SET DEFAULT"}
            verdict: Verdict = "will lose data" if removes else "will fail"
            what = {"CASCADE": "goes too", "SET NULL": "becomes NULL", "SET DEFAULT": "gets its default"}.get(
                key.on_delete, ""
            )
            over = ", ".join(key.columns)
            suspicion = found(
                "drop-table",
                op,
                questions_rows.severity(now),
                "loses-data" if removes else "fails",
                f"{op.table} is dropped, and {child.name}.{over} leads to it: "
                + (f"what leads there {what}." if what else "a row that does makes it fail."),
                f"Drop the foreign key of {child.name} first, or begin with PRAGMA foreign_keys=OFF.",
                object=child.name,
            )
            yield asking(
                suspicion,
                questions_rows.filled(child, key.columns, now.dialect, verdict),
                now,
                bad=f"{op.table} is dropped, and {{count}} of {child.name} lead to it: "
                + (f"each {what}." if what else "it fails."),
            )


@rule("drop-column", "L02", on=("drop_column",))
def drop_column(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A column is dropped: its values are gone, and code that still names it fails.

    **Why.** An ORM lists every mapped column in each SELECT and INSERT, so running code fails at once. No downgrade
    brings the values back.

    **Example.** `op.drop_column("customer", "fax")`

    **What to do.** Take it out of the model and deploy that; where it is NOT NULL without a default make it nullable
    first. Drop it in a later revision, and keep a copy of its values where they matter.
    """
    if now.is_new_column(op.schema, op.table, op.name):
        return
    if op.conditional and now.of(op) is not None and now.live_column(op.schema, op.table, op.name) is None:
        return
    if now.course.place(op.schema, op.table, op.name) in now.course.copied:
        yield found(
            "drop-column",
            op,
            "warning",
            "breaks-code",
            f"{op.qualified} is dropped; these revisions read its values to write them elsewhere. Code that names it "
            "fails.",
            _LATER,
        )
        return
    if now.course.is_moved(op.schema, op.table, op.name):
        yield found("drop-column", op, "warning", "unknown",
                    f"{op.qualified} is dropped; code of these revisions reads its values first, and whether it keeps "
                    "them elsewhere is not known.", REHEARSE, evidence=KEPT)  # fmt: skip
        return
    suspicion = found(
        "drop-column",
        op,
        questions_rows.severity(now),
        "loses-data",
        f"{op.qualified} is dropped, with its values; no downgrade brings them back.",
        _LATER,
    )
    table, live = now.of(op), now.live_column(op.schema, op.table, op.name)
    if table is None or live is None:
        yield questions_rows.undecided(suspicion, now, (op.schema, op.table))
        return
    if live.generated:
        yield found("drop-column", op, "warning", "breaks-code",
                    f"{op.qualified} is dropped; it is generated, so no value is lost. Code that names it fails.",
                    _LATER)  # fmt: skip
        return
    yield asking(
        suspicion,
        questions_rows.filled(table, [live.name], now.dialect, "will lose data"),
        now,
        bad=f"{op.qualified} is dropped, and {{count}} have a value there.",
        clean=f"{op.qualified} is dropped; no row has a value there. Code that names it fails.",
        clean_severity="warning",
        clean_outcome="breaks-code",
        columns=(op.name,),
    )


@rule("drop-column-drops-constraint", "L03", dialects=(*PG, "mysql", "mariadb"), on=("drop_column",))
def drop_column_drops_constraint(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A column is dropped that is part of a key, index or CHECK over several columns.

    **Why.** PostgreSQL drops all of it without a word: of UNIQUE (a, b) nothing is left when b goes. MariaDB refuses
    with 1072 where a unique key or the primary key would be left with other columns, and takes the column out of a
    plain index.

    **Example.** `op.drop_column("membership", "team_id")` with `UNIQUE (person_id, team_id)`

    **What to do.** Make what replaces it first, then drop the constraint by its name, then the column.
    """
    table, live = now.of(op), now.live_column(op.schema, op.table, op.name)
    if table is None or live is None:
        return
    for name, what, is_unique in _over_several(table, live.name, now):
        if now.course.place(op.schema, op.table, name) in now.course.dropped:
            continue
        refuses = now.dialect == "mariadb" and is_unique
        if now.is_mysql and not is_unique:
            continue
        yield found(
            "drop-column-drops-constraint",
            op,
            "error" if is_unique else "warning",
            "fails" if refuses else "breaks-code",
            f"{op.qualified} is dropped, and {what} is over it and others: "
            + (
                "the server refuses."
                if refuses
                else "all of it goes."
                if now.dialect == "postgresql"
                else "it narrows."
            ),
            "Make what replaces it first, drop it by its name, then drop the column.",
            object=name,
        )


def _over_several(table: Table, column: str, now: Situation) -> Iterator[tuple[str, str, bool]]:
    """(name, in words, is it unique) of each that is over this column and others."""
    for each in table.constraints:
        if each.kind == "check":
            inside = columns_in(condition_of(each.definition), now.dialect) or []
            # MariaDB: a CHECK of the column itself has its name, and goes with it.
            refuses = now.is_mysql and each.name.casefold() != column.casefold()
            if column in inside and (refuses or (len(inside) > 1 and not now.is_mysql)):
                yield each.name, f"the CHECK {each.name}", refuses
        elif column in each.columns and len(each.columns) > 1:
            kind = {"unique": "the unique constraint", "primary key": "the primary key"}.get(
                each.kind, f"the {each.kind}"
            )
            yield each.name, f"{kind} {each.name}".strip(), each.kind in {"unique", "primary key"}
    for index in table.indexes:
        inside = [each for each in index.expressions if each == column or mentions(each, column)]
        if len(index.expressions) > 1 and inside:
            yield index.name, f"the {'unique ' if index.unique else ''}index {index.name}", index.unique
