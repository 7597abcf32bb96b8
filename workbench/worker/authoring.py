"""Makes a new revision with Alembic's own autogenerate, on the live databases or on the head made on scratch ones."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.runtime.migration import MigrationContext

from workbench.bridge import baselines, configuration, drafting, environments, translate
from workbench.bridge.environments import Part
from workbench.bridge.values import Baseline, Decided, Drafted
from workbench.errors import MigrationFailed
from workbench.results import Database
from workbench.text import blot
from workbench.worker.answers import Authored, Proposed
from workbench.worker.stand_ins import Options, StandIns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.bridge.authoring.making import Maker
    from workbench.worker.tasks import Job

_ensure_version_table = MigrationContext._ensure_version_table  # noqa: SLF001 - before anybody replaces it


def draft(
    job: Job,
    *,
    options: dict[str, Any],
    choices: Decided | None,
    on_scratch: bool = False,
    baseline: Baseline | None = None,
    scratch_url: str | None = None,
    created: str = "",
) -> Authored:
    """The file that `alembic revision` would write, with what its author decided on.

    Args:
        job: The request.
        options: As `alembic revision` takes them.
        choices: What was decided; None for an empty revision, for which env.py is run only if Alembic would.
        on_scratch: Compare the models with the head, made on a scratch database, and not with what is live.
        baseline: What a scratch database is filled with first.
        scratch_url: As for a rehearsal.
        created: When the file was made, if it was before; see `Drafted`.

    Returns:
        Its answer is `behind`, and without a file, where a live database does not stand at the heads.

    """
    job.guard.url = job.settings.url
    with configuration.one_file_an_id(), environments.no_version_table(), drafting.created_at(created):
        if choices is None:
            config = configuration.make_config(job.settings, command.revision, **options)
            return Authored(drafting.draft(config, options), (), ())
        if on_scratch:
            return _on_scratch(job, options, choices, Options("none", "replay", baseline, scratch_url))
        maker = _maker(job, options, choices)

        def work(part: Part) -> Database:
            maker.work(part, job.config)
            return part.database

        answers = job.run(
            work,
            command.revision,
            template_args=maker.template_args,
            **_asked(options),
        )
        return _told(maker, tuple(answers))


def write(job: Job, *, drafted: Drafted, **asked: Any) -> str:
    """Write a drafted file, if it would be made again; returns its path."""
    again = draft(job, created=drafted.created, **asked)
    config = configuration.make_config(job.settings, command.revision, **asked["options"])
    script = configuration.script_directory(config)
    return drafting.write(script, drafted, again.drafted)


def _maker(job: Job, options: dict[str, Any], choices: Decided, *, remembers: bool = True) -> Maker:
    from workbench.bridge.authoring.making import Maker  # noqa: PLC0415 - autogenerate: others need not wait for it

    hide = functools.partial(blot, secrets=frozenset(job.guard.secrets))
    return Maker(options, choices, job.memory, job.metadata, hide, remembers)


def _told(maker: Maker, databases: tuple[Database, ...]) -> Authored:
    if maker.behind:
        return Authored(None, (), databases, tuple(maker.behind))
    return Authored(maker.drafted(), tuple(Proposed(*each) for each in maker.proposed), databases)


def _asked(options: dict[str, Any]) -> dict[str, Any]:
    """What env.py can look at in `cmd_opts`; the ids of the target are no business of its."""
    return {name: value for name, value in options.items() if name != "revision"}


def _on_scratch(job: Job, options: dict[str, Any], choices: Decided, how: Options) -> Authored:
    on = StandIns(job, how)
    maker = _maker(job, options, choices, remembers=False)
    at: list[Any] = []
    try:
        on.make()
        if how.baseline is not None:
            baseline = how.baseline
            on.ask(lambda part: baselines.fill(part, baseline) if on.is_first(part) else None)
        on.say("making the head from the revisions")
        with _failing(job, at):
            on.ask(lambda part: _to_heads(part, at), call=command.upgrade, revision="heads", sql=False, tag=None)
        on.ask(
            lambda part: maker.work(part, job.config),
            call=command.revision, template_args=maker.template_args, **_asked(options),
        )  # fmt: skip
        return _told(maker, tuple(on.databases))
    finally:
        on.drop()


def _to_heads(part: Part, at: list[Any]) -> Iterator[Any]:
    steps = list(part.script._upgrade_revs("heads", part.heads))  # type: ignore[arg-type]  # noqa: SLF001 - as stepping does
    if steps and not part.heads:
        _ensure_version_table(part.context)
    for step in steps:
        at[:] = [step]
        yield step
    at.clear()


@contextlib.contextmanager
def _failing(job: Job, at: list[Any]) -> Iterator[None]:
    try:
        yield
    except Exception as raised:
        if not at:
            raise
        revision = at[0].revision
        error = translate.migration_failed(
            raised, str(revision.revision), "upgrade", str(revision.path), job.guard.secrets, job.settings.folder
        )
        raise MigrationFailed(
            "The models cannot be compared with the head: the live database does not stand there, and it cannot be "
            f"made by running the revisions on an empty one. {error.message}",
            "Bring the live database to the head first, or let the tables that were there before the history be made: "
            'baseline="schema.sql".',
            error.evidence,
        ) from raised
