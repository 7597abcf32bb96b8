"""Names that no style guide allows, through all that explores: nothing is lost, nothing differs, nothing fails."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url

from tests.safety.projects import project
from tests.safety.test_escaping import strange

NAMES = (
    "a b", "select", "UPPER", "dot.ted", "it's", 'say "so"', "back`tick", "a :colon", "100%", "%s %(x)s", "{brace}",
    "back\\slash", "<b>", "--", "/* */", "é☃", "шрифт", "x" * 63,
)  # fmt: skip
FOX = "fox 🦊"  # MariaDB has no names with characters of four bytes
MODELS = """
import sqlalchemy as sa

metadata = sa.MetaData()
for at, name in enumerate({names!r}):
    table = sa.Table(
        name, metadata,
        sa.Column("id", sa.Integer, primary_key=True), sa.Column(name, sa.Integer, nullable=False, comment=name),
        sa.Column("up", sa.Integer),
    )
    table.append_constraint(sa.ForeignKeyConstraint([table.c.up], [table.c.id], name=f"fk {{at}}"))
    sa.Index(f"i{{at}} {{name}}"[:60], table.c[name])
"""


def test_everything_that_explores(tmp_path: Path, database_url: str) -> None:
    """The names come back as they are; models, revisions and live agree; every page is text without strange tags."""
    backend = make_url(database_url).get_backend_name()
    names = NAMES if backend == "mysql" else (*NAMES, FOX)
    made = project(tmp_path / "project", database_url).env("from models import metadata", metadata="metadata")
    (made.folder / "models.py").write_text(MODELS.format(names=names))
    made.revision(
        "r1",
        None,
        "from models import metadata\nmetadata.create_all(op.get_bind())",
        "metadata.drop_all(op.get_bind())",
    )
    with made.workbench() as wb:
        plan = wb.upgrade()
        run = plan.apply()
        assert run.ok, run
        schema, diff, drift, (stop,), known = wb.schema(), wb.diff(), wb.drift(), wb.stops(), wb.identify()
        tables = [schema.table(name) for name in names]
        blamed = [wb.blame(name, name) for name in names]
        found = [wb.find(name) for name in names]
        mark = "`" if backend == "mysql" else '"'
        quoted = [mark + name.replace(mark, mark * 2) + mark for name in names]
        sql = [f"SELECT count(*) AS n, max({name}) AS m FROM {name}" for name in quoted]
        counts = [wb.query(each).iloc[0, 0] for each in sql]
        pages = [plan, run, schema, diff, drift, stop, known, *tables, *blamed, *found]
        texts, marks = [str(each) for each in pages], [strange(each) for each in pages]

    assert sorted(names) == sorted(each.name for each in schema.all_tables)
    assert [["id", name, "up"] for name in names] == [[column.name for column in each.columns] for each in tables]
    # On MariaDB and MySQL SQLAlchemy's own reflection leaves a backtick doubled, for plain Alembic as for the diff.
    assert ({"back`tick"} if backend == "mysql" else set()) == {each.table for each in diff.changes}
    assert (True, ("r1",)) == (drift.is_empty, known.exact)
    assert [["r1"]] * len(names) == [[touch.revision for touch in each.touches] for each in blamed]
    hits = [{each.name.strip('"') for each in one.hits if each.kind == "table"} for one in found]
    assert [] == [name for name, each in zip(names, hits, strict=True) if name.strip('"') not in each]
    assert [0] * len(names) == counts
    assert "" not in texts
    assert [[]] * len(pages) == marks
