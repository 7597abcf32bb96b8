"""How alike two names are, as people write names: words, abbreviations, plurals, prefixes."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_SHORT = {
    "acct": "account", "acc": "account", "addr": "address", "amt": "amount", "avg": "average", "bal": "balance",
    "cat": "category", "cfg": "config", "cnt": "count", "conf": "config", "ctry": "country", "curr": "currency",
    "cust": "customer", "dept": "department", "descr": "description", "desc": "description", "dob": "birthdate",
    "dt": "date", "emp": "employee", "env": "environment", "fk": "id", "fname": "first name", "grp": "group",
    "img": "image", "info": "information", "lang": "language", "lat": "latitude", "lname": "last name",
    "lng": "longitude", "lon": "longitude", "loc": "location", "mail": "email", "mgr": "manager", "mob": "mobile",
    "msg": "message", "nb": "number", "nbr": "number", "no": "number", "nr": "number", "num": "number",
    "obj": "object", "org": "organization", "organisation": "organization", "param": "parameter", "pct": "percent",
    "percentage": "percent", "pic": "picture", "pos": "position", "prev": "previous", "prod": "product",
    "pwd": "password", "passwd": "password", "pw": "password", "qty": "quantity", "ref": "reference",
    "src": "source", "std": "standard", "tel": "phone", "telephone": "phone", "temp": "temperature",
    "tmp": "temporary", "trans": "transaction", "tx": "transaction", "txn": "transaction", "ts": "timestamp",
    "txt": "text", "usr": "user", "val": "value", "yr": "year", "zip": "postcode", "postal": "postcode",
    "uri": "url", "client": "customer",
    "timezone": "time zone", "tz": "time zone", "username": "user name", "firstname": "first name",
    "lastname": "last name", "surname": "last name", "nickname": "nick name", "birthday": "birthdate",
    "updated": "modified", "changed": "modified", "begin": "start", "finish": "end", "colour": "color",
}  # fmt: skip
"""What people write shorter, or in another way. A list of words of ordinary schemas, and no more."""
_WEAK = frozenset({
    "id", "at", "on", "by", "is", "has", "date", "time", "type", "code", "the", "of", "to", "old", "new", "flag", "tbl",
    "tb", "t", "col", "data", "value", "ix", "idx", "uq", "fk", "ck", "pk", "key", "number",
})  # fmt: skip
"""Words that stand in so many names that they tell little."""
_OPPOSED = frozenset({
    frozenset(("created", "modified")), frozenset(("modified", "deleted")), frozenset(("created", "deleted")),
    frozenset(("start", "end")), frozenset(("first", "last")), frozenset(("from", "to")), frozenset(("min", "max")),
    frozenset(("before", "after")), frozenset(("lat", "lon")), frozenset(("latitude", "longitude")),
    frozenset(("width", "height")), frozenset(("height", "depth")), frozenset(("width", "depth")),
    frozenset(("sender", "receiver")), frozenset(("parent", "child")), frozenset(("debit", "credit")),
    frozenset(("in", "out")), frozenset(("input", "output")), frozenset(("open", "close")),
    frozenset(("opened", "closed")), frozenset(("left", "right")), frozenset(("source", "target")),
    frozenset(("source", "destination")), frozenset(("upper", "lower")), frozenset(("buyer", "seller")),
    frozenset(("billing", "shipping")), frozenset(("home", "work")), frozenset(("day", "night")),
    frozenset(("year", "month")), frozenset(("month", "day")), frozenset(("hour", "minute")),
    frozenset(("low", "high")), frozenset(("old", "new")), frozenset(("net", "gross")),
})  # fmt: skip
"""Words that stand beside each other in one table because they mean two things."""
_OF_OPPOSED = 0.15
_ALIKE = 0.8
"""From here on two words are one with a slip of the pen, or one of them is cut."""
_SHORTEST_CUT = 3
_WEAK_WEIGHT = 0.4


@lru_cache(8192)
def words(name: str) -> tuple[str, ...]:
    """The words of a name, small and in the singular, abbreviations written out: `custAddrs` as customer, address."""
    told: list[str] = []
    for each in _WORD.findall(name):
        word = each.lower()
        told += (_SHORT.get(word) or _SHORT.get(singular(word)) or singular(word)).split()
    return tuple(told)


def singular(word: str) -> str:
    """`addresses` as `address`, `categories` as `category`; what is no plural as it is."""
    if len(word) > 4 and word.endswith("ies"):  # noqa: PLR2004 - `ties` and `dies` are no plurals of `ty`
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    is_plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))  # noqa: PLR2004 - `was`
    return word[:-1] if is_plural else word


@lru_cache(65536)
def likeness(old: str, new: str, context: str = "") -> float:
    """How alike two names are, from 0 to 1.

    Args:
        old: A name.
        new: Another one.
        context: The table's names: its words count for nothing as a prefix, as in `customer_name` and `name`.

    """
    if old == new:
        return 1.0
    if old.casefold() == new.casefold():
        return 0.98
    first, second = _bare(words(old), context), _bare(words(new), context)
    if not first or not second:
        return 0.0
    if first == second:
        return 0.95
    if are_opposed(first, second):
        return _OF_OPPOSED
    return round(max(_of_words(first, second), _of_text(old, new)), 4)


def are_opposed(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Whether the words in which two names differ mean the one and the other: `start` and `end`."""
    one, other = set(first) - set(second), set(second) - set(first)
    return any(frozenset((each, another)) in _OPPOSED for each in one for another in other)


def shared(old: str, new: str) -> tuple[str, ...]:
    """The words that both names have, in the order of the new one."""
    return tuple(dict.fromkeys(each for each in words(new) if each in words(old)))


def _bare(told: tuple[str, ...], context: str) -> tuple[str, ...]:
    known = words(context) if context else ()
    rest = tuple(each for each in told if each not in known)
    return rest or told


def _of_words(first: tuple[str, ...], second: tuple[str, ...]) -> float:
    """The weight of the words that have a partner, by all words."""
    left = list(second)
    total = sum(_weight(each) for each in (*first, *second))
    matched = 0.0
    for word in first:
        best = max(left, key=lambda other: _of_two(word, other), default=None)
        if best is not None and (told := _of_two(word, best)) > 0:
            left.remove(best)
            matched += told * (_weight(word) + _weight(best))
    return matched / total


def _weight(word: str) -> float:
    return _WEAK_WEIGHT if word in _WEAK else 1.0


@lru_cache(65536)
def _of_two(first: str, second: str) -> float:
    if first == second:
        return 1.0
    short, long = sorted((first, second), key=len)
    if len(short) >= _SHORTEST_CUT and long.startswith(short):
        return 0.85
    if len(short) >= _SHORTEST_CUT and short[0] == long[0] and _is_within(short, long):
        return 0.6  # `prc` and `price`
    if first[0] != second[0]:  # a slip of the pen is seldom in the first letter: `weight` and `height`
        return 0.0
    ratio = SequenceMatcher(None, first, second, autojunk=False).ratio()
    return ratio if ratio >= _ALIKE else 0.0


def _is_within(short: str, long: str) -> bool:
    letters = iter(long)
    return all(each in letters for each in short)


def _of_text(old: str, new: str) -> float:
    """By their letters, for a slip of the pen and words written as one; what is merely alike counts for nothing."""
    first, second = "".join(words(old)), "".join(words(new))
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    if first[0] != second[0] or matcher.real_quick_ratio() < _ALIKE or matcher.quick_ratio() < _ALIKE:
        return 0.0
    ratio = matcher.ratio()
    return ratio if ratio >= _ALIKE else 0.0
