"""Writes operations as code of a revision: names, types, SQL and constraints, for the safer ways that rules offer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from workbench.bridge.quoting import text_code
from workbench.hazards.question import quoted
from workbench.hazards.types import Kind, kind
from workbench.results.objects import Column, Constraint
from workbench.results.operations import Operation
from workbench.results.rewrites import Rewrite

_NAMES = {"foreign key": "foreignkey", "primary key": "primary"}
_WHOLE = {"integer": "sa.Integer()", "bigint": "sa.BigInteger()", "smallint": "sa.SmallInteger()"}


def name_of(op: Operation) -> str:
    """The name of an operation's index or constraint; behind `op.f()` where a naming convention would change it."""
    return final(op.name) if op.final else repr(op.name)


def final(name: str) -> str:
    """A name that no naming convention shall change."""
    return f"op.f({name!r})"


def schema_of(schema: str | None, keyword: str = "schema") -> str:
    """`, schema='other'`; empty for the default schema."""
    return f", {keyword}={schema!r}" if schema else ""


def table_of(schema: str | None, table: str, dialect: str) -> str:
    """A table as SQL, quoted where it has to be."""
    return ".".join(quoted(each, dialect) for each in (schema, table) if each)


def execute(sql: str) -> str:
    """`op.execute(…)` of a statement, whatever is in it."""
    return f"op.execute({text_code(sql.strip().rstrip(';'))})"


def text(sql: str) -> str:
    """`sa.text(…)` of an expression."""
    return f"sa.text({text_code(sql)})"


def autocommit(*lines: str) -> str:
    """The lines in an `autocommit_block()`."""
    return "\n".join(["with op.get_context().autocommit_block():", *indented(lines)])


def batch(table: str, *lines: str) -> str:
    """The lines, each a call of `batch_op`, in a batch."""
    return "\n".join([f"with op.batch_alter_table({table!r}) as batch_op:", *indented(lines)])


def indented(lines: Sequence[str]) -> list[str]:
    """Each line four blanks further in."""
    return [f"    {line}" for each in lines for line in each.split("\n")]


def index_beside(key: Operation, dialect: str, *, after: bool) -> Rewrite:
    """An index for the columns of a foreign key: made before it, or `after` the operation that makes the column too."""
    name, where = final(f"ix_{key.table}_{'_'.join(key.on)}"[:63]), schema_of(key.schema)
    more = ", postgresql_concurrently=True" if dialect == "postgresql" else ""
    made = f"op.create_index({name}, {key.table!r}, {list(key.on)!r}{where}{more})"
    gone = f"op.drop_index({name}, {key.table!r}{where}{more})"
    if more:
        made, gone = autocommit(made), autocommit(gone)
    if after:
        return Rewrite("", gone, around=True, after=made, alone=bool(more))
    return Rewrite(made, around=True, downgrade_after=gone, alone=bool(more))


def dropped(op: Operation, kind_of: str = "") -> str:
    """`op.drop_constraint(…)` of what an operation adds."""
    told = kind_of or {
        "create_unique_constraint": "unique", "create_primary_key": "primary", "create_foreign_key": "foreignkey",
    }.get(op.kind, "check")  # fmt: skip
    return f"op.drop_constraint({name_of(op)}, {op.table!r}, type_={told!r}{schema_of(op.schema)})"


def constraint_type(constraint: Constraint) -> str:
    """What `type_=` of `op.drop_constraint` calls it."""
    return _NAMES.get(constraint.kind, constraint.kind)


def constraint(live: Constraint, table: str, schema: str | None, *, in_batch: bool = False) -> str:
    """The code that makes a live constraint again; empty for one that cannot be written."""
    columns, name = list(live.columns), final(live.name) if live.name else "None"
    head = "batch_op" if in_batch else "op"
    own, where = ("", "") if in_batch else (f"{table!r}, ", schema_of(schema))
    if live.kind == "foreign key":
        actions = {"ondelete": live.on_delete, "onupdate": live.on_update}
        more = schema_of(live.referred_schema, "referent_schema")
        more += "".join(f", {each}={value!r}" for each, value in actions.items() if value)
        if " DEFERRABLE" in live.definition and "NOT DEFERRABLE" not in live.definition:
            more += ", deferrable=True" + (", initially='DEFERRED'" if "INITIALLY DEFERRED" in live.definition else "")
        where = "" if in_batch else schema_of(schema, "source_schema")
        leads = f"{live.referred_table!r}, {columns!r}, {list(live.referred_columns)!r}"
        return f"{head}.create_foreign_key({name}, {own}{leads}{where}{more})"
    if live.kind in {"unique", "primary key"}:
        what = "create_unique_constraint" if live.kind == "unique" else "create_primary_key"
        return f"{head}.{what}({name}, {own}{columns!r}{where})"
    condition = re.fullmatch(r"(?is)\s*CHECK\s*\((.*)\)(?:\s+NOT\s+VALID)?\s*", live.definition)
    if live.kind != "check" or condition is None:
        return ""
    return f"{head}.create_check_constraint({name}, {own}{text(condition.group(1))}{where})"


def type_code(column: Column, dialect: str) -> str:  # noqa: PLR0911 - a table of types
    """The type of a live column as code: `sa.String(40)`; empty for one that is not known. Not for MySQL's own types.

    Args:
        column: As it is live.
        dialect: `postgresql` or `sqlite`.

    """
    told = kind(column.type, dialect)
    if dialect == "sqlite" and told.name not in {*_WHOLE, "varchar", "text", "numeric", "date", "datetime", "boolean"}:
        return ""
    if told.family == "integer":
        return _WHOLE.get(told.name, "")
    if told.family == "text":
        return _text_type(told, f"collation={column.collation!r}" if column.collation else "")
    if told.family == "decimal":
        return f"sa.Numeric({told.precision}, {told.scale or 0})" if told.precision else "sa.Numeric()"
    if told.family == "datetime":
        if dialect == "sqlite":
            return "sa.DateTime()" if column.type.upper() == "DATETIME" else ""
        if told.precision is not None:
            return f"postgresql.TIMESTAMP(timezone={told.timezone}, precision={told.precision})"
        return f"sa.DateTime(timezone={told.timezone})" if told.timezone else "sa.DateTime()"
    if dialect == "postgresql":
        own = {"json": "sa.JSON()", "jsonb": "postgresql.JSONB()", "uuid": "postgresql.UUID()",
               "real": "sa.REAL()", "double": "sa.Float(53)", "bytea": "sa.LargeBinary()"}  # fmt: skip
        if told.name in own:
            return own[told.name]
    return {"date": "sa.Date()", "boolean": "sa.Boolean()"}.get(told.name, "")


def _text_type(told: Kind, collation: str) -> str:
    name = {"varchar": "sa.String", "text": "sa.Text", "char": "sa.CHAR"}.get(told.name, "")
    inner = ", ".join(each for each in (str(told.length) if told.length is not None else "", collation) if each)
    return f"{name}({inner})" if name else ""
