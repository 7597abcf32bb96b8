"""Scratch databases on PostgreSQL: made beside the live one, or the one that `scratch_url` names."""

# ruff: noqa: S608, ISC004 - constants, and names from the catalogue, quoted

from __future__ import annotations

import contextlib
from typing import Any

from workbench.bridge import privileges
from workbench.bridge.scratch import databases, places, postgresql_dump, postgresql_rebuild
from workbench.bridge.scratch.admin import Admin
from workbench.bridge.scratch.databases import MARKER, Order, ScratchDatabase
from workbench.bridge.scratch.postgresql_created import COMMENT, created, holder, keeping
from workbench.bridge.scratch.postgresql_objects import literal, name_of
from workbench.errors import ScratchRefused

_LOCK = 0x776F726B62656E63  # "workbenc": whoever has it in a database uses that as its scratch database
_OURS = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'workbench_scratch')"


def size_of(connection: Any) -> tuple[int, int]:
    """Bytes of the database, and rows as the statistics have them."""
    size = connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar()
    rows = connection.exec_driver_sql(
        "SELECT coalesce(sum(greatest(c.reltuples, s.n_live_tup, 0)), 0)::bigint FROM pg_stat_user_tables s "
        "JOIN pg_class c ON c.oid = s.relid"
    ).scalar()
    return int(size or 0), int(rows or 0)


def make(order: Order) -> ScratchDatabase:
    """See `scratch.make`."""
    with contextlib.ExitStack() as stack:
        admin = Admin(order.dialect, order.arguments, order.keywords)
        stack.callback(admin.close)
        made = _in_url(order, admin) if order.url is not None else created(order, admin)
        with contextlib.ExitStack() as failed:
            failed.callback(made.drop)
            if order.copies:
                _fill(made, order)
            failed.pop_all()
        return made


def sweep(dialect: Any, arguments: list[Any], keywords: dict[str, Any]) -> list[str]:
    """Drop scratch databases that nobody is connected to; returns their names."""
    dropped = []
    admin = Admin(dialect, arguments, keywords)
    try:
        left = admin.run(
            "SELECT d.datname FROM pg_database d WHERE d.datname LIKE 'workbench\\_scratch\\_%' "
            f"AND shobj_description(d.oid, 'pg_database') = {literal(COMMENT)} "
            "AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a "
            f"WHERE a.datid = d.oid OR a.application_name = {holder('d.datname')}) ORDER BY 1"
        )
        for (name,) in left:
            if databases.is_ours(str(name)) and not databases.is_fresh(str(name)):
                with contextlib.suppress(Exception):  # somebody else's, or somebody has just connected
                    admin.run(f"DROP DATABASE {name}")
                    dropped.append(str(name))
    finally:
        admin.close()
    return dropped


# -- the database that scratch_url names ------------------------------------------------------------------------------


def _in_url(order: Order, admin: Admin) -> ScratchDatabase:
    name = str(order.url.database or "")
    keeper = keeping(Admin(order.dialect, *places.led(order.dialect, order.arguments, order.keywords, name, order.url)))
    try:
        mark = keeper.which()
        server = admin.which()[2]
        if mark == admin.which():
            raise ScratchRefused(  # noqa: TRY301 - the keeper is closed below
                "scratch_url= names the live database itself.", "Name another database, which is empty."
            )
        if not keeper.value(f"SELECT pg_try_advisory_lock({_LOCK})"):
            raise ScratchRefused(  # noqa: TRY301 - the keeper is closed below
                f"{mark[0]}, which scratch_url= names, is in use by another rehearsal.",
                "Wait for it, or name another database.",
            )
        if keeper.value(_ANYTHING):
            if keeper.value(f"SELECT 1 FROM pg_namespace WHERE nspname = '{MARKER}'"):
                name = name_of(mark[0])
                raise databases.cut_off(mark[0], f"DROP DATABASE {name} and CREATE DATABASE {name}")  # noqa: TRY301
            raise ScratchRefused(  # noqa: TRY301 - the keeper is closed below
                f"{mark[0]}, which scratch_url= names, is not empty.",
                "Name an empty database: everything in it goes at the end of a rehearsal.",
            )
        with contextlib.suppress(Exception):  # without CREATE on the database a crash is not recognised
            keeper.run(f"CREATE SCHEMA {MARKER}")
        extensions = {row[0] for row in keeper.run("SELECT extname FROM pg_extension")}
    except BaseException:
        keeper.close()
        raise

    def undo() -> None:
        with contextlib.suppress(Exception):
            # Connections that env.py has left open would hold locks.
            keeper.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND usename = current_user"
            )
            for (each,) in keeper.run("SELECT extname FROM pg_extension"):
                if each not in extensions:
                    with contextlib.suppress(Exception):
                        keeper.run(f"DROP EXTENSION {name_of(each)} CASCADE")
            _empty(keeper)
        keeper.close()

    made = ScratchDatabase(mark[0], "postgresql", order.live, "replay", mark=mark, url=order.url, _undo=undo)
    made.shares_server = mark[2] == server
    return made


_OWN = "NOT EXISTS (SELECT 1 FROM pg_depend x WHERE x.objid = {0}.oid AND x.deptype = 'e')"
_ANYTHING = (
    f"SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_OURS} AND {_OWN.format('c')} "
    f"UNION ALL SELECT 1 FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {_OURS} "
    f"AND {_OWN.format('p')} "
    f"UNION ALL SELECT 1 FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE {_OURS} "
    f"AND t.typtype IN ('e', 'd', 'r') AND {_OWN.format('t')} LIMIT 1"
)
_PARTS = (
    # In this order, each of them CASCADE.
    "SELECT format('%s %I.%I', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN "
    "'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END, n.nspname, c.relname) "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN "
    f"('r', 'p', 'v', 'm', 'S', 'f', 'c') AND {_OWN.format('c')} ORDER BY c.relkind <> 'r', c.relkind <> 'p'",
    "SELECT format('ROUTINE %I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) "
    f"FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public' AND {_OWN.format('p')}",
    "SELECT format('%s %I.%I', CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, n.nspname, t.typname) "
    "FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = 'public' AND t.typtype IN "
    f"('e', 'd', 'r') AND {_OWN.format('t')}",
)


def _empty(admin: Admin) -> None:
    """Take everything out that is not an extension's; the marker last, so that what is left is known for ours."""
    others = admin.run(
        f"SELECT n.nspname FROM pg_namespace n WHERE {_OURS} AND n.nspname <> 'public' AND {_OWN.format('n')}"
    )
    for (name,) in others:
        admin.run(f"DROP SCHEMA {name_of(name)} CASCADE")
    for query in _PARTS:
        for (what,) in admin.run(query):
            with contextlib.suppress(Exception):  # gone with another one
                admin.run(f"DROP {what} CASCADE")
    if not admin.value(_ANYTHING):
        admin.run(f"DROP SCHEMA IF EXISTS {MARKER} CASCADE")


# -- filling ----------------------------------------------------------------------------------------------------------


def _fill(made: ScratchDatabase, order: Order) -> None:
    to = places.led(order.dialect, order.arguments, order.keywords, made.name, made.url)
    with contextlib.ExitStack() as stack:
        source = Admin(order.dialect, order.arguments, order.keywords)
        stack.callback(source.close)
        # One state of the live database for all that is read, and nothing can be written.
        source.run("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        if order.data == "full":
            made.size = int(source.value("SELECT pg_database_size(current_database())") or 0)
        source.run("SELECT pg_catalog.set_config('search_path', '', false)")
        target = Admin(order.dialect, *to)
        stack.callback(target.close)
        target.run("SET default_transaction_read_only = off")
        target.run("SELECT pg_catalog.set_config('search_path', '', false)")
        target.run("SET check_function_bodies = off")
        programs = postgresql_dump.programs(int(source.value("SHOW server_version_num")))
        way = None
        if programs is not None:
            way = postgresql_dump.way(programs, order, to)
        if way is not None and not way.fill(made, source, target):
            _empty_again(target)  # pg_dump did not get through; the catalogue may
            way = None
        if way is None:
            postgresql_rebuild.fill(made, order, source, target)
        _refresh(source, target)
        made.notes += privileges.not_copied(source.run(privileges.ON_TABLES))
        made.notes += _outside(target)


def _empty_again(target: Admin) -> None:
    had = target.value(f"SELECT 1 FROM pg_namespace WHERE nspname = '{MARKER}'")
    _empty(target)
    if had:
        target.run(f"CREATE SCHEMA IF NOT EXISTS {MARKER}")


def _refresh(source: Admin, target: Admin) -> None:
    """Fill the materialized views that are filled in the live database, as pg_dump does only with the rows."""
    query = "SELECT schemaname::text, matviewname::text FROM pg_catalog.pg_matviews WHERE {0}ispopulated"
    filled = set(source.run(query.format("")))
    left = [each for each in target.run(query.format("NOT ")) if each in filled]
    for schema, name in [each for _ in left for each in left]:  # one may need another
        with contextlib.suppress(Exception):  # it says so itself when it is read
            target.run(f"REFRESH MATERIALIZED VIEW {name_of(schema)}.{name_of(name)}")


def _outside(target: Admin) -> tuple[str, ...]:
    """Take away what leads out of the scratch database: a migration could write through it."""
    notes = []
    for (name,) in target.run("SELECT srvname FROM pg_foreign_server"):
        with contextlib.suppress(Exception):
            target.run(f"DROP SERVER {name_of(name)} CASCADE")
        notes.append(f"the foreign server {name} and its tables were left out: they lead out of the scratch database")
    return tuple(notes)
