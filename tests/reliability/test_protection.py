"""What is protected is read from a pyproject.toml of any editor's."""

from __future__ import annotations

from pathlib import Path

from workbench.capabilities import protection


def test_a_byte_order_mark(tmp_path: Path) -> None:
    """Editors on Windows write one; it is no reason to refuse every apply."""
    file = tmp_path / "pyproject.toml"
    file.write_text('[tool.workbench]\nprotected = ["prod-*"]\n', "utf-8-sig")

    found = protection.read(tmp_path)
    assert (found.patterns, found.file) == (("prod-*",), file)
