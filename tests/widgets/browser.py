"""A stand-in for the browser: it hears what a view says, and speaks as `view.js` does."""

from __future__ import annotations

from typing import Any

from comm.base_comm import BaseComm

from workbench.widgets.view import View


class Wire(BaseComm):
    """A connection that keeps what is sent."""

    sent: list[tuple[str, dict[str, Any]]]

    def publish_msg(
        self,
        msg_type: str,
        data: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,  # noqa: ARG002 - the signature is comm's
        buffers: list[bytes] | None = None,  # noqa: ARG002 - as above
        **keys: Any,  # noqa: ARG002 - as above
    ) -> None:
        """Keep a message instead of sending it."""
        self.__dict__.setdefault("sent", []).append((msg_type, data or {}))


class Browser:
    """Sends messages to a view and reads its answers."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.wire: Wire = view.comm
        self._count = 0

    def press(self, action: str, **data: object) -> dict[str, Any]:
        """Send an action and return its answer; there must be exactly one."""
        self._count += 1
        before = len(self.answers)
        content = {"id": f"m{self._count}", "action": action, **data}
        self.view._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
        (answer,) = self.answers[before:]
        return answer

    @property
    def answers(self) -> list[dict[str, Any]]:
        """Every answer so far."""
        return [data["content"] for _, data in self.wire.sent if data.get("method") == "custom"]

    def updates(self, trait: str) -> list[Any]:
        """Every value that the trait was given, in order."""
        states = [data["state"] for _, data in self.wire.sent if data.get("method") == "update"]
        return [state[trait] for state in states if trait in state]
