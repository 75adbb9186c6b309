"""Bodies of requests: one reading for everybody who sees them."""

from io import BytesIO

import pytest
from rest_framework.exceptions import ParseError

from kernel.web.json_format import MAX_BODY_BYTES, ORJSONParser


def parsed(body: bytes) -> object:
    return ORJSONParser().parse(BytesIO(body))


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'{"a": 1, "a": 1}', "a"),
        (b'{"a": 1, "b": 2, "a": 3}', "a"),
        (b'{"price": {"amount": 1, "amount": 2}}', "amount"),
        (b'{"stops": [{"x": 1}, {"y": 1, "y": 1}]}', "y"),
        # Written otherwise, and the same name.
        (b'{"a": 1, "\\u0061": 2}', "a"),
    ],
)
def test_a_name_that_is_there_twice_is_refused_and_named(body: bytes, name: str) -> None:
    with pytest.raises(ParseError) as refused:
        parsed(body)
    assert f"\u201c{name}\u201d" in str(refused.value.detail)


@pytest.mark.parametrize(
    "body", [b'{"a": {"a": {"a": 1}}}', b'{"stops": [{"x": 1}, {"x": 1}]}', b'{"a": 1, "A": 2}', b"{}"]
)
def test_the_same_name_in_different_objects_is_none(body: bytes) -> None:
    parsed(body)


def test_the_largest_body_full_of_names_is_read_once() -> None:
    names = b",".join(b'"%d":0' % number for number in range(12_000))
    body = b"{" + names + b',"11999":0}'
    assert len(body) < MAX_BODY_BYTES
    with pytest.raises(ParseError):
        parsed(body)


@pytest.mark.parametrize("body", [b"[]", b"null", b"NaN", b'{"a": NaN}', b"\xef\xbb\xbf{}", b"{} {}", b'{"a": "\xff"}'])
def test_what_is_not_one_object_of_json_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        parsed(body)
