"""Objects that were made in the notebook, as they travel to the worker."""

from __future__ import annotations

import pickle
from typing import Any

from workbench.errors import UnsupportedRequest


def pickled(metadata: Any) -> bytes:
    """`metadata` as a pickle; with cloudpickle where it holds what was defined in a cell.

    Raises:
        UnsupportedRequest: It cannot be pickled, and cloudpickle is not installed.

    """
    try:
        return pickle.dumps(metadata, protocol=4)
    except Exception as error:  # noqa: BLE001 - pickle lets through whatever an object's own hooks raise
        return cloudpickled(metadata, "This MetaData holds a type or a function that was defined in a cell", error)


def cloudpickled(thing: Any, what: str, error: Exception | None = None) -> bytes:
    """What was defined in a cell, by value, as only cloudpickle does it.

    Args:
        thing: It.
        what: What is to be said of it where it cannot be done.
        error: Why pickle did not do it, if it was asked.

    Raises:
        UnsupportedRequest: cloudpickle is not installed, or cannot do it either.

    """
    try:
        import cloudpickle  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415

        return bytes(cloudpickle.dumps(thing, protocol=4))
    except (ImportError, pickle.PicklingError, TypeError) as second:
        raise UnsupportedRequest(
            f"{what}, and cannot travel to the worker.",
            "Install cloudpickle here and in the project's Python, or move the definition into a module.",
            (("pickle says", str(error or second)),),
        ) from second
