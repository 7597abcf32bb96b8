"""Statements that act on the whole server, and so on the live database too, on whichever database they are executed."""

from __future__ import annotations

import re

_ASIDE = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r"'(?:[^']|'')*'", re.DOTALL)
_BODY = re.compile(r"\$(\w*)\$.*?\$\1\$", re.DOTALL)
_BLOCK = re.compile(r"\s*DO\b", re.IGNORECASE)
# A name that is put together when it runs is the scratch database's: `format('ALTER DATABASE %I', …)`.
_NOT_OURS = r"(?!\s*(?:[\"`]?workbench_scratch_|%|'))"
_POSTGRESQL = rf"""
    (?:CREATE|ALTER|DROP)\s+(?:ROLE|GROUP|USER(?!\s+MAPPING)|TABLESPACE|SUBSCRIPTION)\b
    | ALTER\s+SYSTEM\b | (?:REASSIGN|DROP)\s+OWNED\b
    | (?:CREATE|DROP)\s+DATABASE\b | ALTER\s+DATABASE\b{_NOT_OURS}
    | (?:COMMENT|SECURITY\s+LABEL)\b[^;]*?\bON\s+(?:ROLE|TABLESPACE|DATABASE{_NOT_OURS})\b
    | (?:GRANT|REVOKE)\b(?:[^;]*?\bON\s+(?:TABLESPACE|PARAMETER|DATABASE{_NOT_OURS})\b|(?![^;]*?\bON\b))
"""
_MYSQL = r"""
    (?:CREATE|ALTER|DROP|RENAME)\s+(?:OR\s+REPLACE\s+)?(?:USER|ROLE|SERVER|TABLESPACE)\b
    | (?:GRANT|REVOKE|FLUSH|KILL|PURGE|RESET|SHUTDOWN|INSTALL|UNINSTALL)\b
    | SET\s+(?:(?:GLOBAL|PERSIST|PERSIST_ONLY|PASSWORD)\b | @@(?:GLOBAL|PERSIST)\b | DEFAULT\s+ROLE\b)
    | (?:CREATE|DROP)\s+(?:OR\s+REPLACE\s+)?(?:DATABASE|SCHEMA)\b
    | ALTER\s+(?:DATABASE|SCHEMA)\s+(?!DEFAULT\b|CHARACTER\b|CHARSET\b|COLLATE\b|COMMENT\b|`?workbench_scratch_)
"""
_FLAGS = re.IGNORECASE | re.DOTALL | re.VERBOSE
_BEGINS = {
    kind: re.compile(rf"(?:\A|;)\s*(?:{told})", _FLAGS)
    for kind, told in (("postgresql", _POSTGRESQL), ("mysql", _MYSQL))
}
_ANYWHERE = re.compile(rf"\b(?:{_POSTGRESQL})", _FLAGS)


def is_server_wide(statement: str, dialect: str) -> bool:
    """Whether a statement changes roles, settings or databases of the whole server.

    What is executed out of sight, in a function that the statement calls, is not seen.

    Args:
        statement: As the driver gets it.
        dialect: `sqlite`, `postgresql`, `mysql` or `mariadb`.

    """
    if dialect == "sqlite":
        return False
    bare = _ASIDE.sub(" ", statement)
    if dialect == "postgresql" and _BLOCK.match(bare):
        return _ANYWHERE.search(bare) is not None  # a block executes what stands in its strings
    bare = _STRING.sub("''", _BODY.sub("''", bare))
    return _BEGINS["postgresql" if dialect == "postgresql" else "mysql"].search(bare) is not None
