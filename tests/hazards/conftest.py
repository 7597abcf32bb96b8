"""The environment and the worker that the tests of a file share."""

from __future__ import annotations

from tests.kept import bare, kept, wb  # noqa: F401 - fixtures for all tests here
