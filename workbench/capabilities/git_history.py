"""Looks in git for the file of a revision that the working tree does not have. It only reads, and only what is here."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from workbench.results import Lost

SECONDS = 20.0
"""That one question to git may take."""
_COMMITS = 50
_PLACES = 5
_WRITTEN = re.compile(r"""^revision\s*(?::[^=\n]+)?=\s*(['"])(?P<id>[^'"\n]+)\1""", re.MULTILINE)
_KINDS = (("refs/heads/", ""), ("refs/tags/", "tag "), ("refs/remotes/", ""), ("refs/stash", ""))
REFLOG = "reflog"
STASH = "stash"
Places = tuple[tuple[str, str, str], ...]
_WITHOUT = (
    "Ask whoever has applied it for its file; or, if the schema is that of a revision that is here (see the "
    "candidates), stamp it with purge=True."
)


class GitRefused(Exception):
    """Git could not be asked; the text says why, as the end of a sentence."""


def lost(revision: str, versions: Iterable[str], folder: str) -> Lost:
    """Where git knows a file of this revision, and what can be done.

    Args:
        revision: The id, as a version table has it: any text.
        versions: The folders that hold revision files.
        folder: The configuration's, in the working tree.

    """
    try:
        git = Git(folder)
        found = git.places(revision, tuple(versions))
        is_shallow = git.is_shallow()
    except GitRefused as error:
        return Lost(revision, (), f"The git history could not be searched: {error} {_WITHOUT}")
    if not found:
        told = "No commit that git has here, on any branch, tag, stash or in the reflog, has a file of it."
        if is_shallow:
            told += " This clone is shallow: `git fetch --unshallow` brings the rest of the history."
        return Lost(revision, (), f"{told} {_WITHOUT}")
    return Lost(revision, found, _advice(found[0]))


class Git:
    """The repository around a folder."""

    def __init__(self, folder: str) -> None:
        program = shutil.which("git")
        if program is None:
            raise GitRefused("git is not installed here.")
        self._program = program
        self._top = folder
        self._top = self.ask("rev-parse", "--show-toplevel").removesuffix("\n")

    @property
    def top(self) -> Path:
        """The repository's own folder."""
        return Path(self._top)

    def ask(self, *words: str, before: tuple[str, ...] = (), told: bytes = b"") -> str:
        """What git prints, after it was `told` something.

        Raises:
            GitRefused: It failed, or took too long.

        """
        safe = ("-c", "core.fsmonitor=false", "-c", "log.showSignature=false", "-c", "core.quotePath=false")
        env = {
            **os.environ,
            "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C",
            "GIT_PAGER": "cat",
        }  # fmt: skip
        command = [self._program, "--no-pager", *safe, *before, *words]
        try:
            done = subprocess.run(  # no shell: an id is any text, and stands where no option can
                command, cwd=self._top, env=env, input=told, capture_output=True, timeout=SECONDS,
                check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise GitRefused(f"git took longer than {SECONDS:.0f} s.") from None
        except (OSError, ValueError) as error:
            raise GitRefused(f"git could not be started: {error}.") from error
        if done.returncode:
            if b"not a git repository" in done.stderr:
                raise GitRefused("this folder is in no git repository.")
            raise GitRefused(f"git failed with exit code {done.returncode}.")
        return done.stdout.decode("utf-8", "surrogateescape")

    def is_shallow(self) -> bool:
        """Only a part of the history is here."""
        return self.ask("rev-parse", "--is-shallow-repository").strip() == "true"

    def places(self, revision: str, versions: tuple[str, ...]) -> Places:
        """Branches before tags, before what only a stash or the reflog has; below the folders of today, or anywhere."""
        if not revision or "\0" in revision:
            return ()
        folders = [str(Path(each).absolute()) for each in versions if self._is_here(each)]
        found: Places = ()
        if folders:
            found = self._places(revision, ("--literal-pathspecs",), folders)
        return found or self._places(revision, (), [":(top,glob)**/*.py"])

    def _is_here(self, folder: str) -> bool:
        return Path(folder).resolve().is_relative_to(Path(self._top).resolve())

    def _places(self, revision: str, before: tuple[str, ...], specs: list[str]) -> Places:
        told = self.ask(
            "log", "--all", "--reflog", "--no-textconv", "--format=%H", "--no-color",
            f"--max-count={_COMMITS}", f"-S{revision}",
            "--", *specs, before=before,
        )  # fmt: skip
        found: dict[tuple[str, str], tuple[str, str, str]] = {}
        for commit in told.split():
            for path in self._files(commit, revision, before, specs):
                for name in self._refs(commit, path):
                    found.setdefault((name, path), (name, commit, path))
        last = {REFLOG: 2, STASH: 1}
        return tuple(sorted(found.values(), key=lambda each: last.get(each[0], 0))[:_PLACES])

    def _files(self, commit: str, revision: str, before: tuple[str, ...], specs: list[str]) -> Iterator[str]:
        """The files of a commit that say that they are this revision."""
        try:
            told = self.ask("grep", "-l", "-z", "-I", "-F", "-e", revision, commit, "--", *specs, before=before)
        except GitRefused:  # a commit that removes it has none
            return
        for each in told.split("\0"):
            path = each.removeprefix(f"{commit}:")
            if path.endswith(".py") and self._is_of(revision, commit, path):
                yield path

    def _is_of(self, revision: str, commit: str, path: str) -> bool:
        try:
            written = _WRITTEN.search(self.ask("cat-file", "blob", f"{commit}:{path}"))
        except GitRefused:  # no file
            return False
        return written is not None and written["id"] == revision

    def _refs(self, commit: str, path: str) -> list[str]:
        """The branches and tags that have the file now; else the stash, or nothing but the reflog."""
        prefixes = [prefix for prefix, _ in _KINDS]
        told = self.ask("for-each-ref", f"--contains={commit}", "--format=%(refname)", *prefixes)
        names = []
        for prefix, kind in _KINDS:
            names += [
                STASH if prefix == "refs/stash" else kind + each.removeprefix(prefix)
                for each in told.splitlines()
                if each.startswith(prefix) and self._has(each, path)
            ]
        if not names:
            reached = [each for each in told.splitlines() if each.startswith("refs/heads/")]
            names = [f"history of {reached[0].removeprefix('refs/heads/')}"] if reached else [REFLOG]
        return names

    def _has(self, ref: str, path: str) -> bool:
        try:
            self.ask("cat-file", "-e", f"{ref}:{path}")
        except GitRefused:
            return False
        return True


def _advice(place: tuple[str, str, str]) -> str:
    name, commit, path = place
    take = f"git show {shlex.quote(f'{commit[:12]}:{path}')} > {shlex.quote(path)}"
    back = f"take the file back, in the top folder of the repository: {take}"
    stamp = "or, if the schema is that of a revision that is here (see the candidates), stamp it with purge=True"
    if name.startswith("history of ") or name in {REFLOG, STASH}:
        return f"No branch has it any more: {back}; {stamp}."
    what = name if name.startswith("tag ") else f"branch {name}"
    return f"It is on {what}: check that out and downgrade there to a revision that is here, too; or {back}; {stamp}."
