"""The lines of a revision that give rows their values: in one UPDATE, or in batches by the primary key."""

from __future__ import annotations

import textwrap

from workbench.bridge.quoting import text_code
from workbench.hazards.question import quoted
from workbench.results import Table

FEW = 10_000
"""Rows that one UPDATE changes in a fraction of a second."""
BATCH = 5_000

Code = tuple[tuple[str, ...], bool, str]
"""The lines, whether they need a revision of their own, and why."""


def of_sql(dialect: str, table: Table, column: str, expression: str, where: str, rows: int) -> Code:
    """The lines for an expression in SQL.

    Args:
        dialect: Of the server.
        table: The live table.
        column: That gets values.
        expression: On its columns.
        where: The condition of the rows in the way: those that have a value already are left alone, so that a revision
            which was stopped can run again.
        rows: How many rows the table has; more than FEW are enough to know.

    """
    source = _source(table, dialect)
    update = f"UPDATE {source} SET {quoted(column, dialect)} = ({_closed(expression)}) WHERE {where}"  # noqa: S608 - this is the code of a revision
    if rows <= FEW:
        return (f"op.execute({text_code(update)})",), False, f"in one UPDATE: {source} has {_count(rows)}"
    if not table.primary_key:
        return (
            (f"op.execute({text_code(update)})",),
            False,
            f"in one UPDATE: {source} has no primary key to make batches of",
        )
    keys = [quoted(each, dialect) for each in table.primary_key]
    names = ", ".join(keys)
    tail = ", ".join(f":last_{number}" for number in range(len(keys)))
    head = ", ".join(f":first_{number}" for number in range(len(keys)))
    tupled = f"({names})" if len(keys) > 1 else names
    after = f"({tail})" if len(keys) > 1 else tail
    since = f"({head})" if len(keys) > 1 else head
    look = f"SELECT {names} FROM {source} WHERE ({where})"  # noqa: S608 - as above
    order = f" ORDER BY {names} LIMIT {BATCH}"
    batch = f"UPDATE {source} SET {quoted(column, dialect)} = ({_closed(expression)}) WHERE ({where}) AND {tupled} >= {since} AND {tupled} <= {after}"  # noqa: E501, S608 - as above
    following = _marked(f"{look} AND {tupled} > {after}{order}")
    lines = f"""
        if op.get_context().as_sql:
            op.execute({text_code(update)})
        else:
            # In batches, each committed by itself: nobody waits for long, and what was stopped can run again.
            with op.get_context().autocommit_block():
                connection = op.get_bind()
                rows = connection.execute(sa.text({_marked(look + order)})).fetchall()
                while rows:
                    ends = {{f"first_{{at}}": value for at, value in enumerate(rows[0])}}
                    ends.update({{f"last_{{at}}": value for at, value in enumerate(rows[-1])}})
                    connection.execute(sa.text({_marked(batch)}), ends)
                    last = {{f"last_{{at}}": value for at, value in enumerate(rows[-1])}}
                    rows = connection.execute(sa.text({following}), last).fetchall()
    """
    return tuple(textwrap.dedent(lines).strip().splitlines()), True, _WHY.format(batch=BATCH, few=FEW)


def of_python(dialect: str, table: Table, column: str, text: str, where: str, rows: int) -> Code:
    """The lines for an expression in Python, or for the source of a function; see `of_sql`."""
    if not text:
        return (), False, "there is no source of this callable: write it with def in a cell, or as a text"
    if not table.primary_key:
        return (), False, f"{_source(table, dialect)} has no primary key, by which a row could be found again"
    source = _source(table, dialect)
    names = [each.name for each in table.columns]
    keys = [quoted(each, dialect) for each in table.primary_key]
    at = [names.index(each) for each in table.primary_key]
    listed = ", ".join(quoted(each, dialect) for each in names)
    tail = ", ".join(f":last_{number}" for number in range(len(keys)))
    tupled, after = (f"({', '.join(keys)})", f"({tail})") if len(keys) > 1 else (keys[0], tail)
    order = f" ORDER BY {', '.join(keys)} LIMIT {BATCH}"
    look = f"SELECT {listed} FROM {source} WHERE ({where})"  # noqa: S608 - as above
    one = " AND ".join(f"{each} = :key_{number}" for number, each in enumerate(keys))
    update = f"UPDATE {source} SET {quoted(column, dialect)} = :new WHERE {one}"  # noqa: S608 - as above
    is_function = text.startswith("def ")
    name = text[4:].partition("(")[0].strip() if is_function else "new_value"
    if is_function:
        function = text.rstrip()
    else:
        used = [each for each in names if each.isidentifier() and _is_used(each, text)]
        given = "\n".join(f"    {each} = row[{each!r}]" for each in used)
        function = f"def {name}(row):\n{given}\n    return {text}" if used else f"def {name}(row):\n    return {text}"
    following = _marked(f"{look} AND {tupled} > {after}{order}")
    refused = f"{source}.{column} gets its values from Python, which no SQL script can hold: upgrade online."
    # What `alembic upgrade --sql` prints as its own error, without a traceback.
    offline = (
        "if op.get_context().as_sql:",
        "    from alembic.util import CommandError",
        f"    raise CommandError({refused!r})",
    )
    loop = f"""
        connection = op.get_bind()
        names = {names!r}
        found = connection.execute(sa.text({_marked(look + order)})).fetchall()
        while found:
            for row in found:
                key = {{f"key_{{at}}": row[place] for at, place in enumerate({at!r})}}
                connection.execute(sa.text({_marked(update)}), {{"new": {name}(dict(zip(names, row))), **key}})
            last = {{f"last_{{at}}": found[-1][place] for at, place in enumerate({at!r})}}
            found = connection.execute(sa.text({following}), last).fetchall()
    """
    body = textwrap.dedent(loop).strip()
    if rows <= FEW:
        return (*offline, *function.splitlines(), *body.splitlines()), False, f"row by row: {source} has {_count(rows)}"
    block = "with op.get_context().autocommit_block():\n" + textwrap.indent(body, "    ")
    return (*offline, *function.splitlines(), *block.splitlines()), True, _WHY.format(batch=BATCH, few=FEW)


_WHY = "in batches of {batch:,} rows: the table has more than {few:,}"


def _source(table: Table, dialect: str) -> str:
    return ".".join(quoted(each, dialect) for each in (table.schema, table.name) if each)


def _closed(expression: str) -> str:
    """The expression, with a line of its own for the bracket where a comment might swallow it."""
    return f"{expression}\n" if "--" in expression or "#" in expression else expression


def _count(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows:,} rows"


def _marked(sql: str) -> str:
    """SQL as code for `sa.text`, with our own parameters left as such."""
    code = text_code(sql)
    for name in ("first_", "last_", "key_", "new"):
        code = code.replace(f"\\\\:{name}", f":{name}")
    return code


def _is_used(name: str, text: str) -> bool:
    import ast  # noqa: PLC0415 - only for an expression

    return any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(ast.parse(text, mode="eval")))
