"""Finds what differs between models and database by Alembic's own comparators, as one Change a difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from alembic.autogenerate import compare as autogenerate_compare
from alembic.autogenerate import render
from alembic.autogenerate.api import AutogenContext
from alembic.operations import Operations, ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, MetaData, Table
from sqlalchemy.util import OrderedSet

from workbench.bridge import definitions, reflection
from workbench.bridge.environments import Part
from workbench.bridge.offline import offline_context, recording
from workbench.bridge.reflection import Memory
from workbench.errors import EnvPyFailed
from workbench.results import Change

_ORDER = {
    kind: index
    for index, kind in enumerate(
        (
            "add_table", "remove_table", "add_table_comment", "remove_table_comment",
            "add_column", "modify_type", "modify_nullable", "modify_default", "modify_comment", "remove_column",
            "remove_index", "add_index", "remove_constraint", "add_constraint", "remove_fk", "add_fk",
        )
    )
}  # fmt: skip


def compare(
    part: Part, metadata: Any, memory: Memory, *, reverse: bool, hide: Callable[[str], str] = str
) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """The changes that turn the live schema into the models (or back, with `reverse`), and what was left out.

    Args:
        part: The database, connected.
        metadata: A MetaData to use instead of env.py's `target_metadata`, or None.
        memory: What earlier comparisons have reflected; added to.
        reverse: From models to live.
        hide: Takes passwords out of a text: one may stand in a default or a comment.

    Raises:
        EnvPyFailed: There is no metadata to compare with.

    """
    context = part.context
    target = metadata if metadata is not None else context.opts.get("target_metadata")
    if target is None:
        raise no_models(part)
    pairs = [(table, in_order(op)) for table, op in _leaves(_found(part, target, memory))]
    kept = [pair for pair in pairs if not is_view(pair[1])]
    ignored = tuple(
        sorted(
            f"{op.table_name}: declared with CreateView; Alembic would propose a table"
            for _, op in pairs
            if is_view(op)
        )
    )
    writer = Writer(context, target)
    found = [
        hidden(change, hide)
        for table, op in kept
        for single in singles(op)
        for change in changes(part.name, table, single.reverse() if reverse else single, writer)
    ]
    return tuple(sorted(found, key=_place)), ignored


def no_models(part: Part) -> EnvPyFailed:
    """That env.py has nothing to compare with."""
    return EnvPyFailed(
        "env.py gives no target_metadata, so there are no models to compare with.",
        "Set target_metadata in env.py, or pass Workbench(metadata=Base.metadata).",
        (("file", part.script.env_py_location),),
    )


def hidden(change: Change, hide: Callable[[str], str]) -> Change:
    """The change without passwords."""
    told = {name: getattr(change, name) for name in ("before", "after", "code", "sql")}
    shown: dict[str, Any] = {name: None if text is None else hide(text) for name, text in told.items()}
    return replace(change, **shown)


def _found(part: Part, metadata: Any, memory: Memory) -> list[Any]:
    """The operations, as `alembic.autogenerate.produce_migrations` finds them, with a reflection that is remembered."""
    autogen = AutogenContext(part.context, metadata)
    mark, recalled = reflection.recall(memory, part.name, part.context.connection, autogen.inspector)
    script = ops.MigrationScript(rev_id=None, upgrade_ops=ops.UpgradeOps([]), downgrade_ops=ops.DowngradeOps([]))
    with reflection.queries_recalled(recalled):
        autogenerate_compare._populate_migration_script(autogen, script)
    reflection.keep(memory, part.name, mark, recalled)
    return script.upgrade_ops.ops if script.upgrade_ops is not None else []


def _place(change: Change) -> tuple[str, str, int, str, str]:
    # Alembic takes removed tables and columns out of sets, so its order changes from run to run.
    return (change.schema or "", change.table, _ORDER.get(change.kind, 99), change.name, change.code)


def _leaves(operations: list[Any]) -> Iterator[tuple[ops.ModifyTableOps | None, Any]]:
    for op in operations:
        if isinstance(op, ops.ModifyTableOps):
            for inner in op.ops:
                yield op, inner
        elif isinstance(op, ops.OpContainer):
            yield from _leaves(op.ops)
        else:
            yield None, op


def is_view(op: Any) -> bool:
    """Whether Alembic would make a table of what the models declare as a view."""
    # SQLAlchemy 2.1's CreateView(…, metadata=m) puts a Table with is_view into the metadata.
    if not isinstance(op, ops.CreateTableOp):
        return False
    table = getattr(op, "_orig_table", None)
    if table is None and op.columns:
        table = getattr(op.columns[0], "table", None)
    return bool(getattr(table, "is_view", False))


_MODIFICATIONS = ("modify_type", "modify_nullable", "modify_server_default", "modify_comment")


def singles(op: Any) -> list[Any]:
    """An AlterColumnOp that modifies several things as several that modify one, so that each has its own code."""
    if not isinstance(op, ops.AlterColumnOp):
        return [op]
    unset = {"modify_type": None, "modify_nullable": None, "modify_server_default": False, "modify_comment": False}
    changed = [name for name in _MODIFICATIONS if getattr(op, name) is not unset[name]]
    if len(changed) <= 1:
        return [op]
    existing = {
        name: getattr(op, name)
        for name in ("existing_type", "existing_nullable", "existing_server_default", "existing_comment")
    }
    singles = []
    for name in changed:
        single = ops.AlterColumnOp(
            op.table_name, op.column_name, schema=op.schema, **existing, **{name: getattr(op, name)}, **op.kw
        )
        singles.append(single)
        # What has been modified is what the next one finds.
        existing[name.replace("modify_", "existing_")] = getattr(op, name)
    return singles


def changes(database: str, table: ops.ModifyTableOps | None, op: Any, writer: Writer) -> Iterator[Change]:
    """What an operation changes, as Changes."""
    code = writer.code(table, op)
    sql, why_not = writer.sql(table, op)
    try:
        told = op.to_diff_tuple()
    except (NotImplementedError, AttributeError):  # an operation of a plugin's
        told = (type(op).__name__,)
    for each in told if isinstance(told, list) else [told]:
        kind = str(each[0])
        schema, table_name, name, before, after = definitions.describe(kind, each, op, writer.dialect)
        yield Change(kind, schema, table_name, name, before, after, code, sql, why_not, database)


def _made(item: Any) -> Any:
    """When a constraint was declared (SQLAlchemy's own order of them in DDL); an index by its name."""
    return getattr(item, "_creation_order", None) or str(getattr(item, "name", ""))


def in_order(op: Any) -> Any:
    """A CreateTableOp whose constraints stand as they were declared; Alembic takes them out of a set."""
    if isinstance(op, ops.CreateTableOp):
        columns = [each for each in op.columns if isinstance(each, Column)]
        op.columns = [*columns, *sorted((each for each in op.columns if not isinstance(each, Column)), key=_made)]
    return op


def _rendering_options(options: dict[str, Any]) -> dict[str, Any]:
    """What the renderers look for, with the defaults of `alembic revision`."""
    return {
        **options,
        "sqlalchemy_module_prefix": options.get("sqlalchemy_module_prefix") or "sa.",
        "alembic_module_prefix": options.get("alembic_module_prefix") or "op.",
        "render_as_batch": bool(options.get("render_as_batch")),
        "user_module_prefix": options.get("user_module_prefix"),
        "render_item": options.get("render_item"),
    }


class Writer:
    """Renders operations as code and as SQL."""

    def __init__(self, context: MigrationContext, metadata: Any) -> None:
        self.context = context
        self.autogen = AutogenContext(context, metadata, opts=_rendering_options(context.opts), autogenerate=False)
        self.dialect = context.dialect
        self.offline: MigrationContext | None = None
        self.reflected: dict[tuple[str | None, str], Table] = {}

    def code(self, table: ops.ModifyTableOps | None, op: Any) -> str:
        """As it would stand in a revision file."""
        # As render_python_code does it, which refuses a context that has a script directory but no metadata.
        text = render._render_cmd_body(ops.UpgradeOps([self._wrapped(table, op)]), self.autogen)
        return "\n".join(line for line in text.split("\n") if not line.startswith("# ### ")).strip()

    def sql(self, table: ops.ModifyTableOps | None, op: Any) -> tuple[str | None, str | None]:
        """In the database's dialect; or None, and why."""
        if self.offline is None:
            self.offline = offline_context(self.context)
        with recording(self.offline) as statements:
            try:
                operations = Operations(self.offline)
                if table is not None and self._needs_batch(op):
                    with operations.batch_alter_table(
                        table.table_name, schema=table.schema, copy_from=self._live(table)
                    ) as batch:
                        batch.invoke(op)
                else:
                    operations.invoke(op)
            except Exception as error:  # noqa: BLE001 - dialects refuse in many ways
                return None, f"{type(error).__name__}: {error}"
        return "\n".join(statements), None

    def _needs_batch(self, op: Any) -> bool:
        # SQLite cannot ALTER a column or a constraint; Alembic copies the table instead.
        return self.dialect.name == "sqlite" and not isinstance(
            op, (ops.AddColumnOp, ops.CreateIndexOp, ops.DropIndexOp)
        )

    def _live(self, table: ops.ModifyTableOps) -> Table:
        key = (table.schema, table.table_name)
        if key not in self.reflected:
            live = Table(table.table_name, MetaData(), schema=table.schema, autoload_with=self.context.connection)
            # Alembic's batch mode goes through these two sets: without an order the SQL differs from run to run.
            for name in ("constraints", "indexes"):
                setattr(live, name, OrderedSet(sorted(getattr(live, name), key=_made)))
            self.reflected[key] = live
        return self.reflected[key]

    @staticmethod
    def _wrapped(table: ops.ModifyTableOps | None, op: Any) -> Any:
        return op if table is None else ops.ModifyTableOps(table.table_name, [op], schema=table.schema)
