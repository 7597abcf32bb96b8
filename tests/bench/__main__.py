"""`make bench`: how fast the parts are, beside plain Alembic in the same run.

Benchmarks, not tests: nothing fails when a ratio is over its limit; the table says so.
"""

# ruff: noqa: T201 - a program that prints

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tests.bench import applying, cases, hazards, picture, schemas, travelling, tree
from tests.bench.measure import HEAD, REPOSITORY, as_markdown, as_text

PAGE = REPOSITORY / "docs" / "performance.md"
BEGIN, END = "<!-- make bench ARGS=--write: from here -->", "<!-- to here -->"
GROUPS = {**cases.GROUPS, **applying.GROUPS, **schemas.GROUPS, **hazards.GROUPS}
PACKAGES = ("alembic", "sqlalchemy", "psycopg", "anywidget", "ipywidgets", "jupyterlab", "pandas", "playwright")


def machine() -> str:
    """What the numbers were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    try:
        told = platform.freedesktop_os_release()
        system = f"{told.get('NAME', 'Linux').split()[0]} {told.get('VERSION_ID', '')}".strip()
    except OSError:
        system = platform.platform(terse=True)
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {system}, Python {platform.python_version()}; {versions}."


def main() -> None:
    """Measure, print, and write the page if that is wanted."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    groups = (*GROUPS, "travel", "cancel", "answers", "tree", "picture", "memory")
    parser.add_argument("--only", choices=groups, action="append", help="this group; may be given several times")
    parser.add_argument("--repeat", type=int, default=5, help="how often each pair is run (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that the benchmarks themselves work")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    options = parser.parse_args()
    chosen = options.only or groups
    sizes = cases.QUICK if options.quick else cases.Sizes()
    print(machine(), flush=True)
    rows: list[tuple[str, ...]] = []
    facts: list[tuple[str, str]] = []
    for name, group in GROUPS.items():
        if name in chosen:
            with tempfile.TemporaryDirectory(prefix="workbench-bench-") as folder, group(Path(folder), sizes) as found:
                for case in found:
                    rows.append(case.measure(options.repeat).cells())
                    print(*(cell for cell in rows[-1] if cell), sep=" | ", flush=True)
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as folder:
        in_folder: dict[str, Callable[[], Iterable[tuple[str, str]]]] = {
            "travel": lambda: travelling.travels(Path(folder), sizes),
            "cancel": lambda: applying.cancel(Path(folder), min(options.repeat, 3)),
            "answers": lambda: applying.answers(Path(folder), sizes),
        }
        for name, measured in in_folder.items():
            if name in chosen:
                facts += measured()
    if "tree" in chosen:
        facts += tree.tree(sizes.tree, min(options.repeat, 5))
    if "picture" in chosen:
        facts += picture.picture(30 if options.quick else 300, min(options.repeat, 5))
    if "memory" in chosen:
        with tempfile.TemporaryDirectory(prefix="workbench-bench-") as folder:
            facts += cases.memory(Path(folder), sizes)
    print()
    print(as_text(HEAD, rows))
    print()
    print(as_text(("what", "measured"), facts))
    if options.write:
        _write(rows, facts)


def _write(rows: list[tuple[str, ...]], facts: list[tuple[str, str]]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        sys.exit(f"{PAGE.name} has no place for the tables: {BEGIN} … {END}")
    table = [line.strip("|").split("|") for line in rest.splitlines() if line.startswith("|")]
    known = [tuple(cell.strip() for cell in line) for line in table]
    said = (
        f"Measured on {machine()}\n"
        "A number with a range in brackets is the median of several runs, with the smallest and the largest."
    )
    tables_now = (
        as_markdown(HEAD, _merged(known, rows, len(HEAD))),
        as_markdown(("what", "measured"), _merged(known, facts, 2)),
    )
    parts = (said, *tables_now)
    tables = "\n\n".join(part for part in parts if part)
    PAGE.write_text(f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}", encoding="utf-8")


def _merged(known: list[tuple[str, ...]], new: Sequence[tuple[str, ...]], width: int) -> list[tuple[str, ...]]:
    """The rows of the page with those that were measured now; with `--only` that is not all of them."""
    kept = {row[0]: row for row in known if len(row) == width and row[0] != "what" and set(row[0]) != {"-"}}
    return list((kept | {row[0]: row for row in new}).values())


if __name__ == "__main__":
    main()
