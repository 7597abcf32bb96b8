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

Identify = Callable[[list[str]], dict[str, tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]]]


class Reader:
    """The revision files of one environment."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[tuple[int, int], RevisionFile]] = {}
        self._known: tuple[list[tuple[str, int, int]], Graph] | None = None
        self._lock = threading.Lock()

    def graph(self, locations: tuple[Path, ...], *, recursive: bool, identify: Identify | None = None) -> Graph:
        """The graph as the files are now.

        Args:
            locations: The version folders.
            recursive: Whether revisions lie in folders below them, too.
            identify: Asked for files whose identifiers are computed; without it they stay as they were read.

        """
        with self._lock:
            listing = revision_files.list_files(locations, recursive=recursive)
            if self._known is not None and self._known[0] == listing:
                return self._known[1]
            with warnings.catch_warnings():
                # Of an invalid escape in somebody's revision Python warns the reader of a notebook in vain.
                warnings.simplefilter("ignore")
                files = [self._file(path, (mtime, size)) for path, mtime, size in listing]
            computed = [file.path for file in files if file.computed and not file.fault]
            if computed and identify is not None:
                files = _identified(files, identify(computed))
            made = graph.build(files)
            if identify is not None or not computed:
                self._known = (listing, made)
            self._files = {file.path: self._files[file.path] for file in files}
            return made

    def _file(self, path: str, stamp: tuple[int, int]) -> RevisionFile:
        known = self._files.get(path)
        if known is None or known[0] != stamp:
            known = (stamp, revision_files.read(path))
            self._files[path] = known
        return known[1]


def _identified(
    files: list[RevisionFile], told: dict[str, tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]]
) -> list[RevisionFile]:
    return [
        replace(
            file,
            revision=told[file.path][0],
            down_revisions=told[file.path][1],
            depends_on=told[file.path][2],
            branch_labels=tuple(sorted(told[file.path][3])),
        )
        if file.path in told
        else file
        for file in files
    ]
