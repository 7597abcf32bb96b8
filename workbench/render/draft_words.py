"""The words for a Draft: its sentence, what each choice does, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbench.render import words
from workbench.results.drafts import Choice, Draft, Question
from workbench.results.schema_diff import Change
from workbench.text import one_line, plural, short_id

TICKED, UNTICKED = "☑", "☐"
_VERBS = {
    "add_table": "add table", "remove_table": "drop table", "rename_table": "rename table",
    "add_column": "add column", "remove_column": "drop column", "rename_column": "rename column",
    "alter_column": "alter column", "add_index": "add index", "remove_index": "drop index",
    "rename_index": "rename index", "add_constraint": "add constraint", "remove_constraint": "drop constraint",
    "rename_constraint": "rename constraint", "add_fk": "add foreign key", "remove_fk": "drop foreign key",
    "add_table_comment": "comment on table", "remove_table_comment": "drop the comment of table",
}  # fmt: skip


def title(draft: Draft) -> str:
    """`New revision “…” on c41d77e0, not written yet`."""
    follows = ", ".join(short_id(each) for each in draft.down_revisions)
    where = f"on {follows}" if follows else "as a new base"
    return f"New revision “{one_line(draft.message)}” {where}, not written yet"


def path(draft: Draft) -> str:
    """Where it would lie."""
    return one_line(draft.path)


def sentences(draft: Draft) -> Iterator[str]:
    """What has to be known before anything else."""
    if draft.compared == "head":
        yield (
            "The live database does not stand at the head, so the models are compared with the head, made on a scratch "
            "database: how many rows a drop would cost is not known."
        )
    if draft.problem:
        yield f"This code cannot be loaded: {one_line(draft.problem)}."
    if not draft.code:
        yield "There is no file: a hook in env.py makes none where nothing differs."
    elif draft.compared and not draft.choices:
        yield "Models and database agree: there is nothing that a revision would have to do."
    elif draft.is_empty and draft.compared:
        yield "Nothing is ticked, so this revision would do nothing."


def verb(choice: Choice) -> str:
    """`add column`."""
    return _VERBS.get(choice.kind, choice.kind.replace("_", " "))


def told(choice: Choice) -> str:
    """What becomes of it: `VARCHAR(120) → VARCHAR(255), NULL → NOT NULL`."""
    if choice.kind in {"add_table", "remove_table"}:
        return ""
    if choice.kind.startswith("rename_") and choice.changes:
        return f"→ {one_line(choice.changes[-1].after or choice.changes[0].after or '')}"
    return ", ".join(_sides(each) for each in choice.changes)


def _sides(change: Change) -> str:
    return " → ".join(one_line(side) for side in (change.before, change.after) if side is not None)


def notes(choice: Choice) -> str:
    """What goes with it, or why it is ticked: `12,880 rows would be lost`, `you said so`."""
    parts = []
    if choice.lost is not None:
        rows = choice.lost.rows
        count = (
            "its rows could not be counted" if rows is None else plural(rows, "value" if choice.lost.column else "row")
        )
        more = "at least " if choice.lost.at_least and rows is not None else ""
        parts.append(count if rows is None else f"{more}{count} {'will' if choice.ticked else 'would'} be lost")
    if choice.why:
        parts.append(one_line(choice.why))
    return ", ".join(parts)


def hazards(draft: Draft, choice: Choice) -> str:
    """`will fail`, `1 blocks others`: what the findings at its lines come to."""
    return words.hazards(draft.findings_of(choice))


def question(each: Question) -> str:
    """The question."""
    return one_line(each.text)


def unplaced(draft: Draft) -> tuple[str, ...]:
    """Keys of ticked choices that are not in the file: a hook of env.py's has taken them out."""
    return tuple(each.key for each in draft.choices if each.ticked and not each.lines and draft.code)


def amount(choices: Iterable[Choice]) -> str:
    """`4 of 6 changes`."""
    every = tuple(choices)
    ticked = sum(each.ticked for each in every)
    return f"{ticked} of {plural(len(every), 'change')}" if ticked < len(every) else plural(len(every), "change")
