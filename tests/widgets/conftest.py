from __future__ import annotations

import comm
import pytest

from tests.widgets.browser import Wire


@pytest.fixture(autouse=True)
def _wire(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every widget speak over a wire that keeps what is said."""
    monkeypatch.setattr(comm, "create_comm", Wire)
