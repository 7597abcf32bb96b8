"""Makes Drafts: turns decisions into what the worker is asked for, and its answer into the value."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from workbench.bridge.values import Code, Decided, Rename, Unseen
from workbench.capabilities import filling
from workbench.capabilities.histories import shown_path
from workbench.environment import messages
from workbench.errors import HistoryBroken, UnsupportedRequest
from workbench.results import Choice, Draft
from workbench.results.definitions import undotted
from workbench.worker.answers import Authored

OPTIONS = {
    "autogenerate": True, "rev_id": None, "head": "head", "splice": False, "branch_label": None,
    "depends_on": None, "version_path": None,
}  # fmt: skip
"""What `alembic revision` takes, with its defaults."""
_DICTS = ("renames", "ticks", "fills", "rewrites")
_KNOWN = ("message", *OPTIONS, *_DICTS, "operations", "code", "any_message")
_THING = re.compile(r"^(table|column|index|constraint|value) (.+)$", re.DOTALL)


def merged(before: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Decisions with others besides; None takes one back, and in a dict of theirs a part of it.

    Raises:
        UnsupportedRequest: There is no such decision, or it is no dict where it has to be one.

    """
    told = dict(before)
    for name, value in more.items():
        if name not in _KNOWN:
            raise UnsupportedRequest(f"There is no decision {name!r}.", f"There are {', '.join(_KNOWN)}.")
        if name in _DICTS:
            if not isinstance(value, Mapping):
                raise UnsupportedRequest(f"{name} is a {type(value).__name__}.", f"Write a dict: {name}={{…: …}}.")
            both = {**told.get(name, {}), **value}
            told[name] = {key: each for key, each in both.items() if each is not None}
        elif value is None:
            told.pop(name, None)
        else:
            told[name] = value
    return told


def options_of(message: str | None, decisions: Mapping[str, Any]) -> dict[str, Any]:
    """What `alembic revision` is given."""
    chosen = {name: decisions.get(name, default) for name, default in OPTIONS.items()}
    return {"message": message, "sql": False, **chosen}


def decided_of(
    decisions: Mapping[str, Any],
    rewritten: Iterable[Code] = (),
    fills: Iterable[Code] = (),
    unseen: Unseen | None = None,
) -> Decided:
    """What the worker has to know of them."""
    body = decisions.get("code")
    written = decisions.get("operations") or ()
    return Decided(
        renames=renames_of(decisions.get("renames", {})),
        ticks=tuple(decisions.get("ticks", {}).items()),
        replaced=tuple(rewritten),
        fills=tuple(fills),
        last=tuple(by_hand(number, each) for number, each in enumerate(written, 1)),
        unseen=unseen or Unseen(),
        body=None if body is None else (_lines(body, "upgrade"), _lines(body, "downgrade")),
    )


def renames_of(told: Mapping[str, Any]) -> tuple[Rename, ...]:
    """Decisions as Renames.

    Raises:
        UnsupportedRequest: One does not name a thing.

    """
    found = []
    for key, new in told.items():
        if new == "":  # it is none, says the author
            continue
        match = _THING.match(key)
        names = undotted(match[2]) if match is not None else []
        least = 1 if match is not None and match[1] == "table" else 2
        if match is None or not least <= len(names) <= least + 1 or not isinstance(new, str) or not new:
            raise UnsupportedRequest(
                f"renames has {key!r}: {new!r}, which is no rename.",
                'Write {"table old": "new"}, {"column customer.nickname": "alias"}, {"index book.ix_a": "ix_b"}.',
            )
        schema = names[0] if len(names) > least else None
        table = "" if match[1] == "table" else names[-2]
        found.append(Rename(match[1], schema, table, names[-1], new))
    return tuple(found)


def is_empty_one(decisions: Mapping[str, Any]) -> bool:
    """Whether it is an empty revision, for which env.py need not be run."""
    return not (decisions.get("autogenerate", True) or decisions.get("operations") or decisions.get("code"))


def draft(told: Authored, message: str | None, decisions: dict[str, Any], folder: str, *, compared: Any) -> Draft:
    """The Draft that the worker's answer tells of."""
    drafted = told.drafted
    several = len({each.database for each in told.proposed}) > 1
    spans: dict[tuple[str, str], list[tuple[str, int, int]]] = {}
    for span in drafted.spans if drafted is not None else ():
        spans.setdefault((span.database, span.key), []).append((span.direction, span.first, span.last))
    choices = tuple(
        Choice(
            key=each.key,
            ticked=each.wanted,
            changes=each.changes,
            database=each.database if several else "",
            lost=each.lost,
            why=_why(each.key, decisions, {change.kind for change in each.changes}),
            lines=tuple(spans.get((each.database, each.key), ())),
        )
        for each in told.proposed
    )
    code = drafted.code if drafted is not None else ""
    return Draft(
        revision=drafted.revision if drafted is not None else str(decisions.get("rev_id") or ""),
        message=message or "empty message",
        down_revisions=drafted.down_revisions if drafted is not None else (),
        path=shown_path(drafted.path, folder) if drafted is not None else "",
        code=code,
        choices=choices,
        decisions={**decisions, "rev_id": drafted.revision} if drafted is not None else decisions,
        databases=told.databases,
        compared=compared,
        created=drafted.created if drafted is not None else "",
        problem=_problem(code),
        undescriptive=messages.why_undescriptive(message) or "",
    )


def placed(
    draft: Draft, heads: tuple[tuple[str, str], ...], locations: Iterable[str], folder: str, *, is_open: bool
) -> Draft:
    """The Draft with what it can follow and where it can lie; without a file as long as that `is_open`."""
    told = replace(draft, heads=heads, locations=tuple(shown_path(each, folder) for each in locations))
    if not is_open:
        return told
    choices = tuple(replace(each, lines=()) for each in told.choices)
    return replace(told, code="", path="", down_revisions=(), problem="", choices=choices)


def rewritten(draft: Draft, wanted: Mapping[str, Any]) -> Iterator[Code]:
    """The safer code that findings offer, in place of choices.

    Args:
        draft: As it is without them.
        wanted: By the key of a choice: True, or the rule whose rewrite is meant.

    Raises:
        UnsupportedRequest: No finding at this choice offers one, or it can only be put in by hand.

    """
    for key, rule in wanted.items():
        choice = next((each for each in draft.choices if each.key == key and each.ticked), None)
        found = () if choice is None else draft.rewrites_of(choice)
        told = [each for each in found if rule is True or each.rule == rule]
        if choice is None or not told:
            raise UnsupportedRequest(
                f"There is no safer way for {key}.", "draft.findings tells which have a rewrite; it has to be ticked."
            )
        rewrite = told[0].rewrite
        assert rewrite is not None  # noqa: S101 - rewrites_of has looked
        up, down = (_own_code(draft, choice, direction) for direction in ("upgrade", "downgrade"))
        if rewrite.in_batch or (rewrite.around and "batch_op." in up + down):
            raise UnsupportedRequest(
                f"The safer way for {key} stands inside its batch.",
                "Put it in by hand: draft.decide(code={…}); the finding shows the lines.",
            )
        to, back = rewrite.replacing(up).splitlines(), rewrite.undoing(down).splitlines()
        yield Code(key, tuple(to), tuple(back), rewrite.imports)


def _own_code(draft: Draft, choice: Choice, direction: str) -> str:
    lines = draft.code.split("\n")
    parts = [lines[first - 1 : last] for way, first, last in choice.lines if way == direction]
    return textwrap.dedent("\n".join(line for part in parts for line in part))


def _why(key: str, decisions: Mapping[str, Any], kinds: AbstractSet[str]) -> str:
    fills = decisions.get("fills", {})
    if key in fills:
        rows = "rows without a value" if kinds <= {"modify_nullable", "add_column"} else "rows in the way"
        return f"{rows} get {filling.words(fills[key])}"
    if key in decisions.get("rewrites", {}):
        return "the safer way"
    return "you said so" if key in decisions.get("ticks", {}) or key.startswith("rename_") else ""


def check_loadable(draft: Draft) -> None:
    """Refuse a Draft that has no file, or none that could be run.

    Raises:
        UnsupportedRequest: There is no file.
        HistoryBroken: Its code cannot be loaded.

    """
    if draft.is_headless:
        raise UnsupportedRequest(
            "This Draft has no file, so there is nothing to run: it is not decided which head it follows.",
            f'Name one: draft.decide(head="{draft.heads[0][0]}").',
        )
    if not draft.code:
        raise UnsupportedRequest("This Draft has no file, so there is nothing to run.", "Decide on something first.")
    if draft.problem:
        raise HistoryBroken(f"The code of this Draft cannot be loaded: {draft.problem}.", _remedy(draft))


def _remedy(draft: Draft) -> str:
    if draft.problem != _NO_UPGRADE:
        if _QUOTING.search(draft.message) and not draft.decisions.get("code"):
            return (
                "Its message stands between quotes there, as the template has it: take a message without backslashes, "
                'three quotes in a row, and a quote at its end. draft.decide(message="…")'
            )
        return "Correct it first."
    return "Let the template write it as Alembic's own does: def upgrade() with ${upgrades} in it."


def check_writable(draft: Draft) -> None:
    """Refuse a Draft that is no revision.

    Raises:
        UnsupportedRequest: There is no code, it cannot be loaded, or its database is not named.

    """
    if draft.is_headless:
        raise UnsupportedRequest(
            "There is nothing to write: it is not decided which head this revision follows.",
            f'Name one: draft.decide(head="{draft.heads[0][0]}").',
        )
    if not draft.code:
        raise UnsupportedRequest(
            "There is nothing to write: nothing differs, and a hook in env.py makes no file of that.",
            'An empty revision: wb.revision("…", autogenerate=False).',
        )
    if draft.problem:
        raise UnsupportedRequest(f"The code of this Draft cannot be loaded: {draft.problem}.", _remedy(draft))
    if draft.undescriptive and not draft.decisions.get("any_message"):
        raise UnsupportedRequest(
            f"The message of this revision says nothing of it. {draft.undescriptive}",
            'Say what it does: draft.decide(message="…"). If it is meant: draft.decide(any_message=True).',
        )


def _problem(code: str) -> str:
    try:
        with warnings.catch_warnings():  # of a backslash in the message: whoever runs the file hears of it there
            warnings.simplefilter("ignore")
            tree = ast.parse(code)
            compile(tree, "revision", "exec")
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        return f"{getattr(error, 'msg', None) or error}" + (f" (line {line})" if line else "")
    return _NO_UPGRADE if code and not _defines(tree, "upgrade") else ""


_QUOTING = re.compile(r"\\|\x22{3}|'{3}|[\x22']$")
_NO_UPGRADE = "script.py.mako, the template of this environment, writes no upgrade()"


def _defines(tree: ast.Module, name: str) -> bool:
    """Whether the file has such a function at its margin, whatever it is made by: a def, an import, an assignment."""
    for each in ast.walk(tree):
        if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)) and each.name == name:
            return True
        if isinstance(each, ast.Name) and each.id == name and isinstance(each.ctx, ast.Store):
            return True
        if isinstance(each, ast.alias) and name in {each.name, each.asname, "*"}:
            return True
    return False


def by_hand(number: int, told: Mapping[str, Any]) -> Code:
    """One of the decision `operations`.

    Raises:
        UnsupportedRequest: It is no pair of texts.

    """
    up, down = (tuple(_lines(told, direction).splitlines()) for direction in ("upgrade", "downgrade"))
    return Code(f"by hand {number}", up, down, tuple(map(str, told.get("imports") or ())))


def _lines(told: Any, direction: str) -> str:
    text = told.get(direction, "") if isinstance(told, Mapping) else None
    if not isinstance(text, str):
        raise UnsupportedRequest(
            f"What was written by hand has no text for its {direction}.",
            'Write {"upgrade": "op.execute(…)", "downgrade": "op.execute(…)"}.',
        )
    return text or "pass"
