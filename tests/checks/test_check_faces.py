"""What a Check with findings of good practice looks like, as text and as HTML."""

from tests.zoo import HOSTILE_MESSAGES
from tests.zoo_plans import BOOKSHOP, HALF
from workbench import render
from workbench.results import Check, Finding

BEHIND = Finding("database-behind", "info", "", "bookshop is behind.", "wb.upgrade() shows it.", database="bookshop")
HEADS = Finding("several-heads", "warning", "fails", "The history has 2 heads.", "Merge them.", object="heads")
WORDS = Finding("undescriptive-message", "info", "advice", "It says nothing.", "Say it.", revision="ab12")
WHY = "This folder is in no git repository."
CHECK = Check((HEADS, BEHIND, WORDS), (BOOKSHOP,), (("changed-after-commit", WHY), ("other", WHY), ("third", "No.")))


def test_by_what_is_done_next() -> None:
    """First what is wrong on the databases, then by headings; at the end what was not asked, each reason once."""
    expected = """\
bookshop (sqlite 3.40.1): 1 warning, 2 info

Repair the history:

⚠ The history has 2 heads.
  What to do: Merge them.

Upgrade the database:

● bookshop is behind.
  What to do: wb.upgrade() shows it.

Correct the revision, as long as nobody else has it:

● It says nothing.
  What to do: Say it.

Not asked: changed-after-commit, other. This folder is in no git repository.
Not asked: third. No."""
    page = render.html(CHECK)
    told = (
        "Repair the history",
        "2 heads",
        "Upgrade the database",
        "is behind",
        "Correct the",
        "nothing",
        "third. No.",
    )

    assert expected == str(CHECK)
    assert sorted(page.rindex(each) for each in told) == [page.rindex(each) for each in told]
    assert str(Check((HALF, WORDS), (BOOKSHOP,))).index("half applied") < str(Check((HALF, WORDS))).index("Correct the")


def test_hostile_reasons() -> None:
    """What was not asked is text of somebody else's, too."""
    for message in HOSTILE_MESSAGES:
        check = Check((), (BOOKSHOP,), (("models-differ", message),))
        assert "<script>" not in render.html(check)
        assert "<b>bold" not in render.html(check)
        assert len(str(check).splitlines()) == 3
        assert not set("\x00\x1b\u202e") & set(str(check) + render.html(check))


def test_a_frame_and_a_dict() -> None:
    """The frame has the findings; the dict what was not asked as well."""
    assert CHECK.df["rule"].tolist() == ["several-heads", "database-behind", "undescriptive-message"]
    assert [list(each) for each in CHECK.not_asked] == CHECK.to_dict()["not_asked"]
