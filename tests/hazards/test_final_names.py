"""An operation has the name that its constraint or index has in the database, whatever a naming convention does."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tests.kept import ON_POSTGRESQL
from tests.safety.projects import Project
from workbench import Workbench
from workbench.results import Plan
from workbench.results.operations import Operation

_LONG = "of_which_the_name_is_longer_than_any_server_but_one_would_ever_take_it"
_CONVENTION = """
    import sqlalchemy as sa

    metadata = sa.MetaData(naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    })
"""
_TABLES = """
    op.create_table("author", sa.Column("id", sa.Integer, primary_key=True))
    op.create_table(
        "book",
        sa.Column("id", sa.Integer),
        sa.Column("author_id", sa.Integer),
        sa.Column("title", sa.String(40), index=True),
        sa.Column("price", sa.Integer),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["author_id"], ["author.id"]),
        sa.UniqueConstraint("price"),
        sa.CheckConstraint("price > 0", name="price"),
        sa.CheckConstraint("price < 900", name=op.f("kept")),
    )
"""
_CHANGES = f"""
    op.create_check_constraint("title", "book", "title <> ''")
    op.create_check_constraint(op.f("as_it_is"), "book", "title <> 'a'")
    op.create_check_constraint("{_LONG}", "book", "title <> 'b'")
    op.create_unique_constraint(None, "book", ["title"])
    op.create_unique_constraint("mine", "book", ["title", "price"])
    op.create_foreign_key(None, "book", "author", ["price"], ["id"])
    op.create_index(None, "book", ["price"])
    op.create_index("given", "book", ["price", "id"])
"""
_DROPS = f"""
    op.drop_constraint("title", "book", type_="check")
    op.drop_constraint(op.f("as_it_is"), "book", type_="check")
    op.drop_constraint("{_LONG}", "book", type_="check")
    op.drop_constraint("mine", "book", type_="unique")
    op.drop_index("given", table_name="book")
"""
_IN_BATCH = f"""
    with op.batch_alter_table("book") as batch_op:
        batch_op.create_check_constraint("title", "title <> ''")
        batch_op.create_check_constraint(op.f("as_it_is"), "title <> 'a'")
        batch_op.create_check_constraint("{_LONG}", "title <> 'b'")
        batch_op.create_unique_constraint("uq_book_title", ["title"])
        batch_op.create_foreign_key(None, "author", ["price"], ["id"])
        batch_op.create_index(None, ["price"])
"""
Told = list[tuple[str, str, bool]]


def told(operations: tuple[Operation, ...]) -> Told:
    """Of each operation that has a name, and of its parts: what it is, the name, and whether that is final."""
    found = [each for op in operations for each in (op, *op.parts)]
    return [(each.kind, each.name, each.final) for each in found if each.name]


def names(project: Project) -> set[str]:
    """The names that constraints and indexes of the table have in the database."""
    look = sa.inspect(sa.create_engine(project.url, poolclass=NullPool))
    keys = [look.get_pk_constraint("book")]
    found = [
        *look.get_check_constraints("book"), *look.get_unique_constraints("book"), *look.get_foreign_keys("book"),
        *look.get_indexes("book"), *keys,
    ]  # fmt: skip
    return {str(each["name"]) for each in found if each.get("name")}


def applied(plan: Plan) -> Plan:
    """The Plan, which is run as well."""
    run = plan.apply(preflight=False)

    assert run.ok, run.error
    return plan


def test_what_is_told_is_what_is_there(bare: Project, wb: Workbench) -> None:
    """Of a CREATE TABLE, of constraints and indexes that are made and dropped, alone and in a batch."""
    bare.env(_CONVENTION, metadata="metadata")
    dialect = "sqlite" if bare.url.startswith("sqlite") else "postgresql" if "postgres" in bare.url else "mariadb"
    bare.revision("r1", None, _TABLES)
    bare.revision("r2", "r1", _IN_BATCH if dialect == "sqlite" else _CHANGES, _DROPS)
    (step,) = applied(wb.upgrade("r1")).steps
    own = {"pk_book"} if dialect != "mariadb" else set()  # there it is PRIMARY, whatever its name

    assert told(step.operations) == [
        ("create_primary_key", "pk_book", True),
        ("create_foreign_key", "fk_book_author_id_author", True),
        ("create_unique_constraint", "uq_book_price", True),
        ("create_check_constraint", "ck_book_price", True),
        ("create_check_constraint", "kept", True),
        ("create_index", "ix_book_title", True),
    ]
    assert own | {name for _, name, _ in told(step.operations)} - {"pk_book"} <= names(bare)

    long = f"ck_book_{_LONG}"
    if dialect != "sqlite":
        limit = 63 if dialect == "postgresql" else 64
        long = next(each for each in applied_names(wb, bare) if each.startswith("ck_book_of") and len(each) <= limit)
    (step,) = wb.upgrade("r2").steps if dialect == "sqlite" else wb.downgrade("r1").steps
    if dialect == "sqlite":
        assert told(step.operations) == [
            ("create_check_constraint", "ck_book_title", True),
            ("create_check_constraint", "as_it_is", True),
            ("create_check_constraint", long, True),
            ("create_unique_constraint", "uq_book_title", False),
            ("create_foreign_key", "fk_book_price_author", True),
            ("create_index", "ix_book_price", True),
        ]
        applied(wb.upgrade("r2"))
        assert {name for _, name, _ in told(step.operations)} <= names(bare)
        return

    assert told(step.operations) == [
        ("drop_constraint", "ck_book_title", True),
        ("drop_constraint", "as_it_is", True),
        ("drop_constraint", long, True),
        ("drop_constraint", "mine", False),
        ("drop_index", "given", False),
    ]
    before = names(bare)
    applied(wb.downgrade("r1"))
    assert before - names(bare) == {name for _, name, _ in told(step.operations)}


def applied_names(wb: Workbench, project: Project) -> set[str]:
    """What the second revision makes, told and found alike."""
    before = names(project)
    (step,) = applied(wb.upgrade("r2")).steps
    made = names(project) - before
    heard = told(step.operations)

    assert [(kind, name, final) for kind, name, final in heard if not name.startswith("ck_book_of")] == [
        ("create_check_constraint", "ck_book_title", True),
        ("create_check_constraint", "as_it_is", True),
        ("create_unique_constraint", "uq_book_title", True),
        ("create_unique_constraint", "mine", False),
        ("create_foreign_key", "fk_book_price_author", True),
        ("create_index", "ix_book_price", True),
        ("create_index", "given", False),
    ]
    assert made == {name for _, name, _ in heard}
    return made


@ON_POSTGRESQL
@pytest.mark.parametrize("is_final", [True, False])
def test_a_check_and_what_validates_it_are_the_same(bare: Project, wb: Workbench, is_final: bool) -> None:
    """VALIDATE has the name of the database; the operation before it has that of the code."""
    bare.env(_CONVENTION, metadata="metadata")
    name = "op.f('ck_book_title')" if is_final else "'title'"
    bare.revision("r1", None, _TABLES)
    bare.revision(
        "r2",
        "r1",
        f"""
        op.create_check_constraint({name}, "book", "title <> ''", postgresql_not_valid=True)
        op.execute("ALTER TABLE book VALIDATE CONSTRAINT ck_book_title")
        """,
    )
    applied(wb.upgrade("r1"))

    assert ["pg-validate-in-same-transaction"] == [
        each.rule for each in wb.upgrade("r2").findings if each.rule.startswith("pg-validate")
    ]


@ON_POSTGRESQL
def test_without_a_convention_names_are_as_they_are_given(bare: Project, wb: Workbench) -> None:
    """Only an index without a name gets one, from SQLAlchemy itself; `op.f()` says that a name is final."""
    bare.revision("r1", None, _TABLES)
    bare.revision(
        "r2",
        "r1",
        """
        op.create_check_constraint("title", "book", "title <> ''")
        op.create_index(None, "book", ["price"])
        op.create_index(op.f("i"), "book", ["price", "id"])
        op.create_unique_constraint(None, "book", ["title"])
        """,
    )
    first, second = wb.upgrade("r2").steps

    assert told(first.operations) == [
        ("create_check_constraint", "price", False),
        ("create_check_constraint", "kept", True),
        ("create_index", "ix_book_title", True),
    ]
    assert told(second.operations) == [
        ("create_check_constraint", "title", False),
        ("create_index", "ix_book_price", True),
        ("create_index", "i", True),
    ]


@ON_POSTGRESQL
@pytest.mark.parametrize(
    "code",
    [
        'op.create_index(None, "book", ["price"])',
        'op.create_unique_constraint(None, "book", ["title"])',
        'op.create_unique_constraint("mine", "book", ["title", "price"])',
        'op.create_check_constraint("title", "book", "title <> \'\'")',
        'op.create_check_constraint(op.f("as_it_is"), "book", "title <> \'a\'")',
        'op.create_foreign_key(None, "book", "author", ["price"], ["id"])',
        'op.alter_column("book", "title", nullable=False)',
    ],
)
def test_a_safer_way_makes_the_same_names(bare: Project, wb: Workbench, code: str) -> None:
    """As the operation that it stands in for, whoever names it; and no name of the way there is left."""
    bare.env(_CONVENTION, metadata="metadata")
    bare.revision("r1", None, _TABLES)
    bare.revision("r2", "r1", code)
    applied(wb.upgrade("r1"))
    offered = [each.rewrite for each in wb.upgrade("r2").findings if each.rewrite and not each.rewrite.around]
    applied(wb.upgrade("r2"))
    meant = names(bare)

    bare.execute("DROP TABLE book, author, alembic_version")
    bare.revision("r2", "r1", "\n".join((*offered[0].imports, offered[0].upgrade)))
    applied(wb.upgrade("r2"))

    assert len(offered) == 1
    assert meant == names(bare)
