"""Bookings while the way to DynamoDB is faulty: whoever asks again with the same key ends with one booking or none."""

from collections import Counter
from collections.abc import Iterator

import pytest

from benchmarks.serving import APPLICATION, serve, served_environment
from benchmarks.shop import open_shop
from tests.factories.accounts import TokenIssuer
from tests.functional.races.clients import book_at_once
from tests.functional.races.faults import LATE_COMMITS, LOST_ANSWERS, REFUSALS, Fault, FaultyCloud, faulty_cloud
from tests.functional.races.history import find_violations
from tests.functional.races.people import sign_in
from tests.functional.races.stored import read_stored

# Enough that no attempt stays in the dark by mere bad luck.
TRIES = 12


@pytest.fixture(scope="module")
def faulty(cloud: str) -> Iterator[FaultyCloud]:
    with faulty_cloud(cloud) as faulty:
        yield faulty


@pytest.fixture(scope="module")
def port(faulty: FaultyCloud, token_issuer: TokenIssuer) -> Iterator[int]:
    environment = served_environment(cloud_url=faulty.url, issuer=token_issuer)
    with serve(APPLICATION, environment, workers=2, threads=16) as port:
        yield port


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(LOST_ANSWERS, id="lost_answers"),
        pytest.param(LATE_COMMITS, id="late_commits"),
        pytest.param(REFUSALS, id="throttling_and_conflicts"),
    ],
)
def test_faults_neither_double_nor_lose_a_booking(
    fault: Fault, faulty: FaultyCloud, port: int, token_issuer: TokenIssuer
) -> None:
    shop = open_shop(buffer_minutes=15)
    people = sign_in(token_issuer, 40)
    contended = [shop.next_slot() for _ in range(2)]
    own = [customer.wants(shop, shop.next_slot()) for customer in people.customers]

    with faulty.harmed_by(fault):
        rushes = [*([customer.wants(shop, slot) for customer in people.customers] for slot in contended), own]
        outcomes = book_at_once(port, rushes, tries=TRIES)

    assert find_violations(outcomes, read_stored(shop.provider_id, user_prefix=people.prefix)) == []
    finally_told = {outcome.attempt: outcome.status for outcome in outcomes}
    assert Counter(finally_told.values()) == {201: len(contended) + len(own), 409: len(contended) * 39}
