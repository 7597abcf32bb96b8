"""A real IPython shell with `%alembic` in it, and a Workbench that only remembers."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import workbench
from tests.magics.fake import FakeWorkbench


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> list[FakeWorkbench]:
    """Put the fake in the place of the real Workbench; those that are made come into the list."""
    made: list[FakeWorkbench] = []
    monkeypatch.setattr(FakeWorkbench, "made", made, raising=False)
    monkeypatch.setitem(vars(workbench), "Workbench", FakeWorkbench)

    return made


@pytest.fixture(scope="module")
def _interactive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InteractiveShell]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        main, hook = sys.modules["__main__"], sys.excepthook
        config = Config({"HistoryManager": {"enabled": False}, "Completer": {"use_jedi": False}})
        shell = InteractiveShell(config=config)  # type: ignore[no-untyped-call]
        try:
            yield shell
        finally:
            shell.atexit_operations()  # type: ignore[no-untyped-call]
            atexit.unregister(shell.atexit_operations)
            sys.modules["__main__"], sys.excepthook = main, hook


@pytest.fixture
def bare_shell(
    _interactive: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[InteractiveShell]:
    """Start a shell that knows nothing of the workbench and has no variables, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    assert [] == _interactive.Completer.custom_matchers, "poor cleanup?"
    before = set(_interactive.user_ns)
    yield _interactive

    for name in set(_interactive.user_ns) - before:
        del _interactive.user_ns[name]

    assert [] == _interactive.Completer.custom_matchers


@pytest.fixture
def shell(bare_shell: InteractiveShell, fakes: list[FakeWorkbench]) -> Iterator[InteractiveShell]:
    """Load the extension into the shell, and unload it again."""
    bare_shell.run_line_magic("load_ext", "workbench")
    yield bare_shell

    bare_shell.run_line_magic("unload_ext", "workbench")

    assert all(each.closed for each in fakes if each is not bare_shell.user_ns.get("wb"))


@pytest.fixture
def wb(shell: InteractiveShell, fakes: list[FakeWorkbench]) -> FakeWorkbench:
    """Give the shell a variable `wb`."""
    made: FakeWorkbench = shell.user_ns.setdefault("wb", FakeWorkbench("alembic.ini"))
    fakes.clear()

    return made
