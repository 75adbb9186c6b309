"""Slow clients stop nobody else, and are cut off; what cannot be read is refused by the site itself."""

import contextlib
import http.client
import socket
import time
from collections.abc import Callable, Iterator
from functools import cache

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
    "send a chunk that ends as the last one does": (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf 0\r\n\r\n"
    ),
    "send many little chunks": (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 50_000
    ),
    "send half of the trailers": (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nExpires: never\r\n"
    ),
    "give a length with many zeros": (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0000000000000000000000100\r\n\r\nhalf"
    ),
    "begin a body of gigabytes": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\nhalf",
}

Server = Callable[[str], int]
Connect = Callable[[int, bytes], socket.socket]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Serves the echo with two threads by a worker of `impatient`; the port, the same each time."""
    children = []

    @cache
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


def read_to_end(connection: socket.socket) -> bytes:
    """All that comes until the server has nothing more to say."""
    received = b""
    while data := connection.recv(65536):
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


def test_slow_clients_are_cut_off(server: Server, connect: Connect) -> None:
    port = server("ImpatientWorker")
    slow = {do: connect(port, sent) for do, sent in SLOW.items()}
    # Each ends when the server closes the connection, which it is given half a minute for.
    answers = {do: read_to_end(connection) for do, connection in slow.items()}
    assert [do for do, answer in answers.items() if answer and b"408 Request Timeout" not in answer] == []


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


def test_chunks_with_trailers_are_put_together(server: Server, connect: Connect) -> None:
    head = b"POST /?a=1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    connection = connect(server("ImpatientWorker"), head + b'3;name="0"\r\n0\r\n\r\n0\r\nExpires: never\r\n\r\n')
    read_until(connection, b"3 3")
    connection.sendall(head + b"0\r\n\r\n")
    read_until(connection, b"0 3")


def test_of_too_many_chunks_the_site_gets_more_than_it_takes(server: Server, connect: Connect) -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    connection = connect(server("ImpatientWorker"), head + b"fffff\r\n" + b"x" * 300_000)
    assert read_to_end(connection).endswith(f"{256 * 1024 + 1} 0".encode())


def test_who_does_not_hang_up_stops_nobody_else(server: Server, connect: Connect) -> None:
    port = server("PatientWorker")
    # Each would be waited for during two seconds, one after the other.
    answered = [connect(port, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") for _ in range(40)]
    assert [ask(port) for _ in range(5)] == ["0 0"] * 5
    assert read_to_end(answered[0]).endswith(b"0 0")


def test_who_does_not_send_the_rest_of_a_body_stops_nobody_else(server: Server, connect: Connect) -> None:
    port = server("PatientWorker")
    begun = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + b"x" * 270_000
    assert len([connect(port, begun) for _ in range(40)]) == 40
    assert [ask(port) for _ in range(5)] == ["0 0"] * 5


def test_who_does_not_take_the_answer_stops_nobody_else(server: Server) -> None:
    port = server("PatientWorker")
    slow = []
    for _ in range(CLIENTS):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", port))
        connection.sendall(b"GET /long HTTP/1.1\r\nHost: a\r\n\r\n")
        slow.append(connection)
    assert [ask(port) for _ in range(5)] == ["0 0"] * 5
    # Whoever takes it later gets all of it, and may ask for more.
    received = b""
    while len(received) < 1_500_000:
        received += slow[0].recv(65536)
    slow[0].sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert read_until(slow[0], b"0 0").count(b"200 OK") == 1
    for connection in slow:
        connection.close()


def test_who_never_takes_the_answer_is_cut_off(server: Server) -> None:
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server("ImpatientWorker")))
        connection.sendall(b"GET /long HTTP/1.1\r\nHost: a\r\n\r\n")
        # Nothing is read meanwhile: its end, or an error, comes after what the system has kept.
        time.sleep(2)
        connection.settimeout(10)
        received = 0
        with contextlib.suppress(ConnectionError):
            while data := connection.recv(65536):
                received += len(data)
    assert received < 1_500_000


UNREADABLE: dict[str, bytes] = {
    "no method": b" /place HTTP/1.1\r\n",
    "no version": b"GET /place\r\n",
    "a version of another time": b"GET /place HTTP/9.9\r\n",
    "lines without carriage returns": b"GET /place HTTP/1.1\r\nA: b\nC: d\r\n",
    "no carriage returns at all": b"GET /place HTTP/1.1\nA: b\n\n",
    "a name without value": b"GET /place HTTP/1.1\r\nNonsense\r\n",
    "a space behind a name": b"GET /place HTTP/1.1\r\nHost : a\r\n",
    "a value on two lines": b"GET /place HTTP/1.1\r\nA: b\r\n c\r\n",
    "a null byte": b"GET /place HTTP/1.1\r\nA: \x00\r\n",
    "two hosts": b"GET /place HTTP/1.1\r\nHost: a\r\nHost: b\r\n",
    "two lengths": b"POST /place HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 2\r\n",
    "a length that is none": b"POST /place HTTP/1.1\r\nContent-Length: -1\r\n",
    "an unknown coding": b"POST /place HTTP/1.1\r\nTransfer-Encoding: spoken\r\n",
    "an unknown expectation": b"POST /place HTTP/1.1\r\nExpect: applause\r\n",
    "a chunk without length": b"POST /place HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a chunk that does not end": b"POST /place HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabcd\r\n0\r\n",
}


@pytest.mark.parametrize("request_has", UNREADABLE)
def test_what_cannot_be_read_is_refused_by_the_site(server: Server, connect: Connect, request_has: str) -> None:
    connection = connect(server("ImpatientWorker"), UNREADABLE[request_has] + b"\r\n")
    answer = read_to_end(connection)
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert answer.endswith(b"malformed at /" if request_has == "no method" else b"malformed at /place")


def test_a_head_without_end_is_refused(server: Server, connect: Connect) -> None:
    connection = connect(server("ImpatientWorker"), b"GET /" + b"x" * 40_000)
    assert read_to_end(connection).endswith(f"address too long at /{'x' * 2000}".encode())


@pytest.mark.parametrize("headers", [b"A: b\r\n" * 200, b"A: %s\r\n" % (b"b" * 10_000), b"A: %s\r\n" % (b"b" * 40_000)])
def test_too_many_and_too_long_headers_are_refused(server: Server, connect: Connect, headers: bytes) -> None:
    connection = connect(server("ImpatientWorker"), b"GET /place?a=1 HTTP/1.1\r\n" + headers + b"\r\n")
    assert read_to_end(connection).endswith(b"headers too large at /place")


def test_no_header_moves_the_site(server: Server, connect: Connect) -> None:
    head = b"GET /?a HTTP/1.1\r\nHost: a\r\nSCRIPT_NAME: /b\r\nPATH_INFO: /long\r\nConnection: close\r\n\r\n"
    assert read_to_end(connect(server("ImpatientWorker"), head)).endswith(b"0 1")
