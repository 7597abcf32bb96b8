"""`scratch_url` names a database to use where none may be created: an empty one, never the live one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.safety.projects import Project, project
from tests.scratch.inside import run, start
from tests.scratch.test_copies import counts, schema
from tests.scratch.test_sweep import execute


@pytest.fixture
def other(database_url: str) -> Iterator[Project]:
    """A second database on the same server, empty."""
    url = make_url(database_url)
    name = f"{url.database}_other"
    text = url.set(database=name).render_as_string(hide_password=False)
    if url.get_backend_name() == "sqlite":
        yield Project(Path(), text)
        return
    execute(database_url, f"CREATE DATABASE {name}")
    yield Project(Path(), text)
    execute(database_url, f"DROP DATABASE {name}{' WITH (FORCE)' if url.get_backend_name() == 'postgresql' else ''}")


def test_scratch_url(database_url: str, other: Project, tmp_path: Path) -> None:
    """It is used and emptied again; the live one, a full one, one in use and one of another kind are refused."""
    live = project(tmp_path, database_url).tables()
    live.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY)", "INSERT INTO kept VALUES (1), (2)")
    if make_url(database_url).get_backend_name() == "postgresql":
        live.execute("CREATE SCHEMA side", "CREATE TYPE side.mood AS ENUM ('sad')", "CREATE SEQUENCE side.numbers",
                     "CREATE TYPE mood AS ENUM ('sad')", "CREATE VIEW two AS SELECT * FROM kept")  # fmt: skip
    before = live.database()
    empty = schema(other) if make_url(database_url).get_backend_name() != "sqlite" else []
    name = Path(make_url(other.url).database or "").name
    another = "sqlite:///x.db" if "sqlite" not in database_url else "postgresql://x/y"

    used, is_live, is_another = run(
        live,
        f"""
        def tried(url, inner=None):
            try:
                [one] = ask(lambda part: made(part, "full", url=url))
            except WorkbenchError as error:
                return type(error).__name__, error.message
            upgrade([one])
            with guard.lead([one]):
                [heads] = ask(lambda part: part.heads)
            in_use = tried(url)
            one.drop()
            return heads, one.rows, in_use

        answer = tried({other.url!r}), tried({database_url!r}), tried({another!r})
        """,
    )

    assert used == (
        ("r2",),
        2,
        ("ScratchRefused", f"{name}, which scratch_url= names, is in use by another rehearsal."),
    )
    assert is_live[0] == is_another[0] == "ScratchRefused"
    assert "live database itself" in is_live[1]
    assert is_another[1].startswith(f"scratch_url= names a {another.partition(':')[0]} database")
    assert live.database() == before
    assert counts(other) == {}
    assert (schema(other) or []) == empty


def test_after_a_crash(database_url: str, other: Project, tmp_path: Path) -> None:
    """What a crash has left is not emptied unasked, since somebody's own may be beside it; the way named does it."""
    live = project(tmp_path, database_url).tables()
    live.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY)", "INSERT INTO kept VALUES (1), (2)")
    name = Path(make_url(other.url).database or "").name
    held = f"[one] = ask(lambda part: made(part, url={other.url!r}))\nprint(one.name, flush=True)\ntime.sleep(60)"
    with start(live, held) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    other.execute("CREATE TABLE theirs (id INTEGER)")
    again = f"""
        try:
            [one] = ask(lambda part: made(part, url={other.url!r}))
        except WorkbenchError as error:
            answer = type(error).__name__, error.message, error.remedy
        else:
            answer = one.rows
            one.drop()
    """

    kind, message, remedy = run(live, again)

    assert kind == "ScratchRefused"
    assert message == (
        f"{name}, which scratch_url= names, is not empty: a rehearsal in it was cut off, and what it left is still "
        "there, perhaps beside something of somebody else's."
    )
    assert counts(other) == {"kept": 2, "theirs": 0}

    server = make_url(database_url).get_backend_name() != "sqlite"
    if server:
        plain = remedy.replace("`", "").replace('"', "")
        assert f"needed, DROP DATABASE {name} and CREATE DATABASE {name}; or" in plain
        for each in ("DROP", "CREATE"):
            execute(database_url, f"{each} DATABASE {name}")
    else:
        assert "needed, delete the file; or" in remedy
        Path(make_url(other.url).database or "").unlink()
    assert run(live, again) == 2
    assert counts(other) == {}

    other.execute("CREATE TABLE theirs (id INTEGER)")
    assert run(live, again)[1] == f"{name}, which scratch_url= names, is not empty."
    assert counts(other) == {"theirs": 0}


def test_file_that_took_its_place(sqlite_url: str, tmp_path: Path) -> None:
    """A file that came to stand where a rehearsal failed, or crashed, is not emptied."""
    live = project(tmp_path, sqlite_url).tables()
    path = tmp_path / "later" / "theirs.db"
    other = Project(Path(), f"sqlite:///{path}")
    code = f"""
        try:
            ask(lambda part: made(part, url={other.url!r}))
        except WorkbenchError as error:
            answer = type(error).__name__, error.message.replace(FOLDER, "")
    """

    assert run(live, code)[0] == "ScratchRefused"  # there is no such folder
    path.parent.mkdir()
    other.execute("CREATE TABLE theirs (id INTEGER)")
    full = ("ScratchRefused", "theirs.db, which scratch_url= names, is not empty.")
    assert run(live, code) == full

    path.unlink()
    held = f"[one] = ask(lambda part: made(part, url={other.url!r}))\nprint(one.name, flush=True)\ntime.sleep(60)"
    with start(live, held) as process:
        assert process.stdout is not None
        process.stdout.readline()
        path.rename(tmp_path / "crashed.db")
        process.kill()
    other.execute("CREATE TABLE theirs (id INTEGER)")
    assert run(live, code) == full
    assert counts(other) == {"theirs": 0}
