"""Handing a composed email to SES."""

from typing import Any

from django.core.mail import EmailMessage
from django_ses import SESBackend

from kernel.aws import client


class SesBackend(SESBackend):
    """django-ses on the process's one SES client: its own would be made anew for each email.

    The client asks once: SES has no idempotency token, so a call that is repeated because its answer was lost sends
    twice. Who repeats, and when, is for the ledger.
    """

    connection: Any

    def open(self) -> bool:
        if self.connection:
            return False
        self.connection = client("ses", attempts=1)
        return True


def send(message: EmailMessage) -> str:
    """Send it by the configured backend; the id under which SES took it. Raises what the backend raises."""
    message.send()
    headers: dict[str, str] = message.extra_headers
    # Backends other than SES leave the message's own id.
    return headers.get("message_id", headers["Message-ID"])
