"""Messages through the pipe: a length, then a pickle of our own classes and plain values."""

from __future__ import annotations

import io
import pickle
import struct
from typing import Any, BinaryIO

_LENGTH = struct.Struct(">Q")
_PROTOCOL = 4  # what the oldest Python that a project may have (3.10) and ours both know well
_VALUES = {("datetime", name) for name in ("datetime", "date", "time", "timedelta", "timezone")} | {
    ("decimal", "Decimal"),
    ("uuid", "UUID"),
}
_PLAIN = {
    ("builtins", name)
    for name in ("tuple", "list", "dict", "set", "frozenset", "str", "int", "float", "bool", "bytes", "bytearray")
} | {*_VALUES, ("copyreg", "_reconstructor"), ("builtins", "object")}


_GREETING = b"\0workbench\0"
"""Stands before the first message: what a sitecustomize prints before our code runs, comes before it."""


def end_of_output(number: int) -> bytes:
    """Stands in what the worker prints, after all that belongs to this request."""
    return b"\0workbench %d\0\n" % number


def greet(stream: BinaryIO) -> None:
    """Mark where the messages begin."""
    stream.write(_GREETING)
    stream.flush()


def await_greeting(stream: BinaryIO) -> str:
    """Read up to where the messages begin; gives what was printed before.

    Raises:
        EOFError: The other side is gone.

    """
    seen = b""
    while not seen.endswith(_GREETING):
        seen += _exactly(stream, 1)
    return seen[: -len(_GREETING)].decode("utf-8", "backslashreplace")


def send(stream: BinaryIO, message: tuple[Any, ...]) -> None:
    """Write one message. The caller holds the stream's lock."""
    buffer = io.BytesIO()
    _Plainly(buffer, protocol=_PROTOCOL).dump(message)
    body = buffer.getbuffer()
    stream.write(_LENGTH.pack(len(body)) + bytes(body))
    stream.flush()


def receive(stream: BinaryIO) -> tuple[Any, ...]:
    """Read one message; ("garbled", why) for one that holds something that is not ours.

    Raises:
        EOFError: The other side is gone.

    """
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    body = _exactly(stream, length)
    try:
        message: tuple[Any, ...] = _Ours(io.BytesIO(body)).load()
    except Exception as error:  # noqa: BLE001 - whatever unpickling may raise; the next message can still be read
        return "garbled", str(error)
    return message


class _Plainly(pickle.Pickler):
    """Sends a str of a library's own kind (SQLAlchemy's quoted_name) as the plain str that it is."""

    def reducer_override(self, value: Any) -> Any:
        return (str, (str.__str__(value),)) if isinstance(value, str) else NotImplemented


class _Ours(pickle.Unpickler):
    """Takes our own classes only: the project's may not exist on this side, or be another version."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _PLAIN:
            return super().find_class(module, name)
        if module.split(".", maxsplit=1)[0] == "workbench":
            found = super().find_class(module, name)
            # Not what our modules have imported: "workbench.worker.client", "subprocess.Popen" is a name, too.
            if isinstance(found, type) and found.__module__ == module:
                return found
        message = f"{module}.{name} does not belong into a message"
        raise pickle.UnpicklingError(message)


def _exactly(stream: BinaryIO, count: int) -> bytes:
    parts = []
    while count:
        part = stream.read(count)
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
