"""Reads code of a revision without running it: which operations it would carry out."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import sqlalchemy
from alembic.operations import BatchOperations, Operations, ops

from workbench.errors import UnsupportedRequest


@dataclass
class Batch:
    """The operations of a `batch_alter_table`."""

    table_name: str
    schema: str | None
    ops: list[Any] = field(default_factory=list)


@dataclass
class _Place:
    """What a batch's operations ask of the batch."""

    table_name: str
    schema: str | None


class _Hearing:
    """What an `op` and a `batch_op` that carry nothing out have in common."""

    migration_context: Any
    heard: list[Any]

    def invoke(self, operation: Any) -> Any:
        """Take note of it; a new table is given back, for what is put into it."""
        self.heard.append(operation)
        return operation.to_table(self.migration_context) if isinstance(operation, ops.CreateTableOp) else None

    def _refuse(self, *_arguments: Any, **_options: Any) -> NoReturn:
        raise UnsupportedRequest(
            "This code asks for a connection, and operations are only looked at here.",
            "Write such code into the bodies: draft.decide(code={…}).",
        )

    get_bind = get_context = run_async = _refuse


class _Batch(_Hearing, BatchOperations):
    def __init__(self, context: Any, place: Any) -> None:
        BatchOperations.__init__(self, context, impl=place)
        self.heard = []


class _Op(_Hearing, Operations):
    def __init__(self, context: Any) -> None:
        Operations.__init__(self, context)
        self.heard = []

    @contextlib.contextmanager
    def batch_alter_table(
        self, table_name: str, schema: str | None = None, *_options: Any, **_more: Any
    ) -> Iterator[Any]:
        """What stands in it."""
        inner = _Batch(self.migration_context, _Place(table_name, schema))
        yield inner
        self.heard.append(Batch(table_name, schema, inner.heard))


def operations(code: str, imports: Iterable[str], context: Any) -> list[Any]:
    """The operations of some lines of a revision, and Batches of them. None is carried out.

    Args:
        code: Calls of `op`.
        imports: Lines that have to stand before it.
        context: The MigrationContext whose dialect they are for.

    Raises:
        UnsupportedRequest: It cannot be run, it asks for a connection, or there is no such operation.

    """
    op = _Op(context)
    names: dict[str, Any] = {"op": op, "sa": sqlalchemy}
    try:
        for text in (*imports, code):
            exec(compile(text, "<operation>", "exec"), names)  # noqa: S102 - the author's own code, as in a revision
    except UnsupportedRequest:
        raise
    except AttributeError as error:
        raise _unknown(error, op) from error
    except Exception as error:
        raise UnsupportedRequest(
            f"Alembic cannot make an operation of this: {type(error).__name__}: {error}", f"It was: {code}"
        ) from error
    return op.heard


def flat(heard: Iterable[Any]) -> Iterator[Any]:
    """The operations one by one, those of batches too."""
    for each in heard:
        if isinstance(each, Batch):
            yield from each.ops
        else:
            yield each


def known() -> list[str]:
    """The operations that there are, custom ones too."""
    return sorted(each for each in dir(Operations) if not each.startswith("_") and each not in _NO_OPERATIONS)


def _unknown(error: AttributeError, op: Any) -> UnsupportedRequest:
    if not isinstance(getattr(error, "obj", op), (Operations, BatchOperations)):
        return UnsupportedRequest(f"Alembic cannot make an operation of this: {error}.")
    name = getattr(error, "name", None) or str(error).rpartition(" ")[2].strip("'")
    return UnsupportedRequest(
        f"There is no operation {name!r} in the Alembic of this project.", f"There are {', '.join(known())}."
    )


_NO_OPERATIONS = frozenset(
    {
        "context", "create_module_class_proxy", "f", "get_bind", "get_context", "implementation_for", "inline_literal",
        "invoke", "register_operation", "run_async",
    }
)  # fmt: skip
"""What `op` has besides operations."""
