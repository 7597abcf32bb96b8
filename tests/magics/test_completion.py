from __future__ import annotations

import gc
import threading
import time
import weakref
from pathlib import Path

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from tests import zoo
from tests.magics.fake import FakeWorkbench
from workbench.magics import revision_cache
from workbench.magics.completion import Place, place

COMMANDS = [
    *("branches", "check", "current", "downgrade", "heads", "history", "merge", "revision", "show", "stamp", "upgrade")
]


def tab(shell: InteractiveShell, text: str) -> list[tuple[str, str, str | None]]:
    """Return what Tab offers at the end of the text: (what is replaced, by what, its type)."""
    with provisionalcompleter():
        return [
            (text[each.start : each.end], each.text, each.type) for each in shell.Completer.completions(text, len(text))
        ]


def texts(shell: InteractiveShell, text: str) -> list[str]:
    """Return what Tab offers at the end of the text, as it would be put in."""
    return [each for _, each, _ in tab(shell, text)]


def test_revisions_come_with_their_messages(shell: InteractiveShell, wb: FakeWorkbench) -> None:
    """First the words that stand for a revision, then the ids, newest first, then the branches."""
    wb.whole = zoo.labelled()

    assert [
        ("", "head", "target"),
        ("", "heads", "target"),
        ("", "+1", "target"),
        *[("", each.revision, each.message) for each in wb.whole.revisions],
        ("", "checkout@head", "branch"),
        ("", "reporting@head", "branch"),
        ("", "stats@head", "branch"),
    ] == tab(shell, "%alembic upgrade ")


@pytest.mark.usefixtures("wb")
@pytest.mark.parametrize(
    "text, expected",
    [
        ("%alembic ", COMMANDS),
        ("plan = %alembic do", ["downgrade"]),
        ("x = 1\n%alembic -c alembic.ini -x a=b hi", ["history"]),
        ("%alembic --c", ["--config"]),
        ("%alembic upgrade 9", ["9f31c0aa"]),
        ("%alembic upgrade --sql 9", ["9f31c0aa"]),
        ("%alembic upgrade 5d20:9", ["9f31c0aa"]),
        ("%alembic upgrade rep", ["reporting@head"]),
        ("%alembic upgrade +", ["+1"]),
        ("%alembic downgrade -", ["-1"]),
        ("%alembic downgrade b", ["base"]),
        ("%alembic downgrade --", ["--help", "--sql", "--tag"]),
        ("%alembic stamp head 9", ["9f31c0aa"]),
        ("%alembic show c", ["current", "c41d77e0"]),
        ("%alembic history -r 5d20b9c1:h", ["head"]),
        ("%alembic history --rev-range=9", ["9f31c0aa"]),
        ("%alembic history --rev-range 5d", ["5d20b9c1"]),
        ("%alembic history --in", ["--indicate-current"]),
        ("%alembic revision -m 'add' --head 9", ["9f31c0aa"]),
        ("%alembic revision --depends-on 9", ["9f31c0aa"]),
        ("%alembic revision --sp", ["--splice"]),
        ("%alembic check ", ["-h", "--help"]),
    ],
)
def test_what_fits_at_the_cursor_is_offered(shell: InteractiveShell, text: str, expected: list[str]) -> None:
    """Commands, options, and revisions wherever Alembic takes one; nothing of IPython's own among them."""
    assert expected == texts(shell, text)


@pytest.mark.parametrize(
    "line, expected",
    [
        ("alembic = %time x", None),
        ("%alembic", None),
        ("%alembic revision -m 'add ", None),
        ("%alembic revision -m ", Place("revision", "message", "")),
        ("%alembic --config sho", Place(None, "config", "sho")),
        ("%alembic nonsense ", Place("nonsense", "option", "")),
        (
            "%alembic -c a.ini --name=shop -x a=1 -x b upgrade a",
            Place("upgrade", "upgrade", "a", ["a.ini"], "shop", ["a=1", "b"]),
        ),
    ],
)
def test_the_place_of_the_cursor(line: str, expected: Place | None) -> None:
    """The values of options are told from commands, and a message is nobody's business."""
    assert expected == place(line)


def test_other_lines_are_left_alone(shell: InteractiveShell, wb: FakeWorkbench) -> None:
    """The matcher has nothing to say about Python, and does not ask for the history."""
    shell.user_ns["headline"] = 1

    assert ["headline"] == texts(shell, "headl")
    assert [] == wb.asked


def test_only_what_stands_before_the_cursor_counts(shell: InteractiveShell, wb: FakeWorkbench) -> None:
    """With the cursor in the middle of the line the rest of it is not taken for the word."""
    with provisionalcompleter():
        offered = [each.text for each in shell.Completer.completions("%alembic upg head", len("%alembic upg"))]

    assert ["upgrade"] == offered
    assert [] == wb.asked


def test_the_history_is_read_once(shell: InteractiveShell, wb: FakeWorkbench, tmp_path: Path) -> None:
    """Until a file comes into the folder of the revisions, or goes."""
    versions = tmp_path / Path(wb.whole.revisions[0].path).parent
    versions.mkdir(parents=True)
    first = [texts(shell, "%alembic upgrade 9") for _ in range(3)]

    assert first == [["9f31c0aa"]] * 3
    assert [("history", None)] == wb.asked

    wb.whole = zoo.linear()
    (versions / "new.py").write_text("")

    assert sorted(["head", "heads", "+1", *(each.revision for each in wb.whole.revisions)]) == sorted(
        texts(shell, "%alembic upgrade ")
    )
    assert wb.asked == [("history", None)] * 2


def test_an_empty_history_is_read_again(shell: InteractiveShell, wb: FakeWorkbench) -> None:
    """There is no folder to watch yet, and the first revision should be offered."""
    wb.whole = zoo.empty()

    expected = ["head", "heads", "current"]

    assert expected == texts(shell, "%alembic show ")

    wb.whole = zoo.linear()
    expected += [each.revision for each in wb.whole.revisions]

    assert expected == texts(shell, "%alembic show ")


def test_a_slow_history_does_not_hold_up_the_keyboard(
    shell: InteractiveShell, wb: FakeWorkbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that does not answer costs a moment; its revisions are there at a later Tab, asked for once."""
    monkeypatch.setattr(revision_cache, "_PATIENCE", 0.05)
    arrived = threading.Event()
    answer = wb.history

    def slow(rev_range: str | None = None) -> object:
        arrived.wait(10)
        return answer(rev_range)

    monkeypatch.setattr(wb, "history", slow)
    began = time.monotonic()

    assert [texts(shell, "%alembic upgrade ") for _ in range(2)] == [["head", "heads", "+1"]] * 2
    assert time.monotonic() - began < 2

    arrived.set()
    deadline = time.monotonic() + 10
    while "9f31c0aa" not in texts(shell, "%alembic upgrade ") and time.monotonic() < deadline:
        pass

    assert "9f31c0aa" in texts(shell, "%alembic upgrade ")
    assert [("history", None)] == wb.asked


@pytest.mark.parametrize("text", ["%alembic -c missing.ini upgrade ", "%alembic -x a=1 upgrade "])
def test_a_workbench_that_cannot_be_had_offers_the_words_alone(
    shell: InteractiveShell, wb: FakeWorkbench, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tab never shows an error; the command will."""
    assert ["head", "heads", "+1"] == texts(shell, text)
    assert [] == wb.asked
    assert ("", "") == capsys.readouterr()


def test_a_history_that_fails_offers_the_words_alone(
    shell: InteractiveShell,
    wb: FakeWorkbench,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Neither the completer nor the thread that reads prints a traceback."""
    monkeypatch.setattr(wb, "history", lambda: 1 / 0)

    assert ["head", "heads", "+1"] == texts(shell, "%alembic upgrade ")
    assert ("", "") == capsys.readouterr()


def test_a_workbench_is_not_kept_alive_for_completion(shell: InteractiveShell, fakes: list[FakeWorkbench]) -> None:
    """When the notebook makes a new `wb`, the old one and its worker can go."""
    shell.user_ns["wb"] = FakeWorkbench()
    texts(shell, "%alembic upgrade ")
    old = weakref.ref(shell.user_ns["wb"])
    fakes.clear()
    del shell.user_ns["wb"]
    gc.collect()

    assert old() is None


def test_messages_are_short_and_show_what_is_hidden(shell: InteractiveShell, wb: FakeWorkbench) -> None:
    """An invisible character in a message cannot play tricks in the list."""
    wb.whole = zoo.history(zoo.revision("a1", "right \u202egnp.txt"), zoo.revision("a2", "x" * 300), zoo.revision("a3"))

    assert [
        ("a", "a3", "revision"),
        ("a", "a2", "x" * 59 + "…"),
        ("a", "a1", "right \\u202egnp.txt"),
    ] == tab(shell, "%alembic upgrade a")
