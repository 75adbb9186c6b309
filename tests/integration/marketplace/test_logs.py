"""What a deployed stage logs while people live with it, and while things fail around them, has no word of theirs."""

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pytest_django.fixtures import Settings

from kernel.actors import Actor, Role
from kernel.clock import now
from kernel.logs import JsonFormatter
from marketplace.entrypoints.dispatcher import handle
from notifications.services import announce
from tests.factories.accounts import ApiClient
from tests.factories.browsers import Browser, signed_in
from tests.factories.canaries import Canary
from tests.factories.events import (
    EVENTS_QUEUE_ARN,
    TASKS_QUEUE_ARN,
    event_record,
    failed_ids,
    queue_record,
    task_message,
)
from tests.factories.letters import event_of

FEEDBACK_QUEUE_ARN = TASKS_QUEUE_ARN.replace("test-tasks", "test-email-feedback")


class Log:
    """Lines as a deployed stage writes them."""

    def __init__(self) -> None:
        self._stream = io.StringIO()
        self.handler = logging.StreamHandler(self._stream)
        self.handler.setFormatter(JsonFormatter())

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    def lines(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def refuse_words_of(self, canary: Canary) -> None:
        """Nothing of the person, nor of an address, may stand in it."""
        assert canary.word not in self.text
        assert not re.search(r"@example\.com|127\.0\.0\.1|Elm Street", self.text)


@pytest.fixture
def log() -> Iterator[Log]:
    """The log from now on, at the levels of a deployed stage."""
    log, root = Log(), logging.getLogger()
    level = root.level
    root.setLevel(logging.INFO)
    root.addHandler(log.handler)
    yield log
    root.removeHandler(log.handler)
    root.setLevel(level)


@pytest.fixture
def canary() -> Canary:
    return Canary(Role.CUSTOMER)


def test_pages_and_calls_that_succeed_and_that_are_refused(
    canary: Canary, log: Log, api: Callable[[Actor | None], ApiClient]
) -> None:
    browser, stranger = signed_in(canary.actor), Browser(headers={"User-Agent": canary.word})
    booking = f"/bookings/{canary.booking.booking_id}"
    for path in ("/", "/bookings", booking, "/account/profile", "/account/export", f"/search?q={canary.word}"):
        browser.get(path)
    for path in (f"/{canary.word}", f"/providers/{canary.word}", f"/notifications/unsubscribe/{canary.word}", booking):
        stranger.get(path)
    stranger.submit("/account/sign-in", {"email": canary.email, "password": canary.word})
    # Without the token of the form.
    stranger.post(f"/bookings/{canary.word}/status", {"status": canary.word})
    program, nobody = api(canary.actor), api(None)
    program.get("/api/v1/bookings")
    program.get(f"/api/v1/bookings/{canary.booking.booking_id}")
    program.post("/api/v1/bookings", {"address": canary.word, canary.word: canary.email})
    program.post("/api/v1/bookings", f'{{"address": "{canary.word}', content_type="application/json")
    nobody.get(f"/api/v1/services?q={canary.word}")
    nobody.get(f"/api/v1/services/{canary.word}")
    nobody.get("/api/v1/bookings", HTTP_AUTHORIZATION=f"Bearer {canary.word}")
    log.refuse_words_of(canary)


def test_a_page_that_fails_is_named_without_what_was_asked(
    canary: Canary, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: Any, **options: Any) -> Any:
        raise ValueError(f"Invalid isoformat string: {canary.word!r}")

    monkeypatch.setattr("pages.discover.views.ShowProvider.get", fail)
    browser = Browser(raise_request_exception=False)
    assert browser.get(f"/providers/{canary.word}?q={canary.word}").status_code == 500
    (line,) = [each for each in log.lines() if each["level"] == "ERROR"]
    assert line["message"] == "Internal Server Error: providers/<str:provider_id>"
    assert line["failure"] == "ValueError"
    assert "ValueError: (not logged: it may tell of a person)" in line["traceback"]
    log.refuse_words_of(canary)


def test_events_that_are_handled_and_that_fail(
    canary: Canary, log: Log, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    event = event_of(canary.booking)
    assert failed_ids(handle({"Records": [event_record(1, event)]})) == []
    broken = f'{{"id": "{canary.word}", "data": {{"email": "{canary.email}"}}}}'
    refused = [
        queue_record(2, broken, arn=EVENTS_QUEUE_ARN, group="g"),
        queue_record(3, task_message("notifications.deliver_email", "no-such-delivery"), arn=TASKS_QUEUE_ARN),
        queue_record(4, task_message("no.such.task", canary.word), arn=TASKS_QUEUE_ARN),
        queue_record(5, canary.email, arn=TASKS_QUEUE_ARN),
        queue_record(6, f'{{"eventType": "Bounce", "bounce": "{canary.email}"}}', arn=FEEDBACK_QUEUE_ARN),
    ]
    for record in refused:
        assert failed_ids(handle({"Records": [record]})) == [record["messageId"]]
    log.refuse_words_of(canary)
    assert len([line for line in log.lines() if line.get("failure")]) >= len(refused)


def test_what_ses_says_of_an_address_is_not_repeated(canary: Canary, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    words = f"Email address is not verified. The following identities failed the check: {canary.email}"
    refusal = ClientError({"Error": {"Code": "MessageRejected", "Message": words}}, "SendRawEmail")

    def refuse(message: Any) -> str:
        raise refusal

    monkeypatch.setattr("notifications.services.emails.send", refuse)
    booking = canary.scene.book()
    delivery_id = announce(event=event_of(booking), now=now())[0]
    record = queue_record(7, task_message("notifications.deliver_email", delivery_id), arn=TASKS_QUEUE_ARN)
    assert failed_ids(handle({"Records": [record]})) == ["7"]
    assert "ClientError: MessageRejected (SendRawEmail)" in log.text.replace("\\n", "\n")
    log.refuse_words_of(canary)
