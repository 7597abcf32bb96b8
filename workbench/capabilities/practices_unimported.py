"""The check of models on disk that env.py does not import."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from workbench.bridge.parsing import parse
from workbench.bridge.practice_values import ModelModule
from workbench.capabilities.practice import Look, NotAsked, by_name, practice
from workbench.environment import syntax
from workbench.results import Finding
from workbench.text import one_line

_FIRST = 5
_MOST = 3_000  # folders below the packages of the models
_NOT_OURS = {"tests", "test", "__pycache__", "node_modules", "site-packages", "venv", "versions"}


@practice("model-not-imported")
def model_not_imported(look: Look) -> Iterator[Finding]:
    """A module on disk declares models of the target_metadata, and env.py does not import it.

    **Why.** Its tables are not in the metadata, so autogenerate never makes them, and drops them where they are.
    Looked for beside the models that are known, without tests; told only where the base class or the MetaData that it
    uses is that of env.py.

    **Example.** `app/models/voucher.py`, and `app/models/__init__.py` does not mention it.

    **What to do.** Import it where the other models are imported, or in env.py.
    """
    told = look.asks.models()
    modules = by_name(told)
    if not modules:
        raise NotAsked("env.py gives no target_metadata, so there are no models.")
    loaded: dict[str, list[str]] = {}
    for each in told.loaded:
        loaded.setdefault(os.path.basename(each), []).append(each)  # noqa: PTH119 - a thousand of them
    away = {Path(each).resolve() for each in look.locations}
    for path in _beside(modules, loaded, away):
        tree = _worth_parsing(path, modules)
        declared = [] if tree is None else list(_declared(tree, path, modules))
        if declared:
            shown = look.shown(str(path))
            yield Finding(
                "model-not-imported",
                "warning",
                "breaks-code",
                f"{one_line(shown)} declares {', '.join(one_line(each) for each, _ in declared[:_FIRST])}"
                f"{', …' if len(declared) > _FIRST else ''}, and env.py does not import it: "
                "autogenerate does not see it.",
                "Import it where the other models are imported, or in env.py.",
                object=path.stem,
                path=shown,
                line=declared[0][1],
            )


def _beside(modules: dict[str, ModelModule], loaded: dict[str, list[str]], away: set[Path]) -> Iterator[Path]:
    """The Python files beside and below those that define models, which are not loaded."""
    seen: set[Path] = set()
    for each in sorted(modules.values(), key=lambda each: each.name):
        file = Path(each.file).resolve()
        if not each.defines or "site-packages" in file.parts:
            continue
        # Of a module at the top of the project only its neighbours: all else is no package of the models'.
        is_package = "." in each.name or file.name == "__init__.py"
        folders = [file.parent]
        while folders and len(seen) < _MOST:
            folder = folders.pop(0)
            if folder in seen or folder in away:
                continue
            seen.add(folder)
            files, below = _entries(folder)
            yield from (it for it in files if not _is_among(it, loaded.get(it.name, ())))
            folders += below if is_package else []


def _entries(folder: Path) -> tuple[list[Path], list[Path]]:
    """The Python files and the folders in it that may hold models of the project."""
    try:
        entries = sorted(
            each for each in folder.iterdir() if not each.name.startswith(".") and each.name not in _NOT_OURS
        )
    except OSError:
        return [], []
    files = [each for each in entries if each.suffix == ".py" and not each.is_dir() and not _is_test(each.name)]
    marks = ("env.py", "pyvenv.cfg")  # of another environment's, and of a virtual one
    return files, [each for each in entries if each.is_dir() and not any((each / it).exists() for it in marks)]


def _is_among(path: Path, loaded: Iterable[str]) -> bool:
    return any(Path(each).resolve() == path.resolve() for each in loaded)


def _is_test(name: str) -> bool:
    return name.startswith("test_") or name.endswith("_test.py") or name in {"conftest.py", "env.py"}


def _worth_parsing(path: Path, modules: dict[str, ModelModule]) -> ast.Module | None:
    try:
        text = path.read_bytes()
    except OSError:
        return None
    bases = {name.rpartition(".")[2].encode() for each in modules.values() for name in (*each.bases, *each.models)}
    if not any(each in text for each in (b"Table(", *bases)):
        return None
    return parse(text)


def _declared(tree: ast.Module, path: Path, modules: dict[str, ModelModule]) -> Iterator[tuple[str, int]]:
    """The names and lines of the models that stand at the left margin of a file."""
    known = _known_here(tree, path, modules)
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            bases = {syntax.dotted(each) for each in node.bases}
            if any(known.get(each) in {"base", "model"} for each in bases) and _is_mapped(node):
                known[node.name] = "model"
                yield node.name, node.lineno
            elif any(known.get(each) == "base" for each in bases):
                known[node.name] = "base"  # an abstract one
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign, ast.Expr)) else None
        if isinstance(value, ast.Call) and syntax.dotted(value.func).rpartition(".")[2] == "Table" and value.args[1:]:
            metadata = syntax.dotted(value.args[1])
            owner, _, last = metadata.rpartition(".")
            if known.get(metadata) == "metadata" or (last == "metadata" and known.get(owner) == "base"):
                first = value.args[0]
                name = first.value if isinstance(first, ast.Constant) else "a table"
                yield str(name), node.lineno


def _known_here(tree: ast.Module, path: Path, modules: dict[str, ModelModule]) -> dict[str, str]:
    """What names of this file mean to the target_metadata: `base`, `model`, `metadata`."""
    known: dict[str, str] = {}
    for _, module, name, called in syntax.imports(tree):
        if module in modules:
            known |= _meaning(modules[module], name, called)
        if name and f"{module}.{name}" in modules:
            known |= _meaning(modules[f"{module}.{name}"], "", called)
    by_file = {str(Path(each.file).resolve()): each for each in modules.values()}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.level:
            place = path.resolve().parents[node.level - 1].joinpath(*(node.module or "").split("."))
            for each in node.names:
                called = each.asname or each.name
                for inner, name in ((place, each.name), (place / each.name, "")):
                    module_there = by_file.get(f"{inner}.py") or by_file.get(str(inner / "__init__.py"))
                    known |= {} if module_there is None else _meaning(module_there, name, called)
    return known


def _meaning(module: ModelModule, name: str, called: str) -> dict[str, str]:
    """What is called so after `name` was imported from a module; the module itself, where it is empty."""
    known: dict[str, str] = {}
    for kind, names in (("base", module.bases), ("model", module.models), ("metadata", module.metadatas)):
        for each in names:
            head, _, rest = each.partition(".")
            if name == "*":
                known[each] = kind
            elif not name:
                known[f"{called}.{each}"] = kind
            elif head == name:
                known[f"{called}.{rest}" if rest else called] = kind
    return known


def _is_mapped(node: ast.ClassDef) -> bool:
    """It makes a table: a name for one, or columns, and it is not abstract."""
    if any(each.arg == "table" and isinstance(each.value, ast.Constant) and each.value.value for each in node.keywords):
        return True
    names: set[str] = set()
    has_column = False
    for each in node.body:
        targets = (
            each.targets if isinstance(each, ast.Assign) else [each.target] if isinstance(each, ast.AnnAssign) else []
        )
        names |= {it.id for it in targets if isinstance(it, ast.Name)}
        value = each.value if isinstance(each, (ast.Assign, ast.AnnAssign)) else None
        called = syntax.dotted(value.func).rpartition(".")[2] if isinstance(value, ast.Call) else ""
        has_column = has_column or called in {"Column", "mapped_column"}
    return "__abstract__" not in names and (bool({"__tablename__", "__table__"} & names) or has_column)
