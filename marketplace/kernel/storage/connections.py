"""Connections to one host, kept alive from request to request."""

import ssl
from collections import deque
from collections.abc import Mapping
from email.message import Message
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import NamedTuple

from botocore.httpsession import get_cert_path
from urllib3.util import parse_url, wait_for_read


class BrokenConnectionError(Exception):
    """No connection, or none that lasted until the end of the answer, or an answer that is not HTTP."""


class Answer(NamedTuple):
    """What came back; names of headers are found in any case."""

    status: int
    headers: Message
    content: bytes


class Connections:
    """As many connections as threads ask at once, of which `kept` stay open; `http.client` speaks over them.

    urllib3 does as much and more, for twice the processor time: every request to DynamoDB passes through here.
    """

    def __init__(self, url: str, *, connect_timeout: float, read_timeout: float, kept: int) -> None:
        parsed = parse_url(url)
        self.netloc = parsed.netloc or ""
        self._host, self._port = parsed.host or "", parsed.port
        self._connect_timeout, self._read_timeout = connect_timeout, read_timeout
        self._kept = kept
        # A deque's ends may be used by several threads at once.
        self._idle: deque[HTTPConnection] = deque()
        self._tls = ssl.create_default_context(cafile=get_cert_path(verify=True)) if parsed.scheme == "https" else None

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer to one request, sent once. Raises `BrokenConnectionError`: it may have been carried out."""
        try:
            return self._exchange(self._take(), body, headers)
        except (HTTPException, OSError) as error:
            raise BrokenConnectionError(repr(error)) from error

    def close(self) -> None:
        """Close the idle ones. The next request opens another."""
        while self._idle:
            self._idle.pop().close()

    def _exchange(self, connection: HTTPConnection, body: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            if connection.sock is None:
                self._connect(connection)
            connection.request("POST", "/", body, headers)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        except BaseException:
            # Also when interrupted: whatever came next on it would be the answer to this request.
            connection.close()
            raise
        self._give_back(connection)
        return answer

    def _connect(self, connection: HTTPConnection) -> None:
        connection.connect()
        connection.sock.settimeout(self._read_timeout)

    def _take(self) -> HTTPConnection:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return self._new()
            # Nothing is to be read between requests, but the end when the other side hung up.
            if connection.sock is not None and not wait_for_read(connection.sock, timeout=0):
                return connection
            connection.close()

    def _new(self) -> HTTPConnection:
        if self._tls is None:
            return HTTPConnection(self._host, self._port, timeout=self._connect_timeout)
        return HTTPSConnection(self._host, self._port, timeout=self._connect_timeout, context=self._tls)

    def _give_back(self, connection: HTTPConnection) -> None:
        if connection.sock is not None and len(self._idle) < self._kept:
            self._idle.append(connection)
        else:
            connection.close()
