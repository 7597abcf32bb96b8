"""Recognises a revision that was run by halves: what of it is in the live schema though the version table says no."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import sqlalchemy as sa
from alembic import util

from workbench.bridge import offline
from workbench.bridge.environments import Part
from workbench.bridge.halves_words import Words
from workbench.bridge.live import Live, harmless
from workbench.bridge.offline import Written
from workbench.bridge.rights import sees_in_part
from workbench.bridge.values import Node
from workbench.results.effects import Effect
from workbench.results.findings import Finding

_COMMITS = (b"autocommit_block", b"AUTOCOMMIT", b"COMMIT", b"commit(", b"CONCURRENTLY", b"concurrently")


def findings(part: Part, nodes: Mapping[str, Node], hide: Callable[[str], str]) -> list[Finding]:
    """What is half done on this database: of the revisions that come next, and of those it stands at.

    Where DDL is rolled back with the transaction, only a revision that commits by itself can be half done. An account
    that is not shown every table is told that nobody could look: one that is hidden looks like one that is not there.
    """
    if sees_in_part(part.context.connection):
        return [_not_to_be_seen(part)]
    look = Look(part, nodes, hide)
    found: list[Finding] = []
    heads = set(part.heads)
    seen: set[str] = set()
    while True:
        applied = _ancestors(heads, nodes)
        coming = sorted(
            each for each in nodes if each not in applied | seen and applied.issuperset(nodes[each].parents)
        )
        seen.update(coming)
        whole = []
        for revision in coming:
            finding = look.at(revision, "upgrade")
            if finding is not None:
                found.append(finding)
                whole += [revision] if finding.rule == "not-recorded" else []
        if not whole:
            break
        heads.update(whole)  # what follows one that is there, though not recorded, may be there, too
    if not found:
        undone = (look.at(each, "downgrade") for each in sorted(part.heads) if each in nodes)
        found += [each for each in undone if each is not None]
    return found


def _not_to_be_seen(part: Part) -> Finding:
    return Finding(
        rule="not-checked",
        severity="info",
        outcome="",
        message=f"Whether a revision is half applied could not be looked at on {part.name}: this account has rights on "
        "single tables alone, and the server keeps back which others there are.",
        remedy="Ask with an account that has SELECT on the whole database.",
        database=part.name,
    )


def made_by_next(part: Part, nodes: Mapping[str, Node]) -> frozenset[str]:
    """The tables that the first revisions of all make."""
    look = Look(part, nodes, str)
    effects = [each for id_ in nodes if not nodes[id_].parents for each in look.written(id_, "upgrade").effects]
    return frozenset(each.table.casefold() for each in effects if (each.does, each.kind) == ("makes", "table"))


class Look:
    """Looks at one database for what of its revisions is there."""

    def __init__(self, part: Part, nodes: Mapping[str, Node], hide: Callable[[str], str]) -> None:
        self.part, self.nodes, self.hide = part, nodes, hide
        self.live = Live(part.context.connection)

    def at(self, revision: str, direction: str) -> Finding | None:
        """What is wrong with one revision; None if nothing is."""
        node = self.nodes[revision]
        # Where the version table is empty, not a step that died but its loss may be the reason.
        rolled_back = self.part.heads and self.part.context.impl.transactional_ddl
        if rolled_back and not _commits_by_itself(node.path):
            return None
        written = self.written(revision, direction)
        took = judge(written.effects, self.live)
        if direction == "downgrade":
            # What the upgrade itself did not make may never have been there.
            undoes = {key for each in self.written(revision, "upgrade").effects for key in _keys(each)}
            took = [it if undoes.issuperset(_keys(each)) else None for each, it in zip(written.effects, took)]  # noqa: B905
        done = [at for at, each in enumerate(took) if each]
        open_ = [at for at, each in enumerate(took) if each is False]
        if not done or not any(_tells(written.effects[at]) for at in done):
            return None
        words = Words(self, revision, direction, written, took)
        if not open_:
            return words.whole()
        if max(done) < min(open_):
            return words.half()
        return words.in_the_way() if direction == "upgrade" else None

    def written(self, revision: str, direction: str) -> Written:
        """The SQL and the effects of one direction of a revision."""
        path = self.nodes[revision].path
        try:
            module = util.load_python_file(os.path.dirname(path), os.path.basename(path))
            function = getattr(module, direction)
        except BaseException as error:  # noqa: BLE001 - the tree tells of a broken file
            return Written(why_not=str(error))
        return offline.write_function(self.part, function, direction, path)

    def rows(self, effect: Effect) -> int | None:
        """How many rows the table has: 0, 1, or more than one; None if that cannot be asked."""
        table = sa.table(effect.table, schema=self.live.schema(effect.schema))
        some = sa.select(sa.literal(1).label("one")).select_from(table).limit(1001).subquery()
        try:
            with harmless(self.live.connection):
                return int(self.live.connection.execute(sa.select(sa.func.count()).select_from(some)).scalar())
        except sa.exc.SQLAlchemyError:
            return None


def judge(effects: tuple[Effect, ...], live: Live) -> list[bool | None]:
    """Of each effect: whether it took; None where that cannot be told.

    A thing that the step touches twice tells nothing, since it may be there before, between or after.
    """
    touched = Counter(key for each in effects for key in _keys(each))
    tables = {(each.schema, each.table.casefold()): each.does for each in effects if each.kind == "table"}
    renamed = {(each.schema, each.new_name.casefold()) for each in effects if each.kind == "table" and each.new_name}

    def took(effect: Effect) -> bool | None:  # noqa: PLR0911 - a table of cases
        if not effect.sure or any(touched[key] > 1 for key in _keys(effect)):
            return None
        place = (effect.schema, effect.table.casefold())
        inside = effect.kind in {"column", "index", "constraint"}
        if inside and effect.table and not live.has_table(*place):
            if tables.get(place) == "makes" or place in renamed:
                return False
            return True if effect.does == "drops" and tables.get(place) == "drops" else None
        if inside and touched[("table", *place)] > 1:
            return None
        there = live.has(effect)
        if effect.new_name:
            new = live.has(effect, effect.new_name)
            return None if there is None or new is None or there == new else new
        if there is None or effect.does == "changes":
            return None
        return there if effect.does == "makes" else not there

    return [took(each) for each in effects]


def _keys(effect: Effect) -> list[tuple[str, ...]]:
    """The things that it touches. Rows, types and comments are not looked at."""
    if effect.kind not in {"table", "column", "index", "constraint", "view"} or (
        effect.does == "changes" and not effect.new_name
    ):
        return []
    of_table = () if effect.kind in {"table", "view"} else (effect.name.casefold(),)
    keys = [(effect.kind, effect.schema, effect.table.casefold(), *of_table)]
    if effect.new_name:
        new = effect.new_name.casefold()
        keys.append((effect.kind, effect.schema, *((effect.table.casefold(), new) if of_table else (new,))))
    return keys


def _tells(effect: Effect) -> bool:
    """Whether its having taken says that the revision ran: an index may well have had another name all along."""
    return effect.does != "drops" or effect.kind in {"table", "column", "view"}


def _commits_by_itself(path: str) -> bool:
    try:
        content = Path(path).read_bytes()
    except OSError:
        return False
    return any(each in content for each in _COMMITS)


def _ancestors(heads: Iterable[str], nodes: Mapping[str, Node]) -> set[str]:
    seen: set[str] = set()
    todo = [each for each in heads if each in nodes]
    while todo:
        each = todo.pop()
        if each not in seen:
            seen.add(each)
            todo += [parent for parent in nodes[each].parents if parent in nodes]
    return seen
