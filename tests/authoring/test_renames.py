"""Candidates for renames on the three databases: what their structure, their names and their rows tell."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tests.kept import ON_POSTGRESQL
from tests.safety.projects import Project
from workbench import Workbench
from workbench.capabilities.renames import candidates
from workbench.capabilities.renames_rows import asking
from workbench.results import RenameCandidate

NOT_ASKED = "told by structure and names alone: no rows were looked at"
NO_NAMES = "the names have nothing in common"
HEAD = "import sqlalchemy as sa\nmetadata = sa.MetaData()\nT, C = sa.Table, sa.Column\n"
CUSTOMER = """
T("country", metadata, C("id", sa.Integer, primary_key=True, autoincrement=False), C("name", sa.String(20)))
T("customer", metadata, C("id", sa.Integer, primary_key=True, autoincrement=False), {columns})
"""


def between(project: Project, live: str, models: str, *inserts: str) -> None:
    """Make the live tables with rows, and let env.py have other models."""
    told: dict[str, Any] = {}
    exec(HEAD + live, told)  # noqa: S102 - the tests' own words
    told["metadata"].create_all(sa.create_engine(project.url, poolclass=NullPool))
    if inserts:
        project.execute(*inserts)
    project.env(HEAD + models, metadata="metadata")


def found(wb: Workbench, *, asks: bool = True, decided: Any = None) -> tuple[RenameCandidate, ...]:
    """The candidates between the live schema and the models."""
    ask = asking(wb._client) if asks else None
    return candidates(wb.schema(), wb.schema("models"), ask, wb.diff().changes, decided)


def pairs(candidates: tuple[RenameCandidate, ...]) -> list[tuple[str, str]]:
    """What would be renamed, and to what."""
    return [(each.key, each.come) for each in candidates]


def test_a_rename_is_found_and_says_why(bare: Project, wb: Workbench) -> None:
    """The column that is the same but for its name comes first; an unrelated one of its type far behind."""
    between(
        bare,
        CUSTOMER.format(columns='C("nickname", sa.String(80)), C("notes", sa.Text), C("since", sa.Date)'),
        CUSTOMER.format(
            columns='C("display_name", sa.String(80), nullable=False), C("notes", sa.Text), '
            'C("since", sa.Date), C("city", sa.String(80))'
        ),
        "INSERT INTO customer (id, nickname) VALUES (1, 'ann'), (2, 'bob'), (3, 'cy'), (4, NULL)",
    )
    first, second = found(wb)

    assert (
        RenameCandidate(
            "column", None, "customer", "nickname", "display_name", first.score,
            ("same type (VARCHAR(80))", "same place in the table, behind id", "names share 'name'"),
            ("the new column is NOT NULL, the old one takes NULL", "the new column is NOT NULL, 1 row is NULL"),
            wb.schema().databases[0].name,
        ),
        ("nickname", "city"),
    ) == (first, (second.gone, second.come))  # fmt: skip
    assert first.score > 0.6
    assert second.score < 0.2


def test_rows_that_a_new_column_would_not_take(bare: Project, wb: Workbench) -> None:
    """NULLs, values that are too long and values that come twice are counted, and speak against it."""
    between(
        bare,
        CUSTOMER.format(columns='C("email", sa.String(30)), C("c2", sa.Integer)'),
        CUSTOMER.format(columns='C("email_address", sa.String(5), nullable=False, unique=True), C("c2", sa.Integer)'),
    )
    empty = found(wb)[0]
    bare.execute("INSERT INTO customer (id, email) VALUES (1, 'short'), (2, 'much too long'), (3, NULL), (4, 'short')")
    column = found(wb)[0]

    assert {
        "the new column is unique, 1 value is repeated",
        "the new column is NOT NULL, 1 row is NULL",
        "1 value does not fit VARCHAR(5)",
    } == set(column.against) - set(empty.against)
    assert empty.score > column.score


def test_values_that_are_keys_of_another_table(bare: Project, wb: Workbench) -> None:
    """Numbers that are all keys of the table that a new column refers to speak for it; others against it."""
    between(
        bare,
        CUSTOMER.format(columns='C("c1", sa.Integer), C("c2", sa.String(30))'),
        CUSTOMER.format(columns='C("home", sa.Integer, sa.ForeignKey("country.id")), C("c2", sa.String(30))'),
        "INSERT INTO country VALUES (1, 'Austria'), (2, 'Belgium'), (3, 'Chile')",
        "INSERT INTO customer (id, c1, c2) VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, NULL), (4, NULL, 'b')",
    )
    right = found(wb)
    bare.execute("UPDATE customer SET c1 = 7 WHERE id < 3")

    reasons = ("all 3 values are keys of country", "same place in the table, behind id", "same type (INTEGER)")
    assert [
        ("column customer.c1", "home", right[0].score, reasons, (NO_NAMES, "only one refers to country"))
    ] == [(each.key, each.come, each.score, each.reasons, each.against) for each in right]  # fmt: skip
    wrong = found(wb)
    assert ("2 values are no keys of country", *right[0].against) == wrong[0].against
    assert right[0].score >= 0.5
    assert wrong[0].score < 0.2


def test_values_that_pass_the_new_check_or_do_not(bare: Project, wb: Workbench) -> None:
    """The CHECK of a new column is tried on the values of the old one, on whatever database."""
    between(
        bare,
        CUSTOMER.format(columns='C("rate", sa.Integer), C("c2", sa.String(30))'),
        CUSTOMER.format(
            columns='C("rating", sa.Integer), C("c2", sa.String(30)), sa.CheckConstraint("rating < 6", name="ck_r")'
        ),
        "INSERT INTO customer (id, rate) VALUES (1, 1), (2, 2), (3, 5), (4, NULL)",
    )
    right = found(wb)
    bare.execute("UPDATE customer SET rate = 7 WHERE id < 3")
    wrong = found(wb)

    assert "all 3 values pass the new check" in right[0].reasons
    assert "2 values do not pass the new check" in wrong[0].against


def test_without_rows_it_says_so(bare: Project, wb: Workbench) -> None:
    """Where nobody may ask, or no right is given, structure and names decide alone, never above 0.75."""
    between(
        bare,
        CUSTOMER.format(columns='C("c1", sa.Integer), C("c2", sa.String(30))'),
        CUSTOMER.format(columns='C("city", sa.Integer), C("c2", sa.String(30))'),
    )
    reasons = ("same place in the table, behind id", "same type (INTEGER)")

    assert [
        (0.6, (*reasons, NOT_ASKED), (NO_NAMES,)),
        (0.6, (*reasons, "the table has no rows"), (NO_NAMES,)),
    ] == [(each.score, each.reasons, each.against) for asks in (False, True) for each in found(wb, asks=asks)]


def test_what_env_py_leaves_out_is_no_candidate(bare: Project, wb: Workbench) -> None:
    """Where `include_object` hides the one or the other from Alembic, nobody is asked about it."""
    between(
        bare,
        CUSTOMER.format(columns='C("nickname", sa.String(80))'),
        CUSTOMER.format(columns='C("display_name", sa.String(80))'),
    )
    seen = found(wb)
    hiding = "def hide(item, name, kind, reflected, other): return name != 'nickname'\n"
    models = CUSTOMER.format(columns='C("display_name", sa.String(80))')
    bare.env(HEAD + models + hiding, metadata="metadata")
    text = bare.env_py.read_text().replace("target_metadata=metadata", "target_metadata=metadata, include_object=hide")
    bare.raw_env(text)

    assert ([("column customer.nickname", "display_name")], []) == (pairs(seen), pairs(found(wb)))


def test_a_table_that_is_renamed_and_changed_with_its_columns(bare: Project, wb: Workbench) -> None:
    """A table with another name, one column renamed and one added is found, and the column and its index in it."""
    table = """
T("{name}", metadata, C("id", sa.Integer, primary_key=True, autoincrement=False), C("street", sa.String(200)),
  C("{zip}", sa.String(12)), C("valid_until", sa.DateTime), C("floor", sa.SmallInteger){more},
  sa.Index("ix_{zip}", "{zip}"))
T("visit", metadata, C("id", sa.Integer, primary_key=True, autoincrement=False),
  C("place_id", sa.Integer, sa.ForeignKey("{name}.id")), C("at", sa.DateTime))
"""
    between(
        bare,
        table.format(name="address", zip="postcode", more=""),
        table.format(name="location", zip="zip_code", more=', C("lift", sa.Boolean)'),
        "INSERT INTO address (id, postcode) VALUES (1, '1010'), (2, '1020'), (3, '1030')",
    )
    is_sqlite = wb.schema().databases[0].dialect == "sqlite"
    seen = found(wb)
    decided = found(wb, decided={("", "address"): "location"})
    column = ("column location.postcode", "zip_code")
    index = [] if is_sqlite else [("index location.ix_postcode", "ix_zip_code")]

    assert {column, ("table address", "location"), *index} == set(pairs(seen)[: 2 + len(index)])
    assert {column, *index} == set(pairs(decided)[: 1 + len(index)])
    assert all(each.score >= 0.75 for each in seen[: 2 + len(index)])
    assert {"address", ""} == {each.old_table for each in seen}


def test_indexes_and_constraints_on_the_same_columns(bare: Project, wb: Workbench) -> None:
    """What is the same but for its name is a rename of its own, also where its column is likely to be renamed."""
    table = """
T("country", metadata, C("id", sa.Integer, primary_key=True, autoincrement=False))
T("customer", metadata, C("id", sa.Integer, primary_key=True, autoincrement=False), C("{column}", sa.String(40)),
  C("code", sa.String(9)), C("rank", sa.Integer), sa.UniqueConstraint("code", name="{prefix}_code"),
  sa.Index("{prefix}_column", "{column}"), sa.Index("{prefix}_rank", "rank", "code"))
"""
    between(
        bare,
        table.format(column="nickname", prefix="old"),
        table.format(column="display_name", prefix="new"),
    )
    dialect = wb.schema().databases[0].dialect
    unique = {"postgresql": "constraint", "sqlite": ""}.get(dialect, "index")
    expected = {
        ("column customer.nickname", "display_name"),
        *([(f"{unique} customer.old_code", "new_code")] if unique else []),
        *([(f"index customer.old_{each}", f"new_{each}") for each in ("column", "rank")] if unique else []),
    }

    # SQLite knows no statement that renames an index; dropping and making it loses nothing there.
    assert expected == set(pairs(found(wb)))


def test_a_chain_and_a_ring_whose_types_tell(bare: Project, wb: Workbench) -> None:
    """Names that stay are candidates where the types went from one to the other: a to b and b to a, b to c."""
    between(
        bare,
        CUSTOMER.format(
            columns='C("a", sa.Date), C("b", sa.Numeric(8, 3)), C("d", sa.String(33)), C("e", sa.LargeBinary)'
        ),
        CUSTOMER.format(
            columns='C("a", sa.Numeric(8, 3)), C("b", sa.Date), C("e", sa.String(33)), C("f", sa.LargeBinary)'
        ),
    )
    told = set(pairs(found(wb, asks=False)))

    ring = {("column customer.a", "b"), ("column customer.b", "a")}
    chain = {("column customer.d", "e"), ("column customer.e", "f")}
    # SQLite's Date and LargeBinary are types by their names, and Alembic compares these.
    assert ring | chain == told


@ON_POSTGRESQL
def test_values_of_an_enum(bare: Project, wb: Workbench) -> None:
    """A label in the same place is proposed, with how many rows have it; one that only came or went is not."""
    table = 'T("t", metadata, C("id", sa.Integer, primary_key=True), C("s", sa.Enum({labels}, name="state")))'
    between(
        bare,
        table.format(labels='"new", "shiped", "done"'),
        table.format(labels='"new", "shipped", "done", "lost"'),
        "INSERT INTO t (s) VALUES ('shiped'), ('shiped'), ('new')",
    )
    first, *rest = found(wb)

    reasons = ("names are alike", "same place in the enum, behind 'new'", "2 rows have 'shiped'")
    expected = ("value state.shiped", "shipped", reasons, ("1 value gone, 2 new",))
    assert expected == (first.key, first.come, first.reasons, first.against)
    assert first.score >= 0.75
    assert all(each.come == "lost" and each.score < 0.2 for each in rest)


@ON_POSTGRESQL
@pytest.mark.parametrize("dropped", [("a",), ("a", "b")])
def test_values_that_only_went(bare: Project, wb: Workbench, dropped: tuple[str, ...]) -> None:
    """Where labels were only taken away there is nothing to rename."""
    labels = ["a", "b", "c"]
    left = [each for each in labels if each not in dropped]
    table = 'T("t", metadata, C("id", sa.Integer, primary_key=True), C("s", sa.Enum(*{labels}, name="state")))'
    between(bare, table.format(labels=labels), table.format(labels=left))

    assert () == found(wb)


@ON_POSTGRESQL
def test_a_table_that_cannot_be_read(bare: Project, wb: Workbench) -> None:
    """Where the rows cannot be read, the candidate is there, and its last reason says what the database said."""
    between(
        bare,
        CUSTOMER.format(columns='C("nickname", sa.String(80))'),
        CUSTOMER.format(columns='C("display_name", sa.String(80))'),
    )
    ask = asking(wb._client)

    def refused(sql: str, database: str) -> Any:
        return ask(sql.replace("customer", "no_such_table"), database)

    (only,) = candidates(wb.schema(), wb.schema("models"), refused, wb.diff().changes)

    assert f'{NOT_ASKED} (relation "no_such_table" does not exist)' == only.reasons[-1]
