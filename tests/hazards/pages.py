"""`python -m tests.hazards.pages --write`: the pages of the rules, made from the code, in docs/hazards.md."""

# ruff: noqa: T201 - a program that prints

from __future__ import annotations

import sys

from tests.hazards.accuracy import BEGIN as ACCURACY
from tests.hazards.accuracy import PAGE
from workbench.hazards import rules as _rules  # noqa: F401 - importing it registers them
from workbench.hazards.rule import ALL, RULES, Rule

BEGIN, END = "<!-- python -m tests.hazards.pages --write: from here -->", "<!-- up to here -->"
_NAMES = {"postgresql": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB", "sqlite": "SQLite"}


def text() -> str:
    """A list of all rules, then a page of each, in the order of the catalogue."""
    rules = sorted(RULES.values(), key=lambda each: each.number)
    listed = "\n".join(f"- [{each.name}](#{each.name}): {each.title}" for each in rules)
    return f"{len(rules)} rules.\n\n{listed}\n\n" + "\n\n".join(_page(each) for each in rules)


def written() -> str:
    """The part of the page that is there now."""
    return PAGE.read_text("utf-8").partition(BEGIN)[2].partition(END)[0].strip()


def _page(rule: Rule) -> str:
    where = "" if set(rule.dialects) == set(ALL) else f"*{', '.join(_NAMES[each] for each in rule.dialects)}.* "
    return f"### {rule.name}\n\n{where}{rule.page}"


def main() -> None:
    """Print, or write."""
    if "--write" not in sys.argv:
        print(text())
        return
    page = PAGE.read_text("utf-8")
    begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    PAGE.write_text(f"{page[:begin]}\n\n{text()}\n\n{page[end:]}", "utf-8")
    print(f"{len(RULES)} rules; the tables of {ACCURACY!r} are as they were")


if __name__ == "__main__":
    main()
