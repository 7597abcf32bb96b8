from __future__ import annotations

import argparse

import pytest
from alembic.config import CommandLine
from IPython.core.error import UsageError

from workbench.errors import UnsupportedRequest
from workbench.magics import options

MAIN = CommandLine().parser
COMMANDS = next(each for each in MAIN._actions if isinstance(each, argparse._SubParsersAction)).choices
NOT_OPTIONS = (argparse._SubParsersAction, argparse._HelpAction, argparse._VersionAction)


def test_every_command_of_alembic_is_there_or_is_refused_by_name() -> None:
    """No command of the installed Alembic is forgotten, and none is told of that Alembic has not got."""
    assert sorted(COMMANDS) == sorted([*options.HONOURED, *options.ABSENT])


def test_every_option_of_alembic_works_or_is_refused_with_its_own_reason() -> None:
    """Each option of each command that there is stands in exactly one of the two lists."""
    parsers = {"": MAIN, **{name: parser for name, parser in COMMANDS.items() if name in options.HONOURED}}
    expected = sorted(
        (command, action.dest)
        for command, parser in parsers.items()
        for action in parser._actions
        if not isinstance(action, NOT_OPTIONS)
    )
    actual = [("", name) for name in options.GLOBAL]
    actual += [(command, name) for command, names in options.HONOURED.items() for name in names]
    actual += options.REFUSED

    assert expected == sorted(actual)


@pytest.mark.parametrize(
    "line, expected",
    [
        (
            "upgrade head --tag blue",
            (
                "--tag is for an env.py that calls get_tag_argument(), and a Workbench has no tag to hand to it.\n"
                "What to do: Let env.py read it from get_x_argument(), and give it by -x."
            ),
        ),
        (
            "--raiseerr history",
            (
                "--raiseerr has no use in a notebook, where the traceback of the last error is kept anyway.\n"
                "What to do: Type %tb to see it."
            ),
        ),
        (
            "init migrations",
            (
                "%alembic init is not there: a Workbench begins where an environment is.\n"
                "What to do: Run `alembic init migrations` in a terminal."
            ),
        ),
    ],
)
def test_what_is_not_there_is_refused_with_the_reason_and_a_way_out(line: str, expected: str) -> None:
    """An option or a command that Alembic has and the workbench has not is never ignored."""
    with pytest.raises(UnsupportedRequest) as refusal:
        options.parse(line)

    assert expected == str(refusal.value)


def test_an_option_of_a_newer_alembic_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """An option that is in no list is not quietly ignored."""
    monkeypatch.setitem(options.HONOURED, "history", {"rev_range", "verbose"})
    with pytest.raises(UnsupportedRequest) as refusal:
        options.parse("history --indicate-current")

    assert "--indicate-current is newer than this workbench, which does not know what it is for." == str(refusal.value)


@pytest.mark.parametrize(
    "line, expected",
    [
        (
            "upgrade",
            (
                "usage: %alembic upgrade [-h] [--sql] [--tag TAG] revision\n"
                "%alembic upgrade: error: the following arguments are required: revision"
            ),
        ),
        (
            "show --verbose ab12",
            (
                "usage: %alembic [-h] [--version] [-c CONFIG] [-n NAME] [-x X] [--raiseerr] [-q]\n"
                f"                {{{','.join(COMMANDS)}}}\n"
                "                ...\n"
                "%alembic: error: unrecognized arguments: --verbose"
            ),
        ),
        ("revision -m 'add points", "No closing quotation in: %alembic revision -m 'add points"),
    ],
)
def test_a_line_that_alembic_does_not_take_is_a_usage_error_in_its_words(line: str, expected: str) -> None:
    """Nothing is printed on the side: the error itself carries Alembic's usage text."""
    with pytest.raises(UsageError) as error:
        options.parse(line)

    assert expected == str(error.value)


def test_no_command_at_all_is_a_usage_error() -> None:
    """`%alembic` alone says what it would take, as `alembic` alone does."""
    with pytest.raises(UsageError) as error:
        options.parse("")

    assert str(error.value).startswith("usage: %alembic [-h]")
    assert str(error.value).endswith("\n%alembic: error: too few arguments")


def test_help_is_printed_and_asks_for_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` shows Alembic's own help."""
    assert options.parse("downgrade --help") is None
    assert (
        "usage: %alembic downgrade [-h] [--sql] [--tag TAG] revision\n"
        "\n"
        "positional arguments:\n"
        "  revision    revision identifier\n"
        "\n"
        "options:\n"
        "  -h, --help  show this help message and exit\n"
        "  --sql       Don't emit SQL to database - dump to standard output/file instead. See docs on offline\n"
        "              mode.\n"
        "  --tag TAG   Arbitrary 'tag' name - can be used by custom env.py scripts.\n"
    ) == capsys.readouterr().out
