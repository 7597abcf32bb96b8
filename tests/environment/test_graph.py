import itertools
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from alembic.script import Script, ScriptDirectory
from alembic.script import revision as revision_module
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.environment import graph, revision_files
from workbench.environment.graph import Graph
from workbench.environment.reader import Reader

ILLEGAL = "".join(revision_module._revision_illegal_chars)
"""What no id may hold, as the Alembic beside us has it."""
LOADS = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True)
class Written:
    """What stands in a revision file."""

    revision: str
    down_revision: object = None
    depends_on: object = None
    branch_labels: object = None
    annotated: bool = False

    def text(self) -> str:
        """The file, in one of the two ways in which Alembic's template has written it."""
        lines = ['"""a message"""', ""]
        for name in ("revision", "down_revision", "branch_labels", "depends_on"):
            annotation = ": object" if self.annotated else ""
            lines.append(f"{name}{annotation} = {getattr(self, name)!r}")

        return "\n".join([*lines, "", "", "def upgrade():", "    pass", ""])


@dataclass(frozen=True)
class Files:
    """A versions folder, in the order of the names of its files."""

    files: tuple[Written, ...]
    extra: Mapping[str, str] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write them all."""
        for number, each in enumerate(self.files):
            (folder / f"{number:02}.py").write_text(each.text(), "utf-8")
        for name, text in self.extra.items():
            (folder / name).write_text(text, "utf-8")


IDS = st.text("0123456789abcdefxyz_.", min_size=1, max_size=6).filter(lambda text: text.strip("."))


def written_as(values: list[str]) -> st.SearchStrategy[object]:
    """Ways to write several names: a tuple or a list, one name alone, None."""
    if not values:
        return st.sampled_from([None, (), []])
    if len(values) == 1:
        return st.sampled_from([values[0], (values[0],), [values[0]]])

    return st.sampled_from([tuple(values), list(values)])


@st.composite
def histories(draw: st.DrawFn) -> Files:
    """Histories that Alembic can load: branches, merges, several bases, labels, dependencies by id and by label."""
    ids = draw(st.lists(IDS, unique=True, max_size=12))
    labels: dict[str, list[str]] = {}
    files = []
    for index, revision in enumerate(ids):
        earlier = ids[:index]
        near = st.sampled_from(earlier[-3:]) if earlier else st.nothing()
        parents = draw(st.lists(near, unique=True, max_size=2)) if earlier else []
        if earlier and not parents and draw(st.booleans()):
            parents = [earlier[-1]]
        known = [*earlier, *itertools.chain.from_iterable(labels.values())]
        needs = draw(st.lists(st.sampled_from(known), unique=True, max_size=2)) if known else []
        labels[revision] = draw(st.lists(st.sampled_from(["red", "blue", "a@b:c-d+"]), unique=True, max_size=2).map(
            lambda names, index=index: [f"{name}{index}" for name in names]  # type: ignore[misc]
        ))  # fmt: skip
        files.append(
            Written(
                revision,
                draw(written_as(parents)),
                draw(written_as(needs)),
                draw(written_as(labels[revision])),
                draw(st.booleans()),
            )
        )

    return Files(tuple(draw(st.permutations(files))))


@st.composite
def any_files(draw: st.DrawFn) -> Files:
    """Histories of every kind, most of which Alembic refuses: missing parents, cycles, labels used twice."""
    names = [*"abcdefgh", *(f"x{mark}y" for mark in ILLEGAL)]
    ids = draw(st.lists(st.sampled_from(names), unique=True, min_size=1, max_size=6))
    parents = st.sampled_from([*ids, *ids, *ids, "zz", "red", ""])
    labels = st.sampled_from(["red", "blue", "green", "a@b:c-d", "", ids[0]])
    files = [
        Written(
            revision,
            draw(st.lists(parents, unique=True, max_size=2).flatmap(written_as)),
            draw(st.lists(parents, unique=True, max_size=1).flatmap(written_as)),
            draw(st.lists(labels, max_size=2).flatmap(written_as)),
        )
        for revision in ids
    ]

    return Files(tuple(files))


def read(folder: Path) -> Graph:
    """Our graph of a versions folder."""
    return Reader().graph((folder,), recursive=False, illegal=ILLEGAL)


def scripts(folder: Path) -> list[Script]:
    """Alembic's own revisions, newest first; raises what Alembic raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        script = ScriptDirectory(str(folder), version_locations=[str(folder)])

        return list(script.walk_revisions())


def of_alembic(folder: Path) -> dict[str, object]:
    """Everything that Alembic knows of the graph."""
    script = ScriptDirectory(str(folder), version_locations=[str(folder)])

    return {
        "heads": sorted(script.get_heads()),
        "bases": sorted(script.get_bases()),
        "revisions": {
            each.revision: {
                "parents": each._versioned_down_revisions,
                "dependencies": set(each._resolved_dependencies),
                "labels": set(each.branch_labels),
                "is_head": each.is_head,
                "is_base": each.is_base,
                "is_branch_point": each.is_branch_point,
                "is_merge_point": each.is_merge_point,
                "ancestors": {up.revision for up in script.iterate_revisions(each.revision, "base")},
            }
            for each in scripts(folder)
        },
    }


def of_ours(drawn: Graph) -> dict[str, object]:
    """The same as we tell it."""
    return {
        "heads": list(drawn.heads),
        "bases": list(drawn.bases),
        "revisions": {
            each.file.revision: {
                "parents": each.parents,
                "dependencies": set(each.dependencies),
                "labels": set(each.labels),
                "is_head": each.is_head,
                "is_base": each.is_base,
                "is_branch_point": each.is_branch_point,
                "is_merge_point": each.is_merge_point,
                "ancestors": set(drawn.ancestors([each.file.revision])),
            }
            for each in drawn.nodes
        },
    }


@LOADS
@given(histories())
def test_graph_equals_alembics_own(files: Files) -> None:
    """Of every history that Alembic can load, we draw the same parents, heads, labels and dependencies, no fault."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files.write(folder)
        drawn = read(folder)

        assert of_alembic(folder) == of_ours(drawn)
        assert drawn.faults == ()


@LOADS
@given(histories())
def test_no_revision_stands_below_one_that_it_needs(files: Files) -> None:
    """Newest first: all that a revision follows or depends on comes after it."""
    with tempfile.TemporaryDirectory() as name:
        files.write(Path(name))
        drawn = read(Path(name))
        place = {node.file.revision: index for index, node in enumerate(drawn.nodes)}

        assert all(
            place[node.file.revision] < place[below]
            for node in drawn.nodes
            for below in (*node.parents, *node.dependencies)
        )


@LOADS
@given(any_files())
def test_a_fault_is_drawn_exactly_where_alembic_refuses(files: Files) -> None:
    """Every file is drawn, whatever stands in it; some node has a fault if and only if Alembic refuses the whole."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files.write(folder)
        drawn = read(folder)
        try:
            scripts(folder)
        except Exception:  # noqa: BLE001 - RevisionError, CommandError, KeyError: all are a refusal
            refused = True
        else:
            refused = False

        assert sorted(each.revision for each in files.files) == sorted(each.file.revision for each in drawn.nodes)
        assert refused == bool(drawn.faults), [(node.file.revision, node.fault) for node in drawn.nodes]


REFUSED = {
    "a syntax error": (
        Files((Written("a"), Written("c", "b")), {"b.py": 'revision = "b"\ndown_revision = "a"\ndef upgrade(:\n'}),
        {"b": "cannot be read: SyntaxError in line 3: invalid syntax"},
    ),
    "a missing parent": (
        Files((Written("a"), Written("b", "lost"))),
        {"b": "follows lost, which no file has"},
    ),
    "a missing dependency": (
        Files((Written("a"), Written("b", "a", depends_on="lost"))),
        {"b": "depends on lost, which no file has"},
    ),
    "a cycle": (
        Files((Written("a", "c"), Written("b", "a"), Written("c", "b"))),
        dict.fromkeys("abc", "is its own ancestor: a, b, c"),
    ),
    "its own parent": (Files((Written("a", "a"),)), {"a": "is its own ancestor: a"}),
    "a duplicate id": (Files((Written("a"), Written("b", "a"), Written("b", "a"))), {"b": "2 files have this id"}),
    "a label used twice": (
        Files((Written("a", branch_labels="red"), Written("b", branch_labels="red"))),
        {"b": "its branch label 'red' is already used by a"},
    ),
    "a label that is an id": (
        Files((Written("a"), Written("b", branch_labels="a"))),
        {"b": "its branch label 'a' is already used by a"},
    ),
    "illegal ids": (
        Files((Written("a-1"), Written("2026:03"), Written("b", "a-1"), Written("me@home"), Written("c+"))),
        {
            "a-1": "its id holds '-', which Alembic gives a meaning of its own",
            "2026:03": "its id holds ':', which Alembic gives a meaning of its own",
            "me@home": "its id holds '@', which Alembic gives a meaning of its own",
            "c+": "its id holds '+', which Alembic gives a meaning of its own",
        },
    ),
    "a label written twice": (
        Files((Written("a", branch_labels=("red", "red")),)),
        {"a": "its branch label 'red' stands there twice"},
    ),
    "an empty parent": (Files((Written("a", ""),)), {"a": "follows '', which no file has"}),
    "an empty dependency": (Files((Written("a", None, ""),)), {"a": "depends on '', which no file has"}),
    "no identifiers": (
        Files((Written("a"),), {"helpers.py": "X = 1\n"}),
        {"helpers": "has no `revision` identifier, so Alembic cannot tell which revision it is"},
    ),
    "no down_revision": (Files((Written("a"),), {"b.py": 'revision = "b"\n'}), {"b": "has no `down_revision`"}),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_alembic_refuses_is_drawn_with_its_fault(tmp_path: Path, kind: str) -> None:
    """One bad file does not take the tree down: it stands in it, and says what is wrong with it."""
    files, faults = REFUSED[kind]
    files.write(tmp_path)
    drawn = read(tmp_path)

    assert faults == {node.file.revision: node.fault for node in drawn.nodes if node.fault}
    assert len(files.files) + len(files.extra) == len(drawn.nodes)


def test_ancestors_go_through_dependencies(tmp_path: Path) -> None:
    """A database that stands at a revision has also what this one depends on, and not what merely lies beside it."""
    files = Files((Written("a", branch_labels="red"), Written("b", "a"), Written("x"), Written("y", "x", "red")))
    files.write(tmp_path)

    assert frozenset({"y", "x", "a"}) == read(tmp_path).ancestors(["y"])


def test_a_branch_stands_together(tmp_path: Path) -> None:
    """Two branches do not alternate row by row, whatever order their files have."""
    links = [("a", None), ("l1", "a"), ("r1", "a"), ("l2", "l1"), ("r2", "r1"), ("l3", "l2"), ("r3", "r2")]
    Files(tuple(Written(revision, down) for revision, down in links)).write(tmp_path)
    order = [node.file.revision for node in read(tmp_path).nodes]

    assert [*"lll", *"rrr", "a"] == [each[0] for each in order] or [*"rrr", *"lll", "a"] == [each[0] for each in order]


def test_graph_of_no_files() -> None:
    """An environment without revisions has an empty graph."""
    assert graph.build([]) == Graph((), (), ())


def test_reader_reads_a_changed_file_again(tmp_path: Path) -> None:
    """The reader keeps what it has read, but sees an edit, a new file and a file that has gone."""
    reader = Reader()
    Files((Written("a"), Written("b", "a"))).write(tmp_path)
    first = reader.graph((tmp_path,), recursive=False)
    same = reader.graph((tmp_path,), recursive=False)
    (tmp_path / "01.py").write_text(Written("longer", "a").text(), "utf-8")
    (tmp_path / "02.py").write_text(Written("c", "longer").text(), "utf-8")
    second = reader.graph((tmp_path,), recursive=False)
    (tmp_path / "02.py").unlink()
    third = reader.graph((tmp_path,), recursive=False)

    assert first is same
    assert [("b",), ("c",), ("longer",)] == [each.heads for each in (first, second, third)]


def test_reading_warns_of_nothing(tmp_path: Path) -> None:
    """Python's warning of an escape in somebody's revision belongs to that person, not into the notebook."""
    (tmp_path / "a.py").write_text('"""a \\d"""\nrevision = "a"\ndown_revision = None\nX = "\\d"\n', "utf-8")
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        read(tmp_path)

    assert heard == []


def test_computed_identifiers_are_asked_for_once_the_project_can_run(tmp_path: Path) -> None:
    """Without the project a computed label is left out; with it the graph is what the file tells when it runs."""
    (tmp_path / "a.py").write_text('NAME = "red"\nrevision = "a"\ndown_revision = None\nbranch_labels = (NAME,)\n')
    path = str(tmp_path / "a.py")
    reader = Reader()
    before = reader.graph((tmp_path,), recursive=False)
    after = reader.graph((tmp_path,), recursive=False, identify=lambda paths: {paths[0]: ("a", (), (), ("red",), "")})

    assert [(path, ("branch_labels",), ())] == [(n.file.path, n.file.computed, n.labels) for n in before.nodes]
    assert [(path, ("red",))] == [(node.file.path, node.labels) for node in after.nodes]
    assert before.faults == after.faults == ()


def test_file_that_alembic_would_not_look_at_is_not_read(tmp_path: Path) -> None:
    """Only what Alembic takes for a revision file is one: no `__init__.py`, no editor's lock, no other suffix."""
    for name in ("a.py", "__init__.py", ".#a.py", "a.py~", "notes.txt"):
        (tmp_path / name).write_text(Written("a").text(), "utf-8")

    assert [str(tmp_path / "a.py")] == [path for path, *_ in revision_files.list_files((tmp_path,), recursive=False)]


def test_an_alembic_that_allows_more_ids_has_no_fault(tmp_path: Path) -> None:
    """Before 1.17 ':' was allowed in ids; what counts is what the project's own Alembic refuses."""
    Files((Written("a:1"), Written("b-1"))).write(tmp_path)
    drawn = Reader().graph((tmp_path,), recursive=False, illegal="@-+")

    assert ["b-1"] == [node.file.revision for node in drawn.faults]
