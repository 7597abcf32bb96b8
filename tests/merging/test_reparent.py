"""A branch that follows another one instead of a merge: the edit of its first file, and when there is none."""

from __future__ import annotations

import ast
import dataclasses
import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kept import ON_SQLITE
from tests.safety.projects import Project
from workbench import Workbench
from workbench.bridge.reparenting import with_parent
from workbench.capabilities import merging, merging_reparents
from workbench.environment import graph
from workbench.environment.revision_files import RevisionFile
from workbench.errors import DatabaseReadOnly, PlanOutdated, UnsupportedRequest

WRITTEN = '''\
"""Do b1.

Revision ID: b1
Revises: r1
"""
revision = "b1"
down_revision: str | None = "r1"  # where it began
branch_labels = None
depends_on = None


def upgrade():
    pass  # after r1


def downgrade():
    pass
'''
DIFF = """\
b1 “Do b1.” would follow a1 instead of r1, not written yet: migrations/versions/b1.py

--- migrations/versions/b1.py
+++ migrations/versions/b1.py
@@ -2,8 +2,8 @@
\x20
 Revision ID: b1
-Revises: r1
+Revises: a1
 \"\"\"
 revision = "b1"
-down_revision: str | None = "r1"  # where it began
+down_revision: str | None = "a1"  # where it began
 branch_labels = None
 depends_on = None"""


@pytest.fixture
def written(forked: Project) -> Path:
    """The file of `b1` as Alembic's template writes it; not everybody may read it."""
    path = forked.versions / "b1.py"
    path.write_text(WRITTEN)
    path.chmod(0o640)
    return path


@ON_SQLITE
def test_it_is_shown_and_then_written(forked: Project, wb: Workbench, written: Path) -> None:
    """Two words change, nothing else; the history is one line then, and the database goes along it."""
    assert wb.upgrade("r1").apply().ok
    reparent = wb.merge(orders=False).reparent("b1")

    assert str(reparent) == DIFF
    assert written.read_text() == WRITTEN
    assert reparent.write() == written
    assert written.read_text() == WRITTEN.replace('= "r1"', '= "a1"').replace("Revises: r1", "Revises: a1")
    assert written.stat().st_mode & 0o777 == 0o640
    assert sorted(each.name for each in forked.versions.glob("*.*")) == ["a1.py", "b1.py", "r1.py"]
    assert (wb.history().heads, wb.upgrade().apply().heads) == (("b1",), ("b1",))


@ON_SQLITE
def test_a_file_that_has_moved(forked: Project, wb: Workbench, written: Path) -> None:
    """What was edited since is not overwritten."""
    reparent = wb.merge(orders=False).reparent("b1")
    written.write_text(WRITTEN + "# mine\n")
    with pytest.raises(PlanOutdated, match=r"^migrations/versions/b1.py has changed since this was shown"):
        reparent.write()

    assert written.read_text() == WRITTEN + "# mine\n"
    assert forked.versions.is_dir()


@ON_SQLITE
def test_a_database_that_has_it(forked: Project, wb: Workbench, written: Path) -> None:
    """Applied after it was shown, it is not written; applied before, it is not even shown."""
    reparent = wb.merge(orders=False).reparent("b1")
    assert wb.upgrade("b1").apply().ok
    with pytest.raises(PlanOutdated, match="wbtest has it: what was applied does not change"):
        reparent.write()
    with pytest.raises(UnsupportedRequest, match=r"^b1 stays where it is. wbtest has it"):
        wb.merge(orders=False).reparent("b1")

    assert written.read_text() == WRITTEN
    assert wb.merge(orders=False).movable == (("a1", "b1"),)
    assert forked.versions.is_dir()


@ON_SQLITE
def test_another_database_in_the_journal(forked: Project, wb: Workbench, written: Path) -> None:
    """A database that env.py no longer names is known from the journal; what was taken back there does not count."""
    assert wb.upgrade("b1").apply().ok
    journal = Path(os.environ["WORKBENCH_JOURNAL"])
    forked.execute("DELETE FROM alembic_version")
    journal.write_text(journal.read_text().replace(json.dumps(forked.url), '"postgresql://me:secret@far/shop"'))
    (known,) = wb.merge(orders=False).branch("b1").known

    assert (known.source, known.revisions, known.url) == ("journal", ("b1",), "postgresql://me:***@far/shop")
    text = str(wb.merge(orders=False))
    assert "b1: 1 revision, on wbtest (says the journal)\n" in text
    assert "b1 stays where it is. wbtest (says the journal of this machine) has it" in text
    assert written.read_text() == WRITTEN


@ON_SQLITE
def test_read_only(forked: Project, written: Path) -> None:
    """A Workbench that writes nothing shows it, and refuses to write it."""
    with forked.workbench(read_only=True) as wb, pytest.raises(DatabaseReadOnly):
        wb.merge(orders=False).reparent("b1").write()

    assert written.read_text() == WRITTEN


@pytest.mark.parametrize(
    "line, edited",
    [
        ("down_revision = 'old'", "down_revision = 'new'"),
        ('down_revision: str = "old"', 'down_revision: str = "new"'),
        ("down_revision = ('old',)", "down_revision = ('new',)"),
        ('down_revision = [ "old" ]  # old', 'down_revision = [ "new" ]  # old'),
        ('down_revision = """old"""', 'down_revision = "new"'),
        ("down_revision = ('o' 'ld')", "down_revision = ('new')"),
        ("é = 'old'; down_revision = 'old'", "é = 'old'; down_revision = 'new'"),
        ("down_revision = None", None),
        ("down_revision = parent()", None),
        ("down_revision = ('old', 'b')", None),
        ("down_revision = 'other'", None),
        ("if True: down_revision = 'old'", None),
        ("down_revision = 'old'\ndown_revision = 'old'", None),
        ("down_revision = 'old", None),
    ],
)
def test_the_smallest_edit(line: str, edited: str | None) -> None:
    """The literal alone; what is no single literal of that id is refused."""
    if edited is None:
        with pytest.raises(UnsupportedRequest, match=r"^This file cannot be edited: "):
            with_parent(line.encode(), "old", "new")
    else:
        assert with_parent(line.encode(), "old", "new").decode() == edited


IDS = st.text("ab01_.-", min_size=1, max_size=12)
ODD = st.text("a'\"\\ \u202e🙂", min_size=1, max_size=8)
TEXTS = st.text("aé€🙂 'old#", max_size=30)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    old=IDS, new=IDS | ODD, above=TEXTS, below=TEXTS, end=st.sampled_from(["\n", "\r\n", "\r"]),
    quote=st.sampled_from("'\""), mark=st.booleans(),
)  # fmt: skip
def test_nothing_else_changes(*, old: str, new: str, above: str, below: str, end: str, quote: str, mark: bool) -> None:
    """Whatever stands around it, in whatever line ends: the file says the new parent, and all else to the byte."""
    lines = [
        f'"""{above}x', "", f"Revises: {old}", '"""', f"before = {above!r}",
        f"down_revision = {quote}{old}{quote}", f"after = {below!r}  # {below}",
    ]  # fmt: skip
    raw = ("\ufeff" * mark + end.join(lines) + end).encode()
    made = with_parent(raw, old, new)
    told = {
        node.targets[0].id: ast.literal_eval(node.value)  # type: ignore[attr-defined] # they are plain names
        for node in ast.parse(made).body
        if isinstance(node, ast.Assign)
    }
    was, now = (each.decode().split(end) for each in (raw, made))

    assert told == {"before": above, "down_revision": new, "after": below}
    assert [one for one, other in zip(was, now, strict=True) if one != other] == (
        [line for line in (was[2], was[5]) if old != new and (line != was[2] or now[2] != was[2])]
    )
    assert now[2] in {was[2], f"Revises: {new}"}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_the_history_becomes_a_line(data: st.DataObject) -> None:
    """Of any two branches without merges, the one that follows the other leaves one head and loses no revision."""
    trunk, left, right = (data.draw(st.integers(low, 4)) for low in (1, 1, 1))
    ids = [f"t{n}" for n in range(trunk)]
    files = [RevisionFile(each, each, tuple(ids[n - 1 : n])) for n, each in enumerate(ids)]
    for name, count in (("a", left), ("b", right)):
        line = [ids[-1], *(f"{name}{n}" for n in range(count))]
        files += [RevisionFile(each, each, (line[n],)) for n, each in enumerate(line[1:])]
    before = graph.build(data.draw(st.permutations(files)))
    heads = merging.heads_of(before, "heads")
    (first,) = merging_reparents._firsts(before, heads, heads[1])
    moved = [
        dataclasses.replace(each, down_revisions=(heads[0],)) if each.revision == first.file.revision else each
        for each in files
    ]
    after = graph.build(moved)

    assert (after.heads, after.faults) == ((heads[1],), ())
    assert after.ancestors(after.heads) == before.ancestors(heads)
    assert merging.parted(before, heads) == (ids[-1],)
