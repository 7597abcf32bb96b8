import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "workbench"

# These run in the user's own interpreter, beside the user's own alembic and SQLAlchemy.
CHILD_SIDE = ("errors.py", "text.py", "results", "bridge", "worker")
OLDEST = (3, 10)
ALLOWED = sys.stdlib_module_names | {"alembic", "sqlalchemy"}
OUR_FLOORS = {Path(name).stem for name in CHILD_SIDE}

# Imported inside a function only, which the child calls where it has them or never.
DEFERRED = {"cloudpickle", "flask", "pandas"}


def files() -> list[Path]:
    """Return the source files that the child process may load."""
    return sorted(
        path
        for name in CHILD_SIDE
        for path in ([PACKAGE / name] if name.endswith(".py") else PACKAGE.glob(f"{name}/**/*.py"))
    )


def imports(node: ast.AST, *, deferred: bool = False) -> Iterator[tuple[str, bool]]:
    """Yield the name of every module that a file imports, and whether only when some function is called.

    What stands under `if TYPE_CHECKING:` is never imported.
    """
    if isinstance(node, ast.Import):
        yield from ((alias.name, deferred) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield "." * node.level + (node.module or ""), deferred
    elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
        inside = deferred or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for child in ast.iter_child_nodes(node):
            yield from imports(child, deferred=inside)


def is_allowed(name: str, *, deferred: bool) -> bool:
    """Tell whether a file of the child's side may import this."""
    package, _, below = name.partition(".")
    if package == "workbench":
        return not below or below.partition(".")[0] in OUR_FLOORS

    return package in ALLOWED or (deferred and package in DEFERRED)


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_child_side_is_plain_python_3_10(path: Path) -> None:
    """A file of the child's side parses as Python 3.10 and imports only what any Alembic project has."""
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path), feature_version=OLDEST)

    assert [name for name, deferred in imports(tree) if not is_allowed(name, deferred=deferred)] == []
