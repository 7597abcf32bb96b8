"""create sales_target

The accountants' tables begin at a base of their own, under the label `reporting`.
They read the orders, hence `depends_on`.

Revision ID: 4e9047ed5a1e
Revises:
Create Date: 2025-03-20 11:52:37.846120

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "4e9047ed5a1e"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = ("reporting",)
depends_on: str | Sequence[str] | None = ("0de45b1a7c33",)


def upgrade() -> None:
    """Say what each month ought to bring."""
    op.create_table(
        "sales_target",
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("month", sa.SmallInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(12, 2), nullable=False),
        sa.CheckConstraint("month BETWEEN 1 AND 12", name=op.f("ck_sales_target_month_of_year")),
        sa.PrimaryKeyConstraint("year", "month", name=op.f("pk_sales_target")),
    )


def downgrade() -> None:
    """Sell without a target."""
    op.drop_table("sales_target")
