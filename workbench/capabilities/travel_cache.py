"""Keeps what was seen on travels through a history, in our cache folder, by the content of what it was made from."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from workbench.results.objects import Column, Constraint, Index, SchemaObject, Table, View
from workbench.worker.answers import Visit

LARGEST = 200_000_000
"""Bytes that it may take; then what was not asked for the longest goes."""
_MANY = 500  # SQLite takes no more than 999 parameters everywhere
_KINDS = {each.__name__: each for each in (Table, View, SchemaObject)}
_PARTS = {"columns": Column, "constraints": Constraint, "indexes": Index}
_FIELDS = {
    each: tuple(field.name for field in dataclasses.fields(each)) for each in (*_KINDS.values(), *_PARTS.values())
}
_TABLES = """
CREATE TABLE IF NOT EXISTS thing (digest TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS visit (key TEXT PRIMARY KEY, body BLOB NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;
"""

SHAPE = hashlib.sha256(repr(sorted((each.__name__, names) for each, names in _FIELDS.items())).encode()).hexdigest()
"""Of the classes that are kept: another version of them reads nothing of this one's."""


class TravelCache:
    """One SQLite file: each object is kept once, by its digest, and each visit as a list of these.

    Several processes may use it at once. What cannot be read or written is as if it were not there.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._objects: dict[str, SchemaObject] = {}
        """Those that were read or written before, so that the same object is the same one."""
        self._digests: dict[int, tuple[SchemaObject, str]] = {}

    def get(self, keys: Iterable[str]) -> dict[str, dict[str, Visit]]:
        """What is known of these, by key and by database."""
        wanted = list(dict.fromkeys(keys))
        with contextlib.suppress(sqlite3.Error, OSError, ValueError, TypeError, KeyError, zlib.error):
            if not self._file().exists():
                return {}
            with self._open() as connection:
                bodies = dict(_select(connection, "SELECT key, body FROM visit WHERE key IN ", wanted))
                told = {key: json.loads(zlib.decompress(body)) for key, body in bodies.items()}
                lists = {
                    digest for visits in told.values() for visit in visits.values()
                    for digest in (visit["objects"], visit["before"]) if digest
                }  # fmt: skip
                members = {
                    digest: json.loads(zlib.decompress(body))
                    for digest, body in _select(connection, "SELECT digest, body FROM thing WHERE digest IN ", lists)
                }
                needed = {each for digests in members.values() for each in digests} - self._objects.keys()
                for digest, body in _select(connection, "SELECT digest, body FROM thing WHERE digest IN ", needed):
                    self._keep(digest, _object(json.loads(zlib.decompress(body))))
                states = {digest: tuple(self._objects[each] for each in found) for digest, found in members.items()}
                now = int(time.time())
                with contextlib.suppress(sqlite3.Error):  # somebody else is writing, or it is read-only
                    connection.executemany("UPDATE visit SET used = ? WHERE key = ? AND used < ?", [
                        (now, key, now - 3600) for key in told
                    ])  # fmt: skip
            return {key: {name: _visit(each, states) for name, each in visits.items()} for key, visits in told.items()}
        return {}

    def put(self, visits: dict[str, dict[str, Visit]]) -> None:
        """Keep these."""
        things: dict[str, bytes] = {}
        lists: dict[int, str] = {}
        kept = []
        for key, by_database in visits.items():
            told = {}
            for name, visit in by_database.items():
                told[name] = {
                    "objects": self._list(visit.objects, things, lists),
                    "before": None if visit.before is None else self._list(visit.before, things, lists),
                    "statements": visit.statements,
                    "renames": visit.renames,
                    "read": visit.read,
                }
            kept.append((key, _packed(told), int(time.time())))
        with contextlib.suppress(sqlite3.Error, OSError), self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT OR IGNORE INTO thing VALUES (?, ?)", things.items())
            connection.executemany("INSERT OR REPLACE INTO visit VALUES (?, ?, ?)", kept)
            connection.execute("COMMIT")
            _shrink(connection)

    def _list(self, objects: tuple[SchemaObject, ...], things: dict[str, bytes], lists: dict[int, str]) -> str:
        known = lists.get(id(objects))
        if known is not None:
            return known
        digests = []
        for each in objects:
            found = self._digests.get(id(each))
            if found is None:
                text = json.dumps(_told(each), separators=(",", ":"))
                digest = _digest(text)
                things[digest] = zlib.compress(text.encode())
                self._keep(digest, each)
                self._digests[id(each)] = (each, digest)
            else:
                digest = found[1]
            if digest not in things:
                things[digest] = _packed(_told(each))
            digests.append(digest)
        text = json.dumps(digests, separators=(",", ":"))
        digest = _digest(text)
        things[digest] = zlib.compress(text.encode())
        lists[id(objects)] = digest
        return digest

    def _keep(self, digest: str, each: SchemaObject) -> None:
        kept = self._objects.setdefault(digest, each)
        self._digests[id(kept)] = (kept, digest)

    def _file(self) -> Path:
        return self._path or folder() / "travel.db"

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        path = self._file()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            connection = _connected(path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            path.unlink()  # it is no database any more
            connection = _connected(path)
        with contextlib.closing(connection):
            yield connection


def folder() -> Path:
    """Where it lies: beside the scratch files."""
    base = os.environ.get("LOCALAPPDATA") if os.name == "nt" else os.environ.get("XDG_CACHE_HOME")
    return Path(base or Path("~/.cache").expanduser()) / "alembic-workbench" / "travel"


def _connected(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # SQLite would make it readable to all
    connection = sqlite3.connect(path, timeout=5, isolation_level=None)
    try:
        connection.executescript(_TABLES)
    except BaseException:
        connection.close()
        raise
    return connection


def _shrink(connection: sqlite3.Connection) -> None:
    if _size(connection) <= LARGEST:
        return
    # The older half goes, and with it what nobody else has.
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "DELETE FROM visit WHERE key IN "
        "(SELECT key FROM visit ORDER BY used, key LIMIT (SELECT (count(*) + 1) / 2 FROM visit))"
    )
    used: set[str] = set()
    for (body,) in connection.execute("SELECT body FROM visit"):
        for visit in json.loads(zlib.decompress(body)).values():
            used |= {visit["objects"], visit["before"]} - {None}
    for digest in list(used):
        for (body,) in connection.execute("SELECT body FROM thing WHERE digest = ?", (digest,)):
            used.update(json.loads(zlib.decompress(body)))
    every = {digest for (digest,) in connection.execute("SELECT digest FROM thing")}
    connection.executemany("DELETE FROM thing WHERE digest = ?", [(each,) for each in every - used])
    connection.execute("COMMIT")
    connection.execute("VACUUM")


def _select(connection: sqlite3.Connection, question: str, wanted: Iterable[str]) -> Iterator[Any]:
    every = list(wanted)
    for start in range(0, len(every), _MANY):
        some = every[start : start + _MANY]
        yield from connection.execute(f"{question}({','.join('?' * len(some))})", some)


def _size(connection: sqlite3.Connection) -> int:
    pages, size = (int(connection.execute(f"PRAGMA {each}").fetchone()[0]) for each in ("page_count", "page_size"))
    return pages * size


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _packed(value: Any) -> bytes:
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode())


def _told(each: Any) -> list[Any]:
    """An object as JSON: the name of its class and its fields in their order."""
    return [type(each).__name__, *(_plain(getattr(each, name)) for name in _FIELDS[type(each)])]


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_told(each) if type(each) in _FIELDS else each for each in value]
    return value


def _object(told: list[Any]) -> SchemaObject:
    kind = _KINDS[told[0]]
    fields: dict[str, Any] = {}
    for name, value in zip(_FIELDS[kind], told[1:], strict=True):
        fields[name] = tuple(_part(_PARTS[name], each) for each in value) if name in _PARTS else value
    return kind(**fields)


def _part(kind: Any, told: list[Any]) -> Any:
    return kind(*(tuple(each) if type(each) is list else each for each in told[1:]))


def _visit(told: dict[str, Any], states: dict[str, tuple[SchemaObject, ...]]) -> Visit:
    return Visit(
        states[told["objects"]],
        None if told["before"] is None else states[told["before"]],
        tuple(told["statements"]),
        tuple((kind, table, before, after) for kind, table, before, after in told["renames"]),
        tuple((path, digest) for path, digest in told["read"]),
    )
