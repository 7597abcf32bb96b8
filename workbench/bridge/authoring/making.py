"""Runs Alembic's own `revision --autogenerate` with our proposals in it, up to the text that it would write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from alembic.autogenerate import compare
from alembic.autogenerate.api import RevisionContext
from alembic.operations import ops
from sqlalchemy import MetaData, Table

from workbench.bridge import comparison, drafting, losses, reflection
from workbench.bridge.authoring import deciding, enums, marking, naming, pretending, proposing, renaming, types, unseen
from workbench.bridge.authoring.operations import CodeOp
from workbench.bridge.environments import Part
from workbench.bridge.reflection import Memory
from workbench.bridge.values import Code, Decided, Drafted
from workbench.errors import UnsupportedRequest
from workbench.results import Change, Destroyed
from workbench.results.effects import Effect


@dataclass
class Maker:
    """One revision file in the making; env.py is run with `work` for each of its databases."""

    options: dict[str, Any]
    """As `alembic revision` takes them."""
    choices: Decided
    memory: Memory
    metadata: Any = None
    """From the notebook; None where env.py's own counts."""
    hide: Callable[[str], str] = str
    remembers: bool = True
    """Whether what is reflected is the live schema, and may be remembered as that."""
    proposed: list[tuple[Any, ...]] = field(default_factory=list)
    """(key, database, whether it is wanted, Changes, what would be lost) of each proposal."""
    template_args: dict[str, Any] = field(default_factory=dict)
    behind: list[str] = field(default_factory=list)
    """The databases that do not stand at the heads, so that nothing can be compared with them."""
    _revision: RevisionContext | None = None
    _marks: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    """By the identity of an operation (database, direction, key)."""
    _kept: list[Any] = field(default_factory=list)
    """The operations themselves, so that no identity is given twice."""
    _part: Part | None = None

    def work(self, part: Part, config: Any) -> None:
        """Find what differs in this database, and put what is wanted of it into the revision."""
        if self._revision is None:
            self._revision = RevisionContext(config, part.script, {**self.options, "sql": False})
            self._revision.template_args.update(self.template_args)
        finds = bool(self.options["autogenerate"])
        if finds and {each.revision for each in part.script.get_revisions(part.heads)} != set(part.script.get_heads()):
            self.behind.append(part.name)
            return
        if self.metadata is not None:
            part.context.opts["target_metadata"] = self.metadata
        if finds and part.context.opts.get("target_metadata") is None:
            raise comparison.no_models(part)
        original = compare._populate_migration_script
        self._part = part
        compare._populate_migration_script = self._populate  # type: ignore[assignment]
        try:
            if finds:
                self._revision.run_autogenerate(part.heads, part.context)
            else:
                self._by_hand(part)
        finally:
            compare._populate_migration_script = original

    def drafted(self) -> Drafted:
        """The file that Alembic would write now, and nothing is written.

        Raises:
            UnsupportedRequest: A `process_revision_directives` hook makes several files of it.
            alembic.util.CommandError: As the command would.

        """
        assert self._revision is not None  # noqa: S101 - env.py reached run_migrations, or an error was raised
        if len(self._revision.generated_revisions) > 1:
            raise UnsupportedRequest(
                "The process_revision_directives hook of env.py makes several revisions of this one.",
                "A Draft is one file: make them one by one, or with `alembic revision --autogenerate`.",
            )
        codes: list[Code] = []
        marks: list[tuple[str, str, str]] = []
        with marking.marking(self._marks, codes, marks):
            drafted = drafting.caught(lambda: list(self._revision.generate_scripts()))  # type: ignore[union-attr]
        code, spans = marking.placed(drafted.code, codes, marks)
        return replace(drafted, code=code, spans=spans)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _by_hand(self, part: Part) -> None:
        """No comparison: what the author wrote is all there is. Put in before env.py's own hook looks at it."""
        assert self._revision is not None  # noqa: S101 - `work` has made it
        self._revision.process_revision_directives = lambda _context, _rev, scripts: self._put(part, scripts[-1], [])
        self._revision.run_no_autogenerate(part.heads, part.context)

    def _populate(self, autogen: Any, script: ops.MigrationScript) -> None:
        part = self._part
        assert part is not None  # noqa: S101 - `work` has set it
        name = part.name
        renames = [each for each in self.choices.renames if each.database in {"", name}]
        key = name + "".join(f"\0{each}" for each in renames)
        plain = autogen.inspector
        autogen.__dict__["inspector"] = inspector = pretending.pretend(plain, renames)
        mark, recalled = reflection.recall(
            self.memory if self.remembers else {}, key, part.context.connection, inspector
        )
        upgrade = ops.UpgradeOps([])
        with reflection.queries_recalled(recalled, pretending.column_told(renames)):
            compare._produce_net_changes(autogen, upgrade)
        if self.remembers:
            reflection.keep(self.memory, key, mark, recalled)
        found = self._found(part, [each for each in upgrade.ops if not comparison.is_view(each)])
        renamed = renaming.renamings(renames, _reflecting(part.context.connection), part.context.dialect)
        self._tell(part, autogen.metadata, renamed, found)
        self._put(part, script, [*renamed, *found])

    def _found(self, part: Part, operations: list[Any]) -> list[proposing.Proposal]:
        """What Alembic has found and what it does not see, in the order of the file."""
        more, ticks, dialect = self.choices.unseen, self.choices.ticks, part.context.dialect
        mine = {"", part.name}
        checks = [each for each in more.checks if each.database in mine]
        uniques = [each for each in more.uniques if each.database in mine]
        mores = [*unseen.checks(checks), *unseen.uniques(uniques)]
        found = proposing.proposals([comparison.in_order(each) for each in operations], mores)
        naming.name(found, dialect.name)
        unseen.follow_columns(found, checks, ticks)
        alone = types.made_by_tables(found)
        types.settle(found, dialect.name)
        first, last = enums.proposals(
            [each for each in more.enums if each.database in mine], found, ticks, dialect, alone
        )
        before, after = unseen.views([each for each in more.views if each.database in mine], dialect)
        return [*before, *first, *found, *last, *after]

    def _put(self, part: Part, script: ops.MigrationScript, found: list[proposing.Proposal]) -> None:
        upgrade, downgrade = script.upgrade_ops_list[-1], script.downgrade_ops_list[-1]
        if self.choices.body is not None:
            up, down = (tuple(text.splitlines()) for text in self.choices.body)
            code = CodeOp(Code("by hand", up, down))
            upgrade.ops[:], downgrade.ops[:] = [code], [code.reverse()]
            return
        made = deciding.decided(found, self.choices, part.name, part.context)
        upgrade.ops[:], downgrade.ops[:] = made.up, made.down
        self._kept += [made, upgrade, downgrade]
        backwards = set(map(id, _flat(made.down)))
        for identity, key in made.marks.items():
            self._marks[identity] = (part.name, "downgrade" if identity in backwards else "upgrade", key)

    def _tell(self, part: Part, metadata: Any, renamed: list[Any], found: list[proposing.Proposal]) -> None:
        writer = comparison.Writer(part.context, metadata)
        for each in renamed:
            if not each.is_rest:
                ops_ = [op for other in renamed if other.key == each.key for op in other.up]
                self._propose(part, each, tuple(_renaming(part.name, each, op, writer) for op in ops_))
        lost = self._lost(part, renamed, found) if self.remembers else {}
        for each in found:
            if each.is_rest:
                continue
            if each.told is not None:
                changes: tuple[Change, ...] = (self._unseen(part, each, found, writer),)
            else:
                changes = tuple(
                    comparison.hidden(change, self.hide)
                    for table, op in each.found
                    for single in comparison.singles(op)
                    for change in comparison.changes(part.name, table, single, writer)
                )
            self._propose(part, each, changes, lost.get(each.key))

    def _unseen(
        self, part: Part, proposal: proposing.Proposal, found: list[proposing.Proposal], writer: comparison.Writer
    ) -> Change:
        """A Change that Alembic does not tell of; where it has two parts, of both."""
        told = proposal.told
        assert told is not None  # noqa: S101 - the caller has looked
        codes: list[str] = []
        sqls: list[str | None] = [] if told.sql is None else [told.sql]
        why_not = None
        for each in (other for other in found if other.key == proposal.key):
            tables = dict(zip(map(id, each.up), (table for table, _ in each.found)))  # noqa: B905 - one of each
            for op in each.up:
                if isinstance(op, CodeOp):
                    codes += op.code.upgrade
                else:
                    codes.append(writer.code(tables.get(id(op)), op))
                    sql, why_not = writer.sql(tables.get(id(op)), op)
                    sqls.append(sql)
        sql = "\n".join(each for each in sqls if each) or None
        if sql is None and why_not is None:
            why_not = "its code says it"
        return comparison.hidden(
            Change(
                proposal.key.partition(" ")[0], proposal.schema, proposal.table, told.name, told.before, told.after,
                "\n".join(codes), sql, why_not if sql is None else None, part.name,
            ),
            self.hide,
        )  # fmt: skip

    def _propose(
        self, part: Part, proposal: proposing.Proposal, changes: tuple[Change, ...], lost: Destroyed | None = None
    ) -> None:
        wanted = proposal.is_wanted(self.choices.ticks)
        self.proposed.append((proposal.key, part.name, wanted, changes, lost))

    def _lost(self, part: Part, renamed: list[Any], found: list[proposing.Proposal]) -> dict[str, Destroyed]:
        """By key the rows that would go with a table or a column."""
        steps: list[tuple[str, tuple[Effect, ...]]] = []
        for each in renamed:
            for op in each.up:
                if isinstance(op, ops.RenameTableOp):
                    steps.append(
                        ("", (Effect("changes", "table", op.schema or "", op.table_name, new_name=op.new_table_name),))
                    )
                elif isinstance(op, ops.AlterColumnOp):
                    name, new = str(op.column_name), str(op.modify_name)
                    steps.append(
                        ("", (Effect("changes", "column", op.schema or "", op.table_name, name, new_name=new),))
                    )
        for each in found:
            for _, op in each.found:
                if isinstance(op, ops.DropTableOp):
                    steps.append((each.key, (Effect("drops", "table", op.schema or "", op.table_name),)))
                elif isinstance(op, ops.DropColumnOp):
                    steps.append(
                        (each.key, (Effect("drops", "column", op.schema or "", op.table_name, op.column_name),))
                    )
        told = losses.destroyed(part.context.connection, part.name, steps, part.context.version_table)
        changed = [each for each in self.choices.unseen.enums if each.database in {"", part.name}]
        in_the_way = enums.in_the_way(changed, part.context.connection, part.name)
        return in_the_way | {each.revision: each for each in told}


def _flat(operations: list[Any]) -> Iterator[Any]:
    for each in operations:
        yield each
        yield from _flat(getattr(each, "ops", []))


def _renaming(database: str, proposal: proposing.Proposal, op: Any, writer: comparison.Writer) -> Change:
    code, (sql, why_not) = writer.code(None, op), writer.sql(None, op)
    if isinstance(op, CodeOp):
        code, sql, why_not = op.code.upgrade[0], None, "it is written for this database by hand"
    old, new = _names(proposal, op)
    return Change(proposal.kind, proposal.schema, proposal.table or old, old, old, new, code, sql, why_not, database)


def _names(proposal: proposing.Proposal, op: Any) -> tuple[str, str]:
    if isinstance(op, ops.RenameTableOp):
        return str(op.table_name), str(op.new_table_name)
    if isinstance(op, ops.AlterColumnOp):
        return str(op.column_name), str(op.modify_name)
    return proposal.key.rpartition(".")[2], ""


def _reflecting(connection: Any) -> Callable[[str | None, str, str], Any]:
    """Gives a column as it is in the live schema; each table is reflected once."""
    metadata = MetaData()

    def column(schema: str | None, table: str, name: str) -> Any:
        try:
            return Table(table, metadata, schema=schema, autoload_with=connection).c.get(name)
        except Exception:  # noqa: BLE001 - the rename is written without what it had; the database complains if it has to
            return None

    return column
