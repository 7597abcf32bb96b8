"""A scratch database on the live PostgreSQL server, and copies of it, which it can be put back to."""

# ruff: noqa: S608 - constants, our own names, and names from the catalogue, quoted

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from workbench.bridge.scratch import databases, places
from workbench.bridge.scratch.admin import Admin
from workbench.bridge.scratch.databases import Order, ScratchDatabase
from workbench.bridge.scratch.postgresql_objects import literal

COMMENT = "alembic-workbench: scratch"
_FORCES = 13  # the version that can drop a database which somebody is connected to
_LISTS = {"search_path", "temp_tablespaces", "session_preload_libraries", "local_preload_libraries"}
_PATIENCE = 2.0  # seconds that the server may take to end connections which were closed
_GLANCE = 0.005


def created(order: Order, admin: Admin) -> ScratchDatabase:
    """Make one beside the live database, empty."""
    order.progress("creating the scratch database", 0, 1)
    return _Created(order).make(admin)


def holder(name: str) -> str:
    """In SQL the `application_name` of who holds the database of this name, and is not connected to it."""
    return f"left({name}, {len(databases.new_name())})"


def keeping(keeper: Admin) -> Admin:
    """Keep the connection from being closed for doing nothing."""
    with contextlib.suppress(Exception):  # PostgreSQL ≥ 14
        keeper.run("SET idle_session_timeout = 0")
    return keeper


class _Created:
    """One scratch database with its copies. While nobody may be connected to it, a connection to the live one holds it.

    A copy is a `TEMPLATE` of it, so it costs the server a moment and no revision has to be run again.
    """

    def __init__(self, order: Order) -> None:
        self._order = order
        self._name = order.name
        self._made = ScratchDatabase(self._name, "postgresql", order.live, "replay", copies=self, _undo=self._drop)
        self._keeper: Admin | None = None
        self._aside: Admin | None = None
        """To the live database, from the first copy on."""
        self._copies: set[str] = set()

    def make(self, admin: Admin) -> ScratchDatabase:
        """Make it, through a connection to the live one."""
        try:
            admin.run("SET default_transaction_read_only = off")
            admin.run(f"CREATE DATABASE {self._name} TEMPLATE template0 {_locale(admin)}")
        except Exception as error:
            raise databases.denied(error, "the server") from error
        try:
            admin.run(f"COMMENT ON DATABASE {self._name} IS {literal(COMMENT)}")
            _settings("current_database()", self._name, admin)
            self._hold()
        except BaseException:
            self._drop()
            raise
        return self._made

    # -- see `databases.Copies` -----------------------------------------------------------------------------------

    def keep(self, number: int) -> bool:
        """See `Copies.keep`."""
        return self._alone(lambda admin: self._copy(self._name, self._copy_of(number), admin))

    def restore(self, number: int, *, last: bool) -> bool:
        """See `Copies.restore`."""
        copy = self._copy_of(number)

        def put_back(admin: Admin) -> None:
            admin.run(f"DROP DATABASE {self._name}")
            if last:
                admin.run(f"ALTER DATABASE {copy} RENAME TO {self._name}")
                self._copies.discard(copy)
            else:
                self._copy(copy, self._name, admin)

        return self._alone(put_back)

    def forget(self, number: int) -> None:
        """See `Copies.forget`."""
        copy = self._copy_of(number)
        if copy in self._copies and self._aside is not None:
            self._copies.discard(copy)
            self._aside.run(f"DROP DATABASE IF EXISTS {copy}")

    def _alone(self, work: Callable[[Admin], None]) -> bool:
        """Do it while nobody is connected to it; False if somebody else is, or the server refuses it."""
        if self._aside is None:
            order = self._order
            self._aside = keeping(Admin(order.dialect, order.arguments, order.keywords))
            self._aside.run("SET default_transaction_read_only = off")
            self._aside.run(f"SET application_name = {literal(self._name)}")
        if self._keeper is not None:
            self._keeper.close()
            self._keeper = None
        try:
            if not self._is_left(self._aside):  # env.py keeps a connection in a pool
                return False
            work(self._aside)
        except Exception:  # noqa: BLE001 - an error of any driver: it can be made without a copy, too
            return False
        else:
            return True
        finally:
            self._hold()

    def _is_left(self, admin: Admin) -> bool:
        until = time.monotonic() + _PATIENCE
        question = f"SELECT 1 FROM pg_stat_activity WHERE datname = '{self._name}' AND backend_type = 'client backend'"
        while admin.value(question):
            if time.monotonic() > until:
                return False
            time.sleep(_GLANCE)
        return True

    def _copy(self, source: str, copy: str, admin: Admin) -> None:
        if copy != self._name:
            self._copies.add(copy)
        admin.run(f"CREATE DATABASE {copy} TEMPLATE {source}")
        admin.run(f"COMMENT ON DATABASE {copy} IS {literal(COMMENT)}")
        _settings(literal(source), copy, admin)

    def _copy_of(self, number: int) -> str:
        return f"{self._name}_{number}"

    def _hold(self) -> None:
        order = self._order
        self._keeper = keeping(
            Admin(order.dialect, *places.led(order.dialect, order.arguments, order.keywords, self._name))
        )
        self._made.mark = self._keeper.which()

    def _drop(self) -> None:
        if self._keeper is not None:
            self._keeper.close()
        with contextlib.suppress(Exception):  # the server has gone: the next run sweeps
            other = Admin(self._order.dialect, self._order.arguments, self._order.keywords)
            try:
                other.run("SET default_transaction_read_only = off")
                force = " WITH (FORCE)" if int(other.value("SHOW server_version_num")) // 10000 >= _FORCES else ""
                for name in (self._name, *sorted(self._copies)):
                    other.run(f"DROP DATABASE IF EXISTS {name}{force}")
            finally:
                other.close()
        if self._aside is not None:
            self._aside.close()


def _locale(admin: Admin) -> str:
    (row,) = admin.run(
        "SELECT pg_encoding_to_char(encoding), datcollate, datctype, to_jsonb(d)->>'datlocprovider', "
        "coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale') "
        "FROM pg_database d WHERE datname = current_database()"
    )
    encoding, collate, ctype, provider, locale = row
    told = f"ENCODING {literal(encoding)} LC_COLLATE {literal(collate)} LC_CTYPE {literal(ctype)}"
    if provider in {"i", "b"} and locale:
        names = ("icu", "ICU_LOCALE") if provider == "i" else ("builtin", "BUILTIN_LOCALE")
        told += f" LOCALE_PROVIDER {names[0]} {names[1]} {literal(locale)}"
    return told


def _settings(source: str, name: str, admin: Admin) -> None:
    """What ALTER DATABASE … SET says of `source`, an expression: its search_path above all."""
    rows = admin.run(
        "SELECT unnest(s.setconfig), s.setrole <> 0 FROM pg_db_role_setting s JOIN pg_database d ON d.oid = "
        f"s.setdatabase WHERE d.datname = {source} AND (s.setrole = 0 OR s.setrole = "
        "(SELECT oid FROM pg_roles WHERE rolname = current_user))"
    )
    for setting, of_role in rows:
        key, _, value = str(setting).partition("=")
        whose = f"ROLE CURRENT_USER IN DATABASE {name}" if of_role else f"DATABASE {name}"
        with contextlib.suppress(Exception):  # a setting that this account may not make
            admin.run(f"ALTER {whose} SET {key} = {value if key in _LISTS else literal(value)}")
