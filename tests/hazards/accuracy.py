"""`python -m tests.hazards.accuracy`: predicts every case, really applies it, and prints who was right, as Markdown."""

# ruff: noqa: T201 - a program that prints

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests import servers
from tests.bench.measure import REPOSITORY, as_markdown
from tests.hazards.all_cases import CASES
from tests.hazards.bench import Bench, Outcome

PAGE = REPOSITORY / "docs" / "hazards.md"
BEGIN, END = "<!-- make accuracy ARGS=--write: from here -->", "<!-- to here -->"
_KINDS = ("sqlite", "postgresql", "mariadb")
_REAL = ("fails", "loses data", "neither")


def main() -> None:
    """Do it, and print; ends with 1 where a failure was missed, or a prediction was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.hazards.accuracy", description=__doc__)
    parser.add_argument("--on", choices=_KINDS, action="append", help="this database; may be given several times")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/hazards.md")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    parts: list[str] = []
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="workbench-accuracy-") as folder:
        os.environ["WORKBENCH_JOURNAL"] = str(Path(folder) / "journal.jsonl")
        for dialect in options.on or _KINDS:
            outcomes = list(_outcomes(dialect, Path(folder) / dialect))
            parts.append(_table(dialect, outcomes))
            wrong += [f"{dialect}: {told}" for told in _wrong(outcomes)]
    text = "\n\n".join(parts) + "\n\n" + ("\n".join(f"- {each}" for each in wrong) or "Nobody was wrong.")
    print(text)
    if options.write:
        page = PAGE.read_text("utf-8")
        begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
        PAGE.write_text(f"{page[:begin]}\n{text}\n{page[end:]}", "utf-8")
    sys.exit(bool(wrong))


def _outcomes(dialect: str, folder: Path) -> Iterator[Outcome]:
    cases = [each for each in CASES if each.dialect == dialect]
    with contextlib.ExitStack() as stack:
        if dialect == "sqlite":
            folder.mkdir()
            url = f"sqlite:///{folder}/cases.db"
        else:
            server = stack.enter_context(getattr(servers, dialect)())
            url = stack.enter_context(server.database())
            folder.mkdir()
        bench = stack.enter_context(contextlib.closing(Bench(folder / "env", url)))
        server_says = bench.workbench.current().databases[0].server
        version = tuple(int(each) for each in server_says.split(".") if each.isdigit())
        for case in cases:
            if version[: len(case.version)] >= case.version:
                yield bench.run(case)


def _predicted(each: Outcome) -> str:
    if each.predicts_failure:
        return "fails"
    if each.predicts_loss:
        return "loses data"
    return "not known" if any(finding.outcome == "unknown" for finding in each.findings) else "neither"


def _real(each: Outcome) -> str:
    return "fails" if each.failed else "loses data" if each.lost else "neither"


def _table(dialect: str, outcomes: list[Outcome]) -> str:
    counts = Counter((_predicted(each), _real(each)) for each in outcomes)
    predicted = (*_REAL[:2], "not known", "neither")
    rows = [(f"said: {name}", *(str(counts[name, real]) for real in _REAL)) for name in predicted]
    errors = [(each, finding) for each in outcomes for finding in each.findings if finding.severity == "error"]
    right = sum(_is_right(each, finding.rule, finding.outcome) for each, finding in errors)
    precision = f"{right / len(errors):.3f} ({right} of {len(errors)})" if errors else "none said"
    told = as_markdown(["", *(f"really: {name}" for name in _REAL)], rows)
    return f"### {dialect}: {len(outcomes)} cases\n\n{told}\n\nPrecision of everything at severity error: {precision}"


def _is_right(each: Outcome, rule: str, outcome: str) -> bool:
    """Whether an error was one: what it says has happened.

    Of `loses-data` where the case does not look at values, and of what no single apply can show (others that wait,
    code that breaks): that the case does not name it among what must be absent.
    """
    if outcome == "fails":
        return each.failed
    if outcome == "loses-data" and each.case.loses and not each.failed:
        return each.lost
    return rule not in each.case.absent


def _wrong(outcomes: list[Outcome]) -> Iterator[str]:
    for each in outcomes:
        said, real = _predicted(each), _real(each)
        if real == "fails" and said != "fails":
            yield f"{each.case.name}: it failed, and that was not said"
        if said == "fails" and real != "fails":
            yield f"{each.case.name}: it was said to fail, and did not"
        if said == "loses data" and real == "neither" and each.case.loses:
            yield f"{each.case.name}: it was said to lose data, and lost none"
        if real == "loses data" and said not in {"loses data", "fails"}:
            yield f"{each.case.name}: it lost data, and that was not said"


if __name__ == "__main__":
    main()
