"""The schema that models declare, without a server."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.sql.ddl import CreateView

from workbench.bridge.catalogue import models, reading
from workbench.results.objects import Column, Constraint, Index, SchemaObject, Table, View

DIALECTS: dict[str, sa.Dialect] = {name: registry.load(name)() for name in ("mysql", "postgresql", "sqlite")}
CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def declared() -> sa.MetaData:
    """Models with something of everything."""
    metadata = sa.MetaData(naming_convention=CONVENTION)
    parent = sa.Table(
        "parent", metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(40), nullable=False, server_default="it's", unique=True, comment="their name"),
        sa.Column("mood", sa.Enum("sad", "o'k", name="mood")),
        sa.Column("made", sa.DateTime, server_default=sa.func.now()),
        sa.Column("on", sa.Boolean(create_constraint=True, name="on")),
        sa.CheckConstraint("length(name) > 0", name="len"),
        comment="the parents", mysql_engine="InnoDB", sqlite_with_rowid=False,
    )  # fmt: skip
    sa.Table(
        "child", metadata,
        sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
        sa.Column("a b", sa.ForeignKey("parent.id", ondelete="cascade", deferrable=True, initially="DEFERRED")),
        sa.Column("gone", sa.ForeignKey("elsewhere.gone.id")),
        sa.Column("self", sa.ForeignKey("child.id")),
        sa.Column("twice", sa.Integer, sa.Computed("id * 2", persisted=True)),
    )  # fmt: skip
    sa.Index(
        "ix_lower", sa.func.lower(parent.c.name), parent.c.id.desc(), unique=True,
        postgresql_where=parent.c.id > 3, sqlite_where=parent.c.id > 3, postgresql_include=["made"],
    )  # fmt: skip
    sa.Sequence("s", start=5, increment=2, metadata=metadata)
    sa.Table("t", metadata, sa.Column("a", sa.Text), schema="public")
    CreateView(sa.select(parent.c.id).where(parent.c.name == "x"), "v", metadata=metadata, schema="sales")
    return metadata


CHILD = (
    Constraint("primary key", "pk_child", ("id",), "PRIMARY KEY (id)"),
    Constraint(
        "foreign key", "fk_child_a b_parent", ("a b",),
        'FOREIGN KEY ("a b") REFERENCES parent (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED',
        referred_table="parent", referred_columns=("id",), on_delete="CASCADE",
    ),
    Constraint(
        "foreign key", "fk_child_gone_gone", ("gone",), "FOREIGN KEY (gone) REFERENCES elsewhere.gone (id)",
        referred_schema="elsewhere", referred_table="gone", referred_columns=("id",),
    ),
    Constraint(
        "foreign key", "fk_child_self_child", ("self",), "FOREIGN KEY (self) REFERENCES child (id)",
        referred_table="child", referred_columns=("id",),
    ),
)  # fmt: skip
POSTGRESQL = (
    Table(
        "table", "child", constraints=CHILD,
        columns=(
            Column("id", "INTEGER", nullable=False, primary_key=True, identity="ALWAYS"), Column("a b", "INTEGER"),
            Column("gone", "(no type)"), Column("self", "INTEGER"),
            Column("twice", "INTEGER", generated="(id * 2) STORED"),
        ),
    ),
    Table(
        "table", "parent", comment="the parents",
        columns=(
            Column("id", "INTEGER", nullable=False, primary_key=True),
            Column("name", "VARCHAR(40)", nullable=False, default="'it''s'", comment="their name"),
            Column("mood", "mood"), Column("made", "TIMESTAMP WITHOUT TIME ZONE", default="now()"),
            Column("on", "BOOLEAN"),
        ),
        constraints=(
            Constraint("primary key", "pk_parent", ("id",), "PRIMARY KEY (id)"),
            Constraint("check", "ck_parent_len", (), "CHECK (length(name) > 0)"),
            Constraint("unique", "uq_parent_name", ("name",), "UNIQUE (name)"),
        ),
        indexes=(
            Index("ix_lower", ("lower(name)", "id"), "CREATE UNIQUE INDEX ix_lower ON parent (lower(name), id DESC) "
                  "INCLUDE (made) WHERE id > 3", unique=True, where="id > 3", include=("made",)),
        ),
    ),
    Table("table", "t", columns=(Column("a", "TEXT"),)),
    View("view", "v", "sales", definition="SELECT parent.id \nFROM parent \nWHERE parent.name = 'x'",
         columns=(Column("id", "INTEGER"),)),
    SchemaObject("enum", "mood", definition="'sad', 'o''k'"),
    SchemaObject("sequence", "s", definition="INCREMENT BY 2 START WITH 5"),
)  # fmt: skip


def test_on_postgresql() -> None:
    """With the names that a convention gives, and the types, enums and sequences of the dialect."""
    assert POSTGRESQL == models.of_metadata(declared(), DIALECTS["postgresql"], "public")


@pytest.mark.parametrize(
    "dialect, options, types, checks, identity",
    [
        (DIALECTS["mysql"], "ENGINE=InnoDB", ("VARCHAR(40)", "ENUM('sad','o''k')", "DATETIME", "BOOL"),
         ["ck_parent_len", "ck_parent_on"], ("AUTO_INCREMENT", "the parents")),
        (DIALECTS["sqlite"], "WITHOUT ROWID", ("VARCHAR(40)", "VARCHAR(3)", "DATETIME", "BOOLEAN"),
         ["ck_parent_len", "ck_parent_on"], (None, None)),
    ],
    ids=["mysql", "sqlite"],
)  # fmt: skip
def test_on_others(
    dialect: sa.Dialect, options: str, types: tuple[str, ...], checks: list[str], identity: tuple[str | None, ...]
) -> None:
    """No enums and no sequences there; an Enum's type, a Boolean's CHECK and the table's options are the dialect's."""
    found = {each.qualified: each for each in models.of_metadata(declared(), dialect, "public")}
    parent = found["parent"]

    assert ["child", "parent", "t", "sales.v"] == list(found)
    assert isinstance(parent, Table)
    assert (options, types, checks, identity) == (
        parent.definition, tuple(each.type for each in parent.columns[1:]),
        [each.name for each in parent.constraints if each.kind == "check"],
        (parent.columns[0].identity, parent.comment),
    )  # fmt: skip


def test_on_sqlite_it_is_what_create_all_makes() -> None:
    """Models of plain things are told as the database tells them once they are there."""
    metadata = sa.MetaData()
    sa.Table(
        "t", metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("a", sa.String(9), sa.ForeignKey("u.id", name="fk"), nullable=False, server_default="x"),
        sa.UniqueConstraint("a", name="uq"), sa.CheckConstraint("a > 3", name="ck"),
    )  # fmt: skip
    sa.Table("u", metadata, sa.Column("id", sa.String(9), primary_key=True), sa.Column("b", sa.Float))
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection)

        assert reading.read(connection) == models.of_metadata(metadata, engine.dialect, "main")


def test_names_are_as_long_as_the_database_lets_them_be() -> None:
    """A name that a convention makes too long is cut as it is in DDL."""
    metadata = sa.MetaData(naming_convention=CONVENTION)
    table = sa.Table("t" * 60, metadata, sa.Column("a", sa.Integer, index=True))
    (told,) = models.of_metadata(metadata, DIALECTS["postgresql"], "public")
    (index,) = table.indexes
    written = str(sa.schema.CreateIndex(index).compile(dialect=DIALECTS["postgresql"])).split()[2]

    assert isinstance(told, Table)
    assert len(written) < 63
    assert [written] == [each.name for each in told.indexes]


def test_nothing_and_several() -> None:
    """No models are an empty schema; several MetaData are one."""
    one, two = sa.MetaData(), sa.MetaData()
    sa.Table("b", one, sa.Column("x", sa.Integer))
    sa.Table("a", two, sa.Column("x", sa.Integer))
    dialect = DIALECTS["postgresql"]

    assert () == models.of_metadata(sa.MetaData(), dialect, "public")
    assert ["a", "b"] == [each.name for each in models.of_metadata([one, two], dialect, "public")]
