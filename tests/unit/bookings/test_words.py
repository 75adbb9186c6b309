"""Where a booking stands, from the side of whoever reads it."""

from datetime import timedelta

import pytest
from django.utils import translation

from bookings.domain import Status
from bookings.words import status_sentence, status_word
from kernel.actors import Role
from kernel.wording.sentences import in_words
from tests.factories.letters import PATHS, STARTS_AT, make_booking

EARLIER = STARTS_AT - timedelta(days=1)
READERS = (Role.CUSTOMER, Role.PROVIDER, Role.ADMIN)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("status", [status for status in Status if status in PATHS])
def test_every_status_has_its_word_and_its_sentence(status: Status, reader: Role) -> None:
    booking = make_booking(*PATHS[status])
    spoken = in_words(status_sentence(booking, reader, zone="UTC", now=EARLIER))
    assert spoken.endswith(".")
    with translation.override("fr"):
        assert in_words(status_sentence(booking, reader, zone="UTC", now=EARLIER)) != spoken
        assert in_words(status_word(status))


def test_a_request_says_for_whom_it_waits_and_until_when() -> None:
    booking = make_booking(*PATHS[Status.PENDING])

    def told(reader: Role) -> str:
        return in_words(status_sentence(booking, reader, zone="Europe/Paris", now=EARLIER))

    name = booking.provider_name
    assert told(Role.CUSTOMER) == f"Waiting for {name} to confirm, until Tue 10 March, 10:00."
    assert told(Role.ADMIN) == told(Role.CUSTOMER)
    assert told(Role.PROVIDER) == "Waiting for your answer, until Tue 10 March, 10:00."
    with translation.override("fr"):
        assert told(Role.PROVIDER) == "En attente de votre r\u00e9ponse, jusqu\u2019au mar 10 mars, 10:00."


@pytest.mark.parametrize(
    ("later", "text"),
    [
        (timedelta(days=-1), "Confirmed: the customer expects you."),
        (timedelta(minutes=1), "Taking place now."),
        (timedelta(hours=2), "The appointment is over. Say what became of it."),
    ],
)
def test_a_confirmed_appointment_is_compared_with_now(later: timedelta, text: str) -> None:
    booking = make_booking(*PATHS[Status.CONFIRMED])
    assert in_words(status_sentence(booking, Role.PROVIDER, zone="UTC", now=STARTS_AT + later)) == text


def test_a_request_past_its_expiry_has_lapsed_whatever_is_stored() -> None:
    booking = make_booking(*PATHS[Status.PENDING])
    spoken = in_words(status_sentence(booking, Role.PROVIDER, zone="UTC", now=STARTS_AT + timedelta(days=9)))
    assert spoken == "This request lapsed: you did not answer in time."
