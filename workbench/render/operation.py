"""Operations and the facts of a database: a line or a few, as text and as HTML."""

from __future__ import annotations

from workbench.results.facts import Dependent, Facts, Measure
from workbench.results.locks import Activity, Blocker, Lock
from workbench.results.operations import ColumnSpec, Operation, Reference
from workbench.text import aligned, one_line, plural


def operation_text(op: Operation) -> str:
    """`alter_column customer.email (nullable)  line 12`."""
    new = f" to {op.new_name}" if op.new_name else ""
    sets = f" ({', '.join(op.sets)})" if op.sets else ""
    on = f" on {', '.join(op.on)}" if op.on else ""
    line = f"  line {op.line}" if op.line else ""
    return one_line(f"{op.kind} {op.qualified}{new}{sets}{on}".rstrip()) + line


def column_text(spec: ColumnSpec) -> str:
    """`email VARCHAR(40) NOT NULL DEFAULT 'x'`."""
    words = [spec.name, spec.type]
    words += ["NOT NULL"] if spec.nullable is False else []
    words += [f"DEFAULT {spec.default}"] if spec.default is not None else []
    return one_line(" ".join(each for each in words if each))


def reference_text(reference: Reference) -> str:
    """`REFERENCES s.p (id) ON DELETE CASCADE`."""
    table = f"{reference.schema}.{reference.table}" if reference.schema else reference.table
    deleted = f" ON DELETE {reference.on_delete}" if reference.on_delete else ""
    return one_line(f"REFERENCES {table} ({', '.join(reference.columns)}){deleted}")


def facts_text(facts: Facts) -> str:
    """The server, its settings, and how large the tables are."""
    version = ".".join(map(str, facts.version))
    lines = [one_line(f"{facts.database} ({facts.dialect} {version})".replace(" )", ")"))]
    lines += [one_line(f"  {name} = {value}") for name, value in facts.settings]
    sizes = aligned(tuple(_cells(each)) for each in facts.measures)
    return "\n".join([*lines, *(f"  {line}" for line in sizes.split("\n") if line)])


def lock_text(lock: Lock) -> str:
    """`orders  ACCESS EXCLUSIVE  blocks reads and writes  large: The table is written anew.`."""
    blocks = f"blocks {lock.blocks}" if lock.blocks else "blocks nobody"
    return one_line(f"{lock.table}  {lock.level}  {blocks}  {lock.duration}: {lock.why}")


def blocker_text(blocker: Blocker) -> str:
    """`4711  ann  psql  idle in transaction  ROW EXCLUSIVE on orders: UPDATE …`."""
    does = f"{'waits for ' if blocker.waits else ''}{blocker.level} on {blocker.table}" if blocker.table else ""
    told = [str(blocker.number or "prepared"), blocker.user, blocker.program, blocker.state, does]
    query = f": {blocker.query}" if blocker.query else ""
    return one_line("  ".join(each for each in told if each) + query)


def activity_text(activity: Activity) -> str:
    """Each lock, each open transaction, and what could not be seen."""
    note = [one_line(activity.note)] if activity.note else []
    lines = dict.fromkeys(blocker_text(each) for each in (*activity.sessions, *activity.opened))
    return "\n".join([one_line(activity.database), *(f"  {each}" for each in lines), *note])


def dependent_text(dependent: Dependent) -> str:
    """What hangs on what."""
    return one_line("  ".join(str(value) for value in dependent.__dict__.values() if value))


def measure_text(measure: Measure) -> str:
    """`orders  about 12,000 rows  1,234,567 bytes`."""
    return "  ".join(each for each in _cells(measure) if each)


def _cells(each: Measure) -> tuple[str, ...]:
    rows = "empty" if each.is_empty else "" if each.rows is None else f"about {plural(each.rows, 'row')}"
    size = "" if each.size is None else plural(each.size, "byte")
    return one_line(f"{each.schema}.{each.table}" if each.schema else each.table), rows, size
