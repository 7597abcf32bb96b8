"""Knows the final names of constraints and indexes: after a naming convention, `op.f()`, and the server's limit."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic.util.sqla_compat import _get_constraint_final_name
from sqlalchemy.sql.elements import conv

_METHODS = ("add_constraint", "drop_constraint", "create_index", "drop_index")
_USUAL = dict(sa.MetaData().naming_convention)
"""Names an index that has no name, and nothing else."""


class Names:
    """The names that one MigrationContext gives."""

    def __init__(self, context: Any) -> None:
        self.dialect = context.dialect
        target = context.opts.get("target_metadata")
        convention = getattr(target, "naming_convention", None)
        self._has_convention = convention is not None and dict(convention) != _USUAL
        limits = (getattr(self.dialect, each, None) for each in ("max_identifier_length", "max_index_name_length"))
        self._limit = min((each for each in limits if each), default=0)

    def is_settled(self, name: Any) -> bool:
        """Whether nothing can become of this name but itself."""
        if not isinstance(name, str) or len(name) > self._limit:
            return False
        return isinstance(name, conv) or not self._has_convention

    def of(self, constraint: Any) -> dict[str, Any]:
        """`name` and `final` as an Operation has them, of a constraint or an index; nothing where it has no name."""
        name = constraint.name
        if self.is_settled(name):
            return given(name)
        try:
            final = _get_constraint_final_name(constraint, self.dialect)
        except Exception:  # noqa: BLE001 - too long, so that the operation fails; or a ForeignKey that no table has
            return given(name)
        return {**given(name), "name": str(final)} if final else {}


def given(name: Any) -> dict[str, Any]:
    """`name` and `final` as an Operation has them, of a name that an operation was given."""
    if not isinstance(name, str):
        return {}
    return {"name": str(name), "final": True} if isinstance(name, conv) else {"name": str(name)}


def name_in(op: Any) -> tuple[bool, Any]:
    """Whether an operation makes or drops a constraint or an index, and the name that it was given."""
    told = op.__dict__
    if "index_name" in told:
        return True, told["index_name"]
    return "constraint_name" in told, told.get("constraint_name")


@contextlib.contextmanager
def catching(impl: Any, keep: Callable[[Any], None]) -> Iterator[None]:
    """Tell `keep` of each constraint and index that an operation hands to `impl`: these have their final names."""

    def standing_in(method: Callable[..., Any]) -> Callable[..., Any]:
        def hand_over(constraint: Any, *arguments: Any, **options: Any) -> Any:
            keep(constraint)
            return method(constraint, *arguments, **options)

        return hand_over

    before = {name: impl.__dict__[name] for name in _METHODS if name in impl.__dict__}
    impl.__dict__.update({name: standing_in(getattr(impl, name)) for name in _METHODS})
    try:
        yield
    finally:
        for name in _METHODS:
            del impl.__dict__[name]
        impl.__dict__.update(before)
