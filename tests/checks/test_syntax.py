"""The digest of what a revision file does, and what is read from its tree."""

import ast

import pytest

from workbench.environment import syntax

PLAIN = '''"""add phone

Revision ID: ab12
"""
from alembic import op
import sqlalchemy as sa
revision = "ab12"
down_revision = None
def upgrade():
    op.add_column("customer", sa.Column("phone", sa.String(20)))
def downgrade():
    op.drop_column("customer", "phone")
'''
SAME = {
    "formatting": PLAIN.replace('"customer", sa', "\n        'customer',\n        sa").replace("def ", "\n\ndef "),
    "comments": PLAIN.replace("def upgrade", "# why\ndef upgrade").replace("20)))", "20)))  # enough"),
    "message": PLAIN.replace("add phone", "add a phone number"),
    "docstrings": PLAIN.replace("upgrade():\n", 'upgrade():\n    """Upgrade schema."""\n'),
    "annotations": PLAIN.replace("upgrade():", "upgrade() -> None:")
    .replace("down_revision = None", "down_revision: Union[str, None] = None")
    .replace("from alembic", "from typing import Sequence, Union\nfrom alembic"),
    "unused imports": PLAIN.replace("import sqlalchemy", "import os\nimport sqlalchemy"),
    "order of imports": PLAIN.replace("from alembic import op\n", "").replace(" sa\n", " sa\nfrom alembic import op\n"),
    "implicit concatenation": PLAIN.replace('"phone", sa', '"pho" "ne", sa'),
    "line ends": PLAIN.replace("\n", "\r\n"),
    "pass beside code": PLAIN.replace("upgrade():\n", "upgrade():\n    pass\n"),
}  # fmt: skip
OTHER = {
    "a literal": PLAIN.replace("20", "21"),
    "a name": PLAIN.replace('"phone")', '"fax")'),
    "another module": PLAIN.replace("sqlalchemy as sa", "sqlmodel as sa"),
    "its place": PLAIN.replace("None", '"cd34"'),
    "more code": PLAIN + "    op.execute('SELECT 1')\n",
    "less code": PLAIN.replace('op.drop_column("customer", "phone")', "pass"),
    "a constant's kind": PLAIN.replace("20", "20.0"),
    "a string for a number": PLAIN.replace("20", "'20'"),
    "what an import hides": PLAIN.replace("\nrevision = ", "\nfrom shop import op\nrevision = "),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same(name: str) -> None:
    """What changes nothing of what is run changes nothing of the digest."""
    assert SAME[name] != PLAIN
    assert syntax.digest(PLAIN) == syntax.digest(SAME[name]) is not None


@pytest.mark.parametrize("name", OTHER)
def test_another(name: str) -> None:
    """What does something else has another digest."""
    assert syntax.digest(PLAIN) != syntax.digest(OTHER[name]) is not None


def test_the_same_on_every_python() -> None:
    """It is kept in the journal, which outlives a Python: nothing of `ast.dump`, whose text changes, is in it."""
    assert syntax.digest(PLAIN) == "1:94d1c8797914fc87c4b665eb40dd07f6dca1ba3c29417312531b91a283000095"
    assert syntax.digest('a = f"{x!r:>{w}} {1.5e3}"') == (
        "1:c192cfa6ff8ccaec47e59959321c6031aababf7376a9cd6863c9bda9e39b7479"
    )
    assert syntax.is_comparable("1:abc")
    assert not syntax.is_comparable("2:abc")
    assert not syntax.is_comparable("")


@pytest.mark.parametrize("text", ["def upgrade(:", "a = '\0'", "(" * 5_000])
def test_what_is_no_python(text: str) -> None:
    """Nothing is said of it."""
    assert syntax.digest(text) is None


@pytest.mark.parametrize(
    "upgrade,rest,told",
    [
        ("op.f()", "def downgrade(): pass", ("pass", 2)),
        ("op.f()", "def downgrade():\n    '''Undo.'''", ("pass", 2)),
        ("op.f()", "def downgrade(): ...", ("pass", 2)),
        ("op.f()", "def downgrade():\n    return", ("pass", 2)),
        ("op.f()", "def downgrade():\n    raise NotImplementedError", ("raise", 2)),
        ("op.f()", "", ("none", 0)),
        ("op.f()", "downgrade = upgrade", None),
        ("op.f()", "from helpers import downgrade", None),
        ("op.f()", "def downgrade(): op.g()", None),
        ("op.f()", "def downgrade():\n    if x: raise ValueError", None),
        ("pass", "def downgrade(): pass", None),
        ("pass", "", None),
        ("raise NotImplementedError", "def downgrade(): pass", None),
        ("f('a')", "def downgrade(): g()\ndef upgrade_a(): op.f()\ndef downgrade_a(): pass", ("pass", 4)),
        ("f('a')", "def downgrade(): g()\ndef upgrade_a(): pass\ndef downgrade_a(): pass", None),
    ],
)  # fmt: skip
def test_missing_downgrades(upgrade: str, rest: str, told: tuple[str, int] | None) -> None:
    """Only where the upgrade does something, and nothing else makes the function."""
    assert told == syntax.missing_downgrade(ast.parse(f"def upgrade(): {upgrade}\n{rest}\n"))
