"""Tables, rows and one operation made at random: what the rules say is what happens, on each database.

`WORKBENCH_EXAMPLES=1000 pytest tests/hazards/test_generated.py` tries more than the 40 of a normal run.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import servers
from tests.conftest import missing
from tests.hazards.bench import Bench
from tests.hazards.cases import Case
from tests.hazards.generating import Made, made, same

EXAMPLES = int(os.environ.get("WORKBENCH_EXAMPLES", "40"))
OURS = {
    "drop-table", "drop-column", "destructive-raw-sql", "type-change-may-fail", "type-change-loses-data",
    "enum-value-removed", "drop-constraint", "add-required-column", "set-not-null", "add-unique", "add-foreign-key",
    "add-check",
}  # fmt: skip
MAY_BE_UNKNOWN = 0.15
"""Of all examples: casts between types that only the server knows."""
_CODE = """
import json, os
with open(os.path.join(os.path.dirname(__file__), "made.json")) as file:
    exec(json.load(file))
"""


class Reality:
    """One environment whose one revision does what a file beside it says, so that its worker stays warm."""

    def __init__(self, folder: Path, url: str) -> None:
        """Write it; nothing runs yet."""
        self.case = Case("made", "any", _CODE)
        self.bench = Bench(folder, url, self.case)
        self.file = folder / "scripts" / "versions" / "made.json"
        self.said: Counter[str] = Counter()

    def agrees(self, this: Made) -> None:
        """Make it, predict, apply, and compare."""
        self.file.write_text(json.dumps(this.code))
        bench = self.bench
        bench._before(())
        bench._reset()
        with bench.engine.begin() as connection:
            for statement in this.setup:
                connection.exec_driver_sql(statement.replace("%", "%%"))
        before = self._seen(this)
        bench._before(this.before)
        plan = bench.workbench.preflight(bench.workbench.upgrade(self.case.id))
        run = plan.apply()
        bench._before(())
        after = self._seen(this)
        ours = [each for each in plan.findings if each.rule in OURS]
        told = "\n".join(
            f"{each.rule} {each.severity} {each.outcome}: {each.message} {each.evidence.why}" for each in ours
        )
        error = dict(run.error.evidence).get("the database says", str(run.error)) if run.error else ""
        really = f"really: {error or 'applied'}\n{before}\n{after}"
        whole = f"{this.setup[2:]}\n{this.code}\n{this.before}\nsaid: {told}\n{really}"
        self.said["all"] += 1
        if any(each.outcome == "unknown" for each in ours):
            self.said["unknown"] += 1
            return
        fails = any(each.outcome == "fails" for each in plan.findings)
        self.said[
            "fails" if fails else "loses" if any(each.outcome == "loses-data" for each in ours) else "neither"
        ] += 1
        assert fails == (not run.ok), f"A {'false' if fails else 'missed'} failure:\n{whole}"
        if run.ok and this.seen and isinstance(before, list):
            lost = bool(before) and (
                not isinstance(after, list) or len(before) != len(after) or not all(map(_alike, before, after))
            )
            loses = any(each.outcome == "loses-data" for each in ours)
            assert loses == lost, f"A {'false' if loses else 'missed'} loss:\n{whole}"

    def _seen(self, this: Made) -> Any:
        return self.bench._value(this.seen)


def _alike(before: tuple[Any, Any], after: tuple[Any, Any]) -> bool:
    return before[0] == after[0] and same(before[1], after[1])


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "mariadb"])
def reality(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Reality]]:
    """The dialect, and an environment on a database of it."""
    dialect, folder = request.param, tmp_path_factory.mktemp("made")
    if dialect == "sqlite":
        found = Reality(folder, f"sqlite:///{folder}/made.db")
        yield dialect, found
        found.bench.close()
        return
    server = request.getfixturevalue(f"{dialect}_server")
    if isinstance(server, servers.Unavailable):
        missing(dialect, str(server))
    with server.database() as url:
        found = Reality(folder, url)
        yield dialect, found
        found.bench.close()


def test_prediction_and_reality_agree(reality: tuple[str, Reality]) -> None:
    """No failure is missed and none is invented; the same of values that are lost."""
    dialect, found = reality

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def each(data: st.DataObject) -> None:
        found.agrees(data.draw(made(dialect)))

    each()
    assert found.said["unknown"] <= MAY_BE_UNKNOWN * found.said["all"], found.said
    assert min(found.said["fails"], found.said["loses"], found.said["neither"]) > 0, found.said
