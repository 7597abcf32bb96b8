"""create customer and address

Revision ID: c057e4a11e55
Revises: c1a55b00c5e7
Create Date: 2024-04-11 16:45:22.067940

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "c057e4a11e55"
down_revision: str | Sequence[str] | None = "c1a55b00c5e7"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Let customers have an account."""
    op.create_table(
        "customer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("email", sa.String(120), nullable=True, comment="Where the receipts go"),
        sa.Column("nickname", sa.String(40), nullable=True),
        sa.Column("phone_no", sa.String(40), nullable=True),
        sa.Column("newsletter", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        comment="Somebody who buys books",
    )
    op.create_table(
        "address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("street", sa.String(120), nullable=False),
        sa.Column("city", sa.String(80), nullable=False),
        sa.Column("postcode", sa.String(16), nullable=True),
        sa.Column("country", sa.String(2), server_default="GB", nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_address_customer_id_customer"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
    )
    op.create_index(op.f("ix_address_customer_id"), "address", ["customer_id"])


def downgrade() -> None:
    """Forget the customers."""
    # The index goes with its table: MariaDB would not let go of it while the foreign key needs it.
    op.drop_table("address")
    op.drop_table("customer")
