"""Real histories, revision by revision and all at once: the findings are the known ones, and what is said happens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import snapshots
from tests.hazards import real
from tests.real import environments

SNAPSHOTS = Path(__file__).parent / "snapshots"
ON = {
    "sample": ("sqlite", "postgresql", "mariadb"),
    "optuna": ("sqlite", "postgresql"),
}
MARKS: dict[str, Any] = {"sqlite": (), "postgresql": pytest.mark.postgresql, "mariadb": pytest.mark.mariadb}


@pytest.fixture(
    params=[
        pytest.param((name, server), id=f"{name}-{server}", marks=MARKS[server])
        for name, servers in ON.items()
        for server in servers
    ]
)
def history(request: pytest.FixtureRequest) -> tuple[str, str, str]:
    """A history, the kind of its database, and the URL of an empty one."""
    name, server = request.param
    if name != "sample" and isinstance(found := environments.built(name), environments.Unavailable):
        pytest.skip(str(found))
    return name, server, str(request.getfixturevalue(f"{server}_url"))


def test_one_by_one(history: tuple[str, str, str], tmp_path: Path) -> None:
    """With rows in all tables: each finding was read; what is said to fail fails, and nothing else does."""
    name, server, url = history
    told = real.seen(name, url, tmp_path)
    wrong = [each.revision for each in told if each.failed != any(one.outcome == "fails" for one in each.findings)]

    assert wrong == []
    snapshots.check(SNAPSHOTS / f"real-{name}-{server}.txt", _lines(told))


def test_at_once(history: tuple[str, str, str], tmp_path: Path) -> None:
    """In one Plan from base to head: of tables that it makes their types alone are spoken of, and nothing fails."""
    name, server, url = history
    told = real.seen(name, url, tmp_path, together=True)

    assert [each.revision for each in told if each.failed] == []
    assert {one.severity for each in told for one in each.findings} <= {"info", "warning"}
    snapshots.check(SNAPSHOTS / f"real-{name}-{server}-at-once.txt", _lines(told))


def _lines(told: list[real.Seen]) -> str:
    return "\n".join(
        f"{each.revision} {one.rule} {one.severity} {one.outcome} {one.object}" + (" failed" if each.failed else "")
        for each in told
        for one in each.findings
    )
