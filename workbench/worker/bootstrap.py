"""The script that the worker's interpreter is started with: makes `workbench` importable, and nothing else of ours.

Putting our site-packages on the path would shadow the project's own versions of Alembic and SQLAlchemy.
"""

import gc
import importlib.util
import os
import sys
from typing import BinaryIO

_COLOURS = "mako.ext.pygmentplugin"


def _import_alembic() -> None:
    """Import it before anything of ours, so that a Python without it is told so, and not of SQLAlchemy.

    Where Pygments is installed, Mako loads a dozen of its lexers to colour HTML error pages that Alembic has none of:
    a tenth of all the time that a worker takes to start. Mako does without them where they cannot be imported.
    """
    hidden = sys.modules.setdefault(_COLOURS, None) is None  # type: ignore[arg-type]
    try:
        import alembic  # noqa: F401, PLC0415 - see above
    finally:
        if hidden:
            del sys.modules[_COLOURS]


def _import_workbench() -> None:
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    spec = importlib.util.spec_from_file_location(
        "workbench", os.path.join(package, "__init__.py"), submodule_search_locations=[package]
    )
    if spec is None or spec.loader is None:
        raise ImportError(package)
    module = importlib.util.module_from_spec(spec)
    sys.modules["workbench"] = module
    spec.loader.exec_module(module)


def take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take the pipes away from stdin and stdout, so that a print in env.py, or in what it imports, garbles nothing."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    return requests, answers


def prepare() -> None:
    """Import what every worker needs, whatever it is asked."""
    # Modules, models and reflected tables are here to stay: by default, looking through them for garbage again and
    # again takes a fifth of the time of a diff of a thousand tables, and a tenth of a preview of a thousand revisions
    # or of the imports below.
    gc.set_threshold(500_000, 20, 100)
    # As for `alembic` from a terminal: no folder of ours in front of the path.
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != os.path.dirname(os.path.abspath(__file__))]
    _import_alembic()
    _import_workbench()
    from workbench.worker import child  # noqa: F401, PLC0415 - only now can it be found


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the other side is gone."""
    from workbench.worker import bytecode, child  # noqa: PLC0415 - only after `prepare` can they be found

    # A question writes nothing, not even the __pycache__ that importing revisions leaves in the versions folder.
    # What was imported so far is ours and Alembic's, and may be kept: it halves the time of the next start.
    bytecode.keep_of_installed()
    child.serve(requests, answers)


if __name__ == "__main__":
    pipes = take_pipes()
    prepare()
    serve(*pipes)
