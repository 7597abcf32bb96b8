"""Which revision a database is at is told by its schema; an id that no file has is looked for in git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.safety.projects import Project, project
from workbench import Workbench
from workbench.capabilities import git_history
from workbench.errors import UnsupportedRequest
from workbench.results import Identification

GIT = ("git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")


def ranks(found: Identification) -> list[tuple[str, int]]:
    """Each candidate with the number of its differences."""
    return [(each.revision, len(each.deltas)) for each in found.candidates]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_sample(kind: str, sample: Path, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Without a version table it is found exactly; with something changed by hand, the nearest, and what differs."""
    url = str(request.getfixturevalue(f"{kind}_url"))
    made = Project(tmp_path, url)
    with Workbench(sample, url=url) as workbench:
        assert workbench.upgrade("570c4ab1e5d0").apply().ok
        made.execute("DROP TABLE alembic_version", "CREATE TABLE somebody_elses (id INTEGER)")
        exact = workbench.identify()
        made.execute("ALTER TABLE shop ADD COLUMN byhand INTEGER")
        near = workbench.identify()

    assert ("570c4ab1e5d0",) == exact.exact
    assert ("Not compared, because no revision makes it: table somebody_elses.",) == exact.notes
    assert ("570c4ab1e5d0", ["column shop.byhand"]) == (
        near.candidates[0].revision, [f"{each.kind} {each.shown}" for each in near.candidates[0].deltas],
    )  # fmt: skip
    assert 'What to do: If the rows are those of it as well: wb.stamp("570c4ab1e5d0").apply().' in str(exact)
    assert "has the schema of no revision. The nearest is 570c4ab1" in str(near)
    assert "only live" in near._repr_html_()


def test_guarded_stamp(tmp_path: Path, sqlite_url: str) -> None:
    """Rows alone make no other schema: the newest is named first. A stamp that would lie needs the database's name."""
    made = project(tmp_path, sqlite_url).tables(3)
    made.revision("r4", "r3", "op.execute('DELETE FROM t1')")
    with made.workbench() as workbench:
        unknown = workbench.stamp("r2").findings
        assert workbench.upgrade("r3").apply().ok
        found = workbench.identify()
        honest, lying = workbench.stamp("r4").findings, workbench.stamp("r2")
        words, page = str(lying), lying._repr_html_()
        with pytest.raises(UnsupportedRequest) as error:
            lying.apply()
        assert ("r3",) == workbench.current().heads
        assert lying.apply(confirm=found.database.name).ok

    assert () == unknown
    assert [("r4", 0), ("r3", 0), ("r2", 1), ("r1", 2), ("base", 3)] == ranks(found)
    assert () == honest
    name = found.database.name
    assert str(error.value).split("\n") == [
        "The live schema is not that of r2: 1 difference. Nothing was run.",
        "only live: table t3: (id INTEGER NOT NULL)",
        f'What to do: Stamp what wb.identify() names; or, if it is meant: plan.apply(confirm="{name}").',
    ]
    assert "⚠ The live schema is not that of r2: 1 difference." in words
    assert "only live" in page


def test_lost_in_git(tmp_path: Path, sqlite_url: str) -> None:
    """The file of an id that is only on another branch, only in the reflog, or nowhere; nothing is checked out."""
    made = project(tmp_path, sqlite_url).tables(1)

    def git(*words: str) -> str:
        return subprocess.run([*GIT, *words], cwd=tmp_path, check=True, capture_output=True, text=True).stdout.strip()

    git("init")
    git("add", ".")
    git("commit", "-m", "one")
    git("checkout", "-b", "feature/vouchers")
    made.revision("feed01", "r1", "op.create_table('voucher', sa.Column('id', sa.Integer))")
    git("add", ".")
    git("commit", "-m", "two")
    commit = git("rev-parse", "HEAD")
    with made.workbench() as workbench:
        assert workbench.upgrade().apply().ok
        git("checkout", "main")
        before = made.files()
        found = workbench.identify()
        git("branch", "-D", "feature/vouchers")
        orphan = git_history.lost("feed01", [str(made.versions)], str(tmp_path))
        hostile = [
            git_history.lost(each, [str(made.versions)], str(tmp_path)).places
            for each in ("--output=x", "$(touch x)", "'; touch x", "r1\n", "\0", "^.*$", "")
        ]

    (lost,) = found.lost
    path = "migrations/versions/feed01.py"
    show = f"git show {commit[:12]}:{path} > {path}"
    assert (("feature/vouchers", commit, path),) == lost.places
    assert lost.advice == (
        "It is on branch feature/vouchers: check that out and downgrade there to a revision that is here, too; or take "
        f"the file back, in the top folder of the repository: {show}; or, if the schema is that of a revision that is "
        "here (see the candidates), stamp it with purge=True."
    )
    assert f"\n  feature/vouchers  {commit[:12]}  {path}\n" in str(found)
    assert ("r1",) == found.exact
    assert 'wb.stamp("r1", purge=True)' in str(found)
    assert (("reflog", commit, path),) == orphan.places
    assert [()] * 7 == hostile
    assert not (tmp_path / "x").exists()
    assert "main" == git("branch", "--show-current")
    assert {name for name in before if not name.startswith(".git/")} == {
        name for name in made.files() if not name.startswith(".git/")
    }


def test_a_shallow_clone(tmp_path: Path) -> None:
    """A clone that has not all of the history says so."""
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    made = project(origin, "sqlite://").tables(2)
    for words in (("init",), ("add", "."), ("commit", "-m", "one"), ("rm", "migrations/versions/r2.py"),
                  ("commit", "-m", "two")):  # fmt: skip
        subprocess.run([*GIT, *words], cwd=origin, check=True, capture_output=True)
    subprocess.run([*GIT, "clone", "--depth", "1", f"file://{origin}", str(clone)], check=True, capture_output=True)

    whole = git_history.lost("r2", [str(made.versions)], str(origin))
    shallow = git_history.lost("r2", [str(clone / "migrations/versions")], str(clone))

    assert [name for name, _, _ in whole.places] == ["history of main"]
    assert shallow.advice.startswith(
        "No commit that git has here, on any branch, tag, stash or in the reflog, has a file of it. This clone is "
        "shallow: `git fetch --unshallow` brings the rest of the history. Ask whoever"
    )


def test_a_history_that_does_not_begin_at_nothing(tmp_path: Path) -> None:
    """Where the revisions cannot be run, what they would make is not taken for what stands beside them."""
    made = project(tmp_path / "project", f"sqlite:///{tmp_path}/a.db").tables(2)
    made.revision("r1", None, "op.execute('INSERT INTO older VALUES (1)')")
    made.execute("CREATE TABLE older (x INT)")
    with made.workbench() as workbench:
        assert workbench.upgrade().apply().ok
        found = workbench.identify()
        backwards = workbench.identify(baseline="live")

    assert (found.exact, [(each.revision, len(each.deltas)) for each in found.candidates]) == ((), [("base", 2)])
    assert "stamp(" not in str(found)
    (note,) = found.notes
    assert note == (
        "Not every revision could be compared. The schema cannot be made by running the revisions on an empty "
        "database. The upgrade of r1 failed: the database refused a statement."
    )
    assert backwards.exact == ("r2",)


def test_schemas_that_are_made_by_hand(tmp_path: Path, postgresql_url: str) -> None:
    """The schemas that env.py names need not be made by a revision: of the version table, and of tenants."""
    made = project(tmp_path / "project", postgresql_url)
    made.revision(
        "r1", None, "op.create_table('t', sa.Column('id', sa.Integer))\n"
        "op.create_table('u', sa.Column('id', sa.Integer), schema='Own 100%')",
    )  # fmt: skip
    made.revision("r2", "r1", "op.add_column('u', sa.Column('x', sa.Integer), schema='Own 100%')")
    made.execute('CREATE SCHEMA "Own 100%"')
    made.env(options={"version_table_schema": "Own 100%"})
    with made.workbench() as workbench:
        assert workbench.upgrade("r1").apply().ok
        found, blame = workbench.identify(), workbench.blame("Own 100%.u", "x")

    assert (found.exact, found.notes) == (("r1",), ())
    assert [(each.revision, each.did, each.state) for each in blame.touches] == [("r2", "made", "pending")]

    made.execute("CREATE SCHEMA one", "CREATE SCHEMA two", 'DROP SCHEMA "Own 100%" CASCADE', "DROP TABLE t")
    made.tables(2)
    made.env(
        "tenant = 'one'",
        "connection = connection.execution_options(schema_translate_map={None: tenant})",
        options={"version_table_schema": "one"},
    )
    with made.workbench() as workbench:
        assert workbench.upgrade("r1").apply().ok
        assert workbench.identify().exact == ("r1",)


def test_no_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no repository, or no git, it says so."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    outside = git_history.lost("ab12", [str(tmp_path)], str(tmp_path)).advice
    monkeypatch.setenv("PATH", str(tmp_path))
    without = git_history.lost("ab12", [str(tmp_path)], str(tmp_path)).advice

    assert [
        "The git history could not be searched: this folder is in no git repository.",
        "The git history could not be searched: git is not installed here.",
    ] == [each.partition(" Ask")[0] for each in (outside, without)]
