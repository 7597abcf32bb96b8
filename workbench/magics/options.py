"""Alembic's own command line, read by Alembic's own parser, and what of it does not exist here."""

from __future__ import annotations

import argparse
import contextlib
import functools
import io
import sys
from collections.abc import Iterable

from alembic.config import CommandLine
from IPython.core.error import UsageError
from IPython.utils.process import arg_split  # type: ignore[attr-defined]

from workbench.errors import UnsupportedRequest

HONOURED = {
    "branches": {"verbose"},
    "check": set[str](),
    "current": {"check_heads", "verbose"},
    "downgrade": {"revision", "sql"},
    "heads": {"resolve_dependencies", "verbose"},
    "history": {"indicate_current", "rev_range", "verbose"},
    "merge": {"branch_label", "message", "rev_id", "revisions"},
    "revision": {
        "branch_label",
        "depends_on",
        "head",
        "message",
        "rev_id",
        "splice",
        "autogenerate",
        "sql",  # an empty revision asks no database anyway
        "version_path",
    },
    "show": {"rev"},
    "stamp": {"purge", "revisions", "sql"},  # a Plan has its SQL with or without --sql
    "upgrade": {"revision", "sql"},
}
"""Of each command that there is: the options, by the name that Alembic's parser stores them under, that work."""

GLOBAL = {"config", "name", "quiet", "x"}
"""The options before the command that work; nothing is logged in the first place, so `--quiet` has nothing to do."""

_NO_TAG = (
    "--tag is for an env.py that calls get_tag_argument(), and a Workbench has no tag to hand to it.",
    "Let env.py read it from get_x_argument(), and give it by -x.",
)
REFUSED = {
    ("", "raiseerr"): (
        "--raiseerr has no use in a notebook, where the traceback of the last error is kept anyway.",
        "Type %tb to see it.",
    ),
    ("downgrade", "tag"): _NO_TAG,
    ("merge", "splice"): (
        "--splice joins what has been followed already, and a Merge looks at heads.",
        "Leave it out, or run `alembic merge --splice` in a terminal.",
    ),
    ("stamp", "tag"): _NO_TAG,
    ("upgrade", "tag"): _NO_TAG,
}
"""(command, option) -> why it is refused, and what to do instead."""

ABSENT = {
    "edit": (
        "%alembic edit is not there: it starts a terminal's editor, which a notebook has not got.",
        "%alembic show names the file; open it beside the notebook.",
    ),
    "ensure_version": (
        "%alembic ensure_version is not there: the version table is made when a Plan is applied, never before.",
        "Apply the Plan of %alembic upgrade or %alembic stamp.",
    ),
    "init": (
        "%alembic init is not there: a Workbench begins where an environment is.",
        "Run `alembic init migrations` in a terminal.",
    ),
    "list_templates": (
        "%alembic list_templates is not there: templates belong to `alembic init`, which belongs to a terminal.",
        "Run `alembic list_templates` in a terminal.",
    ),
}
"""Alembic's other commands -> why there is no magic for them, and what to do instead."""

_WIDTH = 100  # the usage text of an error should not depend on the terminal that JupyterLab was started from


@functools.cache
def parser() -> argparse.ArgumentParser:
    """Return Alembic's parser."""
    made = CommandLine(prog="%alembic").parser
    for each in (made, *commands(made).values()):
        each.formatter_class = functools.partial(argparse.HelpFormatter, width=_WIDTH)
        each.color = False  # type: ignore[attr-defined] # since Python 3.14
    return made


def commands(of: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the parser of each command, by its name."""
    # `CommandLine.subparsers` came with Alembic 1.15.3 only.
    found = next(each for each in of._actions if isinstance(each, argparse._SubParsersAction))  # noqa: SLF001
    return dict(found.choices)


def actions(of: argparse.ArgumentParser) -> tuple[argparse.Action, ...]:
    """Return the options and arguments of a command, or of Alembic itself without the choice of the command."""
    return tuple(each for each in of._actions if not isinstance(each, argparse._SubParsersAction))  # noqa: SLF001


def words(line: str) -> list[str]:
    """Split a line as the operating system's shell would.

    Raises:
        ValueError: A quotation does not end.

    """
    return list(arg_split(line, posix=True))


def parse(line: str) -> argparse.Namespace | None:
    """Read the line after `%alembic`; None if it asks for help, which is then printed.

    The result has Alembic's own names, and `command`.

    Raises:
        UsageError: Alembic does not take it; with Alembic's words.
        UnsupportedRequest: Alembic takes it, and the workbench does not.

    """
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            options = parser().parse_args(words(line))
    except ValueError as error:  # a quotation that does not end
        raise UsageError(f"{error} in: %alembic {line}") from None
    except SystemExit as asked:
        if asked.code:
            raise UsageError(said.getvalue().rstrip()) from None
        sys.stdout.write(said.getvalue())
        return None
    if not hasattr(options, "cmd"):
        raise UsageError(f"{parser().format_usage()}%alembic: error: too few arguments")
    options.command = options.cmd[0].__name__
    _refuse(options)
    return options


def _refuse(options: argparse.Namespace) -> None:
    command = options.command
    if command not in HONOURED:
        raise UnsupportedRequest(
            *ABSENT.get(command, (f"%alembic {command} is not there.", f"Run `alembic {command}` in a terminal."))
        )
    for name, of, known in (("", parser(), GLOBAL), (command, commands(parser())[command], HONOURED[command])):
        for action in _given(of, options):
            if action.dest not in known:
                option = action.option_strings[-1] if action.option_strings else action.dest
                raise UnsupportedRequest(
                    *REFUSED.get(
                        (name, action.dest),
                        (f"{option} is newer than this workbench, which does not know what it is for.", ""),
                    )
                )


def _given(of: argparse.ArgumentParser, options: argparse.Namespace) -> Iterable[argparse.Action]:
    for action in actions(of):
        if getattr(options, action.dest, action.default) != action.default:
            yield action
