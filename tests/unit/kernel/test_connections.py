"""Connections: kept alive, given up when the other side hangs up, and never shared by two requests."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, Thread
from typing import Any

import pytest

from marketplace.kernel.storage.connections import BrokenConnectionError, Connections


class EchoServer:
    """Answers with the body of the request, some bodies in a way of their own, and counts connections."""

    def __init__(self) -> None:
        self.connections = 0
        self.together: Barrier | None = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                outer.connections += 1
                super().setup()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if outer.together is not None:
                    outer.together.wait(timeout=10)
                if body == b"late":
                    time.sleep(0.5)
                if body == b"not HTTP":
                    self.wfile.write(b"\x15\x03\x01\x00\x02\x02\n")
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: len(body) // 2] if body == b"cut short" else body)
                # Only after the answer: who has it cannot know.
                self.close_connection = body in (b"hang up", b"cut short")

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


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


def test_a_connection_that_was_closed_meanwhile_is_not_used_again(server: EchoServer, connections: Connections) -> None:
    assert connections.post(b"hang up", {}).content == b"hang up"
    time.sleep(0.1)
    assert connections.post(b"next", {}).content == b"next"
    assert server.connections == 2


def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_one(connections: Connections) -> None:
    with pytest.raises(BrokenConnectionError):
        connections.post(b"late", {})
    assert connections.post(b"next", {}).content == b"next"
    time.sleep(0.5)
    assert connections.post(b"last", {}).content == b"last"


@pytest.mark.parametrize("body", [b"cut short", b"not HTTP"])
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
