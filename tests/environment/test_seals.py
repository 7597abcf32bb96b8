"""Which file is meant by a path, for each of the modules that a worker has loaded."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from workbench.bridge import seals


def test_real_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are those of os.path.realpath, also where files and folders are links."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "models.py").touch()
    (tmp_path / "linked.py").symlink_to("shop/models.py")
    (tmp_path / "linked").symlink_to("shop")
    monkeypatch.chdir(tmp_path)
    names = ("models.py", "../linked.py", "gone.py", "../linked/models.py", "../linked/../linked.py")
    paths = [f"{folder}/{name}" for folder in ("shop", "linked", str(tmp_path / "linked")) for name in names]
    paths += [path for each in list(sys.modules.values()) if (path := getattr(each, "__file__", None))]

    assert [os.path.realpath(each) for each in paths] == [seals._real(each) for each in paths]
