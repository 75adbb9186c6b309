"""One booking's life through a deployed site: over HTTP as its people would live it, and through their mailboxes."""

import base64
import email
import email.policy
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import orjson
import urllib3

from accounts.services import ensure_account, sign_in_for_token
from bookings.domain import COMPLETED_EARLIEST
from kernel import clock
from kernel.actors import Role
from kernel.aws import client
from marketplace.background.tokens import ACCOUNT_SCOPE
from marketplace.operations.deploy.names import Report, events_function, web_function
from marketplace.operations.deploy.site import Site
from marketplace.operations.deploy.visitor import Visitor

_HOURS = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
_PROFILE = {
    "name": "Rehearsal Plumbing",
    "city": "Springfield",
    "country": "US",
    "latitude": 39.8,
    "longitude": -89.6,
    "time_zone": "America/Chicago",
    "minimum_notice_minutes": 0,
    "tax_rate_basis_points": 800,
}
_SERVICE = {
    "name": "Leak repair",
    "category": "plumbing",
    "price": {"amount": 9000, "currency": "USD"},
    "duration_minutes": 60,
}
_STREET = "12 Elm Street"
# Fewer than one person may make within a day.
_BOOKINGS_EACH = 10
# Made once that is there, which shows that the site goes on.
_BOOKINGS_AFTERWARDS = 5
# For so long an answer may be an error while functions are replaced, and the same is asked again.
_UPDATE_SECONDS = 60
_MAIL_PATIENCE_SECONDS = 60
# The embedded cloud ends what a function does when it is replaced; its messages are shown again after three minutes.
_PATIENCE_AFTER_UPDATE_SECONDS = 300
# What tells of the people of a journey, where they are and with which browser; none of it may be in any log.
_PERSONAL = ("Robin", "Reed", "Elm Owner", _STREET, "@example.com", "Rehearsal Plumbing", "127.0.0.1", "Mozilla")


class JourneyError(Exception):
    """The site did not do what it should; the message says what was asked, and what came back."""


class _Person:
    """Someone with an account of their own, who calls the API."""

    def __init__(self, address: str, role: Role, name: str) -> None:
        self._site = Site(address)
        self.email = f"{role}-{uuid4().hex}@example.com"
        self.browser = Visitor(address)
        self._password = f"Rehearsal-{uuid4().hex}"
        ensure_account(email=self.email, password=self._password, name=name, role=role, now=clock.now())
        self.token = sign_in_for_token(email=self.email, password=self._password)

    def sign_in(self) -> None:
        """On the page for it."""
        self.browser.submit("/account/sign-in", {"email": self.email, "password": self._password}, action="")

    def call(self, method: str, path: str, body: Any = None, *, patience_seconds: float = 0) -> Any:
        """What the API answers, which is asked again for so long while it fails. Raises `JourneyError` unless it is a
        success.
        """
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": str(uuid4()),
        }
        sent = None if body is None else orjson.dumps(body)
        give_up_at = time.monotonic() + patience_seconds
        while True:
            answer = self._site.request(method, f"/api/v1/{path}", body=sent, headers=headers)
            if answer.status < 500 or time.monotonic() > give_up_at:
                break
            time.sleep(0.5)
        if answer.status not in (200, 201):
            raise JourneyError(f"{method} {path}: {answer.status} {answer.data[:500]!r}")
        return orjson.loads(answer.data)

    def download(self, url: str) -> bytes:
        answer = urllib3.request("GET", url, timeout=30, retries=False)
        if answer.status != 200:
            raise JourneyError(f"a download: {answer.status}")
        return answer.data


def told_in_logs(stage: str) -> list[str]:
    """Lines of the functions' logs that tell something of the people of a journey."""
    logs = client("logs")
    return [
        event["message"]
        for function in (web_function(stage), events_function(stage))
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function}")
        for event in page["events"]
        if any(word in event["message"] for word in _PERSONAL)
    ]


def play(address: str, inbox: Path, *, report: Report) -> None:
    """Let a customer request an appointment at `address`, the provider confirm, do and bill it, and their mail arrive.

    `inbox` is where sent emails are left. Raises `JourneyError`.
    """
    started = time.monotonic()

    def step(what: str) -> None:
        report(f"{time.monotonic() - started:5.1f} s  {what}")

    customer = _Person(address, Role.CUSTOMER, "Robin Reed")
    provider = _Person(address, Role.PROVIDER, "Elm Owner")
    step("a customer and a provider signed in")

    for person in (customer, provider):
        _refuse_scope(person.token)
    step("their tokens cannot change their accounts at Cognito")

    customer.call("GET", "health?deep=1")
    step("all that the site stands on answers")

    service = _offer(provider)
    step("a service is offered")

    starts_at = _next_start()
    booking = customer.call("POST", "bookings", _request(service, starts_at))
    step(f"booking {booking['id']} is {booking['status']}")
    _wait_for_mail(inbox, provider.email, "New request")
    step("the provider's mail is there")
    if booking["id"] not in {each["id"] for each in customer.call("GET", "bookings")["results"]}:
        raise JourneyError("the customer's list does not have the booking")

    status = f"bookings/{booking['id']}/status"
    booking = provider.call("PUT", status, {"status": "confirmed"})
    step(f"it is {booking['status']}")
    confirmation = _wait_for_mail(inbox, customer.email, "Confirmed")
    if "text/calendar" not in {part.get_content_type() for part in confirmation.walk()}:
        raise JourneyError("the confirmation has no calendar entry")
    step("the customer's mail is there, with a calendar entry")

    time.sleep(max(0, (starts_at - COMPLETED_EARLIEST - clock.now()).total_seconds()))
    provider.call("PUT", status, {"status": "completed"})
    booking = provider.call("PUT", status, {"status": "paid"})
    invoice = customer.call("GET", f"bookings/{booking['id']}/invoice")
    if not customer.download(invoice["pdf_url"]).startswith(b"%PDF-"):
        raise JourneyError("the invoice is no PDF")
    step(f"it is {booking['status']}, and its invoice {invoice['number']} downloaded")
    receipt = _wait_for_mail(inbox, customer.email, "Receipt")
    if "application/pdf" not in {part.get_content_type() for part in receipt.walk()}:
        raise JourneyError("the receipt has no invoice")
    step("the receipt is there, with the invoice")
    _book_by_pages(customer, provider, service["id"], inbox, step)


def _book_by_pages(
    customer: _Person, provider: _Person, service_id: str, inbox: Path, step: Callable[[str], None]
) -> None:
    """Once more without a program: search, a time, the agreement, and the provider's answer, each a page with forms."""
    for person in (customer, provider):
        person.sign_in()
    step("both signed in at the site")
    visitor = customer.browser
    if "Leak repair" not in visitor.get(f"/search?{urlencode({'city': 'Springfield', 'country': 'US'})}"):
        raise JourneyError("the search does not find the service")
    starts_at = (clock.now() + timedelta(days=2)).replace(hour=15, minute=0, second=0, microsecond=0)
    book = f"/services/{service_id}/book"
    chosen = f"{book}?{urlencode({'start': clock.to_rfc3339(starts_at)})}"
    page = visitor.submit(chosen, {"address": _STREET}, action=book)
    if _STREET not in visitor.get(page):
        raise JourneyError("the booking's page does not show its address")
    step("a booking was made on pages")
    provider.browser.submit(page, {"status": "confirmed"}, action=f"{page}/status")
    _wait_for_mail(inbox, customer.email, "Confirmed", count=2)
    if page not in visitor.get("/bookings"):
        raise JourneyError("the customer's list does not have the booking")
    step("and confirmed there; its mail is there, too")


def play_until(end: Path, address: str, inbox: Path, *, report: Report) -> None:
    """Make and confirm bookings until there is a file `end`, whatever is deployed meanwhile, and some more then; wait
    until everybody was told of each.

    Raises `JourneyError` if one of them is not there, or somebody does not hear of it.
    """
    provider, customer = _Person(address, Role.PROVIDER, "Elm Owner"), _Person(address, Role.CUSTOMER, "Robin Reed")
    service, first = _offer(provider), clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    customers, bookings = [customer], list[str]()
    more, patience = _BOOKINGS_AFTERWARDS, _PATIENCE_AFTER_UPDATE_SECONDS
    while more:
        more -= end.exists()
        if len(bookings) == _BOOKINGS_EACH * len(customers):
            customers.append(_Person(address, Role.CUSTOMER, "Robin Reed"))
        request = _request(service, first + timedelta(hours=len(bookings)))
        booking = customers[-1].call("POST", "bookings", request, patience_seconds=_UPDATE_SECONDS)
        bookings.append(booking["id"])
        # Whoever has answered is not told of a request any more.
        _wait_for_mail(inbox, provider.email, "New request", count=len(bookings), patience_seconds=patience)
        provider.call(
            "PUT",
            f"bookings/{booking['id']}/status",
            {"status": "confirmed"},
            patience_seconds=_UPDATE_SECONDS,
        )
    report(f"{len(bookings)} bookings of {len(customers)} customers; their provider was told of every one of them")
    for position, each in enumerate(customers):
        count = len(bookings[position * _BOOKINGS_EACH :][:_BOOKINGS_EACH])
        _wait_for_mail(inbox, each.email, "Confirmed", count=count, patience_seconds=patience)
    report("and so were their customers")


def _offer(provider: _Person) -> dict[str, Any]:
    """A service at any hour, with the version of its terms."""
    provider.call("PUT", "provider", _PROFILE)
    provider.call("PUT", "provider/hours", {"weekly": _HOURS})
    service = provider.call("POST", "provider/services", _SERVICE)
    return dict(provider.call("GET", f"services/{service['id']}"))


def _request(offer: dict[str, Any], starts_at: datetime) -> dict[str, str]:
    return {
        "service_id": offer["id"],
        "offer_version": offer["offer_version"],
        "starts_at": clock.to_rfc3339(starts_at),
        "address": _STREET,
    }


def _refuse_scope(token: str) -> None:
    """Raise `JourneyError` unless the function has taken from the token what could change the account itself."""
    body = token.split(".")[1]
    claims = orjson.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    if ACCOUNT_SCOPE in claims.get("scope", "").split():
        raise JourneyError(f"an access token of the API has the scope {ACCOUNT_SCOPE}")


def _next_start() -> datetime:
    """A quarter of an hour that is near enough for the job to be completed soon, and not before it is confirmed."""
    soonest = clock.now() + timedelta(seconds=_MAIL_PATIENCE_SECONDS)
    return soonest.replace(minute=soonest.minute // 15 * 15, second=0) + timedelta(minutes=15)


def _wait_for_mail(
    inbox: Path, address: str, subject: str, *, count: int = 1, patience_seconds: float = _MAIL_PATIENCE_SECONDS
) -> EmailMessage:
    """The email to the address whose subject begins like that, once it has come; of so many, one of them."""
    give_up_at = time.monotonic() + patience_seconds
    while True:
        found = [
            each
            for each in map(_message, inbox.glob("*.eml"))
            if each["To"] == address and each["Subject"].startswith(subject)
        ]
        if len(found) >= count:
            return found[0]
        if time.monotonic() > give_up_at:
            raise JourneyError(f"{len(found)} of {count} mails “{subject}…” came within {patience_seconds:.0f} s")
        time.sleep(0.1)


@cache
def _message(path: Path) -> EmailMessage:
    """An email of the inbox, which does not change."""
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
