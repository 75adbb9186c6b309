"""What README.md tells people to type works: its commands are run as they are written, one block after the other."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from marketplace.laptop.embedded_cloud.client import free_port
from marketplace.settings.env import BASE_DIR

README = (BASE_DIR / "README.md").read_text()
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#:]+)\)")
_READY = "Ctrl-C stops"
_PATIENCE_SECONDS = 90

BLOCKS = [text for _, text in _FENCED.findall(README)]
MAKE_BLOCKS = [text for text in BLOCKS if text.startswith("make ")]
WALK = [text for text in BLOCKS if text not in MAKE_BLOCKS]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A shell of somebody who has chosen other ports and another folder for the data."""
    # What the test run itself sets must not help.
    environment = {
        name: value
        for name, value in os.environ.items()
        if name != "DJANGO_SETTINGS_MODULE" and not name.startswith("AWS_")
    }
    return environment | {
        "DATA_DIR": str(tmp_path_factory.mktemp("readme") / "data"),
        "WEB_PORT": str(free_port()),
        "CLOUD_PORT": str(free_port()),
    }


@pytest.fixture(scope="module")
def _running(environment: dict[str, str]) -> Iterator[None]:
    """What `make run` does once the packages are installed."""
    log = Path(environment["DATA_DIR"]).with_suffix(".log")
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "manage.py", "run"], cwd=BASE_DIR, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while _READY not in log.read_text():
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < give_up_at, log.read_text()
            time.sleep(0.1)
        yield
    finally:
        server.terminate()
        server.wait(_PATIENCE_SECONDS)


@pytest.mark.usefixtures("_running")
def test_the_walk_through_works_as_written(environment: dict[str, str]) -> None:
    outputs = _run_in_one_shell(WALK, environment)

    sharing, search, availability, booking, contention, changes, review = outputs
    assert sharing == booking == ""
    assert "Barton Hills Plumbing" in search
    assert re.search(r'"results":\[{"starts_at":"\d{4}-\d\d-\d\dT', availability)
    assert '"slot_taken"' in contention
    assert re.findall(r'"status":"(\w+)"', changes) == ["confirmed", "completed", "paid"]
    # The review itself, and then the newest in the provider's list.
    assert re.findall(r'"comment":"([^"]*)"', review) == ["On time, tidy, fair."] * 2


def _run_in_one_shell(blocks: list[str], environment: dict[str, str]) -> list[str]:
    """What each block prints; fails with the first command that does."""
    boundary = "=== next block ==="
    script = "set -euo pipefail\n" + f"\nprintf '%s' '{boundary}'\n".join(blocks)
    done = subprocess.run(
        ["bash", "-c", script],  # noqa: S607  (the bash of whoever reads this)
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert done.stderr == ""
    return done.stdout.split(boundary)


def test_every_command_is_covered() -> None:
    assert {language for language, _ in _FENCED.findall(README)} == {"bash"}
    assert MAKE_BLOCKS == ["make run\n", "make test\n"]


@pytest.mark.parametrize("command", MAKE_BLOCKS, ids=str.strip)
def test_make_knows_its_verbs(command: str) -> None:
    planned = subprocess.run(
        [*command.split(), "--dry-run"], cwd=BASE_DIR, capture_output=True, text=True, timeout=30, check=False
    )
    assert planned.returncode == 0, planned.stderr
    assert {"make run": "manage.py run", "make test": "pytest"}[command.strip()] in planned.stdout


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md", "docs/architecture.md", "docs/development.md"])
def test_links_lead_somewhere(page: str) -> None:
    path = BASE_DIR / page
    broken = [link for link in _LINK.findall(path.read_text()) if not (path.parent / link).exists()]
    assert broken == []
