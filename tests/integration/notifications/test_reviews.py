"""What a provider is told of a review: once, without the customer's name, and not once it is hidden."""

from typing import Any

import pytest
from django.core import mail

from bookings.domain import Status
from kernel import storage
from kernel.clock import now
from notifications import personal_data
from notifications.domain import DeliveryStatus
from notifications.handlers import notify
from notifications.models import DeliveryItem
from notifications.queries import get_bell, list_notes
from notifications.services.emails import deliver_email
from reviews.events import ReviewEvent
from reviews.models import ReviewItem
from reviews.services import hide_review
from reviews.stream import events_after
from tests.factories.accounts import make_admin
from tests.factories.bookings import Scene
from tests.factories.notifications import make_addressed_scene
from tests.factories.reviews import review


@pytest.fixture
def scene() -> Scene:
    return make_addressed_scene()


@pytest.fixture
def event(scene: Scene) -> ReviewEvent:
    """The event of a review of four stars."""
    booking = scene.bring(scene.book(), Status.CONFIRMED, Status.COMPLETED)
    written = review(scene, booking, comment="Quick & clean.\nThe <tap> holds.").created
    assert written is not None
    row = storage.get_row(ReviewItem, written.review_id)
    assert row is not None
    (event,) = events_after(row, 0)
    return event


def test_the_provider_gets_a_note_and_an_email_which_name_nobody(
    scene: Scene, event: ReviewEvent, queued: list[str]
) -> None:
    for _ in range(2):
        notify(event, now())
    (delivery_id,) = set(queued)
    deliver_email(delivery_id=delivery_id, now=now())

    (note,) = list_notes(actor=scene.provider, limit=10, cursor=None).results
    assert (note.type, note.subject.kind, note.subject.id) == ("review.submitted", "review", event.review_id)
    assert get_bell(actor=scene.provider).unread == 1
    assert not list_notes(actor=scene.customer, limit=10, cursor=None).results
    message: Any = mail.outbox[0]
    html, _ = message.alternatives[0]
    assert message.subject == "Leak repair: 4 of 5 stars"
    assert "Quick & clean.\nThe <tap> holds." in message.body
    assert "Quick &amp; clean.<br>The &lt;tap&gt; holds." in html
    for text in (message.body, html):
        assert f"/bookings/{event.review_id}" in text
        assert "Robin" not in text
    exported = personal_data.export(scene.provider.user_id, now=now())
    assert [email["type"] for email in exported["emails"]] == ["review.submitted"]


def test_of_a_review_that_was_hidden_meanwhile_nobody_is_told(
    scene: Scene, event: ReviewEvent, queued: list[str]
) -> None:
    notify(event, now())
    hide_review(actor=make_admin(), review_id=event.review_id, reason="An insult", now=now())
    deliver_email(delivery_id=queued[0], now=now())

    row = storage.get_row(DeliveryItem, queued[0])
    assert row is not None
    assert row["status"] == DeliveryStatus.SUPERSEDED
    assert not mail.outbox
