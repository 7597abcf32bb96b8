"""create shop and stock

Revision ID: 570c4ab1e5d0
Revises: 1e9acee4b087
Create Date: 2024-09-03 13:37:30.259884

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "570c4ab1e5d0"
down_revision: str | Sequence[str] | None = "1e9acee4b087"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Count the copies in every shop."""
    op.create_table(
        "shop",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("city", sa.String(80), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("opens_at", sa.Time(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop")),
        sa.UniqueConstraint("name", name=op.f("uq_shop_name")),
    )
    op.create_table(
        "stock",
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("edition_number", sa.SmallInteger(), nullable=False),
        sa.Column("on_hand", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("on_hand >= 0", name=op.f("ck_stock_on_hand_not_negative")),
        sa.ForeignKeyConstraint(
            ["book_id", "edition_number"],
            ["edition.book_id", "edition.number"],
            name=op.f("fk_stock_book_id_edition_number_edition"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_stock_shop_id_shop")),
        sa.PrimaryKeyConstraint("shop_id", "book_id", "edition_number", name=op.f("pk_stock")),
    )


def downgrade() -> None:
    """Close the shops."""
    op.drop_table("stock")
    op.drop_table("shop")
