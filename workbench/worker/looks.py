"""What a rehearsal sees of its scratch databases before and after each pass, and what there and back has changed."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

from workbench.bridge import contents, row_digests, stepping, translate
from workbench.bridge.environments import Part
from workbench.errors import EnvPyFailed
from workbench.results import Change, Loss, RowsChanged
from workbench.text import blot
from workbench.worker.stand_ins import StandIns


@dataclass
class State:
    """What a look at the scratch databases has seen, by the name of the part that was asked first."""

    heads: dict[str, tuple[str, ...]] = field(default_factory=dict)
    contents: dict[str, contents.Contents] = field(default_factory=dict)
    rows: dict[str, dict[str, row_digests.Digests]] = field(default_factory=dict)
    remaining: dict[str, tuple[tuple[Change, ...], tuple[str, ...]]] = field(default_factory=dict)


def look(on: StandIns, what: str, *, compares: bool = False, whole: bool = True) -> State:
    """Look at every scratch database; not `whole`: only where it stands."""
    state = State()
    if whole:
        on.say(f"looking at {what}")

    def asked(part: Part) -> None:
        state.heads[part.name] = part.heads
        connection = part.context.connection
        if whole and on.is_first(part):
            found = contents.read(connection, on.version_tables[part.name], on.paused(part))
            state.contents[part.name] = found
            on.notes += found.notes
            if on.options.data != "none":
                state.rows[part.name], notes = row_digests.read(connection, found.tables, on.look_for_cancel)
                on.notes += notes
        if compares and not stepping.steps_to(part, "upgrade", "heads"):
            _compare(on, part, state)

    on.ask(asked)
    return state


def differences(on: StandIns, states: list[State]) -> tuple[tuple[Loss, ...], tuple[RowsChanged, ...]]:
    """What there and back has changed: the look before the first pass against the one after the second."""
    if len(states) < 3:  # noqa: PLR2004 - it did not come back
        return (), ()
    before, _, after = states[:3]
    lost: list[Loss] = []
    changed: list[RowsChanged] = []
    for name, then in before.contents.items():
        losses, notes = contents.compare(then, after.contents[name], name)
        lost += losses
        on.notes += [f"{name}: {each}" if len(on.databases) > 1 else each for each in notes]
        changed += row_digests.compare(before.rows.get(name, {}), after.rows.get(name, {}), name)
    secrets = on.job.guard.secrets
    lost = [
        Loss(each.database, each.kind, each.name, blot(each.before, secrets), blot(each.after, secrets))
        for each in lost
    ]
    return tuple(lost), tuple(changed)


def _compare(on: StandIns, part: Part, state: State) -> None:
    from workbench.bridge import comparison  # noqa: PLC0415 - autogenerate is a tenth of a second

    try:
        hide = functools.partial(blot, secrets=frozenset(on.job.guard.secrets))
        state.remaining[part.name] = comparison.compare(part, on.job.metadata, {}, reverse=False, hide=hide)
    except EnvPyFailed as error:
        on.notes.append(f"The models were not compared: {error.message}")
    except Exception as error:  # noqa: BLE001 - a type of the project's that cannot be compared harms no pass
        told = translate.translate(error, on.job.guard.secrets, on.job.settings.folder)
        on.notes.append(f"The models could not be compared: {told.message}")
