"""Slow clients stop nobody else, and are cut off."""

import http.client
import socket
from collections.abc import Callable, Iterator

import pytest

from marketplace.laptop.embedded_cloud.client import free_port
from marketplace.laptop.supervision import Child

# More than the server has threads.
CLIENTS = 12

SLOW: dict[str, bytes] = {
    "say nothing": b"",
    "send half a line": b"GET / HT",
    "send half a head": b"GET / HTTP/1.1\r\nHost: a\r\n",
    "send half a body": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf",
    "send half a chunk": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf",
    "begin a second request": b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HT",
    "begin a body of gigabytes": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\nhalf",
}

Server = Callable[[str], int]
Connect = Callable[[int, bytes], socket.socket]


@pytest.fixture
def server() -> Iterator[Server]:
    """Serves the echo with two threads by a worker of `impatient`; the port."""
    children = []

    def start(worker: str) -> int:
        port = free_port()
        child = Child(
            "server",
            "gunicorn",
            "tests.functional.impatient:echo",
            "--config=python:marketplace.serving.gunicorn_conf",
            f"--worker-class=tests.functional.impatient.{worker}",
            f"--bind=127.0.0.1:{port}",
            "--workers=1",
            "--threads=2",
            "--log-level=error",
            "--no-control-socket",
        )
        children.append(child)
        child.wait_for_answer("127.0.0.1", port, "/", patience_seconds=30)
        return port

    yield start
    for child in children:
        child.stop()


@pytest.fixture
def connect() -> Iterator[Connect]:
    """`connect(port, sent)` is a connection on which these bytes were sent."""
    connections = []

    def start(port: int, sent: bytes) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", port), timeout=30)
        connections.append(connection)
        connection.sendall(sent)
        return connection

    yield start
    for connection in connections:
        connection.close()


def read_until(connection: socket.socket, end: bytes) -> bytes:
    """What comes, up to these bytes."""
    received = b""
    while not received.endswith(end):
        data = connection.recv(4096)
        assert data, received
        received += data
    return received


def ask(port: int, *, body: bytes | None = None, path: str = "/") -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST" if body else "GET", path, body)
    answer = connection.getresponse().read().decode()
    connection.close()
    return answer


@pytest.mark.parametrize("do", SLOW)
def test_slow_clients_stop_nobody_else(server: Server, connect: Connect, do: str) -> None:
    port = server("PatientWorker")
    slow = [connect(port, SLOW[do]) for _ in range(CLIENTS)]
    # They would keep the connection for ten minutes; the client gives up after half a one.
    assert [ask(port, body=b"x" * 100_000) for _ in range(5)] == ["100000 0"] * 5
    assert len(slow) == CLIENTS


@pytest.mark.parametrize("do", SLOW)
def test_slow_clients_are_cut_off(server: Server, connect: Connect, do: str) -> None:
    connection = connect(server("ImpatientWorker"), SLOW[do])
    received = b""
    # Ends when the server closes the connection, which it is given half a minute for.
    while data := connection.recv(4096):
        received += data
    assert received == b"" or b"408 Request Timeout" in received


def test_a_client_that_drips_is_cut_off(server: Server, connect: Connect) -> None:
    connection = connect(server("ImpatientWorker"), b"GET / HTTP/1.1\r\nHost: a\r\n")
    connection.settimeout(0.2)
    answer = None
    for _ in range(150):
        try:
            connection.sendall(b"X: y\r\n")
            answer = connection.recv(4096)
        except TimeoutError:
            continue
        except OSError:
            answer = b""
        break
    assert answer == b"" or b"408" in (answer or b"")


def test_requests_that_arrive_in_pieces_are_answered(server: Server, connect: Connect) -> None:
    port = server("ImpatientWorker")
    whole = b"POST /?a=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789"
    connection = connect(port, b"")
    # Twice, on one connection.
    for _ in range(2):
        for position in range(len(whole)):
            connection.sendall(whole[position : position + 1])
        read_until(connection, b"10 3")


def test_requests_sent_together_are_answered_in_order(server: Server, connect: Connect) -> None:
    request = b"POST /?%s HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
    connection = connect(server("ImpatientWorker"), b"".join(request % (b"x" * number) for number in range(5)))
    assert read_until(connection, b"3 4").count(b"200 OK") == 5


def test_a_client_that_waits_to_be_asked_for_its_body_is_asked(server: Server, connect: Connect) -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
    connection = connect(server("ImpatientWorker"), head)
    read_until(connection, b"HTTP/1.1 100 Continue\r\n\r\n")
    connection.sendall(b"abc")
    read_until(connection, b"3 0")


def test_chunks_are_put_together(server: Server, connect: Connect) -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    connection = connect(server("ImpatientWorker"), head)
    connection.sendall(b"3\r\nabc\r\n")
    connection.sendall(b"2\r\nde\r\n0\r\n\r\n")
    read_until(connection, b"5 0")


@pytest.mark.parametrize("length", [100, 5_000, 30_000])
def test_a_long_address_reaches_the_site_which_refuses_it_in_its_own_words(server: Server, length: int) -> None:
    assert ask(server("ImpatientWorker"), path=f"/?{'x' * length}") == f"0 {length}"


def test_a_head_without_end_is_refused(server: Server, connect: Connect) -> None:
    connection = connect(server("ImpatientWorker"), b"GET /" + b"x" * 40_000)
    assert b"431" in connection.recv(4096)
