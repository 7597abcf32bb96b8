"""Has Alembic make a revision file, and catches it before it is written."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from typing import Any

from alembic import command, util
from alembic.config import Config
from alembic.script import ScriptDirectory, write_hooks

from workbench.bridge.values import Drafted
from workbench.errors import HistoryBroken, PlanOutdated

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
    try:
        with _catching():
            command.revision(config, **arguments)
    except _Caught as caught:
        return caught.drafted
    raise HistoryBroken(
        "Alembic made no revision file: a process_revision_directives hook in env.py took it away.",
        "Look at that hook; `alembic revision` writes nothing here either.",
    )


def write(config: Config, script: ScriptDirectory, drafted: Drafted, arguments: dict[str, Any]) -> str:
    """Write the very text that was shown, and run the post-write hooks.

    Raises:
        PlanOutdated: Alembic would make another file now, or one of that name is there. Nothing was written.

    """
    again = draft(config, {**arguments, "rev_id": drafted.revision})
    if (again.path, _dateless(again.code)) != (drafted.path, _dateless(drafted.code)):
        raise PlanOutdated(
            "The revision files have moved since this Draft was made, and nothing was written.",
            "Make the draft again.",
        )
    os.makedirs(os.path.dirname(drafted.path), exist_ok=True)
    try:
        handle = os.open(drafted.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError as error:
        raise PlanOutdated(
            f"{drafted.path} is there already, and nothing was written.", "Make the draft again, or remove that file."
        ) from error
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(drafted.code)
    hooks = getattr(script, "hooks", None)
    if hooks:
        write_hooks._run_hooks(drafted.path, hooks)
    return drafted.path


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
        raise _Caught(Drafted(str(values["up_revision"]), revisions, os.fspath(dest), code))

    ScriptDirectory._generate_template = generate  # type: ignore[method-assign]
    ScriptDirectory._ensure_directory = lambda _self, _path: None  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        ScriptDirectory._generate_template, ScriptDirectory._ensure_directory = originals  # type: ignore[method-assign]
