"""Somebody else's histories: straight after `upgrade head` nothing is told that is not so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.conftest import interpreter  # noqa: F401 - a fixture
from tests.real.test_optuna import folder, python  # noqa: F401 - fixtures
from workbench import Workbench


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_optuna(python: Path, folder: Path, server: str, request: pytest.FixtureRequest) -> None:  # noqa: F811 - fixtures
    """Ten revisions and the models that they belong to."""
    url = str(request.getfixturevalue(f"{server}_url"))
    with Workbench(folder / "alembic.ini", url=url, python=python) as workbench:
        assert workbench.upgrade().apply().ok
        drift = workbench.drift()

    # The project makes its tables with create_all and stamps them, so its revisions have fallen behind its models.
    behind = [
        "table trial_heartbeats", "column trial_values.trial_id", "index trials.ix_trials_study_id",
        "index trials.trials_study_id_key",
    ]  # fmt: skip
    assert {"no revision for it"} == {each.verdict for each in drift.differences}
    assert ([] if server == "sqlite" else ["enum trialstate"]) + behind == [each.object for each in drift.differences]
