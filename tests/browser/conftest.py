"""Chromium before the whole site: `manage.py run` with its demo data, on ports and in a folder of its own.

`--site http://localhost:8000` tests a site that runs already, which is quicker while one writes a page. The environment
has its CLOUD_PORT and DATA_DIR where those are not the usual ones.
"""

import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from marketplace.laptop.embedded_cloud.client import free_port
from marketplace.laptop.supervision import Child
from marketplace.settings.env import BASE_DIR
from tests.browser.chromium import ChromiumMissingError, launch
from tests.browser.visitors import PATIENCE_MS, Site, Visit, Visitor

_STARTED_WITHIN_SECONDS = 180
_PICTURES = BASE_DIR / "screenshots" / "failed"
_HAS_FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In CI, try a test in a browser that failed once more; the run's end names it (decision 545)."""
    if os.environ.get("CI"):
        for item in items:
            if item.path.is_relative_to(Path(__file__).parent):
                item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The running site. All workers of a test run share one: tests sign up people of their own."""
    running = request.config.getoption("--site")
    if running:
        yield Site(running.rstrip("/"), {"DJANGO_SETTINGS_MODULE": "marketplace.settings.local"})
        return
    is_worker = hasattr(request.config, "workerinput")
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if is_worker else base) / "site"
    folder.mkdir(exist_ok=True)
    with ExitStack() as stack:
        with _locked(folder) as users:
            if not users:
                stack.enter_context(_running(folder, users_path=folder / "users"))
            _write(folder, users + 1)
        try:
            environment = json.loads((folder / "environment").read_text())
            yield Site(f"http://localhost:{environment['WEB_PORT']}", environment)
        finally:
            with _locked(folder) as users:
                _write(folder, users - 1)


@contextmanager
def _locked(folder: Path) -> Iterator[int]:
    """How many workers use the site; nobody else changes that meanwhile."""
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        path = folder / "users"
        yield int(path.read_text()) if path.exists() else 0


def _write(folder: Path, users: int) -> None:
    (folder / "users").write_text(str(users))


@contextmanager
def _running(folder: Path, *, users_path: Path) -> Iterator[None]:
    """Start the site, and stop it once no worker needs it any more."""
    web_port, cloud_port = free_port(), free_port()
    # A short path: the processes' sockets have room for a hundred characters.
    data = tempfile.mkdtemp(prefix="lintel-")
    environment = {
        "DJANGO_SETTINGS_MODULE": "marketplace.settings.local",
        "WEB_PORT": str(web_port),
        "CLOUD_PORT": str(cloud_port),
        "DATA_DIR": data,
        # People of these tests book at one provider as often as they like.
        "BOOKING_LIMIT_SCALE": "100",
    }
    child = Child("site", "django", "run", environment=environment)
    try:
        child.wait_for_answer("127.0.0.1", web_port, "/health", patience_seconds=_STARTED_WITHIN_SECONDS)
        (folder / "environment").write_text(json.dumps(environment))
        yield
        # Whoever started it waits for the others.
        for _ in range(600):
            with _locked(folder) as users:
                if users <= 0:
                    break
            time.sleep(0.5)
    finally:
        child.stop()
        users_path.unlink(missing_ok=True)
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture(scope="session")
def tomorrow(site: Site) -> Iterator[str]:
    """The address of the same site a day later: one more web server, whose clock is ahead.

    Cookies are for all ports of a host, so that who is signed in at the site is so here, too.
    """
    port = free_port()
    child = Child(
        "tomorrow",
        "gunicorn",
        "marketplace.wsgi:application",
        f"--bind=127.0.0.1:{port}",
        "--worker-class=gthread",
        "--threads=4",
        "--log-level=error",
        "--no-control-socket",
        environment={**site.environment, "CLOCK_OFFSET_SECONDS": str(24 * 60 * 60)},
    )
    try:
        child.wait_for_answer("127.0.0.1", port, "/health", patience_seconds=_STARTED_WITHIN_SECONDS)
        address = f"http://localhost:{port}"
        site.later.append(address)
        yield address
    finally:
        child.stop()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    # A page is given as long to show what is expected as to do what is asked.
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for all tests: what CHROMIUM names, else the one on the path."""
    try:
        browser = launch(playwright)
    except ChromiumMissingError as error:
        pytest.fail(str(error), pytrace=False)
    yield browser
    browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Remember for the fixtures of a test whether it failed."""
    report = yield
    item.stash[_HAS_FAILED] = report.when == "call" and report.failed
    return report


@pytest.fixture
def visit(request: pytest.FixtureRequest, site: Site, chromium: Browser) -> Iterator[Visit]:
    """Open the site as somebody: `visit("customer", theme="dark", language="fr", width=375)`; a stranger has no role.

    At the end every visitor's console, requests and policy of contents must have been clean. What the visitors of a
    test that failed saw last is kept in `screenshots/failed`.
    """
    visitors: list[Visitor] = []

    def open_site(role: str | None = None, **options: object) -> Visitor:
        visitor = Visitor(site, chromium, role=role, **options)  # type: ignore[arg-type]
        visitors.append(visitor)
        return visitor

    yield open_site
    if request.node.stash.get(_HAS_FAILED, False):
        seen = [visitor for visitor in visitors if not visitor.page.is_closed()]
        for number, visitor in enumerate(seen):
            visitor.page.screenshot(path=_PICTURES / f"{request.node.name}-{number}.png", full_page=True)
    for visitor in visitors:
        visitor.leave()
    problems = [problem for visitor in visitors for problem in visitor.problems]
    assert not problems
