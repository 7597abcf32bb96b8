"""Finds an Alembic environment on disk and reads its revision files without running them."""
