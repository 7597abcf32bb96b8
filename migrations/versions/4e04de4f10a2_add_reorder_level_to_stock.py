"""add reorder level to stock

Revision ID: 4e04de4f10a2
Revises: 570c4ab1e5d0
Create Date: 2024-09-19 17:02:11.480365

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "4e04de4f10a2"
down_revision: str | Sequence[str] | None = "570c4ab1e5d0"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Say when to order more."""
    op.add_column("stock", sa.Column("reorder_level", sa.SmallInteger(), server_default="5", nullable=False))


def downgrade() -> None:
    """Order more when somebody notices."""
    op.drop_column("stock", "reorder_level")
