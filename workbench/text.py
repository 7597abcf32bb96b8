"""Small text tools that every floor may use: redaction, visible control characters, shortening."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote, quote_plus, unquote

_URL_PASSWORD = re.compile(r"(?P<head>[A-Za-z][\w+.-]{0,40}://[^\s/:@'\"]*:)(?P<password>(?:(?!://)[^\s'\"])*)(?=@)")
_KEYWORD_PASSWORD = re.compile(
    r"(?P<head>\b(?:password|passwd|pwd|passfile|sslpassword|token|secret)['\"]?\s*[=:]\s*)"
    r"(?P<password>'[^']*'|\"[^\"]*\"|[^\s,;)&'\"]+)",
    re.IGNORECASE,
)
_MERE_WORD = re.compile(r"[A-Za-z_]+")
_MASK = "***"
_SHORT_SECRET = 3  # a shorter password than this would blot out ordinary words
_LONG_SECRET = 8  # from here on it is no part of an ordinary word, so it is blotted out there, too


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` with every password blotted out: in URLs, in key=value pairs, and the given secrets themselves."""
    # The secrets first: a password with a / or a blank in it ends the patterns too early.
    for secret in _longest_first(frozenset(secrets)):
        text = _without(text, secret)
    text = _URL_PASSWORD.sub(rf"\g<head>{_MASK}", text)
    return _KEYWORD_PASSWORD.sub(rf"\g<head>{_MASK}", text)


def blot(sql: str, secrets: Iterable[str]) -> str:
    """`sql` with the given secrets blotted out.

    A password that is a mere word (`postgres`, `bookshop`) may be the name of a table just as well, and SQL that
    somebody copies has to stay right: it is blotted out only where SQL gives a password.
    """
    lower = sql.lower()
    for secret in _longest_first(frozenset(secrets)):
        if secret.lower() not in lower:
            continue
        if _MERE_WORD.fullmatch(secret):
            given = re.compile(rf"(\b(?:PASSWORD|IDENTIFIED\s+BY)\s+')({re.escape(secret)})(?=')", re.IGNORECASE)
            sql = given.sub(rf"\g<1>{_MASK}", sql)
        else:
            sql = _without(sql, secret)
    return sql


@functools.lru_cache(8)
def _longest_first(secrets: frozenset[str]) -> list[str]:
    return sorted({each for each in secrets if len(each) >= _SHORT_SECRET}, key=len, reverse=True)


def _without(text: str, secret: str) -> str:
    if len(secret) >= _LONG_SECRET:
        return text.replace(secret, _MASK)
    before = r"(?<!\w)" if secret[0].isalnum() else ""
    after = r"(?!\w)" if secret[-1].isalnum() else ""
    return re.sub(before + re.escape(secret) + after, _MASK, text)


def passwords_in(text: str, *, pairs: bool = False) -> set[str]:
    """The passwords in the URLs of `text`, as they stand there and decoded; with `pairs` also those of a DSN."""
    found = {match["password"] for match in _URL_PASSWORD.finditer(text)}
    if pairs:
        found |= {match["password"].strip("'\"") for match in _KEYWORD_PASSWORD.finditer(text)}
    return {form for each in found - {"", _MASK} for form in (each, unquote(each))}


def forms_of_secret(secret: str) -> set[str]:
    """How a password may be written: as it is, in a URL, in an ini file, in a repr."""
    in_urls = {quote(secret, safe=""), quote(secret), quote_plus(secret), quote(secret, safe=" +")}
    forms = {secret, *in_urls, *(each.lower() for each in in_urls if len(each) > len(secret))}
    escaped = {secret.replace(":", colon) for colon in (r"\:", r"\\:")}  # as SQLAlchemy's text() wants it, also in code
    return forms | escaped | {each.replace("%", "%%") for each in forms} | {repr(secret)[1:-1]}


def visible(text: str) -> str:
    """`text` with control, bidirectional and other invisible characters written as escapes.

    Newlines and tabs stay. A right-to-left override in a revision's message could otherwise make the
    line beside it read as something else (https://trojansource.codes).
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
        return character
    if character == "\u200d":  # joins emoji; harmless
        return character
    return f"\\u{ord(character):04x}" if ord(character) <= 0xFFFF else f"\\U{ord(character):08x}"  # noqa: PLR2004


def one_line(text: str) -> str:
    """`text` on one line, runs of white space folded, invisible characters shown."""
    return visible(" ".join(text.split()))


def shorten(text: str, width: int) -> str:
    """`text` on one line and at most `width` characters, with … where it was cut."""
    line = one_line(text)
    return line if len(line) <= width else line[: max(width - 1, 0)].rstrip() + "…"


def short_id(revision: str) -> str:
    """The first 8 characters of a revision id, enough to tell it by; hand-written names stay whole."""
    return revision[:8] if re.fullmatch(r"[0-9a-f]{9,}", revision) else revision


def plural(count: int, noun: str, many: str | None = None) -> str:
    """`1 revision`, `3 revisions`, `1,234 rows`."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def duration(seconds: float | None) -> str:
    """`4 ms`, `1.3 s`, `2 min 5 s`."""
    if seconds is None:
        return ""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def aligned(rows: Iterable[tuple[str, ...]], gap: str = "  ") -> str:
    """Columns padded to their widest cell; trailing blanks cut. Wide characters count as two."""
    table = list(rows)
    if not table:
        return ""
    widths = [max(columns(row[i]) for row in table) for i in range(len(table[0]))]
    return "\n".join(
        gap.join(cell + " " * (width - columns(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    )


def columns(text: str) -> int:
    """How many columns of a terminal or a monospaced cell `text` fills."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
