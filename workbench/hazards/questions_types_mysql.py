"""What another type makes of the values of a column on MariaDB and MySQL, as tried on MariaDB 10.11."""

from __future__ import annotations

from workbench.hazards.question import quoted
from workbench.hazards.questions_types_told import Told
from workbench.hazards.types import Kind, fits
from workbench.results.objects import Column

_NUMBERS = {"integer", "decimal", "float"}
_MOMENTS = {"date", "datetime", "time"}
_LONGEST_TIME = 8385959
_INTEGER = r"'^[+-]?[0-9]+$'"
_NUMBER = r"'^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$'"
_SINGLE = 2**24


def told(live: Column, old: Kind, new: Kind) -> Told:  # noqa: C901, PLR0911 - a table of cases
    """The conditions for a live column that goes from the one type to the other."""
    column = quoted(live.name, "mysql")
    if fits(old, new, "mysql") or old.family == new.family == "enum":
        return Told()
    if new.family in {"text", "binary"}:
        return _mysql_text(column, old, new)
    if old.family == "text":
        return _mysql_parsed(column, new)
    if old.family in _NUMBERS and new.family in _NUMBERS:
        return _mysql_number(column, old, new)
    if old.family in _NUMBERS and new.family in _MOMENTS:
        return _mysql_moment_of(column, live, old, new)
    if old.family in _MOMENTS and new.family in _NUMBERS:
        return _mysql_number_of(f"({column} + 0)", old, new)
    if old.family in {"date", "datetime"} and new.name == "timestamp":
        fraction = _fraction(column, new) if old.family == "datetime" else ""
        return Told("range", f"coalesce(unix_timestamp({column}), 0) = 0", "are outside of what a TIMESTAMP holds",
                     fraction, "lose digits of a second")  # fmt: skip
    if old.family == "datetime" and new.family == "datetime":
        return Told("precision", loses=_fraction(column, new), what_loses="lose digits of a second")
    if old.family == "datetime" and new.family == "date":
        return Told("precision", loses=f"{column} <> cast({column} as date)", what_loses="lose the time of day")
    if old.family in {"date", "datetime"} and new.family == "time":
        return Told("precision", loses=f"{column} is not null", what_loses="lose the date")
    if old.family == "time" and new.family == "time":
        return Told("precision", loses=_fraction(column, new), what_loses="lose digits of a second")
    return Told(unknown=f"what becomes of {live.type} only the server knows")


def _fraction(value: str, new: Kind) -> str:
    digits = 6 if new.precision is None else min(new.precision, 6)
    return f"microsecond({value}) % {10 ** (6 - digits)} <> 0" if digits < 6 else ""  # noqa: PLR2004 - microseconds


def _mysql_text(column: str, old: Kind, new: Kind) -> Told:
    if old.family == "binary" and new.family == "text":
        return Told(unknown="whether the bytes are text only the server knows")
    if new.bytes is not None:
        return Told("length", f"length({column}) > {new.bytes}", f"have more than {new.bytes} bytes there")
    if new.length is None:
        return Told()
    word = "bytes" if new.family == "binary" else "characters"
    measured = f"{'length' if new.family == 'binary' else 'char_length'}({{}}) > {new.length}"
    what, lost = f"have more than {new.length} {word} there", "lose blanks at their end"
    if new.name == "char" and old.family == "text":
        loses = "" if old.name == "char" else f"char_length({column}) <> char_length(rtrim({column}))"
        return Told("length", measured.format(f"rtrim({column})"), what, loses, lost)
    if old.bytes is not None and new.family == "text":  # of a TEXT it cuts blanks, of a VARCHAR it refuses them
        loses = f"{measured.format(column)} and char_length(rtrim({column})) <= {new.length}"
        return Told("length", measured.format(f"rtrim({column})"), what, loses, lost)
    return Told("length", measured.format(column), what)


def _mysql_number(column: str, old: Kind, new: Kind) -> Told:
    if new.family == "integer" and new.range is not None:
        low, high = new.range
        loses = f"{column} <> round({column})" if old.family != "integer" else ""
        outside = f"not between {low} and {high}"
        return Told("range", f"round({column}) {outside}", f"are {outside} there", loses,
                     "lose what stands after the point")  # fmt: skip
    if new.family == "decimal":
        # A FLOAT is compared as it is shown: 0.1 as double is another number.
        value = f"(concat({column}) + 0)" if old.bits == 32 else column  # noqa: PLR2004 - bits of a float
        most = 10 ** (new.whole_digits or 0)
        negative = f" or {column} < 0" if new.unsigned and not old.unsigned else ""
        loses = f"{value} <> round({value}, {new.scale or 0})" if old.family != "integer" else ""
        what = f"have more than {new.whole_digits} digits before the point" + (", or are below 0" if negative else "")
        return Told("range", f"abs(round({value}, {new.scale or 0})) >= {most}{negative}", what,
                     loses, "lose digits after the point")  # fmt: skip
    negative = f"{column} < 0" if new.unsigned and not old.unsigned else ""
    if old.family == "integer":
        most = _SINGLE if new.bits == 32 else 2**53  # noqa: PLR2004 - bits of a float
        return Told(
            "precision", negative, "are below 0 there", f"abs({column}) > {most} and {column} % 2 <> 0", "lose digits"
        )
    if old.family == "float" and new.bits == 32:  # noqa: PLR2004 - as above
        shown = f"concat(cast({column} as float))"
        return Told("precision", negative, "are below 0 there", f"{shown} <> concat({column})", "lose digits")
    return Told("precision", negative, "are below 0 there")


def _mysql_moment_of(column: str, live: Column, old: Kind, new: Kind) -> Told:
    """A number that becomes a moment: the server reads its digits, 20240506 or 20240506101112."""
    whole = old.family == "integer" and old.name != "year"
    if not whole and not (old.family == "decimal" and (new.family == "date" or new.precision == 0)):
        return Told(unknown=f"what becomes of {live.type} only the server knows")
    rest = "" if whole else f"{column} <> truncate({column}, 0)"
    if new.family == "time":
        refused = f"cast({column} as time(6)) is null or abs({column}) > {_LONGEST_TIME}"
        return Told("cast", refused, "are no time there", rest, "lose what stands after the point")
    at = f"cast({column} as datetime(6))"
    if new.family == "date":
        lost = f"{at} <> cast(cast({column} as date) as datetime(6))"
        lost, what = (lost, "lose the time of day") if whole else (f"{lost} or {rest}", "lose the time of day, or more")
        return Told("cast", f"cast({column} as date) is null", "are no date there", lost, what)
    outside = f" or coalesce(unix_timestamp({at}), 0) = 0" if new.name == "timestamp" else ""
    refused = f"{at} is null{outside}"
    return Told("cast", refused, "are no date with a time there", rest, "lose what stands after the point")


def _mysql_number_of(value: str, old: Kind, new: Kind) -> Told:
    """A moment that becomes a number: its digits."""
    has_fraction = old.family != "date" and old.precision != 0
    if new.family == "integer" and new.range is not None:
        low, high = new.range
        outside = f"not between {low} and {high}"
        loses = f"{value} <> truncate({value}, 0)" if has_fraction else ""
        return Told("range", f"truncate({value}, 0) {outside}", f"are {outside} there, written as digits", loses,
                     "lose digits of a second")  # fmt: skip
    negative = f"{value} < 0" if new.unsigned and old.family == "time" else ""
    if new.family == "decimal":
        too_long = f"abs(round({value}, {new.scale or 0})) >= {10 ** (new.whole_digits or 0)}"
        what = f"have more than {new.whole_digits} digits before the point" + (", or are below 0" if negative else "")
        loses = f"{value} <> round({value}, {new.scale or 0})" if has_fraction else ""
        refused = f"{too_long} or {negative}" if negative else too_long
        return Told("range", refused, what, loses, "lose digits of a second")
    stored = f"cast({value} as {'float' if new.bits == 32 else 'double'})"  # noqa: PLR2004 - bits of a float
    return Told("precision", negative, "are below 0 there", f"{value} <> {stored}", "lose digits")


def _mysql_parsed(column: str, new: Kind) -> Told:  # noqa: PLR0911 - a table of cases
    """Text that becomes something else: what the server does not read is refused, or made 0."""
    value = f"trim({column})"
    if new.family == "integer" and new.range is not None:
        low, high = new.range
        number = f"cast({value} as decimal(65))"
        return Told("cast", f"{value} not regexp {_INTEGER} or {number} not between {low} and {high}",
                     f"are no whole number between {low} and {high} there",
                     f"{value} regexp {_INTEGER} and {value} <> cast({number} as char)",
                     "are written otherwise afterwards (leading zeros, say)")  # fmt: skip
    if new.family == "decimal":
        number, scale = f"cast({value} as decimal(65,30))", new.scale or 0
        most = 10 ** (new.whole_digits or 0)
        refused = f"{value} not regexp {_NUMBER} or abs(round({number}, {scale})) >= {most}"
        loses = f"{value} regexp {_NUMBER} and {number} <> round({number}, {scale})"
        return Told("cast", refused, "are no number that fits there", loses, "lose digits after the point")
    if new.family == "float":
        return Told("cast", f"{value} not regexp {_NUMBER}", "are no number there")
    if new.family == "date":
        whole = f"cast({column} as datetime(6))"
        return Told("cast", f"cast({column} as date) is null", "are no date there",
                     f"{whole} <> cast(cast({column} as date) as datetime(6))", "lose the time of day")  # fmt: skip
    if new.family == "datetime":
        whole = f"cast({column} as datetime(6))"
        outside = f" or coalesce(unix_timestamp({whole}), 0) = 0" if new.name == "timestamp" else ""
        return Told("cast", f"{whole} is null{outside}", "are no date with a time there",
                     _fraction(whole, new), "lose digits of a second")  # fmt: skip
    if new.family == "enum":
        labels = ", ".join("'" + each.replace("'", "''") + "'" for each in new.labels)
        number = f"({value} regexp '^[0-9]+$' and {value} + 0 between 1 and {len(new.labels)})"
        return Told("enum", f"{column} not in ({labels}) and not {number}", "are none of the labels there",
                     f"{column} not in ({labels}) and {number}", "are taken for the number of a label")  # fmt: skip
    if new.family == "json":
        return Told("cast", f"not json_valid({column})", "are no JSON there", always=True)
    if new.family == "uuid":
        return Told("cast", f"cast({column} as uuid) is null", "are no UUID there")
    return Told(unknown="what the server makes of the text is not known")
