"""Where a Draft goes: which head it follows, its label, what it depends on, its folder; and a template without code."""

from __future__ import annotations

from typing import Any

import pytest

from tests.authoring.test_draft import CUSTOMER, MAKO, models
from tests.kept import ON_SQLITE
from tests.safety.projects import Project
from workbench import Workbench, render
from workbench.errors import HistoryBroken, RevisionNotFound, UnsupportedRequest, WorkbenchError

pytestmark = ON_SQLITE
LABELLED = "branch_labels = ('reporting',)"


@pytest.fixture
def forked(bare: Project) -> Project:
    """Two heads, one of them with a label, and models that are ahead of both."""
    (bare.folder / "migrations" / "script.py.mako").write_text(MAKO)
    bare.revision("a1", None)
    bare.revision("b1", "a1")
    path = bare.revision("b2", "a1")
    path.write_text(path.read_text().replace("branch_labels = None", LABELLED))
    models(bare, CUSTOMER.format(columns=""))
    return bare


def test_of_several_heads_it_is_asked_which(forked: Project, wb: Workbench) -> None:
    """What was found is there, and a question with each head's message; no file before it is answered."""
    before = forked.files()
    draft = wb.revision("add customers")
    (question,) = draft.questions

    assert [("b1", "Do b1."), ("b2", "Do b2. (reporting)")] == sorted(draft.heads)
    assert {*draft.heads, ("heads", "it follows all of them, and joins them into one")} == set(question.options)
    assert ("head", "head", "Which of the 2 heads does it follow?") == (question.kind, question.key, question.text)
    assert (["add_table customer"], "", True) == ([each.key for each in draft.choices], draft.code, draft.is_headless)
    assert "New revision “add customers” on one of 2 heads, not written yet" == str(draft).split("\n")[0]
    told = ("There is no file yet: it is not decided which head it follows.", "b2: Do b2. (reporting)")
    assert [True] * 4 == [each in face for each in told for face in (str(draft), render.html(draft))]
    with pytest.raises(UnsupportedRequest, match="not decided which head"):
        draft.write()
    with pytest.raises(UnsupportedRequest, match="not decided which head"):
        wb.rehearse(draft)
    assert before == forked.files()


@pytest.mark.usefixtures("forked")
def test_the_answer_is_a_decision(wb: Workbench) -> None:
    """It makes the file, is replayed by the dict, and can be taken back; all heads are an answer, too."""
    draft = wb.revision("add customers").decide(head="b2")
    again = wb.revision("add customers", decisions=draft.decisions)
    both = draft.decide(head="heads")

    assert ((), ("b2",), "b2") == (draft.questions, draft.down_revisions, draft.decisions["head"])
    assert (draft.down_revisions, draft.choices) == (again.down_revisions, again.choices)
    assert {"b1", "b2"} == set(both.down_revisions)
    assert "Where it goes: follows b2 Do b2. (reporting)" in str(draft)
    assert draft.decide(head=None).is_headless
    assert wb.rehearse(draft).ok
    draft.write()
    assert {"b1", draft.revision} == set(wb.history().heads)


@pytest.mark.usefixtures("forked")
def test_label_dependency_and_splice(wb: Workbench) -> None:
    """As `alembic revision` takes them, in the file and in words."""
    draft = wb.revision("add customers", head="b1", branch_label="shop", depends_on=["reporting"])
    splice = wb.revision("add customers", head="a1", splice=True)

    assert "branch_labels = ('shop',)\ndepends_on = 'reporting'\n" in draft.code
    assert "Where it goes: follows b1 Do b1.; branch label shop; depends on reporting" in str(draft).split("\n")
    assert "Where it goes: branches off a1" in str(splice).split("\n")


@pytest.mark.parametrize(
    "options,kind,words",
    [
        ({"head": "nowhere"}, RevisionNotFound, "No revision file answers to 'nowhere'."),
        ({"head": "a1"}, UnsupportedRequest, "Alembic refuses: Revision a1 is not a head revision; please specify"),
        ({"head": "b1", "depends_on": "nowhere"}, RevisionNotFound, "No revision file answers to 'nowhere'."),
        ({"head": "b1", "branch_label": "reporting"}, UnsupportedRequest, "The branch label 'reporting' belongs to b2"),
        ({"head": "b1", "branch_label": "b2"}, UnsupportedRequest, "The branch label 'b2' is the id of a revision"),
        ({"head": "b1", "rev_id": "b2"}, UnsupportedRequest, "There is a revision b2 already"),
        ({"head": "b1", "version_path": "elsewhere"}, UnsupportedRequest, "Alembic refuses: Path elsewhere is not"),
        ({"head": ["b1", "b1"]}, UnsupportedRequest, "Alembic refuses: Duplicate head revisions specified."),
        ({"head": 3}, UnsupportedRequest, "revision identifier 3 is not a string"),
    ],
)
def test_where_it_cannot_go(
    forked: Project, wb: Workbench, options: dict[str, Any], kind: type[WorkbenchError], words: str
) -> None:
    """Alembic's reason in our form, also where Alembic would only find out once the file has broken the history."""
    before = forked.files()
    with pytest.raises(kind) as refused:
        wb.revision("add customers", **options)

    assert type(refused.value) is kind
    assert refused.value.message.startswith(words)
    assert refused.value.remedy
    assert before == forked.files()


def test_several_version_locations(forked: Project, wb: Workbench) -> None:
    """It is told which there are, and the chosen one is where the file lies."""
    forked.ini("version_locations = %(here)s/migrations/versions %(here)s/more", "path_separator = space")
    try:
        (forked.folder / "more").mkdir()
        wb.history()  # has env.py tell where revisions lie now
        draft = wb.revision("add customers", head="base", version_path="more")
        draft.write()
        shown = str(draft)
    finally:
        forked.ini()

    assert (("migrations/versions", "more"), "more") == (draft.locations, draft.path.partition("/")[0])
    assert (forked.folder / draft.path).read_text() == draft.code
    assert "Where it goes: a new base; lies in more" in shown.split("\n")


def test_a_template_without_upgrade(forked: Project, wb: Workbench) -> None:
    """It is said in our words, in each face; nothing can be run or written."""
    (forked.folder / "migrations" / "script.py.mako").write_text(MAKO.partition("def upgrade")[0])
    draft = wb.revision("add customers", head="b1")
    words = "script.py.mako, the template of this environment, writes no upgrade()"

    assert words == draft.problem
    assert [True, True] == [words in face for face in (str(draft), render.html(draft))]
    for ask in (lambda: draft.plan, lambda: wb.rehearse(draft)):
        with pytest.raises(HistoryBroken, match=r"writes no upgrade\(\)"):
            ask()
    with pytest.raises(UnsupportedRequest, match=r"Let the template write it"):
        draft.write()
