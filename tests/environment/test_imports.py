"""What a revision imports of the project, by its text."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.environment.imports import Imports


@pytest.mark.parametrize(
    "line, expected",
    [
        ("import shop", ["shop/__init__.py"]),
        ("import os, shop.words as words", ["shop/__init__.py", "shop/words.py"]),
        ("from shop import words", ["shop/__init__.py", "shop/words.py"]),
        ("from shop import (  # ours\n    one,\n    words,\n)", ["shop/__init__.py", "shop/words.py"]),
        ("    from shop.deep.down import x", ["shop/__init__.py", "shop/deep/down.py", "shop/words.py"]),
        ("import helpers", ["helpers.py"]),
        ("from alembic import op\nimport sqlalchemy as sa", []),
        ("# import shop\ntext = 'import'", []),
        ("import shopping", []),
    ],
)
def test_files(tmp_path: Path, line: str, expected: list[str]) -> None:
    """The modules, the packages that they lie in, and what these import themselves; a circle ends."""
    (tmp_path / "shop" / "deep").mkdir(parents=True)
    (tmp_path / "shop" / "__init__.py").write_text("")
    (tmp_path / "shop" / "words.py").write_text("import shop.words\n")
    (tmp_path / "shop" / "deep" / "down.py").write_text("from shop.words import x\n")
    (tmp_path / "helpers.py").write_text("import json\n")
    revision = tmp_path / "ab12.py"
    revision.write_text(line + "\n")

    assert expected == [str(each.relative_to(tmp_path)) for each in Imports([tmp_path]).of(str(revision))]
