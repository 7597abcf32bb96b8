"""Writes the SQL of steps without running them, step by step, so that one that cannot be written harms no other."""

from __future__ import annotations

import contextlib
import functools
import io
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from workbench.bridge import code_effects, translate, version_tables
from workbench.bridge.effects import Ear, listening
from workbench.bridge.environments import Part
from workbench.bridge.stepping import Stepped
from workbench.bridge.values import BLIND
from workbench.results.effects import Effect
from workbench.results.operations import Plain

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
    effects: tuple[Effect, ...] = ()
    operations: tuple[Plain, ...] = ()
    is_cut: bool = False
    """Its code raised: what would have followed was not even heard."""
    ear: Ear | None = field(default=None, repr=False)
    begin: int = 0
    end: int = 0
    """The texts that its own code wrote: from here, up to there."""


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
            listen = functools.partial(begin, stepped.path)
            stepped.step.migration_fn = _guarded(stepped.step.migration_fn, written[index], explain, listen, recorder)
            yield stepped.step
            recorder.begin(None)

    def applied(heads: set[str], **_: Any) -> None:
        if recorder.at is not None:
            written[recorder.at].heads = tuple(sorted(heads))

    context._migrations_fn = fn
    # The project's own callbacks are for what has happened: they write audit rows, or tell people.
    context.on_version_apply_callbacks = (applied,)
    with (
        listening(lambda: len(recorder.texts)) as begin,
        Operations.context(context),
        context.begin_transaction(),
    ):
        context.run_migrations(**part.arguments)
    places = _take_statements(recorder, written)
    texts = [text for _, text in recorder.texts]
    for each, stepped in zip(written, steps):  # noqa: B905 - as long
        if hasattr(stepped.step, "is_upgrade"):
            direction = "upgrade" if stepped.step.is_upgrade else "downgrade"
            each.effects = _effects(each, direction, stepped.path, texts, places, part)
            each.operations = _operations(each, direction, stepped.path, texts, places, part)
    return written, _one_text(recorder.texts, written)


def offline_context(live: MigrationContext, start: tuple[str, ...] = ()) -> MigrationContext:
    """A context like the live one that writes instead of executing, in the dialect of the very server."""
    options = {key: value for key, value in live.opts.items() if key not in {"fn", "output_encoding", "purge"}}
    options.update(as_sql=True, output_buffer=io.StringIO(), literal_binds=True, starting_rev=start or None)
    options.setdefault("transactional_ddl", None)
    return MigrationContext.configure(
        dialect=_offline_dialect(live.dialect, version_tables.translations(live)),
        environment_context=live.environment_context,
        opts=options,
    )


def _offline_dialect(live: Any, schemas: Mapping[str | None, str | None]) -> Any:
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
    if schemas:  # what env.py translates is written in the names that will be executed
        named = {"schema_translate_map": schemas, "render_schema_translate": True}
        dialect.statement_compiler = functools.partial(dialect.statement_compiler, **named)
        dialect.ddl_compiler = functools.partial(dialect.ddl_compiler, **named)
    return dialect


def write_function(part: Part, function: Any, direction: str, path: str) -> Written:
    """The SQL and the effects of one `upgrade` or `downgrade` alone, without the version table's row."""
    recorder = _Recorder()
    context = offline_context(part.context)
    context.impl.static_output = recorder.write  # type: ignore[method-assign]
    written = Written()
    recorder.begin(0)
    with (
        listening(lambda: len(recorder.texts)) as begin,
        Operations.context(context),
        context.begin_transaction(),
    ):
        _guarded(function, written, str, functools.partial(begin, path), recorder)(**part.arguments)
    places = _take_statements(recorder, [written])
    written.effects = _effects(written, direction, path, [text for _, text in recorder.texts], places, part)
    return written


def _take_statements(recorder: _Recorder, written: list[Written]) -> dict[int, int]:
    """Give each step its statements; returns where each text stands among them."""
    places: dict[int, int] = {}
    for place, (at, text) in enumerate(recorder.texts):
        if at is not None and written[at].why_not is None and not _is_mark(text):
            places[place] = len(written[at].statements)
            written[at].statements.append(text)
    return places


def _effects(
    written: Written, direction: str, path: str, texts: list[str], places: dict[int, int], part: Part
) -> tuple[Effect, ...]:
    dialect = part.context.dialect.name
    if written.ear is None or not path:
        return ()
    if written.why_not is None:
        span = (written.begin, written.end)
        return written.ear.effects(texts, span, lambda at: places.get(at, -1), dialect)
    functions = (direction, f"{direction}_{part.arguments.get('engine_name', part.name)}")
    return code_effects.beyond(written.ear.unwritten, code_effects.read(path, functions, dialect))


def _operations(
    written: Written, direction: str, path: str, texts: list[str], places: dict[int, int], part: Part
) -> tuple[Plain, ...]:
    if written.ear is None or not path:
        return ()
    if written.why_not is None:
        return written.ear.operations(texts, (written.begin, written.end), lambda at: places.get(at, -1))
    if not written.is_cut:
        return written.ear.heard
    functions = (direction, f"{direction}_{part.arguments.get('engine_name', part.name)}")
    dialect = part.context.dialect.name
    return code_effects.operations_beyond(written.ear.heard, code_effects.read(path, functions, dialect), dialect)


def _guarded(
    function: Any,
    written: Written,
    explain: Callable[[BaseException], str],
    listen: Callable[[], Ear],
    recorder: _Recorder,
) -> Any:
    def run(**arguments: Any) -> None:
        written.ear, written.begin = listen(), len(recorder.texts)
        try:
            function(**arguments)
            if written.ear.unwritable is not None:
                written.why_not = translate.batch_reason(*written.ear.unwritable, explain)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a revision's own code raises offline
            written.why_not, written.is_cut = explain(error), True
        finally:
            written.end = len(recorder.texts)

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
            lines.append(BLIND + why_not.replace("\n", " "))
    return "".join(f"{line}\n\n" for line in lines)


@contextlib.contextmanager
def recording(context: MigrationContext) -> Iterator[list[str]]:
    """Collect what an offline context writes."""
    statements: list[str] = []
    context.impl.static_output = statements.append  # type: ignore[method-assign,assignment]
    yield statements
