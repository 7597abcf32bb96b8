"""Matches a regular expression against many texts in a process of its own: some of them never come to an end."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable

from workbench.errors import UnsupportedRequest

SECONDS = 10.0
"""That it may take for all texts."""
_SEARCH = """
import json, re, sys, warnings
warnings.simplefilter("ignore")
pattern, texts = json.load(sys.stdin)
search = re.compile(pattern, re.IGNORECASE).search
json.dump([number for number, text in enumerate(texts) if search(text)], sys.stdout)
"""


def matching(pattern: str, texts: Iterable[str]) -> frozenset[str]:
    """Those of the texts in which the pattern is found, regardless of upper and lower case.

    Raises:
        UnsupportedRequest: It is no regular expression, or it takes too long.

    """
    try:
        re.compile(pattern, re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        raise UnsupportedRequest(
            f"{pattern!r} is no regular expression: {error}.", "Correct it, or leave regex=True out."
        ) from error
    every = tuple(dict.fromkeys(texts))
    try:
        # Nothing in this process could stop it: it holds the interpreter, so that the whole kernel would stand still.
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _SEARCH], input=json.dumps([pattern, every]), capture_output=True,
            encoding="ascii", timeout=SECONDS, check=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise UnsupportedRequest(
            f"Looking for {pattern!r} took longer than {SECONDS:.0f} s, and was stopped.",
            "Repetitions within repetitions, as in (a+)+, take for ever: make it simpler, or leave regex=True out.",
        ) from None
    except subprocess.CalledProcessError as error:
        last = error.stderr.strip().rpartition("\n")[2]
        raise UnsupportedRequest(
            f"{pattern!r} could not be looked for: {last}.", "Make it simpler, or leave regex=True out."
        ) from error
    return frozenset(every[number] for number in json.loads(done.stdout))
