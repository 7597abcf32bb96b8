"""`make property`: tries many pairs of schemas on each database, with a Draft and with plain Alembic, and counts.

A pair is right where the upgrade runs and leaves no difference, and the downgrade runs and leaves none to the first
schema. Plain Alembic is given what `alembic revision --autogenerate` writes, as it is.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.config import Config

from tests import servers
from tests.authoring import pairs
from tests.authoring.test_draft import MAKO
from tests.authoring.test_property import ENV, tried
from tests.safety.projects import Project, project


@contextlib.contextmanager
def _databases(folder: Path) -> Iterator[list[tuple[str, str]]]:
    with contextlib.ExitStack() as stack:
        found = [("sqlite", f"sqlite:///{folder / 'data' / 'wbtest.db'}")]
        (folder / "data").mkdir()
        for name, make in (("postgresql", servers.postgresql), ("mariadb", servers.mariadb)):
            with contextlib.suppress(servers.Unavailable):
                found.append((name, stack.enter_context(stack.enter_context(make()).database())))
        yield found


def plain(made: Project, pair: pairs.Pair) -> tuple[bool, bool]:
    """Whether plain Alembic gets there, and there and back."""
    (made.folder / "migrations" / "script.py.mako").write_text(MAKO)
    models = made.folder / "models.txt"
    models.write_text(pair.models(pair.before))
    made.env(ENV.replace("models.txt", str(models)), metadata="metadata")
    config = Config(str(made.folder / "alembic.ini"), cmd_opts=argparse.Namespace(quiet=True))
    there = False
    try:
        command.revision(config, "begin", autogenerate=True)
        command.upgrade(config, "head")
        inserts = pairs.inserts(pair)
        if inserts:
            made.execute(*inserts)
        models.write_text(pair.models(pair.after))
        command.revision(config, "go on", autogenerate=True)
        command.upgrade(config, "head")
        command.check(config)
        there = not pair.renames or not pair.rows  # a rename that was a drop and an add has lost the values
        command.downgrade(config, "-1")
        models.write_text(pair.models(pair.before))
        for path in made.versions.glob("*_go_on.py"):
            path.unlink()
        command.check(config)
    except Exception:  # noqa: BLE001 - whatever it is, it is not right
        return there, False
    return there, there


def main() -> None:
    """Count, and print a line for each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=700, help="pairs on each database")
    parser.add_argument("--first", type=int, default=0, help="the number of the first one")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    seeds = range(options.first, options.first + options.count)
    print("database    pairs  Draft: there and back  plain Alembic: there  plain Alembic: there and back")  # noqa: T201
    with tempfile.TemporaryDirectory() as name, _databases(Path(name)) as databases:
        for dialect, url in databases:
            made = project(Path(name) / dialect, url)
            right, there, back = 0, 0, 0
            with made.workbench() as wb:
                for seed in seeds:
                    pair = pairs.random_pair(seed)
                    problem = tried(made.renew(), wb, pair)
                    right += not problem
                    if problem:
                        print(f"{dialect} {seed}: {problem.splitlines()[0]}")  # noqa: T201
                    went, came = plain(made.renew(), pair)
                    there += went
                    back += came
            told = (f"{number} ({number / len(seeds):.1%})" for number in (right, there, back))
            print(f"{dialect:10} {len(seeds):6}  " + "  ".join(f"{each:21}" for each in told), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
