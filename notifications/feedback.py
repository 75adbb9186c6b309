"""What SES reports about sent email: addresses that bounce for good or complain are not written to again."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from kernel.addresses import parse_mailbox
from kernel.errors import InvalidInputError
from notifications.services import suppress_address

logger = logging.getLogger(__name__)


class UnknownFeedbackError(Exception):
    """The message is none that SES sends about an email."""


def take_feedback(message: Any, now: datetime) -> None:
    """Act on one report of SES, as SNS delivers it: decoded from JSON. May be repeated and come in any order.

    Understands what an identity's topic gets (`notificationType`) and what a configuration set's gets (`eventType`).
    Raises `UnknownFeedbackError` for anything else.
    """
    kind = message.get("notificationType") or message.get("eventType") if isinstance(message, Mapping) else None
    try:
        addresses = _ADDRESSES[str(kind)](message)
    except (KeyError, TypeError, AttributeError, InvalidInputError) as error:
        raise UnknownFeedbackError(f"feedback of kind {kind!r}") from error
    for address in addresses:
        suppress_address(email=address, reason=str(kind).lower(), now=now)
    # The addresses are personal data.
    logger.info("feedback %s: %d addresses suppressed", kind, len(addresses))


def _bounced(message: Mapping[str, Any]) -> list[str]:
    # A full mailbox or a server that is down may take the next email.
    if message["bounce"]["bounceType"] != "Permanent":
        return []
    return [parse_mailbox(recipient["emailAddress"]) for recipient in message["bounce"]["bouncedRecipients"]]


def _complained(message: Mapping[str, Any]) -> list[str]:
    # Withdrawn: somebody marked the email as wanted after all.
    if message["complaint"].get("complaintFeedbackType") == "not-spam":
        return []
    return [parse_mailbox(recipient["emailAddress"]) for recipient in message["complaint"]["complainedRecipients"]]


def _nobody(message: Mapping[str, Any]) -> list[str]:
    return []


_ADDRESSES: dict[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "Bounce": _bounced,
    "Complaint": _complained,
    "Delivery": _nobody,
    "DeliveryDelay": _nobody,
    "Send": _nobody,
    "Reject": _nobody,
}
