"""Takes times of two sides in turn, and says what came out."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Spread:
    """Several measurements of one thing."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)

    def words(self, digits: int = 2) -> str:
        """`1.32 (1.30-1.41)`: the median, and from the smallest to the largest."""
        low, high = min(self.values), max(self.values)
        around = f" ({low:.{digits}f}-{high:.{digits}f})" if len(self.values) > 1 else ""
        return f"{self.median:.{digits}f}{around}"


@dataclass(frozen=True)
class Row:
    """One line of the table: seconds of both sides, and their ratio, pair by pair."""

    what: str
    plain: Spread
    ours: Spread
    ratio: Spread
    limit: float | None

    @property
    def verdict(self) -> str:
        """Whether the median keeps within the limit."""
        if self.limit is None:
            return ""
        return "ok" if self.ratio.median <= self.limit else "OVER"

    def cells(self) -> tuple[str, ...]:
        """What the table shows."""
        limit = "" if self.limit is None else f"{self.limit:.2f}"
        return self.what, self.plain.words(), self.ours.words(), self.ratio.words(), limit, self.verdict


HEAD = ("what", "plain Alembic, s", "workbench, s", "ratio", "limit", "")


@dataclass(frozen=True)
class Case:
    """What is measured against what. Both return the seconds that they took."""

    what: str
    plain: Callable[[], float]
    ours: Callable[[], float]
    limit: float | None = None

    def measure(self, repeat: int) -> Row:
        """Run both in turn, A B A B, so that what else the machine does meets both; the first pair is not counted."""
        pairs = [(self.plain(), self.ours()) for _ in range(repeat + 1)][1:]
        plain, ours = zip(*pairs, strict=True)
        return Row(self.what, Spread(plain), Spread(ours), Spread(tuple(b / a for a, b in pairs)), self.limit)


def environment(folder: Path, url: str) -> dict[str, str]:
    """The variables for both sides: bytecode is kept, as usual, but not beside the sources of this checkout."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **kept,
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONPYCACHEPREFIX": str(folder / "pycache"),
        "BENCH_URL": url,
        "WORKBENCH_JOURNAL": str(folder / "journal.jsonl"),
    }


def seconds_of(
    arguments: Sequence[str], folder: Path, variables: Mapping[str, str], *, codes: Sequence[int] = (0,)
) -> float:
    """How long `python ARGUMENTS` takes as a process of its own, from its start to its end.

    Raises:
        RuntimeError: It failed, so there is nothing to compare.

    """
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=dict(variables), capture_output=True, text=True, check=False
    )
    took = time.perf_counter() - began
    if done.returncode not in codes:
        raise RuntimeError(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return took


# What one side leaves behind is not cleared away at the other side's cost.
_KERNEL = """\
import gc, json, sys, time
names = {}
for line in sys.stdin:
    gc.collect()
    began = time.perf_counter()
    exec(json.loads(line), names)
    took = time.perf_counter() - began
    print(json.dumps([took, names.get("told")]), flush=True)
"""


class Kernel:
    """A Python process that stays, as a notebook's kernel does, and takes the time of what it is given to run."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def run(self, code: str) -> float:
        """Run it, and return the seconds."""
        return float(self._asked(code)[0])

    def value(self, expression: str) -> Any:
        """What it gives, as JSON has it."""
        return self._asked(f"told = {expression}")[1]

    def _asked(self, code: str) -> list[Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(code) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"this failed, see above:\n{code}")
        answer: list[Any] = json.loads(line)
        return answer


@contextlib.contextmanager
def kernel(folder: Path, variables: Mapping[str, str], first: str) -> Iterator[Kernel]:
    """A Kernel in `folder` that has run `first`."""
    with subprocess.Popen(
        [sys.executable, "-c", _KERNEL], cwd=folder, env=dict(variables), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        made = Kernel(process)
        made.run(first)
        yield made


def resident(process: int) -> float:
    """The memory of a process in MiB (VmRSS); 0 where /proc does not tell."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return 0.0


def children(process: int) -> list[int]:
    """The processes that this one has started."""
    told = [path.read_text("ascii") for path in Path(f"/proc/{process}/task").glob("*/children")]
    return [int(each) for text in told for each in text.split()]


def as_text(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The rows in columns."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    ]
    return "\n".join(lines)


def as_markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The rows as a table of Markdown."""
    ruler = tuple("---" for _ in head)
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ruler, *rows))
