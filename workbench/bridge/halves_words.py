"""Says what was found of a revision that was run by halves, and names the way on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.bridge.offline import Written
from workbench.bridge.quoting import quote_of
from workbench.results.effects import Effect
from workbench.results.findings import Evidence, Finding
from workbench.text import one_line, plural, short_id, shorten

if TYPE_CHECKING:
    from workbench.bridge.halves import Look

_SHORT = 72  # characters of a statement within a sentence


class Words:
    """Says what was found of one revision."""

    def __init__(self, look: Look, revision: str, direction: str, written: Written, took: list[bool | None]) -> None:
        self.look, self.revision, self.direction = look, revision, direction
        self.written, self.took = written, took
        self.effects = written.effects
        node = look.nodes[revision]
        self.name = f"{short_id(revision)} '{shorten(node.message, 60)}'"
        self.done = [each for each, it in zip(self.effects, took) if it]  # noqa: B905 - as long
        self.by_statement = written.why_not is None and all(each.first >= 0 for each in self.effects)
        statements = written.statements if self.by_statement else [_said(each) for each in self.effects]
        self.statements = [look.hide(each).rstrip().rstrip(";") for each in statements]
        self.noun = "statement" if self.by_statement else "operation"
        self.last = max(self._number(each, last=True) for each in self.done)
        open_ = [self._number(each) for each, it in zip(self.effects, took) if it is False]  # noqa: B905
        self.next = min(open_, default=len(self.statements))

    def half(self) -> Finding:
        """Some of it took, and what comes after that did not."""
        total, took = len(self.statements), self.last + 1
        rest = total - self.next
        unknown = self.next - took
        listed = "; ".join(shorten(each, _SHORT) for each in self.statements[:took][:5])
        listed += f"; and {took - 5} more" if took > 5 else ""  # noqa: PLR2004 - as above
        told = f", {unknown} cannot be told" if unknown else ""
        told += f", {rest} did not" if rest else ""
        state = "half applied" if self.direction == "upgrade" else "half undone"
        of = "" if self.direction == "upgrade" else " of its downgrade"
        return self._finding(
            "half-applied",
            f"{self.name} is {state}: {took} of {plural(total, self.noun)}{of} took ({listed}){told}. {self._again()}",
            self._ways(took),
            Evidence(f"{took} of {total} took", took, sample=self._sample(), sql=self._sql(self.statements[took:])),
        )

    def whole(self) -> Finding | None:
        """All of it is there, and the version table does not say so."""
        if self.by_statement and self.last + 1 < len(self.statements):
            return self.half()  # it ends with statements that leave no trace in the schema
        if self.direction == "upgrade":
            rows = "" if self.by_statement else ", as far as its code tells,"
            message = f"All that {self.name} does{rows} is in the database, but the version table does not say so."
            remedy = (
                f'See whether it is complete: wb.diff(). If it is, record it: wb.stamp("{self.revision}").apply(). '
                f"Else undo it first{self._undone_by()}."
            )
        elif any(each.does == "drops" for each in self.done):
            message = f"Nothing of what {self.name} does is in the database, but the version table says that it is."
            remedy = (
                "If it was undone by a downgrade that could not end, record that: "
                f'wb.stamp("{self._below()}").apply(). '
                "Else bring back what is missing: wb.diff() shows it."
            )
        else:
            return None
        sql = self._sql(self.statements)
        evidence = Evidence("all of it took", len(self.statements), sample=self._sample(), sql=sql)
        return self._finding("not-recorded", f"{message} {self._again()}", remedy, evidence)

    def in_the_way(self) -> Finding | None:
        """Something that it is yet to make is there already."""
        things = [each for each in self.done if each.does == "makes" and each.kind in {"table", "column", "view"}]
        if not things:
            return None
        number = self._number(things[0]) + 1
        return self._finding(
            "in-the-way",
            f"{self.name} will fail at {self.noun} {number}, because {_there(things[0])}.",
            "Something else made it: see whether it is the same (wb.diff()). If it is, take it out of the revision, or "
            "let the revision ask for it first; else rename or drop one of the two.",
            Evidence(_there(things[0]), sample=self._sample(), sql=self.statements[number - 1]),
        )

    # -- parts of it ----------------------------------------------------------------------------------------------

    def _finding(self, rule: str, message: str, remedy: str, evidence: Evidence) -> Finding:
        return Finding(
            rule=rule,
            severity="error",
            outcome="fails",
            message=message,
            remedy=remedy,
            revision=self.revision,
            object=".".join(filter(None, (self.done[0].schema, self.done[0].table))),
            evidence=evidence,
            database=self.look.part.name,
        )

    def _number(self, effect: Effect, *, last: bool = False) -> int:
        if self.by_statement:
            return effect.last if last else effect.first
        return self.effects.index(effect)

    def _again(self) -> str:
        first = min(self.done, key=self._number)
        number = self._number(first) + 1
        return f"Running it again fails at {self.noun} {number}, because {_there(first)}."

    def _ways(self, took: int) -> str:
        total = len(self.statements)
        numbers = f"{self.noun} {total}" if took + 1 == total else f"{self.noun}s {took + 1} to {total}"
        rest = f"run by hand what is missing ({numbers})"
        stamp = f'wb.stamp("{self.revision if self.direction == "upgrade" else self._below()}").apply()'
        onwards = f"{rest} and record it: {stamp}"
        undo = self._undo()
        if undo is None:
            return f"What took cannot simply be undone. So {onwards}. Or restore a backup."
        full = next((each for each in undo[1] if self.look.rows(each) != 0), None)
        if full is not None:
            return f"Table {full.table} has rows in it, so think before you drop anything. As a rule: {onwards}."
        again = "the upgrade" if self.direction == "upgrade" else "the downgrade"
        changed = self._rows_changed(took)
        return f"Undo what was done ({'; '.join(undo[0])}) and run {again} again{changed}. Or {onwards}."

    def _rows_changed(self, took: int) -> str:
        """That some of what was done is in the rows, where dropping things does not undo it."""
        words = ("INSERT", "UPDATE", "DELETE", "REPLACE", "WITH")
        rows = [
            at for at in range(took) if self.by_statement and self.statements[at].lstrip().upper().startswith(words)
        ]
        return f", having seen to the rows that statement {rows[0] + 1} changed" if rows else ""

    def _undone_by(self) -> str:
        undo = self._undo()
        if undo is None or any(self.look.rows(each) != 0 for each in undo[1]):
            return ""
        return f" ({'; '.join(undo[0])})"

    def _undo(self) -> tuple[list[str], list[Effect]] | None:
        """The statements that reverse what took, and the tables that they drop; None where that cannot be done."""
        quote = quote_of(self.look.live.connection.dialect)
        made = {(each.schema, each.table) for each in self.done if (each.does, each.kind) == ("makes", "table")}
        statements: list[str] = []
        for each in reversed(self.done):
            if (each.schema, each.table) in made and each.kind != "table":
                continue  # it goes with its table
            if each.does == "drops" or (each.kind == "constraint" and self.look.live.dialect == "sqlite"):
                return None
            table = ".".join(quote(part) for part in (each.schema, each.table) if part)
            name = quote(each.name)
            statements.append(_reverse(each, table, name, quote(each.new_name or each.table), self.look.live.dialect))
        return statements, [each for each in self.done if (each.does, each.kind) == ("makes", "table")]

    def _below(self) -> str:
        return ",".join(self.look.nodes[self.revision].follows) or "base"

    def _sample(self) -> tuple[tuple[Any, ...], ...]:
        words = {True: "took", False: "did not", None: "cannot be told"}
        return tuple(
            (self._number(each) + 1, words[it], _said(each))
            for each, it in zip(self.effects, self.took)  # noqa: B905 - as long
        )

    def _sql(self, statements: list[str]) -> str:
        return ";\n".join(each.strip() for each in statements) if self.by_statement else ""


def _reverse(effect: Effect, table: str, name: str, new: str, dialect: str) -> str:
    mysql = dialect in {"mysql", "mariadb"}
    if effect.new_name:
        if effect.kind == "table":
            return f"ALTER TABLE {new} RENAME TO {table}"
        kind = {"column": "COLUMN", "index": "INDEX", "constraint": "CONSTRAINT"}[effect.kind]
        return f"ALTER TABLE {table} RENAME {kind} {new} TO {name}"
    return {
        "table": f"DROP TABLE {table}",
        "view": f"DROP VIEW {table}",
        "column": f"ALTER TABLE {table} DROP COLUMN {name}",
        "index": f"DROP INDEX {name} ON {table}" if mysql else f"DROP INDEX {name}",
        "constraint": f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    }[effect.kind]


def _said(effect: Effect) -> str:
    """`makes column customer.first_name`."""
    name = ".".join(each for each in (effect.schema, effect.table, effect.name) if each)
    told = f"{'renames' if effect.new_name else effect.does} {effect.kind} {one_line(name)}"
    return f"{told} to {one_line(effect.new_name)}" if effect.new_name else told


def _there(effect: Effect) -> str:
    """`table voucher is there already`."""
    name = ".".join(each for each in (effect.schema, effect.table, effect.name) if each)
    if effect.new_name:
        return f"{effect.kind} {one_line(name)} is called {one_line(effect.new_name)} already"
    state = "is there already" if effect.does == "makes" else "is gone already"
    return f"{effect.kind} {one_line(name)} {state}"
