"""The rules' pages are complete, and docs/hazards.md has them as they are."""

import re

import pytest

from tests.hazards import pages
from workbench.hazards import rules as _rules  # noqa: F401 - importing it registers them
from workbench.hazards.rule import RULES, Rule


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_every_rule_has_a_page(rule: Rule) -> None:
    """What it is, why, an example, what to do."""
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    assert rule.title.endswith(".")
    missing = [each for each in ("**Why.**", "**Example.**", "**What to do.**") if each not in rule.page]
    assert not missing


def test_the_documentation_is_up_to_date() -> None:
    """`python -m tests.hazards.pages --write` makes it so."""
    assert pages.written() == pages.text()
