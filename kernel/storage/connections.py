"""Connections to one host, kept alive from request to request.

As much of HTTP/1.1 as that takes: a POST, and an answer that says how long it is, or comes in chunks as proxies send
them. What is not that is refused.
"""

import re
import socket
import ssl
from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from botocore.httpsession import get_cert_path
from urllib3.util import parse_url, wait_for_read

_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) (\d{3})( [^\r\n]*)?")
_LENGTH = re.compile(r"[0-9]{1,12}")
_CHUNK_HEAD = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(;[^\r\n]*)?")
_MAX_HEAD_BYTES = 65_536
_RECEIVED_BYTES = 65_536


class BrokenConnectionError(Exception):
    """No connection, or none that lasted until the end of the answer, or an answer that is not understood."""


class Answer(NamedTuple):
    """What came back; the names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Connections:
    """As many connections as threads need at once, of which `kept` stay open; timeouts in seconds.

    urllib3 and `http.client` can do more, for up to three times the processor time: every request to DynamoDB passes
    through here.
    """

    def __init__(self, url: str, *, connect_timeout: float, read_timeout: float, kept: int) -> None:
        parsed = parse_url(url)
        self.netloc = parsed.netloc or ""
        self._host = (parsed.host or "").strip("[]")
        self._port = parsed.port or (443 if parsed.scheme == "https" else 80)
        self._tls = ssl.create_default_context(cafile=get_cert_path(verify=True)) if parsed.scheme == "https" else None
        self._connect_timeout, self._read_timeout = connect_timeout, read_timeout
        self._kept = kept
        # Several threads may use a deque's ends at once.
        self._idle: deque[_Connection] = deque()

    def post(self, body: bytes, headers: Mapping[str, str], *, anew: bool = False) -> Answer:
        """The answer to one request, sent once; with `anew` over a connection that nobody has used.

        Raises `BrokenConnectionError`: it may have been carried out.
        """
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        head = f"POST / HTTP/1.1\r\n{lines}content-length: {len(body)}\r\n\r\n"
        try:
            connection = (None if anew else self._idle_connection()) or self._connect()
            try:
                answer = connection.exchange(head.encode("ascii") + body)
            except BaseException:
                # Also when interrupted: whatever came next on it would be the answer to this request.
                connection.close()
                raise
        except OSError as error:
            raise BrokenConnectionError(repr(error)) from error
        if connection.is_reusable and len(self._idle) < self._kept:
            self._idle.append(connection)
        else:
            connection.close()
        return answer

    def close(self) -> None:
        """Close the idle ones. The next request opens another."""
        while self._idle:
            self._idle.pop().close()

    def _idle_connection(self) -> "_Connection | None":
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            if not connection.was_closed():
                return connection
            connection.close()

    def _connect(self) -> "_Connection":
        plain = socket.create_connection((self._host, self._port), self._connect_timeout)
        try:
            # A request goes out at once, and not when the answer to the packet before it is there.
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stream = self._tls.wrap_socket(plain, server_hostname=self._host) if self._tls else plain
        except BaseException:
            plain.close()
            raise
        stream.settimeout(self._read_timeout)
        return _Connection(stream)


class _Connection:
    """One of them, for one thread at a time."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream
        # What came and was not looked at.
        self._received = bytearray()
        self._is_kept_alive = True

    @property
    def is_reusable(self) -> bool:
        """Whether the next answer to come will be the answer to the next request."""
        return self._is_kept_alive and not self._received

    def exchange(self, request: bytes) -> Answer:
        """Raises `OSError` and `BrokenConnectionError`; the connection is of no use after that."""
        self._stream.sendall(request)
        status_line, *lines = self._until(b"\r\n\r\n").split(b"\r\n")
        status = _STATUS_LINE.fullmatch(status_line)
        if status is None:
            raise BrokenConnectionError(f"no HTTP: {status_line[:40]!r}")
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        content = self._in_chunks() if "transfer-encoding" in headers else self._at_once(headers)
        self._is_kept_alive = status[1] == b"1" and headers.get("connection", "").lower() != "close"
        return Answer(int(status[2]), headers, content)

    def _at_once(self, headers: Mapping[str, str]) -> bytes:
        length = headers.get("content-length", "")
        if not _LENGTH.fullmatch(length):
            raise BrokenConnectionError("the answer does not say how long it is")
        return self._exactly(int(length))

    def _in_chunks(self) -> bytes:
        chunks: list[bytes] = []
        while True:
            head = _CHUNK_HEAD.fullmatch(self._until(b"\r\n"))
            if head is None:
                raise BrokenConnectionError("the answer is not in chunks")
            size = int(head[1], 16)
            if size == 0:
                # Whatever headers come behind are of no interest.
                while self._until(b"\r\n"):
                    pass
                return b"".join(chunks)
            chunks.append(self._exactly(size + len(b"\r\n"))[:size])

    def _until(self, end: bytes) -> bytes:
        """What comes before this mark, which is taken, too."""
        while (position := self._received.find(end)) < 0:
            if len(self._received) > _MAX_HEAD_BYTES:
                raise BrokenConnectionError("the answer's head has no end")
            self._receive()
        found = bytes(self._received[:position])
        del self._received[: position + len(end)]
        return found

    def _exactly(self, size: int) -> bytes:
        while len(self._received) < size:
            self._receive()
        found = bytes(self._received[:size])
        del self._received[:size]
        return found

    def _receive(self) -> None:
        received = self._stream.recv(_RECEIVED_BYTES)
        if not received:
            raise BrokenConnectionError("closed before the end of the answer")
        self._received += received

    def was_closed(self) -> bool:
        """Whether the other side hung up, or says what nobody asked for: between requests there is nothing to read."""
        decrypted = isinstance(self._stream, ssl.SSLSocket) and self._stream.pending()
        return bool(decrypted) or wait_for_read(self._stream, timeout=0)

    def close(self) -> None:
        self._stream.close()
