"""Named SchemaDiffs, Plans and Runs, one of every shape that a person may meet.

`DIFFS`, `PLANS` and `RUNS` map a name to the value. Tests of the text, of the HTML and of the widgets use the same.
"""

from __future__ import annotations

import dataclasses

from workbench.errors import Cancelled, MigrationFailed
from workbench.results import (
    Change,
    Database,
    Destroyed,
    Evidence,
    Executed,
    Finding,
    Plan,
    Run,
    SchemaDiff,
    Step,
    StepRun,
)

BOOKSHOP = Database(
    name="bookshop",
    url="sqlite:///bookshop.db",
    dialect="sqlite",
    server="3.40.1",
    heads=("9f31c0aa4e21",),
    transactional_ddl=True,
)
SHOP = Database(
    name="shop",
    url="postgresql+psycopg://app:***@localhost/shop",
    dialect="postgresql",
    server="15.19",
    heads=("9f31c0aa4e21",),
    host="localhost",
    transactional_ddl=True,
)
REPORTING = dataclasses.replace(SHOP, name="reporting", url="postgresql://localhost/reporting", heads=("c41d77e0b512",))


def _change(kind: str, name: str, before: str | None, after: str | None, **more: str | None) -> Change:
    fields = {"table": "customer", "code": f"op.{kind}({name!r})", "sql": f"-- {kind} {name};", "database": "bookshop"}
    return Change(kind=kind, name=name, before=before, after=after, **{"schema": None, **fields, **more})  # type: ignore[arg-type]


_CUSTOMER = (
    _change(
        "add_column",
        "display_name",
        None,
        "VARCHAR(40)",
        code="op.add_column('customer', sa.Column('display_name', sa.String(length=40), nullable=True))",
        sql="ALTER TABLE customer ADD COLUMN display_name VARCHAR(40);",
    ),
    _change(
        "modify_type",
        "email",
        "VARCHAR(120) NOT NULL",
        "VARCHAR(255) NOT NULL",
        code=(
            "with op.batch_alter_table('customer') as batch_op:\n"
            "    batch_op.alter_column('email', existing_type=sa.VARCHAR(120), type_=sa.String(255))"
        ),
        sql=None,
        why_not="SQLite rebuilds the table for this, which needs to see it.",
    ),
    _change(
        "remove_column",
        "nickname",
        "VARCHAR(40)",
        None,
        code="op.drop_column('customer', 'nickname')",
        sql="ALTER TABLE customer DROP COLUMN nickname;",
    ),
)
_VOUCHER = _change(
    "add_table",
    "voucher",
    None,
    "CREATE TABLE voucher (\n    id INTEGER NOT NULL,\n    code VARCHAR(20) NOT NULL,\n    PRIMARY KEY (id)\n)",
    table="voucher",
    code=(
        "op.create_table('voucher',\n"
        "    sa.Column('id', sa.Integer(), nullable=False),\n"
        "    sa.Column('code', sa.String(length=20), nullable=False),\n"
        "    sa.PrimaryKeyConstraint('id'),\n)"
    ),
    sql="CREATE TABLE voucher (\n    id INTEGER NOT NULL,\n    code VARCHAR(20) NOT NULL,\n    PRIMARY KEY (id)\n);",
)
_INDEX = _change(
    "add_index",
    "ix_order_line_order_id",
    None,
    "(order_id)",
    schema="sales",
    table="order_line",
    code="op.create_index('ix_order_line_order_id', 'order_line', ['order_id'], schema='sales')",
    sql="CREATE INDEX ix_order_line_order_id ON sales.order_line (order_id);",
)

DIFFS: dict[str, SchemaDiff] = {
    "empty": SchemaDiff("live", "models", (), (BOOKSHOP,)),
    "one change": SchemaDiff("live", "models", _CUSTOMER[:1], (BOOKSHOP,)),
    "three tables": SchemaDiff("live", "models", (*_CUSTOMER, _VOUCHER, _INDEX), (BOOKSHOP,)),
    "with ignored": SchemaDiff(
        "models", "live", (_INDEX,), (BOOKSHOP,), ignored=("The view daily_sales is declared with CreateView.",)
    ),
    "two databases": SchemaDiff(
        "live",
        "models",
        tuple(dataclasses.replace(each, database="shop") for each in _CUSTOMER),
        (SHOP, REPORTING),
    ),
    "many tables": SchemaDiff(
        "live",
        "models",
        tuple(_change("add_column", "created_at", None, "TIMESTAMP", table=f"table_{i:02}") for i in range(12)),
        (BOOKSHOP,),
    ),
    "many changes": SchemaDiff(
        "live",
        "models",
        tuple(_change("add_column", f"column_{i:03}", None, "INTEGER") for i in range(205)),
        (BOOKSHOP,),
    ),
    "unnamed": SchemaDiff("live", "models", (_change("remove_constraint", "", "UNIQUE (email)", None),), (BOOKSHOP,)),
}


def _step(revision: str, message: str, *statements: str, **more: object) -> Step:
    fields: dict[str, object] = {
        "direction": "upgrade",
        "path": f"migrations/versions/{revision}.py",
        "statements": statements,
        "database": "bookshop",
        "heads": (revision,),
        "digest": "0" * 64,
    }
    return Step(revision=revision, message=message, **{**fields, **more})  # type: ignore[arg-type]


_VIEW = _step(
    "77b1e2d40c9a",
    "daily sales view",
    "CREATE VIEW daily_sales AS SELECT date(sold_at) AS day, sum(price) AS total FROM sale GROUP BY day;",
    "UPDATE alembic_version SET version_num='77b1e2d40c9a' WHERE alembic_version.version_num = '9f31c0aa4e21';",
)
_MERGE = _step("a8820f13d7e6", "merge reporting and checkout", heads=("a8820f13d7e6",))
_VOUCHERS = _step(
    "c41d77e0b512",
    "add gift vouchers",
    "CREATE TABLE voucher (\n    id INTEGER NOT NULL, \n    code VARCHAR(20) NOT NULL, \n    PRIMARY KEY (id)\n);",
    "CREATE UNIQUE INDEX ix_voucher_code ON voucher (code);",
    "INSERT INTO setting (name, value) VALUES ('vouchers', 'on');",
    "UPDATE alembic_version SET version_num='c41d77e0b512' WHERE alembic_version.version_num = 'a8820f13d7e6';",
)
_BLIND = _step(
    "d20f5b7a9e11",
    "fill display names",
    statements=None,
    why_not="It reads rows before it writes them (d20f5b7a9e11.py line 21), and offline there are none.",
)
STEPS = (_VIEW, _MERGE, _VOUCHERS)


def _plan(steps: tuple[Step, ...], databases: tuple[Database, ...] = (BOOKSHOP,), **more: object) -> Plan:
    fields: dict[str, object] = {
        "direction": "upgrade",
        "source": "9f31c0aa4e21",
        "target": "head",
        "sql": "\n\n".join(statement for step in steps for statement in step.statements or ()),
        "after": tuple((each.name, ("c41d77e0b512",)) for each in databases),
    }
    return Plan(steps=steps, databases=databases, **{**fields, **more})  # type: ignore[arg-type]


_TWO = tuple(dataclasses.replace(step, database="shop") for step in STEPS)
_THOUSANDS = _step("c41d77e0b512", "fill", *(f"INSERT INTO country (id) VALUES ({i});" for i in range(5000)))

PLANS: dict[str, Plan] = {
    "empty": _plan((), (dataclasses.replace(BOOKSHOP, heads=("c41d77e0b512",)),)),
    "one revision": _plan((_VIEW,), after=(("bookshop", ("77b1e2d40c9a",)),)),
    "three revisions": _plan(STEPS),
    "blind": _plan((_VIEW, _BLIND), after=(("bookshop", ("d20f5b7a9e11",)),)),
    "destroys": _plan(
        (_step("5b0c9d1e77aa", "drop the old till's data", "DROP TABLE legacy_export;"),),
        after=(("bookshop", ("5b0c9d1e77aa",)),),
        destroys=(
            Destroyed("bookshop", "5b0c9d1e77aa", "", "legacy_export", "", 12_880),
            Destroyed("bookshop", "5b0c9d1e77aa", "", "customer", "nickname", 3_201),
            Destroyed("bookshop", "5b0c9d1e77aa", "audit", "event", "", 1_000_000, at_least=True),
            Destroyed("bookshop", "5b0c9d1e77aa", "", "secret"),
        ),
    ),
    "downgrade": _plan(
        (dataclasses.replace(_VIEW, direction="downgrade", statements=("DROP VIEW daily_sales;",), heads=()),),
        direction="downgrade",
        target="base",
        after=(("bookshop", ()),),
    ),
    "stamp": _plan(
        (dataclasses.replace(_VOUCHERS, direction="stamp", statements=_VOUCHERS.statements[-1:]),),  # type: ignore[index]
        direction="stamp",
    ),
    "purge": _plan(
        (
            dataclasses.replace(
                _VOUCHERS,
                direction="stamp",
                statements=(
                    "DELETE FROM alembic_version;",
                    "INSERT INTO alembic_version (version_num) VALUES ('c41d77e0b512');",
                ),
            ),
        ),
        direction="stamp",
        purge=True,
    ),
    "purge alone": _plan(
        (
            _step(
                "",
                "empty the version table",
                "DELETE FROM alembic_version;",
                direction="stamp",
                path="",
                heads=(),
                digest="",
            ),
        ),
        direction="stamp",
        target="base",
        purge=True,
        after=(("bookshop", ()),),
    ),
    "two databases": _plan(_TWO, (SHOP, REPORTING)),
    "two databases, nothing": _plan((), (SHOP, REPORTING)),
    "offline": _plan(STEPS, source="9f31c0aa4e21", target="9f31c0aa4e21:c41d77e0b512", offline=True),
    "thousands": _plan((_THOUSANDS,)),
}


def _ran(plan: Plan, *outcomes: str) -> dict[str, object]:
    steps = tuple(
        StepRun(
            step.revision,
            step.direction,
            step.message,
            outcome,  # type: ignore[arg-type]
            None if outcome == "not run" else 0.25,
            step.database,
        )
        for step, outcome in zip(plan.steps, outcomes, strict=True)
    )
    executed = tuple(
        Executed(
            step.revision,
            statement.rstrip(";"),
            1 if statement.startswith(("INSERT", "UPDATE")) else None,
            0.125,
            step.database,
        )
        for step, outcome in zip(plan.steps, outcomes, strict=True)
        if outcome != "not run"
        for statement in (step.statements or ())[: 1 if outcome == "failed" else None]
    )
    return {"steps": steps, "executed": executed, "plan": plan}


def _at(database: Database, head: str) -> Database:
    return dataclasses.replace(database, heads=(head,) if head else ())


_FAILED = MigrationFailed(
    "The table voucher already exists, so the revision could not create it.",
    "See whether somebody made it by hand: `wb.diff()`. If it is the same, stamp the revision instead.",
    (
        ("Statement", "CREATE TABLE voucher (\n    id INTEGER NOT NULL,\n    PRIMARY KEY (id)\n)"),
        ("The database says", "table voucher already exists"),
        ("Where", "migrations/versions/c41d77e0b512.py line 18"),
    ),
)

HALF = Finding(
    rule="half-applied",
    severity="error",
    outcome="fails",
    message="c41d77e0 'add gift vouchers' is half applied: 1 of 3 statements took (CREATE TABLE voucher (…)), 2 did "
    "not. Running it again fails at statement 1, because table voucher is there already.",
    remedy="Undo what was done (DROP TABLE voucher) and run the upgrade again. Or run by hand what is missing "
    '(statements 2 to 3) and record it: wb.stamp("c41d77e0b512").apply().',
    revision="c41d77e0b512",
    object="voucher",
    evidence=Evidence(
        "1 of 3 took",
        1,
        sample=((1, "took", "makes table voucher"), (2, "did not", "makes index voucher.ix_voucher_code")),
        sql="CREATE UNIQUE INDEX ix_voucher_code ON voucher (code);\nINSERT INTO setting VALUES ('vouchers', 'on')",
    ),
    database="bookshop",
)

RUNS: dict[str, Run] = {
    "ok": Run(
        ok=True,
        heads=("c41d77e0b512",),
        databases=(_at(BOOKSHOP, "c41d77e0b512"),),
        **_ran(PLANS["three revisions"], "done", "done", "done"),  # type: ignore[arg-type]
    ),
    "nothing": Run(
        ok=True,
        heads=("c41d77e0b512",),
        databases=(_at(BOOKSHOP, "c41d77e0b512"),),
        **_ran(PLANS["empty"]),  # type: ignore[arg-type]
    ),
    "failed": Run(
        ok=False,
        heads=("a8820f13d7e6",),
        databases=(_at(BOOKSHOP, "a8820f13d7e6"),),
        error=_FAILED,
        standing="Two revisions are in; the third was rolled back as a whole.",
        **_ran(PLANS["three revisions"], "done", "done", "failed"),  # type: ignore[arg-type]
    ),
    "half applied": Run(
        ok=False,
        heads=("a8820f13d7e6",),
        databases=(_at(BOOKSHOP, "a8820f13d7e6"),),
        error=_FAILED,
        standing="Two revisions are in. " + HALF.message,
        findings=(HALF,),
        backup="saved/0123456789ab",
        **_ran(PLANS["three revisions"], "done", "done", "failed"),  # type: ignore[arg-type]
    ),
    "failed at once": Run(
        ok=False,
        heads=(),
        databases=(),
        error=MigrationFailed("The database went away."),
        **_ran(PLANS["three revisions"], "not run", "not run", "not run"),  # type: ignore[arg-type]
    ),
    "cancelled": Run(
        ok=False,
        heads=("77b1e2d40c9a",),
        databases=(_at(BOOKSHOP, "77b1e2d40c9a"),),
        error=Cancelled("You stopped it."),
        cancelled=True,
        standing="One revision is in; nothing of the others is.",
        **_ran(PLANS["three revisions"], "done", "not run", "not run"),  # type: ignore[arg-type]
    ),
    "two databases": Run(
        ok=True,
        heads=("c41d77e0b512",),
        databases=(_at(SHOP, "c41d77e0b512"), REPORTING),
        **_ran(PLANS["two databases"], "done", "done", "done"),  # type: ignore[arg-type]
    ),
    "downgraded": Run(
        ok=True,
        heads=(),
        databases=(_at(BOOKSHOP, ""),),
        **_ran(PLANS["downgrade"], "done"),  # type: ignore[arg-type]
    ),
    "stamped": Run(
        ok=True,
        heads=("c41d77e0b512",),
        databases=(_at(BOOKSHOP, "c41d77e0b512"),),
        **_ran(PLANS["stamp"], "done"),  # type: ignore[arg-type]
    ),
}
