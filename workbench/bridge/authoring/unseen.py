"""Proposals for what Alembic's comparison does not see: CHECKs, a UNIQUE without a name, views."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from alembic.operations import ops

from workbench.bridge.authoring.operations import AddCheck, CodeOp, DropCheck
from workbench.bridge.authoring.proposing import Proposal, Told
from workbench.bridge.quoting import quote_of, text_code
from workbench.bridge.values import Check, Code, Unnamed, ViewText
from workbench.results.definitions import dotted

_SECURITY = re.compile(r" \(SQL SECURITY (\w+)\)$")


def checks(found: Iterable[Check]) -> list[Proposal]:
    """One for each CHECK, in two parts where it changes: the old one goes before its columns change."""
    return [proposal for each in found for proposal in _check(each)]


def _check(check: Check) -> list[Proposal]:
    kind = "add_constraint" if check.before is None else "remove_constraint" if check.after is None else ""
    name = check.name or ", ".join(check.columns)
    key = f"{kind or 'modify_constraint'} {dotted(check.schema, check.table, name)}"
    table = ops.ModifyTableOps(check.table, [], schema=check.schema)
    told = Told(name, _worded(check.before), _worded(check.after))
    parts: list[Proposal] = []
    for part, op in (
        ("remove_constraint", DropCheck(check.live_name or None, check.table, check.before or "", check.schema)),
        ("add_constraint", AddCheck(check.name or None, check.table, check.after or "", schema=check.schema)),
    ):
        if kind in {"", part}:
            proposal = Proposal(key, part, check.schema, check.table, is_rest=bool(parts), told=told)
            # What only the live table has may be somebody's who never wrote it into the models.
            proposal.wanted = check.is_proven and check.after is not None
            proposal.up, proposal.down = [op], [op.reverse()]
            proposal.found = [(table, op)]
            parts.append(proposal)
    return parts


def uniques(found: Iterable[Unnamed]) -> list[Proposal]:
    """One for each UNIQUE that goes."""
    made = []
    for each in found:
        table = ops.ModifyTableOps(each.table, [], schema=None)
        op = ops.DropConstraintOp(None, each.table, type_="unique")
        key = f"remove_constraint {dotted(each.table, ', '.join(each.columns))}"
        told = Told(", ".join(each.columns), f"UNIQUE ({', '.join(each.columns)})", None)
        proposal = Proposal(key, "remove_constraint", None, each.table, told=told)
        back = ops.CreateUniqueConstraintOp(None, each.table, list(each.columns))
        proposal.up, proposal.down, proposal.found = [op], [back], [(table, op)]
        made.append(proposal)
    return made


def follow_columns(proposals: Iterable[Proposal], checks: Iterable[Check], ticks: Iterable[tuple[str, bool]]) -> None:
    """A CHECK goes with a column that it names: without it some databases would not let the column go."""
    every, told = list(proposals), list(ticks)
    gone = {
        (op.schema, op.table_name, op.column_name)
        for each in every
        for op in each.up
        if isinstance(op, ops.DropColumnOp) and each.is_wanted(told)
    }
    named: dict[Any, tuple[str, ...]] = {
        (each.schema, each.table, each.live_name, each.before): each.columns for each in checks
    }
    for each in every:
        for op in each.up:
            if isinstance(op, DropCheck) and not each.wanted:
                place = each.schema, each.table, op.constraint_name or "", op.condition
                if any((each.schema, each.table, column) in gone for column in named.get(place, ())):
                    each.wanted = True


def views(found: Iterable[ViewText], dialect: Any) -> tuple[list[Proposal], list[Proposal]]:
    """What comes before everything else, and what after it: a view goes before its tables change."""
    first: list[Proposal] = []
    last: list[Proposal] = []
    quote = quote_of(dialect)
    for each in found:
        verb = "add" if each.before is None else "remove" if each.after is None else "modify"
        name = ".".join(quote(part) for part in (each.schema, each.name) if part)
        kind = f"{verb}_{each.kind.replace(' ', '_')}"
        key = f"{kind} {dotted(each.schema, each.name)}"
        word = each.kind.upper()

        def execute(sql: str) -> tuple[str, ...]:
            return (f"op.execute({text_code(sql)})",)

        drop = f"DROP {word} {name}"
        if each.before is not None:
            code = Code(key, execute(drop), execute(_created(word, name, each.before)))
            first.append(_code(key, kind, each, code))
        if each.after is not None:
            code = Code(key, execute(_created(word, name, each.after)), execute(drop))
            last.append(_code(key, kind, each, code))
            last[-1].is_rest = each.before is not None
    return first, last


def _created(word: str, name: str, text: str) -> str:
    """The statement; MariaDB's own way of running a view stands before its name, and in a text behind it."""
    security = _SECURITY.search(text)
    if security is None:
        return f"CREATE {word} {name} {text}"
    return f"CREATE SQL SECURITY {security[1]} {word} {name} {text[: security.start()]}"


def _code(key: str, kind: str, view: ViewText, code: Code) -> Proposal:
    op = CodeOp(code)
    proposal = Proposal(key, kind, view.schema, view.name, is_whole=True, told=Told(view.name, view.before, view.after))
    proposal.up, proposal.down = [op], [op.reverse()]
    if not view.is_proven:
        proposal.wanted = False
    return proposal


def _worded(condition: str | None) -> str | None:
    return None if condition is None else f"CHECK ({condition})"
