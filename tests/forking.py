"""Workers for tests without the wait: forked from a process that has imported what each of them imports first.

Importing Alembic, SQLAlchemy and ourselves takes most of a second of CPU time, and a run of the tests starts more than
a thousand workers, and a hundred times plain Alembic to compare with. Here that is done once by each process of pytest
for each interpreter, and a worker begins where its bootstrap has all imports behind it: a process of its own, a child
of the one that asked, with an environment, a folder and pipes of its own. So does each `python -m alembic`.

The tests of the worker itself ask for real starts (the fixture `really_started`); and every kernel, notebook and other
command line that the tests start has them.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import importlib.util
import os
import pickle
import platform
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

BOOTSTRAP = str(Path(__file__).parents[1] / "workbench" / "worker" / "bootstrap.py")
KEPT = "alembic-workbench-tests"
"""The folder in the user's cache where virtual environments for tests are kept."""
wanted = True
"""Whether workers are forked at the moment."""
_ALEMBIC = ["-m", "alembic"]
_CLONE = {"x86_64": 56, "aarch64": 220}  # the number of the system call
_CLONE_PARENT = 0x8000
_LENGTH = 4  # bytes that say how long what follows is
_LIBRARIES = ("sqlalchemy.orm", "psycopg", "pymysql")
"""What a kernel has a spare worker import, since the one before it had it."""
_FIXED = ("PYTHON", "LD_", "LC_", "LANG")
"""Variables that an interpreter reads when it starts: workers with other values have another to be forked from."""


@contextlib.contextmanager
def forked_workers() -> Iterator[None]:
    """Meanwhile, fork each worker that this process would start, on Linux."""
    if sys.platform != "linux" or platform.machine() not in _CLONE:
        yield
        return
    usual = subprocess.Popen._execute_child  # type: ignore[attr-defined]
    turn = threading.Lock()
    nurseries: dict[tuple[Any, ...], _Nursery] = {}

    def fork(args: list[str], folder: Any, env: Mapping[str, str], files: tuple[int, ...]) -> int:
        python, *words = args
        key = (python, *sorted(_fixed(env).items()))
        with turn:
            if key not in nurseries:
                nurseries[key] = _Nursery(python, env)
            return nurseries[key].fork(words, str(folder), env, files)

    # Popen makes the pipes before, and waits for its child after; both are as they always are.
    def execute(self: Any, args: Any, *rest: Any) -> None:
        _, _, _, _, folder, env, _, _, _, stdin, _, _, stdout, _, stderr, *_ = rest
        folder = Path.cwd() if folder is None else folder
        number = 0
        if wanted and isinstance(args, list) and _is_ours(args) and Path(folder).is_dir():
            files = tuple(mine if file == -1 else file for mine, file in enumerate((stdin, stdout, stderr)))
            with contextlib.suppress(OSError, EOFError):  # then the start itself says what is wrong
                number = fork(args, folder, os.environ if env is None else env, files)
        if not number:
            usual(self, args, *rest)
            return
        self.pid = number
        self._child_created = True
        self._close_pipe_fds(*rest[9:15])

    subprocess.Popen._execute_child = execute  # type: ignore[attr-defined]
    try:
        yield
    finally:
        subprocess.Popen._execute_child = usual  # type: ignore[attr-defined]
        for each in nurseries.values():
            each.close()


class _Nursery:
    """The process that workers of one interpreter are forked from."""

    def __init__(self, python: str, env: Mapping[str, str]) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            others = {name: value for name, value in os.environ.items() if not name.startswith(_FIXED)}
            self._process = subprocess.Popen(
                [python, __file__, BOOTSTRAP, str(theirs.fileno())], env={**others, **_fixed(env)},
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip

    def close(self) -> None:
        self._socket.close()
        self._process.wait()

    def fork(self, words: list[str], folder: str, env: Mapping[str, str], files: tuple[int, ...]) -> int:
        """Begin a worker, or Alembic, with these as its stdin, stdout and stderr; gives its number."""
        task = pickle.dumps((words, folder, dict(env)))
        socket.send_fds(self._socket, [len(task).to_bytes(_LENGTH, "big")], files)
        self._socket.sendall(task)
        return int.from_bytes(_exactly(self._socket, _LENGTH), "big")


def _is_ours(args: list[str]) -> bool:
    """Whether a worker or Alembic is started, by this interpreter or one that the tests keep, with other versions."""
    python, *words = args
    return (words == [BOOTSTRAP] or words[:2] == _ALEMBIC) and (
        python == sys.executable or f"{os.sep}{KEPT}{os.sep}" in python
    )


def _fixed(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(_FIXED)}


def _exactly(stream: socket.socket, length: int) -> bytes:
    got = b""
    while len(got) < length:
        if not (more := stream.recv(length - len(got))):
            raise EOFError
        got += more
    return got


# -- the process that is forked from ----------------------------------------------------------------------------------


def _serve(path: str, asked: socket.socket) -> None:
    # As the bootstrap finds it: its own path and not that of a test.
    sys.argv[:] = [path]
    sys.path[:] = [entry for entry in sys.path if Path(entry) != Path(__file__).parent]
    spec = importlib.util.spec_from_file_location("bootstrap", path)
    bootstrap: Any = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    spec.loader.exec_module(bootstrap)  # type: ignore[union-attr]
    bootstrap.prepare()
    for name in _LIBRARIES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    while True:
        length, files, *_ = socket.recv_fds(asked, _LENGTH, 3)
        if not length:
            return
        words, folder, env = pickle.loads(_exactly(asked, int.from_bytes(length, "big")))  # noqa: S301 - from ourselves
        number = _fork_beside()
        if number == 0:
            asked.close()
            _begin(folder, env, files)
            if words[:2] == _ALEMBIC:
                _alembic(words)
            else:
                bootstrap.serve(*bootstrap.take_pipes())
            os._exit(0)
        for file in files:
            os.close(file)
        asked.sendall(number.to_bytes(_LENGTH, "big"))


def _begin(folder: str, env: dict[str, str], files: list[int]) -> None:
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)


def _alembic(words: list[str]) -> None:
    sys.argv[:] = words[1:]
    sys.path.insert(0, str(Path.cwd()))  # as `python -m` has it
    code = 1
    try:
        runpy.run_module("alembic", run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - whatever it is, it is shown, as an interpreter would
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _fork_beside() -> int:
    """Fork a process that is a child of our own parent, which can then wait for it like for any other."""
    system, python = ctypes.PyDLL(None, use_errno=True), ctypes.pythonapi
    python.PyOS_BeforeFork()
    number: int = system.syscall(_CLONE[platform.machine()], _CLONE_PARENT | signal.SIGCHLD, 0, 0, 0, 0)
    if number == 0:
        python.PyOS_AfterFork_Child()
    else:
        python.PyOS_AfterFork_Parent()
    if number < 0:
        raise OSError(ctypes.get_errno(), "clone")
    return number


if __name__ == "__main__":
    with contextlib.suppress(EOFError, ConnectionError):
        _serve(sys.argv[1], socket.socket(fileno=int(sys.argv[2])))
