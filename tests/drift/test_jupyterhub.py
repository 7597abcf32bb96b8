"""A history that begins at tables which were there before it: nothing is told that is not so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.real.conftest import interpreter  # noqa: F401 - a fixture
from tests.real.test_jupyterhub import (  # noqa: F401 - fixtures
    OF_RELEASE_1_0,
    hub_1_0,
    ini,
    make,
    python,
    template,
    url,
    workbench,
)
from workbench import Workbench


def baseline_of(tables: sa.MetaData, url: str, revision: str) -> str:  # noqa: F811 - a fixture
    """The SQL of a database that has these tables and stands at a revision."""
    told: list[str] = []
    dialect = sa.make_url(url).get_dialect()()

    def keep(sql: Any, *_: Any, **__: Any) -> None:
        told.append(str(sql.compile(dialect=dialect)))

    tables.create_all(sa.create_mock_engine(url, keep), checkfirst=False)
    told.append("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    told.append(f"INSERT INTO alembic_version VALUES ('{revision}')")
    return ";\n".join(told) + ";\n"


def test_hub_of_release_1_0(workbench: Workbench, url: str, tmp_path: Path) -> None:  # noqa: F811 - fixtures
    """Brought to the head, nothing was changed by hand and nothing is pending."""
    make(url, hub_1_0())
    (tmp_path / "hub.sql").write_text(baseline_of(hub_1_0(), url, OF_RELEASE_1_0))
    assert workbench.stamp(OF_RELEASE_1_0).apply().ok
    assert workbench.upgrade().apply().ok
    drift = workbench.drift(baseline=str(tmp_path / "hub.sql"))

    # What its revisions leave out, a hub makes with create_all when it starts.
    assert ({"no revision for it"}, ()) == ({each.verdict for each in drift.differences}, drift.notes)
