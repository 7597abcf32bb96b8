"""What every result shares: it is frozen and picklable, and has a value, a text and an HTML form."""

from __future__ import annotations

import dataclasses
import datetime as dt
import importlib
from typing import TYPE_CHECKING, Any, TypeVar

from workbench.errors import UnsupportedRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


@dataclasses.dataclass(frozen=True, repr=False)
class Result:
    """A finished answer.

    Equality compares the fields, never where the answer came from.
    `str()` is the text form; `_repr_mimebundle_` adds the static HTML, and inside a kernel the
    widgets package replaces the latter by a live view.
    """

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain JSON values: dates become ISO strings, tuples become lists."""
        return {field.name: _plain(getattr(self, field.name)) for field in dataclasses.fields(self)}

    def __str__(self) -> str:
        return str(_faces().text(self))

    def _repr_html_(self) -> str:
        return str(_faces().html(self))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"text/plain": str(self), "text/html": self._repr_html_()}

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002 - IPython's protocol
        printer.text(str(self))

    def __getstate__(self) -> dict[str, Any]:
        # Where an answer came from (a live Workbench) and what was worked out of it do not travel; what it says does.
        return {name: value for name, value in self.__dict__.items() if not name.startswith("_")}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__dict__.update(state)


ResultT = TypeVar("ResultT", bound=Result)


def attach(result: ResultT, origin: object) -> ResultT:
    """Remember which Workbench gave `result`, outside its fields; returns the same object."""
    object.__setattr__(result, "_origin", origin)
    return result


def origin_of(result: Result) -> Any:
    """The Workbench that gave `result`.

    Raises:
        UnsupportedRequest: The result was unpickled or made by hand, so there is none.

    """
    origin = result.__dict__.get("_origin")
    if origin is None:
        raise UnsupportedRequest(
            f"This {type(result).__name__} is only a value: it was unpickled or made by hand, "
            "so no database belongs to it.",
            "Ask a Workbench for it again, then apply that one.",
        )
    return origin


def frame(rows: list[dict[str, Any]], dtypes: Mapping[str, str]) -> pd.DataFrame:
    """A DataFrame with exactly the columns of `dtypes`, in that order, also when there are no rows."""
    import pandas as pd  # noqa: PLC0415 - half a second that only those who want a frame should pay

    # As objects first: pandas 3 makes text of a column of strings, and of its None a NaN.
    return pd.DataFrame(rows, columns=list(dtypes), dtype=object).astype(dict(dtypes))


def _faces() -> Any:
    # By name, because rendering lies above: a result read from a pickle elsewhere still has its faces.
    return importlib.import_module("workbench.render")


def _plain(value: Any) -> Any:
    if isinstance(value, Result):
        return value.to_dict()
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, Exception):
        return {"kind": type(value).__name__, "message": str(value)}
    return value
