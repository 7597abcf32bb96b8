"""Reads a revision's code for what it makes and takes away: all that can be had of a step that cannot run offline."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from workbench.bridge import statements
from workbench.results.effects import Effect
from workbench.results.operations import Plain

_BRANCHES = (ast.If, ast.For, ast.While, ast.Try, ast.IfExp, ast.FunctionDef, ast.Lambda, ast.AsyncFor)
# Of each call: what it does, to what, and how many literal names it begins with. In a batch the table is known.
_CALLS = {
    "create_table": ("makes", "table"),
    "drop_table": ("drops", "table"),
    "add_column": ("makes", "column"),
    "drop_column": ("drops", "column"),
    "create_index": ("makes", "index"),
    "drop_index": ("drops", "index"),
    "create_unique_constraint": ("makes", "constraint"),
    "create_foreign_key": ("makes", "constraint"),
    "create_check_constraint": ("makes", "constraint"),
    "create_primary_key": ("makes", "constraint"),
    "drop_constraint": ("drops", "constraint"),
    "rename_table": ("changes", "table"),
    "alter_column": ("changes", "column"),
}

_KINDS = {
    ("makes", "table"): "create_table",
    ("drops", "table"): "drop_table",
    ("changes", "table"): "rename_table",
    ("makes", "column"): "add_column",
    ("drops", "column"): "drop_column",
    ("makes", "index"): "create_index",
    ("drops", "index"): "drop_index",
    ("drops", "constraint"): "drop_constraint",
    ("drops", "view"): "drop_view",
}


def read(path: str, functions: tuple[str, ...], dialect: str) -> tuple[Effect, ...]:
    """What the functions of that name in the file would do, as far as their calls have literal names.

    An effect in a branch of the code comes with `sure` False: it may not be what runs.
    """
    try:
        with open(path, "rb") as file:  # as bytes: the file says itself how it is encoded
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return ()
    found: list[Effect] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in functions:
            for statement in node.body:
                found += _walk(statement, {}, dialect, sure=True)
    return tuple(found)


def beyond(heard: tuple[Effect, ...], code: tuple[Effect, ...]) -> tuple[Effect, ...]:
    """`heard`, then what only stands in the code: what comes after the place where the step failed."""
    known = {_key(each) for each in heard}
    return heard + tuple(each for each in code if _key(each) not in known)


def operations_beyond(heard: tuple[Plain, ...], code: tuple[Effect, ...], dialect: str) -> tuple[Plain, ...]:
    """`heard`, then what only stands in the code, and in the end an operation `sql` without any text.

    That last one says that there is more which cannot be known without running it.
    """
    known = {(each["kind"], *(each.get(name, "") for name in ("schema", "table", "name"))) for each in heard}
    raw = {_key(effect) for each in heard for text in each.get("sql", ()) for effect in statements.read(text, dialect)}
    read: list[Plain] = [
        {
            "kind": kind,
            "schema": each.schema,
            "table": each.table,
            "name": each.name,
            "new_name": each.new_name,
            "source": "code",
            "sure": each.sure,
        }
        for each in code
        if (kind := each.by or _KINDS.get((each.does, each.kind)))
        and (kind, each.schema, each.table, each.name) not in known
        and _key(each) not in raw
    ]
    return (*heard, *read, {"kind": "sql", "source": "code"})


def _key(effect: Effect) -> tuple[str, ...]:
    return effect.does, effect.kind, effect.schema, effect.table, effect.name


def _walk(node: ast.AST, batches: dict[str, tuple[str, str]], dialect: str, *, sure: bool) -> Iterator[Effect]:
    if isinstance(node, ast.With):
        inner = dict(batches)
        for item in node.items:
            call, name = item.context_expr, item.optional_vars
            if isinstance(call, ast.Call) and _called(call) == "batch_alter_table" and isinstance(name, ast.Name):
                table = _literal(_argument(call, 0, "table_name"))
                inner[name.id] = (_literal(_argument(call, 9, "schema")) or "", table or "")
        for statement in node.body:
            yield from _walk(statement, inner, dialect, sure=sure)
        return
    if isinstance(node, ast.Call):
        for effect in _of_call(node, batches, dialect):
            yield effect if sure else replace(effect, sure=False)
    inside = sure and not isinstance(node, _BRANCHES)
    for child in ast.iter_child_nodes(node):
        yield from _walk(child, batches, dialect, sure=inside)


def _of_call(call: ast.Call, batches: dict[str, tuple[str, str]], dialect: str) -> Iterator[Effect]:
    name = _called(call)
    if name in {"execute", "exec_driver_sql"}:
        argument = _argument(call, 0, "sqltext")
        if isinstance(argument, ast.Call) and _called(argument) in {"text", "DDL"}:
            argument = _argument(argument, 0, "text")
        yield from statements.read(_literal(argument) or "", dialect)
        return
    if name not in _CALLS or not isinstance(call.func, ast.Attribute):
        return
    does, kind = _CALLS[name]
    owner = call.func.value
    batch = batches.get(owner.id) if isinstance(owner, ast.Name) else None
    if batch is None and not (isinstance(owner, ast.Name) and owner.id == "op"):
        return
    schema, table = batch or (_literal(_argument(call, 99, "schema")) or "", "")
    first = kind in {"index", "constraint"}  # its own name comes before the table's
    if batch is None:
        table = _literal(_argument(call, int(first), "source_table" if "foreign" in name else "table_name")) or ""
        table = table or (_literal(_argument(call, 0, "old_table_name")) or "" if name == "rename_table" else "")
    thing = "" if kind == "table" else _thing(call, 0 if batch is not None or first else 1)
    new = _literal(_argument(call, 1, "new_table_name") if kind == "table" else _argument(call, 99, "new_column_name"))
    if not table or (thing is None) or (kind == "table" and does == "changes" and not new):
        return
    guarded = any(each.arg in {"if_exists", "if_not_exists"} for each in call.keywords)
    new_name = new or "" if does == "changes" else ""
    yield Effect(does, kind, schema, table, thing, new_name=new_name, sure=not guarded)  # type: ignore[arg-type]


def _thing(call: ast.Call, position: int) -> str | None:
    """The name of the column, index or constraint; None where the code computes it."""
    argument = call.args[position] if len(call.args) > position else None
    if isinstance(argument, ast.Call):  # sa.Column("name", …), op.f("name")
        argument = argument.args[0] if argument.args else None
    for keyword in call.keywords if argument is None else ():
        if keyword.arg in {"column_name", "index_name", "constraint_name", "column"}:
            argument = keyword.value
            if isinstance(argument, ast.Call):
                argument = argument.args[0] if argument.args else None
    if isinstance(argument, ast.Constant) and argument.value is None:
        return ""
    return _literal(argument)


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    if len(call.args) > position:
        return call.args[position]
    return next((each.value for each in call.keywords if each.arg == name), None)


def _literal(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
