"""Checks of revisions that were changed after they were committed, or applied."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.checks.test_halves import alembic
from tests.checks.told import practices
from tests.kept import ON_SQLITE
from tests.safety.projects import Project
from workbench import Workbench
from workbench.capabilities import journal
from workbench.results import Finding

NEEDS_GIT = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def diary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal of this test's own."""
    path = tmp_path / "journal.jsonl"
    monkeypatch.setenv(journal.PLACE, str(path))
    return path


def git(made: Project, *words: str) -> str:
    """Run git in the project, as somebody, at some time."""
    env = {
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.c", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b.c",
        "GIT_AUTHOR_DATE": "2024-03-01T12:00:00Z", "GIT_COMMITTER_DATE": "2024-03-01T12:00:00Z",
        "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "PATH": "/usr/bin:/bin:/usr/local/bin",
    }  # fmt: skip
    done = subprocess.run(["git", *words], cwd=made.folder, env=env, check=True, capture_output=True, text=True)  # noqa: S607
    return done.stdout.strip()


def commit(made: Project, message: str = "x") -> str:
    """Commit all that is there; gives the commit."""
    git(made, "add", "-A")
    git(made, "commit", "-q", "-m", message)
    return git(made, "rev-parse", "--short=12", "HEAD")


def edit(path: Path, before: str, after: str) -> None:
    """Replace a text in a file."""
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def found(wb: Workbench) -> list[Finding]:
    """What was changed since it was committed."""
    return practices(wb.check(), "changed-after-commit")


@NEEDS_GIT
@ON_SQLITE
def test_changed_after_it_was_committed(bare: Project, wb: Workbench) -> None:
    """First against HEAD, then against what came to the default branch; formatting counts nowhere."""
    made = bare.tables(2)
    git(made, "init", "-q", "-b", "main")
    assert ("changed-after-commit", "Nothing was committed yet.") in wb.check().not_asked
    first = commit(made)
    path = made.versions / "r1.py"
    edit(path, '"""Do r1."""', '"""Do something else."""\n# and a comment')
    edit(path, "op.create_table('t1', ", 'op.create_table(\n        "t1",\n        ')
    assert [] == found(wb)
    commit(made)
    assert [] == found(wb)

    edit(path, "sa.Integer", "sa.BigInteger")
    told = (
        f"r1 'Do something else.' is not what it was when it came to main ({first}, 2024-03-01): who has applied it "
        "has what the old code made."
    )
    (finding,) = found(wb)
    assert ("changed-after-commit", "warning", "breaks-code", "r1", "migrations/versions/r1.py") == (
        finding.rule, finding.severity, finding.outcome, finding.revision, finding.path,
    )  # fmt: skip
    assert f"{told} The change is not committed." == finding.message
    assert f"git show {first}:migrations/versions/r1.py" == finding.evidence.verdict
    assert f"git restore --source={first} migrations/versions/r1.py undoes it." in finding.remedy
    commit(made)
    assert [told] == [each.message for each in found(wb)]
    git(made, "restore", f"--source={first}", "migrations/versions/r1.py")
    assert [] == found(wb)


@NEEDS_GIT
@ON_SQLITE
def test_on_a_branch_of_ones_own(bare: Project, wb: Workbench) -> None:
    """What is changed before it is merged is nobody's business but HEAD's; what came in counts, not the way there."""
    made = bare.tables(1)
    git(made, "init", "-q", "-b", "main")
    commit(made)
    git(made, "checkout", "-q", "-b", "feature")
    path = made.revision("r2", "r1", "op.add_column('t1', sa.Column('a', sa.Integer))", "op.drop_column('t1', 'a')")
    assert [] == found(wb)  # not committed at all
    commit(made)
    edit(path, "sa.Integer", "sa.BigInteger")
    (finding,) = found(wb)
    assert ("info", "r2 'Do r2.' is not what was committed. Whoever has applied that has what the old code made.") == (
        finding.severity,
        finding.message,
    )
    commit(made)
    assert [] == found(wb)
    git(made, "checkout", "-q", "main")
    git(made, "merge", "-q", "--no-ff", "-m", "merge", "feature")
    assert [] == found(wb)
    edit(path, "sa.BigInteger", "sa.SmallInteger")
    commit(made)
    assert ["r2"] == [each.revision for each in found(wb)]
    path.unlink()
    commit(made)
    made.revision("r2", "r1", "op.add_column('t1', sa.Column('b', sa.Integer))", "op.drop_column('t1', 'b')")
    commit(made)
    assert [] == found(wb)  # it came anew


@NEEDS_GIT
@ON_SQLITE
def test_against_what_others_have(bare: Project, wb: Workbench, tmp_path: Path) -> None:
    """Where there is a remote, its branch counts: what was not pushed can still be changed."""
    made = bare.tables(1)
    git(made, "init", "-q", "-b", "main")
    commit(made)
    git(made, "clone", "-q", "--bare", ".", str(tmp_path / "origin.git"))
    git(made, "remote", "add", "origin", str(tmp_path / "origin.git"))
    git(made, "fetch", "-q", "origin")
    path = made.revision("r2", "r1", "op.add_column('t1', sa.Column('a', sa.Integer))", "op.drop_column('t1', 'a')")
    commit(made)
    edit(path, "sa.Integer", "sa.BigInteger")
    assert ["info"] == [each.severity for each in found(wb)]
    git(made, "commit", "-q", "-a", "--amend", "-m", "y")
    assert [] == found(wb)
    git(made, "push", "-q", "origin", "main")
    assert [] == found(wb)
    edit(path, "sa.BigInteger", "sa.SmallInteger")
    commit(made)
    (finding,) = found(wb)
    assert "when it came to origin/main" in finding.message


@NEEDS_GIT
@ON_SQLITE
def test_strange_names_and_files(bare: Project, wb: Workbench) -> None:
    """Blanks, umlauts, a file that is broken, one whose name was taken by another revision."""
    made = bare.tables(1)
    git(made, "init", "-q", "-b", "main")
    path = made.versions / "r1 größe [x].py"
    (made.versions / "r1.py").rename(path)
    taken = made.revision("r2", "r1")
    broken = made.revision("r3", "r2")
    commit(made)
    edit(path, "sa.Integer", "sa.BigInteger")
    edit(taken, "'r2'", "'r2b'")
    edit(broken, "def upgrade():", "def upgrade(:")
    assert ["r1"] == [each.revision for each in found(wb)]


def test_changed_after_it_was_applied(bare: Project, wb: Workbench, diary: Path) -> None:
    """What was applied from here is known by its syntax tree, for as long as the database has it."""
    made = bare.tables(2)
    assert wb.upgrade().apply().ok
    path = made.versions / "r1.py"
    plain = path.read_text()
    edit(path, "    op.create", "    # a comment\n    op.create")
    assert () == wb.check().findings
    edit(path, "sa.Integer", "sa.BigInteger")
    (finding,) = wb.check().findings
    entry = json.loads(diary.read_text().partition("\n")[0])
    name = wb.current().databases[0].name

    date = entry["began"].partition("T")[0]
    assert ("changed-after-apply", "warning", "breaks-code", "r1", name) == (
        finding.rule, finding.severity, finding.outcome, finding.revision, finding.database,
    )  # fmt: skip
    assert (
        f"r1 'Do r1.' is not what it was when it was applied to {name} ({date}, as the journal has it): the database "
        "has what the old code made."
    ) == finding.message
    path.write_text(plain)
    assert wb.downgrade("base").apply().ok
    edit(path, "sa.Integer", "sa.BigInteger")
    assert [] == practices(wb.check())
    assert 0 == alembic(made, "upgrade", "head")
    assert () == wb.check().findings


def test_a_journal_of_another_version(bare: Project, wb: Workbench, diary: Path) -> None:
    """Without digests, with other ones, or with lines that make no sense, nothing is told."""
    made = bare.tables(1)
    assert wb.upgrade().apply().ok
    edit(made.versions / "r1.py", "sa.Integer", "sa.BigInteger")
    text = diary.read_text()
    assert ["changed-after-apply"] == [each.rule for each in wb.check().findings]
    for other in (
        text.replace('"syntax": "1:', '"syntax": "9:'),
        text.replace('"syntax"', '"other"'),
        text.replace('"steps": [', '"steps": [null, '),
        text.replace('"databases"', '"bases"'),
        "[]\n{}\nnonsense}\n",
        "",
    ):
        diary.write_text(other)
        assert () == wb.check().findings
    diary.unlink()
    assert () == wb.check().findings
