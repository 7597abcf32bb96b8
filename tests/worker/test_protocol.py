"""The messages: our own classes and plain values, and nothing else."""

from __future__ import annotations

import io
import pickle
import struct
from typing import Any

import pytest
from sqlalchemy.sql.elements import quoted_name

from workbench import errors
from workbench.results import Database
from workbench.worker import protocol


def sent(message: Any) -> io.BytesIO:
    """A stream with one message in it."""
    stream = io.BytesIO()
    protocol.send(stream, message)
    stream.seek(0)
    return stream


def raw(body: bytes) -> io.BytesIO:
    """A stream with a message of somebody else's making."""
    return io.BytesIO(struct.pack(">Q", len(body)) + body)


@pytest.mark.parametrize(
    "message",
    [
        ("reply", 1, {"a": (1, 2.0, None, True), "b": [b"x", {1}, frozenset({2})]}),
        ("reply", 2, Database("d", "sqlite:///d.db", "sqlite", "3", ())),
        ("error", 3, errors.MultipleHeads("two", "name one", (("heads", "a, b"),))),
    ],
)
def test_ours_come_through(message: tuple[Any, ...]) -> None:
    """Plain values, results and errors arrive as they were sent."""
    assert message == protocol.receive(sent(message))


class Nasty:
    """Would run a command where it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (eval, ("1 + 1",))


@pytest.mark.parametrize(
    "body, why",
    [
        (pickle.dumps(("reply", 1, Nasty())), "builtins.eval does not belong into a message"),
        (b"\x80\x04\x8c\x18workbench.worker.process\x8c\x10subprocess.Popen\x93.",
         "workbench.worker.process.subprocess.Popen does not belong into a message"),
        (b"\x80\x04\x8c\x0eworkbench.text\x8c\x06redact\x93.", "workbench.text.redact does not belong into a message"),
    ],
)  # fmt: skip
def test_others_do_not(body: bytes, why: str) -> None:
    """A class of the project's, a function, and what our modules have imported are refused by name."""
    assert ("garbled", why) == protocol.receive(raw(body))


def test_after_a_refused_message_comes_the_next() -> None:
    """One message that cannot be read does not take the pipe with it."""
    stream = io.BytesIO(raw(pickle.dumps(Nasty())).getvalue() + sent(("reply", 2, "x")).getvalue())

    assert ["garbled", "reply"] == [protocol.receive(stream)[0], protocol.receive(stream)[0]]


def test_a_library_s_own_str_becomes_a_plain_one() -> None:
    """SQLAlchemy's names are a kind of str that the other side may not have."""
    _, _, name = protocol.receive(sent(("reply", 1, quoted_name("order", quote=True))))

    assert (str, "order") == (type(name), name)


def test_what_was_printed_before_the_greeting() -> None:
    """It is given back, and the first message follows."""
    stream = io.BytesIO()
    stream.write(b"hello from sitecustomize\n")
    protocol.greet(stream)
    protocol.send(stream, ("hello", 1))
    stream.seek(0)

    assert "hello from sitecustomize\n" == protocol.await_greeting(stream)
    assert ("hello", 1) == protocol.receive(stream)


def test_the_other_side_is_gone() -> None:
    """Half a message is the end."""
    with pytest.raises(EOFError):
        protocol.receive(io.BytesIO(sent(("reply", 1, "x")).getvalue()[:-1]))
