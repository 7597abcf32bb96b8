"""Blame tells which revision made a table or a column, and which have changed it since, by whatever name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.safety.projects import Project, project
from workbench import Workbench
from workbench.errors import MigrationFailed, UnsupportedRequest
from workbench.results import Blame

CUSTOMER = """\
customer: made by c057e4a1, touched by 2 revisions since.
  c057e4a1  made table customer            (id INTEGER NOT NULL, name VARCHAR(80) NOT NULL, email VARCHAR(120), nickname VARCHAR(40)…  create customer and address
  fade9a3b  renamed column customer.phone  phone_no → phone                                                                            rename customer.phone_no to phone
  5711b0a7  + column customer.first_name   VARCHAR(80)                                                                                 split customer name                pending
  5711b0a7  + column customer.last_name    VARCHAR(80)                                                                                 split customer name                pending
  5711b0a7  - column customer.name         VARCHAR(80) NOT NULL                                                                        split customer name                pending"""  # noqa: E501
PHONE = """\
customer.phone: made by c057e4a1, touched by 1 revision since.
  c057e4a1  made column customer.phone_no  VARCHAR(40)       create customer and address
  fade9a3b  renamed column customer.phone  phone_no → phone  rename customer.phone_no to phone"""


def test_sample(sample: Path, sqlite_url: str) -> None:
    """Who made it, what was renamed, what is pending; data alone and merges touch nothing; names are suggested."""
    with Workbench(sample, url=sqlite_url) as workbench:
        assert workbench.upgrade("fade9a3b0c12").apply().ok
        told = [str(workbench.blame("customer")), str(workbench.blame("CUSTOMER", "Phone"))]
        page = workbench.blame("customer")._repr_html_()
        old = workbench.blame("customer", "phone_no")
        view = workbench.blame("daily_sales")
        refused = []
        for names in (("custmer",), ("customer", "phon")):
            with pytest.raises(UnsupportedRequest) as error:
                workbench.blame(*names)
            refused.append(str(error.value))

    assert [CUSTOMER, PHONE] == told
    assert page.count("<tr") == 6
    assert "phone_no → phone" in page
    assert "data-" not in page
    assert seen(old) == ["c057e4a11e55 made column customer.phone_no", "fade9a3b0c12 renamed column customer.phone"]
    assert ("Since fade9a3b0c12 it is called customer.phone.",) == old.notes
    assert seen(view) == ["da117ca5b0c4 made view daily_sales"]
    assert refused == [
        "Neither the live database nor any revision has a table 'custmer'.\nWhat to do: Did you mean customer?",
        "customer never had a column 'phon'.\nWhat to do: Did you mean phone, phone_no?",
    ]


def seen(blame: Blame) -> list[str]:
    """The touches, without definitions."""
    return [
        f"{each.revision} {each.delta.sign if each.did == 'changed' else each.did} {each.delta.kind} {each.delta.shown}"
        for each in blame.touches
    ]


def eventful(folder: Path, url: str) -> Project:
    """A table that was dropped and made again, then renamed with a column on one branch and widened on another."""
    made = project(folder, url)
    sale = "'sale', sa.Column('id', sa.Integer, primary_key=True), sa.Column('sum', sa.Integer)"
    made.revision("r1", None, f"op.create_table({sale})", "op.drop_table('sale')")
    made.revision("r2", "r1", "op.drop_table('sale')", "pass")
    made.revision("r3", "r2", f"op.create_table({sale})", "pass")
    made.revision("r4", "r3", "op.execute('INSERT INTO sale (id, sum) VALUES (1, 2)')")
    made.revision("a1", "r4", "op.execute('ALTER TABLE sale RENAME COLUMN sum TO total')")
    made.revision("a2", "a1", "op.rename_table('sale', 'orders')")
    made.revision("a3", "a2", "op.create_index('total', 'orders', ['total'])\nop.create_index('ix', 'orders', ['id'])")
    made.revision("b1", "r4", "op.add_column('sale', sa.Column('note', sa.String(9)))")
    made.revision("m1", ("a3", "b1"))
    return made


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_renames_branches_and_what_was_made_by_hand(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The old name counts where the new one is not given yet, also on the other branch; merges and rows touch nothing.

    An index counts for the columns that it has, not for one whose name it bears.
    """
    made = eventful(tmp_path, str(request.getfixturevalue(f"{kind}_url")))
    with made.workbench() as workbench:
        assert workbench.upgrade("m1").apply().ok
        made.execute("ALTER TABLE orders ADD COLUMN byhand INTEGER", "CREATE TABLE loose (id INTEGER)")
        found = {
            what: workbench.blame(*what)
            for what in (("orders",), ("orders", "total"), ("orders", "id"), ("orders", "note"), ("orders", "byhand"),
                         ("loose",), ("sale",))
        }  # fmt: skip
        made.execute("DROP INDEX total", "ALTER TABLE orders DROP COLUMN total")
        dropped = workbench.blame("orders", "total")

    told = {".".join(what): ([each for each in seen(blame) if "sequence" not in each], blame.notes)
            for what, blame in found.items()}  # fmt: skip
    by_hand = "is live, and no revision makes it: made by hand, or before the history begins."

    assert told == {
        "orders": (
            [
                "r1 made table sale", "r2 removed table sale", "r3 made table sale", "b1 + column sale.note",
                "a1 renamed column sale.total", "a2 renamed table orders", "a3 + index orders.ix",
                "a3 + index orders.total",
            ],
            (),
        ),
        "orders.total": (
            [
                "r1 made column sale.sum", "r2 removed column sale.sum", "r3 made column sale.sum",
                "a1 renamed column sale.total", "a2 renamed table orders", "a3 + index orders.total",
            ],
            (),
        ),
        "orders.id": (
            [
                "r1 made column sale.id", "r2 removed column sale.id", "r3 made column sale.id",
                "a2 renamed table orders", "a3 + index orders.ix",
            ],
            (),
        ),
        "orders.note": (["b1 made column sale.note"], ()),
        "orders.byhand": ([], (f"orders.byhand {by_hand}",)),
        "loose": ([], (f"loose {by_hand}",)),
        "sale": (
            [
                "r1 made table sale", "r2 removed table sale", "r3 made table sale", "b1 + column sale.note",
                "a1 renamed column sale.total", "a2 renamed table orders",
            ],
            ("Since a2 it is called orders.",),
        ),
    }  # fmt: skip
    assert ("orders.total is not live, though a2 is applied: removed by hand.",) == dropped.notes


def test_a_revision_that_fails(tmp_path: Path) -> None:
    """What could be run is told of, with a note; what nothing of that has made is answered by the failure."""
    made = project(tmp_path / "project", f"sqlite:///{tmp_path}/a.db").tables(3)
    made.revision("r2", "r1", "raise RuntimeError('no')")
    with made.workbench() as workbench:
        found = workbench.blame("t1")
        with pytest.raises(MigrationFailed) as error:
            workbench.blame("t3")

    assert [(each.revision, each.did) for each in found.touches] == [("r1", "made")]
    assert found.notes == (f"Not every revision could be looked at. {error.value.message}",)


def test_names_with_dots(tmp_path: Path) -> None:
    """A name with a dot is quoted once, a schema is not quoted together with its table; what is no name is refused."""
    made = project(tmp_path / "project", f"sqlite:///{tmp_path}/a.db")
    made.revision("r1", None, "op.create_table('a.b', sa.Column('c.d', sa.Integer), sa.Column('e', sa.Integer))")
    with made.workbench() as workbench:
        titles = [str(workbench.blame(*each)).partition(":")[0] for each in (("a.b",), ("a.b", "c.d"), ("a.b", "e"))]
        shown = repr(workbench.blame("a.b", "c.d"))
        for each in ((None,), (5,), ("a.b", 5)):
            with pytest.raises(UnsupportedRequest, match=r"^(None|5) is no name"):
                workbench.blame(*each)

    assert titles == ['"a.b"', '"a.b"."c.d"', '"a.b".e']
    assert shown == 'Blame("a.b"."c.d", 1 revision)'
