"""rename customer.phone_no to phone

Revision ID: fade9a3b0c12
Revises: a11ade0b3e6f
Create Date: 2025-01-28 14:18:09.150739

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "fade9a3b0c12"
down_revision: str | Sequence[str] | None = "a11ade0b3e6f"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Rename the column; autogenerate would have dropped it, with all the numbers."""
    # The type is for MariaDB, whose CHANGE wants the whole column again.
    op.alter_column(
        "customer", "phone_no", new_column_name="phone", existing_type=sa.String(40), existing_nullable=True
    )


def downgrade() -> None:
    """Give the column its old name."""
    op.alter_column(
        "customer", "phone", new_column_name="phone_no", existing_type=sa.String(40), existing_nullable=True
    )
