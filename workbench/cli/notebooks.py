"""What a saved notebook should not hold, and how to take it out."""

from __future__ import annotations

import base64
import binascii
import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.errors import UnsupportedRequest, WorkbenchError

Notebook = dict[str, Any]

WIDGET = "application/vnd.jupyter.widget-view+json"
LARGEST = 200_000
"""Bytes. Above it GitHub gets slow, and a diff cannot be read."""

_SHORT = 2  # parts of a path: the name of a folder right below / may be an ordinary word
_TIMING = {"ExecuteTime", "execution", "papermill"}
_PASSWORD = re.compile(r"[A-Za-z][\w+.-]{0,40}://[^\s/:@'\"]*:(?P<password>[^\s/'\"@]+)@")
_PLACEHOLDER = re.compile(r"\*+|…|\.{3}|\{.*\}|<.*>|&lt;.*&gt;|%\(.*|\$\{?\w+\}?")  # blotted out, or put in at run time
_HOME = re.compile(r"(?<![\w.])(?:/home/[\w.-]+|/Users/[\w.-]+|/root(?=/)|[A-Za-z]:\\{1,2}Users\\{1,2}[\w.-]+)")
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}|\b0x7f[0-9a-f]{6,}")
_PICTURE = re.compile(r"(?P<head>data:image/(?P<kind>[\w+]+);base64,)(?P<data>[A-Za-z0-9+/=]+)")


def read(path: Path) -> Notebook:
    """Read a notebook as it is.

    Raises:
        UnsupportedRequest: It is not one.

    """
    reader, validator, _ = _nbformat()
    try:
        text = path.read_text("utf-8")
        content = json.loads(text)
    except (OSError, ValueError) as error:
        raise _no_notebook(path, str(error)) from error
    if not isinstance(content, dict) or "nbformat" not in content:
        raise _no_notebook(path, "it names no notebook format")
    if content["nbformat"] != 4:  # noqa: PLR2004 - the format of the last ten years
        raise UnsupportedRequest(
            f"{path} has the notebook format {content['nbformat']}, and only 4 is read here.",
            "Open it in JupyterLab and save it again.",
        )
    for fault in validator.iter_validate(content):
        raise _no_notebook(path, str(fault).strip().splitlines()[0])
    # Not nbformat.read(), which repairs: a missing cell id would get a random one.
    notebook: Notebook = reader.reads(text)
    return notebook


def _no_notebook(path: Path, why: str) -> UnsupportedRequest:
    return UnsupportedRequest(
        f"{path} is not a notebook: {why}.",
        "Open it in JupyterLab and save it again, or restore it from git.",
    )


def written(notebook: Notebook) -> str:
    """Return the text of a notebook's file, as Jupyter itself writes it."""
    *_, v4 = _nbformat()
    text: str = v4.writes(notebook)
    return text.rstrip("\n") + "\n"


def strip(notebook: Notebook) -> Notebook:
    """Return the notebook without what only a running kernel can show, and without the times of its last run.

    A view without a static form keeps its widget: there would be nothing left of it to complain about.
    """
    stripped = copy.deepcopy(notebook)
    for name in ("widgets", *_TIMING):
        stripped["metadata"].pop(name, None)
    for cell in stripped["cells"]:
        for name in _TIMING:
            cell["metadata"].pop(name, None)
        for output in cell.get("outputs", []):
            if "text/html" in output.get("data", {}):
                output["data"].pop(WIDGET, None)
                output["metadata"].pop(WIDGET, None)
    return stripped


def problems(notebook: Notebook, size: int, path: Path) -> Iterator[str]:
    """Tell what is wrong with a stripped notebook whose file is that large, a sentence each."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    if any(cell["source"].strip() for cell in code) and not any(cell["outputs"] for cell in code):
        yield "has no outputs, so that there is nothing to read and nothing for nbval to compare; run it and save it"
    if size > LARGEST:
        yield f"has {size:,} bytes, more than {LARGEST:,}; show less in it"
    folder = str(path.resolve().parent)
    yield from _unfit("its metadata", str(notebook["metadata"]), folder)
    for number, cell in enumerate(notebook["cells"], start=1):
        where = f"cell {number}"
        if any(WIDGET in output.get("data", {}) for output in cell.get("outputs", [])):
            yield f"{where} has a view without text/html, which nobody sees without a kernel; run the cell again"
        yield from _unfit(where, "\n".join(_texts(cell)), folder)


def _unfit(where: str, text: str, folder: str) -> Iterator[str]:
    text = _PICTURE.sub(_opened, text)
    if any(not _PLACEHOLDER.fullmatch(each["password"]) for each in _PASSWORD.finditer(text)):
        yield f"{where} has a URL with a password; change the password, and take it out"  # and it is not repeated here
    home = _HOME.search(text)
    if home:
        yield f"{where} has a path of your own machine, {home[0]}; make it relative"
    elif len(Path(folder).parts) > _SHORT and re.search(rf"(?<![\w.]){re.escape(folder)}(?!\w)", text):
        yield f"{where} has the absolute path of its own folder, {folder}; make it relative"
    address = _ADDRESS.search(text)
    if address:
        yield f"{where} has a memory address, {address[0].removeprefix('at ')}, which is another one at each run"


def _opened(picture: re.Match[str]) -> str:
    """Show what an SVG inside a data URI says; the noise of other pictures says nothing."""
    if picture["kind"] != "svg+xml":
        return picture["head"]
    try:
        return picture["head"] + base64.b64decode(picture["data"]).decode("utf-8", "replace")
    except binascii.Error:
        return picture["head"]


def _texts(cell: dict[str, Any]) -> Iterator[str]:
    """Every text in a cell that a person can read."""
    yield cell["source"]
    yield str(cell["metadata"])
    for output in cell.get("outputs", []):
        yield str(output.get("text", ""))
        yield str(output.get("evalue", ""))
        yield from output.get("traceback", [])
        for mime, data in output.get("data", {}).items():
            if not mime.startswith("image/") or mime == "image/svg+xml":
                yield str(data)


def _nbformat() -> tuple[Any, Any, Any]:
    try:
        from nbformat import reader, v4, validator  # noqa: PLC0415 - only this command needs it
    except ImportError as error:
        raise WorkbenchError(
            "nbformat is not installed, which reads and writes notebooks.",
            'pip install "alembic-workbench[lab]" installs it.',
        ) from error
    return reader, validator, v4
