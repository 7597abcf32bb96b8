"""The safer ways of MariaDB and MySQL: ALTERs that repeat all of a column, or are refused rather than copy a table."""

from __future__ import annotations

from workbench.hazards.mysql_columns import definition, type_code
from workbench.hazards.rewrites import constraint, constraint_type, execute, final, name_of, schema_of, text
from workbench.results import Table
from workbench.results.objects import Column, Constraint
from workbench.results.operations import ColumnSpec, Operation
from workbench.results.rewrites import Rewrite

_STRICT = "SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES')"


def with_words(op: Operation) -> Rewrite | None:
    """The same ALTER, which the server refuses if it would have to copy the table."""
    if op.source == "sql" or len(op.sql) != 1 or not op.sql[0].lstrip().upper().startswith("ALTER TABLE"):
        return None
    return Rewrite(execute(f"{op.sql[0].strip().rstrip(';')}, ALGORITHM=INPLACE, LOCK=NONE"))


def strictly() -> Rewrite:
    """The operation in a session that is strict."""
    return Rewrite(execute(_STRICT), execute(_STRICT), around=True)


def whole_alter(op: Operation, live: Column) -> Rewrite | None:
    """The same operation, with everything that the live column has."""
    if op.source != "operation" or op.column is None or op.batch:
        return None
    told = definition(live)
    if not told["existing_type"]:
        return None
    default = op.column.default
    on_update = live.extra if "on update" in live.extra.lower() else ""
    if default is not None and on_update and "on update" not in default.lower():
        default = f"{default} {on_update}"
    sets = {
        "name": ("new_column_name", repr(op.new_name)),
        "type": ("type_", type_code(Column(op.name, op.column.type, collation=live.collation))),
        "nullable": ("nullable", repr(op.column.nullable)),
        "server_default": ("server_default", "None" if default is None else text(default)),
        "comment": ("comment", repr(op.column.comment)),
        "autoincrement": ("autoincrement", repr(op.column.autoincrement)),
    }
    arguments = dict(sets[each] for each in op.sets)
    if not arguments.get("type_", "?"):
        return None
    arguments |= {name: code for name, code in told.items() if name.removeprefix("existing_") not in op.sets}
    return Rewrite(_alter(op, op.name, arguments), _altered_back(op, live, told))


def _altered_back(op: Operation, live: Column, told: dict[str, str]) -> str:
    """All of the column as it was."""
    was = {
        "name": ("new_column_name", repr(live.name)),
        "type": ("type_", told["existing_type"]),
        "nullable": ("nullable", repr(live.nullable)),
        "server_default": ("server_default", told.get("existing_server_default", "None")),
        "comment": ("comment", repr(live.comment)),
        "autoincrement": ("autoincrement", repr(bool(live.identity))),
    }
    arguments = dict(was[each] for each in op.sets)
    arguments |= {name: code for name, code in told.items() if name.removeprefix("existing_") not in op.sets}
    return _alter(op, op.new_name or op.name, arguments)


def _alter(op: Operation, name: str, arguments: dict[str, str]) -> str:
    arguments = arguments | ({"schema": repr(op.schema)} if op.schema else {})
    lines = [f"    {each}={code}," for each, code in arguments.items()]
    return "\n".join([f"op.alter_column({op.table!r}, {name!r},", *lines, ")"])


def column_in_steps(op: Operation, spec: ColumnSpec) -> Rewrite | None:
    """A required column that is added without being required, and filled before it is."""
    code = type_code(Column(spec.name, spec.type))
    if not code or spec.references or spec.unique or op.batch:
        return None
    where, at = schema_of(op.schema), f"{op.table!r}, {spec.name!r}"
    alter = f"op.alter_column({at}, existing_type={code}, nullable="
    return Rewrite(
        f"op.add_column({op.table!r}, sa.Column({spec.name!r}, {code}, nullable=True){where})\n"
        f"# here, or in revisions between: fill {spec.name} in batches, and let the code write it",
        f"op.drop_column({at}{where})",
        later=(Rewrite(f"{alter}False{where})", f"{alter}True{where})"),),
    )


def typed(op: Operation, table: Table | None) -> Rewrite | None:
    """A constraint dropped with its type; None where nobody knows which one it is."""
    live = next((each for each in (table.constraints if table else ()) if each.name == op.name), None)
    if live is None or op.batch:
        return None
    where = schema_of(op.schema)
    drop = f"op.drop_constraint({name_of(op)}, {op.table!r}, type_={constraint_type(live)!r}{where})"
    return Rewrite(drop, constraint(live, op.table, op.schema) or None)


def other_index(op: Operation, table: Table, columns: tuple[str, ...], taken: set[str]) -> Rewrite | None:
    """Another index for a foreign key, made before the one that it uses is dropped."""
    name = f"ix_{op.table}_{'_'.join(columns)}"[:64]
    live = next((each for each in table.indexes if each.name.casefold() == op.name.casefold()), None)
    if name.casefold() in taken or op.source != "operation" or op.batch:
        return None
    where, new = schema_of(op.schema), final(name)
    back = None
    if live is not None:
        unique = ", unique=True" if live.unique else ""
        back = (
            f"op.create_index({name_of(op)}, {op.table!r}, {list(live.expressions)!r}{unique}{where})\n"
            f"op.drop_index({new}, {op.table!r}{where})"
        )
    return Rewrite(
        f"op.create_index({new}, {op.table!r}, {list(columns)!r}{where})\n"
        f"op.drop_index({name_of(op)}, {op.table!r}{where})",
        back,
    )


def without_key(op: Operation, owner: Table, key: Constraint) -> Rewrite | None:
    """The operation after a foreign key is dropped, which is made again on the way back."""
    if op.source != "operation" or not key.name:
        return None
    return Rewrite(_dropped(owner, key), "", around=True,
                   downgrade_after=constraint(key, owner.name, owner.schema))  # fmt: skip


def key_around(op: Operation, owner: Table, key: Constraint, others: list[tuple[Table, Column]]) -> Rewrite | None:
    """Another type for both sides of a foreign key, which is dropped meanwhile.

    Args:
        op: An `alter_column` of one side.
        owner: The table of the foreign key.
        key: The foreign key.
        others: The columns that have to be of the same type, with their tables.

    """
    code = type_code(Column(op.name, op.column.type)) if op.column is not None else ""
    if op.source != "operation" or not key.name or not code or op.batch:
        return None
    there, back = [], []
    for table, column in others:
        told = definition(column)
        if not told["existing_type"]:
            return None
        at = Operation("alter_column", table.schema or "", table.name, column.name)
        rest = {name: value for name, value in told.items() if name != "existing_type"}
        there.append(_alter(at, column.name, {"type_": code} | rest))
        back.append(_alter(at, column.name, {"type_": told["existing_type"]} | rest))
    made = constraint(key, owner.name, owner.schema)
    return Rewrite(
        _dropped(owner, key),
        _dropped(owner, key),
        around=True,
        after="\n".join([*there, made]),
        downgrade_after="\n".join([*back, made]),
    )


def _dropped(owner: Table, key: Constraint) -> str:
    return f"op.drop_constraint({final(key.name)}, {owner.name!r}, type_='foreignkey'{schema_of(owner.schema)})"
