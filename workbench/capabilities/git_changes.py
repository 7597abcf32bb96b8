"""Asks git which revision files are not what was committed. It only reads, and only what is here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.capabilities.git_history import Git, GitRefused
from workbench.environment import syntax

_BRANCHES = ("refs/remotes/origin/main", "refs/remotes/origin/master", "refs/heads/main", "refs/heads/master")
_WRITTEN = re.compile(rb"""^revision\s*(?::[^=\n]+)?=\s*(['"])(?P<id>[^'"\n]+)\1""", re.MULTILINE)


@dataclass(frozen=True)
class Changed:
    """A revision file whose code is another one than was committed."""

    path: str
    """As it was asked for."""
    in_git: str
    """From the top of the repository."""
    uncommitted: bool
    """It differs from HEAD."""
    commit: str = ""
    """The one that brought it to the default branch, where it was another one then; else empty."""
    date: str = ""
    branch: str = ""


def changed(files: Iterable[tuple[str, str]], folder: str) -> tuple[Changed, ...]:
    """The files whose syntax tree is not what it was in HEAD, or when it came to the default branch.

    A branch that was merged counts as it was when it came in; a file that came back after it was removed, from then on.

    Args:
        files: Pairs of (path, revision).
        folder: The configuration's.

    Raises:
        GitRefused: Git could not be asked.

    """
    git = Git(folder)
    top = git.top.resolve()
    known = {place: (path, revision) for path, revision in files if (place := _inside(path, top)) and "\n" not in place}
    if not known:
        raise GitRefused("the revision files are in no git repository.")
    specs = sorted({str(Path(place).parent) for place in known})
    try:
        git.ask("rev-parse", "--verify", "-q", "HEAD^{commit}")
    except GitRefused:
        raise GitRefused("nothing was committed yet.") from None
    dirty = _differing(git, ("HEAD",), specs) & set(known)
    branch = _default_branch(git)
    came: dict[str, tuple[str, str]] = {}
    suspects = set(dirty)
    if branch:
        came, touched = _arrivals(git, branch, specs)
        suspects |= (touched | _differing(git, (branch, "HEAD"), specs)) & set(came) & set(known)
    wanted = [f"HEAD:{place}" for place in sorted(dirty)]
    wanted += [f"{came[place][0]}:{place}" for place in sorted(suspects) if place in came]
    blobs = dict(zip(wanted, _blobs(git, wanted), strict=True))
    found = []
    for place in sorted(suspects):
        path, revision = known[place]
        try:
            now = syntax.digest(Path(path).read_bytes())
        except OSError:
            continue
        commit, date = came.get(place, ("", ""))
        uncommitted = place in dirty and _is_other(now, blobs[f"HEAD:{place}"], revision)
        since = bool(commit) and _is_other(now, blobs[f"{commit}:{place}"], revision)
        # Back to what came in is no change, whatever HEAD has by now.
        if since or (uncommitted and not commit):
            told = (commit[:12], date, _short(branch)) if since else ("", "", "")
            found.append(Changed(path, place, uncommitted, *told))
    return tuple(found)


def _inside(path: str, top: Path) -> str:
    whole = Path(path).resolve()
    return whole.relative_to(top).as_posix() if whole.is_relative_to(top) else ""


def _differing(git: Git, between: tuple[str, ...], specs: list[str]) -> set[str]:
    told = git.ask(
        "diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--diff-filter=M", *between, "--", *specs,
        before=("--literal-pathspecs",),
    )  # fmt: skip
    return set(told.split("\0")) - {""}


def _default_branch(git: Git) -> str:
    """What others have: the remote's branch before one's own; empty if none is known to be the default."""
    try:
        return git.ask("symbolic-ref", "-q", "refs/remotes/origin/HEAD").strip()
    except GitRefused:
        there = set(git.ask("for-each-ref", "--format=%(refname)", *_BRANCHES).split())
        return next((each for each in _BRANCHES if each in there), "")


def _short(ref: str) -> str:
    return ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")


def _arrivals(git: Git, branch: str, specs: list[str]) -> tuple[dict[str, tuple[str, str]], set[str]]:
    """By path the commit that brought it last, with its date; and what was modified after that."""
    told = git.ask(
        "log", "--first-parent", "-m", "--no-renames", "--no-ext-diff", "--name-status", "-z", "--no-color",
        "--format=%x01%H %cs", branch, "--", *specs, before=("--literal-pathspecs",),
    )  # fmt: skip
    came: dict[str, tuple[str, str]] = {}
    gone: set[str] = set()
    touched: set[str] = set()
    commit = date = ""
    words = iter(told.split("\0"))
    for word in words:
        text = word.strip("\n")
        if text.startswith("\x01"):
            commit, _, date = text[1:].partition(" ")
        elif text:
            path = next(words, "")
            if path in came or path in gone:
                continue
            if text.startswith("A"):
                came[path] = (commit, date)
            elif text.startswith("D"):
                gone.add(path)
            else:
                touched.add(path)
    return came, touched


def _blobs(git: Git, names: list[str]) -> Iterator[bytes | None]:
    """What these objects hold, None of one that is not there."""
    if not names:
        return
    asked = "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")
    told = git.ask("cat-file", "--batch", told=asked).encode("utf-8", "surrogateescape")
    at = 0
    for _ in names:
        end = told.index(b"\n", at)
        head = told[at:end]
        at = end + 1
        if head.endswith((b" missing", b" ambiguous")):
            yield None
            continue
        size = int(head.rsplit(b" ", 1)[1])
        yield told[at : at + size]
        at += size + 1


def _is_other(now: str | None, before: bytes | None, revision: str) -> bool:
    """Whether it was the same revision, and other code; nothing is said of what cannot be parsed."""
    written = None if before is None else _WRITTEN.search(before)
    if before is None or written is None or written["id"].decode("utf-8", "replace") != revision or now is None:
        return False
    then = syntax.digest(before)
    return then is not None and then != now
