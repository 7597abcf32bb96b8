"""The check that needs a rehearsal: whether the way back leads back."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.capabilities.practice import Look, practice
from workbench.results import Evidence, Finding, Rehearsal
from workbench.text import one_line, plural

_FIRST = 3


@practice("downgrade-does-not-undo")
def downgrade_does_not_undo(look: Look) -> Iterator[Finding]:
    """The downgrades of what is pending do not bring back what was there, or fail.

    **Why.** Whoever goes back because something is wrong has two things wrong then. It is rehearsed on a scratch
    database, there, back and there again, and only where that is asked for: `wb.check(rehearse=True)`.

    **Example.** The upgrade changes a type, and the downgrade forgets the default that went with it.

    **What to do.** Correct the downgrade. `wb.rehearse(wb.upgrade("heads"))` shows all of it.
    """
    done: Rehearsal = look.asks.rehearsal()
    if not done.ok and done.error is not None:
        failed = next((each for each in done.passes if not each.ok), None)
        way = "up" if failed is None or failed.direction == "upgrade" else "down"
        yield Finding(
            "downgrade-does-not-undo",
            "error",
            "fails",
            f"What is pending could not be run {way} on a scratch database: {one_line(done.error.message)}",
            'wb.rehearse(wb.upgrade("heads")) shows where.',
            object="pending",
        )
    for name in dict.fromkeys(each.database for each in done.lost):
        lost = [each for each in done.lost if each.database == name]
        some = ", ".join(f"{each.kind} {one_line(each.name)}" for each in lost[:_FIRST])
        yield Finding(
            "downgrade-does-not-undo",
            "warning",
            "loses-data",
            f"There and back, {plural(len(lost), 'thing')} did not come back as "
            f"{'it was' if len(lost) == 1 else 'they were'}: {some}{', …' if len(lost) > _FIRST else ''}.",
            'Correct the downgrade; wb.rehearse(wb.upgrade("heads")) shows all that was lost.',
            object="pending",
            evidence=Evidence("", len(lost), sample=tuple((it.kind, it.name, it.before, it.after) for it in lost)),
            database=name,
        )
