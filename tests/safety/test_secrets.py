"""P3: no password reaches a repr, an output cell, a log line, a traceback or a file."""

from __future__ import annotations

import html
import logging
import pickle
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.safety.projects import Project, project
from workbench import Workbench
from workbench.errors import WorkbenchError
from workbench.text import blot, forms_of_secret, passwords_in, redact

PASSWORD = "s3cr%t-p@ss/w:rd"
PIECES = ("s3cr", "p@ss", "p%40ss", "w:rd", "w%3Ard")
"""Any of these would give a part of it away."""


@pytest.fixture
def made(tmp_path: Path, postgresql_url: str) -> Iterator[Project]:
    """An environment whose URL has an account of its own, with that password, percent-encoded."""
    admin = create_engine(postgresql_url, isolation_level="AUTOCOMMIT")
    url = make_url(postgresql_url)
    with admin.connect() as connection:
        connection.execute(text(f"CREATE ROLE {url.database} LOGIN SUPERUSER PASSWORD '{PASSWORD}'"))
    mine = url.set(username=url.database, password=PASSWORD).render_as_string(hide_password=False)
    assert quote(PASSWORD, safe="") in mine
    yield project(tmp_path / "project", mine).tables(2)
    with admin.connect() as connection:
        connection.execute(text(f"REASSIGN OWNED BY {url.database} TO CURRENT_USER"))
        connection.execute(text(f"DROP ROLE {url.database}"))
    admin.dispose()


def faces(value: Any) -> dict[str, str]:
    """Every form in which a value may be seen or kept."""
    told = {"str": str(value), "repr": repr(value)}
    for name in ("to_dict", "_repr_html_", "_repr_mimebundle_"):
        if hasattr(value, name):
            told[name] = html.unescape(str(getattr(value, name)()))
    if not isinstance(value, Workbench):
        told["pickle"] = pickle.dumps(value).decode("latin-1")
    for name in ("df", "statements", "sql", "code", "title"):
        if hasattr(value, name):
            kept = getattr(value, name)
            told[name] = kept.to_csv() if hasattr(kept, "to_csv") else str(kept)
    if isinstance(value, WorkbenchError):
        told["traceback"] = "".join(traceback.format_exception(value))
        told["notebook"] = "\n".join(value._render_traceback_())
    return told


def leaks(value: Any) -> list[tuple[str, str]]:
    """Where a piece of the password is to be seen."""
    return [(name, piece) for name, shown in faces(value).items() for piece in PIECES if piece in shown]


def test_no_result_shows_it(made: Project, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither a value nor its text, table, HTML or pickle; neither a log nor a file; also where env.py prints it."""
    caplog.set_level(logging.DEBUG)
    made.env(f"print(url := {made.url!r}); import logging; logging.error(url); print({PASSWORD!r})", metadata="None")
    made.revision("r3", "r2", f"op.execute(\"SELECT '{PASSWORD.replace(':', chr(92) * 2 + ':')}'\")")
    before = made.files()
    with made.workbench() as wb:
        plan = wb.upgrade()
        results = [wb, wb.history(), wb.current(), plan, plan.apply(), wb.downgrade("-1"), wb.stamp("r1"), wb._settings]

        assert [[]] * len(results) == [leaks(each) for each in results]
        assert PASSWORD not in wb._client.output
        assert [] == [piece for piece in PIECES if piece in wb._client.output]

    assert ("", "") == tuple(capfd.readouterr())
    assert [] == [piece for piece in PIECES if piece in caplog.text]
    assert before == made.files()


@pytest.mark.parametrize(
    "spoil",
    [
        "raise RuntimeError(f'cannot use {url}')",
        "raise RuntimeError('cannot use ' + repr(create_engine(url).url.password))",
        "raise SystemExit(f'cannot use {url}')",
        "print(url); print(create_engine(url).url.password); raise ValueError",
        "import subprocess; subprocess.run(['echo', url], check=True); raise ValueError",
        "import psycopg; psycopg.connect(f'host=127.0.0.1 port=1 user=u password={create_engine(url).url.password}')",
        "create_engine(url + '?nonsense=1').connect()",
        "create_engine(url.replace('://', ':/'))",
        "context.config.set_main_option('sqlalchemy.url', url)",
        "create_engine(url.replace('@127.0.0.1', '@nowhere.invalid').replace('%40', '@')).connect()",
    ],
)
@pytest.mark.parametrize("given", ["in env.py", "as url", "in the environment", "in .env"])
def test_no_error_shows_it(tmp_path: Path, spoil: str, given: str) -> None:
    """Whoever says it, the driver or env.py, in a message or in a print, and wherever it comes from."""
    url = f"postgresql+psycopg://u:{quote(PASSWORD, safe='')}@127.0.0.1:1/d"
    made = project(tmp_path / "project", url)
    where = {
        "in env.py": f"url = {url!r}",
        "as url": "url = context.config.get_main_option('sqlalchemy.url')",
        "in the environment": "url = os.environ['SHOP']",
        "in .env": "url = open('.env').read().partition('=')[2].strip()",
    }[given]
    given_so: dict[str, dict[str, Any]] = {"as url": {"url": url}, "in the environment": {"env": {"SHOP": url}}}
    options = given_so.get(given, {})
    if given == "in .env":
        (made.folder / ".env").write_text(f"SHOP={url}\n")
    made.env(f"{where}\n{spoil}\nraise RuntimeError('it came through')")
    with made.workbench(**options) as wb, pytest.raises(WorkbenchError) as caught:
        wb.current()

    assert [] == leaks(caught.value)


def test_a_failing_statement_does_not_show_it(made: Project) -> None:
    """Neither the statement, nor what the database says of it, nor the line in the revision's file."""
    made.revision("r1", None, f"op.execute(\"SELECT '{PASSWORD.replace(':', chr(92) * 2 + ':')}' FROM nowhere\")")
    with made.workbench() as wb:
        run = wb.upgrade("r1").apply()

    assert run.error is not None
    assert ([], []) == (leaks(run.error), leaks(run))


@pytest.mark.parametrize(
    "said, shown",
    [
        ("postgresql://u:pw@h/d", "postgresql://u:***@h/d"),
        ("host=h password=hunter user=u", "host=h password=*** user=u"),
        ("{'password': 'hunter 2', 'user': 'u'}", "{'password': ***, 'user': 'u'}"),
        ("nothing of the kind", "nothing of the kind"),
        ("postgresql://u@h/d", "postgresql://u@h/d"),
    ],
)
def test_redact(said: str, shown: str) -> None:
    """URLs and key=value pairs lose their password, and nothing else."""
    assert shown == redact(said)


def test_blot_takes_only_the_secret() -> None:
    """A short secret is not cut out of ordinary words; a long one is, wherever it stands; SQL stays as it is."""
    assert "UPDATE t SET token = ?, app = *** WHERE application" == blot(
        "UPDATE t SET token = ?, app = pw1 WHERE application", {"pw1"}
    )
    assert "-p***" == blot("-phunter22", {"hunter22"})
    assert "apple" == blot("apple", {"app"})


def test_every_way_to_write_a_password() -> None:
    """Plain, in a URL, in an ini file, in a repr."""
    url = f"mysql://u:{quote(PASSWORD, safe='')}@h/d"
    found = {form for each in passwords_in(url) for form in forms_of_secret(each)}
    for written in (PASSWORD, url, url.replace("%", "%%"), repr(PASSWORD), url.lower()):
        assert [] == [piece for piece in PIECES if piece in redact(written, found)]
