"""Whether the order of branches matters: both are run on scratch databases, and what comes of them is compared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import get_args

from workbench.bridge.values import Baseline
from workbench.capabilities import merging, protection
from workbench.environment.graph import Graph
from workbench.errors import Cancelled, UnsupportedRequest, WorkbenchError
from workbench.results import Database, Event
from workbench.results.merges import Branch, Heads, Order
from workbench.results.rehearsals import Data, Filled
from workbench.text import one_line
from workbench.worker.answers import Tried
from workbench.worker.client import Client


def check_data(data: str) -> None:
    """Refuse what is no amount of rows.

    Raises:
        UnsupportedRequest: It is none.

    """
    if data not in get_args(Data):
        told = " or ".join(map(repr, get_args(Data)))
        raise UnsupportedRequest(f"There is no data={data!r}.", f"It is {told}.")


def tried(
    client: Client,
    graph: Graph,
    branches: tuple[Branch, ...],
    databases: tuple[Database, ...],
    folder: Path,
    *,
    data: Data,
    baseline: Baseline | None,
    on_event: Callable[[Event], None] | None,
) -> Order:
    """Run the branches one after the other, and in the reverse order; of two branches these are all orders.

    On a copy of the live database where that has nothing yet of any of them, else on an empty one that the revisions
    bring to where they part. With three branches and more each pair still stands in both orders.

    Raises:
        Cancelled: It was cancelled.

    """
    heads = tuple(each.head for each in branches)
    moving = tuple(each for each in heads if merging.own(graph, heads, each))
    if len(moving) < 2:  # noqa: PLR2004 - what depends on another one always follows it
        told = ", ".join(each.name for each in branches if each.head not in moving)
        last = ", ".join(each.name for each in branches if each.head in moving)
        return Order("fixed", f"{last} depends on {told}, so {told} always runs first.")
    orders = moving, moving[::-1]
    filled: Filled = "copy" if baseline is None and _are_below(graph, heads, databases) else "replay"
    try:
        protection.check_scratch(databases, folder, client.settings.scratch_url)
        answer: Tried = client.call(
            "try_orders", on_event=on_event, graceful=True, begin=merging.parted(graph, heads), orders=orders,
            data=data, filled=filled, baseline=baseline, scratch_url=client.settings.scratch_url,
        )  # fmt: skip
    except Cancelled:
        raise
    except WorkbenchError as error:
        return Order("not tried", f"{one_line(error.message)} {one_line(error.remedy)}".rstrip())
    verdict = "fails" if answer.failures else "differs" if answer.differences or answer.rows else "same"
    return Order(
        verdict,  # type: ignore[arg-type] # one of these
        orders=orders,
        filled=filled,
        data=data,
        rows_copied=sum(each.rows for each in answer.scratch),
        differences=answer.differences,
        rows=answer.rows,
        failures=answer.failures,
        restless=answer.restless,
        notes=answer.notes,
    )


def _are_below(graph: Graph, heads: Heads, databases: tuple[Database, ...]) -> bool:
    """Whether no database has anything of a branch, so that a copy of it can still go either way."""
    shared = merging.common(graph, heads)
    return all(
        all(head in graph.parents for head in each.heads) and graph.ancestors(each.heads) <= shared
        for each in databases
    )
