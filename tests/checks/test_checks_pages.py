"""The pages of the checks are complete, and docs/checks.md has them as they are."""

import re

import pytest

from tests.checks import pages
from workbench.capabilities import practices as _practices  # noqa: F401 - importing it registers them
from workbench.capabilities.practice import NEXT, PRACTICES, Practice


@pytest.mark.parametrize("practice", PRACTICES.values(), ids=lambda practice: practice.name)
def test_every_check_has_a_page(practice: Practice) -> None:
    """What it is, why, an example, what to do."""
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", practice.name)
    assert practice.title.endswith(".") or practice.page.partition("\n\n")[0].endswith(".")
    assert [] == [each for each in ("**Why.**", "**Example.**", "**What to do.**") if each not in practice.page]


def test_each_has_its_place() -> None:
    """In the order in which they are told, by what is to be done next."""
    assert set(NEXT) == set(PRACTICES)


def test_the_documentation_is_up_to_date() -> None:
    """`python -m tests.checks.pages --write` makes it so."""
    assert pages.PAGE.read_text("utf-8") == pages.text()
