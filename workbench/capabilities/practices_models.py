"""Checks of the models: against the schema, and in migrations."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.bridge.practice_values import ModelModule
from workbench.capabilities.practice import Look, NotAsked, by_name, named, practice
from workbench.environment import syntax
from workbench.results import Change, Evidence, Finding
from workbench.results.schema_diff import qualified
from workbench.text import one_line, plural

_FIRST = 5


@practice("models-differ")
def models_differ(look: Look) -> Iterator[Finding]:
    """The models and the head differ: what `alembic check` finds, by the same comparators.

    **Why.** The application expects what no revision makes. A database that stands at the heads is compared as it is;
    where none does, the head has to be made on a scratch database, which is only done if asked for.

    **Example.** A column was added to a model, and no revision was written.

    **What to do.** `wb.revision("…")` drafts it; `wb.diff()` shows all that differs.
    """
    if not look.databases:
        raise NotAsked("No database could be asked.")
    parts = look.asks.models().parts
    if not any(each.has_models for each in parts):
        raise NotAsked("env.py gives no target_metadata, so there are no models.")
    there = [each.name for each in look.databases if not look.pending.get(each.name)]
    known = {node.file.revision for node in look.graph.nodes}
    there = [each.name for each in look.databases if each.name in there and set(each.heads) <= known]
    changes: tuple[Change, ...]
    changes = look.asks.diff().changes if there else look.asks.head_changes()
    names = there or [each.name for each in look.databases]
    for name in names:
        found = [each for each in changes if each.database in {name, ""}]
        if not found:
            continue
        some = ", ".join(f"{each.kind} {one_line(_named(each))}" for each in found[:_FIRST])
        yield Finding(
            "models-differ",
            "warning",
            "breaks-code",
            f"Models and head differ: {plural(len(found), 'change')} ({some}{', …' if len(found) > _FIRST else ''}).",
            'Write the revision that is missing: wb.revision("…") drafts it. wb.diff() shows all of them.',
            evidence=Evidence("", len(found), sample=tuple((each.kind, _named(each)) for each in found)),
            database=name,
        )


@practice("models-in-migration")
def models_in_migration(look: Look) -> Iterator[Finding]:
    """A revision imports the application's models.

    **Why.** It was written for the models of that day. When they change, so does what the revision does, on every
    database that is made anew; when one is removed, the whole history can no longer be run.
    A type or a function from the same module is let be.

    **Example.** `from app.models import Customer`

    **What to do.** Write the tables as they are there into the revision: `sa.table("customer", sa.column("id"))`.
    """
    modules = by_name(look.asks.models())
    if not modules:
        raise NotAsked("env.py gives no target_metadata, so there are no models.")
    for node in look.nodes:
        tree = look.tree(node)
        used = {} if tree is None else _models_used(tree, modules)
        if used:
            names = ", ".join(dict.fromkeys(one_line(each) for each in used))
            yield look.at(
                "models-in-migration",
                node,
                "warning",
                f"{named(node)} imports models ({names}): when they change, so does what it does.",
                'Write the tables as they were into the revision: sa.table("…", sa.column("…")).',
                line=next(iter(used.values())),
            )


def _named(change: Change) -> str:
    table = qualified(change)
    return table if change.name in {change.table, ""} else f"{table}.{change.name}"


def _models_used(tree: ast.Module, modules: dict[str, ModelModule]) -> dict[str, int]:
    """`app.models.Customer` and the line of the import, of each model that the file takes."""
    found: dict[str, int] = {}
    aliases: dict[str, tuple[str, int]] = {}
    for line, module, name, called in syntax.imports(tree):
        if name and module in modules and (name in modules[module].models or (name == "*" and modules[module].models)):
            found.setdefault(f"{module}.{name}", line)
        if not name and module in modules:
            aliases[called] = (module, line)
        elif name and f"{module}.{name}" in modules:
            aliases[called] = (f"{module}.{name}", line)
    if aliases:
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                owner = syntax.dotted(node.value)
                module, line = aliases.get(owner, ("", 0))
                if module and node.attr in modules[module].models:
                    found.setdefault(f"{module}.{node.attr}", line)
    return found
