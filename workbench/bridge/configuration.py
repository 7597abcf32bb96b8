"""Makes Alembic's Config and ScriptDirectory as its own command line does."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import util
from alembic.config import Config
from alembic.script import Script, ScriptDirectory, revision

from workbench.bridge.settings import Settings
from workbench.bridge.values import Scripts
from workbench.errors import EnvironmentInvalid, HistoryBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def make_config(settings: Settings, command: Callable[..., Any], **arguments: Any) -> Config:
    """The Config that `alembic COMMAND` would have made, with `cmd_opts` as an env.py may look at them."""
    options = Namespace(
        x=list(settings.x) or None,
        quiet=True,
        name=settings.section,
        config=settings.ini,
        raiseerr=True,
        cmd=(command, list(arguments), []),
        **arguments,
    )
    # toml_file came with Alembic 1.16; an older one in this interpreter does not look into pyproject.toml either.
    knows = hasattr(Config, "get_alembic_option")
    toml: dict[str, Any] = {"toml_file": settings.toml} if settings.toml and knows else {}
    config = Config(settings.ini, ini_section=settings.section, cmd_opts=options, **toml)
    if settings.script_location:
        config.set_main_option("script_location", settings.script_location.replace("%", "%%"))
    if settings.url is not None:
        config.set_main_option("sqlalchemy.url", settings.url.replace("%", "%%"))
    return config


def script_directory(config: Config) -> ScriptDirectory:
    """The ScriptDirectory, without letting `sys.path` grow at each call.

    `from_config` puts prepend_sys_path in front every time (alembic/script/base.py).

    Raises:
        EnvironmentInvalid: The script folder is not there, or holds no env.py.

    """
    before = list(sys.path)
    try:
        script = ScriptDirectory.from_config(config)
    except Exception as error:
        raise EnvironmentInvalid(
            f"The script folder cannot be used: {error}",
            "Check script_location in the configuration: the folder that holds env.py.",
        ) from error
    if not os.path.exists(script.env_py_location):
        raise EnvironmentInvalid(
            f"The script folder {script.dir} holds no env.py.",
            "Check script_location in the configuration. A new environment is made by `alembic init migrations`.",
        )
    added = sys.path[: len(sys.path) - len(before)]
    sys.path[:] = list(dict.fromkeys(added + before))
    return script


def add_drafted(script: ScriptDirectory, path: str) -> None:
    """Let a revision that is not written yet count as one of the others.

    Raises:
        HistoryBroken: Its code does not compile, or cannot be loaded.

    """
    folder, name = os.path.split(path)
    try:
        # Alembic 1.16 calls it by the path, older ones by folder and name.
        kind: Any = Script
        if hasattr(kind, "_from_path"):
            made = kind._from_path(script, Path(path))
        else:
            made = kind._from_filename(script, folder, name)
        if made is not None:
            script.revision_map.add_revision(made)
    except Exception as error:
        place = f" (line {error.lineno})" if isinstance(error, SyntaxError) else ""
        raise HistoryBroken(
            f"The revision that is being written cannot be loaded: {type(error).__name__}: {error}{place}",
            "Correct its code.",
        ) from error


@contextlib.contextmanager
def one_file_an_id() -> Iterator[None]:
    """Make an error of what Alembic only warns of, and would run the one that it met last."""
    with warnings.catch_warnings():
        warnings.filterwarnings("error", r"Revision .* is present more than once")
        yield


def scripts_of(script: ScriptDirectory, folder: str) -> Scripts:
    """Where this ScriptDirectory looks for revision files, with absolute paths; relative ones are from `folder`."""
    locations = script.version_locations or [os.path.join(script.dir, "versions")]
    return Scripts(
        _from(folder, str(script.dir)),
        tuple(_from(folder, str(util.coerce_resource_to_filename(str(each)))) for each in locations),
        bool(getattr(script, "recursive_version_locations", False)),
        bool(script.sourceless),
        "".join(getattr(revision, "_revision_illegal_chars", "@-+")),
    )


def scripts_without_project(settings: Settings) -> Scripts | None:
    """The same from the configuration alone; None where only the project's Python can tell.

    That is `package:folder`, or a pyproject.toml that this interpreter's Alembic is too old for.
    Never leaves a trace in `sys.path` or imports anything of the project's.

    Raises:
        EnvironmentInvalid: The script folder is not there.

    """
    config = make_config(replace(settings, url=None), script_directory)
    option = getattr(config, "get_alembic_option", config.get_main_option)
    locations = str(option("version_locations") or "")
    location = settings.script_location or str(option("script_location") or "")
    if not location or _is_package_path(location) or _is_package_path(locations):
        return None
    # Relative paths are meant from the folder that `alembic` is run in, which this process is not in.
    config.set_main_option("script_location", _from(settings.folder, location).replace("%", "%%"))
    config.set_main_option("prepend_sys_path", "")  # an ini's; pyproject.toml's is put in front all the same
    before = list(sys.path)
    try:
        return scripts_of(script_directory(config), settings.folder)
    finally:
        sys.path[:] = before


def _from(folder: str, path: str) -> str:
    return os.path.normpath(os.path.join(folder, path))


def _is_package_path(location: str) -> bool:
    # `package:folder`, but neither an absolute path nor a Windows drive; ':' may also separate paths.
    head = location.partition(":")[0]
    return ":" in location and len(head) > 1 and not any(mark in head for mark in "/\\. ")
