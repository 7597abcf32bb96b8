"""Turns what Alembic, SQLAlchemy, the drivers and the project's own code raise into our errors, once."""

from __future__ import annotations

import contextlib
import linecache
import os
import re
import traceback
from collections.abc import Callable, Iterable
from types import FrameType

from alembic.script import revision as alembic_revision
from alembic.util import CommandError
from sqlalchemy import exc as sa_exc

from workbench import errors
from workbench.bridge import database_errors, timeouts
from workbench.bridge.database_errors import words_of
from workbench.text import redact

_ALEMBIC_LOADS = frozenset({"_from_filename", "_from_path"})  # before and since Alembic 1.18


def translate(  # noqa: C901, PLR0911 - one branch for each thing that can be wrong
    error: BaseException, secrets: set[str], folder: str, *, writing: bool = False
) -> errors.WorkbenchError:
    """The WorkbenchError that says the same as `error`, redacted, for work that was not a migration.

    Args:
        error: What was raised while env.py ran.
        secrets: Passwords to blot out.
        folder: The project's folder; paths below it are shown relative to it.
        writing: It was raised in an apply, before the first step.

    """

    def clean(text: str) -> str:
        return redact(text, secrets)

    if isinstance(error, errors.WorkbenchError):
        return _cleaned(error, clean)
    if isinstance(error, CommandError):
        return _command_error(error, clean, folder)
    if isinstance(error, (alembic_revision.RevisionError, KeyError)) and _from_revision_map(error):
        return _history_broken(error, clean)
    if isinstance(error, AssertionError) and _from_revision_map(error):
        return errors.UnsupportedRequest(
            "This target or range does not lead from one place to another: an end of it stands for several revisions, "
            "or for none.",
            "Name the revisions themselves; `wb.history()` shows them.",
        )
    if isinstance(error, UserWarning) and "present more than once" in str(error):
        return _history_broken(error, clean)
    filename = str(getattr(error, "filename", ""))
    if os.path.basename(filename) == "script.py.mako":  # of Mako's own errors, and of one that is not there
        return _template_unread(error, filename, clean, folder)
    place = _place(error, clean, folder)
    if isinstance(error, SyntaxError) and error.filename:
        place = (("line", clean((error.text or "").strip())),)
    if _loads_revisions(error):
        return _broken_file(error, clean, folder, place)
    if isinstance(error, SystemExit):
        return errors.EnvPyFailed(
            f"env.py, or what it imports, ended the process with sys.exit({clean(repr(error.code))}).",
            "Look at that line for the condition on which it gives up: often an environment variable that is not set. "
            "Pass it: Workbench(env={…}).",
            place,
        )
    told = (
        database_errors.driver_error(error, clean)
        or database_errors.url_error(error, clean)
        or database_errors.database_error(error, clean, writing=writing)
    )
    if told is not None:
        return told
    if "application context" in str(error) and isinstance(error, RuntimeError):
        return errors.AppContextMissing(
            "env.py works only inside an application context, and none was given.",
            'Name the application: Workbench(context="shop:create_app"), a callable whose result is, or has an '
            "app_context() that is, a context manager. Where FLASK_APP is set, it is used by itself.",
            place,
        )
    if isinstance(error, SyntaxError) and error.filename:
        return errors.EnvPyFailed(
            f"{_relative(error.filename, folder)} cannot be read: {type(error).__name__} in line {error.lineno}: "
            f"{error.msg}.",
            "Correct the file.",
            place,
        )
    return errors.EnvPyFailed(
        f"env.py, or what it imports, raised {type(error).__name__}: {clean(words_of(error))}",
        _remedy(error),
        place,
    )


def migration_failed(
    error: BaseException, revision: str, direction: str, path: str, secrets: set[str], folder: str
) -> errors.WorkbenchError:
    """The error of a revision whose own code or statement failed while it really ran."""

    def clean(text: str) -> str:
        return redact(text, secrets)

    if isinstance(error, errors.WorkbenchError):
        return _cleaned(error, clean)
    evidence: list[tuple[str, str]] = []
    statement = getattr(error, "statement", None)
    original = getattr(error, "orig", None)
    if statement:
        evidence.append(("statement", clean(str(statement))))
    words = clean(words_of(original if original is not None else error))
    if original is not None:
        evidence.append(("the database says", words))
    evidence += _place(error, clean, folder, within=path)
    what = (
        "the database refused a statement"
        if original is not None
        else f"its code raised {type(error).__name__}: {words.removesuffix('.')}"
    )
    if isinstance(error, CommandError) and "migration expected to match" in words:
        return errors.PlanOutdated(
            f"Somebody else has moved the database while the {direction} of {revision} ran: the version table is not "
            "as it was before the step.",
            "Look where it stands now with `wb.current()`, and make the plan again.",
            tuple(evidence),
        )
    if timeouts.is_lock_error(error):
        return timeouts.lock_not_had(error, f"The {direction} of {revision} failed", tuple(evidence), clean)
    if timeouts.is_too_slow(error):
        return errors.MigrationFailed(
            f"The {direction} of {revision} failed: a statement took longer than it may.",
            "Give it more time, as in plan.apply(statement_timeout=600), or None for the server's own limit.",
            tuple(evidence),
        )
    if database_errors.takes_no_writes(words):
        return database_errors.read_only(tuple(evidence), f"The {direction} of {revision} failed")
    cause = database_errors.cause_of(error, words)
    what, remedy = cause or (what, "Correct the revision or the data, then make the plan again.")
    return errors.MigrationFailed(f"The {direction} of {revision} failed: {what}.", remedy, tuple(evidence))


def offline_reason(error: BaseException, secrets: Iterable[str]) -> str:
    """Why a revision's SQL cannot be had without running it, in a sentence."""
    words = redact(words_of(error), secrets)
    where = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.name in {"upgrade", "downgrade"} or (where and frame.filename == where.rpartition(":")[0]):
            where = f"{frame.filename}:{frame.lineno}"
    line = f" (line {where.rpartition(':')[2]})" if where else ""
    no_result = isinstance(error, (AttributeError, TypeError)) and "NoneType" in words
    if no_result or isinstance(error, sa_exc.NoInspectionAvailable):
        return f"it reads from the database{line}, and offline there is none to read"
    return f"it raises {type(error).__name__} when no database is there{line}: {words}"


def recorded_reason(error: BaseException, secrets: Iterable[str], seconds: float) -> str:
    """What cut a revision short that was run without writing anything, in a sentence."""
    if not isinstance(error, (Exception, SystemExit)):
        return f"it takes longer than {seconds:g} s to know what it does"
    if isinstance(error, sa_exc.DBAPIError):
        told = words_of(error.orig or error).partition("\n")[0]
        return f"what it asks cannot be answered before it has run: {redact(told, secrets)}"
    told = f": {words}" if (words := words_of(error)) != type(error).__name__ else ""
    return f"it raises {type(error).__name__} where nothing is written{redact(told, secrets)}"


def batch_reason(error: BaseException, line: int, explain: Callable[[BaseException], str]) -> str:
    """Why the SQL of a batch cannot be had without running it, in a sentence."""
    if "requires a live database connection" in str(error):
        return f"its batch (line {line}) copies a table, and offline it cannot be known what that looks like"
    return explain(error)


def _command_error(  # noqa: C901, PLR0911, PLR0912 - as translate
    error: CommandError, clean: Callable[[str], str], folder: str
) -> errors.WorkbenchError:
    cause = error.__cause__
    words = clean(words_of(error))
    if isinstance(cause, alembic_revision.MultipleHeads):
        heads = ", ".join(sorted(str(head) for head in cause.heads))
        return errors.MultipleHeads(
            f"There are several heads ({heads}), and {cause.argument!r} means exactly one.",
            "Name one of them, a branch as in 'label@head', or 'heads' for all; or join them: wb.merge().",
            (("heads", heads),),
        )
    if isinstance(cause, alembic_revision.ResolutionError) and "Multiple revisions start with" in str(cause):
        return errors.RevisionNotFound(
            f"{clean(str(cause.argument))!r} is the beginning of several ids: {clean(str(cause).partition(': ')[2])}.",
            "Write more of the one that is meant.",
        )
    if isinstance(cause, alembic_revision.ResolutionError):
        return errors.RevisionNotFound(
            f"No revision file answers to {clean(str(cause.argument))!r}.",
            "`wb.history()` lists the ids, labels and heads.",
        )
    if "Can't locate revision" in words:
        return errors.RevisionNotFound(words, "`wb.history()` lists the ids, labels and heads.")
    if "Could not determine revision id" in words:
        return _history_broken(error, clean)
    if isinstance(cause, alembic_revision.RevisionError) or _from_revision_map(error):
        relative = re.search(r"Relative revision (\S+) didn't produce \d+ migrations", words)
        if relative:
            return errors.UnsupportedRequest(
                f"The target {relative[1]} asks for more steps than there are.",
                "`wb.history()` shows where the database is, and what lies above and below.",
            )
        if isinstance(cause, (alembic_revision.RangeNotAncestorError,)):
            return errors.UnsupportedRequest(
                f"{words}.", "`wb.history()` shows which revisions lie above and below where the database is."
            )
        if "overlaps with other requested revisions" in words:
            return errors.UnsupportedRequest(
                "Two of the revisions follow each other, where Alembic takes only one of them.",
                "If the version table holds both, `wb.check()` says so, and what to do.",
                (("Alembic says", words),),
            )
        if "Ambiguous walk" in words:
            return errors.UnsupportedRequest(
                "That many steps from here can mean several revisions: a branch or a merge lies on the way.",
                "Name the revision itself; `wb.history()` shows it.",
            )
        if "Cycle" in words or "present more than once" in words:
            return _history_broken(cause or error, clean)
        return errors.UnsupportedRequest(words, "`wb.history()` shows the revisions and how they follow each other.")
    if "Template rendering failed" in words:
        return _template_failed(str(error), clean)
    remedy = next((each for part, each in _PLACING if part in words), None)
    if remedy is not None:
        return errors.UnsupportedRequest(f"Alembic refuses: {words.removesuffix('.')}.", remedy)
    return errors.EnvPyFailed(f"Alembic refuses: {words}", "", _place(error, clean, folder))


def _template_unread(
    error: BaseException, filename: str, clean: Callable[[str], str], folder: str
) -> errors.EnvironmentInvalid:
    name = clean(_relative(filename, folder))
    if isinstance(error, OSError):
        why, remedy = f"{error.strerror}", "Take the one that `alembic init` makes."
    else:
        line = getattr(error, "lineno", None)
        why = str(error).partition(" in file ")[0] + (f" (line {line})" if line else "")
        remedy = "Compare it with the one that `alembic init` makes."
    return errors.EnvironmentInvalid(
        f"{name}, the template, cannot be read: {clean(why)}. Nothing was written.", remedy
    )


def _template_failed(words: str, clean: Callable[[str], str]) -> errors.EnvironmentInvalid:
    """What Mako says stands in a file that Alembic leaves in the folder for temporary ones; it is not left there."""
    told = "it says no more"
    found = re.search(r"see (\S.*\.txt) for a template-oriented traceback", words)
    with contextlib.suppress(OSError, IndexError):
        if found is not None:
            with open(found[1], encoding="utf-8", errors="replace") as file:
                told = file.read().strip().splitlines()[-1]
            os.unlink(found[1])
    return errors.EnvironmentInvalid(
        f"script.py.mako, the template, cannot be rendered: {clean(told).rstrip('.')}. Nothing was written.",
        "Compare it with the one that `alembic init` makes.",
    )


_PLACING = (
    ("is not a head revision", "Name a head; or, with splice=True, begin a branch after that revision."),
    ("not represented in current version locations", "Name one of the folders in version_locations."),
    ("Multiple version locations present", "Name one of the folders in version_locations: version_path=…"),
    ("Duplicate head revisions specified", "Name each head once."),
)
"""Where a new revision cannot go, by Alembic's words, and what to do."""


def _loads_revisions(error: BaseException) -> bool:
    frames = traceback.extract_tb(error.__traceback__)
    return any(each.name in _ALEMBIC_LOADS and "alembic" in each.filename for each in frames)


def _broken_file(
    error: BaseException, clean: Callable[[str], str], folder: str, place: tuple[tuple[str, str], ...]
) -> errors.HistoryBroken:
    why = f"{type(error).__name__}: {clean(words_of(error))}"
    file = "A revision file"
    if isinstance(error, SyntaxError) and error.filename:
        file = _relative(error.filename, folder)
        why = f"{type(error).__name__} in line {error.lineno}: {error.msg}"
    return errors.HistoryBroken(
        f"{file} cannot be loaded: {why}.",
        "Correct the file. `wb.history()` shows the tree all the same.",
        place,
    )


def _history_broken(error: BaseException, clean: Callable[[str], str]) -> errors.HistoryBroken:
    words = words_of(error)
    nameless = re.search(r"Could not determine revision id from filename (\S+)\. ", words)
    if isinstance(error, KeyError):
        words = f"one follows {error.args[0]}, which no file has"
    elif nameless:
        words = f"{nameless[1]} has no `revision`, so nobody can tell which one it is"
    elif "present more than once" in words:
        words = f"several files have the id {words.split()[1]}"
    elif isinstance(error, alembic_revision.CycleDetected):
        words = f"{', '.join(sorted(str(each) for each in error.revisions))} follow each other in a circle"
    return errors.HistoryBroken(
        f"The revision files do not make a history: {clean(words)}.",
        "Correct the files. `wb.history()` shows the tree all the same, with the fault marked on its node.",
    )


def _from_revision_map(error: BaseException) -> bool:
    return any(frame.filename.endswith(os.path.join("script", "revision.py"))
               for frame in traceback.extract_tb(error.__traceback__))  # fmt: skip


def says_there_is_none(error: BaseException, path: str) -> bool:
    """A revision's own file raises NotImplementedError: there is no such direction of it.

    Alembic and SQLAlchemy raise it too, of what a dialect cannot do; that is a failure as any other.
    """
    if not isinstance(error, NotImplementedError):
        return False
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and os.path.abspath(frames[-1].filename) == os.path.abspath(path)


def _place(
    error: BaseException, clean: Callable[[str], str], folder: str, within: str = ""
) -> tuple[tuple[str, str], ...]:
    """The file and line in the project's own code where it happened, and the line itself."""
    # The frames of SQLAlchemy, Alembic and the drivers lie below a site-packages; the project's may too.
    frames = traceback.extract_tb(error.__traceback__)
    own = [each for each in frames if within and os.path.abspath(each.filename) == os.path.abspath(within)]
    if not own:
        own = [each for each in frames if not _is_library(each.filename)]
    if not own:
        return ()
    frame = own[-1]
    line = (frame.line or linecache.getline(frame.filename, frame.lineno or 0)).strip()
    place = f"{_relative(frame.filename, folder)}, line {frame.lineno}"
    return (("file", place), ("line", clean(line))) if line else (("file", place),)


def where_it_is(frame: FrameType | None, secrets: set[str], folder: str) -> tuple[tuple[str, str], ...]:
    """The file and line of the project's own code that a thread is in at the moment."""
    stack = [each for each in traceback.extract_stack(frame) if not _is_library(each.filename)]
    if not stack:
        return ()
    place = (("it was in", f"{_relative(stack[-1].filename, folder)}, line {stack[-1].lineno}"),)
    line = redact((stack[-1].line or "").strip(), secrets)
    return (*place, ("line", line)) if line else place


def _is_library(filename: str) -> bool:
    parts = filename.replace("\\", "/").split("/")
    ours = {"alembic", "sqlalchemy", "workbench", "psycopg", "psycopg2", "pymysql", "mako", "importlib", "asyncio"}
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1] in ours
    stdlib = os.path.dirname(os.__file__).replace("\\", "/")
    own = os.path.dirname(os.path.dirname(__file__)).replace("\\", "/")
    return filename.startswith(("<", stdlib + "/", own + "/"))


def _relative(path: str, folder: str) -> str:
    relative = os.path.relpath(path, folder) if os.path.isabs(path) else path
    return path if relative.startswith("..") else relative


def _remedy(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError):
        return (
            f"{error.name} is not importable in the Python that runs the project. If the project has a virtual "
            'environment of its own: Workbench(python="…/bin/python"). If it lies beside alembic.ini: '
            "add `prepend_sys_path = .` there."
        )
    if isinstance(error, KeyError) and str(error).strip("'\"").isupper():
        return "It looks like an environment variable that is not set: Workbench(env={…}), or a .env that env.py reads."
    return "`alembic current` in a terminal stops at the same place; correct env.py or what it imports."


def _cleaned(error: errors.WorkbenchError, clean: Callable[[str], str]) -> errors.WorkbenchError:
    evidence = tuple((title, clean(text)) for title, text in error.evidence)
    return type(error)(clean(error.message), error.remedy, evidence)
