"""What of a request has arrived, and whether that is all of it.

A head is looked at for how long the request is, and whether its client waits to be asked for the body; gunicorn reads
it once the request is there.
"""

import re

from kernel.web.unreadable import Refusal

# The most that the site reads of a body; see DATA_UPLOAD_MAX_MEMORY_SIZE. More of it need not have arrived.
MAX_BODY_BYTES = 256 * 1024 + 1
# What chunks may take, which have heads of their own.
_MAX_CHUNKED_BYTES = 2 * MAX_BODY_BYTES
_MAX_HEAD_BYTES = 32 * 1024
_LINE_END, HEAD_END = b"\r\n", b"\r\n\r\n"
# The site refuses a longer number without looking at the body.
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*0*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked", re.IGNORECASE)
_EXPECT = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)


class Arrival:
    """What has arrived of one request."""

    def __init__(self, received: bytes, deadline: float) -> None:
        self.received = bytearray(received)
        self.deadline = deadline
        # Where the body begins; 0 until the head is there.
        self.body_start = 0
        self._body_length: int | None = 0
        # Of a body in chunks: where the next one begins, and how long those before it are together.
        self._chunk_start = 0
        self._chunks_length = 0

    def add(self, data: bytes) -> None:
        self.received += data

    @property
    def refusal(self) -> Refusal | None:
        """Why no more of it is waited for: its head does not end as heads do, or not where any of ours ends."""
        if self.body_start:
            return None
        if b"\n\n" in self.received:
            return Refusal.MALFORMED
        if len(self.received) <= _MAX_HEAD_BYTES:
            return None
        return Refusal.HEADERS_TOO_LARGE if _LINE_END in self.received else Refusal.ADDRESS_TOO_LONG

    def see_head(self) -> bool:
        """Whether the head has just become complete."""
        if self.body_start:
            return False
        end = self.received.find(HEAD_END)
        if end < 0:
            return False
        self.body_start = self._chunk_start = end + len(HEAD_END)
        head = bytes(self.received[: self.body_start])
        length = _LENGTH.search(head)
        self._body_length = None if _CHUNKED.search(head) else int(length[1]) if length else 0
        return True

    @property
    def expects_answer(self) -> bool:
        """Whether the client waits to be asked for its body (`Expect: 100-continue`), and has sent nothing of it."""
        head = bytes(self.received[: self.body_start])
        return _EXPECT.search(head) is not None and len(self.received) == self.body_start

    def is_complete(self) -> bool:
        """Whether all is there that the site will read."""
        if not self.body_start:
            return False
        arrived = len(self.received) - self.body_start
        if self._body_length is None:
            return self._has_last_chunk() or arrived >= _MAX_CHUNKED_BYTES
        return arrived >= min(self._body_length, MAX_BODY_BYTES)

    def _has_last_chunk(self) -> bool:
        """Whether the chunks that have arrived are all, or as many as the site will read, or none that can be read."""
        while (line_end := self.received.find(_LINE_END, self._chunk_start)) >= 0:
            try:
                size = int(self.received[self._chunk_start : line_end].partition(b";")[0], 16)
            except ValueError:
                return True
            if size <= 0:
                # Then come the trailers, and an empty line.
                return size < 0 or self.received.find(HEAD_END, line_end) >= 0
            chunk_end = line_end + len(_LINE_END) + size + len(_LINE_END)
            if chunk_end > len(self.received):
                missing = chunk_end - len(self.received)
                return self._chunks_length + size - missing >= MAX_BODY_BYTES
            if not self.received.startswith(_LINE_END, chunk_end - len(_LINE_END)):
                return True
            self._chunk_start = chunk_end
            self._chunks_length += size
        return False
