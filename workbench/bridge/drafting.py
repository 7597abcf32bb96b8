"""Has Alembic make a revision file, catches it before it is written, and writes the very text that was shown."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

from alembic import command, util
from alembic.config import Config
from alembic.script import ScriptDirectory, write_hooks

from workbench.bridge.values import Drafted
from workbench.errors import HistoryBroken, PlanOutdated, WriteFailed

_CREATE_DATE = re.compile(r"^Create Date:.*$|^.*create_date.*=.*$", re.MULTILINE)


class _Caught(Exception):
    def __init__(self, drafted: Drafted) -> None:
        super().__init__()
        self.drafted = drafted


def draft(config: Config, arguments: dict[str, Any]) -> Drafted:
    """What `alembic revision` with these arguments would write: its own template, naming and directives.

    Raises:
        alembic.util.CommandError: As the command would.

    """
    return caught(lambda: command.revision(config, **arguments))


def caught(make: Callable[[], object]) -> Drafted:
    """The file that Alembic wants to write while `make` runs.

    Raises:
        HistoryBroken: It wants to write none.

    """
    try:
        with _catching():
            make()
    except _Caught as caught:
        return caught.drafted
    raise HistoryBroken(
        "Alembic made no revision file: a process_revision_directives hook in env.py took it away.",
        "Look at that hook; `alembic revision` writes nothing here either.",
    )


@contextlib.contextmanager
def created_at(moment: str) -> Iterator[None]:
    """Let the file be made at this moment, which its name may tell; now, where there is none."""
    original = getattr(ScriptDirectory, "_generate_create_date", None)
    if not moment or original is None:
        yield
        return
    ScriptDirectory._generate_create_date = lambda _self: dt.datetime.fromisoformat(moment)  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        ScriptDirectory._generate_create_date = original  # type: ignore[method-assign]


def write(script: ScriptDirectory, drafted: Drafted, again: Drafted | None) -> str:
    """Write the very text that was shown, whole or not at all, and run the post-write hooks.

    Args:
        script: Whose hooks.
        drafted: What was shown.
        again: What Alembic would make now; None if it would make no file.

    Raises:
        PlanOutdated: Alembic would make another file now, or one of that name is there. Nothing was written.
        WriteFailed: The folder cannot be written, or a post-write hook failed.

    """
    if again is None or (again.path, _dateless(again.code)) != (drafted.path, _dateless(drafted.code)):
        raise PlanOutdated(
            "The revision files, the models or the database have moved since this Draft was made, and nothing was "
            "written.",
            "Make the draft again.",
        )
    folder, name = os.path.split(drafted.path)
    try:
        os.makedirs(folder, exist_ok=True)
        number, made = tempfile.mkstemp(dir=folder, prefix=f".{name}.", suffix=".tmp")
    except OSError as error:
        raise WriteFailed(
            f"{folder} cannot be written: {error.strerror}. Nothing was written.",
            "Give yourself the right to write there, or name another version location: version_path=…",
        ) from error
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="") as file:
            file.write(drafted.code)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(made, 0o666 & ~mask)
        _put(made, drafted.path)
    except FileExistsError as error:
        raise PlanOutdated(
            f"{drafted.path} is there already, and nothing was written.", "Make the draft again, or remove that file."
        ) from error
    except OSError as error:
        raise WriteFailed(
            f"{drafted.path} cannot be written: {error.strerror}. Nothing was written.",
            "Make room there, and write again.",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            os.unlink(made)
    hooks = getattr(script, "hooks", None)
    if hooks:
        try:
            write_hooks._run_hooks(drafted.path, hooks)
        except Exception as error:
            raise WriteFailed(
                f"{drafted.path} is written, but a post-write hook failed: {error}",
                "Look at [post_write_hooks] in the configuration; the file is whole without them.",
            ) from error
    return drafted.path


def _put(made: str, path: str) -> None:
    """Give a whole file its name, never that of one that is there."""
    try:
        os.link(made, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        with open(made, "rb") as source, open(path, "xb") as target:
            target.write(source.read())


def _dateless(code: str) -> str:
    return _CREATE_DATE.sub("", code)


@contextlib.contextmanager
def _catching() -> Iterator[None]:
    originals = ScriptDirectory._generate_template, ScriptDirectory._ensure_directory

    def generate(self: ScriptDirectory, src: Any, dest: Any, **values: Any) -> None:
        with tempfile.TemporaryDirectory() as folder:
            copy = os.path.join(folder, "revision.py")
            source = os.fspath(src)
            util.template_to_file(source, copy, getattr(self, "output_encoding", "utf-8"), **values)
            with open(copy, encoding="utf-8", newline="") as file:
                code = file.read()
        down = values.get("down_revision") or ()
        revisions = (down,) if isinstance(down, str) else tuple(down)
        made = values.get("create_date")
        moment = made.isoformat() if isinstance(made, dt.datetime) else ""
        # A version location that was named relatively would be another path than the one that is written.
        raise _Caught(Drafted(str(values["up_revision"]), revisions, os.path.abspath(os.fspath(dest)), code, moment))

    ScriptDirectory._generate_template = generate  # type: ignore[method-assign]
    ScriptDirectory._ensure_directory = lambda _self, _path: None  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        ScriptDirectory._generate_template, ScriptDirectory._ensure_directory = originals  # type: ignore[method-assign]
