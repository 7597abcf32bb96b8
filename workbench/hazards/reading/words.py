"""The words of a statement that cannot be parsed, and a place among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from workbench.hazards.late import TokenType, sqlglot
from workbench.hazards.reading.names import Reader


@dataclass
class Token:
    """One word, name or string."""

    word: str
    text: str
    start: int
    end: int
    is_quoted: bool
    is_string: bool


class Words:
    """The tokens of a text, and a place among them."""

    def __init__(self, text: str, reader: Reader) -> None:
        """At the first one."""
        self.text, self.reader, self.at = text, reader, 0
        self.tokens = list(_tokens(text, reader))
        self.action = 0

    @property
    def all(self) -> list[str]:
        """All words, in capitals; empty for what is quoted."""
        return [each.word for each in self.tokens]

    @property
    def rest(self) -> str:
        """The text from the place on."""
        if self.at >= len(self.tokens):
            return ""
        return self.text[self.tokens[self.at].start :].strip().rstrip(";").strip()

    def take(self, *words: str) -> bool:
        """Whether these words come next; then the place is behind them."""
        found = [each.word for each in self.tokens[self.at : self.at + len(words)]] == list(words)
        self.at += len(words) if found else 0
        return found

    def any_of(self, *words: str) -> str:
        """The one of these words that comes next, and the place behind it; empty if none does."""
        return next((each for each in words if self.take(each)), "")

    def skip_to(self, word: str) -> None:
        """Go behind the next such word."""
        self.skip_to_any({word})
        self.take(word)

    def skip_to_any(self, words: set[str]) -> None:
        """Go to the next of these words."""
        while self.at < len(self.tokens) and self.tokens[self.at].word not in words:
            self.at += 1

    def table(self) -> tuple[str, str]:
        """(schema, name) of what comes next; an action on it follows."""
        parts = [self._name()]
        while self.take("."):
            parts.append(self._name())
        self.action = self.at
        return (parts[-2] if len(parts) > 1 else ""), parts[-1]

    def back_to_action(self) -> None:
        """Go back behind the last name."""
        self.at = self.action

    def string(self, after: str = "") -> str:
        """The string that comes next, behind the word `after`; empty if there is none."""
        if after:
            self.take(after)
        if self.at < len(self.tokens) and self.tokens[self.at].is_string:
            self.at += 1
            return self.tokens[self.at - 1].text
        return ""

    def _name(self) -> str:
        if self.at >= len(self.tokens):
            return ""
        token = self.tokens[self.at]
        if not token.is_quoted and not (token.text[:1].isalpha() or token.text[:1] == "_"):
            return ""
        self.at += 1
        return self.reader.fold(token.text, quoted=token.is_quoted)


def _tokens(text: str, reader: Reader, offset: int = 0) -> Iterator[Token]:
    try:
        tokens: Any = sqlglot.tokenize(text, read=reader.sqlglot)
    except sqlglot.errors.SqlglotError:  # the text ends within a quoted one
        return
    for each in tokens:
        is_quoted = each.token_type == TokenType.IDENTIFIER
        is_string = each.token_type in {
            TokenType.STRING,
            TokenType.NATIONAL_STRING,
            TokenType.HEREDOC_STRING,
        }
        begin, end = each.start + offset, each.end + offset
        source = text[each.start : each.end + 1]
        if is_string and len(source) < len(each.text):  # after some words it gives all that follows as one text
            start = each.end + 1 - len(each.text)
            yield from _tokens(text[start:], reader, offset + start)
            return
        if not is_quoted and not is_string and " " in source.strip():
            # It makes one token of some pairs of words, such as PRIMARY KEY.
            for word in source.split():
                yield Token(word.upper(), word, begin, end, is_quoted=False, is_string=False)
            continue
        word = "" if is_quoted or is_string else each.text.upper()
        yield Token(word, each.text, begin, end, is_quoted, is_string)
