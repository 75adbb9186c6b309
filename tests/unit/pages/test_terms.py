"""What a booking form notes of the terms, and what is told once they are others."""

from dataclasses import replace
from typing import Any

import pytest

from catalog.domain import Terms
from kernel.money import Money
from pages.booking.terms import changes_since, note_terms

SHOWN = Terms(
    price=Money(13_000, "USD"),
    duration_minutes=75,
    free_cancellation_hours=24,
    late_cancellation_percent=50,
    cancellation_grace_minutes=60,
)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, []),
        ({"price": Money(13_333, "USD")}, ["The price was 130.00\xa0USD and is 133.33\xa0USD."]),
        ({"price": Money(13_000, "JPY")}, ["The price was 130.00\xa0USD and is 13,000\xa0JPY."]),
        ({"duration_minutes": 90}, ["The length was 1\xa0h 15\xa0min and is 1\xa0h 30\xa0min."]),
        ({"late_cancellation_percent": 60}, ["What cancelling costs, or from when on, is another."]),
        ({"cancellation_grace_minutes": 0}, ["What cancelling costs, or from when on, is another."]),
        ({"instant": True}, ["It is confirmed at once now: nobody has to answer first."]),
        ({"questions_version": "0a1b2c"}, ["The provider asks other questions now."]),
    ],
)
def test_each_change_is_told(changed: dict[str, Any], told: list[str]) -> None:
    assert changes_since(note_terms(SHOWN), replace(SHOWN, **changed)) == told


def test_it_is_told_that_somebody_answers_first_again() -> None:
    instant = replace(SHOWN, instant=True)
    assert changes_since(note_terms(instant), SHOWN) == ["It is on request now: the provider answers first."]


@pytest.mark.parametrize(
    "noted", ["", "x", "1 XXX 75 24 50 60 0 -", "1 USD 75 24 50 60 0 - -", "-1 USD 75 24 50 60 0 -"]
)
def test_of_what_no_form_noted_nothing_is_told(noted: str) -> None:
    assert changes_since(noted, SHOWN) == []
