"""The recorder: turns `op.…(…)` typed in a notebook into code, and tries it each time."""

from __future__ import annotations

import contextlib
import textwrap
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from workbench.bridge.authoring import calls, hearing
from workbench.errors import UnsupportedRequest
from workbench.text import one_line, shorten

Take = Callable[[str, tuple[str, ...]], None]
"""Is given lines of code, with what they import."""


class BatchOp:
    """`batch_op` of a recorded `batch_alter_table`."""

    def __init__(self, writer: calls.Writer, lines: list[str]) -> None:
        """Put the calls into these lines."""
        self._writer = writer
        self._lines = lines

    def __getattr__(self, name: str) -> Callable[..., None]:
        _check(name)

        def call(*arguments: Any, **options: Any) -> None:
            self._lines.append(self._writer.call(f"batch_op.{name}", arguments, options))

        return call

    def f(self, name: str) -> str:
        """As `op.f`."""
        return calls.Name(name)


class Op:
    """`op`, as in a revision, whose calls are taken down as they are typed. None reaches the live database."""

    def __init__(self, dialect: Callable[[], str], take: Take) -> None:
        """Write for this dialect, and hand over what is written."""
        self._dialect = dialect
        self._take = take
        self.recorder: Any = None
        """Whose it is."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        _check(name)

        def call(*arguments: Any, **options: Any) -> None:
            writer = calls.Writer(self._dialect())
            code = writer.call(f"op.{name}", arguments, options)
            self._take(code, writer.imports)

        return call

    def __dir__(self) -> list[str]:
        return [*hearing.known(), "f", "inline_literal", "recorder"]

    @contextlib.contextmanager
    def batch_alter_table(self, table_name: str, schema: str | None = None, **options: Any) -> Iterator[BatchOp]:
        """As `op.batch_alter_table`: what stands in it is one operation."""
        writer = calls.Writer(self._dialect())
        more = {} if schema is None else {"schema": schema}
        head = writer.call("op.batch_alter_table", (table_name,), {**more, **options})
        lines: list[str] = []
        yield BatchOp(writer, lines)
        if not lines:
            raise UnsupportedRequest(f"Nothing stands in this batch on {table_name}.", "Call batch_op in it.")
        self._take(f"with {head} as batch_op:\n" + textwrap.indent("\n".join(lines), " " * 4), writer.imports)

    def create_table(self, table_name: str, *columns: Any, **options: Any) -> Any:
        """As `op.create_table`; the table that it gives is for `op.bulk_insert`."""
        made = calls.table(table_name, columns, options)
        self.__getattr__("create_table")(table_name, *columns, **options)
        return made

    def f(self, name: str) -> str:
        """As `op.f`: a name that no naming convention is put around."""
        return calls.Name(name)

    def inline_literal(self, value: Any, **options: Any) -> calls.Inline:
        """As `op.inline_literal`."""
        return calls.Inline(value, options)

    def _refuse(self, *_arguments: Any, **_options: Any) -> NoReturn:
        raise UnsupportedRequest(
            "A recorded op has no connection: nothing may reach the live database before apply().",
            "Write SQL with op.execute(…); for what needs a connection, write the bodies: draft.decide(code={…}).",
        )

    get_bind = get_context = invoke = run_async = _refuse


def _check(name: str) -> None:
    if name.startswith("_"):
        raise AttributeError(name)  # what Python and IPython ask every object for


class Recorder:
    """Operations typed one by one: each is tried on a scratch database, and is in `draft` if it came through."""

    def __init__(self, workbench: Any, message: str | None, *, data: str | None, options: dict[str, Any]) -> None:
        """Begin with nothing; the arguments are those of `wb.record`."""
        self.message = message
        self.op = Op(workbench.dialect, self._add)
        """For a cell: `op = recorder.op`."""
        self.op.recorder = self
        self.rehearsal: Any = None
        """What the last try showed; None as long as there was none."""
        self._workbench = workbench
        self._data = data
        self._options = options
        self._drafts = [self._made([])]

    def __enter__(self) -> Op:
        return self.op

    def __exit__(self, *_error: object) -> None:
        """Keep what was recorded, also before an error."""

    @property
    def draft(self) -> Any:
        """The Draft that has them all; its view edits it further."""
        return self._drafts[-1]

    @property
    def operations(self) -> tuple[str, ...]:
        """What was recorded, as code."""
        return tuple(each["upgrade"] for each in self._told())

    def undo(self) -> None:
        """Take the last operation, or the last way back, out again."""
        if len(self._drafts) > 1:
            self._drafts.pop()
            self.rehearsal = self.draft.rehearsal

    def back(self, code: str) -> None:
        """Say what takes the last operation back, as code: `op.execute("…")`; empty where nothing does.

        Raises:
            UnsupportedRequest: There is no operation yet.
            WorkbenchError: It was tried and failed; the subclass says why. The last way back stays.

        """
        told = self._told()
        if not told:
            raise UnsupportedRequest("Nothing was recorded yet, so there is nothing to take back.")
        self._try([*told[:-1], {**told[-1], "downgrade": code or "pass"}], down=True)

    def _told(self) -> list[dict[str, Any]]:
        return list(self.draft.decisions.get("operations") or ())

    def _made(self, operations: list[dict[str, Any]]) -> Any:
        decisions = {**self._options, **({"rev_id": self.draft.revision} if hasattr(self, "_drafts") else {})}
        if operations:
            decisions["operations"] = operations
        return self._workbench.revision(self.message, autogenerate=False, decisions=decisions)

    def _add(self, code: str, imports: tuple[str, ...]) -> None:
        told = self._told()
        self._try([*told, self._workbench.by_hand(told, code, imports)])

    def _try(self, operations: list[dict[str, Any]], *, down: bool = False) -> None:
        draft = self._made(operations)
        if self._data is not None:
            tried = self._workbench.rehearse(draft, data=self._data)
            # A way back that fails does not make what was typed wrong: it stands in the rehearsal.
            if tried.error is not None and (down or not (tried.passes and tried.passes[0].ok)):
                raise tried.error
            self.rehearsal = tried
        self._drafts.append(draft)

    def __repr__(self) -> str:
        told = [shorten(one_line(each), 100) for each in self.operations]
        return "\n".join((f"Recorder({self.message!r}, {len(told)} recorded)", *(f"  {each}" for each in told)))
