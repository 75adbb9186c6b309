"""Servers of the loopback that answer well, badly, slowly, or in place of others."""

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

IN_CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nin \r\n6;why=not\r\nchunks\r\n0\r\nx: y\r\n\r\n"
TWICE = [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + content for content in (b"A1", b"XX")]
BROKEN = {
    b"of two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 4\r\n\r\n{}{}",
    b"of one length twice": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\ncontent-length: 2\r\n\r\n{}",
    b"of a length and in chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + IN_CHUNKS.partition(b"\r\n")[2],
    b"in chunks and otherwise": IN_CHUNKS.replace(b"chunked", b"gzip, chunked"),
    b"with a checksum twice": b"HTTP/1.1 200 OK\r\nx-amz-crc32: 1\r\nX-Amz-Crc32: 2\r\nContent-Length: 2\r\n\r\n{}",
    b"with a blank in a name": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length : 0\r\n\r\n{}",
    b"with a folded line": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n Content-Length: 0\r\n\r\n{}",
    b"of a longer chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}{}0\r\n\r\n",
    b"not HTTP": b"\x15\x03\x01\x00\x02\x02\n",
    b"of unknown length": b"HTTP/1.1 200 OK\r\n\r\n{}",
    b"of a wrong length": b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}",
    b"without the last chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    b"of half a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{}",
    b"without end": b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 20_000,
}


PECULIAR = BROKEN | {b"twice": b"".join(TWICE), b"in chunks": IN_CHUNKS}


class EchoServer(ThreadingHTTPServer):
    """Answers with the body of the request, some bodies in a way of their own, and counts connections."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.connections = 0
        self.together: Barrier | None = None
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        Thread(target=self.serve_forever, args=[0.01], daemon=True).start()
        self.url = f"{'https' if tls else 'http'}://localhost:{self.server_port}"

    def handle_error(self, *_: Any) -> None:
        """Say nothing: clients hang up on purpose."""

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: EchoServer

    def setup(self) -> None:
        self.server.connections += 1
        super().setup()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.together is not None:
            self.server.together.wait(timeout=10)
        if body == b"late":
            time.sleep(0.5)
        if body in PECULIAR:
            self.wfile.write(PECULIAR[body])
            self.close_connection = body in BROKEN
        elif body == b"drop by drop":
            self._drip(b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" + b"x" * 40)
        else:
            self._echo(body)

    def _echo(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if body == b"cut short" else body)
        # Only after the answer: who has it cannot know.
        self.close_connection = body in (b"hang up", b"cut short")

    def _drip(self, content: bytes) -> None:
        for position in range(len(content)):
            time.sleep(0.05)
            with contextlib.suppress(OSError):
                self.wfile.write(content[position : position + 1])

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


class SilentServer:
    """Takes connections and requests, and never answers."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._taken: list[socket.socket] = []
        Thread(target=self._take, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    @property
    def connections(self) -> int:
        return len(self._taken)

    def _take(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._taken.append(self._listening.accept()[0])

    def stop(self) -> None:
        # Wakes the thread that waits for another.
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for connection in self._taken:
            connection.close()


class TunnellingProxy(ThreadingHTTPServer):
    """An HTTP proxy that notes where it is to connect to, with what credentials, and does it or answers `status`."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, status: int = 200) -> None:
        super().__init__(("127.0.0.1", 0), _TunnelHandler)
        self.status = status
        self.asked: list[tuple[str, str | None]] = []
        Thread(target=self.serve_forever, args=[0.01], daemon=True).start()
        self.netloc = f"127.0.0.1:{self.server_port}"

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class _TunnelHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: TunnellingProxy

    def do_CONNECT(self) -> None:
        self.server.asked.append((self.path, self.headers["Proxy-Authorization"]))
        self.send_response(self.server.status)
        self.end_headers()
        self.close_connection = True
        if self.server.status == 200:
            host, _, port = self.path.rpartition(":")
            with socket.create_connection((host, int(port))) as target:
                onwards = Thread(target=_pass_on, args=[self.connection, target], daemon=True)
                onwards.start()
                _pass_on(target, self.connection)
                onwards.join()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while content := source.recv(65_536):
            target.sendall(content)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


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


@contextlib.contextmanager
def tls_server(certificate: Path) -> Iterator[EchoServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = EchoServer(context)
    yield server
    server.stop()
