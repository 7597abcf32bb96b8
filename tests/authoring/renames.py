"""Random schemas with known renames among unrelated drops and adds; prints how well the candidates tell them apart.

`python -m tests.authoring.renames [pairs of schemas]`
"""

from __future__ import annotations

import random
import sqlite3
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from workbench.capabilities.renames import candidates
from workbench.results import Change, Column, Constraint, Database, Index, RenameCandidate, Schema, Table
from workbench.results.schema import LIVE, MODELS

TYPES = {
    "n": "INTEGER", "s": "VARCHAR(80)", "l": "VARCHAR(200)", "t": "TEXT", "m": "NUMERIC(10, 2)", "d": "DATE",
    "w": "DATETIME", "b": "BOOLEAN", "f": "FLOAT", "c": "VARCHAR(3)",
}  # fmt: skip
COLUMNS = {
    "name": "s", "email": "s", "phone": "s", "street": "l", "city": "s", "postcode": "s", "country": "c", "notes": "t",
    "description": "t", "title": "l", "price": "m", "total": "m", "discount": "m", "quantity": "n", "weight": "f",
    "status": "s", "is_active": "b", "created_at": "w", "updated_at": "w", "birthday": "d", "due": "d",
    "shipped_at": "w", "rating": "n", "url": "l", "language": "c", "currency": "c", "position": "n", "comment": "t",
    "nickname": "s", "sku": "s", "balance": "m", "tax": "m", "height": "f", "author": "s", "subject": "l", "body": "t",
    "priority": "n", "attempts": "n", "expires": "w", "token": "s", "ip": "s", "latitude": "f", "longitude": "f",
    "color": "s", "size": "n", "version": "n", "published": "b", "checksum": "s", "deadline": "d", "reason": "t",
}  # fmt: skip
"""Ordinary columns, with their types."""
CALLED = {
    "name": ["full_name", "label", "display_name"], "email": ["email_address", "contact", "mail"],
    "phone": ["phone_number", "telephone", "mobile"], "street": ["street_address", "address_line", "road"],
    "city": ["town", "city_name", "municipality"], "postcode": ["zip", "postal_code", "zip_code"],
    "country": ["country_code", "nation"], "notes": ["remarks", "note", "internal_notes"],
    "description": ["descr", "summary", "details"], "title": ["heading", "name", "headline"],
    "price": ["unit_price", "cost", "net_price"], "total": ["amount", "grand_total", "total_amount"],
    "discount": ["rebate", "discount_amount"], "quantity": ["qty", "count", "amount"], "weight": ["mass", "weight_kg"],
    "status": ["state", "order_status"], "is_active": ["active", "enabled"], "created_at": ["created", "inserted_at"],
    "updated_at": ["modified_at", "changed", "last_modified"], "birthday": ["date_of_birth", "birth_date", "born"],
    "due": ["due_date", "due_on", "payable_until"], "shipped_at": ["dispatched_at", "ship_date", "shipped"],
    "rating": ["stars", "score", "user_rating"], "url": ["link", "website", "uri"], "language": ["lang", "locale"],
    "currency": ["currency_code", "ccy"], "position": ["sort_order", "pos", "rank"], "comment": ["remark", "comments"],
    "nickname": ["display_name", "alias", "handle"], "sku": ["article_number", "product_code", "item_sku"],
    "balance": ["account_balance", "saldo"], "tax": ["vat", "tax_amount"], "author": ["writer", "author_name"],
    "subject": ["topic", "subject_line"], "body": ["content", "message", "text"], "priority": ["urgency", "prio"],
    "attempts": ["tries", "retry_count", "attempt_count"], "expires": ["expires_at", "valid_until", "expiry"],
    "token": ["secret_key", "api_token"], "ip": ["ip_address", "remote_addr"], "color": ["colour", "hue"],
    "size": ["file_size", "bytes"], "version": ["revision_number", "version_no"], "reason": ["cause", "motive"],
}  # fmt: skip
"""What people rename them to: many a name has nothing in common with the old one."""
TABLES = (
    "customer", "address", "orders", "order_item", "product", "category", "invoice", "payment", "shipment", "supplier",
    "employee", "department", "project", "task", "ticket", "message", "attachment", "session", "review", "coupon",
    "warehouse", "stock", "article", "tag", "subscription", "event", "venue", "booking", "device", "measurement",
)  # fmt: skip
TABLES_CALLED = {
    "customer": ["client", "customers"], "orders": ["purchase", "sales_order"], "product": ["article_master", "item"],
    "employee": ["staff", "employees"], "ticket": ["support_case", "tickets"], "payment": ["transaction", "payments"],
    "session": ["login", "user_session"], "booking": ["reservation", "bookings"], "review": ["feedback"],
    "stock": ["inventory", "stock_level"], "supplier": ["vendor", "suppliers"], "task": ["todo", "work_item"],
}  # fmt: skip
RENAMED = 0.5
"""Columns of a table that are renamed."""
QUIET, LOUD = 0.45, 1.5
"""Columns of a table that are dropped, and as many that are added, none of which has to do with another."""
REPLACED = 0.3
"""Of these how many are written where a column was dropped, as people do; the rest behind all others, or anywhere."""
ROWS = 40


@dataclass
class Made:
    """Two schemas, what Alembic would find between them, and what is true."""

    before: Schema
    after: Schema
    changes: tuple[Change, ...]
    truth: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """By (kind, table by its new name, old name) the new name."""


def made(seed: int, count: int = 12, tables_renamed: int = 2, noise: float = QUIET, renamed: float = RENAMED) -> Made:
    """A pair of schemas of SQLite's."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    names = [TABLES[at % len(TABLES)] + ("" if at < len(TABLES) else f"_{at}") for at in range(count)]
    dice.shuffle(names)
    old = {name: _table(dice, name, names[:at]) for at, name in enumerate(names)}
    told: dict[tuple[str, str, str], str] = {}
    new: dict[str, Table] = {}
    called = {name: name for name in names}
    for name in [each for each in names if each in TABLES_CALLED][:tables_renamed]:
        called[name] = dice.choice(TABLES_CALLED[name])
        told["table", "", name] = called[name]
    extra = [each for each in TABLES if each not in names][:2]
    dropped = [each for each in names if called[each] == each and not _is_referred(each, old)][:2]
    for name, table in old.items():
        if name not in dropped:
            new[called[name]] = _changed(dice, table, called, told, (renamed, noise))
    for name in extra:
        new[name] = _table(dice, name, [])
    before = Schema(LIVE, tuple(old.values()), (DATABASE,))
    after = Schema(MODELS, tuple(new.values()), (DATABASE,))
    return Made(before, after, changes(before, after), told)


DATABASE = Database("shop", "sqlite:///shop.db", "sqlite", "3.45", ())


def _is_referred(name: str, tables: dict[str, Table]) -> bool:
    return any(key.referred_table == name for each in tables.values() for key in each.foreign_keys)


def _table(dice: random.Random, name: str, others: Sequence[str]) -> Table:
    columns = [Column("id", "INTEGER", nullable=False, primary_key=True)]
    constraints = [Constraint("primary key", "", ("id",), "PRIMARY KEY (id)")]
    for other in dice.sample(list(others), min(len(others), dice.choice([0, 1, 1, 2]))):
        columns.append(Column(f"{other}_id", "INTEGER", nullable=dice.random() < 0.4))
        constraints.append(_key(f"{other}_id", other))
    columns += [_column(dice, each) for each in dice.sample(sorted(COLUMNS), dice.randint(3, 9))]
    indexes = tuple(
        Index(f"ix_{name}_{each.name}", (each.name,), f"CREATE INDEX ix_{name}_{each.name}")
        for each in columns[1:]
        if dice.random() < 0.15
    )
    unique = [each.name for each in columns[1:] if TYPES["s"] == each.type and dice.random() < 0.15]
    constraints += [Constraint("unique", "", (each,), f"UNIQUE ({each})") for each in unique]
    return Table(
        "table", name, columns=tuple(columns), constraints=tuple(constraints), indexes=indexes, database="shop"
    )


def _key(column: str, other: str) -> Constraint:
    told = f"FOREIGN KEY ({column}) REFERENCES {other} (id)"
    return Constraint("foreign key", "", (column,), told, referred_table=other, referred_columns=("id",))


def _column(dice: random.Random, name: str) -> Column:
    type_ = TYPES[COLUMNS[name]]
    default = {"n": "0", "b": "1", "w": "CURRENT_TIMESTAMP"}.get(COLUMNS[name]) if dice.random() < 0.4 else None
    return Column(name, type_, nullable=dice.random() < 0.6, default=default)


def _changed(
    dice: random.Random, table: Table, called: dict[str, str], told: dict[tuple[str, str, str], str],
    rates: tuple[float, float],
) -> Table:  # fmt: skip
    """The table with some columns renamed, some dropped and some added."""
    name = called[table.name]
    taken = {each.name for each in table.columns}
    columns: list[Column] = []
    names: dict[str, str] = {}
    gone: set[str] = set()
    free: list[int] = []
    share = len(table.columns) - 1
    for each in table.columns:
        choice = dice.random() * share
        is_key = each.name.endswith("_id")
        if each.name == "id" or choice > sum(rates) or (is_key and choice > rates[0]):
            columns.append(each)
        elif choice > rates[0]:
            gone.add(each.name)
            free.append(len(columns))
        else:
            other = _other_name(dice, each.name, table.name, taken)
            names[each.name] = other
            taken.add(other)
            told["column", name, each.name] = other
            moved = replace(each, name=other)
            if dice.random() < 0.15:
                moved = replace(moved, nullable=not moved.nullable)
            if dice.random() < 0.15 and moved.type == TYPES["s"]:
                moved = replace(moved, type="VARCHAR(120)")
            at = len(columns) if dice.random() < 0.85 else dice.randint(1, len(columns))
            columns.insert(at, moved)
    known = {word for each in CALLED.values() for word in each}
    while dice.random() < rates[1] / (1 + rates[1]):  # as many as are dropped, on the average
        new = dice.choice(sorted(set(COLUMNS) - taken - known))
        taken.add(new)
        at = len(columns) if dice.random() < 0.6 else dice.randint(1, len(columns))
        if free and dice.random() < REPLACED:
            at = min(len(columns), free.pop())
        columns.insert(at, _column(dice, new))
    constraints = tuple(
        replace(
            each,
            columns=tuple(names.get(column, column) for column in each.columns),
            referred_table=called.get(each.referred_table, each.referred_table),
        )
        for each in table.constraints
        if not gone & set(each.columns)
    )
    indexes = tuple(
        replace(each, expressions=tuple(names.get(column, column) for column in each.expressions))
        for each in table.indexes
        if not gone & set(each.expressions)
    )
    return replace(table, name=name, columns=tuple(columns), constraints=constraints, indexes=indexes)


def _other_name(dice: random.Random, name: str, table: str, taken: set[str]) -> str:
    ways = [*CALLED.get(name, []), f"{table}_{name}", f"{name}_old", _typed_otherwise(dice, name)]
    if name.endswith("_id"):
        ways = [name.removesuffix("_id"), f"{name.removesuffix('_id')}_ref", f"parent_{name}", "owner_id"]
    free = [each for each in ways if each not in taken]
    return dice.choice(free) if free else f"{name}_2"


def _typed_otherwise(dice: random.Random, name: str) -> str:
    at = dice.randrange(1, len(name))
    return name[:at] + name[at + 1 :] if len(name) > 4 else f"{name}s"  # a slip of the pen that is put right


def changes(before: Schema, after: Schema) -> tuple[Change, ...]:
    """What Alembic tells of tables, columns, and the types of columns."""
    live = {(each.schema, each.name): each for each in before.all_tables}
    models = {(each.schema, each.name): each for each in after.all_tables}
    found: list[Change] = []

    def tell(kind: str, table: Table, name: str) -> None:
        found.append(Change(kind, table.schema, table.name, name, None, None, "", None, database=table.database))

    for place in sorted({*live, *models}, key=str):
        if place not in models:
            tell("remove_table", live[place], live[place].name)
        elif place not in live:
            tell("add_table", models[place], models[place].name)
        else:
            was, is_ = ({each.name: each for each in side[place].columns} for side in (live, models))
            for name in sorted({*was, *is_}):
                if name not in is_:
                    tell("remove_column", live[place], name)
                elif name not in was:
                    tell("add_column", live[place], name)
                elif was[name].type != is_[name].type:
                    tell("modify_type", live[place], name)
    return tuple(found)


def rows_of(schema: Schema, seed: int) -> sqlite3.Connection:
    """A database in memory with these tables, and rows that a column of that name may have."""
    dice = random.Random(seed)  # noqa: S311 - as above
    connection = sqlite3.connect(":memory:")
    for table in schema.all_tables:
        told = ", ".join(f'"{each.name}" {each.definition}' for each in table.columns)
        connection.execute(f'CREATE TABLE "{table.name}" ({told}, PRIMARY KEY (id))')
        unique = {each.columns for each in table.constraints if each.kind == "unique"}
        for number in range(1, ROWS + 1):
            values = [_value(dice, each, number, is_unique=(each.name,) in unique) for each in table.columns]
            marks = ", ".join("?" * len(values))
            connection.execute(f'INSERT INTO "{table.name}" VALUES ({marks})', values)
    return connection


def _value(dice: random.Random, column: Column, number: int, *, is_unique: bool) -> Any:
    ways: list[tuple[bool, Any]] = [
        (column.name == "id", number),
        (column.nullable and dice.random() < 0.2, None),
        (column.name.endswith("_id"), dice.randint(1, ROWS)),
        (column.name == "email", f"{dice.choice('abcdefgh')}{number}@example.org"),
        (is_unique, f"{column.name} {number}"),
        (column.name == "url", f"https://example.org/{number}"),
        (column.type == "BOOLEAN", dice.randint(0, 1)),
        (column.type == "INTEGER", dice.randint(0, 90)),
        (column.type in {"FLOAT", "NUMERIC(10, 2)"}, round(dice.random() * 1000, 2)),
        (column.type == TYPES["c"], dice.choice(["DE", "FR", "IT"])),
    ]
    return next((value for fits, value in ways if fits), f"{column.name} {dice.randint(1, 20)}")


@dataclass
class Tally:
    """How many candidates were right."""

    true: int = 0
    """Renames that there are."""
    found: int = 0
    """Of these with a score of 0.5 or more."""
    first: int = 0
    """Of these the first of all candidates for their old name."""
    told: int = 0
    """Of these a candidate at all."""
    wrong: int = 0
    """Candidates with a score of 0.5 or more that are no rename."""
    sure: int = 0
    sure_wrong: int = 0
    """The same with 0.8 or more."""

    def add(self, truth: dict[tuple[str, str, str], str], found: Sequence[RenameCandidate], kind: str) -> None:
        """Count those of one pair of schemas."""
        mine = [each for each in found if each.kind == kind]
        for (what, table, old), new in truth.items():
            if what != kind:
                continue
            same = [each for each in mine if (each.table, each.gone) == (table, old)]
            right = next((each for each in same if each.come == new), None)
            self.true += 1
            self.told += right is not None
            self.first += bool(same) and same[0] is right
            self.found += right is not None and right.score >= 0.5
        for each in mine:
            is_right = truth.get((kind, each.table, each.gone)) == each.come
            self.wrong += each.score >= 0.5 and not is_right
            self.sure += each.score >= 0.8
            self.sure_wrong += each.score >= 0.8 and not is_right

    @property
    def precision(self) -> float:
        """Of the candidates with 0.5 or more how many are right."""
        return self.found / max(1, self.found + self.wrong)

    @property
    def recall(self) -> float:
        """Of the renames how many are a candidate with 0.5 or more."""
        return self.found / max(1, self.true)

    @property
    def ranked(self) -> float:
        """Of the renames how many are the first candidate for their old name."""
        return self.first / max(1, self.true)


def measure(count: int, *, with_rows: bool, noise: float = QUIET, renamed: float = RENAMED) -> dict[str, Tally]:
    """The tallies of tables and columns over so many pairs of schemas."""
    tallies = {"table": Tally(), "column": Tally()}
    for seed in range(count):
        one = made(seed, noise=noise, renamed=renamed)
        connection = rows_of(one.before, seed) if with_rows else None
        ask = (lambda sql, _, made=connection: made.execute(sql).fetchall()) if connection else None
        found = candidates(one.before, one.after, ask, one.changes)
        for kind, tally in tallies.items():
            tally.add(one.truth, found, kind)
        if connection is not None:
            connection.close()
    return tallies


def main(count: int) -> None:
    """Print the table."""
    print(f"{count} pairs of schemas of 12 tables; score >= 0.5 is taken for a rename")  # noqa: T201 - it prints
    print("noise  rows  kind     renames  precision  recall  first   told  wrong  >=0.8 right")  # noqa: T201 - as above
    for words, noise, renamed in (("little", QUIET, RENAMED), ("much", LOUD, RENAMED), ("only", LOUD, 0.0)):
        for with_rows in (False, True):
            for kind, each in measure(count, with_rows=with_rows, noise=noise, renamed=renamed).items():
                sure = 1 - each.sure_wrong / max(1, each.sure)
                rest = "" if words == "only" and kind == "column" else f"{each.precision:.1%}"
                print(  # noqa: T201 - as above
                    f"{words:<6} {'yes' if with_rows else 'no':<5} {kind:<8} {each.true:>7}  {rest:>9}"
                    f"  {each.recall:>6.1%}  {each.ranked:>5.1%}  {each.told / max(1, each.true):>5.1%}"
                    f"  {each.wrong:>5}  {sure:.1%} of {each.sure}"
                )
    large = made(1, count=300, tables_renamed=12)
    began = time.perf_counter()
    candidates(large.before, large.after, None, large.changes)
    seconds = time.perf_counter() - began
    gone = sum(each.kind in {"remove_table", "remove_column"} for each in large.changes)
    print(f"300 tables, {gone} tables and columns gone: {seconds:.2f} s")  # noqa: T201 - as above


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
