"""create orders and order_line

Revision ID: 0de45b1a7c33
Revises: c057e4a11e55
Create Date: 2024-05-23 11:20:17.334158

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "0de45b1a7c33"
down_revision: str | Sequence[str] | None = "c057e4a11e55"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Take orders."""
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("new", "paid", "shipped", "returned", "cancelled", name="order_status"),
            server_default="new",
            nullable=False,
        ),
        sa.Column("placed_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.Column("shipped_at", sa.DateTime(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "shipped_at IS NULL OR shipped_at >= placed_at", name=op.f("ck_orders_shipped_after_placed")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_orders_customer_id_customer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
    )
    op.create_table(
        "order_line",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("line_number", sa.SmallInteger(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("edition_number", sa.SmallInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), server_default="1", nullable=False),
        sa.Column("price", sa.Numeric(8, 2), nullable=False, comment="What the customer paid for one copy"),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_line_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["book_id", "edition_number"],
            ["edition.book_id", "edition.number"],
            name=op.f("fk_order_line_book_id_edition_number_edition"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_line_order_id_orders"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("order_id", "line_number", name=op.f("pk_order_line")),
    )


def downgrade() -> None:
    """Drop the orders, and PostgreSQL's type with them."""
    op.drop_table("order_line")
    op.drop_table("orders")
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP TYPE order_status")
