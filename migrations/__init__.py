"""The sample environment: a small bookshop under Alembic's care."""
