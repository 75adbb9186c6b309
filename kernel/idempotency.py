"""Creating calls that may be repeated: the first answer is stored with its effect and given again.

The record is part of the transaction that creates the thing, so there is no state "still running" and nothing to
clean up: either both exist or neither. Keys are scoped by user; the fingerprint of the request tells a repetition
from another request under the same key.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from kernel import storage
from kernel.clock import epoch
from kernel.encoding import to_json
from kernel.errors import DomainError
from kernel.sentences import sentence

KEPT_FOR = timedelta(hours=24)
WRITE_NAME = "idempotency"


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
class IdempotentRequest:
    """A creating call: whose it is, the key it came under, and the fingerprint of what it asks for."""

    user_id: str
    key: str
    fingerprint: str

    @classmethod
    def of(cls, *, user_id: str, key: str, method: str, path: str, body: Any) -> "IdempotentRequest":
        """`body` is the decoded request; its canonical JSON is hashed, so spacing and order do not matter."""
        canonical = orjson.dumps([method, path, body], option=orjson.OPT_SORT_KEYS)
        return cls(user_id, key, hashlib.sha256(canonical).hexdigest())

    @property
    def storage_key(self) -> str:
        return f"{self.user_id}#{self.key}"


def remember(request: IdempotentRequest, response: Any, *, now: datetime) -> storage.Write:
    """The write that claims the key and keeps the answer, to be put into the creating transaction.

    Keep personal data out of `response`: what the request carried can be taken from the repeated request.
    """
    item = IdempotencyItem(
        idempotency_key=request.storage_key,
        fingerprint=request.fingerprint,
        response=to_json(response).decode(),
        expires_at=epoch(now + KEPT_FOR),
    )
    unclaimed = IdempotencyItem.idempotency_key.does_not_exist() | (IdempotencyItem.expires_at < epoch(now))
    return storage.put(WRITE_NAME, item, condition=unclaimed)


def replayed_response(request: IdempotentRequest, failure: storage.ConditionFailedError) -> Any | None:
    """The stored answer if the transaction failed because the key is taken; None if the key is free.

    Look here before blaming any other condition: after a lost answer, one's own first try holds the slot.
    Raises `IdempotencyKeyReusedError` when the key was used for another request.
    """
    row = failure.failed.get(WRITE_NAME)
    return None if row is None else _response(request, row)


def find_response(request: IdempotentRequest, *, now: datetime) -> Any | None:
    """The stored answer, read by key; for refusals that came before any write was tried. Raises as above."""
    row = storage.get_row(IdempotencyItem, request.storage_key)
    return None if row is None or row["expires_at"] < epoch(now) else _response(request, row)


def _response(request: IdempotentRequest, row: storage.Row) -> Any:
    if row["fingerprint"] != request.fingerprint:
        raise IdempotencyKeyReusedError(
            sentence("This Idempotency-Key was already used for another request. Send a new key with a new request.")
        )
    return orjson.loads(row["response"])
