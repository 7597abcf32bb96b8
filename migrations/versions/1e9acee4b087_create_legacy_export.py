"""create legacy_export

Revision ID: 1e9acee4b087
Revises: 0de45b1a7c33
Create Date: 2024-06-18 08:55:49.771026

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "1e9acee4b087"
down_revision: str | Sequence[str] | None = "0de45b1a7c33"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Park the old till's data, as it came: text, and no key."""
    op.create_table(
        "legacy_export",
        sa.Column("customer_email", sa.String(200), nullable=True),
        sa.Column("isbn", sa.String(20), nullable=True),
        sa.Column("quantity", sa.String(10), nullable=True),
        sa.Column("sold_on", sa.String(20), nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
        comment="What the old till had; nobody reads it any more",
    )


def downgrade() -> None:
    """Drop what the old till had."""
    op.drop_table("legacy_export")
