"""Fingerprints: the same request has the same one, any other request another."""

from datetime import UTC, datetime

import pytest

from kernel.idempotency import (
    IdempotencyKeyReusedError,
    IdempotentRequest,
    remember_write,
    replayed_outcome,
)
from kernel.storage import ConditionFailedError

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def represent(booking_id: str) -> dict[str, str]:
    return {"id": booking_id}


def request(**changes: object) -> IdempotentRequest[str]:
    values = {
        "user_id": "u1",
        "key": "k1",
        "method": "POST",
        "path": "/bookings",
        "body": {"a": 1, "b": [2]},
        "represent": represent,
    }
    return IdempotentRequest.of(**{**values, **changes})  # type: ignore[arg-type]


def test_the_order_of_members_does_not_matter() -> None:
    assert request(body={"b": [2], "a": 1}) == request()


@pytest.mark.parametrize(
    "change", [{"body": {"a": 1}}, {"body": {"a": 1, "b": [2, 2]}}, {"method": "PUT"}, {"path": "/reviews"}]
)
def test_another_request_has_another_fingerprint(change: dict[str, object]) -> None:
    assert request(**change).fingerprint != request().fingerprint


def test_keys_are_scoped_by_user() -> None:
    assert request(user_id="u2").storage_key != request().storage_key


def stored(of: IdempotentRequest[str]) -> ConditionFailedError:
    row = {"idempotency_key": of.storage_key, "fingerprint": of.fingerprint, "response": '{"id":"b1"}'}
    return ConditionFailedError({"idempotency": row, "slot": {}})


def test_a_taken_key_answers_before_any_other_failure() -> None:
    outcome = replayed_outcome(request(), stored(request()))
    assert outcome
    assert (outcome.answer, outcome.created, outcome.replayed) == ({"id": "b1"}, None, True)


def test_a_free_key_leaves_the_failure_to_others() -> None:
    assert replayed_outcome(request(), ConditionFailedError({"slot": {}})) is None


def test_a_key_used_for_another_request_is_refused() -> None:
    with pytest.raises(IdempotencyKeyReusedError):
        replayed_outcome(request(body={"other": 1}), stored(request()))


def test_the_record_outlives_24_hours() -> None:
    item = remember_write(request(), request().outcome("b1"), now=NOW).kwargs["Item"]
    assert item["response"] == {"S": '{"id":"b1"}'}
    assert int(item["expiresAt"]["N"]) - NOW.timestamp() == 24 * 3600
