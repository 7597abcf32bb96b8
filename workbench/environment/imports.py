"""Which of the project's own modules a revision file imports, by its text: nothing is run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]*(\([^)]*\)|[\w, \t]+)|import[ \t]+([\w., \t]+))", re.MULTILINE
)


class Imports:
    """The modules of one project, each file read once."""

    def __init__(self, roots: Iterable[Path]) -> None:
        """Look for modules in these folders, in order."""
        self._roots = [root for root in dict.fromkeys(roots) if root.is_dir()]
        self._names = {name for root in self._roots for name in _modules_in(root)}
        self._direct: dict[Path, frozenset[Path]] = {}

    def of(self, path: str) -> list[Path]:
        """The project's files that this one imports, and those that they import, in order.

        Names that are put together while the file runs are not seen, nor are relative imports: a revision has none.
        """
        found: set[Path] = set()
        waiting = [Path(path)]
        while waiting:
            new = self._imported(waiting.pop()) - found
            found |= new
            waiting += new
        return sorted(found)

    def _imported(self, path: Path) -> frozenset[Path]:
        known = self._direct.get(path)
        if known is None:
            try:
                text = path.read_text("utf-8", "replace")
            except OSError:
                text = ""
            names = {name for match in _IMPORT.finditer(text) for name in _named(*match.groups())}
            known = self._direct[path] = frozenset(
                file for name in names if name.partition(".")[0] in self._names for file in self._files(name)
            )
        return known

    def _files(self, name: str) -> Iterable[Path]:
        """The files of a module and of the packages that it lies in."""
        parts = name.split(".")
        for root in self._roots:
            for end in range(1, len(parts) + 1):
                place = root.joinpath(*parts[:end])
                for file in (place.with_suffix(".py"), place / "__init__.py"):
                    if file.is_file():
                        yield file


def _named(source: str | None, things: str | None, names: str | None) -> Iterable[str]:
    if source:
        yield source
        yield from (f"{source}.{each.split()[0]}" for each in (things or "").strip("()").split(",") if each.strip())
    yield from (each.split()[0] for each in (names or "").split(",") if each.strip())


def _modules_in(root: Path) -> Iterable[str]:
    for each in root.iterdir():
        if each.suffix == ".py":
            yield each.stem
        elif each.is_dir() and not each.name.startswith("."):
            yield each.name
