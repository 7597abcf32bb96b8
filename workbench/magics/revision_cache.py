"""The revisions that Tab offers, kept so that it need not wait for them each time."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from workbench.text import shorten

if TYPE_CHECKING:
    from workbench import Workbench
    from workbench.results import History

_MESSAGE = 60  # as wide as JupyterLab's box has room for
_PATIENCE = 0.8  # seconds that a Tab may take; what comes later is there at the next one


@dataclass(frozen=True)
class _Known:
    offers: tuple[tuple[str, str], ...]
    folders: tuple[Path, ...]
    stamps: tuple[int, ...]


class RevisionCache:
    """The revisions of each Workbench, read again when a file has come or gone."""

    def __init__(self) -> None:
        # Plain strings and not the History, which keeps hold of its Workbench.
        self._known: WeakKeyDictionary[Workbench, _Known] = WeakKeyDictionary()
        self._readers: WeakKeyDictionary[Workbench, threading.Thread] = WeakKeyDictionary()

    def revisions(self, wb: Workbench) -> tuple[tuple[str, str], ...]:
        """Return pairs of (id or label@head, message), newest first; what was known before if it takes too long."""
        known = self._known.get(wb)
        if known is None or not known.folders or known.stamps != _stamps(known.folders):
            reader = self._readers.get(wb)
            if reader is None or not reader.is_alive():
                reader = threading.Thread(target=self._read, args=(wb,), name="workbench-completion", daemon=True)
                self._readers[wb] = reader
                reader.start()
            reader.join(_PATIENCE)
            known = self._known.get(wb)
        return known.offers if known is not None else ()

    def _read(self, wb: Workbench) -> None:
        try:
            history = wb.history()
        except Exception:  # noqa: BLE001 - Tab is no place to hear of it: the command itself will tell
            return
        folders = tuple(sorted({(wb.folder / each.path).parent for each in history.revisions}))
        self._known[wb] = _Known(tuple(_offers(history)), folders, _stamps(folders))


def _offers(history: History) -> list[tuple[str, str]]:
    revisions = [(each.revision, shorten(each.message, _MESSAGE) or "revision") for each in history.revisions]
    labels = sorted({label for each in history.revisions for label in each.branch_labels})
    return [*revisions, *((f"{label}@head", "branch") for label in labels)]


def _stamps(folders: tuple[Path, ...]) -> tuple[int, ...]:
    """When something last came into each folder or went from it; 0 for a folder that is gone."""
    return tuple(folder.stat().st_mtime_ns if folder.is_dir() else 0 for folder in folders)
