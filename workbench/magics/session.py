"""Which Workbench `%alembic` asks: the notebook's own `wb`, or one that is made and kept for the session."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

import workbench
from workbench.errors import UnsupportedRequest

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from workbench import Workbench

_SECTION = "alembic"


class Session:
    """The Workbenches of one shell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._made: dict[tuple[object, ...], Workbench] = {}

    def workbench(self, configs: Iterable[str] | None, section: str, x: Iterable[str] | None) -> Workbench:
        """Return the Workbench for Alembic's options -c, -n and -x.

        Without -c it is the variable `wb`, if that is a Workbench: it may have a URL or an interpreter of its own,
        and nobody wants a plan for another database than the one in front of them.

        Raises:
            UnsupportedRequest: The options do not go together.

        """
        config, arguments = _one(configs), _by_name(x)
        own = self._shell.user_ns.get("wb")
        if config is None and isinstance(own, workbench.Workbench):
            if arguments or section != _SECTION:
                raise UnsupportedRequest(
                    "%alembic asks `wb`, which keeps the section and the -x arguments that it was made with.",
                    "Make another one, wb = Workbench(..., x={...}), or name the configuration too: "
                    "%alembic -c alembic.ini -x ...",
                )
            return own
        key = (config, section, tuple(arguments.items()), os.getcwd())  # noqa: PTH109 - only to compare
        if key not in self._made:
            self._made[key] = workbench.Workbench(config, section=section, x=arguments)
        return self._made[key]

    def close(self) -> None:
        """Close the Workbenches made here; `wb` is the user's."""
        while self._made:
            self._made.popitem()[1].close()


def _one(configs: Iterable[str] | None) -> str | None:
    named = list(configs or ())
    if len(named) > 1:
        raise UnsupportedRequest(
            "-c names one file here: a Workbench reads the ini file and the pyproject.toml beside it.",
            "Give -c once.",
        )
    return named[0] if named else None


def _by_name(x: Iterable[str] | None) -> dict[str, str]:
    arguments: dict[str, str] = {}
    for each in x or ():
        name, _, value = each.partition("=")
        if arguments.setdefault(name, value) != value:
            raise UnsupportedRequest(
                f"-x {name} is given twice with different values, and a Workbench keeps one value of each name.",
                "Give each name once.",
            )
    return arguments
