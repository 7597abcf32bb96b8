"""index author names and unshipped orders

Revision ID: 1dea5f0a4d27
Revises: ace0fba5e509
Create Date: 2025-07-08 12:41:20.564389

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "1dea5f0a4d27"
down_revision: str | Sequence[str] | None = "ace0fba5e509"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Find authors whatever the capitals, and the orders still to be packed."""
    # MariaDB has no index on an expression; its collation ignores capitals anyway.
    if op.get_context().dialect.name != "mysql":
        op.create_index(op.f("ix_author_name_lower"), "author", [sa.text("lower(name)")])
    # Where there are no partial indexes, the condition is left out and a full one is made.
    op.create_index(
        op.f("ix_orders_unshipped"),
        "orders",
        ["placed_at"],
        postgresql_where=sa.text("shipped_at IS NULL"),
        sqlite_where=sa.text("shipped_at IS NULL"),
    )


def downgrade() -> None:
    """Read every row again."""
    op.drop_index(op.f("ix_orders_unshipped"), table_name="orders")
    if op.get_context().dialect.name != "mysql":
        op.drop_index(op.f("ix_author_name_lower"), table_name="author")
