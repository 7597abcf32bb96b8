"""Checks of the history and of the revision files."""

from __future__ import annotations

from tests.checks.told import places, practices
from tests.kept import ON_SQLITE
from tests.safety.projects import Project
from workbench import Workbench

NO_MODELS = "env.py gives no target_metadata, so there are no models."


def test_nothing_wrong(bare: Project, wb: Workbench) -> None:
    """Of good revisions nothing is found, before and after they are applied; what was not asked is told."""
    bare.tables(3)
    before = wb.check()
    assert wb.upgrade().apply().ok
    after = wb.check()

    assert ["database-behind"] == [each.rule for each in before.findings]
    assert ((), True) == (after.findings, after.ok)
    assert before.not_asked == after.not_asked
    assert (
        ("models-differ", NO_MODELS),
        ("model-not-imported", NO_MODELS),
        ("models-in-migration", NO_MODELS),
        ("changed-after-commit", "This folder is in no git repository."),
    ) == after.not_asked
    assert wb.current().findings == ()


def test_a_database_behind(bare: Project, wb: Workbench) -> None:
    """How far, and what comes next."""
    made = bare.tables(3)
    assert wb.upgrade("r1").apply().ok
    (finding,) = wb.check().findings
    name = wb.current().databases[0].name

    assert ("database-behind", "info", name, (("r2", "Do r2."), ("r3", "Do r3."))) == (
        finding.rule, finding.severity, finding.object, finding.evidence.sample,
    )  # fmt: skip
    assert f"{name} is behind: 2 revisions pending, beginning with r2 'Do r2.'." == finding.message
    made.execute("UPDATE alembic_version SET version_num = 'gone'")
    assert ["unknown-revision"] == [each.rule for each in wb.check().findings if each.severity == "error"]


@ON_SQLITE
def test_missing_downgrades_and_messages_that_say_nothing(bare: Project, wb: Workbench) -> None:
    """Of what is pending and of the heads; of the past only if it is asked for."""
    made = bare.tables(1)
    add = "op.add_column('t1', sa.Column('{}', sa.Integer))"
    for number, message in ((2, "update"), (3, "Do r3."), (4, "fix")):
        path = made.revision(f"r{number}", f"r{number - 1}", add.format(f"c{number}"), "pass")
        path.write_text(path.read_text().replace(f"Do r{number}.", message))
    everything = [
        ("irreversible-downgrade", "info", "r2"),
        ("irreversible-downgrade", "info", "r3"),
        ("irreversible-downgrade", "info", "r4"),
        ("undescriptive-message", "info", "r2"),
        ("undescriptive-message", "info", "r4"),
    ]
    assert everything == places(wb.check())
    downgrade, *_, message_of_r4 = practices(wb.check())
    assert "The downgrade of r2 'update' does nothing, though its upgrade does something." == downgrade.message
    assert ("migrations/versions/r2.py", 16) == (downgrade.path, downgrade.line)
    assert "The message of r4 says nothing of what it does. 'fix' would fit any revision." == message_of_r4.message

    assert wb.upgrade().apply().ok
    head = [("irreversible-downgrade", "info", "r4"), ("undescriptive-message", "info", "r4")]
    assert head == places(wb.check())
    assert everything == places(wb.check(everything=True))


@ON_SQLITE
def test_suppressed(bare: Project, wb: Workbench) -> None:
    """By a comment anywhere in the file, or in pyproject.toml; without a reason, or without need, that is told."""
    made = bare.tables(1)
    path = made.revision("r2", "r1", "op.add_column('t1', sa.Column('a', sa.Integer))", "op.drop_column('t1', 'a')")
    plain = path.read_text().replace("Do r2.", "update")

    def told(comment: str) -> list[tuple[str, str, int]]:
        path.write_text(f"{plain}\n# workbench: ignore[{comment}")
        return [(each.rule, each.revision, each.line) for each in wb.check().findings if each.rule != "database-behind"]

    assert [] == told("undescriptive-message] as the customer wants it")
    assert [("suppression-without-reason", "r2", 19), ("undescriptive-message", "r2", 0)] == told(
        "undescriptive-message]"
    )
    assert [("undescriptive-message", "r2", 0)] == told("several-heads] for now")
    assert [("undescriptive-message", "r2", 0)] == told("drop-table] it was never used")  # Plans tell of that
    assert [] == told("drop-table, undescriptive-message] both")
    assert [("undescriptive-message", "r2", 0)] == told("models-in-migration] old")  # it was not asked
    assert [] == [each for each in wb.upgrade().findings if each.rule == "unused-suppression"]
    path.write_text(f"{path.read_text()}\n# workbench: ignore[undescriptive-message] x".replace("update", "add t1.a"))
    assert ["unused-suppression"] == [each.rule for each in wb.check().findings if each.rule != "database-behind"]

    path.write_text(plain)
    (made.folder / "pyproject.toml").write_text(
        '[tool.workbench]\nignore = [{rule = "undescriptive-message", revision = "r2", reason = "known"}]\n'
    )
    assert [] == places(wb.check())


@ON_SQLITE
def test_several_heads(bare: Project, wb: Workbench) -> None:
    """Told, but for those that labels tell apart on purpose, and those that another one depends on."""
    made = bare.tables(1)
    one = made.revision("r2a", "r1")
    other = made.revision("r2b", "r1")
    (finding,) = practices(wb.check())
    assert ("several-heads", "warning", "fails", "heads") == (
        finding.rule, finding.severity, finding.outcome, finding.object,
    )  # fmt: skip
    assert ("The history has 2 heads: r2a 'Do r2a.', r2b 'Do r2b.'. `alembic upgrade head` refuses.") == finding.message

    one.write_text(one.read_text().replace("branch_labels = None", "branch_labels = 'shop'"))
    assert ["several-heads"] == [each.rule for each in practices(wb.check())]
    other.write_text(other.read_text().replace("branch_labels = None", "branch_labels = 'reports'"))
    assert [] == practices(wb.check())

    for path in (one, other):
        path.unlink()
    one = made.revision("r2a", "r1")
    other = made.revision("r2b", "r1")
    other.write_text(other.read_text().replace("depends_on = None", "depends_on = 'r2a'"))
    assert [] == practices(wb.check())
    other.unlink()
    made.revision("r2b", "r1")
    made.revision("r3", ("r2a", "r2b"))
    assert [] == practices(wb.check())


@ON_SQLITE
def test_a_broken_history(bare: Project, wb: Workbench) -> None:
    """Faults of the graph and files that are no revision are told; what Alembic refuses with them is not asked."""
    made = bare.tables(2)
    made.revision("r3", "nowhere")
    check = wb.check()
    assert [("revision-fault", "error", "r3"), ("database-behind", "info", "wbtest")] == [
        (each.rule, each.severity, each.revision or each.object) for each in check.findings
    ]
    assert "r3 'Do r3.': follows nowhere, which no file has." == check.findings[0].message
    (why,) = [why for rule, why in check.not_asked if rule == "unrelated-operations"]
    assert "The revision files do not make a history: one follows nowhere, which no file has." == why
    assert not check.ok

    (made.versions / "r3.py").unlink()
    (made.versions / "helper.py").write_text("def helper(): pass\n")
    found = practices(wb.check())
    assert [("not-a-revision", "error", "helper")] == [(it.rule, it.severity, it.revision) for it in found]
    assert (
        "migrations/versions/helper.py has no `revision` identifier, so Alembic cannot tell which revision it is."
    ) == found[0].message


@ON_SQLITE
def test_files_that_alembic_overlooks(bare: Project, wb: Workbench) -> None:
    """A revision in a folder below, and what a merge has left; other files are let be."""
    made = bare.tables(1)
    below = made.versions / "2024"
    below.mkdir()
    (below / "r2.py").write_text((made.versions / "r1.py").read_text().replace("'r1'", "'r2'"))
    (below / "__init__.py").touch()
    (below / "helper.py").write_text("x = 1\n")
    (made.versions / "r1.py.orig").touch()
    for name in ("README.md", "data.csv", ".gitkeep", "seed.sql"):
        (made.versions / name).touch()
    assert [("not-a-revision", "info", "r2.py"), ("not-a-revision", "info", "r1.py.orig")] == places(wb.check())
    made.ini("recursive_version_locations = true")
    (below / "r2.py").write_text((below / "r2.py").read_text().replace("down_revision = None", "down_revision = 'r1'"))
    (below / "helper.py").unlink()
    assert [("not-a-revision", "info", "r1.py.orig")] == places(wb.check())


@ON_SQLITE
def test_a_database_that_cannot_be_asked(bare: Project, wb: Workbench) -> None:
    """The files are looked at all the same; that the databases were not asked is an error, so nothing passes."""
    made = bare.tables(1)
    path = made.revision("r2", "r1")
    path.write_text(path.read_text().replace("Do r2.", "update"))
    made.raw_env("raise RuntimeError('no such luck')")
    check = wb.check()

    assert (False, ()) == (check.ok, check.databases)
    assert ["databases-not-asked", "undescriptive-message"] == [each.rule for each in check.findings]
    assert check.findings[0].message.startswith(
        "The databases could not be asked, so only the files were looked at: env.py"
    )
    assert ("models-differ", "No database could be asked.") in check.not_asked
    assert ("unrelated-operations", "The databases cannot be asked.") in check.not_asked
