"""Fixtures for the browser tests."""

import re
from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import conftest
from tests.browser import lab as jupyterlab


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium for all tests of the run."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - starts nothing unless a test asks for it

    # By default 5 s: less than a kernel may take to answer where everything else runs at the same time.
    expect.set_options(timeout=1000 * jupyterlab.PATIENCE)
    with sync_playwright() as playwright:
        chromium = jupyterlab.find_chromium(playwright)
        if chromium is None:
            conftest.missing(
                "browser",
                "no Chromium or Chrome is installed; install one (apt-get install chromium), or name one in "
                "WORKBENCH_TEST_CHROMIUM",
            )
        with jupyterlab.launch(playwright, chromium) as browser:
            yield browser


@pytest.fixture(scope="session")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[jupyterlab.Lab]:
    """A real JupyterLab for all tests of the run; each test gets a new page and new kernels."""
    with jupyterlab.running(tmp_path_factory.mktemp("lab")) as server:
        yield jupyterlab.Lab(server, browser)


@pytest.fixture(autouse=True)
def clean_page(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a test: picture a failure, fail on what the browser complained of, and begin the next test with nothing."""
    if "lab" not in request.fixturenames:
        yield
        return

    lab: jupyterlab.Lab = request.getfixturevalue("lab")
    yield
    failed = request.node.stash.get(FAILED, False)
    try:
        if failed:
            lab.screenshot(f"failed-{re.sub(r'[^A-Za-z0-9]+', '-', request.node.name)}")
        else:
            assert lab.outside == [], "a page asked for something outside JupyterLab"
            assert lab.console == [], "the browser's console shows errors"
    finally:
        lab.fresh(page=failed)


@pytest.fixture
def page(lab: jupyterlab.Lab) -> Page:
    """The page of this test, new and empty until `lab.open` leads it to a notebook."""
    return lab.page


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember for the fixtures whether the test itself failed."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed

    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder."""
    for item in items:
        if "lab" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
