"""create publisher, author and book

Revision ID: ba5e0f1b00c5
Revises:
Create Date: 2024-01-15 09:12:40.118302

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "ba5e0f1b00c5"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Open the shop with an empty catalogue."""
    op.create_table(
        "publisher",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("country", sa.String(2), server_default="GB", nullable=False, comment="ISO 3166, two letters"),
        sa.Column("founded", sa.SmallInteger(), nullable=True),
        sa.Column("website", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publisher")),
        sa.UniqueConstraint("name", name=op.f("uq_publisher_name")),
    )
    op.create_table(
        "author",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("biography", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_author")),
    )
    op.create_table(
        "book",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("isbn", sa.String(13), nullable=False, comment="Without hyphens"),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("publisher_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(2), server_default="en", nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("in_print", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=True, comment="Pages, awards: whatever the publisher sends"),
        sa.CheckConstraint("length(isbn) IN (10, 13)", name=op.f("ck_book_isbn_length")),
        sa.ForeignKeyConstraint(["publisher_id"], ["publisher.id"], name=op.f("fk_book_publisher_id_publisher")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book")),
        sa.UniqueConstraint("isbn", name=op.f("uq_book_isbn")),
        comment="A work, whatever its editions",
    )
    op.create_table(
        "book_author",
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.SmallInteger(), server_default="1", nullable=False, comment="Place on the title page"),
        sa.ForeignKeyConstraint(
            ["author_id"], ["author.id"], name=op.f("fk_book_author_author_id_author"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name=op.f("fk_book_author_book_id_book"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("book_id", "author_id", name=op.f("pk_book_author")),
    )


def downgrade() -> None:
    """Close the shop."""
    op.drop_table("book_author")
    op.drop_table("book")
    op.drop_table("author")
    op.drop_table("publisher")
