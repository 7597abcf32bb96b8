"""Rules of SQLite: what its ALTER TABLE cannot do, or only on an empty table."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.hazards import questions_rows
from workbench.hazards.late import exp, sqlglot
from workbench.hazards.rewrites_sqlite import filled_afterwards, in_batch
from workbench.hazards.rule import SQLITE, Suspicion, asking, found, rule
from workbench.hazards.situation import Situation
from workbench.results.operations import Operation

_ALTERS = (3, 53)
"""From here on SQLite knows ALTER COLUMN … SET NOT NULL, ADD CONSTRAINT … CHECK and DROP CONSTRAINT."""
_CONSTRAINTS = {
    "create_unique_constraint": "UNIQUE", "create_foreign_key": "a foreign key", "create_check_constraint": "a CHECK",
    "create_primary_key": "a primary key",
}  # fmt: skip


@rule(
    "sqlite-alter-unsupported", "L52", dialects=SQLITE, on_new_tables=True,
    on=("alter_column", "drop_constraint", "create_table_comment", "drop_table_comment", "comment", "add_column",
        *_CONSTRAINTS),
)  # fmt: skip
def sqlite_alter_unsupported(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """SQLite's ALTER TABLE cannot do it: it has to be done in a batch, which copies the table.

    **Why.** SQLite adds, drops and renames columns, and renames tables. From 3.53 on it also sets and drops NOT NULL
    and CHECKs (run on 3.54). For the rest the database says "syntax error", and for constraints Alembic raises
    NotImplementedError: of `op.add_column` with `unique=True` or a ForeignKey only after the column is there (run).

    **Example.** `op.alter_column("t", "a", nullable=False)`

    **What to do.** `with op.batch_alter_table("t") as batch_op:`, and `render_as_batch=True` in env.py, so that
    revisions are written so.
    """
    if op.recreates:
        return
    what, is_sure = _unsupported(op, now)
    if not what:
        return
    yield found(
        "sqlite-alter-unsupported",
        op,
        "error",
        "fails" if is_sure else "unknown",
        f"{what}: SQLite{'' if is_sure else ' before 3.53'} cannot do that to a table that is there.",
        "Do it in a batch: with op.batch_alter_table(…).",
        rewrite=in_batch(op, now),
    )


def _unsupported(op: Operation, now: Situation) -> tuple[str, bool]:  # noqa: PLR0911 - a table of cases
    """What it is that cannot be done, and whether that is certain; empty if it can be."""
    is_ours = op.source != "sql"  # Alembic refuses on every version what it does not know there
    if op.kind == "add_column" and op.column is not None and is_ours:
        if op.column.unique:
            return f"{op.qualified} is added with UNIQUE, which is a second operation", True
        if op.column.references and not op.inline_references:
            return f"{op.qualified} is added with a foreign key, which is a second operation", True
        return "", True
    if op.kind in _CONSTRAINTS:
        if op.kind == "create_check_constraint" and not is_ours:
            return _since(f"{op.table} gets a CHECK", now)
        return f"{op.table} gets {_CONSTRAINTS[op.kind]}", True
    if op.kind == "drop_constraint":
        what = f"{op.name or 'A constraint'} of {op.table} is dropped"
        return (what, True) if is_ours else _since(what, now)
    if op.kind == "alter_column":
        hard = [each for each in ("type", "server_default", "comment") if each in op.sets]
        if hard:
            words = {"type": "type", "server_default": "default", "comment": "comment"}
            return f"{op.qualified} gets another {words[hard[0]]}", True
        return _since(f"{op.qualified} is set to be NULL or NOT", now) if "nullable" in op.sets else ("", True)
    return ("A comment is written", True) if "comment" in op.kind else ("", True)


def _since(what: str, now: Situation) -> tuple[str, bool]:
    if not now.facts.version:
        return what, False
    return ("", True) if now.at_least(*_ALTERS) else (what, True)


@rule("sqlite-add-column-limits", "L53", dialects=SQLITE, on=("add_column",))
def sqlite_add_column_limits(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A column is added that SQLite cannot add to a table, or not to one with rows.

    **Why.** SQLite does not touch the rows: their value is the constant default. So with rows there it refuses a
    default that is `CURRENT_TIMESTAMP` or an expression, a STORED generated column, a CHECK that the default breaks,
    and, with `foreign_keys` on, REFERENCES with a default; PRIMARY KEY and UNIQUE it refuses always (run on 3.40 and
    3.54). NOT NULL without a default: see `add-required-column`.

    **Example.** `op.add_column("t", sa.Column("created", sa.DateTime(), server_default=sa.func.now()))`

    **What to do.** Add it nullable and without that default, and fill it by an UPDATE; or use a batch with
    `recreate="always"`.
    """
    spec = op.column
    if op.recreates or spec is None:
        return
    remedy = "Add it nullable and without that, and fill it; or use op.batch_alter_table(…, recreate='always')."
    if (spec.primary_key or spec.unique) and op.source == "sql":  # Alembic leaves the word out
        word = "PRIMARY KEY" if spec.primary_key else "UNIQUE"
        yield found("sqlite-add-column-limits", op, "error", "fails",
                    f"{op.qualified} is added as {word}: SQLite cannot do that to a table that is there.",
                    remedy)  # fmt: skip
        return
    table = now.of(op)
    why = _only_when_empty(op, now)
    if why:
        suspicion = found(
            "sqlite-add-column-limits", op, questions_rows.severity(now), "fails",
            f"{op.qualified} is added {why}: SQLite refuses that if the table has a row.",
            remedy, rewrite=filled_afterwards(op),
        )  # fmt: skip
        if table is None:
            yield questions_rows.undecided(suspicion, now, (op.schema, op.table))
            return
        yield asking(
            suspicion, questions_rows.any_row(table, now.dialect, "will fail"), now,
            bad=f"{op.qualified} is added {why}, which SQLite refuses, since {op.table} has rows.",
        )  # fmt: skip
        return
    for check in spec.checks:
        suspicion = found(
            "sqlite-add-column-limits", op, questions_rows.severity(now), "fails",
            f"{op.qualified} is added with a CHECK; it fails if the rows do not fulfil it.",
            "Give it a default that fulfils the CHECK.",
        )  # fmt: skip
        if table is None:
            yield questions_rows.undecided(suspicion, now, (op.schema, op.table))
            continue
        yield asking(
            suspicion, questions_rows.broken_by_default(table, spec, check, now.dialect), now,
            bad=f"{op.qualified} is added with CHECK ({check}), and {{count}} would break it.",
        )  # fmt: skip


def _only_when_empty(op: Operation, now: Situation) -> str:
    spec = op.column
    if spec is None:
        return ""
    if spec.computed is not None:
        return "as a STORED generated column" if spec.persisted else ""
    if spec.default is None:
        return ""
    if not _is_constant(spec.default):
        return f"with the default {spec.default}, which is no constant"
    is_checked = now.setting("foreign_keys").lower() in {"1", "on", "true", "yes"}
    if spec.references and (op.inline_references or op.source == "sql") and is_checked and not _is_null(spec.default):
        return "with a foreign key and a default"
    return ""


def _is_null(default: str) -> bool:
    return default.strip("() ").upper() == "NULL"


def _is_constant(default: str) -> bool:
    """What SQLite can work out without a row. True for what is not understood."""
    try:
        node = sqlglot.parse_one(default, read="sqlite")
    except (sqlglot.errors.SqlglotError, ValueError, RecursionError):
        return True
    return not any(isinstance(each, (exp.Func, exp.Binary)) and not isinstance(each, exp.Cast) for each in node.walk())
