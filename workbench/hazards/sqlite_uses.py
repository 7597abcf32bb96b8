"""Who uses a column on SQLite: views, triggers, CHECKs and indexes, which it reads again at each ALTER TABLE."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from workbench.hazards.late import TokenType, exp, scope, sqlglot
from workbench.hazards.situation import Situation
from workbench.results import View
from workbench.results.objects import SchemaObject

Use = Literal["", "refuses", "breaks", "perhaps"]
"""Whether the ALTER is refused because of it, whether it breaks afterwards, or whether that cannot be told."""

_WRONG = (RecursionError, ValueError, AttributeError, TypeError, KeyError, IndexError)
_BODY = re.compile(r"\bBEGIN\b(.*)\bEND\s*;?\s*$", re.IGNORECASE | re.DOTALL)


def triggers(now: Situation) -> tuple[SchemaObject, ...]:
    """The live triggers."""
    return () if now.schema is None else tuple(each for each in now.schema.objects if each.kind == "trigger")


def names_in(sql: str) -> set[str]:
    """The names in an expression or statement, small: of columns, tables and aliases, not of functions, no texts."""
    try:
        tokens = sqlglot.tokenize(sql, read="sqlite")
    except sqlglot.errors.SqlglotError:
        return set()
    found = set()
    for token, following in zip(tokens, [*tokens, None][1:], strict=True):
        is_call = following is not None and following.token_type == TokenType.L_PAREN
        if token.token_type != TokenType.STRING and not is_call and token.text:
            found.add(token.text.casefold())
    return found


def views_over(table: str, views: Iterable[View]) -> Iterator[View]:
    """The views that read a table, at first or second hand."""
    wanted, rest, grew = {table.casefold()}, list(views), True
    while grew:
        grew = False
        for each in list(rest):
            if names_in(_query(each.definition)) & wanted:
                rest.remove(each)
                wanted.add(each.name.casefold())
                grew = True
                yield each


def view_use(view: View, table: str, column: str, all_views: Iterable[View]) -> Use:
    """What a view says when a column goes: one that names it is refused; `*` merely shows one less.

    A view over a view that takes all columns is looked at in the same way.
    """
    targets = {table.casefold()}
    for each in views_over(table, all_views):
        if each.name != view.name and _takes_all(each, targets):
            targets.add(each.name.casefold())
    if column.casefold() not in names_in(_query(view.definition)):
        return ""
    try:
        scopes = scope.traverse_scope(sqlglot.parse_one(_query(view.definition), read="sqlite"))
        told = any(_names(scope, targets, column.casefold()) for scope in scopes)
    except (sqlglot.errors.SqlglotError, *_WRONG):
        return "perhaps"
    return "refuses" if told else ""


def _names(scope: scope.Scope, targets: set[str], column: str) -> bool:
    sources = {name.casefold(): each for name, each in scope.sources.items()}
    here = {name for name, each in sources.items() if isinstance(each, exp.Table) and each.name.casefold() in targets}
    for each in scope.columns:
        if each.name.casefold() == column:
            qualifier = each.table.casefold()
            if (qualifier in here) if qualifier else bool(here):
                return True
    return False


def _takes_all(view: View, targets: set[str]) -> bool:
    try:
        query = sqlglot.parse_one(_query(view.definition), read="sqlite")
    except (sqlglot.errors.SqlglotError, *_WRONG):
        return False
    tables = {each.name.casefold() for each in query.find_all(exp.Table)}
    return bool(tables & targets) and query.find(exp.Star) is not None


def _query(definition: str) -> str:
    found = re.search(r"\bAS\b(.*)$", definition, re.IGNORECASE | re.DOTALL)
    return found.group(1).strip() if found else definition


def trigger_use(trigger: SchemaObject, table: str, column: str) -> Use:
    """What a trigger says when a column of `table` goes.

    SQLite reads NEW, OLD and every expression of the body again, and refuses; but not the columns that an UPDATE sets
    or an INSERT fills: those fail when the trigger runs.
    """
    wanted, of = column.casefold(), table.casefold()
    if wanted not in names_in(trigger.definition):
        return ""
    own = trigger.table.casefold() == of
    head, body = _parts(trigger.definition)
    if own and re.search(rf"\b(NEW|OLD)\s*\.\s*[\"`\[]?{re.escape(column)}\b", head + body, re.IGNORECASE):
        return "refuses"
    told: Use = ""
    for statement in body.split(";"):
        if not statement.strip() or wanted not in names_in(statement):
            continue
        try:
            use = _in_body(sqlglot.parse_one(statement, read="sqlite"), of, wanted)
        except (sqlglot.errors.SqlglotError, *_WRONG):
            use = "perhaps"
        if use == "refuses":
            return use
        told = use or told
    return told


def _parts(definition: str) -> tuple[str, str]:
    found = _BODY.search(definition)
    return (definition, "") if found is None else (definition[: found.start()], found.group(1))


def _in_body(node: exp.Expr, table: str, column: str) -> Use:
    target = node.this.this if isinstance(node.this, exp.Schema) else node.this
    writes_here = isinstance(node, (exp.Insert, exp.Update)) and target.name.casefold() == table
    written: set[int] = set()
    told: Use = ""
    if isinstance(node, exp.Update) and writes_here:
        sets = [each.this for each in node.expressions if isinstance(each, exp.EQ)]
        written = {id(each) for each in sets}
        told = "breaks" if any(each.name.casefold() == column for each in sets) else ""
    elif isinstance(node, exp.Insert) and writes_here and isinstance(node.this, exp.Schema):
        told = "breaks" if any(each.name.casefold() == column for each in node.this.expressions) else ""
    within = node.expression if isinstance(node, exp.Insert) else node  # its target is read by nothing
    tables = {each.alias_or_name.casefold(): each.name.casefold() for each in within.find_all(exp.Table)}
    for each in within.find_all(exp.Column):
        if each.name.casefold() != column or id(each) in written or each.table.upper() in {"NEW", "OLD"}:
            continue
        of = tables.get(each.table.casefold(), "") if each.table else ""
        if of == table or (not each.table and table in tables.values()):
            # Of two tables either may be meant where nothing says which.
            return "refuses" if of or len(set(tables.values())) == 1 else "perhaps"
    return told
