"""Creating calls that may be repeated: the first answer is stored with its effect and given again.

The record is part of the transaction that creates the thing, so there is no state "still running" and nothing to
clean up: either both exist or neither. Keys are scoped by user; the fingerprint of the request tells a repetition
from another request under the same key.
"""

import hashlib
from collections.abc import Callable
from dataclasses import field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import orjson
from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from kernel import storage
from kernel.clock import epoch
from kernel.encoding import to_json
from kernel.errors import DomainError
from kernel.sentences import sentence
from kernel.values import dataclass

KEPT_FOR = timedelta(hours=24)
WRITE_NAME = "idempotency"

T = TypeVar("T")


class IdempotencyItem(storage.Item):
    """The answer to one creating call; DynamoDB sweeps it some time after `expires_at`, the condition ignores it
    from then on.
    """

    class Meta:
        table_name = storage.physical_name("idempotency-table")

    idempotency_key = UnicodeAttribute(hash_key=True, attr_name="idempotencyKey")
    fingerprint = UnicodeAttribute()
    response = UnicodeAttribute()
    expires_at = NumberAttribute(attr_name="expiresAt")


class IdempotencyKeyReusedError(DomainError):
    """The key was used before, for a request with another body."""

    code = "idempotency_key_reused"


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What a creating call came to.

    `answer` is what its edge made of the new thing, the first time: on a repetition the stored one. `created` is the
    new thing; None on a repetition.
    """

    answer: dict[str, Any]
    created: T | None = None

    @property
    def replayed(self) -> bool:
        """Whether the call was a repetition, and nothing was written."""
        return self.created is None


@dataclass(frozen=True, slots=True)
class IdempotentRequest(Generic[T]):
    """A creating call: whose it is, the key it came under, the fingerprint of what it asks for.

    `represent` is the edge's: it makes the answer that is remembered of the thing that the call creates. Keep personal
    data out of it: what the request carried can be taken from the repeated request.
    """

    user_id: str
    key: str
    fingerprint: str
    represent: Callable[[T], dict[str, Any]] = field(compare=False)

    @classmethod
    def of(
        cls, *, user_id: str, key: str, method: str, path: str, body: Any, represent: Callable[[T], dict[str, Any]]
    ) -> "IdempotentRequest[T]":
        """`body` is the decoded request; its canonical JSON is hashed, so spacing and order do not matter."""
        canonical = orjson.dumps([method, path, body], option=orjson.OPT_SORT_KEYS)
        return cls(user_id, key, hashlib.sha256(canonical).hexdigest(), represent)

    @property
    def storage_key(self) -> str:
        return f"{self.user_id}#{self.key}"

    def outcome(self, created: T) -> Outcome[T]:
        """What the call comes to if its transaction succeeds."""
        return Outcome(self.represent(created), created)


_UNCLAIMED = storage.Prepared(
    IdempotencyItem,
    condition=IdempotencyItem.idempotency_key.does_not_exist()
    | (IdempotencyItem.expires_at < storage.number_parameter("now")),
)


def remember_write(request: IdempotentRequest[T], outcome: Outcome[T], *, now: datetime) -> storage.Write:
    """The write that claims the key and keeps the outcome's answer, to be put into the creating transaction."""
    item = IdempotencyItem(
        idempotency_key=request.storage_key,
        fingerprint=request.fingerprint,
        response=to_json(outcome.answer).decode(),
        expires_at=epoch(now + KEPT_FOR),
    )
    return _UNCLAIMED.put(WRITE_NAME, item, now=epoch(now))


def replayed_outcome(request: IdempotentRequest[T], failure: storage.ConditionFailedError) -> Outcome[T] | None:
    """The first call's outcome if the transaction failed because the key is taken; None if the key is free.

    Look here before blaming any other condition: after a lost answer, one's own first try holds the slot.
    Raises `IdempotencyKeyReusedError` when the key was used for another request.
    """
    row = failure.failed.get(WRITE_NAME)
    return None if row is None else _outcome(request, row)


def find_outcome(request: IdempotentRequest[T], *, now: datetime) -> Outcome[T] | None:
    """The first call's outcome, read by key (one GetItem); for refusals that came before any write was tried.

    Raises `IdempotencyKeyReusedError` when the key was used for another request.
    """
    row = storage.get_row(IdempotencyItem, request.storage_key)
    return None if row is None or row["expires_at"] < epoch(now) else _outcome(request, row)


def _outcome(request: IdempotentRequest[T], row: storage.Row) -> Outcome[T]:
    if row["fingerprint"] != request.fingerprint:
        raise IdempotencyKeyReusedError(
            sentence("This Idempotency-Key was already used for another request. Send a new key with a new request.")
        )
    return Outcome(orjson.loads(row["response"]))
