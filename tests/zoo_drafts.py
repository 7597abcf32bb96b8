"""Named Drafts, one of every shape that a person may meet; `DRAFTS` maps a name to the function that makes it.

Each belongs to no Workbench, so its Plan is put into it as a Workbench would.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from tests.zoo_plans import BOOKSHOP
from workbench.results import (
    Change,
    Choice,
    Destroyed,
    Draft,
    Evidence,
    Finding,
    Pass,
    Plan,
    Rehearsal,
    RenameCandidate,
    Step,
)

ID = "e1f0a2b3c4d5"
PATH = f"migrations/versions/{ID}_let_customers_choose_a_display_name.py"
CODE = f'''"""let customers choose a display name"""

import sqlalchemy as sa
from alembic import op

revision = "{ID}"
down_revision = "c41d77e0b512"


def upgrade():
    op.add_column("customer", sa.Column("display_name", sa.String(40)))
    op.alter_column("customer", "email", nullable=False)


def downgrade():
    op.alter_column("customer", "email", nullable=True)
    op.drop_column("customer", "display_name")
'''
SQL = ("ALTER TABLE customer ADD COLUMN display_name VARCHAR(40);", "ALTER TABLE customer ALTER email SET NOT NULL;")


def _choice(kind: str, name: str, before: str | None, after: str | None, *lines: int, **more: Any) -> Choice:
    change = Change(more.pop("change", kind), None, "customer", name, before, after, f"op.{kind}({name!r})", None)
    where = (("upgrade", lines[0], lines[-1]),) if lines else ()
    return Choice(f"{kind} customer.{name}", bool(lines), (change,), lines=where, **more)


_NEW = _choice("add_column", "display_name", None, "VARCHAR(40)", 11)
_EMAIL = _choice("alter_column", "email", "NULL", "NOT NULL", 12, change="modify_nullable")
_OLD = _choice(
    "remove_column", "nickname", "VARCHAR(40)", None, lost=Destroyed("bookshop", ID, "", "customer", "nickname", 3201)
)
_NOT_NULL = Finding(
    "set-not-null", "error", "fails", "customer.email becomes NOT NULL, and 37 rows have NULL there.",
    "Fill the rows that have NULL in email first.", ID, "customer.email",
    Evidence("will fail", 37, sample=((131, None), (175, None)), columns=("id", "email")),
    "bookshop", "alter_column", PATH, 12,
)  # fmt: skip


def _planned(draft: Draft, *findings: Finding) -> Draft:
    """The Draft with the Plan and the findings that a Workbench has for it."""
    step = Step(ID, "upgrade", draft.message, PATH, SQL, database="bookshop", heads=(ID,), digest="0" * 64)
    plan = Plan("upgrade", "c41d77e0b512", ID, (step,), "\n".join(SQL), (BOOKSHOP,))
    object.__setattr__(draft, "_plan", plan)
    object.__setattr__(draft, "_findings", findings)
    return draft


def found() -> Draft:
    """A rename to answer, a value to give, a drop that is not ticked."""
    pair = RenameCandidate("column", None, "customer", "nickname", "display_name", 0.88, ("same type",), ("NULLs",))
    draft = Draft(
        ID, "let customers choose a display name", ("c41d77e0b512",), PATH, CODE, (_NEW, _EMAIL, _OLD), (pair,),
        {"autogenerate": True, "rev_id": ID}, (BOOKSHOP,), "live", heads=(("c41d77e0b512", "add gift vouchers"),),
        locations=("migrations/versions",),
    )  # fmt: skip
    return _planned(draft, _NOT_NULL)


def filled() -> Draft:
    """All is decided: a rename that is none, values in Python."""
    told = {"renames": {"column customer.nickname": ""}, "fills": {_EMAIL.key: {"python": "name.lower()"}}}
    email = dataclasses.replace(_EMAIL, why="rows without a value get name.lower() (Python)")
    draft = found()
    return _planned(dataclasses.replace(draft, choices=(_NEW, email, _OLD), decisions={**draft.decisions, **told}))


def rehearsed() -> Draft:
    """The same, tried on a copy."""
    draft = filled()
    passes = tuple(Pass(way, True) for way in ("upgrade", "downgrade", "upgrade"))
    told = Rehearsal(True, draft.plan, "full", "copy", passes, databases=(BOOKSHOP,))
    object.__setattr__(draft, "_rehearsal", told)
    return draft


def written() -> Draft:
    """The same, with its file in place."""
    draft = rehearsed()
    object.__setattr__(draft, "_written", draft.path)
    return draft


def two_heads() -> Draft:
    """It is not decided which head it follows."""
    heads = (("c41d77e0b512", "add gift vouchers (checkout)"), ("77b1e2d4aa01", "daily sales view (reporting)"))
    choices = tuple(dataclasses.replace(each, lines=()) for each in (_NEW, _OLD))
    draft = dataclasses.replace(found(), down_revisions=(), path="", code="", choices=choices, heads=heads)
    return _planned(dataclasses.replace(draft, candidates=()))


def placed() -> Draft:
    """A label, a dependency, another folder."""
    heads = two_heads().heads
    told = {
        "head": heads[0][0],
        "branch_label": "names",
        "depends_on": ["reporting"],
        "version_path": "migrations/more",
    }
    draft = dataclasses.replace(filled(), heads=heads, locations=("migrations/versions", "migrations/more"))
    return _planned(dataclasses.replace(draft, decisions={**draft.decisions, **told}))


def without_upgrade() -> Draft:
    """The environment's template writes no code."""
    problem = "script.py.mako, the template of this environment, writes no upgrade()"
    return _planned(dataclasses.replace(filled(), code=CODE.partition("\n\ndef")[0], problem=problem))


def empty() -> Draft:
    """Models and database agree."""
    code = CODE.replace('op.add_column("customer", sa.Column("display_name", sa.String(40)))', "pass")
    return _planned(dataclasses.replace(found(), choices=(), candidates=(), code=code))


def hostile() -> Draft:
    """Names and values that would be tags, if they were not escaped."""
    bad = "<script>alert(1)</script>\u202e"
    draft = dataclasses.replace(placed(), message=bad, heads=((bad, bad), ("b", bad)), path=f"{bad}.py")
    choice = dataclasses.replace(_EMAIL, key=f"alter_column t.{bad}", why=f"rows without a value get {bad}")
    told = {**draft.decisions, "head": bad, "branch_label": bad, "fills": {choice.key: bad}}
    return _planned(dataclasses.replace(draft, choices=(choice,), decisions=told))


DRAFTS: dict[str, Callable[[], Draft]] = {
    each.__name__.replace("_", " "): each
    for each in (found, filled, rehearsed, written, two_heads, placed, without_upgrade, empty, hostile)
}
