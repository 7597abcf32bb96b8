"""The entity-relationship picture in a real Chromium: from running the cell to its first paint."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench import chromium
from tests.bench.measure import Spread


def picture(count: int, repeat: int) -> Iterator[tuple[str, str]]:
    """Measure a schema of `count` tables; yields what was measured and what came out, in words."""
    with chromium.opened() as lab:
        if lab is None:
            yield "picture in Chromium", "not measured: no Chromium or Chrome is installed"
            return
        setup = (
            "from tests.widgets.fake_schemas import FakeWorkbench",
            "from workbench.widgets.schema import SchemaView",
            f"schema = FakeWorkbench.large({count})",
        )
        page = chromium.notebook(lab, setup, ["SchemaView(schema)"], ".wbs-card")
        paints = [chromium.paint(page, 1, ".wbs-stage", ".wbs-card") for _ in range(repeat)]
        what = f"picture of {count:,} tables: cell run to first paint, with its layout"
        yield what, f"{Spread(tuple(paints)).words(0)} ms"
