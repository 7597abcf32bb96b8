"""Every case, from every module named `cases_…`."""

from importlib import import_module
from pathlib import Path

from tests.hazards.cases import Case

CASES: list[Case] = [
    case
    for path in sorted(Path(__file__).parent.glob("cases_*.py"))
    for case in import_module(f"tests.hazards.{path.stem}").CASES
]
