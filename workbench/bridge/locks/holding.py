"""One migration at a time: a lock for each database and version table, held by a connection of its own.

It is taken before the heads are read that count, and given back after the last commit. Whoever dies loses it: the
server or the operating system takes it back.
"""

from __future__ import annotations

from workbench.bridge.environments import Part
from workbench.bridge.locks.kinds import Lock, SQLiteLock
from workbench.bridge.locks.servers import MySQLLock, PostgreSQLLock
from workbench.errors import DatabaseLocked

_KINDS: dict[str, type[Lock]] = {
    "postgresql": PostgreSQLLock, "mysql": MySQLLock, "mariadb": MySQLLock, "sqlite": SQLiteLock,
}  # fmt: skip


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
            DatabaseLocked: Somebody else holds it.

        """
        found = _KINDS.get(part.context.dialect.name, Lock)(part)
        held = self._held.get(found.key)
        if held is not None and held.is_held:
            held.part = part
            return held
        found.others = tuple(self._held.values())
        try:
            found.acquire()
        except DatabaseLocked:
            found.release()
            raise
        except Exception as error:  # noqa: BLE001 - some servers speak PostgreSQL's or MySQL's language without their locks
            found.release()
            found.problem = str(error).strip().partition("\n")[0]
        if found.is_held:
            self._held[found.key] = found
        return found
