"""The files that a Plan is made from, by the SHA-256 of their content. Imports nothing of Alembic's."""

from __future__ import annotations

import functools
import hashlib
import os
import sys
import sysconfig
from collections.abc import Iterable

from workbench.bridge.settings import Settings

_MARKS = ("pyproject.toml", "setup.py", "setup.cfg", ".git", ".hg")
_DOTENV = (".env", ".flaskenv")
_LARGE = 20_000_000

OUTDATED = "The Plan is out of date, and nothing was run: "
"""How the message of a PlanOutdated begins."""

Seals = tuple[tuple[str, str], ...]


def digest(path: str) -> str:
    """SHA-256 of a file's content, empty if it is not there."""
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return ""


def changed(seals: Iterable[tuple[str, str]], folder: str) -> str | None:
    """The first file whose content is not what it was; None if all are as they were."""
    return next((path for path, then in seals if digest(os.path.join(folder, path)) != then), None)


def of_project(settings: Settings, env_py: str, revisions: Iterable[str], read: Iterable[str] = ()) -> Seals:
    """Seals of env.py, the configuration, `.env`, and every module of the project that is loaded in this process.

    Args:
        settings: Names the configuration.
        env_py: The path of env.py.
        revisions: The folders of the revision files, which a Plan seals by its steps.
        read: Other files that the revisions have read: SQL, or data. Of these the project's own count.

    """
    beside = [os.path.join(settings.folder, name) for name in _DOTENV]
    paths = [env_py, *filter(None, (settings.ini, settings.toml)), *(each for each in beside if os.path.isfile(each))]
    paths += sorted(_modules(settings.folder, [os.path.realpath(each) for each in revisions]))
    paths += sorted(each for each in read if _is_data(each, settings.folder))
    told = dict.fromkeys(_shown(each, settings.folder) for each in paths)
    return tuple((path, digest(os.path.join(settings.folder, path))) for path in told)


def of_data(folder: str, read: Iterable[str]) -> Seals:
    """Seals of the project's own files among those that revisions have `read`."""
    told = dict.fromkeys(_shown(each, folder) for each in sorted(read) if _is_data(each, folder))
    return tuple((path, digest(os.path.join(folder, path))) for path in told)


def _modules(folder: str, revisions: list[str]) -> set[str]:
    """The source files of loaded modules below the project's root, but for what is installed there."""
    root = _root(os.path.realpath(folder))
    installed = [sys.prefix, sys.base_prefix, *(sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib"))]
    others = [os.path.realpath(each) for each in installed]
    others = [each for each in others if not _below(root, each)]  # a project that lies in such a folder is no library
    others += [*revisions, os.path.dirname(os.path.dirname(os.path.realpath(__file__)))]
    found = set()
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or not file.endswith(".py"):
            continue
        path = _real(file)
        parts = path.split(os.sep)
        if _below(path, root) and "site-packages" not in parts and not any(_below(path, each) for each in others):
            found.add(path)
    return found


@functools.cache
def _real(file: str) -> str:
    """As os.path.realpath, which looks at each folder on the way for each of 500 files: half the time of a preview.

    It is asked once: where something else takes the place of a loaded module, a new worker loads that.
    """
    if os.path.islink(file):
        return os.path.realpath(file)
    return os.path.join(_real_folder(os.path.dirname(file)), os.path.basename(file))


@functools.cache
def _real_folder(folder: str) -> str:
    return os.path.realpath(folder)


def _is_data(path: str, folder: str) -> bool:
    """Whether a file is the project's own, and not so large that looking whether it has changed would take long."""
    path = os.path.realpath(path)
    if not _below(path, _root(os.path.realpath(folder))) or {"site-packages", ".git"} & set(path.split(os.sep)):
        return False
    try:
        return os.path.isfile(path) and os.path.getsize(path) <= _LARGE
    except OSError:
        return False


def _root(folder: str) -> str:
    """The project's folder: the nearest one, from the configuration's upwards, that looks like a project's."""
    at = folder
    while os.path.dirname(at) != at:
        if any(os.path.exists(os.path.join(at, each)) for each in _MARKS):
            return at
        at = os.path.dirname(at)
    return folder


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _shown(path: str, folder: str) -> str:
    """`path` as it is meant from `folder`, which no other machine need have in the same place."""
    try:
        told = os.path.relpath(path, folder)
        if told.startswith(os.pardir):  # a link may lead there
            told = os.path.relpath(os.path.realpath(path), os.path.realpath(folder))
    except ValueError:  # on another drive
        return path
    return told.replace(os.sep, "/")
