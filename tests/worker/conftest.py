"""What the tests of the worker share."""

import pytest


@pytest.fixture(autouse=True)
def as_in_a_kernel(really_started: None) -> None:
    """Start each worker as a kernel does: its start and its end are what is tried here."""
