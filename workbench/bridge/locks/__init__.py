"""The lock of an apply: one for each database and version table."""
