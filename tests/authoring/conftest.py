"""One environment and one worker for all tests of a file."""

from tests.kept import bare, kept, wb

__all__ = ["bare", "kept", "wb"]
