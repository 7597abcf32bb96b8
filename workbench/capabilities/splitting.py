"""Divides a Draft into parts: unrelated tables apart, and what running code can bear before what it may not."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from workbench.capabilities.operating import QUIET, Name
from workbench.capabilities.practices_operations import groups_of
from workbench.errors import UnsupportedRequest
from workbench.results import Choice, Draft
from workbench.results.schema_diff import qualified

WHY = {
    "expand": "Code that runs already goes on with it, so it comes before all that takes away or demands.",
    "contract": "It takes away, renames, retypes or demands something: run it once no old code is left.",
}
_EASY = {"add_table", "add_column", "add_index", "modify_default", "modify_comment", "modify_nullable",
         "add_table_comment", "remove_table_comment"}  # fmt: skip
"""Kinds of changes that old code can bear, unless they demand something."""
_EXCHANGED = re.compile(r"(?:add|remove)_(index|constraint|fk)$")
_SHOWN = 3


@dataclass(frozen=True)
class Part:
    """One revision in the making."""

    choices: tuple[Choice, ...]
    stage: Literal["expand", "contract"]
    tables: tuple[str, ...]


def check(draft: Draft) -> None:
    """Refuse what cannot be divided.

    Raises:
        UnsupportedRequest: It is written by hand, does not follow one revision, or has several databases.

    """
    told = draft.decisions
    whole = "This Draft cannot be split: "
    if told.get("code") is not None or told.get("operations"):
        raise UnsupportedRequest(f"{whole}it has code written by hand.", "Split it first, and edit the files then.")
    if not any(each.ticked for each in draft.choices):
        raise UnsupportedRequest(f"{whole}it does nothing.", "Tick what it shall do.")
    if len(draft.down_revisions) != 1 or told.get("splice"):
        raise UnsupportedRequest(
            f"{whole}it does not follow one head.",
            'Let it follow one: draft.decide(head="…"); a first one stays whole.',
        )
    if any(each.database for each in draft.choices):
        raise UnsupportedRequest(f"{whole}it is for several databases.", "Untick what shall come later.")
    check_whole(draft)


def before(draft: Draft) -> tuple[Draft, ...]:
    """The parts that a part of a split follows; empty for every other Draft."""
    told: tuple[Draft, ...] = getattr(draft, "_parts_before", None) or ()
    return told


def check_whole(draft: Draft) -> None:
    """Refuse a part that follows another one.

    Raises:
        UnsupportedRequest: It is such a part.

    """
    if before(draft) and not draft.written:
        raise UnsupportedRequest(
            "This Draft follows another one that is not written yet.",
            "Decide on the whole Draft and split that again; split.write() writes all its parts.",
        )


def parts(draft: Draft, keys: set[tuple[Name, Name]]) -> tuple[Part, ...]:
    """The parts in order.

    Args:
        draft: The whole.
        keys: Pairs of tables that a foreign key of the models joins.

    """
    choices = [each for each in draft.choices if each.ticked]
    operations = [
        op
        for step in draft.plan.steps
        if step.revision == draft.revision
        for op in step.operations
        if op.table and op.kind not in QUIET
    ]
    groups = _joined(choices, groups_of(operations, keys))
    told = []
    for stage in ("expand", "contract"):
        for group in groups:
            late = _late(group)
            own = tuple(each for each in group if (id(each) in late) == (stage == "contract"))
            if own:
                told.append(Part(own, stage, _tables(own)))
    return tuple(told)


def message(part: Part) -> str:
    """What it does, from its choices: `add column customer.email, add index customer.ix_email, and 2 more`."""
    shown = [each.key.replace("_", " ", 1) for each in part.choices[:_SHOWN]]
    more = len(part.choices) - len(shown)
    return ", ".join([*shown, *([f"and {more} more"] if more else [])])


def decisions(draft: Draft, part: Part, *, is_first: bool) -> dict[str, Any]:
    """What is decided of the whole, as far as it belongs to this part."""
    keys = {each.key for each in part.choices}
    told = {name: each for name, each in draft.decisions.items() if name not in {"rev_id", "message", "any_message"}}
    for name in ("fills", "rewrites"):
        told[name] = {key: each for key, each in told.get(name, {}).items() if key in keys}
    told["ticks"] = {"*": False, **dict.fromkeys((each.key for each in part.choices), True)}
    if not is_first:  # the label and the dependency are the whole branch's from there on
        told = {name: each for name, each in told.items() if name not in {"branch_label", "depends_on"}}
    return told


def _joined(choices: list[Choice], named: list[list[str]]) -> list[list[Choice]]:
    """The choices of each group; groups of which one speaks of another's table are one."""
    tables = {table: set(group) for group in named for table in group}
    groups: list[tuple[set[str], list[Choice]]] = []
    every = {table for each in choices for table in _tables([each])}
    for each in choices:
        own = set(_tables([each]))
        near = own.union(*(tables.get(table, ()) for table in own))
        near |= {table for table in every if _speaks_of(each, table.rpartition(".")[2])}
        touching = [group for group in groups if group[0] & near]
        groups = [group for group in groups if group not in touching]
        groups.append((near.union(*(group[0] for group in touching)),
                       [*(one for group in touching for one in group[1]), each]))  # fmt: skip
    order = {id(each): number for number, each in enumerate(choices)}
    told = [sorted(group, key=lambda each: order[id(each)]) for _, group in groups]
    return sorted(told, key=lambda group: order[id(group[0])])


def _late(group: list[Choice]) -> set[int]:
    """The choices of a group that have to wait, by identity."""
    late = {id(each) for each in group if not _is_easy(each)}
    while True:
        waiting = {id(each) for each in group if any(id(other) in late and _waits(each, other) for other in group)}
        if waiting <= late:
            return late
        late |= waiting


def _is_easy(choice: Choice) -> bool:
    for each in choice.changes:
        after = each.after or ""
        demands = "NOT NULL" in after and "DEFAULT" not in after
        if each.kind not in _EASY or (each.kind == "add_column" and demands) or "UNIQUE" in after:
            return False
        if each.kind == "modify_nullable" and "NOT NULL" in after:
            return False
    return bool(choice.changes) and not choice.kind.startswith(("rename_", "remove_"))


def _waits(each: Choice, other: Choice) -> bool:
    """Whether one can come no earlier than another that has to wait."""
    same_table = bool(set(_tables([each])) & set(_tables([other])))
    names = {name for change in other.changes for name in (change.name, change.after or "") if name.isidentifier()}
    if other.kind.startswith("rename_"):
        return same_table or any(_speaks_of(each, name) for name in names)
    if not same_table:
        return False
    if any(_speaks_of(each, name) for name in names):
        return True
    return bool(_EXCHANGED.match(each.kind) and _EXCHANGED.match(other.kind) and other.kind.startswith("remove_"))


def _speaks_of(choice: Choice, name: str) -> bool:
    told = "\n".join(text for each in choice.changes for text in (each.code, each.before or "", each.after or ""))
    return bool(name) and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", told) is not None


def _tables(choices: Iterable[Choice]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(qualified(change) for each in choices for change in each.changes))
