"""Reports of SES: which addresses are not written to again."""

from typing import Any
from unittest.mock import Mock

import orjson
import pytest

from kernel.errors import NotFoundError
from marketplace.background import queues
from marketplace.entrypoints.dispatcher import handle
from notifications import feedback
from notifications.feedback import UnknownFeedbackError, take_feedback
from notifications.links import read_unsubscribe_token, unsubscribe_url
from tests.factories.letters import NOW

MAIL = {"messageId": "m-1", "destination": ["a@example.com"]}


def bounce(kind: str, *addresses: str) -> dict[str, Any]:
    return {"bounceType": kind, "bouncedRecipients": [{"emailAddress": address} for address in addresses]}


def complaint(*addresses: str, **values: str) -> dict[str, Any]:
    return {"complainedRecipients": [{"emailAddress": address} for address in addresses], **values}


@pytest.fixture
def suppressed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    monkeypatch.setattr(feedback, "suppress_address", lambda *, email, reason, now: found.append((email, reason)))
    return found


@pytest.mark.parametrize("key", ["notificationType", "eventType"])
@pytest.mark.parametrize(
    ("kind", "detail", "addresses"),
    [
        (
            "Bounce",
            {"bounce": bounce("Permanent", "a@example.com", "b@example.com")},
            ["a@example.com", "b@example.com"],
        ),
        ("Bounce", {"bounce": bounce("Transient", "a@example.com")}, []),
        ("Bounce", {"bounce": bounce("Undetermined", "a@example.com")}, []),
        ("Complaint", {"complaint": complaint("a@example.com", complaintFeedbackType="abuse")}, ["a@example.com"]),
        ("Complaint", {"complaint": complaint("a@example.com")}, ["a@example.com"]),
        ("Complaint", {"complaint": complaint("a@example.com", complaintFeedbackType="not-spam")}, []),
        ("Bounce", {"bounce": bounce("Permanent", '"Doe, Ann" <Ann@example.com>')}, ["ann@example.com"]),
        ("Complaint", {"complaint": complaint("Ann <a@b\u00fccher.example>")}, ["a@xn--bcher-kva.example"]),
        ("Delivery", {"delivery": {"recipients": ["a@example.com"]}}, []),
    ],
)
def test_permanent_bounces_and_complaints_suppress(
    suppressed: list[tuple[str, str]], key: str, kind: str, detail: dict[str, Any], addresses: list[str]
) -> None:
    take_feedback({key: kind, "mail": MAIL, **detail}, NOW)
    assert suppressed == [(address, kind.lower()) for address in addresses]


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        "Bounce",
        {},
        {"notificationType": "Surprise"},
        {"notificationType": "Bounce"},
        {"notificationType": "Bounce", "bounce": {"bounceType": "Permanent"}},
        {"notificationType": "Complaint", "complaint": None},
        {"notificationType": "Bounce", "bounce": bounce("Permanent", "nobody")},
        {"notificationType": "Bounce", "bounce": bounce("Permanent", None)},  # type: ignore[arg-type]
        {"notificationType": "AmazonSnsSubscriptionSucceeded"},
    ],
)
def test_what_is_no_report_is_an_error(suppressed: list[tuple[str, str]], message: Any) -> None:
    with pytest.raises(UnknownFeedbackError):
        take_feedback(message, NOW)
    assert suppressed == []


def test_the_log_names_no_address(suppressed: list[tuple[str, str]], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        take_feedback({"notificationType": "Bounce", "bounce": bounce("Permanent", "a@example.com")}, NOW)
    assert "1 addresses suppressed" in caplog.text
    assert "example.com" not in caplog.text


def test_the_queue_of_reports_keeps_what_it_cannot_read(
    suppressed: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "client", lambda service: Mock())
    bodies = ["no json", orjson.dumps({"eventType": "Bounce", "bounce": bounce("Permanent", "a@example.com")}).decode()]
    records = [
        {
            "messageId": str(number),
            "body": body,
            "receiptHandle": "r",
            "attributes": {"ApproximateReceiveCount": "1"},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:test-email-feedback",
        }
        for number, body in enumerate(bodies)
    ]
    assert handle({"Records": records}) == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert suppressed == [("a@example.com", "bounce")]


# --- Links without sign-in -------------------------------------------------------------------------------------------


def test_a_link_is_for_one_recipient_and_one_kind() -> None:
    token = unsubscribe_url("customer-a", "reminder.review").rpartition("/")[2]
    assert read_unsubscribe_token(token) == ("customer-a", "reminder.review")
    for wrong in (token[:-1], token[1:], token.replace(":", "."), "", token.swapcase()):
        with pytest.raises(NotFoundError):
            read_unsubscribe_token(wrong)
