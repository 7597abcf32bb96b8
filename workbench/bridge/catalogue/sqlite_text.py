"""What only the text of a CREATE TABLE or CREATE INDEX tells on SQLite: names of constraints, CHECKs, and more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from workbench.bridge.sql_tokens import groups, joined, tokens, unquoted

_KINDS = frozenset({"PRIMARY", "UNIQUE", "CHECK", "FOREIGN"})
_TABLE_CONSTRAINTS = _KINDS | {"CONSTRAINT"}


@dataclass
class WrittenConstraint:
    """A constraint as it is written, beside a column or after all of them."""

    kind: str
    """`PRIMARY`, `UNIQUE`, `CHECK`, `FOREIGN`."""
    name: str
    """Empty if it has none."""
    columns: tuple[str, ...]
    """In lower case; of a CHECK the column that it is written beside."""
    words: list[str]
    """From its first word to its last."""

    @property
    def expression(self) -> str:
        """What a CHECK asks for."""
        return joined(_group(self.words, 0))

    @property
    def on_conflict(self) -> str:
        """` ON CONFLICT REPLACE`; empty if it says nothing of it."""
        return _on_conflict(self.words)

    @property
    def deferrable(self) -> str:
        """` DEFERRABLE INITIALLY DEFERRED`; empty if it is checked at once."""
        if "DEFERRABLE" not in self.words or self.words[self.words.index("DEFERRABLE") - 1] == "NOT":
            return ""
        return " DEFERRABLE" + (" INITIALLY DEFERRED" if "DEFERRED" in self.words else "")


@dataclass
class WrittenTable:
    """What the text of a CREATE TABLE tells."""

    tail: str = ""
    """`WITHOUT ROWID, STRICT`."""
    collations: dict[str, str] = field(default_factory=dict)
    """By column, in lower case."""
    generated: dict[str, str] = field(default_factory=dict)
    """By column the expression, in its parentheses."""
    extras: dict[str, str] = field(default_factory=dict)
    """By column what its NOT NULL does when it is broken."""
    constraints: list[WrittenConstraint] = field(default_factory=list)
    is_counted: bool = False
    """It has AUTOINCREMENT."""

    def take(self, kind: str, columns: list[str], parent: str = "") -> WrittenConstraint | None:
        """The constraint on these columns that was not taken yet."""
        wanted = tuple(each.lower() for each in columns)
        for index, each in enumerate(self.constraints):
            if each.kind == kind and each.columns == wanted and (not parent or parent.lower() in _lower(each.words)):
                return self.constraints.pop(index)
        return None


def is_virtual(sql: str) -> bool:
    """Whether it is a CREATE VIRTUAL TABLE."""
    words = tokens(sql)
    return [next(words, ""), next(words, "").upper()][1] == "VIRTUAL"


def module_of(sql: str) -> str:
    """The module of a virtual table, in lower case: `fts5`."""
    words = list(tokens(sql))
    return name_of(words[words.index("USING") + 1]).lower() if "USING" in words[:-1] else ""


def table(sql: str) -> WrittenTable:
    """Read the text of a CREATE TABLE."""
    _, parts, tail = groups(list(tokens(sql)))
    found = WrittenTable(joined(tail))
    for part in parts:
        if part:
            _read(part, found)
    return found


def index(sql: str) -> tuple[list[str], str | None]:
    """What a CREATE INDEX indexes, each as it is written, and its condition if it is partial."""
    _, parts, tail = groups(list(tokens(sql)))
    where = joined(tail[tail.index("WHERE") + 1 :]) if "WHERE" in tail else None
    return [joined(_without_order(part)) for part in parts], where


def name_of(word: str) -> str:
    """A name without its quotes; SQLite takes a text in single ones for a name, too."""
    if len(word) > 1 and word[0] == word[-1] == "'":
        return word[1:-1].replace("''", "'")
    return unquoted(word)


def _read(part: list[str], found: WrittenTable) -> None:  # noqa: C901 - a table of words
    is_column = part[0] not in _TABLE_CONSTRAINTS
    column = name_of(part[0]).lower() if is_column else ""
    words = part[1:] if is_column else part
    begun: list[tuple[str, str, int]] = []
    name, depth = "", 0
    for place, word in enumerate(words):
        if word in {"(", ")"}:
            depth += 1 if word == "(" else -1
        elif depth:
            continue
        elif word == "CONSTRAINT":
            name = name_of("".join(words[place + 1 : place + 2]))
        elif is_column and word == "COLLATE":
            found.collations[column] = name_of("".join(words[place + 1 : place + 2])).upper()
        elif is_column and word == "AS":
            found.generated[column] = f"({joined(_group(words, place))})"
        elif is_column and word == "NULL" and words[place + 1 : place + 3] == ["ON", "CONFLICT"]:
            found.extras[column] = _on_conflict(words[place:]).lstrip()
        elif word == "AUTOINCREMENT":
            found.is_counted = True
        elif word in _KINDS or (is_column and word == "REFERENCES"):
            begun.append(("FOREIGN" if word == "REFERENCES" else word, name, place))
            name = ""
    ends = [place for _, _, place in begun[1:]] + [len(words)]
    for (kind, name, place), end in zip(begun, ends):  # noqa: B905 - Python 3.10's is as long; both have one each
        own = words[place:end]
        columns = (column,) if is_column else () if kind == "CHECK" else tuple(_names(_group(own, 0)))
        found.constraints.append(WrittenConstraint(kind, name, columns, own))


def _names(words: list[str]) -> Iterator[str]:
    """The names in a list of columns, without what stands behind each: COLLATE, DESC."""
    return (name_of(word).lower() for place, word in enumerate(words) if not place or words[place - 1] == ",")


def _without_order(words: list[str]) -> list[str]:
    return words[:-1] if words[-1:] in (["DESC"], ["ASC"]) else words


def _on_conflict(words: list[str]) -> str:
    for place, word in enumerate(words[:-1]):
        if word == "CONFLICT" and words[place - 1] == "ON":
            return f" ON CONFLICT {words[place + 1].upper()}"
    return ""


def _group(words: list[str], start: int) -> list[str]:
    """What stands in the first parenthesis from `start` on."""
    depth, begin = 0, start
    for place in range(start, len(words)):
        if words[place] == "(":
            begin = place + 1 if not depth else begin
            depth += 1
        elif words[place] == ")":
            depth -= 1
            if not depth:
                return words[begin:place]
    return []


def _lower(words: list[str]) -> set[str]:
    return {name_of(each).lower() for each in words}
