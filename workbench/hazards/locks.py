"""What the steps of a Plan lock, how long that takes, and a summary of it in plain words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from workbench.hazards import mysql_algorithms, pg_levels, pg_locks
from workbench.hazards.pg_levels import Hold
from workbench.hazards.reading import read
from workbench.hazards.situation import Situation
from workbench.results import Step
from workbench.results.locks import Activity, Blocker, Blocks, Duration, Lock
from workbench.results.operations import Operation
from workbench.text import plural

_BLOCKS: dict[str, Blocks] = {
    pg_levels.SHARE: "writes",
    pg_levels.SHARE_ROW_EXCLUSIVE: "writes",
    pg_levels.EXCLUSIVE: "writes",
    pg_levels.ACCESS_EXCLUSIVE: "reads and writes",
}
_RANKS: tuple[Duration, ...] = ("large", "unknown", "medium", "small")
_MILLION, _THOUSAND = 1_000_000, 10_000


def of_plan_steps(steps: Iterable[Step], now: Situation) -> tuple[Lock, ...]:
    """What the steps of one database lock, in their order; of each operation the table that it names first.

    Tables that the steps themselves make are left out: nobody else uses them yet. SQLite locks its whole file for
    every write, so nothing is told of it.

    Args:
        steps: Of one database, in order.
        now: That database; it is moved through the steps.

    """
    found: list[Lock] = []
    for step in steps:
        if step.direction == "stamp" or not step.path:
            continue
        now.begin(step.revision, step.direction, step.path)
        for op in _operations(step, now.dialect):
            found += _of_operation(op, step, now)
            now.after(op)
    return tuple(found)


def summary(locks: Iterable[Lock]) -> str:
    """What blocks others, in plain words, a sentence each; the longest first. Empty where nothing does."""
    groups: dict[tuple[str, Blocks, str, str], list[Lock]] = {}
    for each in locks:
        if each.blocks:
            groups.setdefault((each.table, each.blocks, each.work, each.database), []).append(each)
    ordered = sorted(groups.items(), key=lambda item: _weight(item[1][0]))
    return "\n".join(f"{_sentence(key, same)}." for key, same in ordered)


def with_blockers(locks: Iterable[Lock], activity: Iterable[Activity]) -> tuple[Lock, ...]:
    """The locks, each with those who would hold it up at the moment of `activity`."""
    known = {each.database: each for each in activity}
    return tuple(
        replace(each, blockers=_blockers(each, told), unseen=told.note) if (told := known.get(each.database)) else each
        for each in locks
    )


def _blockers(lock: Lock, told: Activity) -> tuple[Blocker, ...]:
    """The sessions, each once, with its strongest lock; the oldest transaction first."""
    conflicts = pg_levels.CONFLICTS.get(lock.level)
    found: dict[int, Blocker] = {}
    for each in told.sessions:
        # On MariaDB and MySQL each ALTER waits for everybody who has used the table in a transaction.
        if each.table == lock.table and (conflicts is None or each.level in conflicts):
            before = found.get(each.number)
            if before is None or _strength(each) > _strength(before):
                found[each.number] = each
    if not told.is_exact or lock.concurrently:  # CONCURRENTLY waits for all that began before it
        found.update({each.number: each for each in told.opened if each.number not in found})
    return tuple(sorted(found.values(), key=lambda each: (-(each.seconds or 0.0), each.number)))


def _strength(session: Blocker) -> int:
    return pg_levels.LEVELS.index(session.level) if session.level in pg_levels.LEVELS else 0


def held_up(locks: Iterable[Lock], *, live: bool = False) -> tuple[str, ...]:
    """Who would hold them up right now, in sentences; and what could not be seen.

    `live`: one for each session, the oldest first, with its number and how long its transaction is open. Else one for
    all that are alike without these, which are others whenever a notebook runs: the Blockers have them.
    """
    tables: dict[Blocker, dict[str, None]] = {}
    for lock in locks:
        for each in lock.blockers or ():
            plain = replace(each, table="", level="", waits=False, state="waiting" if each.waits else each.state)
            tables.setdefault(plain, {}).update({each.table: None} if each.table else {})
    ordered = sorted(tables.items(), key=lambda item: (-(item[0].seconds or 0.0), item[0].number))
    notes = dict.fromkeys(each.unseen for each in locks if each.unseen)
    if live:
        return (*(_hold_up(_with_age(each), tuple(names)) for each, names in ordered), *notes)
    alike = Counter((_who(each), tuple(sorted(names))) for each, names in ordered)
    told = (_hold_up(f"{plural(count, 'transaction')}{who}", names) for (who, names), count in alike.items())
    return (*sorted(told), *notes)


def _hold_up(told: str, tables: tuple[str, ...]) -> str:
    return f"{told} would hold up what locks {_all(tables)}." if tables else f"{told} may hold it up."


def _who(session: Blocker, number: str = "") -> str:
    """In parentheses; empty where nothing is known."""
    who = [number if session.number else "prepared", session.program or session.user, session.state]
    told = ", ".join(each for each in who if each)
    return f" ({told})" if told else ""


def _with_age(session: Blocker) -> str:
    since = f" open for {_age(session.seconds)}" if session.seconds is not None else ""
    return f"A transaction{since}{_who(session, f'pid {session.number}')}"


def _all(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _age(seconds: float) -> str:
    """`12 min`: no more exact than is of use."""
    whole = int(seconds)
    if whole < 60:  # noqa: PLR2004 - a minute
        return f"{whole} s"
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def of_operation(op: Operation, now: Situation) -> tuple[tuple[Hold, Blocks], ...]:
    """The tables that an operation locks at this place of the steps, and from what that keeps others."""
    if now.dialect == "postgresql":
        return tuple((each, _BLOCKS.get(each.level, "")) for each in pg_locks.holds(op, now))
    told = mysql_algorithms.algorithm(op, now) if now.is_mysql else None
    if told is None or not op.table:
        return ()
    works = told.name != "INSTANT"
    copies = told.rebuilds or told.name == "COPY"
    builds = works and not copies and op.kind in {"create_index", "create_unique_constraint", "create_primary_key"}
    hold = Hold(
        op.schema, op.table, told.name, works, copies, builds, why=told.why or ("rows are read" if works else "")
    )
    return ((hold, "writes" if told.blocks_writes else ""),)


def duration(hold: Hold, now: Situation) -> Duration:
    """How long it takes: `small` where only the catalogue changes, else as large as the table is."""
    if not hold.work:
        return "small"
    size = now.size(hold.schema, hold.table)
    return "small" if size == "empty" else size


def amount(rows: int | None, size: int | None) -> str:
    """`2.1 M rows, 410 MB`; empty where neither is known."""
    told = []
    if rows is not None:
        told.append(
            f"{rows / _MILLION:.1f} M rows" if rows >= _MILLION
            else f"{rows // 1000:,} k rows" if rows >= _THOUSAND else plural(rows, "row")
        )  # fmt: skip
    if size is not None:
        told.append(_bytes(size))
    return ", ".join(told)


def _of_operation(op: Operation, step: Step, now: Situation) -> Iterator[Lock]:
    for hold, blocked in of_operation(op, now):
        if now.is_new(hold.schema, hold.table):
            continue
        told = now.measure(hold.schema, hold.table)
        rows, size = (None, None) if told is None else (told.rows, told.size)
        if told is not None and told.is_empty:
            rows = 0
        takes = duration(hold, now)
        yield Lock(
            step.database, step.revision, op.first,
            f"{hold.schema}.{hold.table}" if hold.schema else hold.table,
            hold.level, blocked, hold.scans or hold.builds_index, hold.rewrites, hold.builds_index,
            hold.named, rows, size, takes, _why(hold, takes, amount(rows, size)), op.kind, op.line, op.concurrently,
        )  # fmt: skip


def _why(hold: Hold, takes: Duration, told: str) -> str:
    if not hold.work:
        return "Only the catalogue changes."
    reason = hold.why[:1].upper() + hold.why[1:]
    if takes == "unknown":
        return f"{reason}; how large the table is, is not known."
    return f"{reason} ({told})." if told else f"{reason}."


def _operations(step: Step, dialect: str) -> Iterator[Operation]:
    for op in step.operations:
        if op.kind == "sql" and op.sql:
            yield from read(op, dialect)
        else:
            yield op


def _weight(lock: Lock) -> tuple[int, int, str]:
    return _RANKS.index(lock.duration), 0 if lock.blocks == "reads and writes" else 1, lock.table


def _sentence(key: tuple[str, Blocks, str, str], same: list[Lock]) -> str:
    table, blocked, work, _ = key
    what = {
        "rewrite": "while all its rows are written anew",
        "index": "while an index is built",
        "scan": "while all its rows are read",
        "": "for a moment",
    }[work]
    told = amount(same[0].rows, same[0].size)
    verb = "block" if len(same) != 1 else "blocks"
    return f"{plural(len(same), 'statement')} {verb} {blocked} to {table}{f' ({told})' if told else ''} {what}"


def _bytes(size: int) -> str:
    for unit, factor in (("GB", 2**30), ("MB", 2**20), ("kB", 2**10)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}" if size < 10 * factor else f"{size // factor} {unit}"
    return plural(size, "byte")
