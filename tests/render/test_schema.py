"""A Schema and what it consists of, as text and as a page: whole, harmless, and never too large."""

from __future__ import annotations

import base64
import dataclasses
import pathlib
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest

from tests import snapshots
from tests.render.schemas import bookshop, hostile, made
from workbench.results import Column, Schema, Table

SNAPSHOTS = pathlib.Path(__file__).parent / "snapshots"
ALLOWED = {"div", "p", "span", "b", "code", "pre", "table", "thead", "tbody", "tr", "th", "td", "details", "summary",
           "img", "ul", "li"}  # fmt: skip


class Tags(HTMLParser):
    """Every tag and picture of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.pictures: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, and a picture."""
        self.tags.add(tag)
        self.pictures += [value or "" for name, value in attrs if tag == "img" and name == "src"]

    def handle_data(self, data: str) -> None:
        """Note the text."""
        self.text += data


def test_schema_as_text() -> None:
    """The sentence, the tables with what they refer to, the views and the rest."""
    snapshots.check(SNAPSHOTS / "schema.txt", str(bookshop()))


def test_parts_as_text() -> None:
    """A table, a view, an enum, a column, a constraint and an index."""
    shop = bookshop()
    book = shop.all_tables[1]
    sized = dataclasses.replace(book, rows=1_234_567, rows_estimated=True, size=3_500_000)
    exact = dataclasses.replace(book, rows=1, size=900, columns=(), constraints=(), indexes=())
    parts = [book, sized, exact, shop.all_views[0], *shop.others, book.columns[2], book.constraints[2], book.indexes[0]]
    snapshots.check(SNAPSHOTS / "schema-parts.txt", "\n----\n".join(str(each) for each in parts))


def test_the_page_says_what_the_text_says() -> None:
    """The page has the sentence, a picture, and every table, view and object with its definition."""
    shop = bookshop()
    page = Tags(shop._repr_html_())
    words = " ".join(page.text.split())

    assert page.tags <= ALLOWED
    assert str(shop).split("\n", 1)[0] in words
    assert len(page.pictures) == 1
    ET.fromstring(base64.b64decode(page.pictures[0].partition(",")[2]))  # noqa: S314 - ours
    for each in shop.columns["column"]:
        assert each in words
    for told in ("CHECK (title <> '')", "CREATE INDEX ix_title", "count(*) AS books", "'sad', 'glad'", "touch on book"):
        assert told in words


@pytest.mark.parametrize("name", ["schema", "table", "view", "object"])
def test_hostile_names_are_only_text(name: str) -> None:
    """No name, comment or definition becomes a tag, and no invisible character is left in either form."""
    schema = hostile()
    it = {"schema": schema, "table": schema.all_tables[0], "view": schema.all_views[0], "object": schema.others[0]}[
        name
    ]
    page = Tags(it._repr_html_())

    assert page.tags <= ALLOWED
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00\x07\x1b\ud800]", page.text + str(it))


def test_a_thousand_tables() -> None:
    """A page stays below 300 kB, has no picture that nobody could read, and says what it leaves out."""
    pairs = [(child // 3, child) for child in range(1, 1000)]
    schema = Schema("live", tuple(made([12] * 1000, pairs, (None, "sales"))))
    page = schema._repr_html_()

    assert len(page) < 300_000
    assert "1,000 tables are too many for a picture on a page: .to_svg() has it." in page
    rest = re.search(r"(\d+) more tables, without their columns here: (.*?)</p>", page)
    assert rest
    assert int(rest[1]) == rest[2].count("table_")
    assert 1000 - int(rest[1]) == page.count("<details")
    assert str(schema).endswith("… 900 more tables not shown")


def test_sixty_wide_tables() -> None:
    """The picture counts, too."""
    schema = Schema("live", tuple(made([60] * 60, [(child // 3, child) for child in range(1, 60)], (None,))))

    assert len(schema._repr_html_()) < 450_000


@pytest.mark.parametrize("at", ["live", "models", "base", "0123456789abcdef"])
def test_an_empty_schema(at: str) -> None:
    """Nothing in it, and says so."""
    told = {"0123456789abcdef": "at 01234567"}.get(at, at)

    assert f"nothing in it · {told}" == str(Schema(at, ()))
    assert f"nothing in it · {told}" in Schema(at, ())._repr_html_()


def test_several_databases() -> None:
    """Each has a part of its own, in both forms."""
    tables = tuple(Table("table", "t", database=name, columns=(Column("id", "INT"),)) for name in ("north", "south"))
    schema = Schema("live", tables)

    assert str(schema) == ("2 tables · live\n\n=== north: 1 table\n\nt  1 column\n\n=== south: 1 table\n\nt  1 column")
    assert len(Tags(schema._repr_html_()).pictures) == 2


def test_sizes_stay_out_of_a_whole_schema() -> None:
    """Estimates move from one look to the next, so a whole Schema looks the same with and without them."""
    shop = bookshop()
    sized = dataclasses.replace(
        shop,
        objects=tuple(
            dataclasses.replace(each, rows=7, size=8192) if isinstance(each, Table) else each for each in shop.objects
        ),
    )

    assert str(shop) == str(sized)
    assert shop._repr_html_() == sized._repr_html_()
