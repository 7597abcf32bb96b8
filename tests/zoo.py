"""A zoo of named histories: one of every shape that a person may meet.

Tests of the tree, of the text, of the widgets use the same animals, so that each sees every shape.
`HISTORIES` maps a name to the function that builds the animal; each call builds it afresh.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence

from workbench.results import Database, History, Revision, Status

HISTORIES: dict[str, Callable[[], History]] = {}

_FIRST_DAY = dt.datetime(2024, 3, 1, 9, 30)  # noqa: DTZ001 - Alembic writes create dates without a zone

HOSTILE_MESSAGES = (
    "<script>alert('owned')</script>",
    "\"double\" & 'single' <b>bold</b> &amp; </td></table>",
    "two\nlines\tand a tab\r\nand a third",
    "add \U0001f680 and \U0001f469\u200d\U0001f4bb for wide \u65e5\u672c\u8a9e readers",
    "right \u202egnp.txt\u202c to left \u2066isolate\u2069",
    "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd",
    "null \x00 bell \x07 escape \x1b[31mred\x1b[0m lone \ud800 surrogate \uffff",
    "javascript:alert(1)${alert(2)}{{7*7}}`rm -rf`",
    "x" * 300,
    "",
)


def revision(
    revision_id: str,
    message: str = "",
    *,
    down: Sequence[str] = (),
    depends_on: Sequence[str] = (),
    dependencies: Sequence[str] | None = None,
    branch_labels: Sequence[str] = (),
    fault: str | None = None,
    path: str | None = None,
    doc: str = "",
) -> Revision:
    """One revision as written in its file; `history` works out the rest."""
    return Revision(
        revision=revision_id,
        down_revisions=tuple(down),
        depends_on=tuple(depends_on),
        branch_labels=tuple(sorted(branch_labels)),
        message=message,
        path=path or f"migrations/versions/{revision_id}.py",
        create_date=None,
        is_head=False,
        is_base=False,
        is_merge_point=False,
        is_branch_point=False,
        state="unknown",
        fault=fault,
        dependencies=tuple(depends_on if dependencies is None else dependencies),
        labels=tuple(sorted(branch_labels)),
        doc=doc or message,
    )


def database(name: str, *heads: str, dialect: str = "sqlite", host: str = "") -> Database:
    """A database that stands at `heads`."""
    url = f"sqlite:///{name}.db" if dialect == "sqlite" else f"{dialect}://someone:***@{host}/{name}"
    version = {"sqlite": "3.45.1", "postgresql": "15.19"}.get(dialect, "11.4.2")
    return Database(name, url, dialect, version, tuple(sorted(heads)), host=host)


def history(
    *oldest_first: Revision,
    databases: Sequence[Database] = (),
    problem: str | None = None,
    remedy: str = "",
    rev_range: str | None = None,
) -> History:
    """A History of revisions written in the order of their birth, each parent before its children."""
    children = Counter(parent for each in oldest_first for parent in dict.fromkeys(each.down_revisions))
    have = {each.name: _ancestors(oldest_first, each.heads) for each in databases}
    dates = {each.path: _FIRST_DAY + dt.timedelta(days=day) for day, each in enumerate(oldest_first)}
    finished = tuple(
        _finished(each, children[each.revision], have, dates[each.path]) for each in reversed(oldest_first)
    )
    known = {each.revision for each in oldest_first}
    current = sorted({head for each in databases for head in each.heads})
    return History(
        revisions=finished,
        heads=tuple(sorted({each.revision for each in finished if each.is_head})),
        bases=tuple(sorted({each.revision for each in finished if each.is_base})),
        current=tuple(current),
        databases=tuple(databases),
        unknown=tuple(head for head in current if head not in known),
        problem=problem,
        remedy=remedy,
        rev_range=rev_range,
    )


def _finished(each: Revision, children: int, have: dict[str, set[str]], created: dt.datetime) -> Revision:
    lacking = tuple(sorted(name for name, ids in have.items() if each.revision not in ids))
    return Revision(
        **{
            **{name: getattr(each, name) for name in each.__dataclass_fields__},
            "create_date": created,
            "is_head": children == 0,
            "is_base": not each.down_revisions and each.fault is None,
            "is_merge_point": len(set(each.down_revisions)) > 1,
            "is_branch_point": children > 1,
            "state": "unknown" if not have else "pending" if lacking else "applied",
            "missing_in": lacking if len(lacking) < len(have) else (),
        }
    )


def _ancestors(revisions: Sequence[Revision], heads: Sequence[str]) -> set[str]:
    by_id = {each.revision: each for each in revisions}
    found: set[str] = set()
    todo = list(heads)
    while todo:
        each = by_id.get(todo.pop())
        if each is not None and each.revision not in found:
            found.add(each.revision)
            todo += [*each.down_revisions, *each.dependencies]
    return found


def _animal(build: Callable[[], History]) -> Callable[[], History]:
    HISTORIES[build.__name__] = build
    return build


@_animal
def empty() -> History:
    """No revision file at all, and a database that nothing was done to."""
    return history(databases=[database("bookshop")])


@_animal
def single() -> History:
    """One revision; the database is at base."""
    return history(revision("5d20b9c1", "create customers"), databases=[database("bookshop")])


@_animal
def linear() -> History:
    """Four in a row; the database stands at the second."""
    return history(*_chain("create customers", "index orders", "split name", "add vouchers"), databases=[_shop("a002")])


@_animal
def up_to_date() -> History:
    """Four in a row; the database stands at the head."""
    return history(*_chain("create customers", "index orders", "split name", "add vouchers"), databases=[_shop("a004")])


@_animal
def branch_and_merge() -> History:
    """The bookshop of the sketch: reporting and checkout part after 9f31c0aa, and merge again."""
    return history(*_bookshop(), databases=[_shop("9f31c0aa")])


@_animal
def two_heads() -> History:
    """Two people branched off the same revision; the database took one of the two."""
    return history(
        revision("1a2b3c4d", "create customers"),
        revision("2b3c4d5e", "add loyalty points", down=["1a2b3c4d"]),
        revision("3c4d5e6f", "add newsletter", down=["1a2b3c4d"]),
        databases=[_shop("2b3c4d5e")],
    )


@_animal
def labelled() -> History:
    """Two labelled branches, each with its own base; the database stands at one revision of each."""
    return history(
        revision("c0ffee01", "create orders", branch_labels=["checkout"]),
        revision("decaf001", "create daily sales", branch_labels=["reporting", "stats"]),
        revision("c0ffee02", "add vouchers", down=["c0ffee01"]),
        revision("decaf002", "add weekly sales", down=["decaf001"]),
        databases=[_shop("c0ffee02", "decaf001")],
    )


@_animal
def depends_on() -> History:
    """One branch needs a revision of another one, named by its label."""
    return history(
        revision("c0ffee01", "create orders", branch_labels=["checkout"]),
        revision("decaf001", "create daily sales", branch_labels=["reporting"]),
        revision("c0ffee02", "add vouchers", down=["c0ffee01"]),
        revision("decaf002", "report vouchers", down=["decaf001"], depends_on=["checkout"], dependencies=["c0ffee02"]),
        revision("c0ffee03", "let vouchers expire", down=["c0ffee02"]),
        databases=[_shop("decaf001")],
    )


@_animal
def merge_of_three() -> History:
    """Three branches merged by one revision; nothing is applied yet."""
    return history(
        revision("a0", "the root"),
        revision("b1", "left", down=["a0"]),
        revision("b2", "middle", down=["a0"]),
        revision("b3", "right", down=["a0"]),
        revision("c0", "merge all three", down=["b1", "b2", "b3"]),
        databases=[database("bookshop")],
    )


@_animal
def criss_cross() -> History:
    """Two branches merged twice, crosswise."""
    return history(
        revision("a0", "the root"),
        revision("b1", "left", down=["a0"]),
        revision("b2", "right", down=["a0"]),
        revision("c1", "merge left into right", down=["b1", "b2"]),
        revision("c2", "merge right into left", down=["b2", "b1"]),
        revision("d0", "merge both merges", down=["c1", "c2"]),
        databases=[_shop("b1")],
    )


@_animal
def broken_file() -> History:
    """One file in the middle cannot be parsed, though its identifiers could be made out."""
    return history(
        revision("1a2b3c4d", "create customers"),
        revision("3aa81b02", "", down=["1a2b3c4d"], fault="cannot be read: SyntaxError line 14"),
        revision("5d20b9c1", "index orders by customer", down=["3aa81b02"]),
        databases=[_shop("1a2b3c4d")],
    )


@_animal
def broken_and_nameless() -> History:
    """A file of which nothing could be made out: it goes by its file's name."""
    return history(
        revision("1a2b3c4d", "create customers"),
        revision("9e4c_half_written", "", fault="cannot be read: SyntaxError line 3"),
        databases=[_shop("1a2b3c4d")],
    )


@_animal
def missing_parent() -> History:
    """A revision follows one that no file has."""
    return history(
        revision("1a2b3c4d", "create customers"),
        revision("5d20b9c1", "index orders", down=["77777777"], fault="follows 77777777, which no file has"),
        databases=[_shop("1a2b3c4d")],
    )


@_animal
def cycle() -> History:
    """Two revisions follow each other."""
    fault = "is part of a cycle: a1 follows b2 follows a1"
    return history(
        revision("r0", "the root"),
        revision("a1", "egg", down=["b2"], fault=fault),
        revision("b2", "hen", down=["a1"], fault=fault),
        databases=[_shop("r0")],
    )


@_animal
def duplicate_id() -> History:
    """Two files claim the same id."""
    fault = "two files have the id 2b3c4d5e"
    return history(
        revision("1a2b3c4d", "create customers"),
        revision("2b3c4d5e", "add points", down=["1a2b3c4d"], fault=fault, path="migrations/versions/points.py"),
        revision("2b3c4d5e", "add letters", down=["1a2b3c4d"], fault=fault, path="migrations/versions/letters.py"),
        revision("3c4d5e6f", "add vouchers", down=["2b3c4d5e"]),
        databases=[_shop("1a2b3c4d")],
    )


@_animal
def unknown_database_revision() -> History:
    """The database is at a revision that no file has: someone changed the git branch."""
    return history(*_chain("create customers", "index orders"), databases=[_shop("deadbeef0123")])


@_animal
def database_away() -> History:
    """The database could not be asked."""
    return history(
        *_chain("create customers", "index orders"),
        problem="The database bookshop on localhost did not answer: connection refused.",
        remedy="Start it, or give another one by Workbench(url=…).",
    )


@_animal
def hostile() -> History:
    """Messages, labels, paths, ids, faults and databases that try to break out of every page."""
    ids = [f"bad{number}" for number in range(len(HOSTILE_MESSAGES))]
    chain = [
        revision(
            name,
            message,
            down=ids[number - 1 : number] if number else [],
            branch_labels=["<i>label</i>\u202e"] if number == 1 else [],
            path=f"versions/<img src=x onerror=alert({number})>\u202e{name}.py",
            fault='"><script>fault()</script>' if number == 2 else None,
        )
        for number, (name, message) in enumerate(zip(ids, HOSTILE_MESSAGES, strict=True))
    ]
    nasty = "<svg onload=alert(1)>\"'"
    return history(
        *chain,
        revision(nasty, "an id that is a tag", down=[ids[-1]]),
        databases=[database("<u>shop</u>", ids[4], "<b>gone</b>\u202e")],
    )


@_animal
def several_databases() -> History:
    """env.py configures three databases that stand at different places."""
    return history(
        *_chain("create customers", "index orders", "split name", "add vouchers"),
        databases=[_shop("a003"), database("audit", "a001"), database("archive")],
    )


@_animal
def in_a_range() -> History:
    """Only a part was asked for, and the database stands outside of it."""
    whole = history(
        *_chain("create customers", "index orders", "split name", "add vouchers"), databases=[_shop("a001")]
    )
    return History(
        revisions=whole.revisions[:2],
        heads=whole.heads,
        bases=whole.bases,
        current=whole.current,
        databases=whole.databases,
        rev_range="a002:head",
    )


@_animal
def thousand() -> History:
    """A thousand revisions with side branches; the database stands in the middle."""
    return many(1000)


def many(count: int) -> History:
    """`count` revisions: a main line from which every tenth revision starts a side branch that is merged again."""
    made: list[Revision] = []
    main, side = "", ""
    for number in range(count):
        name = f"{number * 2654435761 % 2**48:012x}"
        if number % 10 == 3:
            made.append(revision(name, f"side work {number}", down=[main]))
            side = name
        elif number % 10 == 8 and side:
            made.append(revision(name, f"merge side work, {number}", down=[main, side]))
            main, side = name, ""
        else:
            made.append(revision(name, f"change number {number}", down=[main] if main else []))
            main = name
    return history(*made, databases=[database("bookshop", *([made[count // 2].revision] if made else []))])


def _chain(*messages: str) -> list[Revision]:
    return [
        revision(f"a{number:03}", message, down=[f"a{number - 1:03}"] if number > 1 else [])
        for number, message in enumerate(messages, start=1)
    ]


def _shop(*heads: str) -> Database:
    return database("bookshop", *heads)


def _bookshop() -> list[Revision]:
    return [
        revision("1a2b3c4d", "create customers"),
        revision("5d20b9c1", "index orders by customer", down=["1a2b3c4d"]),
        revision("9f31c0aa", "split customer name", down=["5d20b9c1"]),
        revision("77b1e2d4", "daily sales view", down=["9f31c0aa"], branch_labels=["reporting"]),
        revision("06c2d8ef", "one-page checkout", down=["9f31c0aa"]),
        revision("a8820f13", "merge reporting and checkout", down=["06c2d8ef", "77b1e2d4"]),
        revision("c41d77e0", "add gift vouchers", down=["a8820f13"]),
    ]


def status_of(seen: History) -> Status:
    """The Status that a workbench would give together with that History."""
    return Status(
        heads=seen.current,
        pending=tuple(each.revision for each in reversed(seen.pending)),
        unknown=seen.unknown,
        is_current=not seen.pending and not seen.unknown,
        databases=seen.databases,
        messages=tuple((each.revision, each.message) for each in seen.revisions),
    )
