"""create review

Revision ID: 4e71e3fab0e1
Revises: 1e9acee4b087
Create Date: 2024-09-12 09:48:03.615297

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "4e71e3fab0e1"
down_revision: str | Sequence[str] | None = "1e9acee4b087"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Let readers speak."""
    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column(
            "order_id", sa.Integer(), nullable=True, comment="The order that the book came with; no foreign key yet"
        ),
        sa.Column("rating", sa.SmallInteger(), nullable=False, comment="Stars, 1 to 5"),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name=op.f("fk_review_book_id_book"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_review_customer_id_customer"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
    )
    op.create_index(op.f("ix_review_book_id"), "review", ["book_id"])


def downgrade() -> None:
    """Silence the readers."""
    op.drop_table("review")
