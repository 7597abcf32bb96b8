"""The one place that touches Alembic's or SQLAlchemy's private or version-bound API.

Runs in the worker, with whatever versions the project has: Alembic ≥ 1.13, SQLAlchemy ≥ 1.4, Python ≥ 3.10.
"""
