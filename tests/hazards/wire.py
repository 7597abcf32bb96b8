"""A relay between a driver and its server that takes down every statement that arrives there."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa


@dataclass
class Wire:
    """What passed."""

    url: str = ""
    """Of the same database, through here."""
    statements: list[str] = field(default_factory=list)
    connections: int = 0

    def take(self) -> list[str]:
        """What arrived since this was asked last."""
        told, self.statements[:] = list(self.statements), []
        return told


@contextlib.contextmanager
def wire(url: str) -> Iterator[Wire]:
    """A relay to the server of `url`, PostgreSQL's or MariaDB's, until the end of the block."""
    target, told = sa.make_url(url), Wire()
    is_postgresql = target.get_backend_name() == "postgresql"
    place = target.host, target.port or (5432 if is_postgresql else 3306)

    class Relay(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            told.connections += 1
            heard = (_Postgresql if is_postgresql else _MySql)(told.statements)
            with socket.create_connection(place) as server:
                back = threading.Thread(target=_pump, args=(server, self.request, lambda _: None))
                back.start()
                _pump(self.request, server, heard)
                back.join()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Relay) as listening:
        through = target.set(host="127.0.0.1", port=listening.server_address[1])
        if is_postgresql:
            through = through.update_query_dict({"sslmode": "disable", "gssencmode": "disable"})
        told.url = through.render_as_string(hide_password=False)
        serving = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        try:
            yield told
        finally:
            listening.shutdown()
            serving.join()


def _pump(source: socket.socket, sink: socket.socket, heard: Callable[[bytes], None]) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            heard(data)
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


class _MySql:
    """Three bytes of length and a number stand before what a client sends."""

    def __init__(self, statements: list[str]) -> None:
        self.statements, self.kept = statements, b""

    def __call__(self, data: bytes) -> None:
        self.kept += data
        while len(self.kept) >= 4 and len(self.kept) >= (end := 4 + int.from_bytes(self.kept[:3], "little")):
            packet, self.kept = self.kept[:end], self.kept[end:]
            if packet[3:5] == b"\0\x03":  # the first packet of a COM_QUERY
                self.statements.append(packet[5:].decode(errors="replace"))


class _Postgresql:
    """A letter and four bytes of length stand before what a client sends, the letter not before its first message."""

    def __init__(self, statements: list[str]) -> None:
        self.statements, self.kept, self.letter = statements, b"", 0

    def __call__(self, data: bytes) -> None:
        self.kept += data
        while len(self.kept) >= self.letter + 4:
            end = self.letter + int.from_bytes(self.kept[self.letter : self.letter + 4], "big")
            if len(self.kept) < end:
                return
            message, self.kept = self.kept[:end], self.kept[end:]
            if message[: self.letter] == b"Q":
                self.statements.append(message[5:-1].decode(errors="replace"))
            elif message[: self.letter] == b"P":  # Parse: a name, then the statement
                self.statements.append(message[5:].split(b"\0")[1].decode(errors="replace"))
            self.letter = 1
