"""Writes the SQL of steps without running them, step by step, so that one that cannot be written harms no other."""

from __future__ import annotations

import contextlib
import io
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from workbench.bridge.environments import Part
from workbench.bridge.stepping import Stepped

PURGE = Stepped(None, "", "empty the version table", "", "")
"""What a purge does where no step of Alembic's follows it."""

_MARKS = frozenset({"BEGIN", "COMMIT", "BEGIN TRANSACTION", "COMMIT TRANSACTION", "START TRANSACTION"})


@dataclass
class Written:
    """The SQL of one step."""

    statements: list[str] = field(default_factory=list)
    why_not: str | None = None
    heads: tuple[str, ...] = ()
    """After the step, sorted."""


def write_sql(
    part: Part,
    steps: list[Stepped],
    start: tuple[str, ...],
    explain: Callable[[BaseException], str],
    *,
    purge: bool = False,
    has_table: bool = False,
) -> tuple[list[Written], str]:
    """What `alembic … --sql` prints for these steps, by step and as one text.

    A step whose code raises offline (it reads rows) has no statements but a reason, which `explain` words.
    With `purge`, the first step begins with the emptying of the version table. Where it is known that there
    is one, as `has_table` says, no CREATE TABLE is written for it, as Alembic does whenever it starts from base.
    """
    recorder = _Recorder()
    context = offline_context(part.context, start)
    context.impl.static_output = recorder.write  # type: ignore[method-assign]
    written = [Written() for _ in steps]
    if has_table:
        context._version.create = lambda *_, **__: None  # type: ignore[method-assign]

    def fn(heads: Any, _: MigrationContext) -> Iterator[Any]:  # noqa: ARG001 - Alembic's protocol
        for index, stepped in enumerate(steps):
            recorder.begin(index)
            if purge and index == 0:
                context.impl._exec(context._version.delete())
            if stepped is PURGE:
                continue
            stepped.step.migration_fn = _guarded(stepped.step.migration_fn, written[index], explain)
            yield stepped.step
            recorder.begin(None)

    def applied(heads: set[str], **_: Any) -> None:
        if recorder.at is not None:
            written[recorder.at].heads = tuple(sorted(heads))

    context._migrations_fn = fn
    # The project's own callbacks are for what has happened: they write audit rows, or tell people.
    context.on_version_apply_callbacks = (applied,)
    with Operations.context(context), context.begin_transaction():
        context.run_migrations(**part.arguments)
    for at, text in recorder.texts:
        if at is not None and written[at].why_not is None and not _is_mark(text):
            written[at].statements.append(text)
    return written, _one_text(recorder.texts, written)


def offline_context(live: MigrationContext, start: tuple[str, ...] = ()) -> MigrationContext:
    """A context like the live one that writes instead of executing, in the dialect of the very server."""
    options = {key: value for key, value in live.opts.items() if key not in {"fn", "output_encoding", "purge"}}
    options.update(as_sql=True, output_buffer=io.StringIO(), literal_binds=True, starting_rev=start or None)
    options.setdefault("transactional_ddl", None)
    return MigrationContext.configure(
        dialect=_offline_dialect(live.dialect), environment_context=live.environment_context, opts=options
    )


def _offline_dialect(live: Any) -> Any:
    """The dialect that `--sql` uses, knowing what the live one has learnt of its server.

    A new one, since the live dialect doubles `%` for its driver; stock env.py files ask for `paramstyle="named"`.
    What the first connection found out (version, MariaDB or MySQL) are plain values and classes in its `__dict__`.
    """
    dialect = type(live)(paramstyle="named")
    learnt = {
        name: value
        for name, value in live.__dict__.items()
        if name not in {"paramstyle", "positional", "name"}
        and isinstance(value, (bool, int, str, tuple, frozenset, type, types.FunctionType, type(None)))
    }
    dialect.__dict__.update(learnt)
    preparer_options = {}
    if getattr(live, "_server_ansiquotes", None):
        preparer_options["server_ansiquotes"] = True
    dialect.identifier_preparer = dialect.preparer(dialect, **preparer_options)
    return dialect


def _guarded(function: Any, written: Written, explain: Callable[[BaseException], str]) -> Any:
    def run(**arguments: Any) -> None:
        try:
            function(**arguments)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a revision's own code raises offline
            written.why_not = explain(error)

    run.__name__ = function.__name__  # Alembic writes it into `-- Running upgrade a -> b`
    return run


class _Recorder:
    def __init__(self) -> None:
        self.at: int | None = None
        self.texts: list[tuple[int | None, str]] = []

    def begin(self, index: int | None) -> None:
        self.at = index

    def write(self, text: str) -> None:
        self.texts.append((self.at, text))


def _is_mark(text: str) -> bool:
    return text.startswith("-- Running ") or text.rstrip(";").strip().upper() in _MARKS


def _one_text(texts: list[tuple[int | None, str]], written: list[Written]) -> str:
    lines: list[str] = []
    told: set[int] = set()
    for at, text in texts:
        why_not = None if at is None else written[at].why_not
        if at is None or why_not is None or _is_mark(text):
            lines.append(text)
        if at is not None and why_not is not None and text.startswith("-- Running ") and at not in told:
            told.add(at)
            lines.append("-- The SQL of this revision cannot be had offline: " + why_not.replace("\n", " "))
    return "".join(f"{line}\n\n" for line in lines)


@contextlib.contextmanager
def recording(context: MigrationContext) -> Iterator[list[str]]:
    """Collect what an offline context writes."""
    statements: list[str] = []
    context.impl.static_output = statements.append  # type: ignore[method-assign,assignment]
    yield statements
