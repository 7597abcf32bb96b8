"""The text form of histories and of the database's place, compared whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import zoo
from workbench.render.history_rows import Fold, folded, tree
from workbench.render.history_text import history_text, status_text
from workbench.results import History

HISTORIES = {
    "empty": """\
No revisions yet; the database is at base.
""",
    "single": """\
1 revision pending; the database is at base; 1 head.

  ○  5d20b9c1  HEAD create customers   pending
▶ ·  base      nothing is applied yet           the database is here
""",
    "linear": """\
2 revisions pending; the database is at a002; 1 head.

  ○  a004  HEAD add vouchers  pending
  ○  a003  split name         pending
▶ ●  a002  index orders       applied  the database is here
  ●  a001  create customers   applied
""",
    "up_to_date": """\
Nothing pending; the database is at a004; 1 head.

▶ ●  a004  HEAD add vouchers  applied  the database is here
  ●  a003  split name         applied
  ●  a002  index orders       applied
  ●  a001  create customers   applied
""",
    "branch_and_merge": """\
4 revisions pending; the database is at 9f31c0aa; 1 head.

  ○    c41d77e0  HEAD add gift vouchers        pending
  ○─╮  a8820f13  merge reporting and checkout  pending  merge
  ○ │  06c2d8ef  one-page checkout             pending
  │ ○  77b1e2d4  (reporting) daily sales view  pending
▶ ●─╯  9f31c0aa  split customer name           applied  the database is here, branch point
  ●    5d20b9c1  index orders by customer      applied
  ●    1a2b3c4d  create customers              applied
""",
    "two_heads": """\
1 revision pending; the database is at 2b3c4d5e; 2 heads.

  ○    3c4d5e6f  HEAD add newsletter      pending
▶ │ ●  2b3c4d5e  HEAD add loyalty points  applied  the database is here
  ●─╯  1a2b3c4d  create customers         applied  branch point
""",
    "labelled": """\
1 revision pending; the database is at c0ffee02 and decaf001; 2 heads.

  ○    decaf002  HEAD add weekly sales                   pending
▶ │ ●  c0ffee02  HEAD add vouchers                       applied  the database is here
▶ ● │  decaf001  (reporting) (stats) create daily sales  applied  the database is here
    ●  c0ffee01  (checkout) create orders                applied
""",
    "depends_on": """\
4 revisions pending; the database is at decaf001; 2 heads.

  ○      c0ffee03  HEAD let vouchers expire        pending
  │ ○╌╮  decaf002  HEAD report vouchers            pending  depends on checkout
  ○╌│╌╯  c0ffee02  add vouchers                    pending
▶ │ ●    decaf001  (reporting) create daily sales  applied  the database is here
  ○      c0ffee01  (checkout) create orders        pending
""",
    "merge_of_three": """\
5 revisions pending; the database is at base; 1 head.

  ○─┬─╮  c0    HEAD merge all three    pending  merge
  │ │ ○  b3    right                   pending
  │ ○ │  b2    middle                  pending
  ○ │ │  b1    left                    pending
  ○─┴─╯  a0    the root                pending  branch point
▶ ·      base  nothing is applied yet           the database is here
""",
    "criss_cross": """\
4 revisions pending; the database is at b1; 1 head.

  ○─╮      d0  HEAD merge both merges  pending  merge
  │ ○─╮    c2  merge right into left   pending  merge
  ○─│─│─╮  c1  merge left into right   pending  merge
  │ ○─│─╯  b2  right                   pending  branch point
▶ ●─│─╯    b1  left                    applied  the database is here, branch point
  ●─╯      a0  the root                applied  branch point
""",
    "broken_file": """\
2 revisions pending; the database is at 1a2b3c4d; 1 head; 1 file is broken.

  ○  5d20b9c1  HEAD index orders by customer        pending
  ✖  3aa81b02  cannot be read: SyntaxError line 14  broken
▶ ●  1a2b3c4d  create customers                     applied  the database is here
""",
    "broken_and_nameless": """\
1 revision pending; the database is at 1a2b3c4d; 2 heads; 1 file is broken.

  ✖  9e4c_half_written  HEAD cannot be read: SyntaxError line 3  broken
▶ ●  1a2b3c4d           HEAD create customers                    applied  the database is here
""",
    "missing_parent": """\
1 revision pending; the database is at 1a2b3c4d; 2 heads; 1 file is broken.

  ✖  5d20b9c1  HEAD index orders      broken   follows 77777777, which no file has
▶ ●  1a2b3c4d  HEAD create customers  applied  the database is here
""",
    "cycle": """\
2 revisions pending; the database is at r0; 1 head; 2 files are broken.

  ✖  b2  hen            broken   is part of a cycle: a1 follows b2 follows a1
  ✖  a1  egg            broken   is part of a cycle: a1 follows b2 follows a1
▶ ●  r0  HEAD the root  applied  the database is here
""",
    "duplicate_id": """\
3 revisions pending; the database is at 1a2b3c4d; 1 head; 2 files are broken.

  ○    3c4d5e6f  HEAD add vouchers  pending
  ✖    2b3c4d5e  add letters        broken   two files have the id 2b3c4d5e
  │ ✖  2b3c4d5e  add points         broken   two files have the id 2b3c4d5e
▶ ●─╯  1a2b3c4d  create customers   applied  the database is here, branch point
""",
    "unknown_database_revision": """\
2 revisions pending; the database is at deadbeef, which no file has; 1 head.

▶ ?  deadbeef  no file has this revision  no file  the database is here
  ○  a002      HEAD index orders          pending
  ○  a001      create customers           pending
""",
    "database_away": """\
2 revisions; 1 head; where the database stands is not known.
The database bookshop on localhost did not answer: connection refused.
What to do: Start it, or give another one by Workbench(url=…).

  ◌  a002  HEAD index orders  not known
  ◌  a001  create customers   not known
""",
    "hostile": """\
6 revisions pending; the database is at <b>gone</b>\\u202e (which no file has) and bad4; 1 head; 1 file is broken.

▶ ?  <b>gone</b>\\u202e        no file has this revision                                                 no file  the database is here
  ○  <svg onload=alert(1)>"'  HEAD an id that is a tag                                                  pending
  ○  bad9                                                                                               pending
  ○  bad8                     xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…              pending
  ○  bad7                     javascript:alert(1)${alert(2)}{{7*7}}`rm -rf`                             pending
  ○  bad6                     null \\u0000 bell \\u0007 escape \\u001b[31mred\\u001b[0m lone…               pending
  ○  bad5                     שלום עולם                                                                 pending
▶ ●  bad4                     right \\u202egnp.txt\\u202c to left \\u2066isolate\\u2069                     applied  the database is here
  ●  bad3                     add 🚀 and 👩‍💻 for wide 日本語 readers                                  applied
  ✖  bad2                     two lines and a tab and a third                                           broken   "><script>fault()</script>
  ●  bad1                     (<i>label</i>\\u202e) "double" & 'single' <b>bold</b> &amp; </td></table>  applied
  ●  bad0                     <script>alert('owned')</script>                                           applied
""",  # noqa: E501 - as it is
    "several_databases": """\
4 revisions pending; bookshop is at a003, audit at a001, archive at base; 1 head.

  ○  a004  HEAD add vouchers       pending
▶ ◐  a003  split name              pending  bookshop is here, missing in archive, audit
  ◐  a002  index orders            pending  missing in archive, audit
▶ ◐  a001  create customers        pending  audit is here, missing in archive
▶ ·  base  nothing is applied yet           archive is here
""",
    "in_a_range": """\
2 revisions pending in a002:head; the database is at a001 (not in this range); 1 head.

  ○  a004  HEAD add vouchers  pending
  ○  a003  split name         pending
""",
}

STATUSES = {
    "empty": """\
The database is at base; nothing is pending.

▶  bookshop  base  nothing is applied yet
""",
    "linear": """\
The database is at a002; 2 revisions pending.

▶  bookshop  a002  index orders

Still to come, in this order:
○  a003  split name
○  a004  add vouchers
""",
    "up_to_date": """\
The database is at a004; nothing is pending.

▶  bookshop  a004  add vouchers
""",
    "several_databases": """\
bookshop is at a003; audit is at a001; archive is at base; 4 revisions pending.

▶  bookshop  a003  split name
▶  audit     a001  create customers
▶  archive   base  nothing is applied yet

Still to come, in this order:
○  a001  create customers
○  a002  index orders
○  a003  split name
○  a004  add vouchers
""",
    "unknown_database_revision": """\
The database is at deadbeef, which no file has; 2 revisions pending.

▶  bookshop  deadbeef  no file has this revision

Still to come, in this order:
○  a001  create customers
○  a002  index orders
""",
}


@pytest.mark.parametrize("name", HISTORIES)
def test_history_text(name: str) -> None:
    """The answer in a sentence, then the lanes."""
    assert history_text(zoo.HISTORIES[name]()) + "\n" == HISTORIES[name]


@pytest.mark.parametrize("name", STATUSES)
def test_status_text(name: str) -> None:
    """Where each database stands, then what is to come in the order in which it would run."""
    assert status_text(zoo.status_of(zoo.HISTORIES[name]())) + "\n" == STATUSES[name]


def test_every_animal_of_the_zoo_is_compared() -> None:
    """A new animal gets its expected text; the thousand are looked at below."""
    assert {*HISTORIES, "thousand"} == set(zoo.HISTORIES)


def test_a_thousand_are_folded_around_what_matters() -> None:
    """The newest stand there, the database's place with its neighbours, and the first of all; the rest is counted."""
    lines = history_text(zoo.thousand()).split("\n")

    assert len(lines) <= 63
    assert lines[0] == "499 revisions pending; the database is at 01350459; 1 head."
    assert lines[2] == "  ○    02696a7b  HEAD change number 999   pending"
    assert lines[-8:] == [
        "  ⋮ ⋮            … 444 more, all pending",
        "  ○─╯  013640c8  change number 502        pending  branch point",
        "  ○    0135a291  change number 501        pending",
        "▶ ●    01350459  change number 500        applied  the database is here",
        "  ●    01346622  change number 499        applied",
        "  ●─╮  0133c7ea  merge side work, 498     applied  merge",
        "  ⋮ ⋮            … 497 more, all applied",
        "  ●    00000000  change number 0          applied",
    ]


@given(st.integers(0, 300), st.integers(12, 80))
def test_folding_loses_nothing_and_keeps_the_place(count: int, cap: int) -> None:
    """Each row is shown or counted in exactly one fold, in order; the database's place is always shown."""
    shown = tree(zoo.many(count))
    entries = folded(shown, cap)
    covered = [
        row for entry in entries for row in (range(entry.start, entry.stop) if isinstance(entry, Fold) else [entry])
    ]

    assert covered == list(range(len(shown.rows)))
    assert {row for row, each in enumerate(shown.rows) if each.here} <= set(entries)
    assert len(entries) <= max(cap + 4, 0)


def test_heads_stay_when_there_are_many() -> None:
    """Of a history with thirty heads all are shown, however long the branches are."""
    made = [zoo.revision("root")]
    for head in range(30):
        made += [
            zoo.revision(f"h{head}s{step}", down=[f"h{head}s{step - 1}" if step else "root"]) for step in range(10)
        ]
    shown = tree(zoo.history(*made, databases=[zoo.database("shop", "h3s4")]))
    kept = {entry for entry in folded(shown, 80) if isinstance(entry, int)}

    assert {row for row, each in enumerate(shown.rows) if each.is_head or each.here} <= kept


def test_no_line_of_any_animal_can_disturb_a_terminal(subtests: pytest.Subtests) -> None:
    """Control characters, line breaks and right-to-left marks come out as text."""
    for name, build in zoo.HISTORIES.items():
        with subtests.test(name):
            made: History = build()
            shown = history_text(made).replace("\n", "").replace("\u200d", "")

            assert shown.isprintable()
