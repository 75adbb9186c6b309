"""Dead letters in the admin: looked at, sent back and dropped by orders that the events function carries out."""

import re

import pytest
from django.conf import settings
from django.test import Client

from kernel import storage
from kernel.actors import Role
from kernel.aws import client as aws_client
from kernel.aws import queue_url
from kernel.dynamo_admin.audit import AuditItem
from marketplace.background.dead_letters import dead_letter_queue
from tests.factories.orders import carry_out_orders
from tests.integration.marketplace.admin.conftest import SignedIn

PAGE = "/admin/dead-letters/"


@pytest.fixture
def letter() -> str:
    """A report of SES that was given up: its id."""
    queue = dead_letter_queue("email-feedback")
    queue.drop()
    sent = aws_client("sqs").send_message(QueueUrl=queue_url(queue.arn), MessageBody='{"eventType": "Oddity"}')
    return str(sent["MessageId"])


def order(client: Client, action: str, *messages: str) -> int:
    body = {"queue": "email-feedback", "action": action, "messages": messages, "reason": "Looked into it"}
    status = client.post(PAGE, body).status_code
    carry_out_orders()
    return status


def test_they_are_shown_once_somebody_has_looked(signed_in: SignedIn, letter: str) -> None:
    client = signed_in(Role.ADMIN)
    assert order(client, "show") == 302
    page = client.get(PAGE).content.decode()
    assert "Oddity" in page
    assert letter in page


def test_they_are_sent_back(signed_in: SignedIn, letter: str) -> None:
    client = signed_in(Role.ADMIN)
    order(client, "show")
    assert order(client, "redrive", letter) == 302
    source = queue_url(settings.EMAIL_FEEDBACK_QUEUE_ARN)
    received = aws_client("sqs").receive_message(QueueUrl=source, WaitTimeSeconds=1)["Messages"]
    assert [message["Body"] for message in received] == ['{"eventType": "Oddity"}']
    for message in received:
        aws_client("sqs").delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
    assert dead_letter_queue("email-feedback").show() == []
    # What was seen before is not offered once more.
    assert letter not in client.get(PAGE).content.decode()


def test_they_are_dropped_and_both_steps_stand_in_the_log(signed_in: SignedIn, letter: str) -> None:
    client = signed_in(Role.ADMIN)
    order(client, "drop", letter)
    assert dead_letter_queue("email-feedback").show() == []
    rows = list(storage.all_rows(AuditItem, "marketplace.dead-letters#email-feedback"))[-2:]
    assert [(row["action"], row["outcome"]) for row in rows] == [("drop", "intended"), ("drop", "done")]


def test_nothing_is_dropped_that_was_not_chosen(signed_in: SignedIn, letter: str) -> None:
    client = signed_in(Role.ADMIN)
    order(client, "show")
    assert order(client, "drop") == 400
    assert [found.message_id for found in dead_letter_queue("email-feedback").show()] == [letter]


def test_what_was_typed_and_chosen_outlives_a_refusal(signed_in: SignedIn, letter: str) -> None:
    client = signed_in(Role.ADMIN)
    order(client, "show")
    for values in ({"reason": "Looked into it"}, {"reason": "", "messages": [letter]}):
        refused = client.post(PAGE, {"queue": "email-feedback", "action": "drop", **values})
        assert refused.status_code == 400
        text = refused.content.decode()
        assert text.count('value="Looked into it"') == (1 if values["reason"] else 0)
        assert bool(re.search(rf'value="{letter}"\s+checked', text)) is ("messages" in values)


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.AUDITOR])
def test_others_look_and_order_nothing(signed_in: SignedIn, role: Role, letter: str) -> None:
    client = signed_in(role)
    page = client.get(PAGE)
    assert page.status_code == 200
    assert not re.search(r'name="action"', page.content.decode())
    assert order(client, "drop", letter) == 403
    assert [found.message_id for found in dead_letter_queue("email-feedback").show()] == [letter]
