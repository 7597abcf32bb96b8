"""The part of the Workbench for those who write the migration themselves: the recorder and the palette."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workbench.bridge.quoting import text_code
from workbench.bridge.values import Code, Kept
from workbench.capabilities import authoring
from workbench.errors import UnsupportedRequest
from workbench.facade.merging import Merging

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from workbench.bridge.authoring.by_hand import WayBack
    from workbench.capabilities.recording import Recorder
    from workbench.results import Draft
    from workbench.results.rehearsals import Data


class Recording(Merging):
    """Revisions that are written by hand."""

    def record(self, message: str | None = None, *, data: Data | None = "sample", **options: Any) -> Recorder:
        """Write a revision by typing its operations; each is tried on a scratch database before the next.

        `with wb.record("…") as op: op.add_column(…)`; or, over several cells, `recorder = wb.record("…")` and
        `op = recorder.op`. `recorder.draft` is the Draft that has them, with the way back of each: as the operation
        itself tells it, or, of what is dropped or changed, as the live schema does. Of SQL only its author knows it:
        `recorder.back("op.execute(…)")`. `recorder.undo()` takes the last one out. Nothing is written.

        Args:
            message: What the revision does, as `alembic revision -m`.
            data: What the scratch database has in it, as for `rehearse`; None tries nothing.
            options: As `alembic revision`: `head`, `splice`, `branch_label`, `depends_on`, `version_path`, `rev_id`.

        Returns:
            The Recorder. A call of its `op` that fails raises, and is not taken down.

        Raises:
            UnsupportedRequest: An option means nothing.
            WorkbenchError: The revision files could not be had; the subclass says why.

        """
        from workbench.capabilities import recording  # noqa: PLC0415 - Alembic's renderers: for those who record

        return recording.Recorder(self, message, data=data, options=options)

    def dialect(self) -> str:
        """The kind of the database, as `Database.dialect`; the first one's, where env.py has several."""
        if not self._databases:
            self._asked_scripts()
        return self._databases[0].dialect if self._databases else "sqlite"

    def added(self, draft: Draft, operation: str, values: Mapping[str, Any]) -> Draft:
        """The Draft with an operation of the palette at its end; see `Draft.add`."""
        from workbench.capabilities import palette  # noqa: PLC0415 - for those who use it

        if draft.decisions.get("code") is not None:
            raise UnsupportedRequest(
                "The code of this Draft is written by hand, so nothing can be added to it from a list.",
                "Write it into the code; or go back to the list: draft.decide(code=None).",
            )
        told = list(draft.decisions.get("operations") or ())
        form = palette.form(operation, values, self._schemas.live(self._client), code=draft.code)
        code = form.operation.write(form)
        if operation == "execute":
            back = form.values["downgrade"]
            made: dict[str, Any] = {"upgrade": code, "downgrade": f"op.execute({text_code(back)})" if back else ""}
        else:
            made = self.by_hand(told, code, form.imports, in_full=True)
        return self.decide(draft, {"operations": [*told, made]})

    def by_hand(
        self, before: Sequence[Mapping[str, Any]], code: str, imports: tuple[str, ...], *, in_full: bool = False
    ) -> dict[str, Any]:
        """One of the `operations` that a Draft decides on: some code with its way back.

        Args:
            before: Those that stand before it.
            code: Calls of `op`.
            imports: The lines that it needs besides `sa` and `op`.
            in_full: Write it anew, too, as the database needs it: on SQLite in a batch.

        Raises:
            UnsupportedRequest: It is no operation, or what it drops or changes is not there.
            WorkbenchError: The database could not be had; the subclass says why.

        """
        earlier = tuple(authoring.by_hand(number, each) for number, each in enumerate(before, 1))
        asked = Code("by hand", tuple(code.splitlines()), imports=imports)
        told: WayBack = self._client.call(
            "way_back", before=earlier, code=asked, kept=tuple(self._kept()), in_full=in_full
        )
        made: dict[str, Any] = {"upgrade": "\n".join(told.upgrade), "downgrade": "\n".join(told.downgrade or ())}
        return {**made, "imports": list(told.imports)} if told.imports else made

    def _kept(self) -> Iterator[Kept]:
        """What a batch of SQLite would lose."""
        if self.dialect() != "sqlite":
            return
        from workbench.capabilities import unseen_sqlite  # noqa: PLC0415 - sqlglot: for SQLite only

        live = self._schemas.live(self._client)
        for each in live.databases[:1]:
            own = replace(live, objects=tuple(found for found in live.objects if found.database == each.name))
            yield from unseen_sqlite.kept(own, (), each.name)
