"""One migration at a time: a lock for each database and version table, held by a connection of its own.

It is taken before the heads are read that count, and given back after the last commit. Whoever dies loses it: the
server or the operating system takes it back.
"""

from __future__ import annotations

import re

from workbench.bridge.environments import Part
from workbench.bridge.locks.kinds import Lock, SQLiteLock
from workbench.bridge.locks.servers import MySQLLock, PostgreSQLLock
from workbench.errors import DatabaseLocked

_KINDS: dict[str, type[Lock]] = {
    "postgresql": PostgreSQLLock, "mysql": MySQLLock, "mariadb": MySQLLock, "sqlite": SQLiteLock,
}  # fmt: skip
_UNKNOWN = {"42883", "0A000", 1305, 1235}
"""How PostgreSQL and MySQL say that there is no such function, and that something is not supported."""
_NOT_SUPPORTED = re.compile(
    r"\b(?:un|not (?:yet )?)(?:supported|implemented)\b|\bfunction\b.*\bdoes not exist", re.IGNORECASE
)


def _knows_no_locks(error: Exception) -> bool:
    """Some servers speak PostgreSQL's or MySQL's language without having their locks."""
    original: object = getattr(error, "orig", None) or error
    codes = {getattr(original, name, None) for name in ("sqlstate", "pgcode")} | set(getattr(original, "args", ())[:1])
    return bool(codes & _UNKNOWN) or _NOT_SUPPORTED.search(str(error)) is not None


class Locks:
    """The locks of one apply, each taken once. Leaving it gives all of them back."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, ...], Lock] = {}

    def __enter__(self) -> Locks:  # noqa: PYI034 - Python 3.10 has no Self
        return self

    def __exit__(self, *_: object) -> None:
        for lock in reversed(self._held.values()):  # those first that have borrowed another's connection
            lock.release()
        self._held.clear()

    def take(self, part: Part) -> Lock:
        """The lock of this part's database and version table; one that says why not, where it could not be had.

        Raises:
            DatabaseLocked: Somebody else holds it, or nobody can tell whether somebody does.

        """
        found = _KINDS.get(part.context.dialect.name, Lock)(part)
        held = self._held.get(found.key)
        if held is not None and held.is_held and held.lives_with(part):
            held.part = part
            return held
        if held is not None:
            held.release()
        found.others = tuple(self._held.values())
        try:
            found.acquire()
        except DatabaseLocked:
            found.release()
            raise
        except Exception as error:
            found.release()
            problem = str(error).strip().partition("\n")[0]
            if not _knows_no_locks(error):
                raise DatabaseLocked(
                    f"The lock of {part.database.name}, which keeps two migrations from running at once, could not be "
                    f"asked for: {problem}. Nothing was run.",
                    "Mend that, or try again; a lock needs no more than one connection beside that of env.py.",
                ) from error
            found.problem = problem
        if found.is_held:
            self._held[found.key] = found
        return found
