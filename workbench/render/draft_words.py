"""The words for a Draft: its sentence, what each choice does, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from workbench.render import hazard_words
from workbench.results.choices import Choice, Question
from workbench.results.drafts import Draft
from workbench.results.schema_diff import Change
from workbench.text import one_line, plural, short_id, shorten

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
    if draft.is_headless:
        where = f"on one of {len(draft.heads)} heads"
    if draft.written:
        return f"Written: {path(draft)}, “{one_line(draft.message)}” {where}"
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
    if draft.decisions.get("code") is not None:
        more = "; what is ticked below does not change it" if draft.choices else ""
        yield f"The code is written by hand{more}."
    for each in by_hand(draft):
        if not each.get("downgrade"):
            yield f"Nothing takes back {shorten(each.get('upgrade', ''), 80)}: its downgrade does nothing."
    if draft.is_headless:
        yield "There is no file yet: it is not decided which head it follows."
    elif not draft.code:
        yield "There is no file: a hook in env.py makes none where nothing differs."
    elif draft.compared and not draft.choices:
        yield "Models and database agree: there is nothing that a revision would have to do."
    elif draft.is_empty and draft.compared:
        yield "Nothing is ticked, so this revision would do nothing."


def by_hand(draft: Draft) -> tuple[Mapping[str, str], ...]:
    """The operations that its author has added; none of those that the code by hand has taken the place of."""
    told = draft.decisions
    return tuple(told.get("operations") or ()) if told.get("code") is None else ()


def operation(told: Mapping[str, str]) -> str:
    """One of these, on a line."""
    return shorten(told.get("upgrade", ""), 160)


def place(draft: Draft) -> str:
    """Where it goes, as far as its author has said so: `branch label reporting, depends on 77b1e2d4`; or nothing."""
    told = draft.decisions
    parts = []
    if told.get("head") not in (None, "head") and draft.down_revisions:
        known = dict(draft.heads)
        after = [f"{short_id(each)} {known.get(each, '')}".strip() for each in draft.down_revisions]
        parts.append(f"{'branches off' if told.get('splice') else 'follows'} {' and '.join(after)}")
    elif told.get("head") == "base":
        parts.append("a new base")
    if told.get("branch_label"):
        parts.append(f"branch label {', '.join(listed(told['branch_label']))}")
    if told.get("depends_on"):
        parts.append(f"depends on {', '.join(listed(told['depends_on']))}")
    if told.get("version_path"):
        parts.append(f"lies in {told['version_path']}")
    return one_line("; ".join(parts))


def listed(value: object) -> tuple[str, ...]:
    """What may be one name or several, as Alembic takes it."""
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else (str(value),)


def can_be_rehearsed(draft: Draft) -> bool:
    """There is something that a rehearsal could run."""
    return bool(draft.code) and not draft.problem and not draft.is_empty


def after(draft: Draft) -> str:
    """What is next, once it is written."""
    return f'Next: wb.upgrade("{one_line(draft.revision)}") shows what it will run, and applies it.'


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
    return hazard_words.hazards(draft.findings_of(choice))


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
