"""Keeps the graph of an environment's revision files, and reads again only those that have changed."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from workbench.environment import graph, revision_files
from workbench.environment.graph import Graph
from workbench.environment.revision_files import RevisionFile

Told = tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...], str]
Identify = Callable[[list[str]], dict[str, Told]]


class Reader:
    """The revision files of one environment."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[tuple[int, int], RevisionFile]] = {}
        self._known: tuple[tuple[list[tuple[str, int, int]], str], Graph] | None = None
        self._lock = threading.Lock()

    def graph(
        self,
        locations: tuple[Path, ...],
        *,
        recursive: bool,
        sourceless: bool = False,
        illegal: str = "@-+",
        identify: Identify | None = None,
    ) -> Graph:
        """The graph as the files are now.

        Args:
            locations: The version folders.
            recursive: Whether revisions lie in folders below them, too.
            sourceless: Whether compiled files are revisions where their source is not there.
            illegal: What Alembic allows in no id.
            identify: Asked for files whose identifiers are computed; without it they stay as they were read.

        """
        with self._lock:
            listing = revision_files.list_files(locations, recursive=recursive, sourceless=sourceless)
            known_by = (listing, illegal)
            if self._known is not None and self._known[0] == known_by:
                return self._known[1]
            with warnings.catch_warnings():
                # Of an invalid escape in somebody's revision Python warns the reader of a notebook in vain.
                warnings.simplefilter("ignore")
                files = [self._file(path, (mtime, size)) for path, mtime, size in listing]
            computed = [file.path for file in files if file.computed and not file.fault]
            if computed:
                files = _identified(files, {} if identify is None else identify(computed))
            made = graph.build(files, illegal)
            if identify is not None or not computed:
                self._known = (known_by, made)
            self._files = {file.path: self._files[file.path] for file in files}
            return made

    def _file(self, path: str, stamp: tuple[int, int]) -> RevisionFile:
        known = self._files.get(path)
        if known is None or known[0] != stamp:
            read = revision_files.unread if revision_files.is_compiled(path) else revision_files.read
            known = (stamp, read(path))
            self._files[path] = known
        return known[1]


def _identified(files: list[RevisionFile], told: dict[str, Told]) -> list[RevisionFile]:
    return [_as_told(file, told[file.path]) if file.path in told else _untold(file) for file in files]


def _as_told(file: RevisionFile, told: Told) -> RevisionFile:
    revision, down_revisions, depends_on, labels, doc = told
    found = replace(
        file,
        revision=revision,
        down_revisions=down_revisions,
        depends_on=depends_on,
        branch_labels=tuple(sorted(set(labels))),
    )
    return revision_files.with_docstring(found, doc) if revision_files.is_compiled(file.path) else found


def _untold(file: RevisionFile) -> RevisionFile:
    if not revision_files.is_compiled(file.path):
        return file
    return replace(file, fault="is a compiled file, and the project's Python did not tell what it holds")
