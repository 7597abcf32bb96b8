"""Statements that sqlglot does not take apart: read by their words, as its tokenizer tells them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from workbench.hazards.late import TokenType, exp, sqlglot
from workbench.hazards.reading import creates
from workbench.hazards.reading.names import Reader
from workbench.hazards.reading.words import Words
from workbench.results.operations import Operation

_BODIES = {"TRIGGER", "FUNCTION", "PROCEDURE", "EVENT"}
_HEAD = 2_000
"""Characters at the beginning of a long text that are read."""


def has_body(text: str, reader: Reader) -> bool:
    """Whether it is one statement with others inside: CREATE TRIGGER, CREATE FUNCTION, DO."""
    words = Words(text[:_HEAD], reader)
    if words.take("DO"):
        return True
    if not words.take("CREATE"):
        return False
    return any(each in _BODIES for each in words.all[1:8])


def read_each(text: str, reader: Reader) -> Iterator[Operation]:
    """The statements of a text that cannot be parsed, cut at the semicolons between them."""
    try:
        tokens = sqlglot.tokenize(text, read=reader.sqlglot)
    except sqlglot.errors.SqlglotError:
        yield Operation("sql", sql=(text,))
        return
    begin = 0
    for token in [*tokens, None]:
        if token is None or token.token_type == TokenType.SEMICOLON:
            end = len(text) if token is None else token.start
            part = text[begin:end].strip()
            begin = end + 1
            if part and Words(part, reader).all:
                yield read(part, reader)


def read(text: str, reader: Reader) -> Operation:
    """The operation of one statement; `sql` if its words are not known."""
    words = Words(text[:_HEAD], reader)
    told = _known(words)
    return told if told is not None else Operation("sql", sql=(text,))


def _known(words: Words) -> Operation | None:  # noqa: C901, PLR0911, PLR0912 - a table of forms
    if words.take("INSERT") or words.take("REPLACE"):
        words.take("OR"), words.any_of("REPLACE", "IGNORE", "ABORT", "FAIL", "ROLLBACK")
        words.take("IGNORE")
        return Operation("insert", *words.table()) if words.take("INTO") else None
    if words.take("CREATE"):
        return _create(words)
    if words.take("ALTER"):
        return _alter(words)
    if words.take("RENAME", "TABLE"):
        schema, table = words.table()
        return Operation("rename_table", schema, table, new_name=words.table()[1]) if words.take("TO") else None
    if words.take("LOCK"):
        words.any_of("TABLE", "TABLES")
        words.take("ONLY")
        return Operation("lock_table", *words.table(), expression=words.rest)
    if words.take("REFRESH", "MATERIALIZED", "VIEW"):
        is_concurrent = words.take("CONCURRENTLY")
        schema, name = words.table()
        return Operation("refresh_view", schema, name=name, concurrently=is_concurrent)
    if words.take("REINDEX"):
        if words.take("("):
            words.skip_to(")")
        kind = words.any_of("INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM")
        is_concurrent = words.take("CONCURRENTLY")
        schema, name = words.table()
        table, name = (name, "") if kind == "TABLE" else ("", name)
        return Operation("reindex", schema, table, name, concurrently=is_concurrent, expression=kind)
    if words.take("VACUUM"):
        is_full = "FULL" in words.all[:6]
        if words.take("("):
            words.skip_to(")")
        while words.any_of("FULL", "FREEZE", "VERBOSE", "ANALYZE"):
            pass
        return Operation("vacuum", *words.table(), expression="FULL" if is_full else "")
    if words.take("CLUSTER"):
        return Operation("cluster", *words.table())
    if words.take("OPTIMIZE", "TABLE"):
        return Operation("alter_table", *words.table(), expression="OPTIMIZE")
    if words.take("DROP"):
        return _drop(words)
    if words.any_of("SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT", "BEGIN", "END", "START"):
        return Operation("transaction", name=words.all[0])
    if words.any_of("ANALYZE", "SHOW", "EXPLAIN", "DESCRIBE", "USE", "CHECKPOINT"):
        return Operation("select", expression=words.text)
    if words.any_of("GRANT", "REVOKE"):
        return Operation("grant")
    if words.take("COMMENT", "ON"):
        return Operation("comment", expression=words.rest)
    if words.take("SET"):
        words.any_of("SESSION", "LOCAL", "GLOBAL")
        return Operation("set", name=words.table()[1].lower(), expression=words.rest)
    if words.take("PRAGMA"):
        return Operation("pragma", name=words.table()[1].lower(), expression=words.rest.strip("= ()"))
    return None


def _index(words: Words) -> Operation | None:
    """A CREATE INDEX with what sqlglot does not know: `ON ONLY`, `NULLS NOT DISTINCT`."""
    spans, options = [], []
    for at in range(len(words.tokens)):
        if words.all[at : at + 2] == ["ON", "ONLY"]:
            spans.append((at + 1, at + 1))
            options.append(("postgresql_only", "True"))
        elif words.all[at : at + 3] == ["NULLS", "NOT", "DISTINCT"]:
            spans.append((at, at + 2))
            options.append(("postgresql_nulls_not_distinct", "True"))
    text = words.text
    for first, last in reversed(spans):
        text = text[: words.tokens[first].start] + text[words.tokens[last].end + 1 :]
    try:
        node = sqlglot.parse_one(text, read=words.reader.sqlglot) if spans else None
    except sqlglot.errors.SqlglotError:
        return None
    told = next(creates.read(node, words.reader), None) if isinstance(node, exp.Create) else None
    if told is None or told.kind != "create_index":
        return None
    return replace(told, options=tuple(sorted((*told.options, *options))))


def _create(words: Words) -> Operation | None:
    if {"INDEX"} & set(words.all[1:3]):
        return _index(words)
    words.take("OR", "REPLACE")
    while words.any_of("TEMP", "TEMPORARY", "CONSTRAINT", "DEFINER", "AGGREGATE"):
        if words.take("="):  # DEFINER = user@host
            words.skip_to_any(_BODIES)
    if words.take("TRIGGER"):
        words.take("IF", "NOT", "EXISTS")
        name = words.table()[1]
        words.skip_to("ON")
        return Operation("create_trigger", *words.table(), name)
    if words.any_of("FUNCTION", "PROCEDURE", "EVENT"):
        schema, name = words.table()
        return Operation("create_function", schema, name=name)
    if words.any_of(
        "EXTENSION", "SEQUENCE", "DOMAIN", "AGGREGATE", "STATISTICS", "PUBLICATION", "POLICY", "ROLE", "USER"
    ):
        return Operation("alter_table", expression="CREATE " + words.all[1])
    if words.take("SCHEMA"):
        return Operation("alter_table", expression="CREATE SCHEMA")
    return None


def _drop(words: Words) -> Operation | None:
    if words.any_of("FUNCTION", "PROCEDURE", "EXTENSION", "SEQUENCE", "DOMAIN", "EVENT", "POLICY", "STATISTICS"):
        return Operation("alter_table", expression="DROP " + words.all[1])
    if words.take("TRIGGER"):
        is_conditional = words.take("IF", "EXISTS")
        schema, name = words.table()
        table = words.table() if words.take("ON") else (schema, "")
        return Operation("drop_trigger", *table, name, conditional=is_conditional)
    return None


def _alter(words: Words) -> Operation | None:  # noqa: C901, PLR0911 - a table of forms
    if words.take("TYPE"):
        schema, name = words.table()
        if words.take("ADD", "VALUE"):
            is_conditional = words.take("IF", "NOT", "EXISTS")
            return Operation("add_enum_value", schema, name=name, labels=(words.string(),), conditional=is_conditional)
        if words.take("RENAME", "VALUE"):
            old = words.string()
            return Operation("rename_enum_value", schema, name=name, labels=(old,), new_name=words.string(after="TO"))
        return Operation("alter_table", schema, name=name, expression="TYPE " + words.rest)
    if words.take("SCHEMA"):
        name = words.table()[1]
        return Operation("rename_schema", name=name, new_name=words.table()[1]) if words.take("RENAME", "TO") else None
    if words.any_of("SEQUENCE", "DOMAIN", "VIEW", "MATERIALIZED", "FUNCTION", "EXTENSION", "DEFAULT", "POLICY", "ROLE"):
        return Operation("alter_table", expression=f"{words.all[1]} {words.rest}")
    if not words.take("TABLE"):
        return None
    words.take("IF", "EXISTS")
    words.take("ONLY")
    schema, table = words.table()
    if words.take("VALIDATE", "CONSTRAINT"):
        return Operation("validate_constraint", schema, table, words.table()[1])
    if words.take("ATTACH", "PARTITION"):
        return Operation("attach_partition", schema, table, words.table()[1])
    if words.take("DETACH", "PARTITION"):
        name = words.table()[1]
        return Operation("detach_partition", schema, table, name, concurrently=words.take("CONCURRENTLY"))
    if words.take("ADD"):
        name = words.table()[1] if words.take("CONSTRAINT") else ""
        kind = words.any_of("UNIQUE", "PRIMARY")
        words.take("KEY")
        if kind and words.take("USING", "INDEX"):
            made = "create_unique_constraint" if kind == "UNIQUE" else "create_primary_key"
            return Operation(made, schema, table, name, unique=True, options=(("using_index", words.table()[1]),))
        if not kind and words.take("CHECK"):
            text = words.rest
            is_unchecked = text.upper().endswith("NOT VALID")
            expression = text[: -len("NOT VALID")].strip() if is_unchecked else text
            return Operation(
                "create_check_constraint", schema, table, name, expression=_bare(expression), not_valid=is_unchecked
            )
        words.back_to_action()
    return Operation("alter_table", schema, table, expression=words.rest)


def _bare(text: str) -> str:
    text = text.strip()
    return text[1:-1].strip() if text.startswith("(") and text.endswith(")") else text
