"""create edition

Revision ID: ed17105e4f21
Revises: ba5e0f1b00c5
Create Date: 2024-02-06 14:31:05.540713

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "ed17105e4f21"
down_revision: str | Sequence[str] | None = "ba5e0f1b00c5"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Give prices to editions, not to books."""
    op.create_table(
        "edition",
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column(
            "format",
            sa.Enum("hardback", "paperback", "ebook", "audio", name="book_format"),
            server_default="paperback",
            nullable=False,
        ),
        sa.Column("price", sa.Numeric(8, 2), nullable=False, comment="In pounds, VAT included"),
        sa.Column("weight_g", sa.Integer(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.CheckConstraint("price >= 0", name=op.f("ck_edition_price_not_negative")),
        sa.CheckConstraint("format <> 'ebook' OR weight_g IS NULL", name=op.f("ck_edition_ebook_weighs_nothing")),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name=op.f("fk_edition_book_id_book"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("book_id", "number", name=op.f("pk_edition")),
        comment="One edition of a book: what has a price and lies on a shelf",
    )


def downgrade() -> None:
    """Drop the editions, and PostgreSQL's type with them."""
    op.drop_table("edition")
    # Dropping the table leaves the type behind; the next upgrade would stumble over it.
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP TYPE book_format")
