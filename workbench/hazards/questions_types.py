"""What another type makes of the values of a column: which rows are refused, and which lose something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.hazards import questions_types_mysql
from workbench.hazards.late import exp, sa, sqlglot
from workbench.hazards.question import About, Question, quoted, rows_where, source, sql_of
from workbench.hazards.questions_types_told import Told
from workbench.hazards.situation import Situation
from workbench.hazards.types import Kind, affinity, fits, kind, same
from workbench.results import Table
from workbench.results.objects import Column
from workbench.results.operations import Operation

_NUMBERS = {"integer", "decimal", "float"}
_INET = {"inet", "cidr"}
_ASSIGNED = {
    ("date", "datetime"),
    ("datetime", "date"),
    ("datetime", "time"),
    ("time", "interval"),
    ("interval", "time"),
}
_DOUBLE_END = 2**63 - 1024


@dataclass(frozen=True)
class Examined:
    """What is known of one change of a type."""

    impossible: str = ""
    """Why it is refused whatever the rows are."""
    fails: Question | None = None
    """The rows that make it fail."""
    loses: Question | None = None
    """The rows that lose something."""
    what_fails: str = ""
    """What is so about them: `have more than 3 characters there`."""
    what_loses: str = ""
    unknown: str = ""
    """Why it cannot be said."""


def examine(op: Operation, now: Situation, table: Table, live: Column) -> Examined:
    """What becomes of the rows of a live column when its type changes.

    Args:
        op: An `alter_column` that sets a type.
        now: The situation.
        table: The live table.
        live: The live column.

    """
    written = op.column.type if op.column is not None else ""
    if not written:
        return Examined(unknown="the new type is not known")
    if live.generated:
        return Examined()
    old, new = kind(live.type, now.dialect), kind(written, now.dialect)
    if now.dialect == "sqlite":
        told = _sqlite(op, live, old, new, written)
    elif now.dialect == "postgresql":
        using = op.option("postgresql_using")
        refused = _refused(op, now, live, old, new, using)
        if refused or _is_pending_type(written, now):  # its labels are looked at elsewhere
            return Examined(impossible=refused)
        if using and live.name != op.name:
            return Examined(unknown="the column is renamed before")
        told = _postgresql(live, old, new, written, using, now)
    else:
        told = questions_types_mysql.told(live, old, new)
    return _questions(told, now, table, live)


def is_enum(name: str, now: Situation) -> bool:
    """Whether a live type of that name is an enum (PostgreSQL)."""
    return labels_of(name, now) is not None


def labels_of(name: str, now: Situation) -> tuple[str, ...] | None:
    """The labels of the live enum of that name; None if there is none."""
    bare = name.rpartition(".")[2].strip('"')
    for each in now.schema.others if now.schema is not None else ():
        if each.kind == "enum" and each.name == bare:
            return kind(f"enum({each.definition})", "mysql").labels
    return None


def _is_pending_type(name: str, now: Situation) -> bool:
    return name.rpartition(".")[2].strip('"') in now.course.types


def _questions(told: Told, now: Situation, table: Table, live: Column) -> Examined:
    dialect = now.dialect
    lenient = now.is_mysql and not now.strict and not told.always
    fails = loses = None
    rows = source(table)
    name = quoted(live.name, dialect)

    def asked(condition: str, verdict: str) -> Question:
        whole = sa.and_(rows.c[live.name].is_not(sa.null()), sa.literal_column(f"({condition})", sa.Boolean()))
        return rows_where(told.about, dialect, table, rows, whole, [live.name], if_bad=verdict)  # type: ignore[arg-type]

    if told.fails:
        fails = asked(told.fails, "will lose data" if lenient else "will fail")
    elif told.probe:
        statement: Any = sa.select(sa.literal_column(f"count({told.probe})")).select_from(rows)
        fails = Question(told.about, ((table.schema or "", table.name),), sql_of(statement, dialect), (name,),
                         "will fail", probe=True)  # fmt: skip
    if told.loses:
        loses = asked(told.loses, "will lose data")
    return Examined("", fails, loses, told.what_fails, told.what_loses, told.unknown)


# -- PostgreSQL -------------------------------------------------------------------------------------------------------


def _refused(op: Operation, now: Situation, live: Column, old: Kind, new: Kind, using: str) -> str:
    written = op.column.type if op.column is not None else ""
    pending = _is_pending_type(written, now)
    takes = False if pending else assignable(old, new, now)
    if takes is False and not using:
        return f"{live.type} cannot be cast automatically to {written}: it needs postgresql_using"
    default = now.course.defaults.get(now.course.place(op.schema, op.table, op.name), live.default)
    if takes is False and default is not None:
        return f"its default {default} cannot be cast automatically to {written}: drop it before, set it after"
    return ""


def assignable(old: Kind, new: Kind, now: Situation) -> bool | None:  # noqa: PLR0911 - a table of cases
    """PostgreSQL changes the one into the other without USING; None if that is not known."""
    if new.family == "text" or same(old, new):
        return True
    if "other" in {old.family, new.family}:
        if old.name.lower() == new.name.lower() or {old.name, new.name} <= _INET:
            return True
        if is_enum(old.name, now) or is_enum(new.name, now):
            return False
        return None
    if old.family == new.family == "array":
        return assignable(kind(old.element, "postgresql"), kind(new.element, "postgresql"), now)
    if {old.family, new.family} <= _NUMBERS or old.family == new.family:
        return True
    return (old.family, new.family) in _ASSIGNED


def _postgresql(live: Column, old: Kind, new: Kind, written: str, using: str, now: Situation) -> Told:
    column = quoted(live.name, "postgresql")
    if not using:
        if fits(old, new, "postgresql") or new.name == "text" or (new.name == "varchar" and new.length is None):
            return Told()
        if (old.name.lower(), new.name.lower()) == ("cidr", "inet"):  # each network is an address, too
            return Told()
        if assignable(old, new, now) is None:
            return Told(unknown=f"whether {live.type} becomes {written} only the server knows")
    value = f"({using})" if using else column
    about, fails, what = _pg_fails(old, new, value, column if using else "")
    plain = not using or _is_cast_of(using, live.name)
    loses, lost = _pg_loses(old, new, column, value, written, using, now) if plain else ("", "")
    probe = ""
    if using or not fails:
        probe = f"CAST({value} AS {written})"
        if (
            using
            and old.family == "text"
            and plain
            and now.facts.version >= (16,)
            and new.family not in {"text", "other"}
        ):
            literal = written.replace("'", "''")
            fails, probe = f"NOT pg_input_is_valid({column}, '{literal}')", ""
        elif using and fails and new.family != "text":
            fails = ""
        elif fails:
            probe = ""
    return Told(about, fails, what or Told.what_fails, loses, lost or Told.what_loses, probe)


def _pg_fails(old: Kind, new: Kind, value: str, column: str) -> tuple[About, str, str]:
    del column
    if new.family == "text" and new.length is not None:
        what = f"have more than {new.length} characters there"
        return "length", f"char_length(rtrim(({value})::text, ' ')) > {new.length}", what
    if old.family in _NUMBERS and new.family == "integer" and new.range is not None:
        low, high = new.range
        what = f"are not between {low} and {high} there"
        if old.family == "float":
            return "range", f"NOT (round(({value})::float8) >= {low} AND round(({value})::float8) < {high + 1})", what
        return "range", f"NOT (round(({value})::numeric) BETWEEN {low} AND {high})", what
    if old.family in _NUMBERS and new.family == "decimal" and new.whole_digits is not None:
        number = f"({value})::numeric"
        what = f"have more than {new.whole_digits} digits before the point"
        return "range", f"{number} <> 'NaN' AND abs(round({number}, {new.scale})) >= 1e{new.whole_digits}", what
    return "cast", "", ""


def _pg_loses(  # noqa: C901, PLR0911, PLR0912 - a table of cases
    old: Kind, new: Kind, column: str, value: str, written: str, using: str, now: Situation
) -> tuple[str, str]:
    cast = f"CAST({value} AS {written})"
    if old.family == "text" and new.family == "text":
        if using:
            return f"({cast})::text <> ({column})::text", "are cut short"
        if new.length is not None and old.name != "char":
            only = f"char_length({column}) > {new.length} AND char_length(rtrim({column}, ' ')) <= {new.length}"
            return only, "lose blanks at their end"
        return "", ""
    if using and old.family == "text":
        if new.family == "integer":
            return f"btrim({column}) <> ({cast})::text", "are written otherwise afterwards (leading zeros, say)"
        if new.family == "decimal":
            return f"({column})::numeric <> ({cast})::numeric", "lose digits after the point"
        if new.family == "date":
            return f"({column})::timestamp <> ({cast})::timestamp", "lose the time of day"
        return "", ""
    if new.family == "integer" and old.family in {"decimal", "float"}:
        return f"{column} <> round({column})", "lose what stands after the point"
    if old.family == "decimal" and new.family == "decimal" and new.scale is not None:
        return f"{column} <> round({column}, {new.scale})", "lose digits after the point"
    if old.family == "float" and new.family == "decimal":
        back = "real" if old.bits == 32 else "float8"  # noqa: PLR2004 - bits of a float
        number = f"({column})::numeric" if new.scale is None else f"round(({column})::numeric, {new.scale})"
        return f"({number})::{back} <> {column}", "lose digits"
    if old.family == "decimal" and new.family == "float":
        return f"(({cast})::float8)::numeric <> {column}", "lose digits"
    if old.family == "integer" and new.family == "float":
        back = f"(({cast})::float8)::int8 <> {column}"
        return f"CASE WHEN abs(({column})::numeric) >= {_DOUBLE_END} THEN true ELSE {back} END", "lose digits"
    if old.family == "float" and new.family == "float":
        return f"({cast})::float8 <> {column}", "lose digits"
    if old.family == "datetime" and new.family == "date":
        return f"{column} <> date_trunc('day', {column})", "lose the time of day"
    if old.family == "datetime" and new.family == "time":
        return f"{column} IS NOT NULL", "lose the date"
    if old.family == new.family == "datetime" and old.timezone != new.timezone:
        if now.setting("TimeZone").lower() in {"utc", "etc/utc", "gmt"} and new.precision is None:
            return "", ""
        back = "timestamptz" if old.timezone else "timestamp"
        return f"({cast})::{back} <> {column}", "have no such time where the session is, or lose digits of a second"
    if old.family == new.family and old.family in {"datetime", "time", "interval"}:
        return f"{cast} <> {column}", "lose digits of a second"
    return "", ""


def _is_cast_of(using: str, name: str) -> bool:
    """USING is nothing but casts of the column itself, perhaps trimmed."""
    try:
        told = sqlglot.parse_one(using, read="postgres")
    except sqlglot.errors.SqlglotError:
        return False
    while isinstance(told, (exp.Paren, exp.Cast, exp.Trim)):
        told = told.this
    return isinstance(told, exp.Column) and told.name.casefold() == name.casefold()


# -- SQLite -----------------------------------------------------------------------------------------------------------

_AFFINITIES = {"text": "String", "enum": "String", "integer": "Integer", "decimal": "Numeric", "float": "Float"}


def _sqlite(op: Operation, live: Column, old: Kind, new: Kind, written: str) -> Told:
    """A batch copies the rows with CAST where SQLAlchemy takes the types for different ones; nothing ever fails."""
    spec = op.column
    after = "String" if spec is not None and spec.enum else _AFFINITIES.get(new.family, new.family)
    before = _AFFINITIES.get(old.family, old.family) if old.family != "other" else affinity(live.type)
    if not op.batch or before == after or new.family == "json":
        return Told()
    column = quoted(live.name, "sqlite")
    cast = f"CAST({column} AS {written})"
    # Kept as it is: a value that comes back as it was, as number or as text.
    back = (
        f"CASE WHEN typeof({column}) IN ('integer', 'real') THEN CAST({cast} AS NUMERIC) ELSE CAST({cast} AS TEXT) END"
    )
    return Told(
        "cast", loses=f"{back} IS NOT {column}", what_loses="have another value once they were copied with CAST"
    )
