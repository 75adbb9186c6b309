"""Connections to one host, kept alive from request to request.

As much of HTTP/1.1 as that takes: a POST, and an answer that says how long it is, or comes in chunks as proxies send
them. What is not that is refused.
"""

import math
import re
import socket
import ssl
import time
from collections import deque
from collections.abc import Mapping
from typing import NamedTuple
from weakref import WeakSet

from urllib3.util import parse_url, wait_for_read

from kernel.copies import when_copied
from kernel.storage.proxies import certificates, proxy_for

_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) (\d{3})( [^\r\n]*)?")
_LENGTH = re.compile(r"[0-9]{1,12}")
_CHUNK_HEAD = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(;[^\r\n]*)?")
_MAX_HEAD_BYTES = 65_536
_RECEIVED_BYTES = 65_536
# DynamoDB and what lies in between forget a connection that was silent for a minute or more.
_MAX_IDLE_SECONDS = 50.0


class BrokenConnectionError(Exception):
    """No connection, or none that lasted until the end of the answer, or an answer that is not understood."""


class Answer(NamedTuple):
    """What came back; the names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Connections:
    """A pool of connections: as many as threads use at once. At most `kept` idle ones stay open; timeouts are in
    seconds.

    `read_timeout` is for the whole exchange: connecting, sending, and the answer to its last byte, however slowly its
    bytes come. A forked process begins with connections of its own. HTTPS_PROXY, NO_PROXY and AWS_CA_BUNDLE hold as for
    botocore's clients.

    urllib3 and `http.client` can do more, for up to three times the processor time: every request to DynamoDB passes
    through here.
    """

    def __init__(self, url: str, *, connect_timeout: float, read_timeout: float, kept: int) -> None:
        parsed = parse_url(url)
        self.netloc = parsed.netloc or ""
        self.host = (parsed.host or "").strip("[]")
        self.port = parsed.port or (443 if parsed.scheme == "https" else 80)
        self._tls = ssl.create_default_context(cafile=certificates()) if parsed.scheme == "https" else None
        self._proxy = proxy_for(url)
        self._connect_timeout, self._read_timeout = connect_timeout, read_timeout
        self._kept = kept
        # With the moment of its last answer, the newest at the end. Several threads may use a deque's ends at once.
        self._idle: deque[tuple[_Connection, float]] = deque()
        self._open: set[_Connection] = set()
        _pools.add(self)

    def post(
        self, body: bytes, headers: Mapping[str, str], *, anew: bool = False, patience: float = math.inf
    ) -> Answer:
        """The answer to one request, sent once; with `anew` over a connection that nobody has used.

        `patience` shortens the time allowed. Raises `BrokenConnectionError`: the request may have been carried out.
        """
        ends_at = time.monotonic() + min(self._read_timeout, patience)
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        head = f"POST / HTTP/1.1\r\n{lines}content-length: {len(body)}\r\n\r\n"
        try:
            connection = (None if anew else self._idle_connection()) or self._connect(ends_at)
            try:
                answer = connection.exchange(head.encode("ascii") + body, ends_at)
            except BaseException:
                # Also when interrupted: whatever came next on it would be the answer to this request.
                self._drop(connection)
                raise
        except (OSError, BrokenConnectionError) as error:
            # What broke this one, such as a network that forgot it, has broken those that waited beside it, too.
            self.close()
            if isinstance(error, BrokenConnectionError):
                raise
            raise BrokenConnectionError(repr(error)) from error
        if connection.is_reusable and len(self._idle) < self._kept:
            self._idle.append((connection, time.time()))
        else:
            self._drop(connection)
        return answer

    def close(self) -> None:
        """Close the idle ones. The next request opens another."""
        while True:
            try:
                connection, _ = self._idle.pop()
            except IndexError:
                return
            self._drop(connection)

    def leave_to_parent(self) -> None:
        """Forget all connections: they belong to the process that this one was forked from, which goes on using them.

        Closing a copy of a socket ends nothing: only the last copy's end is heard on the other side.
        """
        self._idle.clear()
        while self._open:
            self._open.pop().close()

    def _idle_connection(self) -> "_Connection | None":
        while True:
            try:
                connection, idle_since = self._idle.pop()
            except IndexError:
                return None
            # By the wall clock: the other one stands still while a function is frozen. Turned back, it says nothing.
            if 0 <= time.time() - idle_since <= _MAX_IDLE_SECONDS and not connection.was_closed():
                return connection
            self._drop(connection)

    def _drop(self, connection: "_Connection") -> None:
        self._open.discard(connection)
        connection.close()

    def _connect(self, ends_at: float) -> "_Connection":
        nearest = self._proxy or self
        plain = self._reach(nearest.host, nearest.port, ends_at)
        try:
            # A request goes out at once, and not when the answer to the packet before it is there.
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._proxy:
                authority = f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"
                _Connection(plain).open_tunnel(authority, self._proxy.authorization, ends_at)
            plain.settimeout(_left(ends_at))
            stream = self._tls.wrap_socket(plain, server_hostname=self.host) if self._tls else plain
        except BaseException:
            plain.close()
            raise
        connection = _Connection(stream)
        self._open.add(connection)
        return connection

    def _reach(self, host: str, port: int, ends_at: float) -> socket.socket:
        failure = OSError(f"{host} has no address")
        # How long looking up a name takes is for the system's resolver to say.
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            stream = socket.socket(family, kind, protocol)
            try:
                stream.settimeout(min(self._connect_timeout, _left(ends_at)))
                stream.connect(address)
            except OSError as error:
                stream.close()
                failure = error
            else:
                return stream
        raise failure


_pools: WeakSet[Connections] = WeakSet()


def _leave_to_parent() -> None:
    for connections in _pools:
        connections.leave_to_parent()


when_copied(_leave_to_parent)


def _left(ends_at: float) -> float:
    """The seconds until a moment of the monotonic clock. Raises `TimeoutError` when it is over."""
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError("no answer in time")
    return left


class _Connection:
    """One connection; for one thread at a time."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream
        # What came and was not looked at.
        self._received = bytearray()
        self._is_kept_alive = True
        # By the monotonic clock, of the exchange that is under way.
        self._ends_at = 0.0

    @property
    def is_reusable(self) -> bool:
        """Whether the next answer to come will be the answer to the next request."""
        return self._is_kept_alive and not self._received

    def exchange(self, request: bytes, ends_at: float) -> Answer:
        """Raises `OSError` and `BrokenConnectionError`; the connection is of no use after that."""
        self._ends_at = ends_at
        self._send(request)
        version, status, headers = self._head()
        content = self._in_chunks(headers) if "transfer-encoding" in headers else self._at_once(headers)
        self._is_kept_alive = version == b"1" and headers.get("connection", "").lower() != "close"
        return Answer(status, headers, content)

    def open_tunnel(self, authority: str, authorization: str | None, ends_at: float) -> None:
        """Have the proxy at the other end pass on everything, from here on, to `authority` ("host:port")."""
        self._ends_at = ends_at
        credentials = f"proxy-authorization: {authorization}\r\n" if authorization else ""
        self._send(f"CONNECT {authority} HTTP/1.1\r\nhost: {authority}\r\n{credentials}\r\n".encode("ascii"))
        _, status, _ = self._head()
        if not 200 <= status < 300:
            raise BrokenConnectionError(f"the proxy answers {status}")
        if self._received:
            raise BrokenConnectionError("the proxy speaks before it is asked")

    def _head(self) -> tuple[bytes, int, dict[str, str]]:
        """The minor version of HTTP, the status, and the headers."""
        status_line, *lines = self._until(b"\r\n\r\n").split(b"\r\n")
        status = _STATUS_LINE.fullmatch(status_line)
        if status is None:
            raise BrokenConnectionError(f"no HTTP: {status_line[:40]!r}")
        headers: dict[str, str] = {}
        for line in lines:
            name, colon, value = line.decode("latin-1").partition(":")
            name = name.lower()
            # Of two lengths, another reader in between may have believed the other. A blank in a name hides a header.
            if name in headers or not colon or " " in name or "\t" in name:
                raise BrokenConnectionError(f"a header twice, or none: {name[:40]!r}")
            headers[name] = value.strip()
        return status[1], int(status[2]), headers

    def _at_once(self, headers: Mapping[str, str]) -> bytes:
        length = headers.get("content-length", "")
        if not _LENGTH.fullmatch(length):
            raise BrokenConnectionError("the answer does not say how long it is")
        return self._exactly(int(length))

    def _in_chunks(self, headers: Mapping[str, str]) -> bytes:
        if headers["transfer-encoding"].lower() != "chunked" or "content-length" in headers:
            raise BrokenConnectionError("the answer says in two ways how long it is, or in none that is known")
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
            chunks.append(self._exactly(size))
            if self._exactly(2) != b"\r\n":
                raise BrokenConnectionError("a chunk is not of the length that it says")

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

    def _send(self, content: bytes) -> None:
        unsent = memoryview(content)
        while unsent:
            self._stream.settimeout(_left(self._ends_at))
            unsent = unsent[self._stream.send(unsent) :]

    def _receive(self) -> None:
        self._stream.settimeout(_left(self._ends_at))
        received = self._stream.recv(_RECEIVED_BYTES)
        if not received:
            raise BrokenConnectionError("closed before the end of the answer")
        self._received += received

    def was_closed(self) -> bool:
        """Whether the other side closed the connection, or has sent bytes outside an exchange."""
        decrypted = isinstance(self._stream, ssl.SSLSocket) and self._stream.pending()
        return bool(decrypted) or wait_for_read(self._stream, timeout=0)

    def close(self) -> None:
        self._stream.close()
