"""create view daily_sales

Revision ID: da117ca5b0c4
Revises: 4e9047ed5a1e
Create Date: 2025-04-02 16:07:55.302614

"""

from collections.abc import Sequence

from alembic import op

# revision identifiers, used by Alembic.
revision: str = "da117ca5b0c4"
down_revision: str | Sequence[str] | None = "4e9047ed5a1e"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Add up the day; a view is nothing that autogenerate would see."""
    op.execute(
        """
        CREATE VIEW daily_sales AS
        SELECT date(orders.placed_at) AS day,
               count(DISTINCT orders.id) AS orders,
               sum(order_line.quantity) AS copies,
               sum(order_line.quantity * order_line.price) AS revenue
        FROM orders JOIN order_line ON order_line.order_id = orders.id
        WHERE orders.status <> 'cancelled'
        GROUP BY date(orders.placed_at)
        """
    )


def downgrade() -> None:
    """Let the accountants add up."""
    op.execute("DROP VIEW daily_sales")
