"""Connections: kept alive, given up when the other side hangs up, and never shared by two requests."""

import os
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier

import pytest
from pytest_django import Settings

from kernel.storage.connections import BrokenConnectionError, Connections
from tests.factories.servers import BROKEN, EchoServer, certificate_for, tls_server


@pytest.fixture
def server() -> Iterator[EchoServer]:
    server = EchoServer()
    yield server
    server.stop()


@contextmanager
def connections_to(server: EchoServer, *, read_timeout: float = 0.2, kept: int = 10) -> Iterator[Connections]:
    connections = Connections(server.url, connect_timeout=5, read_timeout=read_timeout, kept=kept)
    yield connections
    connections.close()


@pytest.fixture
def connections(server: EchoServer) -> Iterator[Connections]:
    with connections_to(server) as connections:
        yield connections


def test_one_connection_serves_one_request_after_the_other(server: EchoServer, connections: Connections) -> None:
    assert [connections.post(body, {}).content for body in (b"1", b"2", b"3")] == [b"1", b"2", b"3"]
    assert server.connections == 1


def test_an_answer_in_chunks_is_put_together(server: EchoServer, connections: Connections) -> None:
    assert [connections.post(b"in chunks", {}).content, connections.post(b"1", {}).content] == [b"in chunks", b"1"]
    assert server.connections == 1


def test_a_connection_that_was_closed_meanwhile_is_not_used_again(server: EchoServer, connections: Connections) -> None:
    assert connections.post(b"hang up", {}).content == b"hang up"
    time.sleep(0.1)
    assert connections.post(b"next", {}).content == b"next"
    assert server.connections == 2


def test_an_answer_that_nobody_asked_for_is_not_taken_for_the_next_one(connections: Connections) -> None:
    assert [connections.post(body, {}).content for body in (b"twice", b"next")] == [b"A1", b"next"]


def test_a_new_connection_can_be_asked_for(server: EchoServer, connections: Connections) -> None:
    assert [connections.post(b"1", {}).content, connections.post(b"2", {}, anew=True).content] == [b"1", b"2"]
    assert server.connections == 2


def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_one(connections: Connections) -> None:
    with pytest.raises(BrokenConnectionError):
        connections.post(b"late", {})
    assert connections.post(b"next", {}).content == b"next"
    time.sleep(0.5)
    assert connections.post(b"last", {}).content == b"last"


@pytest.mark.parametrize("body", [b"cut short", *BROKEN])
def test_half_an_answer_is_none(connections: Connections, body: bytes) -> None:
    with pytest.raises(BrokenConnectionError):
        connections.post(body, {})
    assert connections.post(b"next", {}).content == b"next"


def test_nobody_there_is_a_broken_connection(server: EchoServer, connections: Connections) -> None:
    server.stop()
    with pytest.raises(BrokenConnectionError):
        connections.post(b"1", {})


def test_requests_at_the_same_time_have_a_connection_each_of_which_some_are_kept(server: EchoServer) -> None:
    bodies = [str(number).encode() for number in range(5)]
    with connections_to(server, read_timeout=10, kept=2) as connections, ThreadPoolExecutor(5) as pool:
        server.together = Barrier(5)
        assert list(pool.map(lambda body: connections.post(body, {}).content, bodies)) == bodies
        assert server.connections == 5
        server.together = Barrier(3)
        list(pool.map(lambda body: connections.post(body, {}), bodies[:3]))
        assert server.connections == 6


# --- Time ------------------------------------------------------------------------------------------------------------


def test_an_answer_that_comes_drop_by_drop_is_given_up_in_time(connections: Connections) -> None:
    # Each drop by itself comes soon enough.
    with pytest.raises(BrokenConnectionError, match="Timeout"):
        connections.post(b"drop by drop", {})


def test_a_caller_may_have_less_patience(server: EchoServer) -> None:
    with connections_to(server, read_timeout=10) as connections:
        with pytest.raises(BrokenConnectionError):
            connections.post(b"late", {}, patience=0.05)
        assert connections.post(b"late", {}, patience=10).content == b"late"


def test_what_waited_beside_a_broken_connection_is_not_used_again(server: EchoServer) -> None:
    with connections_to(server) as connections, ThreadPoolExecutor(3) as pool:
        server.together = Barrier(3)
        list(pool.map(lambda body: connections.post(body, {}), [b"1", b"2", b"3"]))
        server.together = None
        with pytest.raises(BrokenConnectionError):
            connections.post(b"late", {})
        assert server.connections == 3
        connections.post(b"next", {})
        assert server.connections == 4


@pytest.mark.parametrize(("seconds", "is_used"), [(40, True), (60, False), (86_400, False), (-60, False)])
def test_a_connection_that_was_idle_for_long_by_the_wall_clock_is_not_used_again(
    server: EchoServer, connections: Connections, monkeypatch: pytest.MonkeyPatch, seconds: int, is_used: bool
) -> None:
    connections.post(b"1", {})
    # As after a function was frozen: no other clock went on, and the server has not said goodbye.
    now = time.time()
    monkeypatch.setattr("kernel.storage.connections.time.time", lambda: now + seconds)
    assert connections.post(b"2", {}).content == b"2"
    assert server.connections == (1 if is_used else 2)


# --- Forks -----------------------------------------------------------------------------------------------------------


def answers_in_a_fork(connections: Connections, bodies: list[bytes]) -> Iterator[bytes]:
    """What a forked process gets for these bodies; it runs until the last is taken."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        # The server of the test is a thread.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            os.write(writer, b"".join(connections.post(body, {}).content for body in bodies))
        finally:
            os._exit(0)
    os.close(writer)
    yield b""
    with os.fdopen(reader, "rb") as answers:
        yield answers.read()
    os.waitpid(child, 0)


def test_a_forked_process_has_connections_of_its_own(server: EchoServer) -> None:
    with connections_to(server, read_timeout=10) as connections:
        connections.post(b"before", {})
        child = answers_in_a_fork(connections, [b"c"] * 200)
        next(child)
        assert {connections.post(b"parent", {}).content for _ in range(200)} == {b"parent"}
        assert next(child) == b"c" * 200
        assert list(child) == []
        # The parent's, which goes on, and the child's.
        assert server.connections == 2


# --- TLS -------------------------------------------------------------------------------------------------------------


def test_a_host_is_believed_that_shows_a_certificate_of_its_own(tmp_path: Path, settings: Settings) -> None:
    certificate = certificate_for("localhost", tmp_path)
    settings.AWS_CA_BUNDLE = str(certificate)
    with tls_server(certificate) as server, connections_to(server, read_timeout=5) as connections:
        assert [connections.post(body, {}).content for body in (b"1", b"2")] == [b"1", b"2"]
        assert server.connections == 1


def test_a_certificate_of_nobody_known_is_refused(tmp_path: Path) -> None:
    with (
        tls_server(certificate_for("localhost", tmp_path)) as server,
        connections_to(server, read_timeout=5) as connections,
        pytest.raises(BrokenConnectionError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        connections.post(b"1", {})


def test_a_certificate_of_another_host_is_refused(tmp_path: Path, settings: Settings) -> None:
    certificate = certificate_for("elsewhere.example", tmp_path)
    settings.AWS_CA_BUNDLE = str(certificate)
    with (
        tls_server(certificate) as server,
        connections_to(server, read_timeout=5) as connections,
        pytest.raises(BrokenConnectionError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        connections.post(b"1", {})
