"""Types of columns as values, however SQLAlchemy or a server's catalogue writes them, and which values they hold."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

Family = Literal[
    "integer", "decimal", "float", "text", "binary", "boolean", "date", "time", "datetime", "interval", "json", "uuid",
    "enum", "array", "other",
]  # fmt: skip

_PARTS = re.compile(r"([^(]+?)\s*(?:\((.*)\)\s*([^)]*))?", re.DOTALL)
_LABEL = re.compile(r"'((?:[^'\\]|''|\\.)*)'")
_ATTRIBUTES = re.compile(
    r"\s+(?:character set|charset|collate|comment|not null|null|default|auto_increment|generated|on update|references"
    r"|primary key|unique|check)\b.*$",
    re.IGNORECASE | re.DOTALL,
)
_ALIASES = {
    "int": "integer", "int4": "integer", "int2": "smallint", "int8": "bigint", "serial": "integer",
    "serial4": "integer", "bigserial": "bigint", "serial8": "bigint", "smallserial": "smallint", "serial2": "smallint",
    "int1": "tinyint", "int3": "mediumint", "middleint": "mediumint",
    "dec": "numeric", "decimal": "numeric", "fixed": "numeric",
    "float4": "real", "float8": "double", "double precision": "double",
    "character varying": "varchar", "char varying": "varchar", "national varchar": "varchar", "nvarchar": "varchar",
    "national character varying": "varchar", "varchar2": "varchar", "character": "char", "bpchar": "char",
    "nchar": "char", "national char": "char", "national character": "char", "native character": "char",
    "varying character": "varchar", "clob": "text", "string": "text", "long": "mediumtext",
    "bool": "boolean", "timetz": "time with time zone", "timestamptz": "timestamp with time zone",
    "binary varying": "varbinary", "bit varying": "varbit",
}  # fmt: skip
_BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "integer": 32, "bigint": 64, "year": 16}
_TEXTS = {"varchar", "char", "text", "tinytext", "mediumtext", "longtext", "citext", "name"}
_BINARIES = {"bytea", "blob", "tinyblob", "mediumblob", "longblob", "binary", "varbinary"}
_BYTES = {"tiny": 255, "": 65_535, "medium": 16_777_215, "long": 4_294_967_295}
_FAMILIES: dict[str, Family] = {
    **dict.fromkeys(_BITS, "integer"),
    **dict.fromkeys(_TEXTS, "text"),
    **dict.fromkeys(_BINARIES, "binary"),
    "numeric": "decimal", "real": "float", "double": "float", "float": "float", "boolean": "boolean", "date": "date",
    "time": "time", "timestamp": "datetime", "datetime": "datetime", "interval": "interval", "json": "json",
    "jsonb": "json", "uuid": "uuid", "enum": "enum",
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A type of a column."""

    family: Family
    name: str
    """Its plain name in small letters, the same for all spellings: `varchar`, `integer`, `double`, `numeric`,
    `timestamp`; of what is not known as it is written."""
    length: int | None = None
    """Of `varchar`, `char` characters, of `varbinary`, `binary` bytes; None: no limit of its own."""
    precision: int | None = None
    """Of a decimal its digits; of times the digits of a second. None: not said."""
    scale: int | None = None
    bits: int | None = None
    """Of an integer: 8 to 64; of a float 32 or 64."""
    unsigned: bool = False
    timezone: bool = False
    labels: tuple[str, ...] = ()
    """Of an enum that is written out."""
    element: str = ""
    """Of an array: the type of what it holds, as it is written."""

    @property
    def range(self) -> tuple[int, int] | None:
        """Of an integer the least and the greatest value; else None."""
        if self.family != "integer" or self.bits is None:
            return None
        if self.name == "year":
            return 0, 2155
        if self.unsigned:
            return 0, 2**self.bits - 1
        return -(2 ** (self.bits - 1)), 2 ** (self.bits - 1) - 1

    @property
    def whole_digits(self) -> int | None:
        """Of a decimal how many digits stand before the point; None for one without limits."""
        if self.family != "decimal" or self.precision is None:
            return None
        return self.precision - (self.scale or 0)

    @property
    def bytes(self) -> int | None:
        """Of MySQL's TEXT and BLOB types how many bytes they hold; else None."""
        for ending in ("text", "blob"):
            prefix = self.name.removesuffix(ending)
            if self.name.endswith(ending) and prefix in _BYTES:
                return _BYTES[prefix]
        return None


def kind(text: str, dialect: str) -> Kind:
    """The type that `text` names: `VARCHAR(40)`, `character varying(40)`, `int(11) unsigned`, `enum('a','b')`.

    What is not known, a PostgreSQL enum or domain say, is of the family `other`, with its name as it is written.

    Args:
        text: As SQLAlchemy or the server's catalogue writes it; what follows it (COLLATE, DEFAULT) is left out.
        dialect: `sqlite`, `postgresql`, `mysql` or `mariadb`.

    """
    return _kind(text.strip(), dialect)


@lru_cache(maxsize=2048)
def _kind(text: str, dialect: str) -> Kind:
    written = _ATTRIBUTES.sub("", text)
    if dialect == "postgresql" and (written.endswith("]") or written.upper().endswith(" ARRAY")):
        return Kind("array", "array", element=re.sub(r"(?:\s*\[\d*\])+$|\s+array$", "", written, flags=re.IGNORECASE))
    if written.startswith('"'):  # PostgreSQL's "char", or the name of an enum
        return Kind("other", written.strip('"'))
    told = _PARTS.fullmatch(written)
    if told is None:
        return Kind("other", written)
    # `timestamp(3) with time zone`, `int(11) unsigned`: the arguments may stand in the middle.
    words = " ".join(f"{told[1]} {told[3] or ''}".lower().split())
    zoned = words.endswith(" with time zone")
    for ending in (" without time zone", " with time zone"):
        words = words.removesuffix(ending)
    flags = {each for each in ("unsigned", "zerofill", "signed", "binary") if words.endswith(f" {each}")}
    while any(words.endswith(f" {each}") for each in ("unsigned", "zerofill", "signed", "binary")):
        words, _, last = words.rpartition(" ")
        flags.add(last)
    name = _ALIASES.get(words, words)
    if name.endswith(" with time zone"):
        name, zoned = name.removesuffix(" with time zone"), True
    if words.startswith("interval"):
        name = "interval"
    family = _FAMILIES.get(name)
    if family is None or (dialect == "postgresql" and name in {"enum", "datetime", "year"}):
        return Kind("other", told[1].strip() if told[2] is None else written)
    base = Kind(family, name, timezone=zoned, unsigned=bool(flags & {"unsigned", "zerofill"}))
    return _detailed(base, told[2] or "", dialect)


def _detailed(base: Kind, arguments: str, dialect: str) -> Kind:  # noqa: PLR0911 - a table of cases
    if base.family == "enum":
        labels = tuple(each.replace("''", "'").replace("\\'", "'") for each in _LABEL.findall(arguments))
        return replace(base, labels=labels)
    numbers = [int(each) for each in re.findall(r"-?\d+", arguments)]
    first = numbers[0] if numbers else None
    is_mysql = dialect in {"mysql", "mariadb"}
    if base.family == "boolean":
        return Kind("integer", "tinyint", bits=8) if is_mysql else base
    if base.family == "integer":
        return replace(base, bits=_BITS[base.name])
    if base.family == "float":
        return _float(base, numbers, is_mysql=is_mysql)
    if base.family == "decimal":
        if first is None and is_mysql:
            first = 10
        scale = numbers[1] if len(numbers) > 1 else (None if first is None else 0)
        return replace(base, precision=first, scale=scale)
    if base.family in {"time", "datetime", "interval"}:
        default = 0 if is_mysql else None
        return replace(base, precision=default if first is None else first)
    if base.family in {"text", "binary"}:
        if first is None and base.name in {"char", "binary"}:
            first = 1
        return replace(base, length=first if base.name in {"varchar", "char", "varbinary", "binary"} else None)
    return base


def _float(base: Kind, numbers: list[int], *, is_mysql: bool) -> Kind:
    """FLOAT is single on MySQL and double on PostgreSQL; FLOAT(n) says by its bits; REAL is double on MySQL."""
    limit = 24
    if base.name == "float":
        single = is_mysql if not numbers else numbers[0] <= limit
        base = replace(base, name="real" if single else "double")
    elif base.name == "real" and is_mysql:
        base = replace(base, name="double")
    scale = numbers[1] if is_mysql and len(numbers) > 1 else None
    return replace(
        base, bits=32 if base.name == "real" else 64, scale=scale, precision=None if scale is None else numbers[0]
    )


def affinity(text: str) -> Literal["INTEGER", "TEXT", "BLOB", "REAL", "NUMERIC"]:
    """The affinity that SQLite gives a column of that type, by the rules of its own documentation."""
    upper = text.upper()
    if "INT" in upper:
        return "INTEGER"
    if any(each in upper for each in ("CHAR", "CLOB", "TEXT")):
        return "TEXT"
    if "BLOB" in upper or not upper.strip():
        return "BLOB"
    if any(each in upper for each in ("REAL", "FLOA", "DOUB")):
        return "REAL"
    return "NUMERIC"


def same(old: Kind, new: Kind) -> bool:
    """Both hold the same values in the same way: `INTEGER` and `int(11)`."""
    return replace(old, name="") == replace(new, name="") and (old.name == new.name or old.family == "float")


def fits(old: Kind, new: Kind, dialect: str) -> bool:  # noqa: PLR0911, PLR0912, C901 - a table of cases
    """Every value of `old` is one of `new`, unchanged: no row can be in the way. False where that is not known."""
    if same(old, new):
        return True
    if old.family == "array" or new.family in {"array", "other"} or old.family == "other":
        return False
    if old.family == "integer":
        return _integer_fits(old, new, dialect)
    if old.family == "text":
        return _text_fits(old, new)
    if old.family == "decimal":
        return new.family == "decimal" and _decimal_fits(old, new)
    if old.family == "float":
        return new.family == "float" and (new.bits or 0) >= (old.bits or 0) and new.scale is None
    if old.family == "enum":
        if new.family == "enum":
            return set(old.labels) <= set(new.labels)
        longest = max((len(each) for each in old.labels), default=0)
        return new.family == "text" and (new.length is None or (new.length >= longest and new.name == "varchar"))
    if old.family == "date":
        return new.family == "datetime" and not new.timezone
    if old.family in {"time", "datetime", "interval"}:
        return _moment_fits(old, new)
    if old.family == "binary":
        return _binary_fits(old, new)
    if old.family == "json":
        return new.family == "json" and new.name == "json"
    if old.family == "uuid":
        return new.family == "text" and (new.length is None or new.length >= 36)  # noqa: PLR2004 - its characters
    if old.family == "boolean":
        return new.family == "text" and (new.length is None or new.length >= 5)  # noqa: PLR2004 - `false`
    return False


def _integer_fits(old: Kind, new: Kind, dialect: str) -> bool:
    low, high = old.range or (-(2**63), 2**63 - 1)
    digits = max(len(str(abs(low))), len(str(high)))
    if new.family == "integer":
        least, most = new.range or (0, 0)
        return least <= low and high <= most and new.name != "year"
    if new.family == "decimal":
        return new.whole_digits is None or (new.whole_digits >= digits and not (new.unsigned and low < 0))
    if new.family == "text":
        longest = max(len(str(low)), len(str(high)))
        is_padded = new.name == "char" and dialect == "postgresql"
        return (new.length is None or new.length >= longest) and not is_padded
    if new.family == "float":
        return 2 ** (53 if new.bits == 64 else 24) >= max(abs(low), high) and new.scale is None  # noqa: PLR2004
    return False


def _text_fits(old: Kind, new: Kind) -> bool:
    if new.family != "text" or new.name == "name":
        return False
    if new.name == "char" and old.name != "char":
        return False
    if new.length is not None:
        return old.length is not None and old.length <= new.length
    if old.length is not None or new.bytes is None or old.bytes is None:
        # MySQL: TEXT holds 65,535 bytes; what a VARCHAR holds is limited by the row, which is as much.
        return new.name != "tinytext" or (old.length is not None and old.length * 4 <= 255)  # noqa: PLR2004
    return old.bytes <= new.bytes


def _decimal_fits(old: Kind, new: Kind) -> bool:
    if new.unsigned and not old.unsigned:
        return False
    if new.precision is None:
        return True
    if old.precision is None:
        return False
    return (new.scale or 0) >= (old.scale or 0) and (new.whole_digits or 0) >= (old.whole_digits or 0)


def _moment_fits(old: Kind, new: Kind) -> bool:
    if new.family != old.family or new.timezone != old.timezone:
        return False
    if (new.name == "timestamp") != (old.name == "timestamp"):  # MySQL's TIMESTAMP ends in 2038 and has a time zone
        return False
    # Servers keep no more than six digits of a second.
    return new.precision is None or new.precision >= 6 or (old.precision is not None and old.precision <= new.precision)  # noqa: PLR2004


def _binary_fits(old: Kind, new: Kind) -> bool:
    if new.family != "binary" or new.name == "binary":
        return False
    if new.length is not None:
        return old.length is not None and old.length <= new.length
    return new.bytes is None or old.bytes is None or old.bytes <= new.bytes
