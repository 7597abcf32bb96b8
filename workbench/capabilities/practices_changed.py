"""Checks of revisions that are not what they were when others got them, or when they were applied."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from workbench.capabilities import git_changes, journal, journal_reading
from workbench.capabilities.git_changes import Changed
from workbench.capabilities.git_history import GitRefused
from workbench.capabilities.practice import Look, NotAsked, named, practice
from workbench.environment import syntax
from workbench.environment.graph import Node
from workbench.results import Evidence, Finding
from workbench.text import one_line


@practice("changed-after-commit")
def changed_after_commit(look: Look) -> Iterator[Finding]:
    """A revision does something else than when it came to the default branch, or than in HEAD.

    **Why.** Whoever has applied it has the schema that the old code made, and nothing will ever bring the new one
    there: two databases at one revision differ. Compared by the syntax tree: formatting, comments, docstrings,
    annotations and unused imports do not count. Of a branch that was merged counts what came in.

    **Example.** A column was added to a `create_table` of last month.

    **What to do.** Put it back, and write what should differ as a new revision.
    """
    nodes = {str(node.file.path): node for node in look.graph.nodes if not node.fault}
    files = [(path, node.file.revision) for path, node in nodes.items() if path.endswith(".py")]
    if not files:
        return
    try:
        found = git_changes.changed(files, look.folder)
    except GitRefused as error:
        raise NotAsked(_sentence(str(error))) from error
    for each in sorted(found, key=lambda each: nodes[each.path].file.revision):
        yield _since_commit(look, nodes[each.path], each)


@practice("changed-after-apply")
def changed_after_apply(look: Look) -> Iterator[Finding]:
    """A revision does something else than when it was applied from here to a database that still has it.

    **Why.** The database has what the old code made. The journal keeps a digest of each revision's syntax tree that
    `apply()` runs; formatting and comments do not count. What plain `alembic` has done since it does not know.

    **Example.** A revision was applied, and then "quickly corrected".

    **What to do.** Downgrade, and upgrade with the new code; or put it back, and write a new revision.
    """
    if not look.databases:
        raise NotAsked("No database could be asked.")
    applied = journal_reading.applied(journal.place(), look.configuration)
    for database in look.databases:
        told = applied.get((database.name, database.url), {})
        has = look.graph.ancestors(database.heads)
        for node in reversed(look.graph.nodes):
            was = told.get(node.file.revision)
            if was is None or node.fault or node.file.revision not in has or not syntax.is_comparable(was.digest):
                continue
            now = syntax.digest(look.text(node))
            if now is not None and now != was.digest:
                finding = look.at(
                    "changed-after-apply",
                    node,
                    "warning",
                    f"{named(node)} is not what it was when it was applied to {one_line(database.name)} "
                    f"({was.date}, as the journal has it): the database has what the old code made.",
                    "Downgrade below it and upgrade again; or put the file back, and write what should differ as a new "
                    f'revision. What was run: wb.journal(statements="{was.apply}").',
                    outcome="breaks-code",
                )
                yield replace(finding, database=database.name)


def _since_commit(look: Look, node: Node, each: Changed) -> Finding:
    here = _from_here(look, node)
    if each.commit:
        also = " The change is not committed." if each.uncommitted else ""
        return look.at(
            "changed-after-commit",
            node,
            "warning",
            f"{named(node)} is not what it was when it came to {one_line(each.branch)} ({each.commit}, {each.date}): "
            f"who has applied it has what the old code made.{also}",
            f"Put it back, and write what should differ as a new revision: git diff {each.commit} -- "
            f"{here} shows it, git restore --source={each.commit} {here} undoes it.",
            outcome="breaks-code",
            evidence=Evidence(f"git show {each.commit}:{each.in_git}"),
        )
    return look.at(
        "changed-after-commit",
        node,
        "info",
        f"{named(node)} is not what was committed. Whoever has applied that has what the old code made.",
        f"If anybody has, undo it: git restore {here}, and write what should differ as a new revision.",
    )


def _from_here(look: Look, node: Node) -> str:
    shown = look.shown(node.file.path)
    return shlex.quote(shown if shown != node.file.path else Path(shown).name)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
