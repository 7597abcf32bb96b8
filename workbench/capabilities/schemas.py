"""Schemas, live and of the models; what has not changed is not read again."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from workbench.results import Schema, SchemaObject, Table
from workbench.results.facts import Facts
from workbench.results.schema import LIVE, MODELS
from workbench.worker.answers import Looked
from workbench.worker.client import Client


class Schemas:
    """What the kernel has of each live schema, with the fingerprint of the catalogue that it was read from."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known: dict[str, tuple[str, tuple[SchemaObject, ...]]] = {}
        self._last: tuple[dict[str, tuple[SchemaObject, ...]], Schema] | None = None
        self._facts: tuple[dict[str, str], tuple[str, ...], tuple[Facts, ...]] = {}, (), ()
        """What was told of the databases, with the fingerprints and the functions of then."""

    def live(self, client: Client, *, patience: float | None = None) -> Schema:
        """What is in every live database now.

        Args:
            client: Whom to ask.
            patience: Seconds to wait for a table that somebody has locked; None waits as the server is set.

        """
        marks = {name: mark for name, (mark, _) in self._known.items()}
        told: Looked = client.call("schema", models=False, known=marks, patience=patience)
        parts = {name: self._known[name][1] if objects is None else objects for name, objects in told.objects}
        if self._last is not None and (self._last[0], self._last[1].databases) == (parts, told.databases):
            return self._last[1]
        # What could not be read may be readable next time, so it is not remembered.
        self._known = {name: (mark, parts[name]) for name, mark in told.marks.items() if not told.notes}
        schema = Schema(LIVE, tuple(each for objects in parts.values() for each in objects), told.databases, told.notes)
        self._last = None if told.notes else (parts, schema)
        return schema

    def live_with_facts(
        self,
        client: Client,
        involved: Callable[[Schema], Iterable[Table]],
        functions: tuple[str, ...],
        *,
        patience: float | None = None,
    ) -> tuple[Schema, tuple[Facts, ...]]:
        """What is in every live database now, and the Facts of each.

        While the catalogues are the same, nothing of them is read again, and all that is asked is one question;
        settings, and how large the tables are, are always asked.

        Args:
            client: Whom to ask.
            involved: Which tables to measure.
            functions: Whose volatility is wanted.
            patience: As for `live`.

        """
        facts: tuple[Facts, ...] | None = None
        marks = {name: mark for name, (mark, _) in self._known.items()}
        schema = None if self._last is None else self._last[1]
        if schema is not None and {each.name for each in schema.databases} == set(marks):
            had = self._facts[2] if self._facts[:2] == (marks, functions) else ()
            facts = client.call("facts", tables=tuple(involved(schema)), functions=functions, marks=marks, had=had)
        if schema is None or facts is None:
            schema = self.live(client, patience=patience)
            facts = client.call("facts", tables=tuple(involved(schema)), functions=functions)
            marks = {name: mark for name, (mark, _) in self._known.items()}
        self._facts = marks, functions, facts
        return schema, facts

    @staticmethod
    def models(client: Client) -> Schema:
        """What the models declare, as each database would have it."""
        told: Looked = client.call("schema", models=True, known={})
        return Schema(MODELS, tuple(each for _, objects in told.objects for each in objects or ()), told.databases)
