"""The command `workbench`."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from workbench import __version__
from workbench.cli.console import complain
from workbench.errors import EnvironmentNotFound, WorkbenchError

_FAILED = 1
_USAGE = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with these arguments, or those of the process.

    Returns:
        0 if it did what was asked for, 1 if it could not, 2 if it was asked for wrongly.

    """
    given = list(sys.argv[1:] if argv is None else argv)
    ours, passed_on = _split(given)
    try:
        options = _parser().parse_args(ours)
    except SystemExit as finished:  # argparse has said why
        return finished.code if isinstance(finished.code, int) else _USAGE
    options.passed_on = passed_on
    try:
        # By name, so that `workbench portable` needs none of what `workbench lab` needs.
        code: int = importlib.import_module(f"workbench.cli.{options.command}").run(options)
    except EnvironmentNotFound as error:
        complain(str(error))
        return _USAGE
    except WorkbenchError as error:
        complain(str(error))
        return _FAILED
    return code


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Cut at the first `--`: what follows it is for JupyterLab."""
    if arguments[:1] == ["lab"] and "--" in arguments:
        at = arguments.index("--")
        return arguments[:at], arguments[at + 1 :]
    return arguments, []


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="workbench",
        description="Alembic's commands in a notebook, as things that you can look at before they run.",
    )
    parser.add_argument("--version", action="version", version=f"alembic-workbench {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    lab = commands.add_parser(
        "lab",
        help="open JupyterLab on your Alembic environment",
        description="Open JupyterLab on your Alembic environment, with a first notebook written for it.",
        epilog="Whatever follows -- goes to JupyterLab as it is: workbench lab -- --ServerApp.ip=0.0.0.0",
    )
    lab.add_argument(
        "--config",
        metavar="FILE",
        help="alembic.ini or pyproject.toml; without it the nearest one at or above this folder",
    )
    lab.add_argument(
        "--notebook",
        metavar="NAME",
        default="workbench.ipynb",
        help="the notebook to open, beside the configuration; written if it is not there (default: %(default)s)",
    )
    lab.add_argument("--port", type=int, metavar="N", help="the port that JupyterLab listens on")
    lab.add_argument("--no-browser", action="store_true", help="only print the address")

    check = commands.add_parser(
        "check",
        help="say what is wrong with what is pending",
        description="Look at the revisions that are pending: what fails, loses data, blocks others or breaks running "
        "code; and at good practice: models and head that differ, revisions changed after they were committed or "
        "applied, downgrades that are missing. Ends with 1 if something was found, with 2 if it could not be looked.",
    )
    check.add_argument("--config", metavar="FILE", help="as for lab")
    check.add_argument("--target", default="heads", metavar="REV", help="up to here (default: %(default)s)")
    check.add_argument("-x", action="append", metavar="NAME=VALUE", help="for env.py, as `alembic -x`")
    check.add_argument("--format", choices=("text", "json", "github", "sarif"), default="text")
    check.add_argument(
        "--fail-on", choices=("error", "warning", "info", "never"), default="error", help="(default: %(default)s)"
    )
    check.add_argument("--no-rows", action="store_true", help="do not ask the rows of the database")
    check.add_argument("--samples", action="store_true", help="show rows: they are data, and logs are read by many")
    check.add_argument("--seconds", type=float, default=2.0, help="that one question to the rows may take")
    check.add_argument(
        "--no-database", action="store_true", help="connect to none: env.py is run as for `alembic upgrade --sql`"
    )
    check.add_argument(
        "--everything", action="store_true", help="judge the code of all revisions, not only of pending ones and heads"
    )
    check.add_argument(
        "--scratch",
        action="store_true",
        help="make the head on a scratch database where no live one stands there, to compare the models with it",
    )
    check.add_argument(
        "--rehearse", action="store_true", help="also run what is pending on a scratch database, there and back"
    )
    check.add_argument("--start", metavar="REV", help="with --no-database: what is applied already (default: base)")

    portable = commands.add_parser(
        "portable",
        help="make saved notebooks fit for git and GitHub",
        description="Make saved notebooks fit for git and GitHub: take out what only a running kernel can show, and "
        "what changes at every run; then look for what should not be in them. Ends with 1 if something is found.",
    )
    portable.add_argument("--check", action="store_true", help="change nothing, only look")
    portable.add_argument("paths", nargs="+", metavar="PATH", help="a notebook, or a folder of notebooks")
    return parser
