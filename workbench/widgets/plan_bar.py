"""The row below a Plan: what can be done with it, what a person is asked first, and what it answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import UnsupportedRequest
from workbench.render import hazard_words, page, words
from workbench.results.effects import Destroyed
from workbench.results.plans import ApplyOptions, Plan, Step
from workbench.text import plural
from workbench.widgets import controls

BACKUP = "backup"
"""The folder that data about to be destroyed is written to, beside the configuration."""
SCRATCH: dict[str, tuple[str, dict[str, Any]]] = {
    "full": ("a copy", {}),
    "sample": ("a sample of the rows", {"data": "sample"}),
    "none": ("a copy without rows", {"data": "none"}),
    "replay": ("a replay from base", {"filled": "replay"}),
}
"""What a rehearsal can run on: how it is called, and the options of `rehearse`; the first if nothing is chosen."""


@dataclass(frozen=True)
class Offer:
    """What a view of a Plan offers to do."""

    id: str = ""
    """The id of the Plan that would be applied; what is shown of it may have become more through a rehearsal."""
    apply: bool = False
    rehearse: bool = False
    ask: bool = False
    """Ask the rows what only they can decide."""
    copied: tuple[str, ...] = ()
    """The databases whose whole file a backup copies, also where nobody can tell what is destroyed."""
    again: bool = False
    """Make the plan again."""
    outdated: str = ""
    """Why the Plan holds no more, in a sentence: then there is a button to apply it, and it cannot be pressed."""
    refused: str = ""
    """Why there is no button to apply it."""
    protected: tuple[tuple[str, str], ...] = ()
    """Pairs of (name of a database that is named protected, the pattern that names it)."""
    doubted: tuple[str, ...] = ()
    """The databases whose live schema is known not to be that of the revision which is stamped."""
    warning: str = ""
    """What the question says first, such as that the rehearsal failed."""


def bar(plan: Plan, offer: Offer) -> str:
    """The row as HTML; empty if there is nothing to do."""
    lines, buttons = [], []
    if offer.refused:
        lines.append(_line("info", offer.refused))
    if offer.outdated:
        lines.append(_line("warn", offer.outdated))
    elif offer.apply and (offer.protected or offer.doubted):
        lines.append(_confirm(plan, offer))
    if offer.ask and not offer.outdated:
        title = "Read-only, each query with a time limit: whether it will fail, or lose values"
        buttons.append(controls.button("Ask the rows", "preflight", title=title))
    if offer.rehearse and not offer.outdated:
        buttons += _rehearse()
    if offer.outdated:
        buttons.append(controls.disabled(apply_label(plan), primary=True))
    elif offer.apply:
        buttons += [_apply(plan, offer), _backup(plan, offer), _lock_timeout(plan)]
    if offer.again:
        buttons.append(controls.button("Make the plan again", "again", primary=True))
    if plan.sql:
        buttons.append(controls.button("Copy SQL", "copy"))
    body = "".join(lines + buttons)
    look = "" if offer.apply or offer.rehearse or offer.outdated else None
    return controls.bar(body, live="controls", look=look) if body else ""


def options(data: Mapping[str, Any], *, confirms: bool = False, folder: Path = Path()) -> dict[str, Any]:
    """The options of `apply` that the row's fields ask for; those that are as they are anyway are left out.

    Args:
        data: What stands in the fields.
        confirms: The names of databases have to be typed.
        folder: The configuration's, beside which a backup goes.

    Raises:
        UnsupportedRequest: The lock timeout is not a number of seconds.

    """
    asked: dict[str, Any] = {}
    if "lock_timeout" in data:
        seconds = _seconds(str(data["lock_timeout"]).strip())
        if seconds != ApplyOptions.lock_timeout:
            asked["lock_timeout"] = seconds
    if data.get("backup"):
        asked["backup"] = str(folder / BACKUP)
    if confirms:
        asked["confirm"] = str(data.get("confirm", ""))
    return asked


def scratch(data: Mapping[str, Any]) -> str:
    """Which of `SCRATCH` is chosen.

    Raises:
        UnsupportedRequest: It is none of them.

    """
    chosen = str(data.get("scratch", "full"))
    if chosen not in SCRATCH:
        raise UnsupportedRequest(f"A rehearsal does not run on {chosen!r}.", f"It runs on {', '.join(SCRATCH)}.")
    return chosen


def apply_label(plan: Plan) -> str:
    """What the button does, in full: `Apply 3 revisions to bookshop on localhost`."""
    return _each(plan, lambda steps: plural(len(steps), "revision"), {"upgrade": "Apply", "downgrade": "Undo"})


def apply_question(plan: Plan) -> str:
    """What is asked before it is done, naming each database and what will run there."""
    lost = "What it drops is lost." if len(plan.steps) == 1 else "What they drop is lost."
    only = "Only the version table is written"
    if words.purged(plan, plan.databases):
        only += ", after it is emptied"
    will = hazard_words.hazards([each for each in plan.findings if each.outcome in {"fails", "loses-data"}])
    after = {"downgrade": f" {lost}", "stamp": f" {only}; no revision runs."}
    if plan.direction == "upgrade":
        after["upgrade"] = "".join(
            f" It {does[0].lower()}{does[1:]}: {_named(things)}." for does, things in words.losses(plan)
        )
    told = f"{_each(plan, _size, {'upgrade': 'Run', 'downgrade': 'Undo'})}?{after.get(plan.direction, '')}"
    return f"{told} But {will}." if will else told


def _rehearse() -> list[str]:
    words_ = {value: told for value, (told, _) in SCRATCH.items()}
    tell = "What it runs on: a scratch database with rows of the live one, or one that the history made from nothing"
    return [
        controls.button("Rehearse", "rehearse", fields="", title="Run it on a scratch database: up, down and up again"),
        controls.select("on ", "scratch", words_, label="Rehearse on", title=tell),
    ]


def _apply(plan: Plan, offer: Offer) -> str:
    label = apply_label(plan)
    if offer.protected or offer.doubted:  # the name that was typed is the answer already
        return controls.button(label, "apply", primary=True, plan=offer.id, fields="", needs="confirm")
    does = {"upgrade": "Run them", "downgrade": "Undo them", "stamp": "Stamp it"}[plan.direction]
    if len(plan.steps) == 1 and plan.direction != "stamp":
        does = does.replace("them", "it")
    ask = _question(plan, offer)
    return controls.button(label, "apply", primary=True, plan=offer.id, fields="", ask=ask, yes=does, no="Not now")


def _question(plan: Plan, offer: Offer) -> str:
    return " ".join(part for part in (offer.warning, apply_question(plan)) if part)


def _confirm(plan: Plan, offer: Offer) -> str:
    patterns = dict(offer.protected)
    wanted = [each.name for each in plan.databases if each.name in patterns or each.name in offer.doubted]
    question = page.element("b", page.escape(_question(plan, offer)))
    why = ""
    if offer.protected:
        told = ", ".join(name for name, _ in offer.protected)
        is_ = "is" if len(offer.protected) == 1 else "are"
        shown = ", ".join(dict.fromkeys(patterns.values()))
        why += f" {page.escape(told)} {is_} protected" + page.muted(f" ({shown})") + "."
    if offer.doubted:
        why += f" What {page.escape(words.both(offer.doubted))} will say of itself is not what is in it."
    names = ", ".join(wanted)
    field = controls.field(
        f"Type {names} to go on: ", "confirm", must=names, keep=offer.id, autocomplete="off", spellcheck="false"
    )
    return page.element("div", _sign("warn") + question + why + " " + field, class_="wb-told")


def _backup(plan: Plan, offer: Offer) -> str:
    where = f"into the folder {BACKUP} beside the configuration, and do not begin if that fails"
    if plan.destroys:
        after, told = f"write it to {BACKUP}/ first", f"It is written to {BACKUP}/ first."
        title = f"Write the tables and columns that are dropped {where}"
    elif offer.copied:
        names = words.both(offer.copied)
        after = f"copy {names} to {BACKUP}/ first"
        told = f"{names} {'is' if len(offer.copied) == 1 else 'are'} copied to {BACKUP}/ first."
        title = f"Copy the whole file {where}: what is dropped cannot be told beforehand"
    else:
        return ""
    return controls.field("", "backup", after=after, title=title, type="checkbox", keep=offer.id, told=told)


def _lock_timeout(plan: Plan) -> str:
    if plan.direction == "stamp":
        return ""
    return controls.field(
        "lock timeout ",
        "lock_timeout",
        after=" s",
        title="How long a statement may wait for a lock that somebody else holds; empty: as the server is set",
        type="number",
        value=f"{ApplyOptions.lock_timeout:g}",
        min="0",
        step="any",
    )


def _line(kind: page.Kind, told: str) -> str:
    return page.element("div", _sign(kind) + page.escape(told), class_="wb-told")


def _sign(kind: page.Kind) -> str:
    return page.element("span", f"{page.ICONS[kind]}&#160;", f"color:{page.TOKENS[kind]}")


def _seconds(told: str) -> float | None:
    if not told:
        return None
    try:
        seconds = float(told)
    except ValueError:
        seconds = math.nan
    if 0 < seconds <= _LONGEST:
        return seconds
    raise UnsupportedRequest(
        "The lock timeout is not a number of seconds above 0. Nothing was run.",
        "Type one, such as 5 or 0.5, or leave it empty: then the server's own setting holds.",
    )


_LONGEST = 86_400.0
"""Seconds. PostgreSQL counts milliseconds in 32 bits; whoever wants to wait longer leaves the field empty."""


def _named(things: Sequence[Destroyed]) -> str:
    names = [each.name for each in things]
    more = [plural(len(names) - _FEW, "more")] if len(names) > _FEW + 1 else names[_FEW:]
    return words.both(names[:_FEW] + more)


_FEW = 3


def _each(plan: Plan, told: Callable[[list[Step]], str], verbs: dict[str, str]) -> str:
    """`Apply 3 revisions to shop on localhost and 1 revision to reporting on localhost`."""
    after = dict(plan.after)
    parts = []
    for database, numbered in words.sections(plan):
        name = words.where(database) if database else "the database"
        steps = [step for _, step in numbered]
        if steps and plan.direction == "stamp":
            parts.append(f"{name} as {words.heads(after.get(database.name if database else '', steps[-1].heads))}")
        elif steps:
            to = "to" if verbs[plan.direction] == "Apply" else "on"
            parts.append(f"{told(steps)} {to} {name}")
    return f"{verbs.get(plan.direction, 'Stamp')} {words.both(parts)}"


def _size(steps: list[Step]) -> str:
    blind = sum(step.statements is None for step in steps)
    told = plural(sum(len(step.statements or ()) for step in steps), "statement")
    if blind:
        told += f", and {plural(blind, 'revision')} whose SQL is not known beforehand"
    return f"{plural(len(steps), 'revision')} ({told})"
