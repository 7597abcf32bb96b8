"""Checks of the history and of the revision files, which ask nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from workbench.capabilities.practice import Look, NotAsked, named, practice
from workbench.environment import syntax
from workbench.environment.graph import Node
from workbench.environment.messages import why_undescriptive
from workbench.results import Evidence, Finding
from workbench.text import one_line, plural

_NAMELESS = "has no `revision` identifier"
_REVISION = re.compile(rb"^revision\s*(?::[^=\n]+)?=\s*['\"]", re.MULTILINE)
_LEFT = (".py.orig", ".py.rej", ".py.bak", ".py~")
_MOST = 1_000  # files below a folder of revisions that are looked at


@practice("revision-fault")
def revision_fault(look: Look) -> Iterator[Finding]:
    """Alembic refuses a revision file, or cannot reach it: a parent that no file has, two files of one id, a cycle.

    **Why.** With one such file in the folder no command of Alembic's works, for anybody.

    **Example.** `down_revision = "ab12"`, after the file of ab12 was removed.

    **What to do.** Bring the file back that is missing, give one of two an id of its own, or correct `down_revision`.
    """
    for node in reversed(look.graph.nodes):
        if node.fault and not node.fault.startswith(_NAMELESS):
            yield look.at(
                "revision-fault",
                node,
                "error",
                f"{named(node)}: {one_line(node.fault)}.",
                f"Correct {one_line(look.shown(node.file.path))}; wb.history() shows its place.",
                outcome="fails",
            )


@practice("not-a-revision")
def not_a_revision(look: Look) -> Iterator[Finding]:
    """A file among the revisions is none, or is a revision that Alembic does not look at.

    **Why.** A Python file without `revision` makes every command of Alembic's fail. One in a folder below, or one that
    a merge tool or an editor has left, is overlooked: what it does will never run.

    **Example.** `versions/2024/ab12_add_phone.py` without `recursive_version_locations = true`

    **What to do.** Move helpers out of the folder, move the revision up or set `recursive_version_locations`.
    """
    for node in reversed(look.graph.nodes):
        if node.fault and node.fault.startswith(_NAMELESS):
            yield look.at(
                "not-a-revision",
                node,
                "error",
                f"{one_line(look.shown(node.file.path))} {one_line(node.fault)}.",
                "Give it a `revision` and a `down_revision`, or move it out of the folder of the revisions.",
                outcome="fails",
            )
    known = {str(Path(node.file.path).resolve()) for node in look.graph.nodes}
    for location in look.locations:
        for path in _others(Path(location), known):
            shown = one_line(look.shown(str(path)))
            left = path.name.endswith(_LEFT)
            yield Finding(
                "not-a-revision",
                "info",
                "advice",
                f"{shown} was left behind by a tool or an editor, and Alembic does not look at it."
                if left
                else f"{shown} is a revision, and Alembic does not look into its folder: it will never run.",
                "See that nothing is lost with it, and remove it."
                if left
                else "Move it up to the others, or set recursive_version_locations = true in the configuration.",
                object=path.name,
                path=look.shown(str(path)),
            )


@practice("several-heads")
def several_heads(look: Look) -> Iterator[Finding]:
    """The history has several heads that no branch labels tell apart.

    **Why.** `alembic upgrade head` refuses, and each new revision has to say which head it follows. Two people have
    written a revision on the same one, as a rule. Branches with labels of their own are kept apart on purpose, and
    nothing is said of them, nor of a head that another one depends on.

    **Example.** Two files with `down_revision = "ab12"`

    **What to do.** Merge them, or let one follow the other where nobody has applied it yet.
    """
    nodes = {node.file.revision: node for node in look.graph.nodes if not node.fault}
    needed = {each for node in nodes.values() for each in node.dependencies}
    heads = [each for each in look.graph.heads if each in nodes and each not in needed]
    labels = {each: set(nodes[each].labels) for each in heads}
    apart = all(own - set().union(*(labels[it] for it in heads if it != each)) for each, own in labels.items())
    if len(heads) < 2 or apart:  # noqa: PLR2004 - several
        return
    yield Finding(
        "several-heads",
        "warning",
        "fails",
        f"The history has {plural(len(heads), 'head')}: {', '.join(named(nodes[each]) for each in heads)}. "
        "`alembic upgrade head` refuses.",
        "wb.merge() shows what they do to each other: merge them, or let one that no known database has follow the "
        "other.",
        object="heads",
        evidence=Evidence("", len(heads), sample=tuple((each, nodes[each].file.message) for each in heads)),
    )


@practice("database-behind")
def database_behind(look: Look) -> Iterator[Finding]:
    """A database does not stand at the heads.

    **Why.** The models are written for the heads. That a database is ahead, at an id that no file has, is
    `unknown-revision`.

    **Example.** A colleague's revision came with `git pull`.

    **What to do.** `wb.upgrade()` shows what would run.
    """
    if not look.databases:
        raise NotAsked("No database could be asked.")
    for database in look.databases:
        lacking = look.pending.get(database.name, frozenset())
        waiting = [node for node in reversed(look.graph.nodes) if node.file.revision in lacking]
        if waiting:
            yield Finding(
                "database-behind",
                "info",
                "",
                f"{one_line(database.name)} is behind: {plural(len(waiting), 'revision')} pending, "
                f"beginning with {named(waiting[0])}.",
                "wb.upgrade() shows what would run; wb.preflight(wb.upgrade()) asks the rows whether it can.",
                object=database.name,
                evidence=Evidence(
                    "", len(waiting), sample=tuple((it.file.revision, it.file.message) for it in waiting)
                ),
                database=database.name,
            )


@practice("irreversible-downgrade")
def irreversible_downgrade(look: Look) -> Iterator[Finding]:
    """The downgrade does nothing, raises, or is not there, though the upgrade does something.

    **Why.** The way back is tried on the day when it is needed most. Plans tell of it, too, under the same name.

    **Example.** `def downgrade(): pass`

    **What to do.** Write the inverse, and rehearse it: `wb.rehearse(plan)` goes there, back and there again.
    """
    for node in look.nodes:
        tree = look.tree(node)
        told = None if tree is None else syntax.missing_downgrade(tree)
        if told is None:
            continue
        what = {"pass": "does nothing", "raise": "raises", "none": "is not there"}[told[0]]
        yield look.at(
            "irreversible-downgrade",
            node,
            "info",
            f"The downgrade of {named(node)} {what}, though its upgrade does something.",
            "Write the inverse of its upgrade, and rehearse it: wb.rehearse(plan).",
            line=told[1],
        )


@practice("undescriptive-message")
def undescriptive_message(look: Look) -> Iterator[Finding]:
    """The message says nothing of what the revision does.

    **Why.** It is all that the history, a Plan and a colleague have to go by. Merges, which do nothing, may say so.

    **Example.** `alembic revision -m "update"`

    **What to do.** Say what it does, in the docstring of the file: "add phone to customer".
    """
    for node in look.nodes:
        why = None if _is_empty_merge(look, node) else why_undescriptive(node.file.message)
        if why is not None:
            yield look.at(
                "undescriptive-message",
                node,
                "info",
                f"The message of {one_line(node.file.revision)} says nothing of what it does. {one_line(why)}",
                f"Say it in the first line of the docstring of {one_line(look.shown(node.file.path))}.",
            )


def _is_empty_merge(look: Look, node: Node) -> bool:
    return node.is_merge_point and b"op." not in look.text(node)


def _others(location: Path, known: set[str]) -> Iterator[Path]:
    """Files below a folder of revisions that are revisions and are not read, or are left of one."""
    seen = 0
    for path in sorted(location.rglob("*")):
        seen += 1
        if seen > _MOST + len(known):
            return
        inside = path.relative_to(location).parts
        if any(part == "__pycache__" or part.startswith(".") for part in inside) or not path.is_file():
            continue
        if path.name.endswith(_LEFT):
            yield path
        elif (
            path.suffix == ".py" and len(inside) > 1 and path.name != "__init__.py" and str(path.resolve()) not in known
        ):
            try:
                text = path.read_bytes()
            except OSError:
                continue
            if _REVISION.search(text) and b"down_revision" in text:
                yield path
