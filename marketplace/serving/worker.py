"""A threaded gunicorn worker that slow clients cannot stop.

gunicorn gives a thread to a connection with the first byte, and the thread waits for the rest: ten clients that send a
byte now and then stop a site with ten threads for as long as they like. Here a request arrives in the worker's loop,
which waits for all connections at once, and gets a thread when it is there. Whoever takes longer than the deadlines is
cut off.
"""

import re
import selectors
import socket
import struct
import time
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

# The most that the site reads of a body; see DATA_UPLOAD_MAX_MEMORY_SIZE. More of it need not have arrived.
_MAX_BODY_BYTES = 256 * 1024 + 1
_MAX_HEAD_BYTES = 32 * 1024
_READ_BYTES = 64 * 1024
_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked", re.IGNORECASE)
_EXPECT = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Arrival:
    """What has arrived of one request."""

    def __init__(self, received: bytes, deadline: float) -> None:
        self.received = bytearray(received)
        self.deadline = deadline
        # Where the body begins; 0 until the head is there.
        self.body_start = 0
        self._body_length: int | None = 0

    def add(self, data: bytes) -> None:
        self.received += data

    @property
    def is_too_long(self) -> bool:
        """Whether the head goes on beyond what any request of ours has."""
        return not self.body_start and len(self.received) > _MAX_HEAD_BYTES

    def see_head(self) -> bool:
        """Whether the head has just become complete."""
        if self.body_start:
            return False
        end = self.received.find(_HEAD_END)
        if end < 0:
            return False
        self.body_start = end + len(_HEAD_END)
        head = bytes(self.received[: self.body_start])
        length = _LENGTH.search(head)
        self._body_length = None if _CHUNKED.search(head) else int(length[1]) if length else 0
        return True

    @property
    def expects_answer(self) -> bool:
        """Whether the client waits to be asked for its body (`Expect: 100-continue`), and has sent nothing of it."""
        head = bytes(self.received[: self.body_start])
        return _EXPECT.search(head) is not None and len(self.received) == self.body_start

    @property
    def is_complete(self) -> bool:
        """Whether all is there that the site will read."""
        if not self.body_start:
            return False
        arrived = len(self.received) - self.body_start
        if self._body_length is None:
            return self.received.endswith(b"0" + _HEAD_END) or arrived >= _MAX_BODY_BYTES
        return arrived >= min(self._body_length, _MAX_BODY_BYTES)


class ArrivalWorker(ThreadWorker):
    """gunicorn's threaded worker, which handles requests that have arrived.

    `head_seconds` is how long the head of a request may take, from the connection or the end of the request before;
    `request_seconds` how long all of it; `answer_seconds` how long a client may take no byte of the answer. A worker
    that is told to stop waits `last_seconds` for the first byte on connections that it has accepted.
    """

    head_seconds = 10.0
    request_seconds = 30.0
    answer_seconds = 10.0
    last_seconds = 1.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arriving: dict[TConn, Arrival] = {}
        self._stopping_since: float | None = None

    def enqueue_req(self, conn: TConn) -> None:
        """Begin to wait for a request on a connection that is new, or has something to read again."""
        if self.cfg.is_ssl:
            super().enqueue_req(conn)
            return
        if not conn.initialized:
            limit = struct.pack("ll", int(self.answer_seconds), 0)
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
            # For bytes beyond what is waited for here, which nobody should want.
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
            conn.init()
        conn.sock.settimeout(0)
        read_ahead = conn.parser.unreader.take_buffered()
        self._arriving[conn] = Arrival(read_ahead, time.monotonic() + self.head_seconds)
        self.poller.register(conn.sock, selectors.EVENT_READ, lambda _: self._read(conn))
        if read_ahead:
            self._look_at(conn)

    def _read(self, conn: TConn) -> None:
        try:
            data = conn.sock.recv(_READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self._drop(conn)
            return
        self._arriving[conn].add(data)
        self._look_at(conn)

    def _look_at(self, conn: TConn) -> None:
        arrival = self._arriving[conn]
        if arrival.see_head():
            arrival.deadline += self.request_seconds - self.head_seconds
            if arrival.expects_answer and not arrival.is_complete:
                self._say(conn, _CONTINUE)
        if arrival.is_too_long:
            self._drop(conn, _TOO_LONG)
        elif arrival.is_complete:
            self._forget(conn)
            conn.parser.unreader.unread(bytes(arrival.received))
            super().enqueue_req(conn)

    def murder_pending(self) -> None:
        """Cut off whoever is late; gunicorn calls this at least every second."""
        super().murder_pending()
        now = time.monotonic()
        if not self.alive and self._stopping_since is None:
            self._stopping_since = now
        # Whoever has just connected is about to ask, and has perhaps asked already: it has not been looked at yet.
        is_last_call = self._stopping_since is not None and self._stopping_since + self.last_seconds < now
        for conn, arrival in list(self._arriving.items()):
            if arrival.deadline < now or (is_last_call and not arrival.received):
                self._drop(conn, _TOO_SLOW if arrival.received else b"")

    def _forget(self, conn: TConn) -> None:
        del self._arriving[conn]
        self.poller.unregister(conn.sock)

    def _drop(self, conn: TConn, last_words: bytes = b"") -> None:
        self._forget(conn)
        if last_words:
            self._say(conn, last_words)
        self.nr_conns -= 1
        conn.close()

    @staticmethod
    def _say(conn: TConn, words: bytes) -> None:
        try:
            conn.sock.send(words)
        except OSError:
            # It has hung up, or takes nothing: the next look at it tells.
            return
