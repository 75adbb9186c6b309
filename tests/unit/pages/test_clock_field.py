"""Times of the day as people type them."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from pages.provider.hours_forms import ClockField, ExceptionForm


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("", None),
        ("8", 480),
        ("08:30", 510),
        ("8.30", 510),
        ("8h30", 510),
        # As French writes it, with the space that does not break a line.
        ("8 h 30", 510),
        ("8\u00a0h\u00a030", 510),
        ("8h", 480),
        ("17 H", 1020),
        ("24", 1440),
        # What a keyboard without a colon has.
        ("830", 510),
        ("0830", 510),
        ("1700", 1020),
        ("2400", 1440),
    ],
)
def test_a_time_is_read_as_people_type_it(typed: str, minutes: int | None) -> None:
    assert ClockField().clean(typed) == minutes


@pytest.mark.parametrize(
    "typed", ["25", "8:60", "24:01", "h30", "8:", "8:3", "noon", "-1", "8h30m", "860", "2430", "12345"]
)
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        ClockField().clean(typed)


def test_further_hours_of_a_day_look_like_the_first() -> None:
    fields = ExceptionForm(today=date(2026, 11, 29)).fields

    assert {fields[name].widget.attrs["class"] for name in ("opens", "opens_2", "closes_2")} == {"input"}
