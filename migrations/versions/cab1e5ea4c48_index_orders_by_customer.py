"""index orders by customer

Revision ID: cab1e5ea4c48
Revises: 1dea5f0a4d27
Create Date: 2025-09-16 10:25:13.081947

"""

from collections.abc import Sequence

from alembic import op

# revision identifiers, used by Alembic.
revision: str = "cab1e5ea4c48"
down_revision: str | Sequence[str] | None = "1dea5f0a4d27"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Show a customer's orders at once."""
    op.create_index(op.f("ix_orders_customer_id"), "orders", ["customer_id"])


def downgrade() -> None:
    """Search for a customer's orders again."""
    # On MariaDB this index has taken the place of the one that came with the foreign key,
    # which does not let it go: the key is taken off, and put back with an index of its own.
    on_mariadb = op.get_context().dialect.name == "mysql"
    key = op.f("fk_orders_customer_id_customer")
    if on_mariadb:
        op.drop_constraint(key, "orders", type_="foreignkey")
    op.drop_index(op.f("ix_orders_customer_id"), table_name="orders")
    if on_mariadb:
        op.create_foreign_key(key, "orders", "customer", ["customer_id"], ["id"])
