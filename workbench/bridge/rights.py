"""What an account is told of a database, where the server keeps back that there is more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from workbench.bridge.live import harmless


def sees_in_part(connection: Any) -> bool:
    """Whether the server hides from this account the tables that it has no right on, as MariaDB and MySQL do."""
    if connection.dialect.name not in {"mysql", "mariadb"}:
        return False
    try:
        with harmless(connection):
            return in_part(str(row[0]) for row in connection.execute(text("SHOW GRANTS")))
    except SQLAlchemyError:
        return False


def in_part(grants: Iterable[str]) -> bool:
    """Whether these give nothing but rights on one table or routine each; what a role gives is not looked for.

    Args:
        grants: The lines of `SHOW GRANTS`.

    """
    told = list(grants)
    return bool(told) and all(
        each.startswith("GRANT USAGE ON *.*") or (" ON " in each and ".* TO " not in each) for each in told
    )
