"""Where no scratch database can be made, it is said why and what to do, and nothing is left."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url

from tests.safety.projects import project
from tests.scratch.inside import run
from tests.scratch.test_sweep import execute


def test_denied(postgresql_url: str, tmp_path: Path) -> None:
    """An account that may not create databases is told of scratch_url=."""
    url = make_url(postgresql_url)
    role = f"{url.database}_role"
    execute(postgresql_url, f"CREATE ROLE {role} LOGIN PASSWORD 'not-to-be-seen'")
    try:
        named = url.set(username=role, password="not-to-be-seen").render_as_string(hide_password=False)
        denied = run(
            project(tmp_path, named),
            """
            try:
                ask(made)
            except WorkbenchError as error:
                answer = type(error).__name__, str(error)
            """,
        )
    finally:
        execute(postgresql_url, f"DROP ROLE {role}")

    assert denied == (
        "ScratchRefused",
        (
            "A scratch database cannot be made: the server refused it (permission denied to create database).\n"
            "What to do: Make an empty database by hand and name it: Workbench(scratch_url='…'); or let this account "
            "create databases."
        ),
    )
