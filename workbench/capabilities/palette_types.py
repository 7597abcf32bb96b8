"""Types as an author types them: `String(40)`, `numeric(10, 2)`, `postgresql.JSONB`."""

from __future__ import annotations

import ast
from functools import cache
from importlib import import_module
from typing import Any

import sqlalchemy as sa

from workbench.errors import UnsupportedRequest

_COMMON = (
    "Integer", "BigInteger", "SmallInteger", "String(40)", "Text", "Boolean", "Date", "DateTime", "Time",
    "Numeric(10, 2)", "Float", "LargeBinary", "JSON",
)  # fmt: skip
_OWN = {
    "postgresql": ("DateTime(timezone=True)", "postgresql.UUID", "postgresql.JSONB", "postgresql.ARRAY(Integer)"),
    "mysql": ("mysql.INTEGER(unsigned=True)", "mysql.DATETIME(fsp=6)", "mysql.LONGTEXT"),
    "sqlite": (),
}
_MODULES = ("postgresql", "mysql", "sqlite")


def family(dialect: str) -> str:
    """The dialect whose types a database has: MariaDB has MySQL's."""
    return "mysql" if dialect == "mariadb" else dialect


def offered(dialect: str) -> tuple[str, ...]:
    """The types to choose from, for who does not know a better one."""
    return (*_COMMON, *_OWN.get(family(dialect), ()))


def code(text: str) -> tuple[str, tuple[str, ...]]:
    """A type as code, and the lines that it has to import.

    Raises:
        UnsupportedRequest: There is no such type, or it is not made of names and plain values.

    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError) as error:
        raise _no_type(text) from error
    imports: set[str] = set()
    body = _type(tree.body, text, imports)
    return ast.unparse(body), tuple(sorted(imports))


def _type(node: ast.expr, text: str, imports: set[str]) -> ast.expr:
    if isinstance(node, ast.Call):
        inner = [_argument(each, text, imports) for each in node.args]
        named = [ast.keyword(each.arg, _argument(each.value, text, imports)) for each in node.keywords if each.arg]
        called = _name(node.func, text, imports)
        return ast.Call(called, inner, named)
    return ast.Call(_name(node, text, imports), [], [])


def _argument(node: ast.expr, text: str, imports: set[str]) -> ast.expr:
    if isinstance(node, ast.Constant) or (isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant)):
        return node
    return _type(node, text, imports)


def _name(node: ast.expr, text: str, imports: set[str]) -> ast.expr:
    names = ast.unparse(node).split(".")
    module = names[0] if len(names) > 1 else "sa"
    known = _known(module)
    name = next((each for each in (names[-1], names[-1].upper()) if each in known), None)
    if name is None or len(names) > 2:  # noqa: PLR2004 - module and name
        raise _no_type(text)
    if module != "sa":
        imports.add(f"from sqlalchemy.dialects import {module}")
    return ast.Attribute(ast.Name(module), name)


@cache
def _known(module: str) -> frozenset[str]:
    found: Any = sa if module == "sa" else None
    if module in _MODULES:
        found = import_module(f"sqlalchemy.dialects.{module}")
    members = {} if found is None else vars(found)
    return frozenset(
        name for name, each in members.items() if isinstance(each, type) and issubclass(each, sa.types.TypeEngine)
    )


def _no_type(text: str) -> UnsupportedRequest:
    return UnsupportedRequest(
        f"{text!r} is no type.", "Write it as SQLAlchemy does: String(40), Numeric(10, 2), postgresql.JSONB."
    )
