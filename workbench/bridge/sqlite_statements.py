"""What a statement means for SQLite's transactions, told by its first words."""

from __future__ import annotations

import re

_ASIDE = r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*"
_FIRST = re.compile(rf"{_ASIDE}([A-Za-z]+)", re.DOTALL)
_PRAGMA = re.compile(rf"{_ASIDE}PRAGMA\s+(?:[\w\"]+\s*\.\s*)?(\w+)\s*([=(])?", re.IGNORECASE | re.DOTALL)
_TO_SAVEPOINT = re.compile(rf"{_ASIDE}ROLLBACK\b(?:\s+TRANSACTION)?\s+TO\b", re.IGNORECASE | re.DOTALL)
_CHANGES = re.compile(r"\b(?:INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)

_LOOKS = ("PRAGMA ", "SELECT sql FROM ")
_REFLECTION = re.compile(
    r"PRAGMA (?:\w+|\"[^\"]+\")\.(?:table_x?info|foreign_key_list|index_(?:list|info))\(\""
    r"|SELECT sql FROM +\S.*sqlite_master.* WHERE name = \? AND type in \('table', 'view'\)$"
)

DDL = frozenset({"CREATE", "ALTER", "DROP", "REINDEX", "ANALYZE"})
DML = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE"})
ALONE = frozenset({"VACUUM", "ATTACH", "DETACH", "BEGIN", "COMMIT", "END", "ROLLBACK"})
_VOID = frozenset({
    "auto_vacuum", "encoding", "foreign_keys", "journal_mode", "locking_mode", "page_size", "synchronous", "temp_store",
    "temp_store_directory", "wal_checkpoint",
})  # fmt: skip
"""Pragmas that a transaction makes void, or refuses."""
_KEPT = frozenset({"application_id", "schema_version", "user_version"})
"""Pragmas that write into the file."""
_UNTIL_COMMIT = "defer_foreign_keys"
"""A pragma that the next end of a transaction undoes, be it of a statement that only looks."""


def kind(statement: str) -> str:
    """The word that tells what the statement needs: of DDL, DML or ALONE, or a savepoint's; empty for nothing."""
    found = _FIRST.match(statement)
    word = found[1].upper() if found else ""
    if word == "PRAGMA":
        pragma = _PRAGMA.match(statement)
        name = pragma[1].lower() if pragma else ""
        sets = pragma is not None and pragma[2] is not None
        if name in _VOID and (sets or name == "wal_checkpoint"):
            return "VACUUM"
        return "ALTER" if name in {*_KEPT, _UNTIL_COMMIT} and sets else ""
    if word == "WITH":
        return "ALTER" if _CHANGES.search(statement) else ""
    if word == "ROLLBACK":
        return "TO" if _TO_SAVEPOINT.match(statement) else word
    return word if word in DDL or word in DML or word in ALONE or word in {"SAVEPOINT", "RELEASE"} else ""


def is_reflection(statement: str) -> bool:
    """Whether it is, word for word, what SQLAlchemy reads of a table, as Alembic's batch mode has it do."""
    return statement.startswith(_LOOKS) and _REFLECTION.match(statement) is not None
