"""Conditions in one spelling, whoever has written them: what a server makes of a CHECK's text means the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from workbench.hazards.late import exp, sqlglot

_READ = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite"}
_NUMBER = re.compile(r"(-?)(\d+(?:\.\d+)?)")
_TEXTS = frozenset({"TEXT", "VARCHAR"})


def condition_of(definition: str) -> str:
    """What a CHECK asks for, of its whole definition: `price > 0` of `CHECK ((price > 0))`."""
    text = definition.removeprefix("CHECK").strip().removesuffix("NOT VALID").strip()
    while is_enclosed(text):
        text = text[1:-1].strip()
    return text


def is_enclosed(text: str) -> bool:
    """Whether its first parenthesis ends at its very end."""
    if not text.startswith("(") or not text.endswith(")"):
        return False
    depth, quote = 0, ""
    for place, each in enumerate(text):
        if quote:
            quote = "" if each == quote else quote
        elif each in "'\"`":
            quote = each
        elif each in "()":
            depth += 1 if each == "(" else -1
            if not depth:
                return place == len(text) - 1
    return False


def spelled(condition: str, dialect: str, names: Mapping[str, str] | None = None) -> str:
    """The condition in one spelling; two with the same one mean the same.

    What servers add to a text is left out: parentheses that only tell what was read, casts of literals, casts of a
    text to TEXT; `x = ANY (ARRAY[…])` is an IN, BETWEEN two comparisons.

    Args:
        condition: As somebody has written it, or the server tells it.
        dialect: Of the database.
        names: The new names of columns that have been renamed.

    """
    tree = _read(condition, dialect)
    if tree is None:
        return " ".join(condition.split())
    return _Speller(dialect, names or {}).told(tree)


def renamed(condition: str, dialect: str, names: Mapping[str, str]) -> str:
    """The condition with new names of columns; as it is where it cannot be read."""
    tree = _read(condition, dialect) if names else None
    if tree is None or not any(each.name in names for each in tree.find_all(exp.Column)):
        return condition
    for each in tree.find_all(exp.Column):
        if each.name in names:
            each.set("this", exp.to_identifier(names[each.name], quoted=each.this.quoted))
    return str(tree.sql(dialect=_READ[dialect]))


def columns_of(condition: str, dialect: str, among: Iterable[str]) -> tuple[str, ...]:
    """Those of the columns that it names; all of them where it cannot be read."""
    tree = _read(condition, dialect)
    if tree is None:
        return tuple(among)
    named = {each.name.casefold() for each in tree.find_all(exp.Column)}
    return tuple(each for each in among if each.casefold() in named)


def _read(condition: str, dialect: str) -> exp.Expr | None:
    try:
        # As what is selected, since not every condition is a statement.
        told = sqlglot.parse_one(f"SELECT {condition}", read=_READ[dialect]).expressions
    except (sqlglot.errors.SqlglotError, RecursionError, ValueError, AttributeError, TypeError):
        return None
    return told[0] if len(told) == 1 else None


class _Speller:
    def __init__(self, dialect: str, names: Mapping[str, str]) -> None:
        self.dialect = dialect
        self.names = names

    def told(self, node: exp.Expr) -> str:  # noqa: PLR0911, C901 - a table of cases
        if isinstance(node, exp.Paren):
            return self.told(node.this)
        if isinstance(node, exp.Cast):
            return self._cast(node)
        if isinstance(node, (exp.And, exp.Or)):
            word = " and " if isinstance(node, exp.And) else " or "
            return f"({word.join(self._flat(node, type(node)))})"
        if isinstance(node, exp.Between):
            this = self.told(node.this)
            return f"({this} >= {self.told(node.args['low'])} and {this} <= {self.told(node.args['high'])})"
        if isinstance(node, exp.In) and node.expressions:
            return self._in(node.this, node.expressions)
        if isinstance(node, (exp.EQ, exp.NEQ)):
            listed = self._listed(node.expression, "any" if isinstance(node, exp.EQ) else "all")
            if listed is not None:
                told = self._in(node.this, listed)
                return told if isinstance(node, exp.EQ) else f"not({told})"
        if isinstance(node, exp.NEQ):
            return f"not({self.told(exp.EQ(this=node.this.copy(), expression=node.expression.copy()))})"
        if isinstance(node, exp.Column):
            return self._name(node)
        if isinstance(node, exp.Literal):
            return repr(node.this) if node.is_string else str(node.this)
        return f"{type(node).__name__.lower()}({', '.join(self._parts(node))})"

    def _parts(self, node: exp.Expr) -> Iterable[str]:
        for name, value in sorted(node.args.items()):
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, exp.Expr):
                    yield self.told(each)
                elif each not in {None, False, ""}:
                    yield f"{name}={str(each).casefold() if name == 'this' else each}"

    def _flat(self, node: exp.Expr, kind: type[exp.Expr]) -> Iterable[str]:
        while isinstance(node, exp.Paren):
            node = node.this
        if isinstance(node, exp.Between) and kind is exp.And:
            this = self.told(node.this)
            return [f"{this} >= {self.told(node.args['low'])}", f"{this} <= {self.told(node.args['high'])}"]
        if isinstance(node, kind):
            return [*self._flat(node.this, kind), *self._flat(node.expression, kind)]
        return [self._compared(node)]

    def _compared(self, node: exp.Expr) -> str:
        """A comparison within an AND, worded as the two of a BETWEEN are."""
        if isinstance(node, (exp.GTE, exp.LTE)):
            word = ">=" if isinstance(node, exp.GTE) else "<="
            return f"{self.told(node.this)} {word} {self.told(node.expression)}"
        return self.told(node)

    def _in(self, this: exp.Expr, values: list[exp.Expr]) -> str:
        told = sorted({self.told(each) for each in values})
        if len(told) == 1:
            return f"eq({told[0]}, {self.told(this)})"
        return f"in({self.told(this)}: {', '.join(told)})"

    def _listed(self, node: exp.Expr, word: str) -> list[exp.Expr] | None:
        """What stands in `ANY (ARRAY[…])`, whatever that is cast to."""
        inner: exp.Expr | None = None
        if isinstance(node, exp.Anonymous) and str(node.this).casefold() == word and len(node.expressions) == 1:
            inner = node.expressions[0]
        elif isinstance(node, (exp.Any, exp.All)) and type(node).__name__.casefold() == word:
            inner = node.this
        while isinstance(inner, (exp.Paren, exp.Cast)):
            inner = inner.this
        return list(inner.expressions) if isinstance(inner, exp.Array) else None

    def _cast(self, node: exp.Cast) -> str:
        inner = node.this
        while isinstance(inner, exp.Paren):
            inner = inner.this
        is_literal = isinstance(inner.this if isinstance(inner, exp.Neg) else inner, exp.Literal)
        number = _NUMBER.fullmatch(inner.this) if isinstance(inner, exp.Literal) and inner.is_string else None
        if number is not None and node.to.this.name not in _TEXTS:
            return f"neg({number[2]})" if number[1] else number[2]  # PostgreSQL writes -1 as '-1'::integer
        to_text = self.dialect == "postgresql" and node.to.this.name in _TEXTS and not node.to.expressions
        if is_literal or to_text:
            return self.told(inner)
        return f"cast({self.told(inner)} as {node.to.sql().casefold()})"

    def _name(self, node: exp.Column) -> str:
        name = self.names.get(node.name, node.name)
        folds = self.dialect != "postgresql" or not node.this.quoted
        return f'"{name.casefold() if folds else name}"'
