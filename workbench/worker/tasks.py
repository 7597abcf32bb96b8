"""What the worker can be asked: status, diff, plan, apply. Each runs env.py once."""

from __future__ import annotations

import contextlib
import functools
import os
import pickle
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import alembic
import sqlalchemy
from alembic import command
from alembic.script import ScriptDirectory

from workbench.bridge import (
    audit,
    configuration,
    environments,
    losses,
    offline,
    seals,
    stepping,
    timeouts,
    translate,
)
from workbench.bridge import sessions as server_sessions
from workbench.bridge.environments import Part
from workbench.bridge.guard import Guard
from workbench.bridge.reflection import Memory
from workbench.bridge.settings import Settings
from workbench.bridge.values import Node, Thing
from workbench.errors import BackupFailed, UnsupportedRequest
from workbench.results import Destroyed, Step
from workbench.results.operations import Told
from workbench.text import blot
from workbench.worker import authoring, by_hand, merging, practices, preflight, querying, schemas, splitting
from workbench.worker.answers import (
    Compared,
    Planned,
    Ran,
    Rehearsed,
    Rows,
    Session,
    Standing,
    Travelled,
    Tried,
    Versions,
)
from workbench.worker.applying import Applier


@dataclass
class Job:
    """One request, with what its task may use."""

    settings: Settings
    guard: Guard
    is_cancelled: Callable[[], bool]
    emit: Callable[[Any], None]
    memory: Memory
    """What is remembered of live schemas; it outlives the process."""
    loaded: list[ScriptDirectory]
    """What the request before left for this one: the revision files, loaded, none of their functions called."""
    ask: Callable[[Any], Any] = lambda _: None
    """As `emit`, and waits for what the kernel says to it (`Client.tell`); None where it is cancelled meanwhile."""

    def run(
        self,
        work: environments.Work,
        call: Callable[..., Any],
        *,
        purge: bool = False,
        leave_loaded: bool = False,
        offline: bool = False,
        template_args: dict[str, Any] | None = None,
        **options: Any,
    ) -> list[Any]:
        """Run env.py with `work`; see `environments.run_environment`.

        `offline`: as for `--sql`, without a database. `template_args`: what env.py may add to for script.py.mako.
        """
        self.guard.url = self.settings.url
        self.config = configuration.make_config(self.settings, call, **options)
        drafted = self.settings.drafted
        if drafted:
            self.loaded.clear()
        self.script = self.loaded.pop() if self.loaded else configuration.script_directory(self.config)
        for path in drafted:
            configuration.add_drafted(self.script, path)

        def reached(part: Part) -> Any:
            self.emit(("configured", part.name))
            if len(self.guard.redirected) > 1:
                raise UnsupportedRequest(
                    f"url= names one database, but env.py connects to {len(self.guard.redirected)} of them.",
                    "Leave url= out, and set their URLs where env.py takes them from: Workbench(env={…}) or x={…}.",
                )
            return work(part)

        extra: dict[str, Any] = {"purge": True} if purge else {"dont_mutate": True}
        if offline:
            extra["as_sql"] = True
        if template_args is not None:
            extra["template_args"] = template_args
        lenient = call in {command.current, command.check} and not leave_loaded
        with contextlib.nullcontext() if lenient else configuration.one_file_an_id():
            answers = environments.run_environment(
                self.config,
                self.script,
                reached,
                application=self.settings.context,
                **extra,
                **_context_options(options),
            )
        if leave_loaded and not drafted:
            self.loaded.append(self.script)
        return answers

    @property
    def metadata(self) -> Any:
        """The MetaData that came from the notebook, None if env.py's own counts."""
        return None if self.settings.metadata is None else pickle.loads(self.settings.metadata)  # noqa: S301 - from our own kernel

    def relative(self, path: str) -> str:
        """`path` as it is shown: from the folder of the configuration where it lies below it."""
        prefix = self.settings.folder.rstrip(os.sep) + os.sep
        if path.startswith(prefix) and os.pardir not in path:  # as a rule, and ten times as fast
            return path[len(prefix) :].replace(os.sep, "/")
        relative = os.path.relpath(path, self.settings.folder) if path else ""
        return path if relative.startswith("..") else relative.replace(os.sep, "/")


def versions() -> Versions:
    """The versions that this worker runs on."""
    return Versions(platform.python_version(), alembic.__version__, sqlalchemy.__version__)


def status(job: Job) -> Standing:
    """Where each database stands, and where the revision files are after env.py has had its say."""
    databases = job.run(lambda part: part.database, command.current)
    return Standing(tuple(databases), configuration.scripts_of(job.script, job.settings.folder))


def check(job: Job, *, nodes: dict[str, Node], part_of_them: bool = False) -> Standing:
    """As `status`, and what is wrong: half-applied revisions, leftovers, version tables that say what cannot be.

    Where `nodes` are only a part of the history, nothing is said of the version table.
    """
    from workbench.bridge import checking  # noqa: PLC0415 - a status alone need not wait for what only this needs

    def work(part: Part) -> Any:
        hide = functools.partial(blot, secrets=frozenset(job.guard.secrets))
        found = checking.findings(part, nodes, hide, job.is_cancelled, part_of_them=part_of_them)
        return part.database, found

    answers = job.run(work, command.current)
    return Standing(
        tuple(database for database, _ in answers),
        configuration.scripts_of(job.script, job.settings.folder),
        tuple(finding for _, found in answers for finding in found),
    )


def export(
    job: Job, *, destroys: tuple[Destroyed, ...], copies: dict[str, str], lock_timeout: float | None = None
) -> tuple[int, ...]:
    """Send the rows of tables and columns as events; copy SQLite files into folders. How many rows each had."""
    from workbench.bridge import exporting  # noqa: PLC0415 - others need not wait for what only this needs

    counts = [-1] * len(destroys)
    copied: set[str] = set()

    def work(part: Part) -> None:
        if part.name in copies:
            exporting.copy_sqlite(part.context.connection, copies[part.name], part.name)
            copied.add(part.name)
        if lock_timeout is not None:
            timeouts.Timeouts(lock_timeout).ask_with(part.context.connection)
        for index, each in enumerate(destroys):
            if each.database == part.name:
                counts[index] = 0
                try:
                    for columns, rows in exporting.chunks(part.context.connection, each):
                        counts[index] += len(rows)
                        job.emit(Rows(index, columns, rows))
                except sqlalchemy.exc.DBAPIError as error:
                    words = " ".join(blot(str(error.orig), frozenset(job.guard.secrets)).split())
                    raise BackupFailed(f"{each.name} cannot be read: {words}") from error

    job.run(work, command.current)
    if -1 in counts or copied != set(copies):
        raise BackupFailed("env.py no longer connects to every database of the Plan.")
    return tuple(counts)


def end_sessions(job: Job, *, sessions: tuple[Session, ...], died: float) -> tuple[tuple[Session, bool], ...]:
    """End what the server still does for a worker that died at the time `died`: which, and whether it could be."""

    def work(part: Part) -> list[tuple[Session, bool]]:
        asked = [each for each in sessions if each.database == part.name]
        done = [(each, server_sessions.end(part.context.connection, each.number, time.time() - died)) for each in asked]
        return [(each, ended) for each, ended in done if ended is not None]

    return tuple(each for answer in job.run(work, command.current) for each in answer)


def diff(job: Job, *, reverse: bool) -> Compared:
    """The models against each live database."""
    from workbench.bridge import comparison  # noqa: PLC0415 - autogenerate is a tenth of a second that others need not pay

    metadata = job.metadata

    def work(part: Part) -> Any:
        hide = functools.partial(blot, secrets=frozenset(job.guard.secrets))
        return part.database, comparison.compare(part, metadata, job.memory, reverse=reverse, hide=hide)

    answers = job.run(work, command.check)
    return Compared(
        tuple(database for database, _ in answers),
        tuple(change for _, (changes, _) in answers for change in changes),
        tuple(dict.fromkeys(each for _, (_, ignored) in answers for each in ignored)),
    )


def plan(job: Job, *, direction: str, target: str, purge: bool = False, connected: bool = True) -> Planned:
    """The steps to `target` on each database, with their SQL.

    Not `connected`: env.py is run as for `--sql`, and no database is asked; the target is a range then.
    """
    start, _, end = target.rpartition(":")
    is_range = ":" in target
    if is_range and direction == "stamp":
        raise UnsupportedRequest("A stamp has no range.", "Name the revision to stamp.")
    read: set[str] = set()

    def work(part: Part) -> Any:
        heads = part.heads
        if is_range:
            heads = stepping.range_start(part.script, start)
        purges = purge and bool(part.heads)
        if purge:
            heads = ()
        with audit.files_read(read):  # a revision may run what a file beside it says
            steps = stepping.steps_to(part, direction, end, heads)
        steps = steps or ([offline.PURGE] if purges else [])
        secrets = frozenset(job.guard.secrets)
        explain = lambda error: translate.offline_reason(error, secrets)  # noqa: E731
        has_table = purge and part.context._has_version_table()  # noqa: SLF001 - there is no other way to ask
        with audit.files_read(read):
            written, sql = offline.write_sql(part, steps, tuple(heads), explain, purge=purges, has_table=has_table)
        heard = schemas.hidden(tuple([text.operations for text in written]), job)
        told = tuple(
            Step(
                revision=each.revision,
                direction=direction,  # type: ignore[arg-type]
                message=each.message,
                path=job.relative(each.path),
                statements=None if text.why_not else tuple(blot(sql, secrets) for sql in text.statements),
                why_not=text.why_not,
                database=part.name,
                heads=text.heads,
                digest=each.digest,
                effects=text.effects,
                operations=Told(operations),  # type: ignore[arg-type]  # it is read as a tuple of them
            )
            for each, text, operations in zip(steps, written, heard)  # noqa: B905 - as long
        )
        lost: tuple[Destroyed, ...] = ()
        if not is_range and direction != "stamp":
            effects = [(step.revision, step.effects) for step in told]
            lost = losses.destroyed(part.context.connection, part.name, effects, part.context.version_table)
        in_the_end = told[-1].heads if told else tuple(sorted(heads))
        return part.database, told, blot(sql, secrets), (part.name, in_the_end), lost

    call = {"upgrade": command.upgrade, "downgrade": command.downgrade, "stamp": command.stamp}[direction]
    answers = job.run(work, call, offline=not connected, revision=target, sql=not connected, tag=None)
    several = len(answers) > 1
    versions = configuration.scripts_of(job.script, job.settings.folder).versions
    return Planned(
        tuple(database for database, *_ in answers),
        tuple(step for _, steps, *_ in answers for step in steps),
        "".join((f"-- {database.name}\n\n" if several else "") + sql for database, _, sql, *_ in answers),
        tuple(after for *_, after, _ in answers),
        seals.of_project(job.settings, str(job.script.env_py_location), versions, read),
        tuple(each for *_, lost in answers for each in lost),
    )


def verify(job: Job, *, told: Any, leave_loaded: bool = True) -> None:
    """Whether a Plan still holds. `leave_loaded`: an `apply` of it follows at once."""
    Applier(job, told).verify(leave_loaded=leave_loaded)


def apply(job: Job, *, told: Any, options: Any) -> Ran:
    """Run exactly the steps of a Plan; see `applying`."""
    return Applier(job, told, options).run()


def rehearse(job: Job, *, told: Any, **options: Any) -> Rehearsed:
    """Run the steps of a Plan on scratch databases; see `rehearsing`."""
    from workbench.worker.rehearsing import Rehearser  # noqa: PLC0415 - others need not wait for what only this needs
    from workbench.worker.stand_ins import Options  # noqa: PLC0415 - as above

    return Rehearser(job, told, Options(**options)).run()


def travel(job: Job, *, wanted: tuple[tuple[str, ...], ...], **options: Any) -> Travelled:
    """The schema at places of the history; see `travelling`."""
    from workbench.worker.travelling import Options, Traveller  # noqa: PLC0415 - as above

    return Traveller(job, wanted, Options(data="none", **options)).run()


def models_on_scratch(job: Job, *, scratch_url: str | None) -> Travelled:
    """What the models make of an empty database; see `travelling.declared`."""
    from workbench.worker.travelling import Options, declared  # noqa: PLC0415 - as above

    return declared(job, Options(data="none", filled="replay", scratch_url=scratch_url))


def try_orders(job: Job, *, begin: tuple[str, ...], orders: tuple[tuple[str, ...], ...], **options: Any) -> Tried:
    """What comes of branches in one order and another; see `ordering`."""
    from workbench.worker.ordering import Options, Trial  # noqa: PLC0415 - as above

    return Trial(job, begin, Options(**options)).run(orders)


def left_out(job: Job, *, things: dict[str, list[Thing]]) -> dict[str, tuple[tuple[Thing, ...], bool]]:
    """By database: the things that env.py leaves out, and whether it looks at more than the default schema."""
    from workbench.bridge import left_out as leaving_out  # noqa: PLC0415 - as above

    def work(part: Part) -> tuple[str, tuple[tuple[Thing, ...], bool]]:
        target = job.metadata if job.settings.metadata is not None else part.context.opts.get("target_metadata")
        told = leaving_out.left_out(part, target, things.get(part.name, ()))
        return part.name, (told, bool(part.context.opts.get("include_schemas")))

    return dict(job.run(work, command.current))


def identify(
    job: Job, *, paths: list[str]
) -> dict[str, tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...], str]]:
    """The identifiers of revision files that compute them, by running these files (not env.py)."""
    config = configuration.make_config(job.settings, command.history)
    configuration.script_directory(config)  # puts prepend_sys_path in front, as before any command
    return {path: each for path in paths if (each := stepping.identifiers(path)) is not None}


def _context_options(options: dict[str, Any]) -> dict[str, Any]:
    # What `alembic.command` passes to EnvironmentContext, and env.py can ask for.
    revision = options.get("revision")
    return {"destination_rev": revision.rpartition(":")[2], "tag": None} if revision else {}


TASKS: dict[str, Callable[..., Any]] = {
    "status": status,
    "check": check,
    "export": export,
    "end_sessions": end_sessions,
    "diff": diff,
    "plan": plan,
    "verify": verify,
    "apply": apply,
    "rehearse": rehearse,
    "travel": travel,
    "models_on_scratch": models_on_scratch,
    "left_out": left_out,
    "identify": identify,
    "draft": authoring.draft,
    "write": authoring.write,
    "write_split": splitting.write,
    "way_back": by_hand.way_back,
    "merge": merging.draft,
    "write_merge": merging.write,
    "try_orders": try_orders,
    "schema": schemas.schema,
    "measure": schemas.measure,
    "facts": preflight.facts,
    "preflight": preflight.preflight,
    "activity": preflight.activity,
    "record": preflight.record,
    "query": querying.query,
    "practices": practices.practices,
}
