"""Native enums of PostgreSQL in a Draft: Alembic's own comparison does not look at their values."""

from __future__ import annotations

import pytest

from tests.authoring.test_draft import MAKO, applied, begin, body, keys, models, rows
from tests.authoring.test_draft_checks import undone
from tests.kept import ON_POSTGRESQL
from tests.safety.projects import Project
from workbench import Workbench

pytestmark = ON_POSTGRESQL

TICKET = """
state = sa.Enum({values}, name="ticket_state")
sa.Table("ticket", metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("state", state, nullable=False, server_default="new"),
    {more}
)
"""


@pytest.fixture
def project(bare: Project) -> Project:
    """An environment without revisions, whose template writes code."""
    (bare.folder / "migrations" / "script.py.mako").write_text(MAKO)
    return bare


def values(project: Project) -> list[str]:
    """The values of all enums, in their order."""
    found = rows(project, "SELECT enumlabel FROM pg_enum ORDER BY enumtypid, enumsortorder")
    return [label for (label,) in found]


def test_values_that_come(project: Project, wb: Workbench) -> None:
    """At their place, outside of the transaction, and gone again after the downgrade; the default stays."""
    begin(project, wb, TICKET.format(values='"new", "paid", "sent"', more=""))
    rows(project, "INSERT INTO ticket (id) VALUES (1)")
    assert keys(wb.revision("nothing is left")) == {}

    models(project, TICKET.format(values='"draft", "new", "paid", "shipped", "sent", "lost"', more=""))
    draft = wb.revision("tell where tickets are")
    assert keys(draft) == dict.fromkeys(
        [
            "add_enum_value ticket_state.draft",
            "add_enum_value ticket_state.shipped",
            "add_enum_value ticket_state.lost",
        ],
        True,
    )
    block = '    with op.get_context().autocommit_block():\n        op.execute("ALTER TYPE ticket_state ADD VALUE {}")'
    added = ("'draft' BEFORE 'new'", "'shipped' AFTER 'paid'", "'lost'")
    assert body(draft)[0] == "\n".join(block.format(f"IF NOT EXISTS {each}") for each in added)
    applied(wb, draft)
    assert values(project) == ["draft", "new", "paid", "shipped", "sent", "lost"]
    assert keys(wb.revision("nothing is left")) == {}
    undone(wb, draft)
    assert values(project) == ["new", "paid", "sent"]
    rows(project, "INSERT INTO ticket (id) VALUES (2)")
    assert rows(project, "SELECT id, state::text FROM ticket ORDER BY id") == [(1, "new"), (2, "new")]


def test_values_that_go_or_move(project: Project, wb: Workbench) -> None:
    """Unticked; their rows get what the author says, and without that nothing is lost: it fails."""
    begin(project, wb, TICKET.format(values='"new", "paid", "gone"', more=""))
    rows(project, "INSERT INTO ticket (id, state) VALUES (1, 'gone'), (2, 'paid')")
    models(project, TICKET.format(values='"paid", "lost", "new"', more=""))
    draft = wb.revision("forget what is gone")
    assert keys(draft) == {"add_enum_value ticket_state.lost": True, "modify_enum ticket_state": False}

    draft = draft.tick("modify_enum *")
    assert [(each.kind, each.key) for each in draft.questions] == [("fill", "modify_enum ticket_state")]
    rehearsal = wb.rehearse(draft)
    assert rehearsal.error is not None
    draft = draft.fill("modify_enum ticket_state", "'lost'")
    assert draft.questions == ()
    applied(wb, draft)
    assert values(project) == ["paid", "lost", "new"]
    assert rows(project, "SELECT id, state::text FROM ticket ORDER BY id") == [(1, "lost"), (2, "paid")]
    assert keys(wb.revision("nothing is left")) == {}
    rows(project, "UPDATE ticket SET state = 'new' WHERE id = 1")
    undone(wb, draft)
    assert values(project) == ["new", "paid", "gone"]


def test_a_value_with_another_name(project: Project, wb: Workbench) -> None:
    """A candidate, then a decision: the rows keep it, there and back."""
    begin(project, wb, TICKET.format(values='"new", "paid", "sent"', more=""))
    rows(project, "INSERT INTO ticket (id, state) VALUES (1, 'sent')")
    models(project, TICKET.format(values='"new", "paid", "shipped", "lost"', more=""))
    draft = wb.revision("call it shipped")
    assert ("rename", "value ticket_state.sent", "shipped") in [
        (each.kind, each.key, each.options[0][0]) for each in draft.questions if each.options
    ]
    draft = draft.rename("value ticket_state.sent", "shipped")
    assert keys(draft) == {"rename_value ticket_state.sent": True, "add_enum_value ticket_state.lost": True}
    applied(wb, draft)
    assert rows(project, "SELECT state::text FROM ticket") == [("shipped",)]
    assert keys(wb.revision("nothing is left")) == {}
    undone(wb, draft)
    assert values(project) == ["new", "paid", "sent"]
    assert rows(project, "SELECT state::text FROM ticket") == [("sent",)]


def test_the_type_comes_and_goes_with_what_uses_it(project: Project, wb: Workbench) -> None:
    """Made once for two tables and a column, dropped on the way back; and the other way round."""
    level = 'level = sa.Enum("low", "it\'s high", name="Level")\n'
    ticket = TICKET.format(values='"new", "paid"', more="")
    with_level = level + TICKET.format(values='"new", "paid"', more='sa.Column("level", level),')
    more = 'sa.Table("{0}", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("level", level))\n'
    begin(project, wb, ticket)
    models(project, with_level, more.format("a"), more.format("b"))
    draft = wb.revision("add levels")
    assert keys(draft) == dict.fromkeys(
        ["add_enum Level", "add_table a", "add_table b", "add_column ticket.level"], True
    )
    applied(wb, draft)
    assert values(project) == ["new", "paid", "low", "it's high"]
    assert keys(wb.revision("nothing is left")) == {}

    models(project, ticket)
    back = wb.revision("take the levels away")
    assert keys(back)["remove_enum Level"] is False
    back = back.tick("remove_table *", "remove_column *")
    assert keys(back)["remove_enum Level"] is True
    applied(wb, back)
    assert values(project) == ["new", "paid"]
    undone(wb, back)
    assert values(project) == ["new", "paid", "low", "it's high"]
    undone(wb, draft)
    assert values(project) == ["new", "paid"]


def test_a_text_becomes_an_enum(project: Project, wb: Workbench) -> None:
    """And back: the values are told how to get there."""
    note = 'sa.Table("note", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("kind", {}))'
    begin(project, wb, note.format("sa.String(5)"))
    rows(project, "INSERT INTO note (id, kind) VALUES (1, 'b')")
    models(project, note.format('sa.Enum("a", "b", name="note_kind")'))
    draft = wb.revision("tell kinds apart")
    applied(wb, draft)
    assert keys(wb.revision("nothing is left")) == {}
    undone(wb, draft)
    assert rows(project, "SELECT kind FROM note") == [("b",)]
    assert values(project) == []
