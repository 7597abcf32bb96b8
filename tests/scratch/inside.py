"""Runs a few lines of a test where scratch databases are made: in a process that runs a project's env.py, guarded."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

from tests.safety.projects import Project

REPOSITORY = Path(__file__).parents[2]

BEFORE = """
import contextlib, os, pickle, sys, time

from alembic import command

from workbench.bridge import configuration, environments
from workbench.bridge.scratch import databases, postgresql_dump
from workbench.bridge.guard import Guard
from workbench.bridge.scratch.databases import make, size_of, sweep
from workbench.bridge.settings import Settings
from workbench.bridge.translate import translate
from workbench.errors import WorkbenchError

guard = Guard()
guard.install()
os.chdir(FOLDER)
settings = Settings(os.path.join(FOLDER, "alembic.ini"), None, FOLDER)
told = []


def ask(work, call=command.current, **options):
    config = configuration.make_config(settings, call, **options)
    script = configuration.script_directory(config)
    return environments.run_environment(config, script, work, dont_mutate=True)


def made(part, data="full", filled="copy", url=None):
    return make(part, data=data, filled=filled, scratch_url=url, progress=lambda *step: told.append(step))


def upgrade(scratches, target="head"):
    # What is executed, by lines; an error as it would be told.
    heard = []

    def steps(part):
        part.context._ensure_version_table()
        yield from part.script._upgrade_revs(target, part.heads)

    try:
        with guard.lead(scratches, lambda sql, rows, seconds: heard.append(sql) if seconds is None else None):
            ask(steps, command.upgrade, revision=target, sql=False, tag=None)
    except BaseException as error:
        error = translate(error, guard.secrets, FOLDER)
        return type(error).__name__, error.message, error.remedy
    return [sql for sql in heard if sql.startswith(("CREATE TABLE t", "\\nCREATE TABLE t", "INSERT INTO t"))]
"""


def start(project: Project, code: str, **environment: str) -> subprocess.Popen[bytes]:
    """A process that runs `code`, in which `answer` is what comes out."""
    end = "\nsys.stdout.buffer.write(b'\\0answer' + pickle.dumps(answer)); sys.stdout.flush()\n"
    script = f"FOLDER = {str(project.folder)!r}\n{BEFORE}\n{textwrap.dedent(code)}{end}"
    return subprocess.Popen(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY), *sys.path]), **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def run(project: Project, code: str, **environment: str) -> Any:
    """What `answer` is after `code`."""
    with start(project, code, **environment) as process:
        output, _ = process.communicate()
    assert process.returncode == 0
    return pickle.loads(output.rpartition(b"\0answer")[2])  # noqa: S301 - our own process
