"""What the tables hold for one provider after a race, read directly."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from bookings.models import BookingDetailsItem, BookingItem
from catalog.domain.cells import first_cell
from catalog.models import SlotClaimsItem
from kernel.aws import client
from kernel.idempotency import IdempotencyItem
from kernel.storage import Item, Row


@dataclass(frozen=True, slots=True)
class Stored:
    """Bookings by id, the ids that have details, the booking of each claimed cell, and of each idempotency record."""

    bookings: dict[str, Row]
    details: frozenset[str]
    claims: dict[int, str]
    records: dict[str, str]


def read_stored(provider_id: str, *, user_prefix: str) -> Stored:
    """Everything of that provider, and the idempotency records of the users whose ids begin with the prefix."""
    claims = {}
    for row in _scan(SlotClaimsItem, "providerId", provider_id):
        start = first_cell(date.fromisoformat(row["day"]))
        for name, value in row.items():
            if name[0] == "c" and name[1:].isdigit():
                claims[start + int(name[1:])] = value
    return Stored(
        bookings={row["booking_id"]: row for row in _scan(BookingItem, "bookingId", provider_id)},
        details=frozenset(row["booking_id"] for row in _scan(BookingDetailsItem, "bookingId", provider_id)),
        claims=claims,
        records={
            row["idempotency_key"]: orjson.loads(row["response"])["id"]
            for row in _scan(IdempotencyItem, "idempotencyKey", user_prefix)
        },
    )


def _scan(table: type[Item], key: str, prefix: str) -> Iterator[Row]:
    pages = (
        client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=table.Meta.table_name,
            ConsistentRead=True,
            FilterExpression="begins_with(#key, :prefix)",
            ExpressionAttributeNames={"#key": key},
            ExpressionAttributeValues={":prefix": {"S": prefix}},
        )
    )
    items: Iterator[dict[str, Any]] = (item for page in pages for item in page["Items"])
    return map(table.read_row, items)
