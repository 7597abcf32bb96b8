"""Another parent for a branch that no known database has, in place of a merge: whether it can be, and the file then."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Sequence
from pathlib import Path

from workbench.bridge import reparenting
from workbench.capabilities import merging
from workbench.capabilities.histories import shown_path
from workbench.environment import revision_files
from workbench.environment.graph import Graph, Node
from workbench.errors import UnsupportedRequest
from workbench.results import Database
from workbench.results.merges import Branch, Heads, Merge, Reparent
from workbench.text import one_line, short_id


def stays(graph: Graph, heads: Heads, branch: Branch, databases: Sequence[Database], *, asked: bool) -> str:
    """Why the branch cannot be given another parent, as a sentence; empty if it can.

    Args:
        graph: The revision files.
        heads: Those that were to be merged.
        branch: One of them, with who has it.
        databases: All that were asked.
        asked: They could be.

    """
    if branch.known:
        who = ", ".join(_who(each.name, each.source) for each in branch.known)
        return f"{who} has it: what was applied does not change."
    if not asked:
        return "The databases could not be asked, so nobody knows whether one has it."
    unknown = [each for each in databases if any(head not in graph.parents for head in each.heads)]
    if unknown:
        each = unknown[0]
        missing = ", ".join(one_line(short_id(head)) for head in each.heads if head not in graph.parents)
        return f"{one_line(each.name)} stands at {missing}, which no file has, so nobody knows what it has applied."
    return _fixed(graph, heads, branch.head)


def _who(name: str, source: str) -> str:
    return one_line(name) + (" (says the journal of this machine)" if source == "journal" else "")


def _fixed(graph: Graph, heads: Heads, head: str) -> str:
    first = _firsts(graph, heads, head)
    if not first:
        return "Another branch depends on all of it."
    told = ", ".join(one_line(short_id(each.file.revision)) for each in first)
    if len(first) > 1:
        return f"It begins with several revisions: {told}."
    if not first[0].parents:
        return f"It begins a history of its own: {told} follows nothing."
    if len(first[0].parents) > 1:
        return f"It begins with a merge: {told} follows several."
    return _unwritable(first[0])


def _unwritable(node: Node) -> str:
    path = node.file.path
    if revision_files.is_compiled(path):
        return "Its first file is compiled."
    try:
        reparenting.with_parent(Path(path).read_bytes(), node.parents[0], "other")
    except OSError as error:
        return f"Its first file cannot be read: {error.strerror}."
    except UnsupportedRequest as error:
        return f"{one_line(short_id(node.file.revision))}: {error.message}"
    return ""


def _firsts(graph: Graph, heads: Heads, head: str) -> list[Node]:
    mine = merging.own(graph, heads, head)
    return [node for node in graph.nodes if node.file.revision in mine and not mine.intersection(node.parents)]


def reparent(graph: Graph, merge: Merge, name: str, onto: str | None, folder: str) -> Reparent:
    """The first revision of a branch, with another parent.

    Raises:
        UnsupportedRequest: It stays where it is, `onto` is none of the other heads, or that order failed.

    """
    branch = merge.branch(name)
    others = [each for each in merge.branches if each is not branch]
    if onto is None and len(others) > 1:
        raise UnsupportedRequest(
            f"There are {len(others)} branches that {branch.name} could follow.",
            f"Name one: onto={others[0].head!r}.",
        )
    other = others[0] if onto is None else merge.branch(onto)
    if other is branch:
        raise UnsupportedRequest(f"{branch.name} cannot follow itself.", f"Name another: {others[0].head!r}.")
    if branch.stays:
        raise UnsupportedRequest(
            f"{branch.name} stays where it is. {branch.stays}", "Merge: write() of the same value joins the branches."
        )
    failed = merge.order.failure_of((other.head, branch.head))
    if failed is not None:
        raise UnsupportedRequest(
            f"{branch.name} cannot follow {other.name}: in this order it fails. {failed.message}",
            "Correct the revision first, or let the other branch follow.",
            failed.evidence,
        )
    heads = tuple(each.head for each in merge.branches)
    return edited(_firsts(graph, heads, branch.head)[0], branch.head, other.head, heads, folder)


def edited(node: Node, branch: str, onto: str, heads: Heads, folder: str) -> Reparent:
    """The file of `node` as it will be.

    Raises:
        UnsupportedRequest: It cannot be edited.

    """
    raw = Path(node.file.path).read_bytes()
    made = reparenting.with_parent(raw, node.parents[0], onto)
    path = shown_path(node.file.path, folder)
    before, after = raw.decode("utf-8"), made.decode("utf-8")
    return Reparent(
        branch, node.file.revision, node.file.message.partition("\n")[0], path, node.parents[0], onto, after,
        _diff(before, after, path), heads, digest(raw),
    )  # fmt: skip


def digest(raw: bytes) -> str:
    """Of what is in a file."""
    return hashlib.blake2b(raw, digest_size=16).hexdigest()


def _diff(before: str, after: str, path: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), path, path, lineterm="", n=2)
    return "\n".join(lines)
