from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from workbench.cli import main

WIDGET = "application/vnd.jupyter.widget-view+json"
VIEW = {"model_id": "0123456789abcdef", "version_major": 2, "version_minor": 0}
HTML = '<div class="workbench">3 revisions</div>'


def prose(source: str) -> dict[str, Any]:
    """Make a cell of Markdown."""
    return {"cell_type": "markdown", "id": "prose", "metadata": {}, "source": [source]}


def code(source: str, *outputs: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """Make a cell that was run."""
    return {
        "cell_type": "code",
        "execution_count": 7,
        "id": "code",
        "metadata": metadata,
        "outputs": list(outputs),
        "source": [source],
    }


def shown(**data: Any) -> dict[str, Any]:
    """Make an output; the names of the MIME types with _ for /."""
    bundle = {WIDGET if name == "widget" else name.replace("_", "/"): value for name, value in data.items()}
    return {"data": bundle, "execution_count": 7, "metadata": {}, "output_type": "execute_result"}


def printed(text: str) -> dict[str, Any]:
    """Make an output of print."""
    return {"name": "stdout", "output_type": "stream", "text": [text]}


def notebook(*cells: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """Make a notebook, as JSON."""
    numbered = [{**cell, "id": f"{cell['id']}-{number}"} for number, cell in enumerate(cells)]
    return {"cells": numbered, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def text_of(content: dict[str, Any]) -> str:
    """Write a notebook as Jupyter does."""
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file `first.ipynb` in the current folder; it is not there yet."""
    monkeypatch.chdir(tmp_path)

    return tmp_path / "first.ipynb"


GOOD = notebook(prose("# Grüße"), code("wb.history()", shown(text_plain=["History"], text_html=[HTML])))


def test_a_notebook_that_is_fit_is_left_alone(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not a byte of it changes, nor its time, even if Jupyter would write it otherwise."""
    saved.write_text(json.dumps(GOOD), "utf-8")
    before = saved.stat()

    assert 0 == main(["portable", "first.ipynb"])
    assert ("1 notebook is fit to be committed.\n", "") == capsys.readouterr()
    assert (before.st_mtime_ns, before.st_ino) == (saved.stat().st_mtime_ns, saved.stat().st_ino)


def test_what_only_a_kernel_can_show_and_what_changes_each_time_is_taken_out(
    saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The views, the state of widgets, and the times go; the static form, the counts and all else stay."""
    timing = {"execution": {"iopub.status.busy": "2026-01-01T00:00:00"}, "ExecuteTime": {"end_time": "…"}}
    dirty = notebook(
        prose("# Grüße"),
        code(
            "wb.history()",
            {**shown(text_plain=["History"], text_html=[HTML], widget=VIEW), "metadata": {WIDGET: {}, "keep": 1}},
            tags=["keep"],
            **timing,
        ),
        widgets={"application/vnd.jupyter.widget-state+json": {"state": {}}},
        papermill={"duration": 1.5},
        kernelspec={"name": "python3", "display_name": "Python 3"},
    )
    saved.write_text(json.dumps(dirty), "utf-8")
    saved.chmod(0o640)
    clean = notebook(
        prose("# Grüße"),
        code(
            "wb.history()", {**shown(text_plain=["History"], text_html=[HTML]), "metadata": {"keep": 1}}, tags=["keep"]
        ),
        kernelspec={"name": "python3", "display_name": "Python 3"},
    )

    assert 0 == main(["portable", str(saved)])
    assert (f"{saved}: rewritten\n1 notebook is fit to be committed.\n", "") == capsys.readouterr()
    assert text_of(clean) == saved.read_text("utf-8")
    assert 0o640 == saved.stat().st_mode & 0o777
    assert [saved.name] == [each.name for each in saved.parent.iterdir()]
    assert 0 == main(["portable", "--check", str(saved)])


def test_check_changes_nothing_and_tells(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What CI and pre-commit run; the size is that of the notebook as it would be."""
    text = json.dumps(
        notebook(code("wb", shown(text_plain=["x"], text_html=[HTML], widget=VIEW)), widgets={"state": "x" * 250_000})
    )
    saved.write_text(text)

    assert 1 == main(["portable", "--check", "first.ipynb"])
    assert (
        "",
        "first.ipynb: has the state of widgets, or times; `workbench portable` takes them out\n",
    ) == capsys.readouterr()
    assert text == saved.read_text()


SVG = base64.b64encode(b"<svg><text>/home/maria/shop</text></svg>").decode()
PNG = base64.b64encode(bytes(range(256)) * 40).decode()


@pytest.mark.parametrize(
    "content, complaint",
    [
        (
            notebook(code("wb", shown(text_plain=["Plan"], widget=VIEW))),
            "cell 1 has a view without text/html, which nobody sees without a kernel; run the cell again",
        ),
        (
            notebook(code("1"), prose("all gone"), code("2")),
            "has no outputs, so that there is nothing to read and nothing for nbval to compare; run it and save it",
        ),
        (
            notebook(code("1", printed("x" * 200_000))),
            "has 200,315 bytes, more than 200,000; show less in it",
        ),
        (
            notebook(prose("Use `postgresql://me:s3cret@localhost/shop`")),
            "cell 1 has a URL with a password; change the password, and take it out",
        ),
        (
            notebook(code("1", printed("1")), code("x", shown(text_html=["mysql+pymysql://:s3cret@localhost/shop"]))),
            "cell 2 has a URL with a password; change the password, and take it out",
        ),
        (
            notebook(prose("hello"), url="mysql://me:s3cret@localhost/shop"),
            "its metadata has a URL with a password; change the password, and take it out",
        ),
        (
            notebook(code("1", printed("sqlite:////home/maria/shop.db"))),
            "cell 1 has a path of your own machine, /home/maria; make it relative",
        ),
        (
            notebook(code(r"open('C:\Users\maria\shop.db')", printed("x"))),
            r"cell 1 has a path of your own machine, C:\Users\maria; make it relative",
        ),
        (
            notebook(
                code(
                    "1/0",
                    {
                        "ename": "OSError",
                        "evalue": "no",
                        "output_type": "error",
                        "traceback": ["File /Users/maria/shop.py:1"],
                    },
                )
            ),
            "cell 1 has a path of your own machine, /Users/maria; make it relative",
        ),
        (
            notebook(code("x", shown(text_html=[f'<img src="data:image/svg+xml;base64,{SVG}">']))),
            "cell 1 has a path of your own machine, /home/maria; make it relative",
        ),
        (
            notebook(code("x", shown(text_plain=["<Engine object at 0x7f3c2a1b4d90>"]))),
            "cell 1 has a memory address, 0x7f3c2a1b4d90, which is another one at each run",
        ),
        (
            notebook(code("x", shown(text_plain=["<Engine object at 0x000001F3C2A1B4D9>"]))),
            "cell 1 has a memory address, 0x000001F3C2A1B4D9, which is another one at each run",
        ),
    ],
)
def test_what_should_not_be_committed_is_told_with_its_place(
    saved: Path, content: dict[str, Any], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is found with and without --check, nothing is rewritten for it, and no secret is repeated."""
    saved.write_text(text_of(content), "utf-8")

    assert [1, 1] == [main(["portable", "first.ipynb"]), main(["portable", "--check", "first.ipynb"])]
    assert ("", f"first.ipynb: {complaint}\n" * 2) == capsys.readouterr()
    assert text_of(content) == saved.read_text("utf-8")


def test_the_path_of_its_own_folder_is_found(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A checkout may lie anywhere; the notebook should not say where."""
    saved.write_text(text_of(notebook(code("x", printed(f"file {saved.parent}/env.py, line 3")))), "utf-8")

    assert 1 == main(["portable", "first.ipynb"])
    assert (
        f"first.ipynb: cell 1 has the absolute path of its own folder, {saved.parent}; make it relative\n"
        == capsys.readouterr().err
    )


@pytest.mark.parametrize(
    "content",
    [
        notebook(prose("only prose")),
        notebook(code("")),
        notebook(code("import workbench"), code("1", printed("1"))),
        notebook(prose("postgresql://me:***@localhost/shop, postgresql://me:…@localhost, mysql://localhost:3306/a@b")),
        notebook(code('f"postgresql://me:{password}@localhost/shop"', printed("https://example.org/home/page"))),
        notebook(prose("`postgresql://me:<password>@host`, `mysql://me:$PASSWORD@host`")),
        notebook(prose("`0x7f…`, 0x10, /homework/x, ./root/x")),
        notebook(code("plot()", shown(image_png=PNG))),
        notebook(code("plot()", shown(text_html=[f'<img src="data:image/png;base64,{PNG}">']))),
    ],
)
def test_what_only_looks_alike_is_let_pass(saved: Path, content: dict[str, Any]) -> None:
    """Blotted-out passwords, placeholders, other paths and numbers, and pictures are no fault."""
    saved.write_text(text_of(content), "utf-8")

    assert 0 == main(["portable", "--check", "first.ipynb"])


def test_folders_are_searched_and_each_notebook_is_told(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In order of their names, without Jupyter's checkpoints."""
    for name in ("b/second.ipynb", "a/.ipynb_checkpoints/old.ipynb", "a/first.ipynb"):
        path = saved.parent / "notebooks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text_of(notebook(code("1"))))
    saved.write_text(text_of(GOOD), "utf-8")

    assert 1 == main(["portable", "notebooks", "first.ipynb"])

    why = "has no outputs, so that there is nothing to read and nothing for nbval to compare; run it and save it"

    assert (
        "",
        f"notebooks/a/first.ipynb: {why}\nnotebooks/b/second.ipynb: {why}\n",
    ) == capsys.readouterr()


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("", "Expecting value: line 1 column 1 (char 0)"),
        ("[1]", "it names no notebook format"),
        (
            '{"cells": [{}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
            "{} is not valid under any of the given schemas",
        ),
        (
            text_of({**GOOD, "cells": [{**GOOD["cells"][0], "id": "not an id!"}]}),
            "'not an id!' does not match '^[a-zA-Z0-9-_]+$'",
        ),
    ],
)
def test_a_file_that_is_no_notebook_is_told_in_words(
    saved: Path, text: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """And is not written to."""
    saved.write_text(text, "utf-8")

    assert 1 == main(["portable", "first.ipynb"])
    assert (
        f"first.ipynb is not a notebook: {complaint}.\n"
        "What to do: Open it in JupyterLab and save it again, or restore it from git.\n"
    ) == capsys.readouterr().err
    assert text == saved.read_text("utf-8")


def test_an_old_format_is_refused(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Converting it would change every line."""
    saved.write_text('{"metadata": {}, "nbformat": 3, "nbformat_minor": 0, "worksheets": []}')

    assert 1 == main(["portable", "first.ipynb"])
    assert (
        "first.ipynb has the notebook format 3, and only 4 is read here.\n"
        "What to do: Open it in JupyterLab and save it again.\n"
    ) == capsys.readouterr().err


def test_a_folder_without_notebooks_is_told(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A check that checks nothing must not pass."""
    assert 1 == main(["portable", str(saved.parent)])
    assert (
        f"There is no notebook in {saved.parent}.\nWhat to do: Name a notebook, or a folder that has some.\n"
        == capsys.readouterr().err
    )


def test_a_failed_write_leaves_the_notebook_whole(
    saved: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The old text stays, and nothing beside it."""
    text = text_of(notebook(code("wb", shown(text_html=[HTML], widget=VIEW))))
    saved.write_text(text)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)

    assert 1 == main(["portable", "first.ipynb"])
    assert "first.ipynb cannot be written: No space left on device." in capsys.readouterr().err
    assert text == saved.read_text()
    assert [saved.name] == [each.name for each in saved.parent.iterdir()]


def test_what_is_written_is_what_jupyter_would_write(saved: Path) -> None:
    """So that the next save in JupyterLab changes nothing."""
    import nbformat  # noqa: PLC0415 - a second and more, for each process of pytest

    saved.write_text(json.dumps(notebook(code("wb\n1", shown(text_html=[HTML], widget=VIEW)), prose("Grüße\n\nzwei"))))
    main(["portable", "first.ipynb"])
    ours = saved.read_text("utf-8")
    nbformat.write(nbformat.read(saved, as_version=4), saved)  # type: ignore[no-untyped-call]

    assert ours == saved.read_text("utf-8")
