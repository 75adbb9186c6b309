"""Connections: kept alive, given up when the other side hangs up, and never shared by two requests."""

import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kernel.storage.connections import BrokenConnectionError, Connections

IN_CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nin \r\n6;why=not\r\nchunks\r\n0\r\nx: y\r\n\r\n"
TWICE = [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + content for content in (b"A1", b"XX")]
BROKEN = {
    b"not HTTP": b"\x15\x03\x01\x00\x02\x02\n",
    b"of unknown length": b"HTTP/1.1 200 OK\r\n\r\n{}",
    b"of a wrong length": b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}",
    b"without the last chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    b"of half a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{}",
    b"without end": b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 20_000,
}


class EchoServer:
    """Answers with the body of the request, some bodies in a way of their own, and counts connections."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
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
                if body in BROKEN:
                    self.wfile.write(BROKEN[body])
                    self.close_connection = True
                    return
                if body == b"twice":
                    self.wfile.write(b"".join(TWICE))
                    return
                if body == b"in chunks":
                    self.wfile.write(IN_CHUNKS)
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
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"{'https' if tls else 'http'}://localhost:{self._server.server_port}"

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


# --- TLS -------------------------------------------------------------------------------------------------------------


def certificate_for(name: str, folder: Path) -> Path:
    """A file with a key and a certificate that it signed for that host."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)
    )
    return path


@contextmanager
def tls_server(certificate: Path) -> Iterator[EchoServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = EchoServer(context)
    yield server
    server.stop()


def test_a_host_is_believed_that_shows_a_certificate_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certificate_for("localhost", tmp_path)
    monkeypatch.setattr("kernel.storage.connections.get_cert_path", lambda *, verify: str(certificate))
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


def test_a_certificate_of_another_host_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = certificate_for("elsewhere.example", tmp_path)
    monkeypatch.setattr("kernel.storage.connections.get_cert_path", lambda *, verify: str(certificate))
    with (
        tls_server(certificate) as server,
        connections_to(server, read_timeout=5) as connections,
        pytest.raises(BrokenConnectionError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        connections.post(b"1", {})
