"""While a scratch database is copied nobody is connected to it, and still no other run takes it for a leftover."""

from __future__ import annotations

import time
from pathlib import Path

from tests.safety.projects import project
from tests.scratch.inside import run, start
from tests.scratch.test_sweep import names

COPYING = """
databases.new_name = lambda: NAME
[held] = ask(lambda part: made(part, filled="replay"))
assert held.copies.keep(1)
held.copies._keeper.close()  # as in the middle of the next copy
print(held.name, flush=True)
sys.stdin.readline()
answer = None
"""


def test_no_sweep_during_a_copy(postgresql_url: str, tmp_path: Path, cache: Path) -> None:
    """It and its copies stay while they are held, and both go when who held them was killed."""
    live = project(tmp_path, postgresql_url)
    name = f"workbench_scratch_{int(time.time()) - 7200:08x}5c0b1e55"
    mine = {name, f"{name}_1"}
    with start(live, f"NAME = {name!r}\n{COPYING}") as process:
        assert process.stdout is not None
        assert name == process.stdout.readline().decode().strip()
        held = {*run(live, "[answer] = ask(sweep)")} & mine, {*names(postgresql_url, cache)} & mine
        process.kill()
    left = mine
    for _ in range(50):  # the server takes a moment to notice
        run(live, "[answer] = ask(sweep)")
        left = {*names(postgresql_url, cache)} & mine
        if not left:
            break

    assert (set(), mine) == held
    assert set() == left
