"""What a worker loads before it is asked."""

from __future__ import annotations

from pathlib import Path

from tests.safety.projects import project


def test_colours_of_error_pages_are_not_loaded(tmp_path: Path, sqlite_url: str) -> None:
    """Pygments, which Mako would load, waits until the project itself wants it; and is to be had then."""
    seen = tmp_path / "seen"
    made = project(tmp_path / "project", sqlite_url).env(f"""
        import sys
        with open({str(seen)!r}, "w") as file:
            loaded = sorted(each for each in ("mako", "pygments") if each in sys.modules)
            from mako.ext.pygmentplugin import syntax_highlight
            print(*loaded, syntax_highlight.__name__, file=file)
    """)
    with made.workbench() as wb:
        assert () == wb.current().heads

    assert "mako syntax_highlight\n" == seen.read_text()
