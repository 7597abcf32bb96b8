"""Rehearsals of every shape that a person may meet, by name."""

from __future__ import annotations

import dataclasses

from tests.zoo_plans import BOOKSHOP, DIFFS, PLANS, REPORTING, SHOP
from workbench.capabilities.rehearsals import known
from workbench.errors import MigrationFailed
from workbench.results import Executed, Loss, Pass, Plan, Rehearsal, RowsChanged, SchemaDiff, Scratch

_BLIND = PLANS["blind"]


def _executed(plan: Plan, *, rows: int = 2) -> tuple[Executed, ...]:
    told = []
    for step in plan.steps:
        statements = step.statements or ("SELECT id, name FROM customer", "UPDATE customer SET display_name = ?")
        told += [
            Executed(step.revision, sql.rstrip(";"), rows if "UPDATE" in sql else None, 0.125, step.database)
            for sql in statements
        ]
    return tuple(told)


_UP = Pass("upgrade", True, _executed(_BLIND), 1.5)
_DOWN = Pass(
    "downgrade",
    True,
    (
        Executed("d20f5b7a9e11", "UPDATE customer SET display_name = NULL", 33_000, 0.5, "bookshop"),
        Executed("77b1e2d40c9a", "DROP VIEW daily_sales", None, 0.5, "bookshop"),
    ),
    1.0,
)
_AGREES = SchemaDiff("scratch", "models", (), (BOOKSHOP,))
_COPY = (Scratch("bookshop", "backup API", 33_015, 3_200_000),)
_NO_WAY_BACK = MigrationFailed(
    "On the way back: d20f5b7a9e11 has no downgrade: it raises NotImplementedError.",
    "Write one, or know that there is no way back from here but a backup.",
    (("file", "migrations/versions/d20f5b7a9e11.py, line 31"), ("line", "raise NotImplementedError")),
)
_NOT_FROM_EMPTY = MigrationFailed(
    "The history cannot be replayed from an empty database, so nothing was rehearsed. The upgrade of 0a failed.",
    'Rehearse on a copy with filled="copy", or let what it expects be made first: baseline="schema.sql".',
    (("statement", "ALTER TABLE customer ADD COLUMN age INTEGER"),),
)


_KNOWN = known(_BLIND, _UP)


def _rehearsal(*passes: Pass, plan: Plan = _KNOWN, **more: object) -> Rehearsal:
    fields: dict[str, object] = {
        "ok": True, "data": "full", "filled": "copy", "scratch": _COPY, "remaining": _AGREES, "databases": (BOOKSHOP,),
    }  # fmt: skip
    return Rehearsal(plan=plan, passes=passes, **{**fields, **more})  # type: ignore[arg-type]


_STEPS = tuple(
    dataclasses.replace(
        _BLIND.steps[0],
        revision=f"{number:03x}a{number:08x}",
        message=f"make t{number}",
        statements=tuple(f"CREATE TABLE t{number}_{place} (id INTEGER)" for place in range(3)),
    )
    for number in range(200)
)
_LONG = dataclasses.replace(_BLIND, steps=_STEPS)
_LONG_UP = Pass("upgrade", True, _executed(_LONG), 9.0)
_LONG_DOWN = Pass(
    "downgrade",
    True,
    tuple(Executed(step.revision, f"DROP TABLE t{199 - i}_0", None, 0.1, "bookshop") for i, step in enumerate(_STEPS)),
    9.0,
)

REHEARSALS: dict[str, Rehearsal] = {
    "good": _rehearsal(_UP, _DOWN, _UP),
    "with losses": _rehearsal(
        _UP,
        _DOWN,
        Pass("upgrade", True, _executed(_BLIND, rows=0)),
        lost=(
            Loss("bookshop", "table", "voucher", "", "(id INTEGER NOT NULL, code VARCHAR(20) NOT NULL)"),
            Loss("bookshop", "type", "customer.email", "VARCHAR(255)", "VARCHAR(120)"),
            Loss("bookshop", "index", "customer.ix_email", "CREATE UNIQUE INDEX ix_email ON customer (email)", ""),
        ),
        rows_changed=(
            RowsChanged("bookshop", "customer", 3_204, 3_201, 3, 17, 0, ("nickname", "display_name")),
            RowsChanged("bookshop", "setting", 4, 5, 0, 0, 1),
        ),
        remaining=dataclasses.replace(DIFFS["one change"], source="scratch"),
        notes=("customer: the same columns stand in another order now: id, email, name.",),
    ),
    "no way back": _rehearsal(
        _UP, Pass("downgrade", False, _DOWN.executed[:1], error=_NO_WAY_BACK), ok=False, error=_NO_WAY_BACK
    ),
    "replay that fails": _rehearsal(
        ok=False, filled="replay", plan=_BLIND, scratch=(Scratch("bookshop", "replay"),), remaining=None,
        error=_NOT_FROM_EMPTY,
    ),
    "two databases": _rehearsal(
        Pass("upgrade", True, _executed(PLANS["two databases"])),
        Pass("downgrade", True, ()),
        Pass("upgrade", True, _executed(PLANS["two databases"])),
        plan=PLANS["two databases"],
        data="none",
        databases=(SHOP, REPORTING),
        lost=(Loss("shop", "enum", "mood", "'sad', 'ok'", ""),),
        remaining=None,
    ),
    "long": _rehearsal(
        _LONG_UP,
        _LONG_DOWN,
        _LONG_UP,
        plan=_LONG,
        lost=tuple(Loss("bookshop", "table", f"t{number}", "", "(id INTEGER)") for number in range(102)),
        rows_changed=tuple(RowsChanged("bookshop", f"t{number}", 1, 1, 0, 1, 0, ("id",)) for number in range(61)),
    ),
    "long, failed": _rehearsal(
        _LONG_UP,
        Pass("downgrade", False, _LONG_DOWN.executed[:120], error=_NO_WAY_BACK),
        plan=_LONG,
        ok=False,
        error=_NO_WAY_BACK,
    ),
    "nothing": _rehearsal(plan=PLANS["empty"], scratch=(), remaining=None,
                          databases=(dataclasses.replace(BOOKSHOP, heads=("c41d77e0b512",)),)),
}  # fmt: skip
