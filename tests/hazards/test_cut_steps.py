"""What a step would still do after the place where it was cut is read from its code, and nothing of it twice."""

from __future__ import annotations

from workbench.bridge import code_effects
from workbench.results.effects import Effect
from workbench.results.operations import Operation, Told


def test_what_was_heard_as_raw_sql_is_not_read_from_the_code_again() -> None:
    """The code has both statements; the first has been heard, so only the second and the open end come after it."""
    heard = ({"kind": "sql", "sql": ("DELETE FROM old",)},)
    code = (Effect("drops", "rows", "", "old", ""), Effect("drops", "table", "", "gone", ""))
    rest = (Operation("drop_table", table="gone", source="code"), Operation("sql", source="code"))

    assert (*Told(heard).opened, *rest) == Told(code_effects.operations_beyond(heard, code, "sqlite")).opened
