"""Whether an account is told of everything in a database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from workbench.bridge.live import harmless


def sees_in_part(connection: Any) -> bool:
    """Whether the server hides from this account the tables that it has no right on, as MariaDB and MySQL do.

    It does where all grants are on one table or routine each; what a role gives is not looked for.
    """
    if connection.dialect.name not in {"mysql", "mariadb"}:
        return False
    try:
        with harmless(connection):
            told = [row[0] for row in connection.execute(text("SHOW GRANTS"))]
    except SQLAlchemyError:
        return False
    # Some drivers give bytes for text.
    grants = [each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in told]
    return bool(grants) and all(
        each.startswith("GRANT USAGE ON *.*") or (" ON " in each and ".* TO " not in each) for each in grants
    )
