"""`manage.py run`: one command starts everything, one signal stops everything, and nothing is left behind."""

import http.client
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from marketplace.laptop.embedded_cloud.client import endpoint_url, free_port
from marketplace.settings.env import BASE_DIR

READY = "Ctrl-C stops"
PATIENCE_SECONDS = 60


class Run:
    """One `manage.py run` on its own folder and ports, without the demo data."""

    def __init__(
        self,
        folder: Path,
        *,
        web_port: int | None = None,
        cloud_port: int | None = None,
        log: Path | None = None,
        in_background: bool = False,
    ) -> None:
        self.web_port = free_port() if web_port is None else web_port
        self.cloud_port = free_port() if cloud_port is None else cloud_port
        environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        environment |= {"DATA_DIR": str(folder), "WEB_PORT": str(self.web_port), "CLOUD_PORT": str(self.cloud_port)}
        self.log = log or folder.with_suffix(".log")
        ignoring = 'trap "" INT; ' if in_background else ""
        command = shlex.join([sys.executable, "manage.py", "run", "--without-demo"])
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                # As a shell without job control starts what ends with `&`.
                ["/bin/sh", "-c", f"{ignoring}exec {command}"],
                cwd=BASE_DIR,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait_until_ready(self) -> None:
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while READY not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < give_up_at, self.log.read_text()
            time.sleep(0.05)

    def wait(self) -> int:
        """Wait until it ends; its exit code."""
        return self.process.wait(PATIENCE_SECONDS)

    def children(self, command: str) -> list[int]:
        """The process ids of its children whose command line matches."""
        listing = subprocess.run(
            ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
        )
        rows = [line.split(None, 2) for line in listing.stdout.splitlines()]
        return [int(pid) for pid, ppid, args in rows if int(ppid) == self.process.pid and re.search(command, args)]

    def dynamodb(self) -> Any:
        return boto3.client("dynamodb", region_name="us-east-1", endpoint_url=endpoint_url(self.cloud_port))

    def is_anything_left(self) -> bool:
        return any(listens(port) for port in (self.web_port, self.cloud_port))


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """Starts `manage.py run`; always on the same folder unless told otherwise."""
    runs = []

    def start(folder: Path = tmp_path / "data", **options: Any) -> Run:
        runs.append(Run(folder, **options))
        return runs[-1]

    yield start
    for each in runs:
        each.process.terminate()
        each.process.wait(PATIENCE_SECONDS)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], bool], what: str) -> None:
    give_up_at = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < give_up_at, f"waited in vain until {what}"
        time.sleep(0.05)


def test_it_is_stopped_by_an_interrupt_in_the_background_of_a_shell_too(run: Callable[..., Run]) -> None:
    started = run(in_background=True)
    started.wait_until_ready()
    started.process.send_signal(signal.SIGINT)
    assert started.wait() == 0
    assert not started.is_anything_left()


def test_a_second_start_shows_the_same_data(run: Callable[..., Run]) -> None:
    first = run()
    first.wait_until_ready()
    web = http.client.HTTPConnection("127.0.0.1", first.web_port, timeout=10)
    web.request("GET", "/")
    assert web.getresponse().status
    web.close()
    item = {"counterKey": {"S": "survivor"}, "count": {"N": "1"}}
    first.dynamodb().put_item(TableName="local-counters-table", Item=item)
    first.process.send_signal(signal.SIGINT)
    assert first.wait() == 0
    assert not first.is_anything_left()

    second = run()
    second.wait_until_ready()
    key = {"counterKey": item["counterKey"]}
    assert second.dynamodb().get_item(TableName="local-counters-table", Key=key)["Item"] == item
    second.process.terminate()
    assert second.wait() == 0
    assert not second.is_anything_left()


def test_nothing_outlives_a_killed_run_and_the_next_one_starts(run: Callable[..., Run]) -> None:
    first = run()
    first.wait_until_ready()
    first.process.kill()
    first.wait()
    # At once, on the same folder and ports: it waits for what the killed one leaves behind.
    second = run(web_port=first.web_port, cloud_port=first.cloud_port)
    second.wait_until_ready()
    second.process.kill()
    second.wait()
    wait_until(lambda: not second.is_anything_left(), "both servers are gone")


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("marketplace.laptop.embedded_cloud", "embedded cloud"),
        ("celery .* worker", "task worker"),
    ],
)
def test_when_one_part_dies_all_stop(run: Callable[..., Run], command: str, name: str) -> None:
    started = run()
    started.wait_until_ready()
    (pid,) = started.children(command)
    os.kill(pid, signal.SIGKILL)
    assert started.wait() == 1
    assert f"the {name} ended by itself" in started.log.read_text().splitlines()[-1]
    wait_until(lambda: not started.is_anything_left(), "both servers are gone")


def test_two_run_side_by_side_but_not_on_one_folder(run: Callable[..., Run], tmp_path: Path) -> None:
    first = run()
    first.wait_until_ready()
    beside = run(tmp_path / "other")
    beside.wait_until_ready()
    third = run()
    assert third.wait() == 1
    waited, line = third.log.read_text().splitlines()
    assert waited.endswith(f"waiting up to 15 s for the run before, process {first.process.pid}")
    assert line == (
        f"CommandError: {tmp_path / 'data'} is in use by process {first.process.pid}; "
        "choose another folder with DATA_DIR"
    )


@pytest.mark.parametrize("setting", ["WEB_PORT", "CLOUD_PORT"])
def test_a_used_port_is_refused_in_one_line(run: Callable[..., Run], setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        started = run(**{setting.lower(): port})
        assert started.wait() == 1
    (line,) = started.log.read_text().splitlines()
    assert line == f"CommandError: port {port} is in use; choose another with {setting}"
    assert not started.is_anything_left()


def test_two_servers_on_one_port_are_refused_in_one_line(run: Callable[..., Run]) -> None:
    port = free_port()
    started = run(web_port=port, cloud_port=port)
    assert started.wait() == 1
    assert started.log.read_text() == f"CommandError: WEB_PORT and CLOUD_PORT are both {port}; choose two ports\n"


@pytest.mark.parametrize("setting", ["WEB_PORT", "CLOUD_PORT"])
@pytest.mark.parametrize("port", [0, 65_536])
def test_what_is_no_port_is_refused_in_one_line(run: Callable[..., Run], setting: str, port: int) -> None:
    started = run(**{setting.lower(): port})
    assert started.wait() == 1
    (line,) = started.log.read_text().splitlines()
    assert line == f"ImproperlyConfigured: {setting} is '{port}': give the number of a port, 1 to 65535"


def test_a_folder_that_cannot_be_written_is_refused_in_one_line(run: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "data"
    started = run(folder, log=tmp_path / "run.log")
    assert started.wait() == 1
    (line,) = started.log.read_text().splitlines()
    assert line == f"CommandError: {folder} cannot be written (Not a directory); choose another folder with DATA_DIR"
