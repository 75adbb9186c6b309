"""Through the embedded SES: what arrives, what is never written to again, and what stays in the inbox's files."""

import email
import email.policy
import random
import time
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core import mail
from pytest_django import Settings

from accounts.models import UserItem
from bookings.domain import Status
from kernel import storage
from kernel.aws import client, queue_url
from kernel.clock import now
from marketplace.operations.provisioning import provision
from notifications import services
from notifications.domain import DeliveryStatus
from notifications.emails.mail import SesBackend
from notifications.feedback import take_feedback
from notifications.models import DeliveryItem
from notifications.services import emails
from tests import mutants
from tests.factories.accounts import make_customer
from tests.factories.bookings import Scene, next_day
from tests.factories.letters import event_of
from tests.factories.notifications import enroll, make_addressed_scene


@pytest.fixture
def scene() -> Scene:
    return make_addressed_scene()


@pytest.fixture
def ses(settings: Settings) -> None:
    """Emails go to the embedded SES instead of Django's outbox for tests."""
    settings.EMAIL_BACKEND = "notifications.emails.mail.SesBackend"


def arrived(directory: Path, address: str) -> list[EmailMessage]:
    """The emails to that address, once there is one; the SES passes them on in the background."""
    give_up_at = time.monotonic() + 60
    while True:
        found = []
        for path in sorted(directory.glob("*.eml")):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            if message["To"] == address:
                found.append(message)
        if found or time.monotonic() > give_up_at:
            return found
        time.sleep(0.05)


@pytest.mark.usefixtures("ses")
def test_an_email_arrives_whole(scene: Scene, settings: Settings) -> None:
    address = enroll(scene.customer, name="Zoë", language="fr")
    confirmed = scene.bring(scene.book(), Status.CONFIRMED)
    to_customer, _ = services.announce(event=event_of(confirmed), now=now())
    emails.deliver_email(delivery_id=to_customer, now=now())

    (message,) = arrived(settings.INBOX_DIR, address)
    assert message["Subject"] == "Confirmé\xa0: Leak repair avec Elm Plumbing"
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "text/calendar",
    ]
    text = message.get_body(("plain",))
    assert text is not None
    assert "Elm Plumbing se réjouit de vous voir" in text.get_content()
    row = storage.get_row(DeliveryItem, to_customer)
    assert row is not None
    assert row["message_id"].endswith("@email.amazonses.com")


def test_ses_is_asked_once_by_one_client_for_all_emails() -> None:
    first, second = SesBackend(), SesBackend()
    assert first.open()
    assert second.open()
    assert not second.open()
    assert first.connection is second.connection
    # A call whose answer was lost, repeated by the SDK, would be a second email that no ledger knows of.
    assert first.connection.meta.config.retries["total_max_attempts"] == 1


# --- Bounces and complaints ------------------------------------------------------------------------------------------


def receive_feedback() -> dict[str, Any]:
    url, sqs = queue_url(provision("test")["EMAIL_FEEDBACK_QUEUE_ARN"]), client("sqs")
    (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=4)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    report: dict[str, Any] = orjson.loads(message["Body"])
    return report


def readdress(scene: Scene, address: str) -> None:
    storage.write(storage.update("user", UserItem, scene.customer.user_id, actions=[UserItem.email.set(address)]))


@pytest.mark.usefixtures("ses")
@pytest.mark.parametrize("mailbox", ["bounce", "complaint"])
def test_whoever_bounces_or_complains_is_not_written_to_again(scene: Scene, mailbox: str) -> None:
    """The whole way: SES → SNS → SQS → suppression."""
    # SES's own addresses for it, with a label so that each test has its own.
    readdress(scene, f"{mailbox}+{scene.provider_id}@simulator.amazonses.com")
    first, *_ = services.announce(event=event_of(scene.book()), now=now())
    emails.deliver_email(delivery_id=first, now=now())

    take_feedback(orjson.dumps(receive_feedback()).decode(), now())

    second, *_ = services.announce(event=event_of(scene.book(next_day(5))), now=now())
    emails.deliver_email(delivery_id=second, now=now())
    statuses = [row["status"] for row in storage.get_rows([(DeliveryItem, first), (DeliveryItem, second)]) if row]
    assert statuses == [DeliveryStatus.SENT, DeliveryStatus.SUPPRESSED]


def suppression_violations(scene: Scene) -> list[str]:
    """Emails to suppressed addresses after 1,000 mixed reports, repeated and in any order."""
    chance = random.Random(20)  # noqa: S311
    addresses = {enroll(customer): customer for customer in (make_customer() for _ in range(20))}
    doomed = set(chance.sample(sorted(addresses), 10))
    reports = []
    for _ in range(1_000):
        address = chance.choice(sorted(addresses))
        recipients = [{"emailAddress": address.upper() if chance.random() < 0.5 else address}]
        if address in doomed and chance.random() < 0.1:
            kind = chance.choice(["Bounce", "Complaint"])
        else:
            kind = chance.choice(["Delivery", "Transient"])
        reports.append(
            {
                "Bounce": {
                    "notificationType": "Bounce",
                    "bounce": {"bounceType": "Permanent", "bouncedRecipients": recipients},
                },
                "Complaint": {"eventType": "Complaint", "complaint": {"complainedRecipients": recipients}},
                "Delivery": {"eventType": "Delivery", "delivery": {}},
                "Transient": {
                    "notificationType": "Bounce",
                    "bounce": {"bounceType": "Transient", "bouncedRecipients": recipients},
                },
            }[kind]
        )
    for report in reports:
        take_feedback(orjson.dumps(report).decode(), now())
    for hour, customer in enumerate(addresses.values()):
        booking = scene.book(next_day(hour), customer=customer)
        to_customer, *_ = services.announce(event=event_of(booking), now=now())
        emails.deliver_email(delivery_id=to_customer, now=now())
    written_to = {recipient for message in mail.outbox for recipient in message.to}
    assert written_to >= set(addresses) - doomed
    return sorted(written_to & doomed)


def test_a_thousand_mixed_reports(scene: Scene) -> None:
    assert suppression_violations(scene) == []


def test_mutant_suppression_not_asked(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.send_whoever_objects(monkeypatch)
    assert suppression_violations(scene)
