"""merge stock and reviews

Revision ID: a11ade0b3e6f
Revises: 4e04de4f10a2, 57a45001f1e5
Create Date: 2024-10-09 10:10:26.718450

"""

from collections.abc import Sequence

# revision identifiers, used by Alembic.
revision: str = "a11ade0b3e6f"
down_revision: str | Sequence[str] | None = ("4e04de4f10a2", "57a45001f1e5")
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Join the two branches: nothing to do."""


def downgrade() -> None:
    """Part them again: nothing to do."""
