"""Rules are called by the names that they have, wherever somebody reads about them."""

import json
import re
from pathlib import Path

import pytest

from workbench.capabilities.suppressions import UNUSED, WITHOUT_REASON
from workbench.hazards import rules as _rules  # noqa: F401 - importing it registers them
from workbench.hazards.rule import RULES

REPOSITORY = Path(__file__).parents[2]
_NAMED = re.compile(r"`([a-z]+(?:-[a-z]+)+)`|ignore\[([a-z-]+)\]|rule = \"([a-z-]+)\"")


def text(page: str) -> str:
    """What a person writes there; of a notebook the cells without their outputs."""
    told = (REPOSITORY / page).read_text("utf-8")
    if not page.endswith(".ipynb"):
        return told
    return "\n".join("".join(cell["source"]) for cell in json.loads(told)["cells"])


@pytest.mark.parametrize("page", ["README.md", "notebooks/04_ask_the_data.ipynb"])
def test_every_rule_that_is_named_is_there(page: str) -> None:
    """In backticks, or in a suppression."""
    named = {next(filter(None, found.groups())) for found in _NAMED.finditer(text(page))}

    assert named
    assert set() == named - set(RULES) - {UNUSED, WITHOUT_REASON}
