"""Names as a database reads them (SQLAlchemy doubles each `%` in one, for drivers that format it), and SQL as code."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any


def quote_of(dialect: Any, *, always: bool = False) -> Callable[[str], str]:
    """What quotes a name where it has to be, or `always`; for text that is shown, or that `text()` will double again.

    Args:
        dialect: SQLAlchemy's.
        always: Also where the name would not need it.

    """
    preparer = dialect.identifier_preparer
    quote: Callable[[str], str] = preparer.quote_identifier if always else preparer.quote
    if not getattr(preparer, "_double_percents", False):
        return quote
    return lambda name: quote(name).replace("%%", "%")


def text_code(sql: str) -> str:
    """SQL as code for `op.execute` and `sa.text`, for which `:name` would be a parameter."""
    return repr(re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", sql))
