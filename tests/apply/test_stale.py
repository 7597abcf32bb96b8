"""A Plan is bound to the content of every file that it was made from, and tells by itself when one has moved."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.safety.projects import Project, project
from workbench.errors import PlanOutdated


@pytest.fixture
def made(tmp_path: Path, sqlite_url: str) -> Project:
    """An environment with models, a helper that a revision imports, a `.env`, and a pyproject.toml."""
    made = project(tmp_path / "project", sqlite_url).tables(1).ini("# an ini")
    (made.folder / "shop").mkdir()
    (made.folder / "shop" / "__init__.py").write_text("")
    (made.folder / "shop" / "models.py").write_text(
        "import sqlalchemy as sa\n\nmetadata = sa.MetaData()\nsa.Table('t1', metadata, sa.Column('id', sa.Integer))\n"
    )
    (made.folder / "shop" / "names.py").write_text("NAME = 't2'\n")
    (made.folder / "shop" / "unused.py").write_text("")
    (made.folder / ".env").write_text("SHOP=1\n")
    (made.folder / "pyproject.toml").write_text("[tool.alembic]\n")
    made.env("from shop.models import metadata", metadata="metadata")
    made.revision("r2", "r1", "from shop.names import NAME\nop.create_table(NAME, sa.Column('id', sa.Integer))")
    return made


def edited(path: str) -> Callable[[Project], str]:
    """A file that is edited."""

    def edit(made: Project) -> str:
        file = made.folder / path
        file.write_text(file.read_text() + "# edited\n")
        return f"{path} has changed since the Plan was made"

    edit.__name__ = path
    return edit


def gone(made: Project) -> str:
    """`.env` is taken away."""
    (made.folder / ".env").unlink()
    return ".env has changed since the Plan was made"


FILES = (
    "migrations/env.py",
    "alembic.ini",
    "pyproject.toml",
    ".env",
    "shop/__init__.py",
    "shop/models.py",
    "shop/names.py",
)


def test_each_file_that_it_was_made_from(made: Project) -> None:
    """Each is named when its content has changed, by `outdated` at once and by an apply that runs nothing."""
    told = {}
    with made.workbench() as wb:
        plan = wb.upgrade()
        for move in (*(edited(each) for each in FILES), gone):
            was = {each: (made.folder / each).read_bytes() for each in FILES}
            why = move(made)
            told[move.__name__] = why, wb.outdated(plan)
            for path, content in was.items():
                (made.folder / path).write_bytes(content)
        again = wb.outdated(plan)
        edited("shop/models.py")(made)
        with pytest.raises(PlanOutdated) as caught:
            plan.apply()

    assert set(FILES) == {path for path, _ in plan.sealed}
    assert {name: (why, why) for name, (why, _) in told.items()} == told
    assert again is None
    assert (
        "The Plan is out of date, and nothing was run: shop/models.py has changed since the Plan was made."
    ) == caught.value.message
    assert not Path(made.url.partition("///")[2]).exists()


def test_a_file_that_a_revision_reads(made: Project) -> None:
    """SQL and data beside the revisions are a part of what was shown, also of a revision whose SQL cannot be had."""
    data = made.folder / "data"
    data.mkdir()
    for name in ("one.sql", "two.csv", "three.txt"):
        (data / name).write_text("SELECT 1")
    made.revision("r3", "r2", f"""
        from pathlib import Path
        data = Path({str(data)!r})
        op.execute((data / "one.sql").read_text())
        (data / "log").write_text("written, not read")
        open(data / "two.csv").close()
        op.get_bind().execute(sa.text("SELECT 1")).scalar()
    """)  # fmt: skip
    with made.workbench() as wb:
        plan = wb.upgrade()
        (data / "three.txt").write_text("SELECT 3")
        (data / "log").write_text("anything")
        before = wb.outdated(plan)
        (data / "one.sql").write_text("SELECT 2")
        with pytest.raises(PlanOutdated, match=r"nothing was run: data/one\.sql has changed since the Plan was made"):
            plan.apply()

    assert before is None
    assert ["data/one.sql", "data/two.csv"] == [path for path, _ in plan.sealed if path.startswith("data")]


def test_what_moves_no_plan(made: Project) -> None:
    """A file that was touched, or that the environment does not use, is no reason; the same files have the same id."""
    with made.workbench() as wb:
        plan = wb.upgrade()
        for path in FILES:
            os.utime(made.folder / path)
        edited("shop/unused.py")(made)
        again = wb.upgrade()

        assert (None, None) == (wb.outdated(plan), wb.outdated(plan, ask=True))
        assert plan.id == again.id
        assert plan.apply().ok


def test_outdated_says_what_the_database_and_the_history_say(made: Project) -> None:
    """Asked with `ask`, heads and targets that have moved count; a database that is away does not."""
    with made.workbench() as wb:
        first, plan = wb.upgrade("r1"), wb.upgrade()
        before = wb.outdated(plan, ask=True)
        assert first.apply().ok
        moved = wb.outdated(plan), wb.outdated(plan, ask=True)
        rest = wb.upgrade()
        made.revision("r3", "r2")
        history = wb.outdated(rest), wb.outdated(rest, ask=True)
        after = wb.upgrade()
        edited("migrations/versions/r2.py")(made)
        step = wb.outdated(after)
        away = wb.upgrade()
        Path(made.url.partition("///")[2]).write_text("no database at all, and longer than a header of one" * 9)
        gone_now = wb.outdated(away, ask=True)

    assert before is None
    assert (None, "wbtest stood at base when the Plan was made, and is at r1 now") == moved
    assert (None, "the target 'head' now means other revisions: r2, r3") == history
    assert ["r2", "r3"] == list(after.revisions)
    assert "migrations/versions/r2.py has changed since the Plan was made" == step
    assert gone_now is None
