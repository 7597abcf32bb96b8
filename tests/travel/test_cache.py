"""What was seen once is not made again, until something that it was made from has changed."""

from __future__ import annotations

import itertools
import os
import sqlite3
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.safety.projects import Project, project
from workbench import Workbench
from workbench.capabilities import travel_cache
from workbench.capabilities.travel_cache import TravelCache
from workbench.results import Column, Constraint, Event, Index, SchemaObject, Table, View
from workbench.worker.answers import Visit

NUMBERS = itertools.count()
TEXT = st.text(st.characters(), max_size=8)
COLUMNS = st.builds(Column, TEXT, TEXT, st.booleans(), st.none() | TEXT, comment=st.none() | TEXT)
CONSTRAINTS = st.builds(Constraint, TEXT, TEXT, st.tuples(TEXT), TEXT, referred_columns=st.tuples(TEXT, TEXT))
INDEXES = st.builds(Index, TEXT, st.tuples(TEXT), TEXT, include=st.tuples(TEXT), is_valid=st.booleans())
OBJECTS = (
    st.builds(SchemaObject, st.just("enum"), TEXT, st.none() | TEXT, definition=TEXT)
    | st.builds(
        Table, st.just("table"), TEXT, columns=st.tuples(COLUMNS, COLUMNS), constraints=st.tuples(CONSTRAINTS),
        indexes=st.tuples(INDEXES),
    )
    | st.builds(View, st.just("view"), TEXT, columns=st.tuples(COLUMNS), indexes=st.just(()))
)  # fmt: skip
SCHEMAS = st.lists(OBJECTS, max_size=3).map(tuple)
VISITS = st.builds(
    Visit, SCHEMAS, st.none() | SCHEMAS, st.tuples(TEXT), st.tuples(st.tuples(TEXT, TEXT, TEXT, TEXT)), st.just(())
)


@settings(max_examples=25, deadline=None)
@given(VISITS, VISITS)
def test_what_is_kept_comes_back(first: Visit, second: Visit) -> None:
    """In another process, too, and whatever is in it."""
    database = Path(os.environ["XDG_CACHE_HOME"]) / f"{next(NUMBERS)}.db"
    TravelCache(database).put({"a": {"0": first, "1": second}, "b": {"0": second}})

    assert {"a": {"0": first, "1": second}, "b": {"0": second}} == TravelCache(database).get(["a", "b", "c"])


def visits(size: int) -> dict[str, dict[str, Visit]]:
    """One visit of a table that nobody else has, for each of as many keys."""
    return {f"{at:03}": {"0": Visit((Table("table", f"t{at}", definition="x" * at),))} for at in range(size)}


def test_size_is_capped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over it the older half goes, with its objects; what is left is whole."""
    monkeypatch.setattr(travel_cache, "LARGEST", 20_000)
    cache, every = TravelCache(tmp_path / "travel.db"), visits(200)
    cache.put(every)

    found = TravelCache(tmp_path / "travel.db").get(every)
    with sqlite3.connect(tmp_path / "travel.db") as connection:
        (things,) = connection.execute("SELECT count(*) FROM thing").fetchone()
    connection.close()

    assert {key: each for key, each in every.items() if key >= "100"} == found
    assert 200 == things


@pytest.mark.parametrize("content", [b"no database at all" * 100, b""])
def test_what_cannot_be_read_is_not_there(tmp_path: Path, content: bytes) -> None:
    """A file that is broken is made anew; it is for nobody else's eyes."""
    file, told = tmp_path / "travel.db", visits(1)
    file.write_bytes(content)
    cache = TravelCache(file)

    assert {} == cache.get(["000"])
    cache.put(told)
    assert told == TravelCache(file).get(["000"])


def folder_that_cannot_be_written(tmp_path: Path) -> Path:
    """A file stands where the folder would be."""
    (tmp_path / "folder").write_text("")
    return tmp_path / "folder" / "travel.db"


def test_no_cache_at_all(tmp_path: Path) -> None:
    """It is no error: everything is made again each time."""
    cache = TravelCache(folder_that_cannot_be_written(tmp_path))
    cache.put(visits(1))

    assert {} == cache.get(["000"])


def ran(workbench: Workbench) -> list[str]:
    """The revisions that are run to know all stops."""
    events: list[Event] = []
    workbench.stops(on_event=events.append)
    return [each.revision for each in events if each.kind == "step"]


def branched(made: Project) -> Project:
    """Two branches; the end of the second reads a file, imports a module, and renames."""
    made.tables(3)
    made.revision(
        "b2", "r1",
        "import words; op.execute(open('extra.sql').read()); op.alter_column('t1', 'id', new_column_name=words.KEY)",
    )  # fmt: skip
    (made.folder / "words.py").write_text("KEY = 'key'")
    (made.folder / "extra.sql").write_text("CREATE TABLE extra (id INTEGER)")
    return made


def test_another_process_asks_again(tmp_path: Path, sqlite_url: str, cache: Path) -> None:
    """Nothing runs until a file has changed; then what is made from it, and nothing else. Nobody else may read it."""
    made = branched(project(tmp_path, sqlite_url))
    with made.workbench() as workbench:
        cold = workbench.stops()
        again = ran(workbench)
    with made.workbench() as workbench:
        assert [] == again == ran(workbench)
        assert cold == workbench.stops()
        (tmp_path / "extra.sql").write_text("CREATE TABLE extra (id INTEGER, more INTEGER)")
        assert ["r1", "b2"] == ran(workbench)
        assert ["id", "more"] == [each.name for each in workbench.schema("b2").table("extra").columns]
        (tmp_path / "words.py").write_text("KEY = 'number'")
        assert ["r1", "b2"] == ran(workbench)
        made.revision("r2", "r1", "op.create_table('another', sa.Column('id', sa.Integer))")
        assert ["r1", "r2", "r3"] == ran(workbench)
        assert ["another", "t1", "t3"] == [each.name for each in workbench.schema("r3").all_tables]
        made.env("# changed")
        assert {"r1", "r2", "r3", "b2"} == set(ran(workbench))

    file = cache / "travel" / "travel.db"

    assert (("column", "t1", "id", "key"),) == cold[1].renames or (("column", "t1", "id", "key"),) == cold[3].renames
    assert (0o600, 0o700) == (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode))
    assert [file] == list(file.parent.iterdir())


def test_baseline_of_a_module(tmp_path: Path, sqlite_url: str) -> None:
    """What it imports from the project belongs to it: when that changes, everything is made again."""
    made = project(tmp_path, sqlite_url).tables(1)
    (tmp_path / "begin.py").write_text(
        "import words\n\ndef make(connection):\n    connection.exec_driver_sql(words.SQL)\n"
    )
    found = []
    for name in ("first", "other"):
        (tmp_path / "words.py").write_text(f"SQL = 'CREATE TABLE {name} (id INTEGER)'")
        with made.workbench() as workbench:
            found += [[each.name for each in workbench.schema("base", baseline="begin:make").all_tables]]

    assert [["first"], ["other"]] == found


def test_no_password_is_kept(tmp_path: Path, sqlite_url: str, cache: Path) -> None:
    """One that a revision writes into a comment of its SQL, and into a default, is blotted out."""
    made = project(tmp_path, sqlite_url).env("password = 'sesame-Zx81'; url_ = f'postgresql://me:{password}@nowhere/x'")
    made.env_py.write_text(made.env_py.read_text() + "\n    create_engine(url_)\n")
    made.revision("r1", None, "op.execute(\"CREATE TABLE t (id TEXT DEFAULT 'sesame-Zx81')\")")
    with made.workbench() as workbench:
        (stop,) = workbench.stops()

    kept = "".join(repr(each) for each in TravelCache(cache / "travel" / "travel.db").get(
        key for (key,) in sqlite3.connect(cache / "travel" / "travel.db").execute("SELECT key FROM visit")
    ).values())  # fmt: skip

    assert "CREATE TABLE t" in stop.statements[0]
    assert "sesame" not in stop.statements[0] + str(stop.deltas[0].after) + kept
