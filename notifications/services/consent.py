"""What may be sent to whom: kinds that someone switched off, and addresses that must not be written to."""

from datetime import datetime

from marketplace.kernel import storage
from marketplace.kernel.errors import InvalidInputError
from notifications.domain import OPTIONAL_TYPES
from notifications.models import PreferencesItem, SuppressionItem
from notifications.queries import address_hash


def set_muted(*, recipient_id: str, type_: str, is_muted: bool) -> None:
    """Switch one optional kind of email off or on; repeating it changes nothing. One UpdateItem.

    Raises `InvalidInputError` for a kind that cannot be switched off.
    """
    if type_ not in OPTIONAL_TYPES:
        message = f"These can be switched off: {', '.join(OPTIONAL_TYPES)}."
        raise InvalidInputError.of(type_, message, "unknown")
    muted = PreferencesItem.muted
    action = muted.add({type_}) if is_muted else muted.delete({type_})
    storage.write(storage.update("preferences", PreferencesItem, recipient_id, actions=[action]))


def suppress_address(*, email: str, reason: str, now: datetime) -> None:
    """Never write to this address again; repeating it changes nothing. One UpdateItem."""
    storage.write(
        storage.update(
            "suppression",
            SuppressionItem,
            address_hash(email),
            actions=[SuppressionItem.reason.set(reason), SuppressionItem.suppressed_at.set(now)],
        )
    )
