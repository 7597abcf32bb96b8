"""Hears a step's operations, and what they make and take away, while its SQL is written and nothing runs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any

from alembic.operations import ops
from alembic.operations.base import AbstractOperations, BatchOperations
from alembic.operations.batch import BatchOperationsImpl
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError

from workbench.bridge import operation_names, statements
from workbench.bridge.operations import Writer, line_of
from workbench.results.effects import Effect
from workbench.results.operations import Plain

Range = tuple[int, int]


@dataclass
class _Said:
    """What one operation told of itself, and where in the SQL it wrote."""

    effects: list[Effect]
    at: Range
    operation: Any = None
    """Alembic's own; None of what only marks a place."""
    writer: Writer | None = None
    place: Plain = field(default_factory=dict)
    """What the operation itself does not know: its line, the batch that it is in."""
    constraint: Any = None
    """The constraint or index that it made or dropped, where its name is not the final one."""
    is_inner: bool = False
    """Another operation has called it: that one tells of it."""

    def told(self) -> Plain | None:
        """As an Operation has it; None for what is no operation of Alembic's own, or is told of by another."""
        if self.is_inner:
            return None
        if self.writer is None:
            return self.place
        return self.writer.told(self.operation, self.constraint, self.place)

    def keep(self, constraint: Any) -> None:
        """Of what it hands to the database's `impl` the first is its own."""
        self.constraint = self.constraint if self.constraint is not None else constraint


@dataclass
class Ear:
    """What was heard of one step."""

    position: Callable[[], int]
    """How many texts have been written so far."""
    path: str = ""
    """The file of the revision, to know the lines of it."""
    said: list[_Said] = field(default_factory=list)
    lines: dict[int, int] = field(default_factory=dict)
    """Of texts that no operation wrote: the line of the file."""
    autocommit: bool = False
    """Inside an `autocommit_block()` now."""
    unwritable: tuple[BaseException, int] | None = None
    """The first batch whose SQL cannot be had without the table, and its line; what follows is heard all the same."""
    writers: dict[Any, Writer] = field(default_factory=dict)
    """By MigrationContext; all Ears of one hearing share them."""
    _depth: int = 0

    def effects(  # noqa: C901 - what was said and what was written, each with the other
        self, texts: list[str], span: Range, number: Callable[[int], int], dialect: str
    ) -> tuple[Effect, ...]:
        """All effects, each with the statements that belong to it.

        Args:
            texts: Everything that was written.
            span: Where in it the step begins and ends.
            number: The index of a text among the step's statements; -1 for one that is none.
            dialect: In which the texts are.

        """
        found: list[tuple[int, int, Effect]] = []
        taken: set[int] = set()

        def add(effect: Effect, first: int, last: int, **written: Any) -> None:
            numbers = [each for each in (number(at) for at in range(first, last + 1)) if each >= 0]
            place = (numbers[0], numbers[-1]) if numbers else (-1, -1)
            found.append((first, len(found), replace(effect, first=place[0], last=place[1], **written)))

        for said in self.said:
            if not said.effects:
                continue  # what it has written is read below
            first, end = said.at
            raw = [(at, each) for at in range(first, end) for each in statements.read(texts[at], dialect)]
            matched = False
            for effect in said.effects:
                same = next(((at, each) for at, each in raw if _same(effect, each)), None)
                if same is None:
                    add(effect, first, end - 1)
                    continue
                matched = True
                raw.remove(same)
                at, told = same
                add(effect, at, at, name=told.name or effect.name, sure=effect.sure and told.sure)
            taken.update(range(first, end))
            if matched:  # the indexes and keys that come with a table or a column
                for at, each in raw:
                    add(each, at, at)
        for at in range(*span):
            if at not in taken:
                for each in statements.read(texts[at], dialect):
                    add(each, at, at)
        return tuple(effect for *_, effect in sorted(found, key=lambda each: each[:2]))

    @property
    def unwritten(self) -> tuple[Effect, ...]:
        """What was heard, without statements: of a step whose SQL cannot be had."""
        return tuple(effect for said in self.said for effect in said.effects)

    def operations(self, texts: list[str], span: Range, number: Callable[[int], int]) -> tuple[Plain, ...]:
        """Every operation in the order of its SQL; text that belongs to none is an operation `sql`.

        Args:
            texts: As for `effects`.
            span: As for `effects`.
            number: As for `effects`.

        """
        found: list[tuple[int, int, Plain]] = []
        taken: set[int] = set()
        for said in self.said:
            told = said.told()
            if told is None:
                continue
            written = range(*said.at)
            places = [(place, at) for at in written if (place := number(at)) >= 0]
            if places:
                told = {**told, "sql": tuple([texts[at] for _, at in places]), "first": places[0][0]}
            found.append((said.at[0], len(found), told))
            taken.update(written)
        for at in range(*span):
            if at not in taken and (place := number(at)) >= 0:
                told = {"kind": "sql", "sql": (texts[at],), "first": place, "line": self.lines.get(at, 0)}
                found.append((at, len(found), told))
        return tuple([told for *_, told in sorted(found, key=itemgetter(0, 1))])

    @property
    def heard(self) -> tuple[Plain, ...]:
        """The operations without their statements: of a step whose SQL cannot be had."""
        return tuple([told for each in self.said if (told := each.told()) is not None])

    # -- what Alembic calls ---------------------------------------------------------------------------------------

    def invoked(self, original: Any, operations: Any, operation: Any) -> Any:
        """Stand in for `AbstractOperations.invoke`."""
        begin = self.position()
        said = _Said([] if self._depth else list(_of(operation)), (begin, begin), is_inner=self._depth > 0)
        is_batch = isinstance(operations, BatchOperations)
        hearing: Any = contextlib.nullcontext()
        if not self._depth:
            said.operation, said.writer = operation, self._writer(operations.migration_context)
            said.place = {"line": line_of(self.path)}
            if self.autocommit:
                said.place["autocommit"] = True
            if is_batch:
                said.place["batch"] = str(operations.impl.recreate)
            is_named, name = operation_names.name_in(operation)
            if is_named and not said.writer.names.is_settled(name):
                hearing = operation_names.catching(operations.impl, said.keep)
        self.said.append(said)
        before = len(operations.impl.batch) if is_batch else 0
        self._depth += bool(said.effects)
        try:
            with hearing:
                return original(operations, operation)
        finally:
            self._depth -= bool(said.effects)
            said.at = (begin, self.position())
            if is_batch:
                for entry in range(before, len(operations.impl.batch)):
                    operations.impl.__dict__.setdefault("_workbench_said", {})[entry] = said

    def flushed(self, original: Any, batch: Any) -> Any:
        """Stand in for `BatchOperationsImpl.flush`, which is where the operations of a batch write."""
        waiting: dict[int, _Said] = batch.__dict__.pop("_workbench_said", {})
        begin = self.position()
        recreates = bool(waiting) and bool(batch._should_recreate())
        for said in waiting.values():
            said.at = (begin, begin)
            if recreates:
                said.place["recreates"] = True
        batch.batch = _Telling(batch.batch, self.position, waiting)
        try:
            return original(batch)
        except CommandError as error:
            if batch.operations.migration_context.as_sql:
                self.unwritable = self.unwritable or (error, line_of(self.path))
                return None
            raise
        finally:
            end = self.position()
            if end > begin and not any(said.at[1] > said.at[0] for said in waiting.values()):
                for said in waiting.values():  # the table was copied: all of it belongs to each
                    said.at = (begin, end)

    @contextlib.contextmanager
    def autocommitting(self, block: Any) -> Iterator[None]:
        """Stand in for `MigrationContext.autocommit_block`."""
        at = line_of(self.path)
        self._mark("autocommit", at)
        self.autocommit = True
        try:
            with block:
                yield
        finally:
            self.autocommit = False
            self._mark("autocommit_end", at)

    def _mark(self, kind: str, line: int) -> None:
        self.said.append(_Said([], (self.position(), self.position()), place={"kind": kind, "line": line}))

    def _writer(self, context: Any) -> Writer:
        known = self.writers.get(context)
        if known is None:
            known = self.writers[context] = Writer(context)
        return known


class _Telling(list[Any]):
    """The operations of a batch; notes what is written between one and the next."""

    def __init__(self, batch: list[Any], position: Callable[[], int], waiting: dict[int, _Said]) -> None:
        super().__init__(batch)
        self.position = position
        self.waiting = waiting

    def __iter__(self) -> Iterator[Any]:
        seen: set[int] = set()
        for index, each in enumerate(super().__iter__()):
            begin = self.position()
            yield each
            said = self.waiting.get(index)
            if said is not None and self.position() > begin:
                said.at = (said.at[0] if id(said) in seen else begin, self.position())
                seen.add(id(said))


@contextlib.contextmanager
def listening(position: Callable[[], int]) -> Iterator[Callable[[str], Ear]]:
    """Hear every operation; gives a function that begins a step, from the file of that path, and returns its Ear."""
    current = [Ear(position)]
    writers = current[0].writers
    invoke, flush = AbstractOperations.invoke, BatchOperationsImpl.flush
    autocommit_block = MigrationContext.autocommit_block

    def begin(path: str) -> Ear:
        current[0] = Ear(position, path, writers=writers)
        return current[0]

    def hear_block(context: Any) -> Any:
        return current[0].autocommitting(autocommit_block(context))

    def hear_invoke(operations: Any, operation: Any) -> Any:
        return current[0].invoked(invoke, operations, operation)

    def hear_flush(batch: Any) -> Any:
        return current[0].flushed(flush, batch)

    AbstractOperations.invoke = hear_invoke  # type: ignore[method-assign,assignment]
    BatchOperationsImpl.flush = hear_flush  # type: ignore[method-assign,assignment]
    MigrationContext.autocommit_block = hear_block  # type: ignore[method-assign,assignment]
    try:
        yield begin
    finally:
        AbstractOperations.invoke = invoke  # type: ignore[method-assign]
        BatchOperationsImpl.flush = flush  # type: ignore[method-assign]
        MigrationContext.autocommit_block = autocommit_block  # type: ignore[method-assign]


def _same(effect: Effect, written: Effect) -> bool:
    """Whether a statement is what the operation told of: its name may come from a naming convention."""
    if (effect.does, effect.kind, bool(effect.new_name)) != (written.does, written.kind, bool(written.new_name)):
        return False
    if effect.table.casefold() != written.table.casefold() and not (effect.kind == "index" and not written.table):
        return False
    return effect.kind in {"constraint", "index"} or effect.name.casefold() == written.name.casefold()


def _of(op: Any) -> Iterator[Effect]:  # noqa: C901 - a table of cases
    """What one of Alembic's operations does; nothing for those that only write SQL, which is read instead."""
    schema = str(getattr(op, "schema", None) or "")
    table = str(getattr(op, "table_name", None) or "")
    sure = not (getattr(op, "if_exists", None) or getattr(op, "if_not_exists", None))
    if isinstance(op, ops.CreateTableOp):
        yield Effect("makes", "table", schema, table, sure=sure)
    elif isinstance(op, ops.DropTableOp):
        yield Effect("drops", "table", schema, table, sure=sure)
    elif isinstance(op, ops.RenameTableOp):
        yield Effect("changes", "table", schema, table, new_name=str(op.new_table_name))
    elif isinstance(op, ops.AddColumnOp):
        yield Effect("makes", "column", schema, table, str(op.column.name), sure=sure)
    elif isinstance(op, ops.DropColumnOp):
        yield Effect("drops", "column", schema, table, str(op.column_name), sure=sure)
    elif isinstance(op, ops.AlterColumnOp):
        new = str(op.modify_name) if op.modify_name and op.modify_name != op.column_name else ""
        yield Effect("changes", "column", schema, table, str(op.column_name), new_name=new)
    elif isinstance(op, (ops.CreateIndexOp, ops.DropIndexOp)):
        does = "makes" if isinstance(op, ops.CreateIndexOp) else "drops"
        yield Effect(does, "index", schema, table, str(op.index_name or ""), sure=sure)  # type: ignore[arg-type]
    elif isinstance(op, ops.CreateForeignKeyOp):
        schema = str(op.kw.get("source_schema") or "")
        yield Effect("makes", "constraint", schema, str(op.source_table), str(op.constraint_name or ""))
    elif isinstance(op, (ops.AddConstraintOp, ops.DropConstraintOp)):
        does = "makes" if isinstance(op, ops.AddConstraintOp) else "drops"
        yield Effect(does, "constraint", schema, table, str(getattr(op, "constraint_name", "") or ""), sure=sure)  # type: ignore[arg-type]
    elif isinstance(op, (ops.CreateTableCommentOp, ops.DropTableCommentOp)):
        yield Effect("changes", "comment", schema, table)
