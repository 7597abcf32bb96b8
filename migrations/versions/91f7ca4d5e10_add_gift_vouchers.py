"""add gift vouchers

Revision ID: 91f7ca4d5e10
Revises: d15c0a7e6b21
Create Date: 2026-01-13 13:50:19.605832

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "91f7ca4d5e10"
down_revision: str | Sequence[str] | None = "d15c0a7e6b21"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Sell vouchers, and take them as money."""
    op.create_table(
        "voucher",
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("amount", sa.Numeric(8, 2), server_default="10.00", nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("buyer_id", sa.Integer(), nullable=True),
        sa.Column("order_id", sa.Integer(), nullable=True, comment="Spent on; NULL while unspent"),
        sa.CheckConstraint("amount > 0", name=op.f("ck_voucher_amount_positive")),
        sa.ForeignKeyConstraint(
            ["buyer_id"], ["customer.id"], name=op.f("fk_voucher_buyer_id_customer"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_voucher_order_id_orders")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_voucher")),
        comment="Gift vouchers; valid for two years",
    )


def downgrade() -> None:
    """Turn the vouchers into paper."""
    op.drop_table("voucher")
