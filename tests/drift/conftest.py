"""A cache folder of the test's own, so that what other processes have kept is out of reach."""

from __future__ import annotations

from tests.travel.conftest import cache  # noqa: F401 - a fixture for all tests here
