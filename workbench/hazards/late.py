"""sqlglot and SQLAlchemy, each imported when it is first used: most Plans have no raw SQL, and ask the rows nothing."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__all__ = ["Token", "TokenType", "exp", "sa", "scope", "sqlglot"]


class _Late:
    """Stands in for a module, or a class in it, whose import costs the kernel a tenth of a second or more."""

    def __init__(self, module: str, name: str = "") -> None:
        self._place = module, name

    def __getattr__(self, name: str) -> Any:
        module, inside = self._place
        whole = importlib.import_module(module)
        found = getattr(getattr(whole, inside) if inside else whole, name)
        setattr(self, name, found)  # next time it is at hand
        return found


if TYPE_CHECKING:
    import sqlalchemy as sa
    import sqlglot
    from sqlglot import exp
    from sqlglot.optimizer import scope
    from sqlglot.tokens import Token, TokenType  # type: ignore[attr-defined]
else:
    exp, sa, scope = _Late("sqlglot.expressions"), _Late("sqlalchemy"), _Late("sqlglot.optimizer.scope")
    sqlglot, Token, TokenType = _Late("sqlglot"), _Late("sqlglot.tokens", "Token"), _Late("sqlglot.tokens", "TokenType")
