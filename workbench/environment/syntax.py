"""What a revision file does, as its syntax tree says it, and a digest of that which formatting leaves alone."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator

from workbench.bridge.parsing import parse

_FORM = "1"
"""Of the digest; one of another form cannot be compared."""
_SILENT = frozenset({"ctx", "kind", "type_comment", "type_ignores", "type_params", "annotation", "returns", "simple"})
"""Fields that change nothing of what is run, and that not every Python has."""
_UPGRADE, _DOWNGRADE = "upgrade", "downgrade"


def digest(text: bytes | str) -> str | None:
    """A digest of what the file does; None if it cannot be parsed.

    The same whatever its formatting, comments, docstrings, annotations, and imports that nothing uses, and the same on
    every Python.
    """
    tree = parse(text)
    if tree is None:
        return None
    used: set[str] = set()
    rest = [each for each in tree.body if not isinstance(each, (ast.Import, ast.ImportFrom))]
    try:
        words = [word for each in _without_docstring(rest) for word in _words(each, used)]
    except RecursionError:
        return None
    needed = sorted(
        f"{source}:{name}"
        for node in tree.body
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for source, name in _imported(node)
        if name in used or name == "*"
    )
    told = "\0".join((*needed, "", *words)).encode("utf-8", "surrogatepass")
    return f"{_FORM}:{hashlib.sha256(told).hexdigest()}"


def is_comparable(told: str) -> bool:
    """Whether a digest that was kept is of the form that `digest` makes."""
    return told.startswith(f"{_FORM}:")


def missing_downgrade(tree: ast.Module) -> tuple[str, int] | None:
    """How the way back is missing though the upgrade does something, and the line of its function; None if it is there.

    Of a multidb revision, whose `upgrade()` calls `upgrade_engine1()`, each pair of functions counts.

    Returns:
        `pass` (it does nothing), `raise`, or `none` (there is no such function), and a line, 0 if there is none.

    """
    functions = {each.name: each for each in tree.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))}
    for name, up in functions.items():
        if name != _UPGRADE and not name.startswith(f"{_UPGRADE}_"):
            continue
        does = _does(up.body)
        if not does or isinstance(does[0], ast.Raise):
            continue
        back = functions.get(_DOWNGRADE + name.removeprefix(_UPGRADE))
        if back is None:
            if name == _UPGRADE and not _assigns(tree, _DOWNGRADE):
                return "none", 0
            continue
        undoes = _does(back.body)
        if not undoes:
            return "pass", back.lineno
        if isinstance(undoes[0], ast.Raise):
            return "raise", back.lineno
    return None


def imports(tree: ast.Module) -> Iterator[tuple[int, str, str, str]]:
    """Each import, wherever it stands: its line, the module, the name taken from it, and what that is called here.

    The name is empty where the module itself is imported, and `*` for all of it.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                yield node.lineno, each.name, "", each.asname or each.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for each in node.names:
                yield node.lineno, node.module, each.name, each.asname or each.name


def dotted(node: ast.AST) -> str:
    """`app.models.Customer` of such an expression; empty of any other."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join((node.id, *reversed(names)))


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    for each in node.names:
        if isinstance(node, ast.Import):
            yield each.name, (each.asname or each.name).partition(".")[0]
        else:
            yield f"{'.' * node.level}{node.module or ''}.{each.name}", each.asname or each.name


def _does(body: list[ast.stmt]) -> list[ast.stmt]:
    """What is more than `pass`, `...`, a docstring and a bare `return`."""
    return [
        each
        for each in body
        if not isinstance(each, ast.Pass)
        and not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        and not (isinstance(each, ast.Return) and each.value is None)
    ]


def _assigns(tree: ast.Module, name: str) -> bool:
    """Whether a name is made otherwise: `downgrade = …`, `from helpers import downgrade`."""
    for each in tree.body:
        if isinstance(each, ast.Assign) and any(isinstance(it, ast.Name) and it.id == name for it in each.targets):
            return True
        if isinstance(each, ast.ImportFrom) and any((it.asname or it.name) in {name, "*"} for it in each.names):
            return True
    return False


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return body[1:]
    return body


def _words(node: object, used: set[str]) -> Iterator[str]:
    """The tree as words: the kinds of nodes and what they hold, without what says nothing. Adds to the names `used`."""
    if isinstance(node, ast.AnnAssign):
        if node.value is None:
            return
        node = ast.Assign([node.target], node.value)
    if isinstance(node, ast.Name):
        used.add(node.id)
    if isinstance(node, ast.AST):
        yield f"({type(node).__name__}"
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(node, ast.Constant) and name == "value":
                yield f"value={value!r}"
            elif name not in _SILENT and value is not None and value != []:
                yield f"{name}="
                yield from _words(_body(node, name, value), used)
        yield ")"
    elif isinstance(node, list):
        for each in node:
            yield from _words(each, used)
    else:
        yield repr(node)


def _body(node: ast.AST, name: str, value: object) -> object:
    """A field of a node; of the body of a function or class without its docstring, and `pass`, which says as little."""
    if name == "body" and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [each for each in _without_docstring(node.body) if not isinstance(each, ast.Pass)]
    if isinstance(node, ast.JoinedStr):  # Python 3.12 puts an empty text behind the last of its parts
        return [each for each in node.values if not (isinstance(each, ast.Constant) and each.value == "")]
    return value
