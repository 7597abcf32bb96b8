"""jupyterhub's own environment. Its history begins at a schema that is already there.

JupyterHub makes its tables with `create_all` at the first start and stamps them; its first revision is empty, and the
next ones alter tables that no revision made. So there is no base→head on an empty database, for Alembic neither.
What is done here instead:

- A hub as JupyterHub 1.0 left it (its tables below, made by SQLAlchemy) is stamped by the workbench at the revision of
  that release, `4dc2d5a8c53c`, then upgraded to head: nine revisions.
- A hub as JupyterHub 0.5 left it is upgraded from base, and stops where `alembic upgrade head` stops too: revision
  `99a28a4418e1` calls `datetime._replace`, which no Python has.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.real import outside
from tests.real.conftest import Interpreter
from workbench import Workbench

OF_RELEASE_1_0 = "4dc2d5a8c53c"
BROKEN = "99a28a4418e1"
BEFORE_BROKEN = "56cc5a70207e"


def column(name: str, type_: type[sa.types.TypeEngine[Any]] = sa.Unicode, to: str = "") -> sa.Column[Any]:
    """A column of one of the old tables."""
    keys = [sa.ForeignKey(to)] if to else []

    return sa.Column(name, sa.Unicode(255) if type_ is sa.Unicode else type_(), *keys, primary_key=name == "id")


def hub_0_5() -> sa.MetaData:
    """The tables of JupyterHub 0.5."""
    metadata = sa.MetaData()
    number, text, yes, when = sa.Integer, sa.Unicode, sa.Boolean, sa.DateTime
    sa.Table("servers", metadata, column("id", number), column("ip"), column("port", number), column("base_url"))
    sa.Table("proxies", metadata, column("id", number), column("_public_server_id", number, "servers.id"))
    sa.Table("hubs", metadata, column("id", number), column("_server_id", number, "servers.id"))
    sa.Table(
        "users", metadata, column("id", number), column("name", text), column("admin", yes),
        column("last_activity", when), column("cookie_id"), column("_server_id", number, "servers.id"),
    )  # fmt: skip
    sa.Table(
        "api_tokens", metadata, column("id", number), column("hashed"), column("prefix"),
        column("user_id", number, "users.id"),
    )  # fmt: skip

    return metadata


def hub_1_0() -> sa.MetaData:
    """The tables of JupyterHub 1.0."""
    metadata = sa.MetaData()
    number, text, yes, when = sa.Integer, sa.Unicode, sa.Boolean, sa.DateTime
    sa.Table("servers", metadata, column("id", number), column("ip"), column("port", number), column("base_url"))
    sa.Table(
        "users", metadata, column("id", number), column("name", text), column("admin", yes), column("created", when),
        column("last_activity", when), column("cookie_id"), column("encrypted_auth_state", sa.LargeBinary),
    )  # fmt: skip
    sa.Table("groups", metadata, column("id", number), column("name"))
    sa.Table("services", metadata, column("id", number), column("name"), column("admin", yes), column("pid", number))
    sa.Table(
        "spawners", metadata, column("id", number), column("user_id", number, "users.id"), column("name"),
        column("server_id", number, "servers.id"), column("started", when), column("user_options", sa.Text),
    )  # fmt: skip
    sa.Table(
        "oauth_clients", metadata, column("id", number), sa.Column("identifier", sa.Unicode(255), unique=True),
        column("description"), column("secret"),
    )  # fmt: skip
    sa.Table(
        "oauth_codes", metadata, column("id", number), column("code"), column("session_id"),
        column("client_id", text, "oauth_clients.identifier"),
    )  # fmt: skip
    for name in ("api_tokens", "oauth_access_tokens"):
        sa.Table(name, metadata, column("id", number), column("hashed"), column("user_id", number, "users.id"))

    return metadata


def make(url: str, tables: sa.MetaData) -> None:
    """Make the tables of an old hub, with one user in it."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        tables.create_all(connection)
        connection.execute(tables.tables["users"].insert().values(id=1, name="ada", admin=True))


@pytest.fixture(scope="session")
def python(interpreter: Interpreter) -> Path:
    """The interpreter that has jupyterhub."""
    return interpreter("jupyterhub")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(scope="session")
def template(python: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The ini, made of jupyterhub's template by jupyterhub's own function, for a database URL."""
    path = tmp_path_factory.mktemp("jupyterhub") / "alembic.ini"
    make_it = "import sys; from jupyterhub.dbutil import write_alembic_ini; write_alembic_ini(*sys.argv[1:])"
    subprocess.run([python, "-c", make_it, path, "URL://"], check=True, timeout=120)

    return path.read_text("utf-8")


@pytest.fixture
def ini(template: str, url: str, tmp_path: Path) -> Path:
    """That ini, for a database of the test's own."""
    assert template.count("URL://") == 1
    path = tmp_path / "alembic.ini"
    path.write_text(template.replace("URL://", url.replace("%", "%%")), "utf-8")

    return path


@pytest.fixture
def workbench(python: Path, ini: Path) -> Iterator[Workbench]:
    """A Workbench on it, with the project's own interpreter."""
    with Workbench(ini, python=python) as opened:
        yield opened


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # the same on every database
def test_history_equals_alembics(workbench: Workbench, python: Path, ini: Path) -> None:
    """The graph, and the order in which it would run, are Alembic's own."""
    ours = outside.as_alembic_tells_it(workbench.history(), workbench.upgrade().revisions)

    assert outside.history(python, ini.parent, ini) == ours
    assert len(ours["revisions"]) == 19


def test_hub_of_release_1_0_comes_to_head(workbench: Workbench, python: Path, ini: Path, url: str) -> None:
    """Stamped at its release and upgraded: what ran is what was shown, and the diff is that of `alembic check`."""
    make(url, hub_1_0())
    stamped = workbench.stamp(OF_RELEASE_1_0).apply()

    assert (True, (OF_RELEASE_1_0,)) == (stamped.ok, stamped.heads)
    assert len(workbench.upgrade().steps) == 9
    assert {} == outside.applied_as_shown(workbench)
    assert outside.check(python, ini.parent, ini) == outside.as_check_tells_it(workbench.diff())


def test_hub_of_release_0_5_stops_where_alembic_stops(workbench: Workbench, url: str) -> None:
    """The error names the revision and the line; the steps before it are in the database, each in its transaction."""
    make(url, hub_0_5())
    run = workbench.upgrade().apply()
    failed = [step.revision for step in run.steps if step.outcome == "failed"]

    assert (False, (BEFORE_BROKEN,), [BROKEN]) == (run.ok, run.heads, failed)
    assert "'datetime.datetime' object has no attribute '_replace'" in str(run.error)
    assert (BEFORE_BROKEN,) == workbench.current().heads


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # the same on every database
def test_alembic_itself_stops_at_the_same_revision(python: Path, ini: Path, url: str) -> None:
    """What the test before takes for granted: the plain command cannot pass that revision either."""
    make(url, hub_0_5())
    with pytest.raises(AssertionError, match="_replace"):
        outside.alembic(python, ini.parent, "upgrade", "head")

    assert BEFORE_BROKEN in outside.alembic(python, ini.parent, "current")
