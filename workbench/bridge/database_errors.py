"""Says what a driver's error means: no driver, no way to the server, no such database, no permission, no writes."""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Callable

from sqlalchemy import exc as sa_exc

from workbench import errors
from workbench.bridge import timeouts

_CLASS = re.compile(r"(?:^|(?<=\) ))<class '[\w.]+'>: ")
"""SQLAlchemy's adapters of asynchronous drivers put the driver's own class before its words."""
_DENIED = (
    "password authentication failed", "access denied", "no password supplied", "authentication failed", 'role "',
    "caching_sha2_password", "(1045,",
)  # fmt: skip
_NO_MORE = ("too many connections", "too many clients", "connection slots are reserved", "(1040,", "(1203,", "(1226,")
_FORBIDDEN = ("permission denied for", "must be owner of", "(1044,", "(1142,", "(1227,")
_FULL = ("database or disk is full", "no space left on device", "disk full", "(1114,", "(1021,")
_READ_ONLY = ("readonly database", "read-only transaction", "read only transaction", "--read-only option", "(1792,")
_NO_DATABASE = ("(1049,", "unknown database")
_NO_FILE = ("unable to open database",)
_UNREACHABLE = (
    "connection refused", "could not translate host", "name or service not known", "failed to resolve host",
    "can't connect", "could not connect", "connection timed out", "timeout expired", "(2003,", "(2005,",
    "connection to server", "connection failed", "no such file or directory",
)  # fmt: skip


def driver_error(error: BaseException, clean: Callable[[str], str]) -> errors.DriverMissing | None:
    """The error of a driver or dialect that is not installed; None if it is something else."""
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, ModuleNotFoundError) and any(each.name in {"import_dbapi", "dbapi"} for each in frames):
        return errors.DriverMissing(
            f"The database's driver {error.name!r} is not installed in the Python that runs this project.",
            'Install it there, or name the driver that you have in the URL, as in "postgresql+psycopg://…". '
            'If the project has a Python of its own: Workbench(python="…/bin/python").',
            (("python", sys.executable),),
        )
    if isinstance(error, sa_exc.NoSuchModuleError):
        return errors.DriverMissing(
            f"SQLAlchemy does not know this kind of database: {clean(words_of(error))}",
            "Check the first part of the URL (before ://), or install the package that brings this dialect.",
            (("python", sys.executable),),
        )
    return None


def url_error(error: BaseException, clean: Callable[[str], str]) -> errors.EnvPyFailed | None:
    """The error of a URL that nobody can read; None if it is something else."""
    if isinstance(error, sa_exc.ArgumentError) and "URL" in str(error):
        return errors.EnvPyFailed(
            f"The database's URL cannot be read: {clean(words_of(error))}.",
            "It looks like dialect+driver://user:password@host/database; special characters in the password have to "
            "be percent-encoded (`urllib.parse.quote_plus`).",
        )
    if isinstance(error, ValueError) and "interpolation" in str(error):
        return errors.EnvPyFailed(
            "The configuration cannot take the database's URL: a % stands in it, and ini files read % as the "
            "beginning of a substitution.",
            "In env.py write config.set_main_option('sqlalchemy.url', url.replace('%', '%%')).",
        )
    if type(error).__name__.startswith("Interpolation") and "configparser" in type(error).__module__:
        return errors.EnvPyFailed(
            "alembic.ini holds a % that ini files read as the beginning of a substitution, mostly in a password.",
            "Write %% for % in alembic.ini.",
        )
    return None


def database_error(  # noqa: PLR0911 - one for each thing that a server says
    error: BaseException, clean: Callable[[str], str], *, writing: bool
) -> errors.WorkbenchError | None:
    """What the database or its driver has to say; None if the error is not of theirs."""
    if not isinstance(error, (sa_exc.DBAPIError, OSError)) or isinstance(error, ImportError):
        return None
    words = clean(words_of(getattr(error, "orig", None) or error))
    low = words.lower()
    evidence: tuple[tuple[str, str], ...] = (("the driver says", words),)
    statement = clean(str(getattr(error, "statement", "") or ""))
    if statement:
        evidence += (("statement", statement),)

    def says(marks: tuple[str, ...]) -> bool:
        return any(mark in low for mark in marks)

    if writing and timeouts.is_lock_error(error):
        return timeouts.lock_not_had(error, "Nothing was run", evidence, clean)
    if says(_READ_ONLY):
        return read_only(evidence) if writing else _env_py_writes(evidence)
    if says(_FORBIDDEN):
        return errors.AccessDenied(
            "The database does not let this user do that.",
            "Have the permission granted, or use another account where env.py takes its URL from.",
            evidence,
        )
    if says(_NO_MORE):
        return errors.DatabaseUnreachable(
            "The server takes no more connections, or none of this user's.",
            "Wait until others have ended theirs, or have the limit raised; an upgrade needs one connection, and a "
            "rehearsal a few.",
            evidence,
        )
    if says(_DENIED):
        return errors.AccessDenied(
            "The database refused the user or the password.",
            "Check user and password where env.py takes its URL from (often DATABASE_URL or .env).",
            evidence,
        )
    return _not_there(error, evidence, low)


def _not_there(
    error: BaseException, evidence: tuple[tuple[str, str], ...], low: str
) -> errors.DatabaseUnreachable | None:
    def says(marks: tuple[str, ...]) -> bool:
        return any(mark in low for mark in marks)

    if "file is not a database" in low:
        return errors.DatabaseUnreachable(
            "The file is not a SQLite database.", "Check the path where env.py takes its URL from.", evidence
        )
    if not isinstance(error, (sa_exc.OperationalError, ConnectionError, TimeoutError)):
        return None
    if says(_NO_DATABASE) or ('database "' in low and "does not exist" in low):
        return errors.DatabaseUnreachable(
            "The server answers, but it has no such database.",
            "Create it there, or check the name where env.py takes its URL from.",
            evidence,
        )
    if says(_NO_FILE):
        return errors.DatabaseUnreachable(
            "The SQLite file cannot be opened.",
            "Check the path where env.py takes its URL from: its folder has to be there, and a relative path is meant "
            "from the folder of the configuration.",
            evidence,
        )
    if says(_UNREACHABLE) or isinstance(error, (ConnectionError, TimeoutError)):
        return errors.DatabaseUnreachable(
            "The database cannot be reached.",
            "Check that the server runs, and host and port where env.py takes its URL from.",
            evidence,
        )
    return None


def takes_no_writes(words: str) -> bool:
    """The database says that it is read-only."""
    return any(mark in words.lower() for mark in _READ_ONLY)


def cause_of(error: BaseException, words: str) -> tuple[str, str] | None:
    """What made a statement fail that is the fault of no revision and no data, and what to do about it."""
    if getattr(error, "connection_invalidated", False):
        return (
            "the connection to the database was lost",
            "Look whether the server runs, and who ended the session; then make the plan again.",
        )
    if any(mark in words.lower() for mark in _FULL):
        return (
            "there is no room for what it writes",
            "Make room where the database says that it is full, then make the plan again.",
        )
    return None


def read_only(evidence: tuple[tuple[str, str], ...], what: str = "") -> errors.DatabaseReadOnly:
    """The error of a database that refuses an apply."""
    return errors.DatabaseReadOnly(
        f"{what or 'Nothing could be run'}: the database does not take writes.",
        "Check the file's permissions, or whether this is a read-only replica or account.",
        evidence,
    )


def _env_py_writes(evidence: tuple[tuple[str, str], ...]) -> errors.DatabaseReadOnly:
    return errors.DatabaseReadOnly(
        "env.py itself writes to the database before any migration, and a question must not write.",
        "Move that statement into a revision; or, if the database is read-only anyway, take it out of env.py.",
        evidence,
    )


def words_of(error: BaseException) -> str:
    """What the error says, without SQLAlchemy's link to its documentation."""
    text = _CLASS.sub("", str(error).strip(), count=1) or type(error).__name__
    return text.split("\n(Background on this error at:")[0].strip()
