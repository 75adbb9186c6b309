"""The four processes of the server profile, by the commands of the image, with its settings: a booking is told of."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import urllib3
from django.conf import settings

from marketplace.laptop.embedded_cloud.client import free_port
from marketplace.operations.deploy.static_files import collect
from marketplace.operations.provisioning import provision
from marketplace.settings.env import BASE_DIR
from tests.factories.notifications import make_addressed_scene
from tests.functional.lives import Inbox
from tests.functional.test_events import _skip_what_is_there
from tests.server_profile import composed, image_command, image_health_check

_PATIENCE_SECONDS = 120
HOST = {"Host": "book.example.org", "X-Forwarded-Proto": "https"}


@pytest.fixture(scope="module")
def environment(cloud: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What `/etc/lintel/server.env` would say."""
    folder = tmp_path_factory.mktemp("static")
    collect(folder)
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        **provision(settings.STAGE),
        "DJANGO_SETTINGS_MODULE": "tests.functional.server_settings",
        "STATIC_FOLDER": str(folder),
        "AWS_ENDPOINT_URL": cloud,
        "STAGE": settings.STAGE,
        "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "ALLOWED_HOSTS": "book.example.org",
        "SITE_URL": "https://book.example.org",
        "EMAIL_FROM_ADDRESS": settings.EMAIL_FROM_ADDRESS,
        "TRUSTED_PROXY_HOPS": "1",
    }


@contextmanager
def running(command: list[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The process until the block ends; then it is told to stop, and must end as one that was told so."""
    process = subprocess.Popen(command, cwd=BASE_DIR, env=environment)
    try:
        yield process
        process.terminate()
        assert process.wait(_PATIENCE_SECONDS) == 0
    finally:
        process.kill()
        process.wait()


def test_a_booking_is_told_of_by_the_servers_processes(environment: dict[str, str], tmp_path: Path) -> None:
    _skip_what_is_there()
    commands = {name: composed()[name]["command"] for name in ("worker", "beat", "pump")}
    commands["beat"] = [each.replace("/data/", f"{tmp_path}/") for each in commands["beat"]]
    inbox = Inbox()
    with ExitStack() as stack:
        for command in commands.values():
            stack.enter_context(running(command, environment))
        scene = make_addressed_scene()
        booking = scene.book()
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while len([kind for kind in inbox.arrivals if kind[0] == booking.booking_id]) < 2:
            assert time.monotonic() < give_up_at
            time.sleep(0.1)
            inbox.look()
    assert {kind[2] for kind in inbox.arrivals if kind[0] == booking.booking_id} == {"booking.requested"}


@pytest.fixture(scope="module")
def web(environment: dict[str, str]) -> Iterator[str]:
    """The address of the web server, once its health check is content."""
    address = f"127.0.0.1:{free_port()}"
    command = [each.replace("0.0.0.0:8000", address) for each in image_command()]
    check = [*image_health_check(), f"http://{address}/health"]
    with running(command, environment):
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while subprocess.run(check, cwd=BASE_DIR, env=environment, capture_output=True, check=False).returncode:
            assert time.monotonic() < give_up_at
            time.sleep(0.1)
        yield f"http://{address}"


def test_the_web_server_answers_with_pages_and_all_that_they_load(web: str) -> None:
    page = urllib3.request("GET", f"{web}/", headers=HOST, retries=False)
    assert (page.status, page.headers["Cache-Control"]) == (200, "no-store")
    loaded = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page.data.decode()))
    assert loaded
    for path in loaded:
        file = urllib3.request("GET", f"{web}{path}", headers=HOST, retries=False)
        assert (file.status, file.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable"), path
        assert file.data


def test_the_web_server_has_no_files_but_those(web: str) -> None:
    for path in ("site.css", "staticfiles.json", "..%2f..%2fmanage.py", "../manage.py", "%2fetc/passwd", ""):
        assert urllib3.request("GET", f"{web}/static/{path}", headers=HOST, retries=False).status == 404, path


def test_fonts_and_pictures_are_sent_as_they_are(web: str, environment: dict[str, str]) -> None:
    font = next(Path(environment["STATIC_FOLDER"]).rglob("*.*.woff2"))
    path = font.relative_to(environment["STATIC_FOLDER"]).as_posix()
    answer = urllib3.request(
        "GET", f"{web}/static/{path}", headers={**HOST, "Accept-Encoding": "gzip", "Accept": "*/*"}, retries=False
    )
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Content-Type"] == "font/woff2"
    assert answer.data == font.read_bytes()


def test_a_health_check_of_a_server_that_is_not_there_fails(environment: dict[str, str]) -> None:
    check = [*image_health_check(), f"http://127.0.0.1:{free_port()}/health"]
    done = subprocess.run(check, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("no answer")
