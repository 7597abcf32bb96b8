"""A MetaData that was made in the notebook, as it travels to the worker."""

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
        try:
            import cloudpickle  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415

            return bytes(cloudpickle.dumps(metadata, protocol=4))
        except ImportError:
            raise UnsupportedRequest(
                "This MetaData cannot travel to the worker: it holds a type or a function that was defined in a cell.",
                "Install cloudpickle here and in the project's Python, or move the definition into a module.",
                (("pickle says", str(error)),),
            ) from error
