"""Copies a PostgreSQL database by its own programs: pg_dump into psql."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from dataclasses import dataclass
from typing import IO, Any, cast

from workbench.bridge.scratch import places, postgresql_objects
from workbench.bridge.scratch.admin import Admin
from workbench.bridge.scratch.databases import Order, ScratchDatabase
from workbench.text import redact

_VARIABLES = {
    "host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "dbname": "PGDATABASE", "database": "PGDATABASE",
    "user": "PGUSER", "password": "PGPASSWORD", "passfile": "PGPASSFILE", "service": "PGSERVICE",
    "sslmode": "PGSSLMODE", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "sslrootcert": "PGSSLROOTCERT",
    "sslcrl": "PGSSLCRL", "sslpassword": "", "requirepeer": "PGREQUIREPEER", "krbsrvname": "PGKRBSRVNAME",
    "gssencmode": "PGGSSENCMODE", "channel_binding": "PGCHANNELBINDING", "connect_timeout": "PGCONNECT_TIMEOUT",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}  # fmt: skip
_THEIR_OWN = {"ssl", "ssl_context", "direct_tls", "unix_sock", "sock"}
"""What asyncpg and pg8000 are told of a connection, and libpq cannot be."""
_PLACES = "/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"
_OPTIONS = (
    "--no-owner", "--no-privileges", "--no-tablespaces", "--no-publications", "--no-subscriptions",
    "--no-security-labels", "--lock-wait-timeout=10000", "--no-password",
)  # fmt: skip
_MOST = 20  # notes; what failed first is what counts


def programs(version: int) -> tuple[str, str] | None:
    """pg_dump and the psql beside it, not older than the server; None if there are none."""
    found = []
    candidates = [os.path.dirname(each) for each in (shutil.which("pg_dump"),) if each]
    for place in _PLACES:
        if os.path.isdir(place):
            candidates += [os.path.join(place, each, "bin") for each in os.listdir(place)]
    for folder in dict.fromkeys(candidates):
        dump, psql = (shutil.which(each, path=folder) for each in ("pg_dump", "psql"))
        if dump and psql:
            told = subprocess.run([dump, "--version"], capture_output=True, text=True, check=False).stdout
            major = re.search(r"\b(\d+)(?:\.|devel|beta|rc|\b)", told)
            if major and int(major[1]) == version // 10000:
                return dump, psql
            if major and int(major[1]) > version // 10000:
                found.append((int(major[1]), dump, psql))
    return min(found)[1:] if found else None


def way(found: tuple[str, str], order: Order, to: tuple[list[Any], dict[str, Any]]) -> Way | None:
    """How to copy with these programs; None if they cannot be told how to connect as the driver does."""
    live = _environment(order.dialect, order.arguments, order.keywords)
    scratch = _environment(order.dialect, *to)
    return Way(*found, live, scratch, order) if live is not None and scratch is not None else None


def _environment(dialect: Any, arguments: list[Any], keywords: dict[str, Any]) -> dict[str, str] | None:
    told = {key: value for key, value in places.settings_of(arguments, keywords).items() if value is not None}
    if dialect.driver in {"asyncpg", "pg8000"} and _THEIR_OWN & {key for key, value in told.items() if value}:
        return None
    variables = {name: _text(told[key]) for key, name in _VARIABLES.items() if key in told}
    return None if "" in variables else {**os.environ, **variables}


def _text(value: Any) -> str:
    return ",".join(str(each) for each in value) if isinstance(value, (list, tuple)) else str(value)


@dataclass
class Way:
    """The programs, and what they are told by their environment: a command line can be read by everybody."""

    dump: str
    psql: str
    live: dict[str, str]
    scratch: dict[str, str]
    order: Order

    def fill(self, made: ScratchDatabase, source: Admin, target: Admin) -> bool:
        """Copy; returns whether pg_dump came to its end."""
        made.way = "pg_dump"
        if self.order.data == "full":
            tables = len(postgresql_objects.tables(source))
            return self._piped(made, tables)
        if self.order.data == "none":
            done = self._piped(made, 0, "--schema-only")
            if done:
                postgresql_objects.copy_version_rows(self.order, source, target)
            return done
        if not self._piped(made, 0, "--section=pre-data"):
            return False
        postgresql_objects.copy_version_rows(self.order, source, target)
        made.way = "pg_dump and a sample"
        postgresql_objects.copy_sample(made, self.order, source, target)
        return self._piped(made, 0, "--section=post-data")

    def _piped(self, made: ScratchDatabase, tables: int, *options: str) -> bool:
        progress = self.order.progress
        progress("copying", 0, tables or 1)
        with subprocess.Popen(
            [self.dump, "--verbose", *_OPTIONS, *options],
            env=self.live, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as dump, subprocess.Popen(
            [self.psql, "--no-psqlrc", "--no-password", "--set=ON_ERROR_STOP=0"],
            env=self.scratch, stdin=dump.stdout, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, encoding="utf-8", errors="replace",
        ) as psql:  # fmt: skip
            out, told = cast("IO[bytes]", dump.stdout), cast("IO[bytes]", dump.stderr)
            out.close()  # psql's alone, so that pg_dump hears when psql ends
            number = 0
            heard: list[str] = []
            listener = threading.Thread(target=lambda: heard.extend(psql.communicate()), daemon=True)
            listener.start()
            try:
                for line in told:
                    found = re.search(rb"dumping contents of table \"?(.*?)\"?$", line.strip())
                    if found and tables:
                        progress(f"copying {found[1].decode('utf-8', 'replace')}", number, tables)
                        number += 1
            except BaseException:  # cancelled
                dump.kill()
                psql.kill()
                listener.join()
                raise
            listener.join()
            dump.wait()
        progress("copied", tables or 1, tables or 1)
        output, errors = heard
        made.rows += sum(int(each) for each in re.findall(r"^COPY (\d+)$", output, re.MULTILINE))
        wrong = [each for each in re.findall(r"ERROR:\s*(.*)", errors) if 'schema "public" already exists' not in each]
        made.notes += tuple(f"not copied: {redact(each)}" for each in wrong[:_MOST])
        return dump.returncode == 0 and psql.returncode == 0
