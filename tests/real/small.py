"""A small project around an environment as `alembic init` makes it, with only that filled in which it asks for."""

from __future__ import annotations

import functools
import subprocess
import tempfile
import textwrap
from pathlib import Path

MODELS = """
from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Author(Base):
    __tablename__ = "author"

    id = Column(Integer, primary_key=True)
    name = Column(String(80), nullable=False)
    born = Column(Integer)


class Book(Base):
    __tablename__ = "book"

    id = Column(Integer, primary_key=True)
    title = Column(String(200), nullable=False, index=True)
    author_id = Column(ForeignKey("author.id"))
"""
"""As both SQLAlchemy 1.4 and 2.1 take it; `born` has no revision yet."""

REVISIONS = {
    "0a": ("create author", None, """
        op.create_table(
            "author", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(80), nullable=False)
        )
        op.execute("INSERT INTO author (id, name) VALUES (1, 'Ada 100% sure')")
        """, 'op.drop_table("author")'),
    "1b": ("create book", "0a", """
        op.create_table(
            "book",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("title", sa.String(200), nullable=False),
            sa.Column("author_id", sa.Integer, sa.ForeignKey("author.id", name="fk_book_author")),
        )
        op.create_index("ix_book_title", "book", ["title"])
        """, 'op.drop_table("book")'),
    "2c": ("write a book for each author", "1b", """
        for row in op.get_bind().execute(sa.text("SELECT id, name FROM author")).fetchall():
            op.execute(sa.text("INSERT INTO book (id, title, author_id) VALUES (:id, :title, :id)").bindparams(
                id=row[0], title="By " + row[1]))
        """, 'op.execute("DELETE FROM book")'),
}  # fmt: skip
"""Id: message, parent, upgrade, downgrade. The last one reads rows, so its SQL is not to be had offline."""


def make(python: str | Path, folder: Path, template: str, url: str) -> Path:
    """Make the project in `folder`, with the project's own Alembic; return the folder."""
    init(python, folder, template)
    (folder / "models.py").write_text(MODELS, "utf-8")
    fill_in(folder / "alembic.ini", "sqlalchemy.url = driver://user:pass@localhost/dbname", f"sqlalchemy.url = {url}")
    fill_in(
        folder / "migrations" / "env.py",
        "target_metadata = None",
        "from models import Base\ntarget_metadata = Base.metadata",
    )
    for revision in REVISIONS:
        write(folder / "migrations" / "versions", revision)

    return folder


def init(python: str | Path, folder: Path, template: str) -> None:
    """What `alembic init` makes, and nothing of ours; it is asked once for each template, and makes the same again."""
    for name, content in _files(str(python), template).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "migrations" / "versions").mkdir(exist_ok=True)


@functools.cache
def _files(python: str, template: str) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        command = [python, "-m", "alembic", "init", "-t", template, "migrations"]
        subprocess.run(command, check=True, cwd=folder, capture_output=True, timeout=60)
        paths = [path for path in Path(folder).rglob("*") if path.is_file()]
        return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def fill_in(path: Path, asked: str, given: str) -> None:
    """Replace what a file of Alembic's asks the user to fill in."""
    text = path.read_text("utf-8")

    assert asked in text, f"{path.name} does not ask for {asked}"

    path.write_text(text.replace(asked, given.replace("%", "%%") if path.suffix == ".ini" else given), "utf-8")


def write(folder: Path, revision: str) -> None:
    """Write one of REVISIONS."""
    message, parent, upgrade, downgrade = REVISIONS[revision]
    name = f"{revision}_{message.replace(' ', '_')}.py"
    (folder / name).write_text(file(revision, message, parent, upgrade, downgrade), "utf-8")


def file(revision: str, message: str, parent: str | None, upgrade: str, downgrade: str = "pass") -> str:
    """A revision file as Alembic's template lays it out."""
    return f'''"""{message}

Revision ID: {revision}
Revises: {parent or ""}
Create Date: 2026-03-0{len(parent or "") + 1} 10:00:00

"""
from alembic import op
import sqlalchemy as sa

revision = {revision!r}
down_revision = {parent!r}
branch_labels = None
depends_on = None


def upgrade():
{_body(upgrade)}


def downgrade():
{_body(downgrade)}
'''


def _body(code: str) -> str:
    return textwrap.indent(textwrap.dedent(code).strip(), "    ")
