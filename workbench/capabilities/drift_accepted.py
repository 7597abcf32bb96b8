"""The file of accepted differences: TOML in the repository, one table for each of them, with a reason."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from workbench.capabilities import histories
from workbench.environment import tool_table
from workbench.errors import EnvironmentInvalid, UnsupportedRequest
from workbench.results import Acceptance, Accepted, Difference
from workbench.results.exploring import VERDICTS

NAME = "workbench-accepted.toml"
_HEAD = (
    "# Differences between models, revisions and the live database that are known and may stay; see wb.drift().\n"
    "# One that changes comes back. Edit it freely: each needs its kind, its name or table, and a reason.\n"
)
_FIELDS = ("database", "kind", "schema", "table", "name", "verdict", "models", "revisions", "live")


def file_of(folder: Path) -> Path:
    """Where the file is: `[tool.workbench] accepted` of the nearest pyproject.toml, else beside the configuration.

    Raises:
        EnvironmentInvalid: pyproject.toml cannot be read (see `tool_table.read`), or names no file.

    """
    ours = tool_table.read(folder, "where the accepted differences are written down")
    if ours.file is None or "accepted" not in ours.table:
        return folder.absolute() / NAME
    named = ours.table["accepted"]
    if not isinstance(named, str) or not named.strip():
        raise EnvironmentInvalid(
            f"[tool.workbench] accepted in {ours.file} is no path.", f'Write it as in: accepted = "{NAME}".'
        )
    return ours.file.parent / named


def read(file: Path) -> tuple[Accepted, ...]:
    """What the file names, in its order; nothing if there is no such file.

    Raises:
        EnvironmentInvalid: It cannot be read, or says something else than it can.

    """
    if not file.exists():
        return ()
    tables = _read(file)
    found = tables.get("difference", [])
    if set(tables) - {"difference"} or not isinstance(found, list):
        raise _broken(file, "it has something else than [[difference]] tables")
    return tuple(_accepted(each, number, file) for number, each in enumerate(found, 1))


def proposal(file: Path, folder: Path, difference: Difference, reason: str, *, several: bool) -> Acceptance:
    """The file as it would be with this difference in it.

    Args:
        file: Where it is.
        folder: Of the configuration.
        difference: One of a Drift; one of the same thing that is there already is replaced.
        reason: Why it may stay.
        several: Name its database: env.py configures more than one.

    Raises:
        UnsupportedRequest: There is no reason.
        EnvironmentInvalid: As `read`.

    """
    if not reason.strip():
        raise UnsupportedRequest(
            "A difference is accepted with a reason.", 'As in: wb.accept(difference, "the dashboard needs it").'
        )
    before = file.read_text("utf-8") if file.exists() else None
    new = Accepted(_kept(difference, several=several), reason.strip())
    every = [each for each in read(file) if _thing(each.difference) != _thing(new.difference)] + [new]
    return Acceptance(new, histories.shown_path(str(file), str(folder)), _text(every), before)


def sorted_out(
    found: Iterable[Difference], known: Iterable[Accepted], *, several: bool
) -> tuple[tuple[Difference, ...], tuple[Accepted, ...], tuple[str, ...]]:
    """The differences that are not accepted, those that are, and what there is to say of the rest of the file."""
    accepted = {each.difference: each for each in known}
    left, kept, notes = [], [], []
    for difference in found:
        entry = accepted.pop(_kept(difference, several=several), None)
        if entry is None:
            left.append(difference)
        else:
            kept.append(Accepted(difference, entry.reason))
    back = {_thing(_kept(each, several=several)) for each in left}
    for each in accepted:
        why = "has changed since it was accepted" if _thing(each) in back else "is accepted, and no longer there"
        notes.append(f"{each.object} {why}.")
    return tuple(left), tuple(kept), tuple(notes)


def _kept(difference: Difference, *, several: bool) -> Difference:
    """What of a difference is compared with the file: the same in a copy of the database with another name."""
    told = {name: getattr(difference, name) for name in _FIELDS}
    return Difference(**{**told, "database": difference.database if several else ""})


def _thing(each: Difference) -> tuple[object, ...]:
    return (each.database, each.kind, each.schema, each.table, each.name)


def _accepted(table: object, number: int, file: Path) -> Accepted:
    where = f"[[difference]] number {number}"
    if not isinstance(table, dict):
        raise _broken(file, f"{where} is no table")
    unknown = sorted(set(table) - {*_FIELDS, "reason"})
    if unknown:
        raise _broken(file, f"{where} has a key that means nothing: {', '.join(unknown)}")
    wrong = sorted(name for name, value in table.items() if not isinstance(value, str))
    if wrong:
        raise _broken(file, f"{where} has something else than text as {', '.join(wrong)}")
    if not str(table.get("reason", "")).strip() or not table.get("kind"):
        raise _broken(file, f"{where} needs a kind and a reason")
    if table.get("verdict") not in VERDICTS:
        raise _broken(file, f"{where} needs a verdict: {', '.join(VERDICTS)}")
    told: dict[str, Any] = {name: table.get(name, None if name in {"schema", "models", "revisions", "live"} else "")
            for name in _FIELDS}  # fmt: skip
    return Accepted(Difference(**told), table["reason"])


def _text(every: Iterable[Accepted]) -> str:
    tables = []
    for each in sorted(every, key=lambda one: tuple(str(part or "") for part in _thing(one.difference))):
        told = {name: getattr(each.difference, name) for name in _FIELDS} | {"reason": each.reason}
        lines = [f"{name} = {_quoted(value)}" for name, value in told.items() if value]
        tables.append("\n".join(["[[difference]]", *lines]))
    return _HEAD + "\n" + "\n\n".join(tables) + "\n"


def _quoted(value: str) -> str:
    """A TOML string; what has lines keeps them."""
    if "\n" not in value:
        return _escaped(value)
    return '"""\n' + "\n".join(_escaped(line)[1:-1] for line in value.split("\n")) + '"""'


def _escaped(line: str) -> str:
    # JSON's escapes are TOML's, but for DEL; half a surrogate pair is in no file.
    told = json.dumps(line.encode("utf-8", "replace").decode(), ensure_ascii=False)
    return told.replace("\x7f", "\\u007f")


def _read(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _broken(file, str(error)) from error


def _broken(file: Path, why: str) -> EnvironmentInvalid:
    return EnvironmentInvalid(f"{file} cannot be read: {why.rstrip('.')}.", "Correct the file.")
