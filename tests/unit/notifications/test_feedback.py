"""Reports of SES: which addresses are not written to again."""

from typing import Any
from unittest.mock import Mock

import orjson
import pytest

from kernel.errors import NotFoundError
from marketplace.background import queues
from marketplace.entrypoints.dispatcher import handle
from notifications import feedback
from notifications.feedback import UnreadableReportError
from notifications.links import read_unsubscribe_token, unsubscribe_url
from tests.factories.letters import NOW

MAIL = {"messageId": "m-1", "destination": ["a@example.com"]}


def bounce(kind: str, *addresses: str) -> dict[str, Any]:
    return {"bounceType": kind, "bouncedRecipients": [{"emailAddress": address} for address in addresses]}


def complaint(*addresses: str, **values: str) -> dict[str, Any]:
    return {"complainedRecipients": [{"emailAddress": address} for address in addresses], **values}


def take(report: Any) -> None:
    feedback.take_feedback(report if isinstance(report, str) else orjson.dumps(report).decode(), NOW)


@pytest.fixture
def suppressed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    monkeypatch.setattr(feedback, "suppress_address", lambda *, email, reason, now: found.append((email, reason)))
    return found


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(feedback, "count_report", lambda *, kind, now: found.append(kind))
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
    take({key: kind, "mail": MAIL, **detail})
    assert suppressed == [(address, kind.lower()) for address in addresses]


@pytest.mark.parametrize(
    "report",
    [
        {"notificationType": "Bounce"},
        {"notificationType": "Bounce", "bounce": {"bounceType": "Permanent"}},
        {"notificationType": "Bounce", "bounce": bounce("Permanent", "nobody")},
        {"notificationType": "Bounce", "bounce": bounce("Permanent", "")},
        {"notificationType": "Complaint", "complaint": None},
    ],
)
def test_what_must_be_acted_on_and_does_not_say_of_whom_is_an_error(
    suppressed: list[tuple[str, str]], report: Any
) -> None:
    with pytest.raises(UnreadableReportError):
        take(report)
    assert suppressed == []


@pytest.mark.parametrize("unreadable", ["nobody", "", None, 7, ["b@example.com"], "<<b@example.com>"])
def test_who_cannot_be_read_keeps_nobody_else_from_being_left_alone(
    suppressed: list[tuple[str, str]], unreadable: Any
) -> None:
    recipients = [{"emailAddress": unreadable}, {"emailAddress": "a@example.com"}]
    with pytest.raises(UnreadableReportError):
        take({"eventType": "Bounce", "bounce": {"bounceType": "Permanent", "bouncedRecipients": recipients}})
    assert suppressed == [("a@example.com", "bounce")]


@pytest.mark.parametrize("address", ["Ann Doe <a@example.com>", "<a@example.com>", '"Doe, Ann" <A@Example.com>'])
def test_an_address_is_read_out_of_a_mailbox(suppressed: list[tuple[str, str]], address: str) -> None:
    take({"eventType": "Bounce", "bounce": bounce("Permanent", address)})
    assert suppressed == [("a@example.com", "bounce")]


@pytest.mark.parametrize(
    ("report", "kind"),
    [
        ({"eventType": "Rendering Failure", "failure": {"errorMessage": "…"}}, "Rendering Failure"),
        ({"eventType": "Subscription", "subscription": {"contactList": "…"}}, "Subscription"),
        ({"eventType": "Delivery", "delivery": {"recipients": ["a@example.com"]}}, "Delivery"),
        ({"eventType": "Something New"}, "Something New"),
        ({"notificationType": "AmazonSnsSubscriptionSucceeded"}, "AmazonSnsSubscriptionSucceeded"),
        ("Successfully validated SNS topic for Amazon SES event publishing.", "no report"),
        ("", "no report"),
        ("null", "no report"),
        ("[]", "no report"),
        ("{}", "no report"),
        ({"eventType": 7}, "no report"),
        ({"eventType": "a@example.com"}, "no report"),
        ({"eventType": "x" * 41}, "no report"),
    ],
)
def test_what_asks_for_nothing_is_counted(
    suppressed: list[tuple[str, str]], counted: list[str], report: Any, kind: str
) -> None:
    take(report)
    assert counted == [kind]
    assert suppressed == []


def test_the_log_names_no_address(suppressed: list[tuple[str, str]], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        take({"notificationType": "Bounce", "bounce": bounce("Permanent", "a@example.com")})
    assert "1 addresses suppressed" in caplog.text
    assert "example.com" not in caplog.text


def test_the_queue_of_reports_keeps_what_it_cannot_read(
    suppressed: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "client", lambda service: Mock())
    reports = [{"eventType": "Bounce"}, {"eventType": "Bounce", "bounce": bounce("Permanent", "a@example.com")}]
    bodies = [orjson.dumps(report).decode() for report in reports]
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
