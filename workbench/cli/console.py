"""What the command says to people."""

from __future__ import annotations

import sys

from workbench.text import redact


def say(text: str) -> None:
    """Write a line to the standard output, without any password."""
    sys.stdout.write(redact(text) + "\n")
    sys.stdout.flush()  # JupyterLab takes this process over, and with it whatever is not yet written


def complain(text: str) -> None:
    """Write a line to the standard error, without any password."""
    sys.stderr.write(redact(text) + "\n")
