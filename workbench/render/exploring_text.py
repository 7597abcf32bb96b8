"""A Blame, what was Found, and an Identification as text."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.render import words
from workbench.results.definitions import Delta, dotted
from workbench.results.exploring import SIDES, Blame, Candidate, Found, Hit, Identification, Lost, Touch
from workbench.text import aligned, one_line, plural, short_id, shorten

TOUCHES_SHOWN = 200
HITS_SHOWN = 200
CANDIDATES_SHOWN = 10
DELTAS_SHOWN = 12
"""Of one Candidate; and of the others, only how many. `.df` and `.candidates` have all."""
WIDE = 90
"""Of a definition on a line; the page shows all of it."""

# --- blame ---


def blame_text(blame: Blame) -> str:
    """Who made it, then each revision that touched it, oldest first."""
    rows = [
        (
            one_line(short_id(each.revision)),
            did(each),
            shorten(sides(each.delta), WIDE),
            one_line(each.message),
            state(each),
        )
        for each in blame.touches[:TOUCHES_SHOWN]
    ]
    lines = [f"  {line}" for line in aligned(rows).split("\n") if line]
    if len(blame.touches) > TOUCHES_SHOWN:
        lines.append(f"  … {plural(len(blame.touches) - TOUCHES_SHOWN, 'more change')} not shown")
    lines += [f"● {one_line(each)}" for each in blame.notes]
    return "\n".join([blame_title(blame), *lines])


def blame_title(blame: Blame) -> str:
    """`orders.total: made by 0de45b1a, changed by 2 revisions since`."""
    name = one_line(f"{blame.table}.{dotted(blame.column)}" if blame.column else blame.table)
    if not blame.touches:
        return f"{name}: no revision makes it."
    makers = [each for each in blame.touches if each.did == "made"]
    since = {each.revision for each in blame.touches} - {each.revision for each in makers[:1]}
    made = f"made by {one_line(short_id(makers[0].revision))}" if makers else "no revision makes it"
    return f"{name}: {made}, touched by {plural(len(since), 'revision')} {'since' if makers else 'all the same'}."


def touch_text(touch: Touch) -> str:
    """One on a line."""
    told = (one_line(short_id(touch.revision)), did(touch), one_line(sides(touch.delta)), state(touch))
    return "  ".join(each for each in told if each)


def did(touch: Touch) -> str:
    """`made column orders.total`, `+ index ix_orders_total`."""
    delta = touch.delta
    if touch.did == "changed":
        return f"{delta.sign} {delta.kind} {one_line(delta.shown)}"
    return f"{touch.did} {delta.kind} {one_line(delta.shown)}"


def state(touch: Touch) -> str:
    """Only what is not applied is told."""
    return "" if touch.state == "applied" else touch.state


def sides(delta: Delta) -> str:
    """Its definition, or both."""
    return " → ".join(one_line(each) for each in (delta.before, delta.after) if each)


# --- find ---


def found_text(found: Found) -> str:
    """How much was found, then each place on a line."""
    parts = [found_title(found)]
    parts += [f"⚠ {one_line(each)}" for each in found.notes]
    for _, hits in sections(found):
        rows = [(each.kind, one_line(hit_name(each, found)), hit_told(each, WIDE)) for each in hits]
        parts.append("\n".join(f"  {line}" for line in aligned(rows).split("\n")))
    if len(found.hits) > HITS_SHOWN:
        parts.append(f"… {plural(len(found.hits) - HITS_SHOWN, 'more hit')} not shown")
    return "\n\n".join(parts)


def found_title(found: Found) -> str:
    """`'email' is found in 3 places of the schema and in 2 revisions`."""
    inside = sum(not each.where for each in found.hits)
    revisions = len({each.name for each in found.hits if each.where})
    if not found.hits:
        return f"{shorten(repr(found.text), WIDE)} is found nowhere."
    told = (plural(inside, "place") + " of the live schema", plural(revisions, "revision"))
    return f"{shorten(repr(found.text), WIDE)} is found in {told[0]} and in {told[1]}."


def sections(found: Found) -> Iterator[tuple[str, tuple[Hit, ...]]]:
    """What is live, and the revisions."""
    shown = found.hits[:HITS_SHOWN]
    for title, hits in (
        ("Live schema", tuple(each for each in shown if not each.where)),
        ("Revisions", tuple(each for each in shown if each.where)),
    ):
        if hits:
            yield title, hits


def hit_name(hit: Hit, found: Found) -> str:
    """Its name; of several databases also which. Of a line of code the file and the line."""
    if hit.where:
        return short_id(hit.name) if hit.kind == "revision" else hit.where
    several = len({each.database for each in found.hits if not each.where}) > 1
    return f"{hit.database}: {hit.name}" if several else hit.name


def hit_told(hit: Hit, width: int) -> str:
    """The line, and of a revision its file."""
    told = shorten(hit.text, width)
    return f"{told}  {one_line(hit.where)}".strip() if hit.kind == "revision" else told


def hit_text(hit: Hit) -> str:
    """One on a line."""
    told = (hit.kind, one_line(hit.name), one_line(hit.text), one_line(hit.where))
    return "  ".join(each for each in told if each)


# --- identify ---


def identification_text(found: Identification) -> str:
    """Which revision it is, the differences of the nearest, and the next ones."""
    parts = [identification_title(found)]
    parts += [f"⚠ {one_line(each)}" for each in found.notes]
    parts += [lost_text(each) for each in found.lost]
    if found.candidates and not found.exact:
        parts.append("\n".join(_deltas(found.candidates[0])))
    if len(found.candidates) > 1:
        rows = [(one_line(name), one_line(message), told) for name, message, told in ranks(found)]
        parts.append("\n".join(f"  {line}" for line in aligned(rows).split("\n")))
    if len(found.candidates) > CANDIDATES_SHOWN:
        parts.append(f"… {plural(len(found.candidates) - CANDIDATES_SHOWN, 'more revision')} not shown")
    advice = identification_advice(found)
    return "\n\n".join([*parts, *([f"What to do: {advice}"] if advice else [])])


def identification_title(found: Identification) -> str:
    """`bookshop (sqlite …) has exactly the schema of ab12 Add x. Its version table says base`."""
    place, says = one_line(found.database.place), f"Its version table says {words.heads(found.database.heads)}."
    if not found.candidates:
        return f"{place} could be compared with no revision. {says}"
    nearest = found.candidates[0]
    name = f"{candidate_name(nearest)} {one_line(nearest.message)}".strip()
    if nearest.is_exact:
        more = len(found.exact) - 1
        told = f" (and of {plural(more, 'revision')} before it: what lies between changes no schema)"
        return f"{place} has exactly the schema of {name}{told if more else ''}. {says}"
    return f"{place} has the schema of no revision. The nearest is {name}: {amount(nearest)}. {says}"


def identification_advice(found: Identification) -> str:
    """The stamp, where one would say the truth and is not there yet."""
    known = [each.split(", ") for each in found.exact]
    if not known or any(sorted(each) == list(found.database.heads or ("base",)) for each in known):
        return ""
    target = "heads" if len(known[0]) > 1 else known[0][0]
    purge = ", purge=True" if found.lost else ""
    return f'If the rows are those of it as well: wb.stamp("{one_line(target)}"{purge}).apply().'


def ranks(found: Identification) -> Iterator[tuple[str, str, str]]:
    """The nearest ones: id, message, how many differences."""
    for each in found.candidates[:CANDIDATES_SHOWN]:
        yield candidate_name(each), each.message, amount(each)


def candidate_name(candidate: Candidate) -> str:
    """Its short id, or several."""
    return words.heads(candidate.revision.split(", "))


def amount(candidate: Candidate) -> str:
    """`exactly` or `3 differences`."""
    return "exactly" if candidate.is_exact else plural(len(candidate.deltas), "difference")


def candidate_text(candidate: Candidate) -> str:
    """The revision and what differs from it."""
    title = f"{candidate_name(candidate)} {one_line(candidate.message)}".strip()
    return "\n".join([f"{title}: {amount(candidate)}", *_deltas(candidate)])


def lost_text(lost: Lost) -> str:
    """That no file has it, where git knows one, and what to do."""
    lines = [lost_title(lost)]
    lines += [f"  {one_line(name)}  {commit[:12]}  {one_line(path)}" for name, commit, path in lost.places]
    return "\n".join([*lines, f"  {one_line(lost.advice)}"])


def lost_title(lost: Lost) -> str:
    """`No revision file has ab12, which the version table names.`, and whether git knows one."""
    told = " Git knows one:" if lost.places else ""
    return f"No revision file has {one_line(short_id(lost.revision))!r}, which the version table names.{told}"


def _deltas(candidate: Candidate) -> list[str]:
    rows = [
        (SIDES[each.sign], each.kind, one_line(each.shown), shorten(sides(each), WIDE))
        for each in candidate.deltas[:DELTAS_SHOWN]
    ]
    lines = [f"  {line}" for line in aligned(rows).split("\n") if line]
    rest = len(candidate.deltas) - DELTAS_SHOWN
    return [*lines, f"  … {plural(rest, 'more difference')} not shown"] if rest > 0 else lines
