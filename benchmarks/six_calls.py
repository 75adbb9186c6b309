"""Booking as the marketplace's predecessor did it: six separate calls through boto3's resources, none conditional."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import boto3
from boto3.dynamodb.conditions import Key

from catalog.domain import blocked_cells, cell_position
from kernel.clock import epoch, to_rfc3339


class SixCallBooking:
    """Books without a transaction: whoever comes between two of the calls books as well."""

    def __init__(self, *, cloud_url: str, prefix: str, provider_id: str, service_id: str) -> None:
        resource: Any = boto3.resource("dynamodb", region_name="us-east-1", endpoint_url=cloud_url)
        self._services = resource.Table(f"{prefix}services-table")
        self._providers = resource.Table(f"{prefix}providers-table")
        self._claims = resource.Table(f"{prefix}slot-claims-table")
        self._bookings = resource.Table(f"{prefix}bookings-table")
        self._idempotency = resource.Table(f"{prefix}idempotency-table")
        self._provider_id = provider_id
        self._service_id = service_id

    def book(self, customer_id: str, starts_at: datetime, now: datetime) -> str:
        """The new booking's id. Raises `RuntimeError` when the time is taken."""
        service = self._services.get_item(Key={"serviceId": self._service_id})["Item"]
        provider = self._providers.get_item(Key={"providerId": self._provider_id})["Item"]
        positions = [cell_position(cell) for cell in blocked_cells(starts_at, int(service["durationMinutes"]))]
        day = positions[0][0].isoformat()
        names = [f"c{index:02}" for _, index in positions]
        claims = self._claims.query(
            KeyConditionExpression=Key("providerId").eq(self._provider_id) & Key("day").eq(day)
        )["Items"]
        if any(name in claim for claim in claims for name in names):
            raise RuntimeError(f"{starts_at} is taken")
        booking_id = str(uuid4())
        self._bookings.put_item(
            Item={
                "bookingId": booking_id,
                "version": 1,
                "status": "pending",
                "customerId": customer_id,
                "providerId": self._provider_id,
                "providerName": provider["name"],
                "serviceId": self._service_id,
                "serviceName": service["name"],
                "priceAmount": service["priceAmount"],
                "priceCurrency": service["priceCurrency"],
                "startsAt": to_rfc3339(starts_at),
                "endsAt": to_rfc3339(starts_at + timedelta(minutes=int(service["durationMinutes"]))),
                "createdAt": to_rfc3339(now),
            }
        )
        self._idempotency.put_item(
            Item={
                "idempotencyKey": str(uuid4()),
                "response": booking_id,
                "expiresAt": epoch(now + timedelta(hours=24)),
            }
        )
        self._claims.update_item(
            Key={"providerId": self._provider_id, "day": day},
            UpdateExpression="SET " + ", ".join(f"{name} = :booking" for name in names),
            ExpressionAttributeValues={":booking": booking_id},
        )
        return booking_id
