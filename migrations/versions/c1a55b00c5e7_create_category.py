"""create category

Revision ID: c1a55b00c5e7
Revises: ed17105e4f21
Create Date: 2024-02-27 10:04:58.902211

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "c1a55b00c5e7"
down_revision: str | Sequence[str] | None = "ed17105e4f21"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Sort the books into categories, which have categories of their own."""
    op.create_table(
        "category",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["category.id"], name=op.f("fk_category_parent_id_category"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("parent_id", "name", name=op.f("uq_category_parent_id_name")),
    )
    op.create_table(
        "book_category",
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["book_id"], ["book.id"], name=op.f("fk_book_category_book_id_book"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_book_category_category_id_category"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("book_id", "category_id", name=op.f("pk_book_category")),
    )


def downgrade() -> None:
    """Take the labels off the shelves."""
    op.drop_table("book_category")
    op.drop_table("category")
