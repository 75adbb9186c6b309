"""The provider's dashboard as JSON: plain dicts, and, for the OpenAPI document alone, their schemas."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rest_framework import serializers

from bookings.domain import Action, BookingSummary, Status
from kernel.actors import Actor
from kernel.web.money import MoneySchema, represent_money
from notifications.domain import Bell
from pages.provider.reads import Dashboard


def represent_dashboard(dashboard: Dashboard, bell: Bell, actor: Actor, now: datetime) -> dict[str, Any]:
    """The open requests and what today holds, each with what they may do about it."""

    def represent(bookings: Sequence[BookingSummary]) -> list[dict[str, Any]]:
        return [_represent_appointment(booking, actor, now) for booking in bookings]

    return {
        "unread": bell.unread,
        "requests": represent(dashboard.requests),
        "today": represent(dashboard.today),
        "time_zone": dashboard.time_zone,
    }


def _represent_appointment(booking: BookingSummary, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "booking_id": booking.booking_id,
        "version": booking.version,
        "status": booking.status_at(now),
        "service_name": booking.service_name,
        "starts_at": booking.starts_at,
        "ends_at": booking.ends_at,
        "price": represent_money(booking.price),
        "expires_at": booking.expires_at,
        "actions": booking.allowed_actions(actor, now),
    }


class AppointmentSchema(serializers.Serializer[Any]):
    """A booking as the dashboard shows it."""

    booking_id = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.ChoiceField(choices=list(Status))
    service_name = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    price = MoneySchema()
    expires_at = serializers.DateTimeField(allow_null=True)
    actions = serializers.ListField(child=serializers.ChoiceField(choices=list(Action)))


class DashboardSchema(serializers.Serializer[Any]):
    """What a provider looks at through the day."""

    unread = serializers.IntegerField()
    requests = AppointmentSchema(many=True, help_text="Waiting for your answer, the earliest start first.")
    today = AppointmentSchema(many=True, help_text="Confirmed for today in your time zone.")
    time_zone = serializers.CharField()
