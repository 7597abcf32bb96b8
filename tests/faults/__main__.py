"""`python -m tests.faults`: does every fault on every database, and prints what became of each as Markdown."""

# ruff: noqa: T201 - a program that prints

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

from tests.bench.measure import REPOSITORY, as_markdown
from tests.faults import cases, table
from tests.faults.judging import Cell

PAGE = REPOSITORY / "docs" / "reliability.md"
BEGIN, END = "<!-- python -m tests.faults --write: from here -->", "<!-- to here -->"
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mariadb": "MariaDB"}


def main() -> None:
    """Do it, print, and write the page if that is wanted."""
    names = ("worker-killed", *(each.name for each in table.FAULTS), "two-appliers", "server", "disk-full")
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--on", choices=table.KINDS, action="append", help="this database; may be given several times")
    parser.add_argument("--only", choices=names, action="append", help="this fault; may be given several times")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/reliability.md")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    told: list[str] = []
    cells: list[Cell] = []
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="workbench-faults-") as folder:
        os.environ["WORKBENCH_JOURNAL"] = str(Path(folder) / "journal.jsonl")
        for cell in table.cells(tuple(options.on or table.KINDS), tuple(options.only or ()), told.append):
            cells.append(cell)
            took, began = time.monotonic() - began, time.monotonic()
            print(f"{'BAD' if cell.problems else 'ok '} {took:5.1f} s  {NAMES[cell.kind]}: {cell.fault}", flush=True)
            for problem in cell.problems:
                print(f"      {problem}", flush=True)
    text = as_text(cells, told)
    print(f"\n{text}")
    if options.write:
        before, begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        _, end, after = rest.partition(END)
        if not (begin and end):
            sys.exit(f"{PAGE.name} has no place for the tables: {BEGIN} … {END}")
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
    sys.exit(any(cell.problems for cell in cells))


def as_text(cells: Sequence[Cell], told: Sequence[str]) -> str:
    """The tables as Markdown: a small one of the kills, and one a database of everything else."""
    bad = sum(bool(cell.problems) for cell in cells)
    parts = [f"{len(cells)} faults tried, {len(cells) - bad} as they have to be, {bad} not."]
    parts += [f"- {each}" for each in told]
    for kind, name in NAMES.items():
        mine = [cell for cell in cells if cell.kind == kind]
        kills = {cell.fault: cell for cell in mine if cell.fault.startswith("worker killed")}
        if not mine:
            continue
        parts.append(f"### {name}")
        if kills:
            parts.append(
                "The worker killed (SIGKILL) before, inside and after each statement of a revision of five. "
                f"Each time `run.error` is: {_escaped(next(iter(kills.values())).said)}"
            )
            parts.append(as_markdown(("statement", *cases.MOMENTS), _kills(kills)))
            parts += _words_of(kills)
        rows = [(each.fault, each.said, each.left, each.diagnosis, _verdict(each)) for each in mine
                if each.fault not in kills]  # fmt: skip
        if rows:
            head = ("fault", "what apply() ended with", "left", "what the workbench says about it", "way on")
            parts.append(as_markdown(head, [tuple(_escaped(cell) for cell in row) for row in rows]))
    return "\n\n".join(parts)


def _kills(kills: dict[str, Cell]) -> list[tuple[str, ...]]:
    def told(number: int, moment: str) -> str:
        cell = kills.get(f"worker killed {moment} statement {number}")
        return "" if cell is None else _escaped(f"left: {cell.left}; then {_verdict(cell)}")

    return [(str(number), *(told(number, moment) for moment in cases.MOMENTS)) for number in range(1, 6)]


def _words_of(kills: dict[str, Cell]) -> list[str]:
    """What the workbench says after some of them."""
    examples = ("inside statement 1", "inside statement 3", "after statement 5")
    told = {each: kills.get(f"worker killed {each}") for each in examples}
    return [f"Killed {name}: “{_escaped(cell.diagnosis)}”" for name, cell in told.items() if cell is not None]


def _verdict(cell: Cell) -> str:
    return f"{cell.way}. **NOT AS IT HAS TO BE**: {'; '.join(cell.problems)}" if cell.problems else cell.way


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


if __name__ == "__main__":
    main()
