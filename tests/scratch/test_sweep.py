"""What a crash leaves behind is dropped by the next run, and nothing else ever is."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from tests.safety.projects import Project, project
from tests.scratch.inside import run, start

HOLD = """
databases.new_name = lambda: NAMES.pop()
[held] = ask(made)
print(held.name, flush=True)
sys.stdin.readline()
held.drop()
answer = None
"""


def _hold(live: Project, *names: str) -> object:
    process = start(live, f"NAMES = {list(names)!r}\n{HOLD}")
    assert process.stdout is not None
    process.stdout.readline()
    return process


def test_sweep(database_url: str, tmp_path: Path, cache: Path) -> None:
    """A killed process's scratch database goes; one in use, one just made, and others' of a like name stay."""
    kind = make_url(database_url).get_backend_name()
    live = project(tmp_path, database_url)
    live.execute("CREATE TABLE kept (id INTEGER)")
    now = int(time.time())
    old = [f"workbench_scratch_{now - 7200 - number:08x}{number:08x}" for number in range(3)]
    fresh = f"workbench_scratch_{now + 30:08x}00000000"
    others = ["workbench_scratch_mine", f"{old[2]}0", old[2].upper() if kind == "sqlite" else f"x{old[2]}"]
    if kind == "sqlite":
        cache.mkdir(parents=True)
        for each in [fresh, *others]:
            (cache / f"{each}.db").write_bytes(b"")
    else:
        comment = "alembic-workbench: scratch"
        for each in [fresh, *others]:
            execute(database_url, f"CREATE DATABASE {each}")
            if kind == "postgresql":
                execute(database_url, f"COMMENT ON DATABASE {each} IS '{comment}'")
        if kind == "postgresql":  # the very pattern, but not of our making
            execute(database_url, f"CREATE DATABASE {old[2]}")
            others.append(old[2])
    killed, holding = _hold(live, old[0]), _hold(live, old[1])
    try:
        killed.kill()  # type: ignore[attr-defined]
        killed.communicate()  # type: ignore[attr-defined]

        dropped = run(live, "[answer] = ask(sweep)")
        again = run(live, "[answer] = ask(sweep)")

        there = names(database_url, cache)
        # Another test's rehearsal on the same server may have been quicker.
        assert {each for each in dropped if each in {*old, fresh, *others}} <= {old[0]}
        assert old[0] not in again
        assert sorted(each for each in there if each in {*old, fresh, *others}) == sorted([old[1], fresh, *others])
    finally:
        holding.communicate(b"\n")  # type: ignore[attr-defined]
        if kind != "sqlite":
            for each in [fresh, *others]:
                execute(database_url, f"DROP DATABASE {each}")
    assert old[1] not in names(database_url, cache)


def execute(url: str, sql: str) -> list[str]:
    """Execute a statement on the server, outside any transaction."""
    with create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as connection:
        result = connection.execute(text(sql))
        return [str(row[0]) for row in result] if result.returns_rows else []


def names(url: str, cache: Path) -> list[str]:
    """The names of all databases of a server, or of the files in the cache folder."""
    kind = make_url(url).get_backend_name()
    if kind == "sqlite":
        return sorted(each.stem for each in cache.glob("*.db"))
    return execute(url, "SELECT datname FROM pg_database" if kind == "postgresql" else "SHOW DATABASES")
