import datetime as dt
import itertools
import os
import py_compile
import tempfile
import warnings
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.environment import revision_files
from workbench.environment.revision_files import RevisionFile, Source

TEMPLATE = '''"""{message}

Revision ID: ab12
Revises: {down}
Create Date: 2026-03-01 10:20:30.123456

"""
from typing import Sequence, Union

from alembic import op

# revision identifiers, used by Alembic.
revision: str = "ab12"
down_revision: Union[str, Sequence[str], None] = {down!r}
branch_labels: Union[str, Sequence[str], None] = {labels!r}
depends_on: Union[str, Sequence[str], None] = {needs!r}


def upgrade() -> None:
    """Upgrade schema."""
    op.execute("SELECT 1")


def downgrade() -> None:
    pass
'''


def told(tmp_path: Path, text: str, name: str = "ab12_message.py") -> RevisionFile:
    """What is read from a file of this text."""
    path = tmp_path / name
    path.write_bytes(text.encode())

    return revision_files.read(str(path))


def test_file_of_the_template(tmp_path: Path) -> None:
    """A file as Alembic writes it: identifiers, message, the docstring's rest, and the date without a zone."""
    text = TEMPLATE.format(message="add book\n\nSince there are books.", down=("a", "b"), labels="red", needs=None)

    assert RevisionFile(
        path=str(tmp_path / "ab12_message.py"),
        revision="ab12",
        down_revisions=("a", "b"),
        branch_labels=("red",),
        message="add book",
        doc="add book\n\nSince there are books.",
        create_date=dt.datetime(2026, 3, 1, 10, 20, 30, 123456),  # noqa: DTZ001 - Alembic writes it without a zone
    ) == told(tmp_path, text)


@pytest.mark.parametrize(
    "written,expected",
    [
        ("None", ()),
        ('"a"', ("a",)),
        ("'a'  # the first", ("a",)),
        ('("a", "b")', ("a", "b")),
        ('["a"]', ("a",)),
        ("()", ()),
        ('(\n    "a",\n    "b",\n)', ("a", "b")),
        ('"a" "b"', ("ab",)),
    ],
)
def test_ways_to_write_an_identifier(tmp_path: Path, written: str, expected: tuple[str, ...]) -> None:
    """Whatever literal stands there is read as Alembic's `to_tuple` takes it."""
    read = told(tmp_path, f'revision = "ab12"\ndown_revision = {written}\n')

    assert (expected, None, ()) == (read.down_revisions, read.fault, read.computed)


def test_last_assignment_counts(tmp_path: Path) -> None:
    """As when the file runs: a later assignment at the left margin wins, one inside a function does not."""
    text = 'revision = "x"\nrevision = "ab12"\ndown_revision = None\ndef upgrade():\n    revision = "y"\n'

    assert "ab12" == told(tmp_path, text).revision


def test_computed_identifiers_are_named(tmp_path: Path) -> None:
    """What is no literal can only be told by running the file: it is left out, and named."""
    read = told(tmp_path, 'import os\nrevision = "ab12"\ndown_revision = os.sep\nbranch_labels = ("a",) + ("b",)\n')

    assert (("branch_labels", "down_revision"), (), (), None) == (
        read.computed,
        read.down_revisions,
        read.branch_labels,
        read.fault,
    )


BROKEN = {
    "in a function": (
        'revision = "ab12"\ndown_revision = "a"\n\ndef upgrade():\n    op.(\n',
        ("ab12", ("a",), "cannot be read: SyntaxError in line 5: invalid syntax"),
    ),
    "in an identifier": (
        'revision = "ab12"\ndown_revision = = "a"\n',
        ("ab12", (), "cannot be read: SyntaxError in line 2: invalid syntax"),
    ),
    "tabs and blanks": (
        'revision = "ab12"\ndown_revision = "a"\ndef upgrade():\n    pass\n\tpass\n',
        ("ab12", ("a",), "cannot be read: TabError in line 5: inconsistent use of tabs and spaces in indentation"),
    ),
    "a merge that was left": (
        'revision = "ab12"\n<<<<<<< HEAD\ndown_revision = "a"\n=======\ndown_revision = "b"\n>>>>>>> theirs\n',
        ("ab12", (), "cannot be read: SyntaxError in line 2: invalid syntax"),
    ),
    "empty": (
        "",
        ("ab12_message", (), "has no `revision` identifier, so Alembic cannot tell which revision it is"),
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_file_keeps_what_can_be_read(tmp_path: Path, kind: str) -> None:
    """A fault is a sentence with the line; the identifiers that stand before it are kept, so the tree stays whole."""
    text, expected = BROKEN[kind]
    read = told(tmp_path, text)

    assert expected == (read.revision, read.down_revisions, read.fault)


def test_null_bytes_and_unreadable_files_are_faults(tmp_path: Path) -> None:
    """Neither garbage nor a file that has just gone raises."""
    gone = revision_files.read(str(tmp_path / "gone.py"))
    nulls = told(tmp_path, 'revision = "ab12"\n\0\0')

    assert ("gone", "cannot be read: No such file or directory") == (gone.revision, gone.fault)
    assert ("ab12", True) == (nulls.revision, str(nulls.fault).startswith("cannot be read: "))


def test_a_link_to_nowhere_is_a_fault(tmp_path: Path) -> None:
    """It is listed, so that it can be told; reading it says that there is nothing."""
    (tmp_path / "a.py").symlink_to(tmp_path / "gone.py")
    ((path, *_),) = revision_files.list_files((tmp_path,), recursive=False)

    assert "cannot be read: No such file or directory" == revision_files.read(path).fault


def test_legacy_file_is_named_by_its_file(tmp_path: Path) -> None:
    """Before Alembic 0.1 the id stood in the file's name only, and Alembic still takes it from there."""
    assert "ab12cd" == told(tmp_path, "down_revision = None\n", "ab12cd.py").revision


def test_another_encoding_is_read(tmp_path: Path) -> None:
    """A file may declare its encoding, as any Python file may."""
    path = tmp_path / "ab12.py"
    path.write_bytes('# coding: latin-1\n"""größer"""\nrevision = "ab12"\ndown_revision = None\n'.encode("latin-1"))
    read = revision_files.read(str(path))

    assert ("ab12", "größer", None) == (read.revision, read.message, read.fault)


def test_source_of_a_revision(tmp_path: Path) -> None:
    """The text and its two functions, for reading; of a file that cannot be parsed, the text alone."""
    text = TEMPLATE.format(message="m", down=None, labels=None, needs=None)
    path, broken = tmp_path / "a.py", tmp_path / "b.py"
    path.write_text(text, "utf-8")
    broken.write_text("def upgrade(:\n", "utf-8")
    upgrade = 'def upgrade() -> None:\n    """Upgrade schema."""\n    op.execute("SELECT 1")'

    assert Source(str(path), text, upgrade, "def downgrade() -> None:\n    pass") == revision_files.source(str(path))
    assert Source(str(broken), "def upgrade(:\n", "", "") == revision_files.source(str(broken))


def test_files_are_those_that_alembic_lists(tmp_path: Path) -> None:
    """Folders below only where asked for, a file met twice once, no cache, no link to another folder."""
    versions, outside = tmp_path / "versions", tmp_path / "outside"
    (versions / "2026" / "__pycache__").mkdir(parents=True)
    outside.mkdir()
    for path in (
        versions / "a.py",
        versions / "2026" / "b.py",
        versions / "2026" / "__pycache__" / "c.py",
        outside / "d.py",
    ):
        path.write_text(f'revision = "{path.stem}"\ndown_revision = None\n', "utf-8")
    (versions / "linked").symlink_to(outside, target_is_directory=True)
    (versions / "z.py").symlink_to(versions / "a.py")
    (tmp_path / "same").symlink_to(versions, target_is_directory=True)
    for recursive in (False, True):
        listed = revision_files.list_files((versions, tmp_path / "same"), recursive=recursive)
        script = ScriptDirectory(
            str(tmp_path), version_locations=[str(versions)], recursive_version_locations=recursive
        )

        with warnings.catch_warnings(action="ignore"):  # Alembic warns of the file that it meets twice
            expected = sorted(each.revision for each in script.walk_revisions())

        assert expected == sorted(revision_files.read(path).revision for path, *_ in listed)
        assert all(size == os.path.getsize(path) for path, _, size in listed)  # noqa: PTH202


@pytest.mark.filterwarnings("ignore:invalid escape sequence")
@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([None, "a", ("a", "b")]),
    st.sampled_from([None, "red", ("red", "blue")]),
    st.sampled_from([None, "a", ("a", "red")]),
    st.text("abc XYZ'\"\\\n#.", max_size=20),
    st.booleans(),
)
def test_short_way_reads_what_the_parser_reads(
    down: object, labels: object, needs: object, message: str, crlf: bool
) -> None:
    """Files as the template writes them are read without parsing; the answer is the one that parsing gives."""
    text = TEMPLATE.format(message=message, down=down, labels=labels, needs=needs)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder) / "ab12.py"
        path.write_bytes(text.replace("\n", "\r\n").encode() if crlf else text.encode())
        short = revision_files.read(str(path))
        patch.setattr(revision_files, "_plain", lambda *_: None)

        assert revision_files.read(str(path)) == short


def test_compiled_files_are_those_that_alembic_lists(tmp_path: Path) -> None:
    """With `sourceless`: those without a source, beside it or in `__pycache__`; one that cannot be loaded is listed."""
    versions = tmp_path / "versions"
    (versions / "2026" / "__pycache__").mkdir(parents=True)
    (versions / "__pycache__").mkdir()
    for name, cached in {
        "a.py": None, "b.py": "b.pyc", "c.py": "__pycache__/c.cpython-311.pyc",
        "d.py": "2026/__pycache__/d.cpython-311.pyc", "e.py": "e.pyc", "f.py": "__pycache__/f.cpython-311.pyc",
    }.items():  # fmt: skip
        (versions / name).write_text(f'"""{name}"""\nrevision = "{name}"\ndown_revision = None\n', "utf-8")
        if cached:
            py_compile.compile(str(versions / name), str(versions / cached), doraise=True)
    for gone in ("b.py", "c.py", "d.py"):
        (versions / gone).unlink()
    for recursive, sourceless in itertools.product((False, True), (False, True)):
        listed = revision_files.list_files((versions,), recursive=recursive, sourceless=sourceless)
        script = ScriptDirectory(
            str(tmp_path),
            version_locations=[str(versions)],
            sourceless=sourceless,
            recursive_version_locations=recursive,
        )

        assert sorted(each.path for each in script.walk_revisions()) == sorted(path for path, *_ in listed)

    listed = revision_files.list_files((versions,), recursive=True, sourceless=True)
    assert list("abcdef") == sorted(Path(path).name[0] for path, *_ in listed)
    assert "compiled" in revision_files.source(str(versions / "b.pyc")).text
