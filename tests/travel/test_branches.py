"""However a history branches, merges and depends: a revision has exactly what it and its ancestors make."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.safety.projects import Project, project
from workbench.capabilities.resolving import resolve
from workbench.environment import graph as graphs
from workbench.environment.graph import Graph
from workbench.environment.revision_files import RevisionFile
from workbench.errors import MultipleHeads, RevisionNotFound, UnsupportedRequest, WorkbenchError
from workbench.results import Event

Shape = list[tuple[tuple[int, ...], tuple[int, ...]]]


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    """Of each revision what it follows and what it depends on, all of it made before it."""
    shape: Shape = []
    for number in range(draw(st.integers(2, 6))):
        parents = draw(st.sets(st.integers(0, number - 1), max_size=2)) if number else set()
        below = _below(shape, parents)
        parents = {each for each in parents if each not in _below(shape, parents - {each})}
        others = sorted(set(range(number)) - below - parents)
        if len(parents) > 1:
            # Alembic itself stops there (KeyError in `alembic upgrade heads`, run): the version table has the revision
            # that the merge depends on in place of the parent below it, and so no row to be merged.
            others = [each for each in others if not _below(shape, {each}) & parents]
        depends = draw(st.sets(st.sampled_from(others), max_size=1)) if others else set()
        shape.append((tuple(sorted(parents)), tuple(sorted(depends))))
    return shape


def _below(shape: Shape, numbers: set[int]) -> set[int]:
    found = set(numbers)
    for each in numbers:
        found |= _below(shape, {*shape[each][0], *shape[each][1]})
    return found


FORKS: Shape = [((), ()), ((0,), ()), ((0,), ()), ((1,), ()), ((1,), ()), ((2,), ()), ((2,), (3,)), ((4, 5), ())]


@example(FORKS)
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(shapes())
def test_own_ancestry(shape: Shape) -> None:
    """Each revision makes a table: those of a state are those of its ancestors; what it changed is its own table."""
    with tempfile.TemporaryDirectory() as folder:
        assert_own_ancestry(shape, Path(folder), f"sqlite:///{folder}/live.db")


def test_forks_on_a_server(tmp_path: Path, postgresql_url: str) -> None:
    """There, too: of three branches two begin at a copy, the last at the copy itself; none of them is left."""
    three: Shape = [((), ()), ((0,), ()), ((0,), ()), ((0,), ()), ((3,), ()), ((3,), (1,)), ((4, 5), ()), ((), ())]
    events = assert_own_ancestry(three, tmp_path, postgresql_url)
    (name, other) = dict.fromkeys(each.sql.split()[1] for each in events if each.sql.startswith("made workbench_"))
    left = Project(tmp_path, postgresql_url).execute(
        f"SELECT datname FROM pg_database WHERE datname LIKE '{name}%' OR datname LIKE '{other}%'"
    )

    assert left == []


def test_forks_while_a_connection_stays_open(tmp_path: Path, postgresql_url: str) -> None:
    """Where env.py keeps one, nothing can be copied: each branch begins at an empty database, and is the same."""
    kept = "import builtins; builtins.__dict__.setdefault('held', []).append(engine.connect())"
    fork: Shape = [((), ()), ((0,), ()), ((0,), ())]
    events = assert_own_ancestry(fork, tmp_path, postgresql_url, connected=kept)
    made = [each.sql.split()[1] for each in events if each.sql.startswith("made workbench_")]
    first = [each.revision for each in events if each.kind == "step"].count("r0")

    assert (2, 2) == (len({*made}), first)


def assert_own_ancestry(shape: Shape, folder: Path, url: str, connected: str = "pass") -> list[Event]:
    """Run such a history, compare every state with what it should be, and give what was told on the way."""
    made = project(folder, url).env(connected=connected)
    events: list[Event] = []
    for number, (parents, depends) in enumerate(shape):
        down = tuple(f"r{each}" for each in parents) or None
        path = made.revision(f"r{number}", down, f"op.create_table('t{number}', sa.Column('id', sa.Integer))")
        needs = tuple(f"r{each}" for each in depends) or None
        path.write_text(path.read_text().replace("depends_on = None", f"depends_on = {needs!r}"))
    with made.workbench() as workbench:
        stops = workbench.stops(on_event=events.append)
        found = {number: workbench.schema(f"r{number}") for number in range(len(shape))}

    expected = {number: sorted(f"t{each}" for each in _below(shape, {number})) for number in found}

    assert expected == {number: [each.name for each in state.all_tables] for number, state in found.items()}
    assert {f"r{number}": [f"t{number}"] for number in found} == {
        each.revision: [delta.shown for delta in each.deltas] for each in stops
    }
    return events


def history() -> Graph:
    """A fork with a label on one side."""
    files = [
        RevisionFile("a", "aa11"),
        RevisionFile("b", "aa22", ("aa11",)),
        RevisionFile("c", "bb33", ("aa22",), branch_labels=("left",)),
        RevisionFile("d", "cc44", ("aa22",)),
        RevisionFile("e", "cc55", ("cc44",)),
    ]
    return graphs.build(files)


@pytest.mark.parametrize(
    "name, current, means",
    [
        ("base", (), ()), ("heads", (), ("bb33", "cc55")), ("aa11", (), ("aa11",)), ("bb", (), ("bb33",)),
        ("left@head", (), ("bb33",)), ("left", (), ("bb33",)), ("left@base", (), ()), ("-1", ("cc55",), ("cc44",)),
        ("+1", (), ("aa11",)), ("-2", ("cc44",), ("aa11",)), ("-1", ("aa11",), ()), ("aa11+1", ("cc55",), ("aa22",)),
        ("cc55-2", (), ("aa22",)), ("current", ("cc44",), ("cc44",)), ("cc44@head", (), ("cc55",)),
    ],
)  # fmt: skip
def test_names(name: str, current: tuple[str, ...], means: tuple[str, ...]) -> None:
    """As Alembic's own commands take them."""
    assert means == resolve(history(), name, current)


@pytest.mark.parametrize(
    "name, current, error, words",
    [
        ("head", (), MultipleHeads, "'head' is not one revision: there are the heads bb33, cc55."),
        ("aa", (), RevisionNotFound, "'aa' is the beginning of 2 ids: aa11, aa22."),
        ("zz", (), RevisionNotFound, "No revision file has the id 'zz'."),
        ("", (), RevisionNotFound, "No revision file has the id ''."),
        ("up@head", (), RevisionNotFound, "No branch has the label 'up'."),
        ("+1", ("aa22",), UnsupportedRequest, "'+1' leads nowhere: it forks at aa22."),
        ("+1", ("cc55",), UnsupportedRequest, "'+1' leads nowhere: the history ends at cc55."),
        ("-1", (), UnsupportedRequest, "'-1' leads nowhere: the history ends at base."),
        ("-1", ("bb33", "cc55"), MultipleHeads, ("'-1' is meant from where the database stands, and that is at bb33, "
         "cc55.")),
        ("-1", ("gone",), RevisionNotFound, "The database stands at gone, which no revision file has."),
    ],
)  # fmt: skip
def test_names_that_mean_nothing(name: str, current: tuple[str, ...], error: type[WorkbenchError], words: str) -> None:
    """Each says why."""
    with pytest.raises(error) as caught:
        resolve(history(), name, current)

    assert words == caught.value.message
