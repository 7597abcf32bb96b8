"""split customer name

It reads the rows, so `alembic upgrade --sql` has nothing to write down here.

Revision ID: 5711b0a7d93e
Revises: cab1e5ea4c48
Create Date: 2025-10-22 15:58:02.739615

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "5711b0a7d93e"
down_revision: str | Sequence[str] | None = "cab1e5ea4c48"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


customer = sa.table(
    "customer",
    sa.column("id", sa.Integer),
    sa.column("name", sa.String),
    sa.column("first_name", sa.String),
    sa.column("last_name", sa.String),
)


def upgrade() -> None:
    """Move each customer's name into a first and a last one."""
    op.add_column("customer", sa.Column("first_name", sa.String(80), nullable=True))
    op.add_column("customer", sa.Column("last_name", sa.String(80), nullable=True))

    # The table is described above and not imported: models change, this file must not.
    connection = op.get_bind()
    split = []
    for row in connection.execute(sa.select(customer.c.id, customer.c.name)):
        first, _, last = row.name.strip().partition(" ")
        split.append({"row_id": row.id, "first": first or None, "last": last.strip() or None})
    if split:
        connection.execute(
            sa.update(customer)
            .where(customer.c.id == sa.bindparam("row_id"))
            .values(first_name=sa.bindparam("first"), last_name=sa.bindparam("last")),
            split,
        )

    op.drop_column("customer", "name")


def downgrade() -> None:
    """Put the names together again; blanks that were there too many do not come back."""
    op.add_column("customer", sa.Column("name", sa.String(80), nullable=True))
    first = sa.func.coalesce(customer.c.first_name, "")
    last = sa.func.coalesce(customer.c.last_name, "")
    op.execute(sa.update(customer).values(name=sa.func.trim(first + " " + last)))
    with op.batch_alter_table("customer") as batch:
        batch.alter_column("name", existing_type=sa.String(80), nullable=False)
        batch.drop_column("last_name")
        batch.drop_column("first_name")
