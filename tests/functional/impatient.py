"""The site's worker with deadlines that a test can wait for."""

import os
import socket

from kernel.web.unreadable import REFUSED
from marketplace.serving.worker import ArrivalWorker


class _Worker(ArrivalWorker):
    """The site's worker on a system that keeps little of an answer that nobody takes."""

    def init_process(self) -> None:
        for listener in self.sockets:
            # Its connections have it from the listener.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16 * 1024)
        super().init_process()


class ImpatientWorker(_Worker):
    head_seconds = 2.0
    request_seconds = 4.0
    answer_seconds = 0.5


class PatientWorker(_Worker):
    head_seconds = 600.0
    request_seconds = 600.0


def echo(environ, start_response):  # type: ignore[no-untyped-def]
    """A WSGI application that answers how much of a body there was, and how long the address is.

    Where the server could not read the request, it says so; at `/long` it answers as much as the longest of our files.
    """
    if REFUSED in environ:
        status, answer = "400 Bad Request", f"{environ[REFUSED].value} at {environ['PATH_INFO']}".encode()
    elif environ["PATH_INFO"] == "/long":
        status, answer = "200 OK", b"x" * 1_500_000
    else:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        status, answer = "200 OK", f"{len(body)} {len(environ['QUERY_STRING'])}".encode()
    start_response(status, [("Content-Length", str(len(answer)))])
    return [answer]


def whoami(environ, start_response):  # type: ignore[no-untyped-def]
    """A WSGI application that reads the body, and answers which process it is in."""
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    answer = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]
