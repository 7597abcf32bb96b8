"""The questions of a Workbench about schemas: what there is, how it came to be, and whether it is what it should be."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from workbench.bridge import seals
from workbench.capabilities import blame as blaming
from workbench.capabilities import differences, finding, identifying, queries, resolving
from workbench.capabilities.schemas import Schemas
from workbench.capabilities.travel import Travel
from workbench.capabilities.travel_places import Scene
from workbench.errors import WorkbenchError
from workbench.facade.core import Core
from workbench.results import (
    Blame,
    Event,
    Finding,
    Found,
    Identification,
    Plan,
    Schema,
    SchemaDiff,
    Stop,
    Table,
)
from workbench.results.base import attach
from workbench.results.schema import LIVE, MODELS

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd


class Exploring(Core):
    """Questions about schemas."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._schemas = Schemas()
        self._travel = Travel(self._client, self.folder)
        self._asked_with: tuple[Any, ...] = ()

    def schema(
        self, at: str = LIVE, *, baseline: Any = None, on_event: Callable[[Event], None] | None = None
    ) -> Schema:
        """Everything in the database: tables, columns, keys, indexes, views, and whatever else has a definition.

        Args:
            at: `live`; `models`; or a revision: an id or its beginning, `head`, `base`, `-2` from where the database
                stands, `label@head`. The schema of a revision is what it and its own ancestors make, really run on a
                scratch database; kept, so that asking again takes no time until one of their files changes.
            baseline: Of a revision, where the history does not begin at an empty database: a file of SQL, or a
                callable that is given a connection, also as "module:callable"; or `live`: a copy of the live schema,
                from where the downgrades lead back.
            on_event: Called with each Event while revisions run.

        Returns:
            The Schema. Asked again, a live schema that has not changed is the same value at once.

        Raises:
            RevisionNotFound, MultipleHeads: There is no such revision, or not one.
            MigrationFailed: A revision failed on the scratch database.
            ScratchRefused, DatabaseProtected: No scratch database could be had, or none may be made.
            WorkbenchError: The database or the models could not be had; the subclass says why.

        """
        if at == LIVE:
            return attach(self._schemas.live(self._client), self)
        self._carry_metadata()
        if at == MODELS:
            return attach(self._schemas.models(self._client), self)
        scene = self._scene(baseline)
        heads = self._heads(scene, at)
        return attach(self._travel.schema(scene, heads, on_event), self)

    def stops(self, *, baseline: Any = None, on_event: Callable[[Event], None] | None = None) -> tuple[Stop, ...]:
        """What each revision did to the schema, oldest first; see `schema` for the arguments and the errors.

        A merge is told against what all its parents make together. With `baseline="live"`, and where a baseline
        stands above the first revisions, only those that could be reached. A revision that fails is a Stop that says
        why, in `failure`; what stands above it is left out.
        """
        self._carry_metadata()
        return tuple(attach(each, self) for each in self._travel.stops(self._scene(baseline), on_event))

    def measured(self, table: Table) -> Table:
        """A table of the live schema, with its size and its number of rows; see `Schema.table`."""
        told: Table = self._client.call("measure", table=table)
        return attach(told, self)

    def first_rows(self, table: Table, count: int) -> pd.DataFrame:
        """The first rows of a table; see `Table.first_rows`."""
        return queries.first_rows(self._client, table, count)

    def query(
        self, sql: str, *, limit: int | None = 1000, database: str | None = None, timeout: float = 30, **values: Any
    ) -> pd.DataFrame:
        """Look at rows. The database itself refuses whatever would write, and no text gets around that.

        What a function on the server does outside of its database (dblink, a file of the server's) it cannot refuse.

        Args:
            sql: One query: SELECT, WITH or VALUES, and what else returns rows; on MariaDB and MySQL only these. A
                `:name` takes the value that is passed under this name; a list fits behind IN. Other colons stay.
            limit: Not more rows than that; None for all. Where there are more, a RowsCut warns, and
                `frame.attrs["cut"]` is True.
            database: Which of several databases of env.py, by its name.
            timeout: Seconds that the database may take.
            values: For the `:name` of the query.

        Returns:
            A frame with the names of the columns as the database gives them, also where one comes twice. Integers are
            Int64, truth values boolean, floats float64, dates with a time datetime64 (with a time zone: in UTC); all
            else is object, as the driver gives it: Decimal, date, str, bytes, None. On PostgreSQL a column with a date
            that Python does not have (infinity, BC, after 9999) comes as text.

        Raises:
            QueryFailed: The database cannot answer it, or not in time, or it is more or something else than one query.
            DatabaseReadOnly: It would write.
            UnsupportedRequest: There are several databases and none is named, or a value is of no kind for it.
            WorkbenchError: The database could not be had; the subclass says why.

        """
        return queries.ask(self._client, sql, values, limit, database, timeout)

    def blame(self, table: str, column: str | None = None, *, baseline: Any = None) -> Blame:
        """Which revision made a table or one of its columns, and which have changed it since.

        Of a column also its constraints, indexes and comment count. What was renamed is followed back to the names
        that it had before. The revisions are really run on a scratch database, and that is kept, as for `schema`.

        Args:
            table: A table or a view, `schema.name` or the name alone.
            column: One of its columns.
            baseline: As for `schema`.

        Raises:
            UnsupportedRequest: Neither the live database nor any revision has it.
            WorkbenchError: As `schema` with a revision. Where a revision fails, what could be run is told of, and a
                note names it; unless nothing of that has the thing.

        """
        self._carry_metadata()
        self._asked_scripts()  # where the databases stand now
        scene = self._scene(baseline)
        live = self._schemas.live(self._client).objects
        journey = self._travel.places(scene, [(each.file.revision,) for each in scene.graph.nodes if not each.fault])
        stops = self._travel.stops_of(scene, journey)
        return attach(blaming.blame(scene, stops, journey, live, table, column), self)

    def find(self, text: str, *, regex: bool = False) -> Found:
        """Everything in the live schema and in the revision files that has a text in it.

        Names of tables, columns, constraints and indexes; comments; what defines views, triggers, functions, enums;
        ids, messages and lines of code of the revisions. If the database cannot be asked, the revisions alone.

        Args:
            text: What to look for, regardless of upper and lower case.
            regex: `text` is a regular expression, as of `re`.

        Raises:
            UnsupportedRequest: There is nothing to look for, it is no regular expression, or takes too long.

        """
        live: Schema | WorkbenchError
        try:
            live = self._schemas.live(self._client)
        except WorkbenchError as error:
            live = error
        scripts = self._known_scripts() or self._asked_scripts()
        graph = self._graph(scripts, may_ask=not isinstance(live, WorkbenchError))
        return attach(finding.find(text, live, graph, self._settings.folder, regex=regex), self)

    def identify(self, database: str | None = None, *, baseline: Any = None) -> Identification:
        """Which revision a live database is at, told by its schema and not by its version table.

        The schema of each revision is compared with the live one; these are really made on a scratch database, and
        kept, as for `schema`. An id in the version table that no file has is looked for in git.

        Args:
            database: Which of several databases of env.py, by its name.
            baseline: As for `schema`.

        Raises:
            UnsupportedRequest: There are several databases and none is named.
            WorkbenchError: As `schema` with a revision.

        """
        self._carry_metadata()
        self._asked_scripts()
        scene = self._scene(baseline)
        at = identifying.chosen(scene.databases, database)
        live = self._schemas.live(self._client).objects
        journey = self._travel.places(scene, identifying.wanted(scene.graph, at))
        return attach(identifying.identify(scene, at, journey, live, self._settings.folder), self)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _doubts(self, plan: Plan) -> tuple[Finding, ...]:
        """What speaks against a stamp; nothing where the schema of its target is not known, or cannot be compared."""
        with contextlib.suppress(WorkbenchError):
            scene = self._scene()
            every = [(node.file.revision,) for node in scene.graph.nodes if not node.fault]
            kept = self._travel.kept(scene, [*dict(plan.after).values(), *every])
            if kept:
                live = self._schemas.live(self._client).objects
                return identifying.findings(plan, kept, live, whole=all(each in kept for each in every))
        return ()

    def _scene(self, baseline: Any = None) -> Scene:
        """The history and the databases, as a travel needs them; these are asked again when env.py has changed."""
        settings = self._settings
        scripts = self._known_scripts()
        files = (settings.ini, settings.toml, f"{scripts.folder}/env.py" if scripts else None)
        asked_with = (self._client.settings, tuple(seals.digest(each) for each in files if each))
        if not self._databases or self._client.versions is None or asked_with != self._asked_with:
            self._asked_scripts()
            self._asked_with = asked_with
        assert self._scripts is not None  # noqa: S101 - the answer has told
        return Scene(self._graph(self._scripts, may_ask=True), self._scripts, self._databases, baseline)

    def _between(self, source: str, target: str, baseline: Any) -> SchemaDiff:
        """What turns one schema into another, of which one at least is a revision's."""
        scene = self._scene(baseline)
        sides = [self._side(scene, each) for each in (source, target)]
        found = tuple(differences.changes(sides[0].objects, sides[1].objects, scene.databases))
        notes = tuple(dict.fromkeys(note for each in sides for note in each.notes))
        return SchemaDiff(sides[0].at, sides[1].at, found, scene.databases, notes)

    def _side(self, scene: Scene, name: str) -> Schema:
        if name == LIVE:
            return self._schemas.live(self._client)
        if name == MODELS:  # from a database, as the others: so that the server has written all of it in its own words
            journey = self._travel.models(scene)
            return Schema(MODELS, journey.place(()).objects, (), journey.notes)
        return self._travel.schema(scene, self._heads(scene, name))

    def _heads(self, scene: Scene, name: str) -> tuple[str, ...]:
        """The heads that the name of a revision means; relative ones are meant from where the database stands now."""
        current: tuple[str, ...] = ()
        if name.strip()[:1] in {"+", "-"} or name == "current":
            self._asked_scripts()
            current = tuple(sorted({head for each in self._databases for head in each.heads}))
        return resolving.resolve(scene.graph, name, current)
