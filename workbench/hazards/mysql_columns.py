"""What a column of MariaDB or MySQL becomes: MODIFY and CHANGE say all of it anew, so what is not said is gone."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.bridge.quoting import text_code
from workbench.hazards.situation import Situation
from workbench.hazards.types import kind
from workbench.results.objects import Column
from workbench.results.operations import Operation


@dataclass(frozen=True)
class Redefined:
    """A column after an `alter_column`."""

    type: str
    """Empty where it is not said and not known."""
    nullable: bool
    default: str | None
    comment: str | None
    autoincrement: bool
    is_whole: bool
    """All of it is said anew (MODIFY, CHANGE): what is not said is lost."""


def redefined(op: Operation, now: Situation) -> Redefined | None:
    """What the column of an `alter_column` is afterwards; None where nothing can be said of it.

    As Alembic writes it: what `op` sets, else what its `existing_*` say, else nothing.
    """
    if op.kind != "alter_column" or op.column is None:
        return None
    live = now.live_column(op.schema, op.table, op.name)
    if not is_whole(op, now):
        if live is None:
            return None
        default = op.column.default if "server_default" in op.sets else live.default
        return Redefined(live.type, live.nullable, default, live.comment, bool(live.identity), is_whole=False)
    new, old = op.column, op.existing

    def said(name: str, attribute: str, otherwise: object) -> object:
        if name in op.sets:
            return getattr(new, attribute)
        return getattr(old, attribute) if name in op.existing_given and old is not None else otherwise

    nullable = said("nullable", "nullable", True)
    return Redefined(
        type=str(said("type", "type", "") or ""),
        nullable=bool(True if nullable is None else nullable),
        default=said("server_default", "default", None),  # type: ignore[arg-type]
        comment=said("comment", "comment", None),  # type: ignore[arg-type]
        autoincrement=bool(said("autoincrement", "autoincrement", False)) or (op.source == "sql" and new.autoincrement),
        is_whole=True,
    )


def is_whole(op: Operation, now: Situation) -> bool:
    """It is a MODIFY or CHANGE, not an `ALTER COLUMN … SET DEFAULT` or a RENAME COLUMN."""
    if op.source == "sql":
        return "type" in op.sets
    if set(op.sets) - {"server_default"}:
        return True
    # Alembic writes a CHANGE for a default of a date with time, which may be a function there.
    told = next((each.type for each in (op.column, op.existing) if each is not None and each.type), "")
    return bool(told) and kind(told, now.dialect).family == "datetime" and bool(op.column and op.column.default)


def definition(column: Column) -> dict[str, str]:
    """All of a live column, as `op.alter_column` needs it: code by the name of the argument."""
    told = {"existing_type": type_code(column), "existing_nullable": str(column.nullable)}
    if column.default is not None:
        on_update = f" {column.extra}" if "on update" in column.extra.lower() else ""
        told["existing_server_default"] = f"sa.text({text_code(column.default + on_update)})"
    if column.comment is not None:
        told["existing_comment"] = repr(column.comment)
    if column.identity:
        told["existing_autoincrement"] = "True"
    return told


def type_code(column: Column) -> str:  # noqa: PLR0911 - a table of types
    """The type of a live column as code: `mysql.VARCHAR(40)`; empty for one that is not known."""
    told = kind(column.type, "mysql")
    collation = f"collation={column.collation!r}" if column.collation else ""
    if column.type.lower() == "tinyint(1)":
        return "sa.Boolean()"
    if told.family == "text":
        inner = [str(told.length)] if told.length is not None else []
        return f"mysql.{told.name.upper()}({', '.join([*inner, collation] if collation else inner)})"
    if told.family == "integer" and told.name != "year":
        return f"mysql.{told.name.upper()}({'unsigned=True' if told.unsigned else ''})"
    if told.family == "decimal":
        return f"mysql.NUMERIC({told.precision}, {told.scale or 0}{', unsigned=True' if told.unsigned else ''})"
    if told.family == "enum":
        labels = ", ".join(map(repr, told.labels))
        return f"mysql.ENUM({labels}{', ' + collation if collation else ''})"
    if told.name in {"datetime", "timestamp"}:
        return f"mysql.{told.name.upper()}({f'fsp={told.precision}' if told.precision else ''})"
    if told.name in {"double", "real"}:
        return "mysql.DOUBLE(asdecimal=False)" if told.bits == 64 else "mysql.FLOAT()"  # noqa: PLR2004 - bits
    return {"date": "sa.Date()", "json": "sa.JSON()"}.get(told.name, "")
