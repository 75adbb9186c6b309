"""The web server is renewed under load, and no request fails: by a reload, and by a restart behind systemd's socket."""

import http.client
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from marketplace.settings.env import BASE_DIR

_PATIENCE_SECONDS = 60
_CLIENTS = 6
_SERVER = (
    "--config=python:marketplace.serving.gunicorn_conf",
    "--workers=2",
    "--threads=4",
    "--log-level=error",
    "tests.functional.impatient:whoami",
)

_AS_SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.executable, sys.argv[2:])
"""


class Load:
    """Clients that ask again and again, each time on a connection of its own as a front does; what they were told."""

    def __init__(self, port: int) -> None:
        self.failures: list[str] = []
        self._port = port
        self._answers = 0
        self._processes: set[str] = set()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._ask_on, args=(number,)) for number in range(_CLIENTS)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def see_others_than(self, processes: set[str]) -> set[str]:
        """Ask on until none but other processes answer; which these are."""
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while True:
            with self._lock:
                self._answers, self._processes = 0, set()
            while self._answers < 10 * _CLIENTS:
                assert time.monotonic() < give_up_at, self.failures
                time.sleep(0.01)
            with self._lock:
                if not self._processes & processes:
                    return set(self._processes)

    def _ask_on(self, number: int) -> None:
        while not self._stop.is_set():
            try:
                answer = self._ask(slowly=number == 0)
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(repr(error))
                continue
            with self._lock:
                self._answers += 1
                self._processes.add(answer)

    def _ask(self, *, slowly: bool) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE_SECONDS)
        connection.putrequest("POST", "/")
        connection.putheader("Content-Length", "4")
        connection.endheaders(b"ab")
        if slowly:
            # Some are always half-way.
            time.sleep(0.05)
        connection.send(b"cd")
        response = connection.getresponse()
        body = response.read().decode()
        connection.close()
        if response.status != http.client.OK:
            raise http.client.HTTPException(f"{response.status} {body}")
        return body


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """The socket that systemd holds."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        yield listener


@contextmanager
def server(listener: socket.socket) -> Iterator[subprocess.Popen[bytes]]:
    """As systemd starts it: the socket is its file 3, and the environment says that this process may take it."""
    process = subprocess.Popen(
        [sys.executable, "-c", _AS_SYSTEMD, str(listener.fileno()), sys.executable, "-m", "gunicorn", *_SERVER],
        cwd=BASE_DIR,
        pass_fds=[listener.fileno()],
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def port_of(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


def test_a_reload_under_load_fails_no_request(listener: socket.socket, is_torture: bool) -> None:
    with server(listener) as process, Load(port_of(listener)) as load:
        answering = load.see_others_than(set())
        for _ in range(20 if is_torture else 1):
            process.send_signal(signal.SIGHUP)
            answering = load.see_others_than(answering)
    assert load.failures == []


def test_a_restart_behind_systemds_socket_fails_no_request(listener: socket.socket, is_torture: bool) -> None:
    with ExitStack() as last, Load(port_of(listener)) as load:
        answering: set[str] = set()
        for _ in range(20 if is_torture else 2):
            with server(listener) as process:
                answering = load.see_others_than(answering)
                process.terminate()
                assert process.wait(_PATIENCE_SECONDS) == 0
        # Whoever asked meanwhile waits for the next.
        last.enter_context(server(listener))
        load.see_others_than(answering)
    assert load.failures == []


def test_a_connection_on_which_a_request_has_just_been_sent_is_answered_by_a_worker_that_stops(
    listener: socket.socket,
) -> None:
    with server(listener) as process, Load(port_of(listener)) as load:
        load.see_others_than(set())
        with socket.create_connection(("127.0.0.1", port_of(listener)), timeout=_PATIENCE_SECONDS) as connection:
            # Accepted once others that came later are answered.
            load.see_others_than(set())
            process.send_signal(signal.SIGHUP)
            connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 OK")
