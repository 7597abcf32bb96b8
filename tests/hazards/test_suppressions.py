"""What a comment, or the settings, let be; and which downgrades do nothing."""

from pathlib import Path

import pytest

from workbench.capabilities import revision_code, suppressions
from workbench.errors import EnvironmentInvalid
from workbench.results import Finding, Step

_FILE = '''"""drop"""
revision = "ab12"


def upgrade():
    op.drop_table("a")  # workbench: ignore[drop-table] nobody used it
    # workbench: ignore[drop-column, rename-column] the code is gone
    op.drop_column(
        "t",
        "b",
    )
    with op.batch_alter_table("t") as batch:
        batch.drop_column("c")  # workbench: ignore[drop-column]
        batch.drop_column("d")
    text = "# workbench: ignore[drop-table] in a string"
'''


def _finding(rule: str, line: int, name: str = "") -> Finding:
    return Finding(rule, "error", "loses-data", "…", revision="ab12", object=name, line=line, path="ab12.py")


@pytest.fixture
def found(tmp_path: Path) -> tuple[suppressions.Suppression, ...]:
    """Those of the file above."""
    (tmp_path / "ab12.py").write_text(_FILE)
    steps = [Step("ab12", "upgrade", "drop", path, ()) for path in ("ab12.py", "gone.py", "\0")]
    return suppressions.in_files(steps, suppressions.texts(steps, str(tmp_path)))


def test_a_comment_is_about_its_operation(found: tuple[suppressions.Suppression, ...]) -> None:
    """Behind it, or alone on the line before it; all of its lines count, and no others."""
    assert [(each.rules, each.reason, each.first, each.last) for each in found] == [
        (("drop-table",), "nobody used it", 6, 6),
        (("drop-column", "rename-column"), "the code is gone", 8, 11),
        (("drop-column",), "", 13, 13),
    ]
    findings = [
        _finding("drop-table", 6),
        _finding("drop-column", 8),
        _finding("drop-column", 13),
        _finding("drop-column", 14),
    ]
    told = suppressions.without(findings, found, ["ab12"])
    assert [(each.rule, each.line) for each in told] == [
        ("drop-column", 13),
        ("drop-column", 14),
        ("suppression-without-reason", 13),
    ]


def test_one_that_suppresses_nothing(found: tuple[suppressions.Suppression, ...]) -> None:
    """It says so itself, unless its revision was not looked at."""
    told = suppressions.without([], found, ["ab12"])
    assert [(each.rule, each.line) for each in told] == [
        ("unused-suppression", 6),
        ("unused-suppression", 7),
        ("suppression-without-reason", 13),
    ]
    assert [each.rule for each in suppressions.without([], found, ["cd34"])] == ["suppression-without-reason"]


def test_the_settings() -> None:
    """For all revisions, or one, or one object; a key that means nothing is refused."""
    told = suppressions.in_settings(
        {"ignore": [{"rule": "drop-table", "object": "a", "reason": "never used"}]}, "pyproject.toml"
    )
    findings = [_finding("drop-table", 6, "a"), _finding("drop-table", 7, "b")]
    assert suppressions.without(findings, told, ["ab12"]) == (findings[1],)
    for wrong in ("drop-table", [{"reason": "x"}], [{"rule": "x", "why": "y"}], [{"rule": 1}]):
        with pytest.raises(EnvironmentInvalid, match="is not a list of what it can be"):
            suppressions.in_settings({"ignore": wrong}, "pyproject.toml")


@pytest.mark.parametrize(
    "code, told",
    [
        ("def downgrade():\n    pass\n", "pass"),
        ('def downgrade() -> None:\n    """Nothing."""\n    # nothing\n', "pass"),
        ("def downgrade():\n    ...\n", "pass"),
        ("def downgrade():\n    '''Why not.'''\n    raise NotImplementedError\n", "raise"),
        ("def upgrade():\n    pass\n", "pass"),
        ('def downgrade():\n    """Takes it back."""\n    op.drop_table("a")\n', ""),
        ("def downgrade():\n    pass\n    op.drop_table('a')\n", ""),
        ("def downgrade(:\n", ""),
    ],
)
def test_downgrades_that_do_nothing(code: str, told: str) -> None:
    """Told by the code alone."""
    assert revision_code.way_back(code.encode()) == told
