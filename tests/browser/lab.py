"""A real JupyterLab in a real Chromium, driven as a person would drive it."""

import ast
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat
from jupyter_client.blocking.client import BlockingKernelClient
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, ViewportSize
from playwright.sync_api import Error as PlaywrightError

ARTIFACTS = Path(__file__).parent / ".artifacts"
"""Where screenshots go; git ignores it."""

SIZE: ViewportSize = {"width": 1400, "height": 1000}
"""Of a new page, in pixels."""

PATIENCE = 60.0
"""Seconds that a start may take on a busy machine; each takes about three on an idle one."""

SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/extensionmanager-extension:plugin": {"enabled": False},
    # By default Lab leaves what is scrolled away without text.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}

CHROMIUM_FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]

# Lab draws a notebook before there is a kernel, and calls it idle: ask the session itself.
READY = """async (path) => {
  const app = window.jupyterapp;
  if (!app) return false;
  await app.restored;
  const widget = app.shell.currentWidget;
  if (!widget || !widget.context || widget.context.path !== path) return false;
  await widget.context.ready;
  await widget.sessionContext.ready;
  const kernel = widget.sessionContext.session && widget.sessionContext.session.kernel;
  return !!kernel && kernel.connectionStatus === 'connected' && kernel.status === 'idle';
}"""

# A document that is disposed asks nothing, whether it was saved or not; a dialog would stay in the next test's way.
CLOSE_ALL = """async () => {
  const app = window.jupyterapp;
  if (!app) return false;
  for (const dialog of document.querySelectorAll('.jp-Dialog')) dialog.remove();
  await app.serviceManager.sessions.shutdownAll();
  for (const widget of [...app.shell.widgets('main')]) widget.dispose();
  await app.serviceManager.sessions.refreshRunning();
  return !app.shell.currentWidget && ![...app.serviceManager.sessions.running()].length;
}"""

OPEN = "path => jupyterapp.commands.execute('docmanager:open', {path}).then(() => null)"


def find_chromium(playwright: Playwright) -> Path | None:
    """Return a Chromium or Chrome of this machine: named, on the path, an application, or Playwright's own."""
    if named := os.environ.get("WORKBENCH_TEST_CHROMIUM"):
        return Path(named)
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
    candidates = [
        *(shutil.which(name) for name in names),
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        playwright.chromium.executable_path,
    ]

    return next((Path(it) for it in candidates if it and Path(it).exists()), None)


def launch(playwright: Playwright, chromium: Path) -> Browser:
    """Start the browser without a window, and without what it would ask of the internet by itself."""
    # Chromium's sandbox refuses to run as root.
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []

    return playwright.chromium.launch(executable_path=chromium, args=[*CHROMIUM_FLAGS, *sandbox])


@dataclass(frozen=True)
class LabServer:
    """A running JupyterLab."""

    url: str
    token: str
    root: Path
    """The folder that it shows; tests write their notebooks here."""
    runtime: Path
    """Where it keeps the connection files of its kernels."""

    def get(self, path: str) -> object:
        """Return the answer of the server's REST interface."""
        return json.loads(self._request("GET", path))

    def delete(self, path: str) -> None:
        """Delete through the server's REST interface."""
        self._request("DELETE", path)

    def _request(self, method: str, path: str) -> bytes:
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(f"{self.url}{path}", headers=headers, method=method)  # noqa: S310 - our own server
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            body: bytes = response.read()

            return body


@contextlib.contextmanager
def running(home: Path) -> Iterator[LabServer]:
    """Start JupyterLab with a home folder of its own, so that nobody's settings matter; stop it and its kernels."""
    root = home / "root"
    overrides = home / "config" / "labconfig" / "default_setting_overrides.json"
    for folder in (root, overrides.parent):
        folder.mkdir(parents=True)
    overrides.write_text(json.dumps(SETTINGS))  # read at the start only
    server = LabServer(f"http://127.0.0.1:{_free_port()}", secrets.token_hex(16), root, home / "runtime")
    command = [
        *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"),
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={urlsplit(server.url).port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={root}",
        "--ServerApp.terminals_enabled=False",
        f"--IdentityProvider.token={server.token}",
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=",
        "--LabApp.extension_manager=readonly",
    ]
    environment = {
        **os.environ,
        "HOME": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(server.runtime),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }
    log = home / "jupyterlab.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, cwd=root, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        ) as process,
    ):
        try:
            _wait_until_it_answers(server, process, log)
            yield server
        finally:
            process.send_signal(signal.SIGTERM)  # Lab then ends its kernels
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_until_it_answers(server: LabServer, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            server.get("/api/status")
        except (OSError, urllib.error.URLError) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"JupyterLab did not start; its log ends:\n{log.read_text()[-2000:]}") from error
        else:
            return
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]

        return port


class Lab:
    """What a test does with JupyterLab: write a notebook, open it, run it, look, and ask its kernel."""

    def __init__(self, server: LabServer, browser: Browser) -> None:
        self.server = server
        self.root = server.root
        self.path = ""
        self.console: list[str] = []
        """Errors that the browser's console showed, and exceptions that no script caught."""
        self.outside: list[str] = []
        """Addresses other than JupyterLab's that a page asked for."""
        self._browser = browser
        self._context: BrowserContext | None = None
        self._page: Page | None = None
        self._vacant = False
        """The page shows a Lab without a document."""

    @property
    def page(self) -> Page:
        """The page of the present test."""
        if self._page is None:
            self._context = self._browser.new_context(viewport=SIZE)
            self._page = self._context.new_page()
            self._page.on("pageerror", lambda error: self.console.append(str(error)))
            self._page.on("console", lambda it: self.console.append(it.text) if it.type == "error" else None)
            self._page.on("request", lambda it: self._note(it.url))

        return self._page

    def fresh(self, *, page: bool = True) -> None:
        """Close all documents and end the kernels, so that the next test begins with nothing.

        Args:
            page: Begin it with a new page, too. Lab takes longer to load than most tests take, so this is for a test
                that has failed, or that leaves more behind than documents.

        """
        self._vacant = not page and self._closed()
        if self._context is not None and not self._vacant:
            self._context.close()
            self._context = self._page = None
        for session in self._sessions():
            self.server.delete(f"/api/sessions/{session['id']}")
        self.console.clear()
        self.outside.clear()
        self.path = ""

    def write(self, path: str, *cells: str) -> Path:
        """Write a notebook of these code cells below the root folder, and return where it is."""
        notebook = nbformat.v4.new_notebook(  # type: ignore[no-untyped-call]
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],  # type: ignore[no-untyped-call]
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, file)  # type: ignore[no-untyped-call]

        return file

    def open(self, path: str) -> Page:
        """Open a notebook below the root folder, and return the page when its kernel is there."""
        self.path = path
        if self._vacant:
            self._vacant = False
            self.page.evaluate(OPEN, path)
        else:
            self.page.goto(f"{self.server.url}/lab/tree/{path}?token={self.server.token}&reset")
            self.page.wait_for_function("() => window.jupyterapp", timeout=PATIENCE * 1000)
        deadline = time.monotonic() + PATIENCE
        while not self.page.evaluate(READY, path):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path} had no kernel after {PATIENCE:.0f} s; see {self.screenshot('no-kernel')}")
            self.page.wait_for_timeout(50)
        self._wait_for_splash()

        return self.page

    def run_all(self) -> None:
        """Run all cells, and return when the last has run."""
        self.page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells').then(() => null)")

    def python(self, expression: str) -> object:
        """Return what the expression gives in the notebook's kernel, as JSON has it, without touching the notebook."""
        asked = {"it": f"__import__('json').dumps({expression}, default=str)"}
        client = BlockingKernelClient(connection_file=str(self.server.runtime / f"kernel-{self._kernel()}.json"))
        client.load_connection_file()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=PATIENCE)
            # A client of its own: what the kernel prints belongs to the notebook.
            reply = client.execute_interactive(
                "", silent=True, user_expressions=asked, output_hook=lambda _: None, timeout=PATIENCE
            )
        finally:
            client.stop_channels()
        answer = reply["content"]["user_expressions"]["it"]
        if answer["status"] != "ok":
            raise RuntimeError(f"{expression}: {answer['ename']}: {answer['evalue']}")

        return json.loads(ast.literal_eval(answer["data"]["text/plain"]))

    def wait_for(self, expression: str, value: object) -> None:
        """Ask the kernel until the expression gives this value; fail with the last answer if it never does."""
        deadline = time.monotonic() + PATIENCE
        while (answer := self.python(expression)) != value and time.monotonic() < deadline:
            self.page.wait_for_timeout(50)

        assert answer == value

    def theme(self, name: str) -> None:
        """Switch to Lab's "light" or "dark" theme."""
        theme = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}[name]
        self.page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        self.page.wait_for_function(
            "light => document.body.dataset.jpThemeLight === light", arg="true" if name == "light" else "false"
        )
        self._wait_for_splash()

    def screenshot(self, name: str) -> Path:
        """Take a picture of the page, for somebody to look at."""
        ARTIFACTS.mkdir(exist_ok=True)
        file = ARTIFACTS / f"{name}.png"
        self.page.screenshot(path=file)

        return file

    def _closed(self) -> bool:
        """Close all documents of the page; tell whether it is as good as new."""
        if self._page is None:
            return False
        try:
            if not self._page.evaluate(CLOSE_ALL):
                return False
            self._page.set_viewport_size(SIZE)
            self._page.mouse.move(0, 0)
            self.theme("light")
        except PlaywrightError:
            return False

        return True

    def _wait_for_splash(self) -> None:
        """Wait until Lab's picture of moving planets is gone, which covers everything, after a change of theme too."""
        self.page.locator("#jupyterlab-splash").wait_for(state="detached", timeout=PATIENCE * 1000)

    def _kernel(self) -> str:
        kernel: str = next(it["kernel"]["id"] for it in self._sessions() if it["path"] == self.path)

        return kernel

    def _sessions(self) -> list[dict[str, Any]]:
        sessions = self.server.get("/api/sessions")
        assert isinstance(sessions, list)

        return sessions

    def _note(self, url: str) -> None:
        if urlsplit(url).scheme in {"http", "https", "ws", "wss"} and urlsplit(url).hostname != "127.0.0.1":
            self.outside.append(url)
