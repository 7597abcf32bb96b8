"""add discount to order_line

Revision ID: d15c0a7e6b21
Revises: 5711b0a7d93e
Create Date: 2025-11-19 09:07:31.412078

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "d15c0a7e6b21"
down_revision: str | Sequence[str] | None = "5711b0a7d93e"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Allow a discount; the default fills the rows that are there."""
    op.add_column(
        "order_line",
        sa.Column(
            "discount",
            sa.Numeric(5, 2),
            server_default="0.00",
            nullable=False,
            comment="In % of the edition's price",
        ),
    )


def downgrade() -> None:
    """Charge the full price."""
    op.drop_column("order_line", "discount")
