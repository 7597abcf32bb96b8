"""The recorder: `op.…` typed in a cell becomes a Draft, each call tried before it is taken down."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from tests.authoring.test_draft import CUSTOMER, MAKO, NICKNAME, begin, body, rows
from tests.kept import ON_POSTGRESQL, ON_SQLITE
from tests.safety.projects import Project
from workbench import Workbench
from workbench.errors import MigrationFailed, UnsupportedRequest

TYPED = r"""
op.create_table('note', sa.Column('id', sa.Integer(), autoincrement=False, nullable=False, primary_key=True), \
sa.Column('customer', sa.Integer(), sa.ForeignKey('customer.id', name='fk_note', ondelete='CASCADE'), nullable=True), \
sa.Column('at', sa.Date(), nullable=True, index=True))
op.bulk_insert(sa.table('note', sa.column('id', sa.Integer()), sa.column('customer', sa.Integer()), \
sa.column('at', sa.Date())), [{'id': 1, 'customer': 1, 'at': datetime.date(2026, 1, 31)}])
with op.batch_alter_table('customer') as batch_op:
    batch_op.alter_column('nickname', new_column_name='alias', existing_type=sa.String(length=40))
    batch_op.add_column(sa.Column('email', sa.String(length=40), server_default=sa.text("DEFAULT"), nullable=True))
op.execute(sa.text("UPDATE customer SET alias='it''s \\:me'"))
""".replace("\\\n", "")


@pytest.fixture
def project(bare: Project, wb: Workbench) -> Project:
    """A database at its head, with a row."""
    (bare.folder / "migrations" / "script.py.mako").write_text(MAKO)
    begin(bare, wb, CUSTOMER.format(columns=NICKNAME))
    rows(bare, "INSERT INTO customer (id, name, nickname) VALUES (1, 'Ann', 'annie')")
    return bare


def test_what_is_typed_becomes_a_revision(project: Project, wb: Workbench) -> None:
    """As it was typed, with its way back; it goes there and back, and the live database is as it was."""
    before = rows(project, "SELECT * FROM customer")
    with wb.record("let customers have notes") as op:
        note = op.create_table(
            "note",
            sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("customer", sa.Integer, sa.ForeignKey("customer.id", name="fk_note", ondelete="CASCADE")),
            sa.Column("at", sa.Date, index=True),
        )
        op.bulk_insert(note, [{"id": 1, "customer": 1, "at": dt.date(2026, 1, 31)}])
        with op.batch_alter_table("customer") as batch_op:
            batch_op.alter_column("nickname", new_column_name="alias", existing_type=sa.String(40))
            batch_op.add_column(sa.Column("email", sa.String(40), server_default=sa.func.lower("X")))
        op.execute(sa.update(sa.table("customer", sa.column("alias"))).values(alias="it's :me"))
    recorder = op.recorder
    default = "(lower('X'))" if project.url.startswith("sqlite") else "lower('X')"

    assert TYPED.replace("DEFAULT", default).strip() == "\n".join(recorder.operations)
    assert "import datetime\n" in recorder.draft.code
    assert recorder.rehearsal is recorder.draft.rehearsal
    assert (True, ()) == (recorder.rehearsal.ok, recorder.rehearsal.lost)
    assert "Nothing takes back op.execute(" in str(recorder.draft)
    assert before == rows(project, "SELECT * FROM customer")
    assert 1 == len(list(project.versions.glob("*.py")))


@ON_SQLITE
@pytest.mark.usefixtures("project")
def test_what_fails_is_not_taken_down(wb: Workbench) -> None:
    """Each error says why; what was recorded before stays, and the last of it can be taken back."""
    recorder = wb.record("try things")
    op = recorder.op
    op.add_column("customer", sa.Column("email", sa.String(40)))
    first = recorder.operations
    refused: dict[str, tuple[type[Exception], Any]] = {
        "There is no operation 'poem' in the Alembic of this project.": (UnsupportedRequest, lambda: op.poem("x")),
        "customer has no column 'poem'.": (UnsupportedRequest, lambda: op.drop_column("customer", "poem")),
        "A recorded op has no connection: nothing may reach the live database before apply().": (
            UnsupportedRequest, op.get_bind,
        ),
        "A object cannot be written into a revision file.": (UnsupportedRequest, lambda: op.execute(object())),
        "the database refused a statement.": (
            MigrationFailed, lambda: op.add_column("nowhere", sa.Column("x", sa.Integer)),
        ),
        "Alembic cannot make an operation of this: TypeError: ": (UnsupportedRequest, op.drop_table),
    }  # fmt: skip
    for message, (kind, call) in refused.items():
        with pytest.raises(kind) as told:
            call()
        assert message in told.value.message  # type: ignore[attr-defined]

    assert first == recorder.operations
    op.execute("UPDATE customer SET email = 'x'")
    with pytest.raises(MigrationFailed):
        recorder.back("op.drop_table('nowhere')")
    recorder.back("op.execute('UPDATE customer SET email = NULL')")
    assert "Nothing takes back" not in str(recorder.draft)
    recorder.undo()
    recorder.undo()
    assert first == recorder.operations
    assert f"Recorder('try things', 1 recorded)\n  {first[0]}" == repr(recorder)
    recorder.undo()
    recorder.undo()
    assert recorder.draft.is_empty


@ON_POSTGRESQL
def test_operations_of_the_projects_own_and_types_of_the_database(project: Project, wb: Workbench) -> None:
    """What env.py registers can be recorded, with its own way back; imports are written into the file."""
    (project.folder / "sequences.py").write_text(SEQUENCES)
    project.env("import sqlalchemy as sa, sequences\nmetadata = sa.MetaData()", metadata="metadata")
    with wb.record("count visits") as op:
        op.create_sequence("visits")
        op.add_column("customer", sa.Column("about", postgresql.JSONB))
    code = op.recorder.draft.code

    assert "from sqlalchemy.dialects import postgresql\n" in code
    made = "sa.Column('about', postgresql.JSONB(astext_type=sa.Text()), nullable=True)"
    assert (
        f"    op.create_sequence('visits')\n    op.add_column('customer', {made})",
        "    op.drop_column('customer', 'about')\n    op.drop_sequence('visits')",
    ) == body(op.recorder.draft)
    assert (True, ()) == (op.recorder.rehearsal.ok, op.recorder.rehearsal.lost)


SEQUENCES = """
from alembic.autogenerate import renderers
from alembic.operations import MigrateOperation, Operations

@Operations.register_operation("create_sequence")
class CreateSequenceOp(MigrateOperation):
    def __init__(self, name):
        self.name = name

    @classmethod
    def create_sequence(cls, operations, name):
        return operations.invoke(cls(name))

    def reverse(self):
        return DropSequenceOp(self.name)

@Operations.register_operation("drop_sequence")
class DropSequenceOp(MigrateOperation):
    def __init__(self, name):
        self.name = name

    @classmethod
    def drop_sequence(cls, operations, name):
        return operations.invoke(cls(name))

@Operations.implementation_for(CreateSequenceOp)
def create_sequence(operations, operation):
    operations.execute(f"CREATE SEQUENCE {operation.name}")

@Operations.implementation_for(DropSequenceOp)
def drop_sequence(operations, operation):
    operations.execute(f"DROP SEQUENCE {operation.name}")

@renderers.dispatch_for(DropSequenceOp)
def render_drop(context, op):
    return f"op.drop_sequence({op.name!r})"
"""
