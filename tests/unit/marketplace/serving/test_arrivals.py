"""A request is there with its last byte, wherever the network divides it."""

import pytest

from kernel.web.unreadable import Refusal
from marketplace.serving.arrivals import Arrival

CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

WHOLE: dict[str, bytes] = {
    "without a body": b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "with a length": b"POST / HTTP/1.1\r\nHost: a\r\ncontent-length:  0005 \r\n\r\n0\r\n\r\n",
    "in chunks": CHUNKED + b"5;name=value\r\n0\r\n\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n",
    "with trailers": CHUNKED + b"1\r\nx\r\n0\r\nExpires: never\r\n\r\n",
}


@pytest.mark.parametrize("request_is", WHOLE)
def test_it_is_there_with_its_last_byte(request_is: str) -> None:
    whole = WHOLE[request_is]
    arrival, heads = Arrival(b"", 0.0), 0
    for position in range(len(whole)):
        arrival.add(whole[position : position + 1])
        heads += arrival.see_head()
        assert (arrival.refusal, arrival.is_complete()) == (None, position == len(whole) - 1), whole[:position]
    assert heads == 1


@pytest.mark.parametrize("begun", [b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", CHUNKED + b"fffff\r\n"])
def test_more_than_the_site_reads_need_not_be_there(begun: bytes) -> None:
    arrival = Arrival(begun, 0.0)
    arrival.see_head()
    arrival.add(b"x" * 256 * 1024)
    assert not arrival.is_complete()
    arrival.add(b"xxx")
    assert arrival.is_complete()


@pytest.mark.parametrize("chunk", [b"zz\r\n", b"-1\r\n", b"1\r\nxyz"])
def test_chunks_that_cannot_be_read_are_not_waited_for(chunk: bytes) -> None:
    arrival = Arrival(CHUNKED + chunk, 0.0)
    arrival.see_head()
    assert arrival.is_complete()


@pytest.mark.parametrize(
    ("received", "refusal"),
    [
        (b"GET / HTTP/1.1\nHost: a\n\n", Refusal.MALFORMED),
        (b"GET /" + b"x" * 32 * 1024, Refusal.ADDRESS_TOO_LONG),
        (b"GET / HTTP/1.1\r\nA: " + b"x" * 32 * 1024, Refusal.HEADERS_TOO_LARGE),
        (b"GET /" + b"x" * 1024, None),
    ],
)
def test_a_head_that_ends_in_no_way_of_ours_is_refused(received: bytes, refusal: Refusal | None) -> None:
    arrival = Arrival(received, 0.0)
    assert not arrival.see_head()
    assert arrival.refusal is refusal
