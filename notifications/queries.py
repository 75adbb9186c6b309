"""Named reads: notes and bell of one person, what they switched off, which addresses not to write to."""

import hashlib
from collections.abc import Sequence

from accounts.queries import get_contacts
from bookings.queries import get_booking
from catalog.queries import get_provider
from kernel import storage
from kernel.actors import SYSTEM, Actor
from kernel.addresses import canonical_email
from kernel.cursors import decode_cursor, encode_cursor
from kernel.errors import NotFoundError
from kernel.ids import is_provider_id, parent_provider_id
from kernel.lists import ListPage
from notifications.domain import Bell, Note, recipient_of
from notifications.messages import OPTIONAL_TYPES
from notifications.models import BELL_ID, BellItem, NoteItem, PreferencesItem, ReportsItem, SuppressionItem
from notifications.notes.records import read_bell, read_note


def get_bell(*, actor: Actor) -> Bell:
    """The actor's bell. One GetItem."""
    return read_bell(storage.get_row(BellItem, recipient_of(actor).id, BELL_ID))


def get_bells(recipient_ids: Sequence[str]) -> dict[str, Bell]:
    """The bells of these recipients. One BatchGetItem."""
    rows = storage.get_rows([(BellItem, recipient_id, BELL_ID) for recipient_id in recipient_ids])
    return {recipient_id: read_bell(row) for recipient_id, row in zip(recipient_ids, rows, strict=True)}


def list_notes(*, actor: Actor, limit: int, cursor: str | None) -> ListPage[Note]:
    """The actor's notes, newest first. One Query. Raises `InvalidInputError` for a cursor that is not theirs."""
    scope = ("notifications", actor.user_id)
    position = decode_cursor(cursor, scope=scope)
    start_key, seen = position or (None, 0)
    page = storage.query_rows(
        NoteItem,
        recipient_of(actor).id,
        # The bell sorts before the newest note: the first page reads it, the cursor carries what it said.
        limit=limit if position else limit + 1,
        start_key=start_key,
        forward=False,
        consistent=True,
    )
    rows = page.rows
    if rows and rows[0]["notification_id"] == BELL_ID:
        seen = read_bell(rows.pop(0)).seen
    next_cursor = encode_cursor((page.next_key, seen), scope=scope) if page.next_key else None
    return ListPage([read_note(row, seen=seen) for row in rows], next_cursor)


def list_muted(recipient_id: str) -> set[str]:
    """The optional kinds that the recipient switched off. One GetItem."""
    row = storage.get_row(PreferencesItem, recipient_id)
    return set(row.get("muted", ())) & set(OPTIONAL_TYPES) if row else set()


def is_there(recipient_id: str) -> bool:
    """Whether somebody can still be written to as this recipient: nobody can once they are erased. One call or two."""
    try:
        if parent_provider_id(recipient_id):
            # A caller, whom their booking's details name.
            _, details = get_booking(actor=SYSTEM, booking_id=recipient_id)
            return details is not None and details.caller is not None
        user_id = get_provider(recipient_id).owner_id if is_provider_id(recipient_id) else recipient_id
    except NotFoundError:
        return False
    return bool(get_contacts([user_id]))


def address_hash(email: str) -> str:
    """Under what an address is kept in the list of those not to write to."""
    return hashlib.sha256(canonical_email(email).encode()).hexdigest()


def get_objections(*, recipient_id: str, email: str) -> tuple[set[str], bool]:
    """The kinds that the recipient switched off, and whether the address must not be written to. One BatchGetItem."""
    preferences, suppression = storage.get_rows(
        [(PreferencesItem, recipient_id), (SuppressionItem, address_hash(email))]
    )
    return set(preferences.get("muted", ())) if preferences else set(), suppression is not None


# The one item that counts the reports of SES.
REPORTS_KEY = "email-reports"


def count_reports() -> dict[str, int]:
    """How many reports SES sent, by their kind; `no report` is what named none. One GetItem."""
    return storage.read(reports_read())


def reports_read() -> storage.Read[dict[str, int]]:
    """The read of how many reports SES sent, by their kind (one item), to be read beside others'."""
    found = storage.item_read((ReportsItem, REPORTS_KEY), _counts)
    return found.then(lambda counts: counts or {})


def _counts(row: storage.Row) -> dict[str, int]:
    return {kind: count for kind, count in row.items() if kind not in ("counter_key", "last_at")}
