"""allow one to five stars only

Revision ID: 57a45001f1e5
Revises: 4e71e3fab0e1
Create Date: 2024-10-02 15:26:44.093871

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "57a45001f1e5"
down_revision: str | Sequence[str] | None = "4e71e3fab0e1"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


NAME = "ck_review_rating_in_stars"


def review(*checks: sa.CheckConstraint) -> sa.Table:
    """Describe the table as it is here, for SQLite, which has to copy it.

    With a description Alembic need not read the live table, so that `--sql` works.
    """
    return sa.Table(
        "review",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("rating", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name="fk_review_book_id_book", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name="fk_review_customer_id_customer", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_review"),
        sa.Index("ix_review_book_id", "book_id"),
        *checks,
    )


def upgrade() -> None:
    """Refuse the six-star review."""
    with op.batch_alter_table("review", copy_from=review()) as batch:
        batch.create_check_constraint(op.f(NAME), "rating BETWEEN 1 AND 5")


def downgrade() -> None:
    """Let the stars shine."""
    check = sa.CheckConstraint("rating BETWEEN 1 AND 5", name=NAME)
    with op.batch_alter_table("review", copy_from=review(check)) as batch:
        batch.drop_constraint(op.f(NAME), type_="check")
