"""Every fault on every database: which there are, where they happen, and the table that comes of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from tests import servers
from tests.faults import cases
from tests.faults.judging import Cell
from tests.faults.places import Place

KINDS = ("sqlite", "postgresql", "mariadb")
SERVERS = ("postgresql", "mariadb")


Room = Callable[[int], None]
"""Makes the tiny disk so many megabytes large."""


@dataclass(frozen=True)
class Fault:
    """One fault: its name, the databases that can have it, and what does it."""

    name: str
    run: Callable[[Place], Cell]
    kinds: tuple[str, ...] = KINDS


FAULTS = (
    Fault("kernel-killed", cases.kernel_killed),
    Fault("connection-cut", cases.connection_cut, SERVERS),
    Fault("lock", cases.lock_that_never_comes),
    Fault("deadlock", cases.deadlock),
    Fault("read-only", cases.read_only),
    Fault("third-statement", cases.third_statement_fails),
    Fault("autocommit-block", cases.autocommit_block),
    Fault("batch", lambda place: cases.batch(place, plainly=False), ("sqlite",)),
    Fault("batch-plainly", lambda place: cases.batch(place, plainly=True), ("sqlite",)),
    Fault("concurrent-index", cases.concurrent_index, ("postgresql",)),
    Fault("two-rows", lambda place: cases.version_table(place, "two rows")),
    Fault("no-row", lambda place: cases.version_table(place, "no row")),
    Fault("unknown-revision", lambda place: cases.version_table(place, "an unknown one")),
)
"""Those that need nothing but a database."""

KILLS = tuple((moment, number) for number in range(1, 6) for moment in cases.MOMENTS)
"""Every moment at which the worker is killed."""


@contextlib.contextmanager
def place_on(kind: str, url: str, folder: Path) -> Iterator[Place]:
    """A project in this folder, on this database, at which any number of faults can happen one after the other."""
    place = Place(folder / "project", kind, url)
    with place.wb:
        yield place


@contextlib.contextmanager
def own_place(kind: str, folder: Path) -> Iterator[tuple[Place, servers.Program, Room]]:
    """A project on a server of its own, that can be stopped, and whose room for the table `big` can be made small.

    Raises:
        servers.Unavailable: There is no such server here.

    """
    with contextlib.ExitStack() as stack:
        if kind == "postgresql":
            program = stack.enter_context(servers.prepared_postgresql())
        else:  # where the disk is full in earnest, InnoDB fails an assertion, and the server is gone
            program = stack.enter_context(
                servers.prepared_mariadb("--innodb-data-file-path=ibdata1:12M:autoextend:max:14M")
            )
        server = stack.enter_context(program)
        url = stack.enter_context(server.database())
        place = Place(folder / "project", kind, url)
        stack.enter_context(place.wb)
        # Elsewhere the tests' servers may lose what they have committed; one that is killed must not.
        if kind == "postgresql":
            place.execute(f"ALTER DATABASE {make_url(url).database} SET synchronous_commit = on")
            room = stack.enter_context(_tiny_disk(place, program))
        else:
            place.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 1")

            def room(megabytes: int) -> None:
                place.execute(f"SET GLOBAL innodb_file_per_table = {int(megabytes > 2)}")

        yield place, program, room


def nothing(_megabytes: int) -> None:
    """There is no disk of one's own to make larger or smaller."""


@contextlib.contextmanager
def _tiny_disk(place: Place, program: servers.Program) -> Iterator[Room]:
    """A file system with a tablespace on it, where we may mount one; else `nothing`."""
    folder = program.folder / "tiny"
    folder.mkdir()
    if not _run("mount", "-t", "tmpfs", "-o", "size=2m", "workbench-faults", str(folder)):
        yield nothing
        return

    def room(megabytes: int) -> None:
        assert _run("mount", "-o", f"remount,size={megabytes}m", str(folder))

    try:
        if program.account:
            os.chown(folder, program.account.pw_uid, program.account.pw_gid)
        place.execute(f"CREATE TABLESPACE tiny LOCATION '{folder}'")
        yield room
    finally:
        _run("umount", "--lazy", str(folder))


def _run(program: str, *arguments: str) -> bool:
    """Run a program of the system's; tells whether it is there, and did it."""
    found = shutil.which(program)
    return bool(found) and subprocess.run([str(found), *arguments], check=False, capture_output=True).returncode == 0


def cells(kinds: tuple[str, ...], only: tuple[str, ...], tell: Callable[[str], None]) -> Iterator[Cell]:
    """Do every fault, and give what became of each."""
    for kind in kinds:
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="workbench-faults-")))
            try:
                place = stack.enter_context(place_on(kind, _url(kind, folder, stack), folder))
            except servers.Unavailable as reason:
                tell(f"no {kind}: {reason}")
                continue
            for moment, number in KILLS if not only or "worker-killed" in only else ():
                yield cases.worker_killed(place, moment, number)
            for fault in FAULTS:
                if kind in fault.kinds and (not only or fault.name in only):
                    yield fault.run(place)
            if not only or "two-appliers" in only:  # the tests have it in tests/apply/test_lock.py
                yield cases.two_appliers(place)
            if kind == "sqlite" and (not only or "disk-full" in only):
                yield cases.disk_full(place, nothing)
        if kind in SERVERS and (not only or {"server", "disk-full"} & set(only)):
            with tempfile.TemporaryDirectory(prefix="workbench-faults-") as name, own_place(kind, Path(name)) as own:
                yield from _on_a_server_of_its_own(*own, only, tell)


def _on_a_server_of_its_own(
    place: Place, program: servers.Program, room: Room, only: tuple[str, ...], tell: Callable[[str], None]
) -> Iterator[Cell]:
    if not only or "server" in only:
        yield cases.server_stopped(place, program)
        yield cases.server_stopped(place, program, signal.SIGQUIT if place.kind == "postgresql" else signal.SIGKILL)
    if room is nothing:
        tell(f"no full disk on {place.kind}: this account may not mount a file system")
    elif not only or "disk-full" in only:
        yield cases.disk_full(place, room)


def _url(kind: str, folder: Path, stack: contextlib.ExitStack) -> str:
    if kind == "sqlite":
        (folder / "data").mkdir()
        return f"sqlite:///{folder / 'data' / 'wbtest.db'}"
    server = stack.enter_context({"postgresql": servers.postgresql, "mariadb": servers.mariadb}[kind]())
    return stack.enter_context(server.database())
