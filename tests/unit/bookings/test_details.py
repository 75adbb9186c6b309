import pytest

from bookings.domain import BookingDetails, checked_details
from kernel.errors import InvalidInputError


def test_details_lose_surrounding_space_and_carriage_returns() -> None:
    assert checked_details("  12 Elm St ", " Ring\r\ntwice ") == BookingDetails("12 Elm St", "Ring\ntwice")
    assert checked_details("Cafe\u0301 1", "\u200b").address == "Caf\u00e9 1"


@pytest.mark.parametrize(
    ("address", "notes", "refused"),
    [
        ("", "", {"address": "length"}),
        ("  1234  ", "", {"address": "length"}),
        ("x" * 201, "", {"address": "length"}),
        ("12 Elm St\nSpringfield", "", {"address": "character"}),
        ("12 Elm St\x7f", "", {"address": "character"}),
        ("12 Elm\u2028 St", "", {"address": "character"}),
        ("12 Elm St", "n" * 1001, {"notes": "length"}),
        ("12 Elm St", "a\x00b", {"notes": "character"}),
        ("1\x1b", "\x07", {"address": "length", "notes": "character"}),
        ("12345\u202e", "?!", {"address": "character", "notes": "no_letter"}),
        ("\u3164" * 6, "\u2066a", {"address": "no_letter", "notes": "character"}),
    ],
)
def test_refused_details_are_named(address: str, notes: str, refused: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError) as error:
        checked_details(address, notes)
    found: dict[str, str] = {}
    for field_error in error.value.errors:
        found.setdefault(field_error.field, field_error.code)
    assert found == refused


def test_the_longest_and_shortest_are_taken() -> None:
    assert checked_details("x" * 200, "n" * 1000).notes == "n" * 1000
    assert checked_details("x" * 5, "").address == "x" * 5
