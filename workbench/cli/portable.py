"""`workbench portable`: makes saved notebooks fit for git, GitHub and nbval."""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from workbench.cli.console import complain, say
from workbench.cli.notebooks import problems, read, strip, written
from workbench.errors import UnsupportedRequest, WorkbenchError
from workbench.text import plural


def run(options: argparse.Namespace) -> int:
    """Strip each notebook, unless only a check is asked for, and tell what is wrong with it.

    Raises:
        WorkbenchError: There is no such notebook, or it cannot be read or written.

    """
    paths = list(_notebooks(options.paths))
    found: list[str] = []
    for path in paths:
        before = read(path)
        after = strip(before)
        if after != before:
            if options.check:
                found.append(f"{path}: has the state of widgets, or times; `workbench portable` takes them out")
            else:
                _replace(path, written(after))
                say(f"{path}: rewritten")
        # With --check, what would be taken out does not count.
        size = len(written(after).encode()) if options.check and after != before else path.stat().st_size
        found += [f"{path}: {each}" for each in problems(after, size, path)]
    for line in found:
        complain(line)
    if not found:
        say(f"{plural(len(paths), 'notebook is', 'notebooks are')} fit to be committed.")
    return 1 if found else 0


def _notebooks(paths: Sequence[str]) -> Iterator[Path]:
    for name in paths:
        path = Path(name)
        if path.is_dir():
            inside = sorted(each for each in path.rglob("*.ipynb") if ".ipynb_checkpoints" not in each.parts)
            if not inside:
                raise UnsupportedRequest(
                    f"There is no notebook in {name}.", "Name a notebook, or a folder that has some."
                )
            yield from inside
        elif path.is_file():
            yield path
        else:
            raise UnsupportedRequest(f"There is no file {name}.", "Name a notebook, or a folder that has some.")


def _replace(path: Path, text: str) -> None:
    """Put the text in the file's place in one move, so that there is never half a notebook."""
    target = path.resolve()  # the file behind a symbolic link, not the link
    try:
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            shutil.copymode(target, name)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise WorkbenchError(f"{path} cannot be written: {error.strerror}.", "Make it writable.") from error
