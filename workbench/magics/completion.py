"""What Tab offers after `%alembic`: commands, options, and revisions with their messages."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from IPython.core.completer import SimpleCompletion

from workbench.magics.options import HONOURED, actions, commands, parser, words
from workbench.magics.revision_cache import RevisionCache

if TYPE_CHECKING:
    from IPython.core.completer import CompletionContext, SimpleMatcherResult

    from workbench import Workbench

    FindWorkbench = Callable[[list[str], str, list[str]], Workbench]

_LINE = re.compile(r"\s*(?:[^%=]*=\s*)?%alembic\s+(?P<rest>.*)", re.DOTALL)
_TARGETS = {
    "depends_on": ("head",),
    "downgrade": ("-1", "base"),
    "head": ("head", "base"),
    "rev_range": ("base", "head", "current"),
    "show": ("head", "heads", "current"),
    "stamp": ("head", "heads", "base"),
    "upgrade": ("head", "heads", "+1"),
}
"""Where revisions are wanted, as a command's argument or an option's value: the words that stand for some."""


@dataclass(frozen=True)
class Place:
    """Where in the line the cursor stands."""

    command: str | None
    wanted: str
    """`command`, `option`, a key of `_TARGETS`, or something else that there is nothing to offer for."""
    fragment: str
    """As much of the word as is there, and is to be replaced."""
    configs: list[str] = field(default_factory=list)
    section: str = "alembic"
    x: list[str] = field(default_factory=list)


def place(line: str) -> Place | None:
    """Say where the cursor at the end of `line` stands; None if that is no `%alembic` line, or in a quotation."""
    found = _LINE.match(line)
    if found is None:
        return None
    before, fragment = re.fullmatch(r"(.*?)(\S*)", found["rest"], re.DOTALL).groups()  # type: ignore[union-attr]
    try:
        command, pending, given = _read(words(before))
    except ValueError:
        return None
    if pending is None and fragment.startswith("--") and "=" in fragment:
        option, _, fragment = fragment.partition("=")
        pending = _with_value(command, option)
        wanted = pending.dest if pending else ""
    else:
        wanted = pending.dest if pending else _wanted(command, fragment)
    if wanted in _TARGETS:
        fragment = fragment.rpartition(":")[2]
    section = given.get("name", ["alembic"])[-1]
    return Place(command, wanted, fragment, given.get("config", []), section, given.get("x", []))


def _read(before: Iterable[str]) -> tuple[str | None, argparse.Action | None, dict[str, list[str]]]:
    """Return the command, the option that waits for its value, and the values of the others."""
    command: str | None = None
    pending: argparse.Action | None = None
    given: dict[str, list[str]] = {}
    for word in before:
        if pending is not None:
            given.setdefault(pending.dest, []).append(word)
            pending = None
        elif word.startswith("-"):
            option, equals, value = word.partition("=")
            pending = _with_value(command, option)
            if pending is not None and equals:
                given.setdefault(pending.dest, []).append(value)
                pending = None
        elif command is None:
            command = word
    return command, pending, given


def _wanted(command: str | None, fragment: str) -> str:
    if command == "downgrade" and fragment == "-":
        return command  # -1 is meant more often than an option
    if fragment.startswith("-") and not fragment[1:].isdigit():
        return "option"
    if command is None:
        return "command"
    return command if command in _TARGETS else "option"


def _parser_of(command: str | None) -> argparse.ArgumentParser | None:
    return parser() if command is None else commands(parser()).get(command)


def _options(command: str | None) -> Iterator[argparse.Action]:
    of = _parser_of(command)
    yield from (each for each in (actions(of) if of else ()) if each.option_strings)


def _with_value(command: str | None, option: str) -> argparse.Action | None:
    return next((each for each in _options(command) if option in each.option_strings and each.nargs != 0), None)


def matcher(find: FindWorkbench, cache: RevisionCache) -> Callable[[CompletionContext], SimpleMatcherResult]:
    """Make a matcher for IPython's completer; `find` gives the Workbench for the values of -c, -n and -x."""

    def alembic_matcher(context: CompletionContext) -> SimpleMatcherResult:
        at = place(context.text_until_cursor)
        if at is None:
            return {"completions": []}
        offers = [each for each in _offers(at, find, cache) if each.text.startswith(at.fragment)]
        return {"completions": offers, "matched_fragment": at.fragment, "ordered": True, "suppress": bool(offers)}

    # What IPython's @context_matcher() does, which is not typed.
    alembic_matcher.matcher_api_version = 2  # type: ignore[attr-defined]
    alembic_matcher.matcher_identifier = "workbench.alembic"  # type: ignore[attr-defined]
    return alembic_matcher


def _offers(at: Place, find: FindWorkbench, cache: RevisionCache) -> Iterator[SimpleCompletion]:
    if at.wanted == "command":
        yield from (SimpleCompletion(each, type="command") for each in sorted(HONOURED))
    elif at.wanted == "option":
        for each in _options(at.command):
            yield from (SimpleCompletion(name, type="option") for name in each.option_strings)
    elif at.wanted in _TARGETS:
        yield from (SimpleCompletion(each, type="target") for each in _TARGETS[at.wanted])
        try:
            wb = find(at.configs, at.section, at.x)
        except Exception:  # noqa: BLE001 - no configuration here, or a bad one: the command itself will tell
            return
        yield from (SimpleCompletion(text, type=kind) for text, kind in cache.revisions(wb))
