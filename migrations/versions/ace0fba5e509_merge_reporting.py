"""merge reporting

Revision ID: ace0fba5e509
Revises: fade9a3b0c12, da117ca5b0c4
Create Date: 2025-05-14 09:33:48.927506

"""

from collections.abc import Sequence

# revision identifiers, used by Alembic.
revision: str = "ace0fba5e509"
down_revision: str | Sequence[str] | None = ("fade9a3b0c12", "da117ca5b0c4")
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Join reporting and the shop: nothing to do."""


def downgrade() -> None:
    """Part them again: nothing to do."""
