"""The journal as frames: the applies of one environment, and the statements of one apply."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.capabilities.journal import started
from workbench.errors import UnsupportedRequest
from workbench.results.base import frame

if TYPE_CHECKING:
    import pandas as pd

_STATEMENT = '{"record": "statement", "id": "'
_WHEN = "datetime64[ns, UTC]"
_APPLIES = {
    "id": "object", "began": _WHEN, "seconds": "float64", "who": "object", "host": "object", "database": "object",
    "url": "object", "dialect": "object", "direction": "object", "source": "object", "target": "object",
    "steps": "Int64", "statements": "Int64", "result": "object", "error": "object", "plan": "object",
}  # fmt: skip
_STATEMENTS = {
    "began": _WHEN, "database": "object", "revision": "object", "sql": "object", "rows": "Int64", "seconds": "float64",
}  # fmt: skip


@dataclass(frozen=True)
class Applied:
    """An upgrade to one revision that came to its end."""

    apply: str
    date: str
    digest: str
    """Of the revision's syntax tree; see `environment.syntax`. Empty where it was not written down."""


def applies(path: Path, configuration: str, limit: int | None = None) -> pd.DataFrame:
    """The applies of the environment with this configuration, the newest first.

    Columns: id, began (datetime64[ns, UTC]), seconds (float, NaN if it has no end), who, host, database, url, dialect,
    direction, source, target, steps, statements (Int64), result, error, plan (str).
    """
    begun: dict[str, dict[str, Any]] = {}
    ended: dict[str, dict[str, Any]] = {}
    counted: Counter[str] = Counter()
    for line in _lines(path):
        if line.startswith(_STATEMENT):
            counted[line[len(_STATEMENT) :].partition('"')[0]] += 1
            continue
        told = _read(line)
        if told.get("record") == "begin" and told.get("configuration") == configuration:
            begun[str(told.get("id"))] = told
        elif told.get("record") == "end":
            ended[str(told.get("id"))] = told
    rows = [_apply(told, ended.get(each, {}), counted[each]) for each, told in begun.items()]
    rows.sort(key=lambda row: row["began"] or "", reverse=True)
    return _frame(rows[:limit], _APPLIES)


def applied(path: Path, configuration: str) -> dict[tuple[str, str], dict[str, Applied]]:
    """By the name and URL of a database: the last upgrade to each revision that came to its end.

    Without those that were downgraded from here since. What others have done the journal does not know.
    """
    begun: dict[str, dict[str, Any]] = {}
    found: dict[tuple[str, str], dict[str, Applied]] = {}
    for line in _lines(path):
        if line.startswith(_STATEMENT):
            continue
        told = _read(line)
        if told.get("record") == "begin" and told.get("configuration") == configuration:
            begun[str(told.get("id"))] = told
        begin = begun.get(str(told.get("id"))) if told.get("record") == "step_done" else None
        if begin is None:
            continue
        with contextlib.suppress(KeyError, IndexError, TypeError, AttributeError):  # lines of another version's
            step = begin["steps"][told["step"]]
            url = next(each["url"] for each in begin["databases"] if each["name"] == step["database"])
            date = str(begin["began"]).partition("T")[0]
            each = Applied(str(begin["id"]), date, str(step.get("syntax", "")))
            known = found.setdefault((step["database"], url), {})
            known.pop(step["revision"], None)
            if begin["direction"] == "upgrade":
                known[step["revision"]] = each
    return found


def statements(path: Path, apply: str) -> pd.DataFrame:
    """The statements of one apply, in order; one that never came to its end has no seconds.

    Columns: began (datetime64[ns, UTC]), database, revision, sql (str), rows (Int64), seconds (float).

    Raises:
        UnsupportedRequest: The journal has no apply of this id.

    """
    known = False
    rows: list[dict[str, Any]] = []
    unfinished: dict[str, Any] | None = None
    for line in _lines(path):
        if f'"id": "{apply}"' not in line:
            continue
        told = _read(line)
        if told.get("id") != apply:
            continue
        known = True
        if told["record"] == "running":
            unfinished = told
        elif told["record"] == "statement":
            unfinished = None
            rows.append(told)
    if not known:
        raise UnsupportedRequest(f"The journal has no apply {apply!r}.", "The ids are in wb.journal().")
    return _frame([{name: row.get(name) for name in _STATEMENTS} for row in [*rows, unfinished] if row], _STATEMENTS)


def _apply(told: dict[str, Any], end: dict[str, Any], counted: int) -> dict[str, Any]:
    databases = [each for each in told.get("databases", ()) if isinstance(each, dict)]
    return {
        **{name: told.get(name) for name in ("id", "began", "who", "host", "direction", "source", "target", "plan")},
        **{
            column: ", ".join(dict.fromkeys(str(each.get(name, "")) for each in databases))
            for column, name in (("database", "name"), ("url", "url"), ("dialect", "dialect"))
        },
        "steps": len(told.get("steps", ())),
        "seconds": end.get("seconds"),
        "statements": end.get("statements", counted),
        "result": end.get("result") or ("running" if _lives(told) else "unfinished"),
        "error": end.get("error", ""),
    }


def _lives(told: dict[str, Any]) -> bool:
    """Whether the kernel that began it is still there, so that its end may yet come."""
    since = told.get("process")
    if not since or told.get("host") != socket.gethostname():
        return bool(told.get("pid") == os.getpid() and told.get("host") == socket.gethostname())
    return str(since) == started(int(told.get("pid", 0)))


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from (line for line in file if line.endswith("}\n"))  # half a line: a disk was full
    except FileNotFoundError:
        return


def _read(line: str) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _frame(rows: list[dict[str, Any]], dtypes: dict[str, str]) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - half a second that only those who want a frame should pay

    made = frame(rows, {name: "object" if kind == _WHEN else kind for name, kind in dtypes.items()})
    for name, kind in dtypes.items():
        if kind == _WHEN:
            made[name] = pd.to_datetime(made[name], utc=True, errors="coerce", format="ISO8601").dt.as_unit("ns")
    return made
