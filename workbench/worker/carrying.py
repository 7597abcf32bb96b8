"""A Client that lets revisions which are not written yet count as others do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from workbench.worker.client import Client


class Carrying:
    """The same worker, asked with drafted files, each after what it follows."""

    def __init__(self, client: Client, *drafted: str) -> None:
        self._client = client
        self._drafted = drafted

    def call(self, task: str, **arguments: Any) -> Any:
        """As `Client.call`."""
        with self._client.operation():  # nobody else's question comes in between
            theirs = self._client.settings
            self._client.settings = replace(theirs, drafted=self._drafted)
            try:
                return self._client.call(task, **arguments)
            finally:
                self._client.settings = theirs

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)
