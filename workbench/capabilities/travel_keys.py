"""Keys of the travel cache: digests of all that the schema at a place of the history is made from."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.bridge import seals
from workbench.bridge.values import Baseline
from workbench.capabilities.travel_cache import SHAPE
from workbench.capabilities.travel_places import Heads, Scene
from workbench.environment.imports import Imports
from workbench.worker.client import Client


def keys(
    client: Client, folder: Path, scene: Scene, wanted: Sequence[Heads], baseline: Baseline | None
) -> dict[Heads, str]:
    """A digest of all that the schema at each place is made from: a changed file is another one above it only."""
    begins = _baseline(baseline, folder)
    if begins is None:
        return {}
    settings, versions = client.settings, client.versions
    env = sorted(each for each in client.env.items() if "://" not in each[1])
    files = [str(Path(scene.scripts.folder) / "env.py"), *filter(None, (settings.ini, settings.toml))]
    several = len(scene.databases) > 1
    databases = [
        (each.dialect, each.server.partition(".")[0], each.name if several else "") for each in scene.databases
    ]
    made = _digest(
        SHAPE, _reader(), versions.alembic, versions.sqlalchemy, settings.x, settings.context, settings.section,
        env, [seals.digest(each) for each in files], databases, begins,
    )  # fmt: skip
    nodes: dict[str, str] = {}
    imports = Imports((folder, folder / "src", Path(scene.scripts.folder).parent))
    for node in reversed(scene.graph.nodes):
        above = sorted(nodes.get(each, "") for each in scene.graph.parents[node.file.revision])
        files = [node.file.path, *map(str, imports.of(node.file.path))]
        nodes[node.file.revision] = _digest(made, node.file.revision, [seals.digest(each) for each in files], above)
    return {heads: _digest(made, sorted(nodes.get(each, each) for each in heads)) for heads in wanted}


def _digest(*parts: Any) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()


def _baseline(baseline: Baseline | None, folder: Path) -> str | None:
    """What a history begins at, by its content; None where that cannot be told."""
    if baseline is None:
        return ""
    if baseline.path:
        return seals.digest(baseline.path) or None
    if baseline.pickled is not None:
        return hashlib.sha256(baseline.pickled).hexdigest()
    module, _, name = baseline.spec.partition(":")
    file = folder / (module.replace(".", "/") + ".py")
    found = seals.digest(str(file))
    if not found:
        return None
    imports = Imports((folder, folder / "src")).of(str(file))
    return f"{name} {found} {[(each.name, seals.digest(str(each))) for each in imports]}"


@functools.lru_cache(maxsize=1)
def _reader() -> str:
    """A digest of the code that reads catalogues: what another version of it has read is read again."""
    from workbench.bridge import catalogue  # noqa: PLC0415 - only to know where it lies

    files = sorted(Path(str(catalogue.__file__)).parent.glob("*.py"))
    return _digest([(each.name, seals.digest(str(each))) for each in files])
