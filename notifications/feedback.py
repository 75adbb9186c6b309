"""What SES reports about sent email: addresses that bounce for good or complain are not written to again.

Every message is read first, and decides nothing before: a report of a kind that asks for nothing, or that is not known,
is counted. A bounce or a complaint that cannot be understood is an error: an address might be written to again.
"""

import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from kernel.addresses import parse_mailbox
from kernel.errors import InvalidInputError
from notifications.services import count_report, suppress_address

logger = logging.getLogger(__name__)

# SES names the kinds that it reports in a few words; what is longer is no name.
_KIND = re.compile(r"[A-Za-z][A-Za-z ]{0,39}")
# What a message is counted as that names no kind: SES greets a new topic with a line of text.
_NO_REPORT = "no report"


class UnreadableReportError(Exception):
    """The report is of a kind that must be acted on, and does not say of whom."""


def take_feedback(body: str, now: datetime) -> None:
    """Act on one report of SES, as SNS delivers it. May be repeated and come in any order.

    Understands what an identity's topic gets (`notificationType`) and what a configuration set's gets (`eventType`).
    Raises `UnreadableReportError`.
    """
    report = _read(body)
    kind = _kind_of(report)
    recipients_of = _RECIPIENTS.get(kind)
    if recipients_of is None:
        count_report(kind=kind, now=now)
        logger.info("report of SES: %s", kind)
        return
    try:
        mailboxes = recipients_of(report)
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableReportError(kind) from error
    addresses = [address for mailbox in mailboxes if (address := _address_in(mailbox)) is not None]
    for address in addresses:
        suppress_address(email=address, reason=kind.lower(), now=now)
    if len(addresses) < len(mailboxes):
        raise UnreadableReportError(kind)
    count_report(kind=kind, now=now)
    # The addresses are personal data.
    logger.info("report of SES: %s, %d addresses suppressed", kind, len(addresses))


def _address_in(mailbox: object) -> str | None:
    """The address; None where there is none. One that cannot be read is no reason to write to the others again."""
    try:
        return parse_mailbox(mailbox) if isinstance(mailbox, str) else None
    except InvalidInputError:
        return None


def _read(body: str) -> Mapping[str, Any]:
    try:
        report = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return report if isinstance(report, Mapping) else {}


def _kind_of(report: Mapping[str, Any]) -> str:
    kind = report.get("notificationType") or report.get("eventType")
    return kind if isinstance(kind, str) and _KIND.fullmatch(kind) else _NO_REPORT


def _bounced(message: Mapping[str, Any]) -> list[object]:
    # A full mailbox or a server that is down may take the next email.
    if message["bounce"]["bounceType"] != "Permanent":
        return []
    return [recipient["emailAddress"] for recipient in message["bounce"]["bouncedRecipients"]]


def _complained(message: Mapping[str, Any]) -> list[object]:
    # Withdrawn: somebody marked the email as wanted after all.
    if message["complaint"].get("complaintFeedbackType") == "not-spam":
        return []
    return [recipient["emailAddress"] for recipient in message["complaint"]["complainedRecipients"]]


_RECIPIENTS: dict[str, Callable[[Mapping[str, Any]], list[object]]] = {"Bounce": _bounced, "Complaint": _complained}
