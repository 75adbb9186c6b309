"""What may be sent to whom: kinds that someone switched off, and addresses that must not be written to."""

from collections.abc import Sequence, Set
from datetime import datetime

from pynamodb.expressions.operand import Path

from kernel import storage
from notifications.models import PreferencesItem, ReportsItem, SuppressionItem
from notifications.queries import REPORTS_KEY, address_hash, is_there


def replace_muted(*, recipient_id: str, types: Set[str]) -> None:
    """Switch off exactly these optional kinds of email. One UpdateItem."""
    # DynamoDB has no empty sets.
    action = PreferencesItem.muted.set(set(types)) if types else PreferencesItem.muted.remove()
    storage.write(storage.update("preferences", PreferencesItem, recipient_id, actions=[action]))


def set_muted(*, recipient_id: str, type_: str, is_muted: bool) -> None:
    """Switch one optional kind of email off or on, the others stay; repeating it changes nothing.

    Keeps nothing of somebody who was erased: old emails have links still. A read or two, and one UpdateItem.
    """
    if not is_there(recipient_id):
        return
    muted = PreferencesItem.muted
    action = muted.add({type_}) if is_muted else muted.delete({type_})
    storage.write(storage.update("preferences", PreferencesItem, recipient_id, actions=[action]))


def suppress_address(*, email: str, reason: str, now: datetime, also: Sequence[storage.Write] = ()) -> None:
    """Never write to this address again; repeating it changes nothing. One UpdateItem, or a transaction with `also`."""
    suppressing = storage.update(
        "suppression",
        SuppressionItem,
        address_hash(email),
        actions=[SuppressionItem.reason.set(reason), SuppressionItem.suppressed_at.set(now)],
    )
    if also:
        storage.transact([suppressing, *also])
    else:
        storage.write(suppressing)


def count_report(*, kind: str, now: datetime) -> None:
    """Count one more report of SES of this kind. One UpdateItem; a repeated report is counted again."""
    storage.write(
        storage.update(
            "reports",
            ReportsItem,
            REPORTS_KEY,
            actions=[Path([kind]).add(1), ReportsItem.last_at.set(now)],
        )
    )
