from __future__ import annotations

import dataclasses

import pytest
from IPython.core.interactiveshell import InteractiveShell

from tests import zoo, zoo_plans
from tests.magics.fake import FakeWorkbench
from workbench.errors import UnsupportedRequest, WorkbenchError
from workbench.results import History
from workbench.results.base import origin_of


def ids(history: History) -> list[str]:
    """Return the ids, in the order of the history."""
    return [each.revision for each in history.revisions]


@pytest.mark.parametrize(
    "line, asked",
    [
        ("history", ("history", None)),
        ("history -r 1a2b:head -v -i", ("history", "1a2b:head")),
        ("history --rev-range=-3:current --verbose --indicate-current", ("history", "-3:current")),
        ("current -v", "current"),
        ("check", "diff"),
        ("upgrade head", ("upgrade", "head")),
        ("upgrade +2", ("upgrade", "+2")),
        ("-q upgrade reporting@head", ("upgrade", "reporting@head")),
        ("upgrade head --sql", ("upgrade", "base:head")),
        ("upgrade 1a2b:head --sql", ("upgrade", "1a2b:head")),
        ("downgrade -1", ("downgrade", "-1")),
        ("downgrade base", ("downgrade", "base")),
        ("downgrade --sql head:base", ("downgrade", "head:base")),
        ("stamp head", ("stamp", "head", False)),
        ("stamp --purge --sql 1a2b 5d20", ("stamp", "1a2b,5d20", True)),
        (
            (
                'revision -m "add points" --rev-id p0 --head 1a2b --splice --branch-label points --version-path extra '
                "--depends-on 5d20 --depends-on reporting"
            ),
            (
                "revision",
                "add points",
                {
                    "autogenerate": False,
                    "rev_id": "p0",
                    "head": "1a2b",
                    "splice": True,
                    "branch_label": "points",
                    "version_path": "extra",
                    "depends_on": ("5d20", "reporting"),
                },
            ),
        ),
        (
            "revision",
            (
                "revision",
                None,
                {
                    "autogenerate": False,
                    "rev_id": None,
                    "head": "head",
                    "splice": False,
                    "branch_label": None,
                    "version_path": None,
                    "depends_on": None,
                },
            ),
        ),
        (
            "merge heads -m 'join them' --rev-id c3",
            ("merge", ("heads",), "join them", {"branch_label": None, "rev_id": "c3"}),
        ),
    ],
)
def test_each_command_asks_the_workbench_once_in_its_own_words(
    shell: InteractiveShell, wb: FakeWorkbench, line: str, asked: object
) -> None:
    """Alembic's options become the arguments of one call."""
    shell.run_line_magic("alembic", line)

    assert [asked] == wb.asked


@pytest.mark.usefixtures("wb")
@pytest.mark.parametrize(
    "line, expected",
    [
        ("current", zoo.status_of(zoo.branch_and_merge())),
        ("check", zoo_plans.DIFFS["three tables"]),
        ("upgrade head", zoo_plans.PLANS["one revision"]),
        ("downgrade -1", zoo_plans.PLANS["downgrade"]),
        ("stamp head", zoo_plans.PLANS["stamp"]),
        ("revision -m points", "a draft"),
        ("history", zoo.branch_and_merge()),
    ],
)
def test_the_answer_is_the_value_of_the_cell(shell: InteractiveShell, line: str, expected: object) -> None:
    """What the Workbench gives is what `answer = %alembic …` keeps."""
    shell.run_cell(f"answer = %alembic {line}").raise_error()  # type: ignore[no-untyped-call]

    assert expected == shell.user_ns["answer"]


def test_a_variable_of_the_notebook_can_stand_in_the_line(shell: InteractiveShell, wb: FakeWorkbench) -> None:
    """IPython puts it in before Alembic's options are read."""
    shell.run_cell("target = '9f31c0aa'\n%alembic upgrade {target}").raise_error()  # type: ignore[no-untyped-call]

    assert [("upgrade", "9f31c0aa")] == wb.asked


@pytest.mark.parametrize(
    "animal, line, expected",
    [
        ("two_heads", "heads", ["3c4d5e6f", "2b3c4d5e"]),
        ("two_heads", "branches", ["1a2b3c4d"]),
        ("linear", "branches", []),
        ("empty", "heads -v", []),
        ("branch_and_merge", "show a8820f13", ["a8820f13"]),
        ("branch_and_merge", "show current", ["9f31c0aa"]),
        ("unknown_database_revision", "show current", []),
    ],
)
def test_heads_branches_and_show_are_a_part_of_the_history(
    shell: InteractiveShell, wb: FakeWorkbench, animal: str, line: str, expected: list[str]
) -> None:
    """Only the revisions are fewer; where the database stands is still told."""
    wb.whole = zoo.HISTORIES[animal]()

    answer = shell.run_line_magic("alembic", line)

    assert expected == ids(answer)
    assert dataclasses.replace(wb.whole, revisions=answer.revisions) == answer
    assert origin_of(answer) is wb


def test_heads_can_leave_out_what_another_revision_depends_on(shell: InteractiveShell, wb: FakeWorkbench) -> None:
    """`--resolve-dependencies` counts `depends_on` like `down_revision`."""
    wb.whole = zoo.history(
        zoo.revision("a1", "one"),
        zoo.revision("b1", "other"),
        zoo.revision("a2", "two", down=["a1"], depends_on=["b1"]),
    )

    assert ["a2", "b1"] == ids(shell.run_line_magic("alembic", "heads"))
    assert ["a2"] == ids(shell.run_line_magic("alembic", "heads --resolve-dependencies"))


def test_show_reads_names_as_alembic_reads_a_range(shell: InteractiveShell, wb: FakeWorkbench) -> None:
    """What is not an id is left to the history's own reading of names."""
    shell.run_line_magic("alembic", "show reporting@head")

    assert [("history", None), ("history", "reporting@head:reporting@head")] == wb.asked


@pytest.mark.parametrize(
    "animal, expected",
    [
        (
            "branch_and_merge",
            (
                "The database is not at every head: it stands at 9f31c0aa, 4 revisions pending.\n"
                "What to do: %alembic upgrade heads shows what would run."
            ),
        ),
        (
            "unknown_database_revision",
            (
                "The database is not at every head: it stands at deadbeef0123, 2 revisions pending, "
                "deadbeef0123 in no file.\n"
                "What to do: %alembic upgrade heads shows what would run."
            ),
        ),
    ],
)
def test_check_heads_fails_the_cell_where_the_database_is_behind(
    shell: InteractiveShell, wb: FakeWorkbench, animal: str, expected: str
) -> None:
    """As `alembic current --check-heads` ends with an error."""
    wb.whole = zoo.HISTORIES[animal]()

    with pytest.raises(WorkbenchError) as behind:
        shell.run_line_magic("alembic", "current --check-heads")

    assert expected == str(behind.value)


def test_check_heads_is_content_where_the_database_is_up_to_date(shell: InteractiveShell, wb: FakeWorkbench) -> None:
    """Then it is the same answer as without."""
    wb.whole = zoo.up_to_date()

    assert zoo.status_of(wb.whole) == shell.run_line_magic("alembic", "current -c")


def test_downgrade_with_sql_wants_a_range_as_alembic_does(shell: InteractiveShell, wb: FakeWorkbench) -> None:
    """Offline nobody knows where the database stands."""
    with pytest.raises(UnsupportedRequest) as refusal:
        shell.run_line_magic("alembic", "downgrade base --sql")

    assert (
        "downgrade with --sql asks no database, so it requires <fromrev>:<torev>.\n"
        "What to do: Name both, or leave out --sql: the Plan has the SQL from where the database stands."
    ) == str(refusal.value)
    assert [] == wb.asked
