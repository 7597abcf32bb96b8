"""`%alembic`: Alembic's commands, with Alembic's own options, each answering with a result of the workbench."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.magics.commands import run
from workbench.magics.completion import matcher
from workbench.magics.options import parse
from workbench.magics.revision_cache import RevisionCache
from workbench.magics.session import Session

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_NAME = "alembic"


class _Magic:
    """`%alembic` in one shell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._session = Session(shell)
        self._matcher = matcher(self._session.workbench, RevisionCache())

    def alembic(self, line: str) -> Any:
        """Ask Alembic, and get the answer as a value.

        It takes what the `alembic` command takes::

            %alembic history -r base:head
            %alembic current --check-heads
            plan = %alembic upgrade head

        upgrade, downgrade and stamp give a Plan, and revision gives a Draft: nothing is run or written before
        `plan.apply()` or `draft.write()`. The Workbench that is asked is the variable `wb`, if there is one and
        no -c is given.

        `%alembic --help` and `%alembic upgrade --help` print Alembic's own words.
        """
        options = parse(line)
        if options is None:
            return None
        return run(self._session.workbench(options.config, options.name, options.x), options)

    def start(self, shell: InteractiveShell) -> None:
        shell.magics_manager.register_function(self.alembic, magic_kind="line", magic_name=_NAME)
        shell.Completer.custom_matchers.append(self._matcher)

    def stop(self, shell: InteractiveShell) -> None:
        shell.magics_manager.magics["line"].pop(_NAME, None)
        if self._matcher in shell.Completer.custom_matchers:
            shell.Completer.custom_matchers.remove(self._matcher)
        self._session.close()


def load(shell: InteractiveShell) -> None:
    """Make `%alembic` known to `shell`; a second time changes nothing."""
    if _loaded(shell) is None:
        _Magic(shell).start(shell)


def unload(shell: InteractiveShell) -> None:
    """Forget `%alembic`, and close the Workbenches that it made."""
    magic = _loaded(shell)
    if magic is not None:
        magic.stop(shell)


def _loaded(shell: InteractiveShell) -> _Magic | None:
    owner = getattr(shell.magics_manager.magics["line"].get(_NAME), "__self__", None)
    return owner if isinstance(owner, _Magic) else None
