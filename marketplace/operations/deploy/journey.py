"""One booking's life through a deployed site: over HTTP as its people would live it, and through their mailboxes."""

import base64
import email
import email.policy
import time
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import urllib3

from accounts.services import ensure_account, sign_in_for_token
from bookings.domain import COMPLETED_EARLIEST
from kernel import clock
from kernel.actors import Role
from marketplace.background.tokens import ACCOUNT_SCOPE
from marketplace.operations.deploy.names import Report
from marketplace.operations.deploy.site import Site

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
_MAIL_PATIENCE_SECONDS = 60


class JourneyError(Exception):
    """The site did not do what it should; the message says what was asked, and what came back."""


class _Person:
    """Someone with an account of their own, who calls the API."""

    def __init__(self, address: str, role: Role, name: str) -> None:
        self._site = Site(address)
        self.email = f"{role}-{uuid4().hex}@example.com"
        password = f"Rehearsal-{uuid4().hex}"
        ensure_account(email=self.email, password=password, name=name, role=role, now=clock.now())
        self.token = sign_in_for_token(email=self.email, password=password)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """What the API answers. Raises `JourneyError` unless it is a success."""
        answer = self._site.request(
            method,
            f"/api/v1/{path}",
            body=None if body is None else orjson.dumps(body),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "Idempotency-Key": str(uuid4()),
            },
        )
        if answer.status not in (200, 201):
            raise JourneyError(f"{method} {path}: {answer.status} {answer.data[:500]!r}")
        return orjson.loads(answer.data)

    def download(self, url: str) -> bytes:
        answer = urllib3.request("GET", url, timeout=30, retries=False)
        if answer.status != 200:
            raise JourneyError(f"a download: {answer.status}")
        return answer.data


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

    provider.call("PUT", "provider", _PROFILE)
    provider.call("PUT", "provider/hours", {"weekly": _HOURS})
    service = provider.call(
        "POST",
        "provider/services",
        {
            "name": "Leak repair",
            "category": "plumbing",
            "price": {"amount": 9000, "currency": "USD"},
            "duration_minutes": 60,
        },
    )
    step("a service is offered")

    offer = customer.call("GET", f"services/{service['id']}")
    starts_at = _next_start()
    booking = customer.call(
        "POST",
        "bookings",
        {
            "service_id": service["id"],
            "offer_version": offer["offer_version"],
            "starts_at": clock.to_rfc3339(starts_at),
            "address": "12 Elm Street",
        },
    )
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


def _wait_for_mail(inbox: Path, address: str, subject: str) -> EmailMessage:
    """The email to the address whose subject begins like that, once it has come."""
    give_up_at = time.monotonic() + _MAIL_PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        for path in sorted(inbox.glob("*.eml")):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if message["To"] == address and message["Subject"].startswith(subject):
                return message
        time.sleep(0.1)
    raise JourneyError(f"no mail “{subject}…” came within {_MAIL_PATIENCE_SECONDS} s")
