"""A threaded gunicorn worker that slow clients cannot stop, and that lets the site refuse what it cannot read.

gunicorn gives a thread to a connection with the first byte, and the thread waits for the rest: ten clients that send a
byte now and then stop a site with ten threads for as long as they like. Here a request arrives in the worker's loop,
which waits for all connections at once, and gets a thread when it is there: the thread never waits for more. What a
closed connection still sends is waited for in the loop, too. Whoever takes longer than the deadlines is cut off.
"""

import io
import re
import selectors
import socket
import sys
import time
from typing import Any

from gunicorn import util
from gunicorn.http import errors
from gunicorn.http.body import Body, ChunkedReader, LengthReader
from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import IterUnreader, Unreader
from gunicorn.workers.gthread import TConn, ThreadWorker

from kernel.web.unreadable import REFUSED, Refusal
from marketplace.serving.arrivals import HEAD_END, MAX_BODY_BYTES, Arrival

_READ_BYTES = 64 * 1024
# So much of an answer is kept for a client that has not taken it: no page or file of ours is longer.
_MAX_KEPT_BYTES = 2 * 1024 * 1024
# How much of what is still coming a closed connection waits for, and how long: closed at once, it would take back the
# end of its answer.
_MAX_LINGER_BYTES = 64 * 1024
_LINGER_SECONDS = 2.0
_PATH = re.compile(rb"[A-Z]+ (/[!-~]{0,2000})")

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class _Arrived(Unreader):
    """What has arrived of a connection, for gunicorn's parser: a thread never waits for more."""

    def __init__(self) -> None:
        super().__init__()
        # Whether more was asked for than was there: then nobody knows where the next request begins.
        self.ran_out = False

    def chunk(self, size_hint: int | None = None) -> bytes:
        self.ran_out = True
        return b""


class _AnswerSocket(socket.socket):
    """A connection that keeps what its client has not taken of an answer: the thread that answers does not wait."""

    def __init__(self, fileno: int) -> None:
        super().__init__(fileno=fileno)
        self.rest = bytearray()

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send what can be sent now and keep the rest; what is too much to keep is waited for."""
        left = memoryview(data)
        if not self.rest:
            left = left[self.send_now(left) :]
        if len(self.rest) + len(left) > _MAX_KEPT_BYTES:
            kept, self.rest = self.rest, bytearray()
            super().sendall(kept)
            super().sendall(left)
        else:
            self.rest += left

    def send_now(self, data: Any) -> int:
        """Send as much as can be sent without waiting; how much that was."""
        timeout = self.gettimeout()
        self.settimeout(0)
        try:
            return self.send(data) if data else 0
        except (BlockingIOError, InterruptedError):
            return 0
        finally:
            self.settimeout(timeout)


class _Lingering:
    """A connection that was answered for the last time."""

    def __init__(self) -> None:
        self.deadline = time.monotonic() + _LINGER_SECONDS
        self.received = 0


class _Requests(RequestParser):
    """gunicorn's parser of what has arrived."""

    def __init__(self, cfg: Any, client: Any) -> None:
        super().__init__(cfg, (), client)
        self.unreader: _Arrived = _Arrived()
        # What is known of a request that cannot be read.
        self.path = "/"
        self.refusal: Refusal | None = None

    def give(self, received: bytes, refusal: Refusal | None) -> None:
        """Let this be the next request, or what there is of it where it is to be refused."""
        found = _PATH.match(received)
        self.path = found[1].decode().partition("?")[0] if found else "/"
        self.refusal = refusal
        self.unreader.unread(received)

    def __next__(self) -> Any:
        if self.refusal is not None:
            raise _RefusedError(self.refusal, self.path)
        try:
            return super().__next__()
        except errors.LimitRequestHeaders as error:
            raise _RefusedError(Refusal.HEADERS_TOO_LARGE, self.path) from error
        except (errors.ParseException, OSError) as error:
            raise _RefusedError(Refusal.MALFORMED, self.path) from error


class _RefusedError(Exception):
    """A request for that path cannot be read."""

    def __init__(self, refusal: Refusal, path: str) -> None:
        super().__init__(refusal)
        self.refusal = refusal
        self.path = path


class ArrivalWorker(ThreadWorker):
    """gunicorn's threaded worker, which handles requests that have arrived.

    `head_seconds` is how long the head of a request may take, from the connection or the end of the request before;
    `request_seconds` how long all of it; `answer_seconds` how long a client may take for the answer. A worker that is
    told to stop waits `last_seconds` for the first byte on connections that it has accepted. What cannot be read is
    refused by the site, in its own words.
    """

    head_seconds = 10.0
    request_seconds = 30.0
    answer_seconds = 30.0
    last_seconds = 3.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arriving: dict[TConn, Arrival] = {}
        # By connection that has not taken all of its answer: what to finish then, and until when.
        self._taking: dict[TConn, tuple[Any, float]] = {}
        self._lingering: dict[TConn, _Lingering] = {}
        self._stopping_since: float | None = None

    # --- Requests ---------------------------------------------------------------------------------------------------

    def enqueue_req(self, conn: TConn) -> None:
        """Begin to wait for a request on a connection that is new, or has something to read again."""
        if self.cfg.is_ssl:
            super().enqueue_req(conn)
            return
        if not conn.initialized:
            conn.sock = _AnswerSocket(conn.sock.detach())
            conn.parser = _Requests(self.cfg, conn.client)
            conn.init()
        conn.sock.settimeout(0)
        read_ahead = conn.parser.unreader.take_buffered()
        self._arriving[conn] = Arrival(read_ahead, time.monotonic() + self.head_seconds)
        self.poller.register(conn.sock, selectors.EVENT_READ, lambda _: self._read(conn))
        if read_ahead:
            self._look_at(conn)

    def _read(self, conn: TConn) -> None:
        data = _received(conn)
        if data is None:
            return
        if not data:
            self._drop(conn)
            return
        self._arriving[conn].add(data)
        self._look_at(conn)

    def _look_at(self, conn: TConn) -> None:
        arrival = self._arriving[conn]
        if arrival.see_head():
            arrival.deadline += self.request_seconds - self.head_seconds
            if arrival.expects_answer and not arrival.is_complete():
                self._say(conn, _CONTINUE)
        refusal = arrival.refusal
        if refusal is not None or arrival.is_complete():
            self._forget(conn)
            conn.parser.give(bytes(arrival.received), refusal)
            super().enqueue_req(conn)

    def _forget(self, conn: TConn) -> None:
        del self._arriving[conn]
        self.poller.unregister(conn.sock)

    # --- Answers ----------------------------------------------------------------------------------------------------

    def handle_request(self, req: Any, conn: TConn) -> bool:
        """Answer the request, in a thread."""
        if not self.cfg.is_ssl:
            conn.sock.settimeout(self.answer_seconds)
            _put_together(req)
        stays: bool = super().handle_request(req, conn)
        return stays

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Let the site say that the request cannot be read; whatever else failed is told by gunicorn."""
        if not isinstance(exc, _RefusedError):
            super().handle_error(req, client, addr, exc)
            return
        client.settimeout(self.answer_seconds)
        try:
            client.sendall(_refusal(self.wsgi, exc))
        except OSError:
            # It has hung up.
            return

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:  # noqa: FBT001  (gunicorn's signature)
        stays: bool = super()._keepalive_after(conn, keepalive)
        return stays and not (isinstance(conn.parser, _Requests) and conn.parser.unreader.ran_out)

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """Go on with the connection once its answer is taken: wait for another request, or let its client read on."""
        if not self.cfg.is_ssl and conn.sock.rest:
            conn.sock.settimeout(0)
            self._taking[conn] = (fs, time.monotonic() + self.answer_seconds)
            self.poller.register(conn.sock, selectors.EVENT_WRITE, lambda _: self._send_rest(conn))
            return
        if self.cfg.is_ssl or (not fs.cancelled() and fs.exception() is None and fs.result()):
            super().finish_request(conn, fs)
            return
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(conn)
            return
        # gunicorn would wait for the client here, in the loop that serves everybody.
        conn.sock.settimeout(0)
        self._lingering[conn] = _Lingering()
        self.poller.register(conn.sock, selectors.EVENT_READ, lambda _: self._discard(conn))

    def _send_rest(self, conn: TConn) -> None:
        try:
            del conn.sock.rest[: conn.sock.send_now(conn.sock.rest)]
        except OSError:
            # It has hung up.
            self._give_up(conn)
            return
        if not conn.sock.rest:
            fs, _ = self._taking.pop(conn)
            self.poller.unregister(conn.sock)
            self.finish_request(conn, fs)

    def _give_up(self, conn: TConn) -> None:
        del self._taking[conn]
        self.poller.unregister(conn.sock)
        self._close(conn)

    def _discard(self, conn: TConn) -> None:
        data = _received(conn)
        if data is None:
            return
        lingering = self._lingering[conn]
        lingering.received += len(data)
        if not data or lingering.received > _MAX_LINGER_BYTES:
            self._let_go(conn)

    def _let_go(self, conn: TConn) -> None:
        del self._lingering[conn]
        self.poller.unregister(conn.sock)
        self._close(conn)

    # --- Ends -------------------------------------------------------------------------------------------------------

    def murder_pending(self) -> None:
        """Cut off whoever is late; gunicorn calls this at least every second."""
        super().murder_pending()
        now = time.monotonic()
        if not self.alive and self._stopping_since is None:
            self._stopping_since = now
        # Whoever has just connected is about to ask, and has perhaps asked already: it has not been looked at yet.
        is_last_call = self._stopping_since is not None and self._stopping_since + self.last_seconds < now
        for conn, arrival in list(self._arriving.items()):
            if is_last_call and not arrival.received:
                # What has come since the last look at it is answered: closed now, it would be refused by a reset.
                self._read(conn)
            if conn in self._arriving and (arrival.deadline < now or (is_last_call and not arrival.received)):
                self._drop(conn, _TOO_SLOW if arrival.received else b"")
        for conn, (_, deadline) in list(self._taking.items()):
            if deadline < now:
                self._give_up(conn)
        for conn, lingering in list(self._lingering.items()):
            if lingering.deadline < now:
                self._let_go(conn)

    def _drop(self, conn: TConn, last_words: bytes = b"") -> None:
        self._forget(conn)
        if last_words:
            self._say(conn, last_words)
        self._close(conn)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()

    @staticmethod
    def _say(conn: TConn, words: bytes) -> None:
        try:
            conn.sock.send(words)
        except OSError:
            # It has hung up, or takes nothing: the next look at it tells.
            return


def _received(conn: TConn) -> bytes | None:
    """What the connection has to read: nothing at its end, None where there is nothing yet."""
    try:
        data: bytes = conn.sock.recv(_READ_BYTES)
    except (BlockingIOError, InterruptedError):
        return None
    except OSError:
        return b""
    return data


def _put_together(req: Any) -> None:
    """Make a body in chunks one with its length, which Django asks for. Raises `_RefusedError`."""
    if not isinstance(req.body.reader, ChunkedReader):
        return
    try:
        body = req.body.read(MAX_BODY_BYTES)
    except (errors.ParseException, OSError) as error:
        raise _RefusedError(Refusal.MALFORMED, req.path) from error
    if len(body) == MAX_BODY_BYTES:
        # More than the site takes: what is left of it is no request.
        req.force_close()
    req.headers = [header for header in req.headers if header[0] != "TRANSFER-ENCODING"]
    req.headers.append(("CONTENT-LENGTH", str(len(body))))
    req.body = Body(LengthReader(IterUnreader([body]), len(body)))


def _refusal(application: Any, refused: _RefusedError) -> bytes:
    """The whole answer of the site to a request that cannot be read, of which it gets the address alone."""
    head: list[str] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
        head[:] = [line for line in lines if not line.lower().startswith(("content-length:", "connection:"))]

    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": util.unquote_to_wsgi_str(refused.path),
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        # So that nobody is sent to another address for it.
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        REFUSED: refused.refusal,
    }
    parts = application(environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    head += [f"Content-Length: {len(body)}", "Connection: close"]
    return "\r\n".join(head).encode("latin-1") + HEAD_END + body
