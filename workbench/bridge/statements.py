"""Reads what one SQL statement makes or takes away. Conservative: what it does not know, it says nothing of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from workbench.results.effects import Effect

_TOKEN = re.compile(
    r"""
      (?P<blank>\s+|--[^\n]*|/\*.*?(?:\*/|\Z))
    | (?P<text>'(?:[^'\\]|''|\\.)*(?:'|\Z)|\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z))
    | (?P<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])
    | (?P<word>[\w$]+)
    | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
# A statement begins with one of these, or it is of no interest here: most are INSERTs, and may be long.
_FIRST = re.compile(
    r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*(?:CREATE|DROP|ALTER|RENAME|TRUNCATE|DELETE)\b", re.IGNORECASE | re.DOTALL
)
# What Alembic's operations write most: one table or index with plain names. The rest of it says nothing more.
_CREATES = re.compile(
    r"""
    \s*CREATE\s+(?:
        TABLE\s+(?!ONLY\b)(?P<table>\w+)
      | (?:UNIQUE\s+)?INDEX\s+(?!(?:CONCURRENTLY|ON)\b)(?P<index>\w+)\s+ON\s+(?!ONLY\b)(?P<on>\w+)
    )\s*\(
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LONGEST = 100_000  # characters: no DDL is longer
_OF_NO_COLUMN = frozenset({"PARTITION", "PARTITIONS", "SYSTEM", "PERIOD", "PROJECTION"})


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str

    @property
    def word(self) -> str:
        return self.text.upper() if self.kind == "word" else self.text if self.kind == "mark" else ""


def read(text: str, dialect: str) -> Iterator[Effect]:
    """The effects of each statement in `text`, in order; their statement index is left open.

    An effect that the statement itself makes conditional (IF EXISTS, OR REPLACE) comes with `sure` False.
    """
    if len(text) > _LONGEST or (_FIRST.match(text) is None and ";" not in text.rstrip().rstrip(";")):
        return
    plain = _CREATES.match(text)
    if plain is not None and ";" not in text.rstrip().rstrip(";"):
        table, index, on = (each.lower() if each and dialect == "postgresql" else each for each in plain.groups())
        yield Effect("makes", "index" if index else "table", "", table or on, index or "")
        return
    for tokens in _statements(text):
        yield from _Reader(tokens, dialect).read()


def _statements(text: str) -> Iterator[list[_Token]]:
    tokens: list[_Token] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind == "tag":
            kind = "text"
        if kind == "blank":
            continue
        if kind == "mark" and match.group() == ";":
            if tokens:
                yield tokens
            if len(tokens) > 1 and any(
                each.word in {"TRIGGER", "FUNCTION", "PROCEDURE", "EVENT"} for each in tokens[:8]
            ):
                return  # the rest is its body
            tokens = []
            continue
        tokens.append(_Token(kind, match.group()))
    if tokens:
        yield tokens


class _Reader:
    def __init__(self, tokens: list[_Token], dialect: str) -> None:
        self.tokens = tokens
        self.dialect = dialect
        self.at = 0

    def read(self) -> Iterator[Effect]:
        for words, parse in self._FORMS:
            if self._take(*words):
                yield from parse(self)
                return

    # -- statements -----------------------------------------------------------------------------------------------

    def _create(self) -> Iterator[Effect]:
        sure = not self._take("OR", "REPLACE")
        temporary = False
        while (word := self._word()) in {
            "TEMP", "TEMPORARY", "GLOBAL", "LOCAL", "UNLOGGED", "MATERIALIZED", "RECURSIVE", "UNIQUE", "FULLTEXT",
            "SPATIAL",
        }:  # fmt: skip
            temporary |= word in {"TEMP", "TEMPORARY"}
            self.at += 1
        if temporary:
            return
        if self._take("TABLE") or self._take("VIEW"):
            kind = self.tokens[self.at - 1].word.lower()
            sure &= not self._take("IF", "NOT", "EXISTS")
            yield from self._each("makes", kind, sure=sure, most=1)
        elif self._take("INDEX"):
            self._take("CONCURRENTLY")
            sure &= not self._take("IF", "NOT", "EXISTS")
            name = ("", "") if self._word() == "ON" else self._qualified()
            if name is None or not self._take("ON"):
                return
            self._take("ONLY")
            table = self._qualified()
            if table is not None:
                yield Effect("makes", "index", table[0] or name[0], table[1], name[1], sure=sure)

    def _drop(self) -> Iterator[Effect]:
        self._take("MATERIALIZED") or self._take("TEMPORARY")
        if self._take("TABLE") or self._take("VIEW"):
            kind = self.tokens[self.at - 1].word.lower()
            sure = not self._take("IF", "EXISTS")
            yield from self._each("drops", kind, sure=sure)
        elif self._take("INDEX"):
            self._take("CONCURRENTLY")
            sure = not self._take("IF", "EXISTS")
            while (name := self._qualified()) is not None:
                table = self._qualified() if self._take("ON") else None
                yield Effect("drops", "index", (table or name)[0], table[1] if table else "", name[1], sure=sure)
                if not self._take(","):
                    return

    def _truncate(self) -> Iterator[Effect]:
        self._take("TABLE")
        for each in self._each("drops", "rows", sure=True):
            yield replace(each, by="truncate")

    def _delete(self) -> Iterator[Effect]:
        self._take("FROM")
        self._take("ONLY")
        table = self._qualified()
        if table is not None and self.at == len(self.tokens):  # a WHERE would follow
            yield Effect("drops", "rows", *table, by="delete")

    def _rename(self) -> Iterator[Effect]:
        self._take("TABLE")
        while (old := self._qualified()) is not None and self._take("TO") and (new := self._qualified()) is not None:
            yield Effect("changes", "table", *old, new_name=new[1])
            if not self._take(","):
                return

    def _alter(self) -> Iterator[Effect]:
        sure = not self._take("IF", "EXISTS")
        self._take("ONLY")
        table = self._qualified()
        if table is None:
            return
        for tokens in self._actions():
            for effect in _Action(tokens, self.dialect).read(*table):
                yield effect if sure else replace(effect, sure=False)

    _FORMS: tuple[tuple[tuple[str, ...], Callable[[_Reader], Iterator[Effect]]], ...] = (
        (("CREATE",), _create),
        (("DROP",), _drop),
        (("ALTER", "TABLE"), _alter),
        (("ALTER", "IGNORE", "TABLE"), _alter),
        (("RENAME",), _rename),
        (("TRUNCATE",), _truncate),
        (("DELETE",), _delete),
    )

    # -- words ----------------------------------------------------------------------------------------------------

    def _word(self) -> str:
        return self.tokens[self.at].word if self.at < len(self.tokens) else ""

    def _take(self, *words: str) -> bool:
        found = [each.word for each in self.tokens[self.at : self.at + len(words)]] == list(words)
        self.at += len(words) if found else 0
        return found

    def _name(self) -> str | None:
        if self.at >= len(self.tokens) or self.tokens[self.at].kind not in {"word", "name"}:
            return None
        token = self.tokens[self.at]
        self.at += 1
        if token.kind == "name":
            end = token.text[-1]
            return token.text[1:-1].replace(end * 2, end) if end != "]" else token.text[1:-1]
        return token.text.lower() if self.dialect == "postgresql" else token.text

    def _qualified(self) -> tuple[str, str] | None:
        names = [self._name()]
        while names[-1] is not None and self._take("."):
            names.append(self._name())
        if names[-1] is None:
            return None
        return (names[-2] or "") if len(names) > 1 else "", names[-1]

    def _each(self, does: str, kind: str, *, sure: bool, most: int = 100) -> Iterator[Effect]:
        for _ in range(most):
            self._take("ONLY")
            table = self._qualified()
            if table is None:
                return
            self._take("*")
            yield Effect(does, kind, *table, sure=sure)  # type: ignore[arg-type]
            if not self._take(","):
                return

    def _actions(self) -> Iterator[list[_Token]]:
        """The actions of an ALTER TABLE, cut at the commas between them."""
        depth, action = 0, list[_Token]()
        for token in self.tokens[self.at :]:
            depth += {"(": 1, ")": -1}.get(token.word, 0)
            if token.word == "," and depth == 0:
                yield action
                action = []
            else:
                action.append(token)
        yield action


class _Action(_Reader):
    """One action of an ALTER TABLE."""

    def read(self, schema: str = "", table: str = "") -> Iterator[Effect]:
        word = self._word()
        self.at += 1
        effect = {
            "ADD": self._add, "DROP": self._drop_action, "RENAME": self._rename_action,
            "CHANGE": self._change, "MODIFY": self._changed, "ALTER": self._changed,
        }.get(word, lambda: None)()  # fmt: skip
        if effect is not None:
            yield replace(effect, schema=schema, table=table)

    def _add(self) -> Effect | None:
        if self._take("CONSTRAINT"):
            sure = not self._take("IF", "NOT", "EXISTS")
            return self._effect("makes", "constraint", sure=sure)
        if self._word() in {"PRIMARY", "FOREIGN", "CHECK"}:
            return Effect("makes", "constraint", "", "")
        unique = self._take("UNIQUE")
        if self._take("INDEX") or self._take("KEY") or unique:
            sure = not self._take("IF", "NOT", "EXISTS")
            return self._effect("makes", "index", sure=sure) if self._word() != "(" else None
        self._take("COLUMN")
        sure = not self._take("IF", "NOT", "EXISTS")
        return None if self._word() in {"(", *_OF_NO_COLUMN} else self._effect("makes", "column", sure=sure)

    def _drop_action(self) -> Effect | None:
        if self._take("PRIMARY", "KEY"):
            return Effect("drops", "constraint", "", "")
        kind = "column"
        if (
            self._take("CONSTRAINT")
            or self._take("FOREIGN", "KEY")
            or (self._word() == "CHECK" and self._take("CHECK"))
        ):
            kind = "constraint"
        elif self._take("INDEX") or self._take("KEY"):
            kind = "index"
        else:
            self._take("COLUMN")
        sure = not self._take("IF", "EXISTS")
        return None if self._word() in _OF_NO_COLUMN else self._effect("drops", kind, sure=sure)

    def _rename_action(self) -> Effect | None:
        kind = "column"
        if self._take("TO") or self._take("AS"):
            new = self._qualified()
            return None if new is None else Effect("changes", "table", "", "", new_name=new[1])
        if self._take("CONSTRAINT"):
            kind = "constraint"
        elif self._take("INDEX") or self._take("KEY"):
            kind = "index"
        else:
            self._take("COLUMN")
        old = self._name()
        new_name = self._name() if old is not None and self._take("TO") else None
        return None if new_name is None else Effect("changes", kind, "", "", old or "", new_name=new_name)  # type: ignore[arg-type]

    def _change(self) -> Effect | None:
        self._take("COLUMN")
        self._take("IF", "EXISTS")
        old, new = self._name(), self._name()
        if old is None or new is None:
            return None
        return Effect("changes", "column", "", "", old, new_name="" if old.lower() == new.lower() else new)

    def _changed(self) -> Effect | None:
        if self._word() in {"INDEX", "CONSTRAINT"}:
            return None
        self._take("COLUMN")
        sure = not self._take("IF", "EXISTS")
        return self._effect("changes", "column", sure=sure)

    def _effect(self, does: str, kind: str, *, sure: bool) -> Effect | None:
        name = self._name()
        return None if name is None else Effect(does, kind, "", "", name, sure=sure)  # type: ignore[arg-type]
