"""P4: what comes from a database or a file is escaped before it becomes HTML, from the source to the cell."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.safety.projects import Project, project

IMAGE = "<img src=x onerror=alert(1)>"
SCRIPT = "\"'><script>alert(1)</script>"
OURS = {
    "a", "b", "br", "code", "details", "div", "em", "h3", "h4", "i", "img", "li", "ol", "p", "pre", "span", "strong",
    "summary", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


class Tags(HTMLParser):
    """Collects what a browser would take for tags and handlers."""

    def __init__(self) -> None:
        super().__init__()
        self.strange: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a tag that is none of ours, of a handler, and of an image that is none of ours."""
        handlers = [name for name, _ in attrs if name.startswith("on")]
        foreign = tag == "img" and not str(dict(attrs).get("src")).startswith("data:image/svg+xml")
        if tag not in OURS or handlers or foreign:
            self.strange.append(self.get_starttag_text() or tag)


def strange(value: Any) -> list[str]:
    """The tags in the HTML of a value that did not come from us."""
    tags = Tags()
    tags.feed(value._repr_html_())
    tags.close()
    return tags.strange


@pytest.fixture
def made(tmp_path: Path, database_url: str) -> Project:
    """An environment whose tables, columns, comments, revisions and messages are all hostile."""
    made = project(tmp_path / "project", database_url)
    (made.folder / "models.py").write_text(
        "from sqlalchemy import Column, Integer, MetaData, String, Table\n\nmetadata = MetaData()\n"
        f"Table({IMAGE!r}, metadata, Column('id', Integer, primary_key=True),\n"
        f"      Column({IMAGE!r}, String(9), comment={SCRIPT!r}, server_default={SCRIPT[:8]!r}))\n"
    )
    made.env("from models import metadata", metadata="metadata")
    code = f"op.execute(sa.text('SELECT 1 /* {IMAGE} */')); op.create_table({IMAGE!r}, sa.Column('x', sa.Integer))"
    first = made.revision("r1", None, code)
    first.write_text(first.read_text().replace("Do r1.", f"{IMAGE} {SCRIPT}"))
    made.revision("r2", "r1", f"op.execute('SELECT * FROM nowhere /* {IMAGE} */')")
    return made


def test_hostile_names_are_text_everywhere(made: Project) -> None:
    """History, status, diffs, plans, runs and errors show them as text, and bring in no tag and no handler."""
    with made.workbench() as wb:
        results = [wb.history(), wb.current(), wb.diff(), wb.diff("models", "live"), plan := wb.upgrade("r1")]
        results += [plan.apply(), wb.diff(), failed := wb.upgrade().apply(), wb.downgrade("base"), wb.stamp("r2")]

    assert [[]] * len(results) == [strange(each) for each in results]
    assert not failed.ok
    assert "&lt;img src=x onerror=alert(1)&gt;" in plan._repr_html_()
