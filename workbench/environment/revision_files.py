"""Reads revision files without running them: the identifiers, the docstring, and the code of the two functions."""

from __future__ import annotations

import ast
import datetime as dt
import importlib.util
import os
import re
import struct
import symtable
from dataclasses import dataclass, replace
from pathlib import Path

_REVISION_FILE = re.compile(r"(?!\.\#|__init__)(.*\.py)$")  # alembic.script.base._only_source_rev_file
_COMPILED = re.compile(r"(?!\.\#|__init__)(.*\.py)([co])$")  # alembic.script.base._sourceless_rev_file
_LEGACY_NAME = re.compile(r"([a-f0-9]+)\.py$")  # alembic.script.base._legacy_rev
_CREATE_DATE = re.compile(r"^Create Date:\s*(.+?)\s*$", re.MULTILINE)
_BOOKKEEPING = re.compile(r"^(?:Revision ID|Revises|Create Date|Branch Labels|Depends on):.*$", re.MULTILINE)
_WRITTEN_ID = re.compile(r"""^revision\s*(?::[^=\n]+)?=\s*(['"])([^'"\n]+)\1""", re.MULTILINE)
_NAMES = frozenset({"revision", "down_revision", "branch_labels", "depends_on"})
_PLAIN_DOCSTRING = re.compile(r'\A(?:#[^\n]*\n|\s)*"""([^"\\]*(?:"(?!"")[^"\\]*)*)"""')
_ASSIGNED = re.compile(r"^(?:revision|down_revision|branch_labels|depends_on)\b", re.MULTILINE)
_PLAIN_IDENTIFIER = re.compile(
    r"""^(revision|down_revision|branch_labels|depends_on)(?:[ ]*:[^=\n]*)?[ ]*=[ ]*"""
    r"""(?:None|(['"])([\w.-]+)\2)[ ]*(?:\#.*)?$""",
    re.MULTILINE,
)


@dataclass(frozen=True)
class RevisionFile:
    """What one revision file says about itself."""

    path: str
    revision: str
    down_revisions: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    branch_labels: tuple[str, ...] = ()
    message: str = ""
    doc: str = ""
    create_date: dt.datetime | None = None
    fault: str | None = None
    """Why it could not be read, in a sentence."""
    computed: tuple[str, ...] = ()
    """The identifiers that are not literals: only running the file can tell them."""


@dataclass(frozen=True)
class Source:
    """The code of one revision, for reading."""

    path: str
    text: str
    upgrade: str
    downgrade: str


def list_files(locations: tuple[Path, ...], *, recursive: bool, sourceless: bool = False) -> list[tuple[str, int, int]]:
    """The revision files as (path, mtime in ns, size), in the order in which Alembic meets them, each once.

    With `sourceless` these are also the compiled files that have no source beside them, or above `__pycache__`.
    """
    found: dict[str, tuple[str, int, int]] = {}
    for location in locations:
        folders = [str(location)]
        while folders:
            folder = folders.pop(0)
            below: list[str] = []
            try:
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except OSError:  # a version location that does not exist yet holds no revision
                continue
            real = os.path.realpath(folder)
            for entry in entries:
                if entry.is_dir():
                    # As os.walk, Alembic does not go into a folder that is a link.
                    if recursive and not entry.is_symlink() and not entry.name.endswith("__pycache__"):
                        below.append(entry.path)
                elif _REVISION_FILE.match(entry.name):
                    _note(found, entry, real)
            if sourceless:
                for entry in _compiled(folder, entries):
                    _note(found, entry, os.path.realpath(Path(entry.path).parent))
            folders[:0] = below
    return list(found.values())


def _note(found: dict[str, tuple[str, int, int]], entry: os.DirEntry[str], real: str) -> None:
    try:
        stat = entry.stat()
        stamp = (stat.st_mtime_ns, stat.st_size)
    except OSError:  # a link to nowhere: reading it gives the fault
        stamp = (0, 0)
    once = os.path.realpath(entry.path) if entry.is_symlink() else f"{real}{os.sep}{entry.name}"
    found.setdefault(once, (entry.path, *stamp))


def _compiled(folder: str, entries: list[os.DirEntry[str]]) -> list[os.DirEntry[str]]:
    """The compiled revisions of a folder and of its `__pycache__`, as `Script._list_py_dir` and `_from_path` choose."""
    names = {entry.name for entry in entries if not entry.is_dir()}
    sources = {name.split(".")[0] for name in names}
    try:
        cached = sorted(os.scandir(f"{folder}{os.sep}__pycache__"), key=lambda entry: entry.name)
    except OSError:  # nothing was compiled
        cached = []
    both = [(names, [entry for entry in entries if entry.name in names])]
    both.append(({entry.name for entry in cached}, [e for e in cached if e.name.split(".")[0] not in sources]))
    chosen = []
    for beside, candidates in both:
        for entry in candidates:
            told = _COMPILED.match(entry.name)
            if told and told[1] not in beside and not (told[2] == "o" and f"{told[1]}c" in beside):
                chosen.append(entry)
    return chosen


def is_compiled(path: str) -> bool:
    """Whether this file can only be run, not read."""
    return path.endswith((".pyc", ".pyo"))


def unread(path: str) -> RevisionFile:
    """A compiled file: only running it tells what it is."""
    return RevisionFile(path, Path(path).name.split(".")[0], computed=tuple(sorted(_NAMES)))


def read(path: str) -> RevisionFile:
    """Read one file. Never raises for what stands in it: a file that Alembic would refuse has a `fault`."""
    name = os.path.basename(path)  # noqa: PTH119 - thousands of files: pathlib costs as much as parsing
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            raw = file.read()
            stat = os.fstat(file.fileno())
    except OSError as error:
        return RevisionFile(path, name.removesuffix(".py"), fault=f"cannot be read: {error.strerror}")
    try:
        plain = _plain(path, raw, stat)
        if plain is not None:
            return plain
        tree = ast.parse(raw, path)
    except SyntaxError as error:
        return _broken(path, raw, f"cannot be read: {type(error).__name__} in line {error.lineno}: {error.msg}")
    except (ValueError, RecursionError, MemoryError) as error:  # null bytes; code nested beyond reason
        return _broken(path, raw, f"cannot be read: {error}")
    values, computed = _identifiers(tree)
    doc = ast.get_docstring(tree, clean=False) or ""
    message, rest, create_date = _docstring(doc)
    told = {"path": path, "message": message, "doc": rest, "create_date": create_date, "computed": computed}
    revision: object = values.get("revision")
    if not isinstance(revision, str):
        legacy = _LEGACY_NAME.match(name)
        if "revision" in computed or (legacy and "revision" not in values):
            revision = legacy.group(1) if legacy else name.removesuffix(".py")
        else:
            nameless = "has no `revision` identifier, so Alembic cannot tell which revision it is"
            return RevisionFile(revision=name.removesuffix(".py"), fault=nameless, **told)  # type: ignore[arg-type]
    fault = None if "down_revision" in values or "down_revision" in computed else "has no `down_revision`"
    labels = _tuple(values.get("branch_labels"))
    twice = next((label for label in labels if labels.count(label) > 1), None)
    if twice is not None:
        fault = fault or f"its branch label {twice!r} stands there twice"
    return RevisionFile(
        revision=revision,
        down_revisions=_tuple(values.get("down_revision")),
        depends_on=_tuple(values.get("depends_on")),
        branch_labels=tuple(sorted(set(labels))),
        fault=fault,
        **told,  # type: ignore[arg-type]
    )


def _plain(path: str, raw: bytes, stat: os.stat_result) -> RevisionFile | None:
    """What `read` gives, at a fraction of its cost, for a file as Alembic's template writes it; None for any other.

    The identifiers are taken only if each stands once at the left margin and is a plain string or None.

    Raises:
        SyntaxError: As parsing would.

    """
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    docstring = _PLAIN_DOCSTRING.match(text)
    if docstring is None or "\r" in text:
        return None
    assigned = _ASSIGNED.findall(text, docstring.end())
    found = {name: value or None for name, _, value in _PLAIN_IDENTIFIER.findall(text, docstring.end())}
    if len(assigned) != len(found) or not found.get("revision") or "down_revision" not in found:
        return None
    if not _was_compiled(path, stat):
        symtable.symtable(text, path, "exec")  # the cheapest way to have the compiler look for syntax errors
    message, doc, create_date = _docstring(docstring.group(1))
    return RevisionFile(
        path,
        found["revision"] or "",
        _tuple(found["down_revision"]),
        _tuple(found.get("depends_on")),
        _tuple(found.get("branch_labels")),
        message,
        doc,
        create_date,
    )


def _was_compiled(path: str, stat: os.stat_result) -> bool:
    """Whether this Python has compiled the file as it is: then Alembic runs that bytecode, and it has no syntax error.

    Its header notes the source's time and size. Of 5,000 files that Alembic has run, this takes 0.1 s, compiling 0.8.
    """
    try:
        with open(importlib.util.cache_from_source(path), "rb") as file:  # noqa: PTH123 - as in `read`
            head = file.read(16)
    except (OSError, NotImplementedError):
        return False
    # As importlib/_bootstrap_external.py:_code_to_timestamp_pyc writes it.
    stamp = struct.pack("<LL", int(stat.st_mtime) & 0xFFFFFFFF, stat.st_size & 0xFFFFFFFF)
    return head == importlib.util.MAGIC_NUMBER + bytes(4) + stamp


def source(path: str) -> Source:
    """The text of a revision file and, where it can be parsed, of its two functions.

    Raises:
        OSError: The file cannot be read.

    """
    if is_compiled(path):
        return Source(path, "# A compiled file: its source is not here.\n", "", "")
    text = Path(path).read_text("utf-8", errors="replace")
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return Source(path, text, "", "")
    functions = {
        node.name: ast.get_source_segment(text, node) or "" for node in tree.body if isinstance(node, ast.FunctionDef)
    }
    return Source(path, text, functions.get("upgrade", ""), functions.get("downgrade", ""))


def _identifiers(tree: ast.Module) -> tuple[dict[str, object], tuple[str, ...]]:
    values: dict[str, object] = {}
    computed: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            targets, value = [node.target], node.value
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name) and target.id in _NAMES:
                try:
                    values[target.id] = ast.literal_eval(value)
                    computed.discard(target.id)
                except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                    values.pop(target.id, None)
                    computed.add(target.id)
    return values, tuple(sorted(computed))


def _broken(path: str, raw: bytes, fault: str) -> RevisionFile:
    text = raw.decode("utf-8", "replace")
    written = _WRITTEN_ID.search(text)
    revision = written.group(2) if written else os.path.basename(path).removesuffix(".py")  # noqa: PTH119
    try:
        # Nearly always the fault lies in a function's body: then all that stands before it can still be read.
        head = ast.parse(re.split(r"^(?:async )?(?:def|class) ", text, maxsplit=1, flags=re.MULTILINE)[0])
        values, computed = _identifiers(head)
        message, doc, create_date = _docstring(ast.get_docstring(head, clean=False) or "")
    except (SyntaxError, ValueError):
        return RevisionFile(path, revision, fault=fault)
    return RevisionFile(
        path,
        revision,
        _tuple(values.get("down_revision")),
        _tuple(values.get("depends_on")),
        tuple(sorted(set(_tuple(values.get("branch_labels"))))),
        message,
        doc,
        create_date,
        fault,
        computed,
    )


def with_docstring(file: RevisionFile, doc: str) -> RevisionFile:
    """`file` with what its module's docstring tells."""
    message, rest, create_date = _docstring(doc)
    return replace(file, message=message, doc=rest, create_date=create_date)


def _docstring(doc: str) -> tuple[str, str, dt.datetime | None]:
    """The message (Alembic's `Script.doc`), the rest without bookkeeping, and the date."""
    doc = doc.strip()
    found = _CREATE_DATE.search(doc)
    created = None
    if found:
        try:
            created = dt.datetime.fromisoformat(found.group(1)).replace(tzinfo=None)
        except ValueError:
            created = None
    return doc.split("\n\n")[0], _BOOKKEEPING.sub("", doc).strip(), created


def _tuple(value: object) -> tuple[str, ...]:
    """As `alembic.util.to_tuple`: None, a string, or a collection of strings."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, (tuple, list, set, frozenset)):
        items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        return tuple(str(item) for item in items)
    return (str(value),)
