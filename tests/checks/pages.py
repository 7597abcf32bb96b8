"""`python -m tests.checks.pages --write`: the pages of the checks of good practice, made from the code."""

# ruff: noqa: T201 - a program that prints

from __future__ import annotations

import sys
from pathlib import Path

from workbench.capabilities import practices as _practices  # noqa: F401 - importing it registers them
from workbench.capabilities.practice import NEXT, PRACTICES

PAGE = Path(__file__).parents[2] / "docs" / "checks.md"
HEAD = """# Good practice, as checks

`wb.check()` and `workbench check` look for these, besides what is wrong on the databases themselves: half-applied \
revisions, leftovers of a failed one, a version table that says what cannot be.
Everything that needs no scratch database is looked for each time; `wb.check(scratch=True)` and \
`wb.check(rehearse=True)` do the rest.
The code of a revision is judged where it is pending or a head; `wb.check(everything=True)` judges that of all.
What cannot be asked (no git, no database, models that do not import) is told in `Check.not_asked`: it is neither \
found nor ruled out.

A finding may stay with a reason: `# workbench: ignore[rule] reason` anywhere in the file of the revision, or \
`ignore = [{rule = "…", revision = "…", object = "…", reason = "…"}]` in `[tool.workbench]` of pyproject.toml.

This page is made by `python -m tests.checks.pages --write`.
"""


def text() -> str:
    """The whole page: by what a person does next, each check."""
    parts = [HEAD]
    for heading in dict.fromkeys(NEXT.values()):
        names = [name for name, under in NEXT.items() if under == heading]
        parts += [f"## {heading}\n", *(f"### {name}\n\n{PRACTICES[name].page}\n" for name in names)]
    return "\n".join(parts)


def main() -> None:
    """Print, or write."""
    if "--write" in sys.argv:
        PAGE.write_text(text(), "utf-8")
    else:
        print(text())


if __name__ == "__main__":
    main()
