"""What the user said of an environment, and the passwords that can be known from it. Imports nothing of Alembic's."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.text import forms_of_secret, passwords_in

_PASSWORD_NAME = re.compile(r"(?:PASSWORD|PASSWD|MYSQL_PWD)$", re.IGNORECASE)
_SWITCHES = frozenset({"yes", "no", "true", "false", "on", "off"})  # ALLOW_EMPTY_PASSWORD=yes


@dataclass(frozen=True)
class Settings:
    """What the user said about an environment; all that the worker needs to know of it."""

    ini: str | None
    toml: str | None
    folder: str
    section: str = "alembic"
    script_location: str | None = None
    """Set where the configuration names none (Flask-Migrate)."""
    url: str | None = field(default=None, repr=False)
    x: tuple[str, ...] = field(default=(), repr=False)
    scratch_url: str | None = field(default=None, repr=False)
    """Where a rehearsal may write, for accounts that may not create databases."""
    context: str | None = None
    """`module:callable` to enter around env.py."""
    metadata: bytes | None = field(default=None, repr=False)
    """A pickled MetaData to use instead of env.py's target_metadata."""
    drafted: tuple[str, ...] = ()
    """Revision files that are not written yet, and lie where no other command looks: they count as if they were."""


def known_passwords(settings: Settings, environ: Mapping[str, str]) -> set[str]:
    """Every password that can be known before any of the project's code runs, in each form it may be written."""
    texts = [
        settings.url or "",
        settings.scratch_url or "",
        *settings.x,
        *(value for value in environ.values() if "://" in value),
    ]
    dotenv = (os.path.join(settings.folder, name) for name in (".env", ".flaskenv"))
    for path in (settings.ini, settings.toml, *dotenv):
        if path:
            try:
                with open(path, encoding="utf-8", errors="replace") as file:
                    texts.append(file.read())
            except OSError:  # it is not there; whoever needs it says so
                continue
    found = {each for text in texts for each in passwords_in(text)}
    found |= {value for name, value in environ.items() if _PASSWORD_NAME.search(name)} - _SWITCHES
    return {form for each in found for form in forms_of_secret(each)}
