"""What every question of a Workbench needs: the environment that was found, the worker, the revision files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from workbench.bridge.settings import Settings
from workbench.bridge.values import Scripts
from workbench.capabilities import histories, metadata
from workbench.environment import interpreters, location
from workbench.environment.graph import Graph
from workbench.environment.reader import Reader
from workbench.errors import InMemoryDatabase, WorkbenchError
from workbench.results import Database, History
from workbench.worker.answers import Standing
from workbench.worker.client import Client


class Core:
    """One Alembic environment.

    Nothing is written, anywhere, before `plan.apply()` or `draft.write()`.
    Everything that runs the project's code runs in one child process, started with the first question and warm
    from then on; it starts afresh by itself when a file that it had loaded has changed.
    """

    def __init__(
        self,
        config: str | os.PathLike[str] | None = None,
        *,
        section: str = "alembic",
        url: Any = None,
        metadata: Any = None,
        x: Mapping[str, str] | None = None,
        env: Mapping[str, str] | None = None,
        context: str | None = None,
        python: str | os.PathLike[str] | None = None,
        scratch_url: Any = None,
        read_only: bool = False,
        timeout: float = 60.0,
    ) -> None:
        """Find the environment. No code of the project's runs yet, and no database is asked.

        Args:
            config: The ini or pyproject.toml, or its folder. Without it: the nearest alembic.ini or
                [tool.alembic] in the current folder or above.
            section: The ini's section, as `alembic --name`.
            url: Connect there instead of where env.py would; a str or a sqlalchemy.URL. For an env.py of one
                database: to several it would give the same one, and is refused.
            metadata: A MetaData made in the notebook, to compare with instead of env.py's target_metadata.
            x: As `alembic -x key=value`.
            env: Environment variables for env.py.
            context: `module:callable`, entered around env.py, such as a Flask application factory.
            python: The interpreter that has the project, if it is not this one. Without it, a `.venv` or `venv`
                with Alembic in it, beside the configuration or one folder above; else this interpreter.
            scratch_url: An empty database for rehearsals, where the account may not create any; emptied again after
                each of them.
            read_only: Refuse every `apply()` and `write()`.
            timeout: Seconds that env.py may take to reach `context.run_migrations()`.

        Raises:
            EnvironmentNotFound: There is no configuration.
            EnvironmentInvalid: It names no script_location.
            InMemoryDatabase: `url` is a SQLite database in memory.

        """
        found = location.find(config, section, Path.cwd())
        if url is not None and not isinstance(url, str):
            url = url.render_as_string(hide_password=False)
        if url is not None and url.split("?")[0] in {"sqlite://", "sqlite:///:memory:", "sqlite+pysqlite://"}:
            raise InMemoryDatabase(
                f"{url} lives in one process only, and the workbench runs env.py in a process of its own.",
                "Use a file: sqlite:///demo.db.",
            )
        self.config_file: Path = found.config_file
        """The ini or pyproject.toml."""
        self.folder: Path = found.folder
        """Where `alembic` would be run: relative paths, also of SQLite files, are meant from here."""
        self.read_only = read_only
        self.applies = 0
        """How many Plans were applied through it: a view of another Plan looks again when this has changed."""
        if scratch_url is not None and not isinstance(scratch_url, str):
            scratch_url = scratch_url.render_as_string(hide_password=False)
        self._metadata = metadata
        self._settings = Settings(
            ini=str(found.ini) if found.ini else None,
            toml=str(found.toml) if found.toml else None,
            folder=str(found.folder),
            section=section,
            script_location=found.script_location,
            url=url,
            x=tuple(f"{key}={value}" for key, value in (x or {}).items()),
            scratch_url=scratch_url,
            context=context,
        )
        self.python = str(python) if python is not None else interpreters.of_project(found.folder)
        """The interpreter that runs the project's code."""
        self._client = Client(self._settings, python=self.python, env=env, timeout=timeout)
        self._reader = Reader()
        self._scripts: Scripts | None = None
        self._databases: tuple[Database, ...] = ()
        self._answered: tuple[tuple[Any, ...], History] | None = None
        """The last history() and what it was made of: a value does not change, so the same one is given again."""

    def cancel(self) -> None:
        """Stop what is running, from any thread: a question at once, a migration at the next safe place."""
        self._client.cancel()

    def close(self) -> None:
        """End the worker. The next question starts another."""
        self._client.close()

    # -- about itself ---------------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """`bookshop · sqlite:///bookshop.db` once a database was asked, the configuration's folder before."""
        if not self._databases:
            return self.folder.name
        return ", ".join(
            f"{each.name} · {histories.shown_url(each, self._settings.folder)}" for each in self._databases
        )

    def __repr__(self) -> str:
        shown = histories.shown_path(str(self.config_file), self._settings.folder)
        return f"Workbench({shown!r}{', read_only=True' if self.read_only else ''})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- inside ---------------------------------------------------------------------------------------------------

    def _ask(self, task: str, **arguments: Any) -> Any:
        answer = self._client.call(task, **arguments)
        self._databases = getattr(answer, "databases", self._databases)
        return answer

    def _standing(self) -> Standing | WorkbenchError:
        try:
            standing: Standing = self._ask("status")
        except WorkbenchError as error:
            return error
        self._scripts = standing.scripts
        return standing

    def _known_scripts(self) -> Scripts | None:
        if self._scripts is None:
            from workbench.bridge import configuration  # noqa: PLC0415 - Alembic: half a second that most questions need not wait

            return configuration.scripts_without_project(self._settings)
        return self._scripts

    def _asked_scripts(self) -> Scripts:
        standing = self._standing()
        if isinstance(standing, WorkbenchError):
            raise standing
        return standing.scripts

    def _graph(self, scripts: Scripts, *, may_ask: bool) -> Graph:
        def identify(paths: list[str]) -> Any:
            return self._client.call("identify", paths=paths)

        locations = tuple(Path(each) for each in scripts.versions)
        return self._reader.graph(
            locations,
            recursive=scripts.recursive,
            sourceless=scripts.sourceless,
            illegal=scripts.illegal,
            identify=identify if may_ask else None,
        )

    def _carry_metadata(self) -> None:
        if self._metadata is None:
            return
        from dataclasses import replace  # noqa: PLC0415 - only those who pass metadata need it

        self._client.settings = replace(self._settings, metadata=metadata.pickled(self._metadata))
