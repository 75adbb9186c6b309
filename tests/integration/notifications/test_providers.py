"""What providers are told of themselves: that they are suspended, and that they may be booked again."""

from typing import Any

import pytest
from django.core import mail

from bookings.domain import Status
from catalog.events import ProviderChanged, ProviderSuspended
from catalog.models import ProviderItem
from catalog.services import reinstate_provider, suspend_provider
from catalog.stream import events_after
from kernel import storage
from kernel.actors import Actor
from kernel.clock import now
from notifications import personal_data
from notifications.domain import DeliveryStatus
from notifications.models import DeliveryItem
from notifications.reminders import COMPLETION_REMINDERS_AFTER, completion_reminder, suspension_notices
from notifications.services import announce
from notifications.services.emails import deliver_email
from tests.factories.accounts import make_admin
from tests.factories.bookings import Scene, next_day
from tests.factories.notifications import make_addressed_scene


@pytest.fixture
def scene() -> Scene:
    return make_addressed_scene()


def suspend(scene: Scene) -> ProviderChanged:
    """The event of the suspension."""
    reason = "Did not turn up.\nTwo customers said so."
    suspend_provider(actor=make_admin(), provider_id=scene.provider_id, reason=reason, now=now())
    return last_event(scene)


def reinstate(scene: Scene) -> ProviderChanged:
    """The event of its end."""
    reinstate_provider(actor=make_admin(), provider_id=scene.provider_id, reason="It was a mistake", now=now())
    return last_event(scene)


def last_event(scene: Scene) -> ProviderChanged:
    row = storage.get_row(ProviderItem, scene.provider_id)
    assert row is not None
    (event,) = events_after(row, row["version"] - 1)
    return event


def owed_email(event: ProviderChanged) -> str:
    """The id of the one email of the event."""
    (delivery_id,) = announce(event=event, now=now())
    return delivery_id


def send(delivery_id: str) -> DeliveryStatus:
    """How the email fared."""
    deliver_email(delivery_id=delivery_id, now=now())
    row = storage.get_row(DeliveryItem, delivery_id)
    assert row is not None
    return DeliveryStatus(row["status"])


def test_who_is_suspended_reads_why_and_what_stays(scene: Scene) -> None:
    assert send(owed_email(suspend(scene))) is DeliveryStatus.SENT
    message: Any = mail.outbox[0]
    html, _ = message.alternatives[0]
    assert message.subject == "Elm Plumbing is suspended"
    for text in (message.body, html):
        assert "Two customers said so." in text
        assert "Appointments that you have agreed on stay" in text
        assert "/provider" in text
        assert "because it concerns your business on" in text


def test_who_is_reinstated_is_told_that_all_is_as_it_was(scene: Scene) -> None:
    suspend(scene)
    assert send(owed_email(reinstate(scene))) is DeliveryStatus.SENT
    (message,) = mail.outbox
    assert message.subject.startswith("Elm Plumbing is back on")
    assert "Your profile, services and hours are as you left them." in message.body


def test_what_is_true_no_more_is_not_sent(scene: Scene) -> None:
    owed = owed_email(suspend(scene))
    reinstate(scene)
    assert send(owed) is DeliveryStatus.SUPERSEDED
    assert not mail.outbox


def test_a_copy_of_ones_data_lists_the_emails_about_suspensions(scene: Scene) -> None:
    agreed = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    for change in (suspend, reinstate, suspend):
        event = change(scene)
        announce(event=event, now=now())
        if isinstance(event, ProviderSuspended):
            for notice in suspension_notices(event, now()):
                announce(event=notice, now=now())
    announce(event=completion_reminder(agreed, COMPLETION_REMINDERS_AFTER[0]), now=now())

    def emails_to(actor: Actor) -> list[str]:
        return sorted(email["type"] for email in personal_data.export(actor.user_id, now=now())["emails"])

    stays = ["booking.provider_suspended"] * 2
    assert emails_to(scene.customer) == stays
    about_itself = ["provider.reinstated", *["provider.suspended"] * 2]
    assert emails_to(scene.provider) == [*stays, *about_itself, "reminder.completion"]
