"""Crowds race for the same time over HTTP, against two gunicorn workers: nobody is booked twice, nobody is lied to."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from benchmarks.serving import APPLICATION, serve, served_environment
from benchmarks.shop import open_shop
from bookings.models import BookingItem
from kernel import storage
from tests.factories.accounts import TokenIssuer
from tests.functional.races.clients import book_at_once
from tests.functional.races.history import find_violations
from tests.functional.races.people import sign_in
from tests.functional.races.stored import read_stored

NAIVE_APPLICATION = "tests.functional.races.naive:application"


@pytest.fixture(scope="module")
def environment(cloud: str, token_issuer: TokenIssuer) -> dict[str, str]:
    return served_environment(cloud_url=cloud, issuer=token_issuer)


@pytest.fixture(scope="module")
def port(environment: dict[str, str]) -> Iterator[int]:
    # More threads would spend the processors on waiting for each other, not on more races.
    with serve(APPLICATION, environment, workers=2, threads=4) as port:
        yield port


def test_each_slot_goes_to_one_of_500_clients(port: int, token_issuer: TokenIssuer, is_torture: bool) -> None:
    shop = open_shop(buffer_minutes=15)
    people = sign_in(token_issuer, 500)
    slots = [shop.next_slot() for _ in range(20 if is_torture else 5)]

    outcomes = book_at_once(port, [[customer.wants(shop, slot) for customer in people.customers] for slot in slots])

    assert find_violations(outcomes, read_stored(shop.provider_id, user_prefix=people.prefix)) == []
    answers = Counter((outcome.attempt.starts_at, outcome.status) for outcome in outcomes)
    assert set(answers.values()) == {1, 499}
    assert Counter(status for _, status in answers) == {201: len(slots), 409: len(slots)}


def test_overlapping_wishes_are_never_both_granted(port: int, token_issuer: TokenIssuer) -> None:
    shop = open_shop(buffer_minutes=15)
    people = sign_in(token_issuer, 300)
    morning = shop.next_slot()
    # 37 has no factor in common with 96: the wishes jump about the day and come to each quarter hour of it.
    starts = [morning + timedelta(minutes=15 * (37 * position % 96)) for position in range(len(people.customers))]
    wishes = [customer.wants(shop, start) for customer, start in zip(people.customers, starts, strict=True)]

    outcomes = book_at_once(port, [wishes])

    stored = read_stored(shop.provider_id, user_prefix=people.prefix)
    assert find_violations(outcomes, stored) == []
    # Starts within 24 hours, an hour and a half each, and no gap that would hold another one.
    assert 8 <= len(stored.bookings) <= 16


def test_one_key_sent_by_200_clients_is_one_booking(port: int, token_issuer: TokenIssuer) -> None:
    shop = open_shop()
    people = sign_in(token_issuer, 1)
    attempt = people.customers[0].wants(shop, shop.next_slot())

    outcomes = book_at_once(port, [[attempt] * 200])

    stored = read_stored(shop.provider_id, user_prefix=people.prefix)
    assert find_violations(outcomes, stored) == []
    assert len(stored.bookings) == 1
    assert Counter((outcome.status, outcome.replayed) for outcome in outcomes) == {(201, False): 1, (201, True): 199}
    assert len({outcome.body for outcome in outcomes}) == 1


def test_the_judge_convicts_an_application_that_checks_and_then_saves(
    environment: dict[str, str], token_issuer: TokenIssuer
) -> None:
    shop = open_shop()
    people = sign_in(token_issuer, 30)
    in_turn, at_once = shop.next_slot(), [shop.next_slot() for _ in range(5)]

    with serve(NAIVE_APPLICATION, environment, workers=2, threads=4) as port:
        orderly = book_at_once(port, [[customer.wants(shop, in_turn)] for customer in people.customers])
        acquittal = find_violations(orderly, read_stored(shop.provider_id, user_prefix=people.prefix))
        racing = book_at_once(port, [[customer.wants(shop, slot) for customer in people.customers] for slot in at_once])
        stored = read_stored(shop.provider_id, user_prefix=people.prefix)
    # They lack what the product's own bookings have, and other tests read all that is stored.
    for booking_id in stored.bookings:
        storage.write(storage.delete("booking", BookingItem, booking_id))
    verdict = find_violations([*orderly, *racing], stored)

    assert acquittal == []
    assert [violation for violation in verdict if violation.startswith("double booking")]
