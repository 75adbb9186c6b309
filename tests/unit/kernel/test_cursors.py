"""Cursors: only the list, the filters and the person they were made for can read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.cursors import decode_cursor, encode_cursor
from kernel.errors import InvalidInputError

POSITION = {"bookingId": {"S": "b1"}, "startsAt": {"S": "2026-01-01T00:00:00Z"}}
SCOPE = ("bookings", "user-1", {"status": "pending"})


def test_a_cursor_gives_its_position_back() -> None:
    assert decode_cursor(encode_cursor(POSITION, scope=SCOPE), scope=SCOPE) == POSITION


@pytest.mark.parametrize("text", [None, ""])
def test_no_cursor_is_the_first_page(text: str | None) -> None:
    assert decode_cursor(text, scope=SCOPE) is None


@pytest.mark.parametrize(
    "scope", [("reviews", *SCOPE[1:]), ("bookings", "user-2", SCOPE[2]), ("bookings", "user-1", {"status": "paid"}), ()]
)
def test_a_cursor_of_another_list_person_or_filter_is_refused(scope: tuple[object, ...]) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        decode_cursor(encode_cursor(POSITION, scope=SCOPE), scope=scope)
    assert [error.field for error in refusal.value.errors] == ["cursor"]


@given(st.text(min_size=1))
def test_invented_cursors_are_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        decode_cursor(text, scope=SCOPE)


def test_every_altered_character_is_noticed() -> None:
    cursor = encode_cursor(POSITION, scope=SCOPE)
    for index, character in enumerate(cursor):
        altered = cursor[:index] + ("A" if character != "A" else "B") + cursor[index + 1 :]
        with pytest.raises(InvalidInputError):
            decode_cursor(altered, scope=SCOPE)
