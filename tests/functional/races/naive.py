"""A booking application as it is often written: look whether the time is free, then save. For the judge to convict.

Every write succeeds, nothing is conditional; between the look and the save another request may do the same.
"""

import os
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import django
import jwt
import orjson

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
django.setup()

from bookings.models import BookingDetailsItem, BookingItem  # noqa: E402
from catalog.domain import blocked_cells, cell_position  # noqa: E402
from catalog.models import ProviderItem, ServiceItem, SlotClaimsItem  # noqa: E402
from kernel import storage  # noqa: E402
from kernel.aws import client  # noqa: E402
from kernel.clock import to_rfc3339  # noqa: E402
from kernel.idempotency import IdempotencyItem  # noqa: E402
from kernel.ids import new_child_id, parent_provider_id  # noqa: E402

StartResponse = Callable[[str, list[tuple[str, str]]], object]


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """`POST /api/v1/bookings` as the real one answers it, but for its promises; anything else is 404."""
    if environ["REQUEST_METHOD"] != "POST":
        return _answer(start_response, "404 Not Found", {})
    token = environ["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    user_id = jwt.decode(token, options={"verify_signature": False})["sub"]
    request = orjson.loads(environ["wsgi.input"].read())
    booking = _book(user_id, environ["HTTP_IDEMPOTENCY_KEY"], request)
    if booking is None:
        return _answer(start_response, "409 Conflict", {"code": "slot_taken"})
    return _answer(start_response, "201 Created", booking)


def _answer(start_response: StartResponse, status: str, document: dict[str, Any]) -> Iterable[bytes]:
    body = orjson.dumps(document)
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def _book(user_id: str, key: str, request: dict[str, Any]) -> dict[str, Any] | None:
    provider_id = str(parent_provider_id(request["service_id"]))
    provider, service = storage.get_rows([(ProviderItem, provider_id), (ServiceItem, request["service_id"])])
    assert provider is not None
    assert service is not None
    starts_at = datetime.fromisoformat(request["starts_at"])
    duration, before, after = (
        service["duration_minutes"],
        provider["buffer_before_minutes"],
        provider["buffer_after_minutes"],
    )
    positions = [cell_position(cell) for cell in blocked_cells(starts_at, duration, before, after)]
    for day in {day for day, _ in positions}:
        claims = storage.get_row(SlotClaimsItem, provider_id, day.isoformat()) or {}
        if any(f"c{index:02}" in claims for claimed_day, index in positions if claimed_day == day):
            return None

    booking_id = new_child_id(provider_id)
    _put(
        BookingItem,
        bookingId={"S": booking_id},
        customerId={"S": user_id},
        startsAt={"S": to_rfc3339(starts_at)},
        endsAt={"S": to_rfc3339(starts_at + timedelta(minutes=duration))},
        durationMinutes={"N": str(duration)},
        bufferBeforeMinutes={"N": str(before)},
        bufferAfterMinutes={"N": str(after)},
    )
    _put(BookingDetailsItem, bookingId={"S": booking_id}, address={"S": request["address"]}, notes={"S": ""})
    for day, index in positions:
        client("dynamodb").update_item(
            TableName=SlotClaimsItem.Meta.table_name,
            Key={"providerId": {"S": provider_id}, "day": {"S": day.isoformat()}},
            UpdateExpression="SET #cell = :booking",
            ExpressionAttributeNames={"#cell": f"c{index:02}"},
            ExpressionAttributeValues={":booking": {"S": booking_id}},
        )
    booking = {"id": booking_id}
    _put(IdempotencyItem, idempotencyKey={"S": f"{user_id}#{key}"}, response={"S": orjson.dumps(booking).decode()})
    return booking


def _put(table: type[storage.Item], **item: dict[str, str]) -> None:
    client("dynamodb").put_item(TableName=table.Meta.table_name, Item=item)
