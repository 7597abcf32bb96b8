"""The Workbench: one Alembic environment, and every question that can be asked of it."""

from workbench.facade.workbench import Workbench

__all__ = ["Workbench"]
