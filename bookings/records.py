"""How the bookings' tables store bookings, their details and their invoices."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bookings.domain import (
    Action,
    Booking,
    BookingDetails,
    BookingSummary,
    Caller,
    Earned,
    HistoryEntry,
    Invoice,
    Proposal,
    Status,
    due_at,
    pending_key,
    status_key,
)
from bookings.models import BookingDetailsItem, BookingItem, InvoiceItem
from catalog.domain import Answer, QuestionKind
from kernel.actors import Role
from kernel.clock import epoch, from_epoch, from_rfc3339, to_rfc3339
from kernel.listing import list_key
from kernel.money import Money
from kernel.outbox import outbox_values
from kernel.storage import Item, Row, RowMapping, Stored, stored_as
from photos.domain import photo_values, read_photos


def _read_proposal(proposal: Mapping[str, Any]) -> Proposal:
    return Proposal(
        starts_at=from_rfc3339(proposal["starts_at"]),
        by=Role(proposal["by"]),
        lapses_at=from_rfc3339(proposal["lapses_at"]),
    )


def _proposal_values(proposal: Proposal) -> dict[str, Any]:
    return {
        "starts_at": to_rfc3339(proposal.starts_at),
        "by": proposal.by,
        "lapses_at": to_rfc3339(proposal.lapses_at),
    }


def _read_history(row: Row) -> tuple[HistoryEntry, ...]:
    entries = row["history"]
    if isinstance(entries[0], dict):
        return tuple(_read_named_entry(entry) for entry in entries)
    history: list[HistoryEntry] = []
    people: dict[str, str] = {}
    for version, (entry_id, action, at, role, to_status, *person) in enumerate(entries, start=1):
        if person:
            people[role] = person[0]
        history.append(
            HistoryEntry(
                id=entry_id,
                action=Action(action),
                at=from_epoch(at),
                by=people[role],
                role=Role(role),
                from_status=history[-1].to_status if history else None,
                to_status=Status(to_status),
                version=version,
            )
        )
    return tuple(history)


def _read_named_entry(entry: Mapping[str, Any]) -> HistoryEntry:
    """An entry as histories had them until they were stored in fewer bytes."""
    return HistoryEntry(
        id=entry["id"],
        action=Action(entry["action"]),
        at=from_rfc3339(entry["at"]),
        by=entry["by"],
        role=Role(entry["role"]),
        from_status=Status(entry["from"]) if entry["from"] else None,
        to_status=Status(entry["to"]),
        version=entry["version"],
    )


def _history_values(history: Sequence[HistoryEntry]) -> list[list[Any]]:
    """Each entry without what the ones before it say: its version, where it started, and who acts in the same role.

    The item of a booking is written with each change and checked with its review: it is to stay within a kilobyte.
    """
    entries = []
    people: dict[Role, str] = {}
    for entry in history:
        person = [] if people.get(entry.role) == entry.by else [entry.by]
        people[entry.role] = entry.by
        entries.append([entry.id, entry.action, epoch(entry.at), entry.role, entry.to_status, *person])
    return entries


def _may_wait_for_provider(booking: Booking) -> bool:
    """Whether the provider has, or had until the request or the proposal lapsed, something to answer."""
    proposal = booking.proposal
    return booking.status is Status.PENDING or (proposal is not None and proposal.by is Role.CUSTOMER)


def index_keys(booking: Booking) -> dict[str, Any]:
    """The attributes under which the indexes list the booking."""
    return {
        "provider_status_key": pending_key(booking.provider_id) if _may_wait_for_provider(booking) else None,
        "status_key": status_key(booking),
        "due_at": due_at(booking),
        "list_key": list_key(booking.booking_id),
    }


_PRICE = Stored(
    lambda row: Money(row["price_amount"], row["price_currency"]),
    lambda price: {"price_amount": price.amount, "price_currency": price.currency},
)
# In the price's currency.
_FEE = Stored(
    lambda row: (
        Money(row["cancellation_fee_amount"], row["price_currency"]) if "cancellation_fee_amount" in row else None
    ),
    lambda fee: {"cancellation_fee_amount": fee.amount if fee else None},
)
_PROPOSAL = Stored(
    lambda row: _read_proposal(row["proposal"]) if "proposal" in row else None,
    lambda proposal: {"proposal": _proposal_values(proposal) if proposal else None},
)
_CUSTOMER_MOVES = Stored(lambda row: row.get("customer_moves", 0), lambda moves: {"customer_moves": moves or None})
_GRACE = Stored(
    lambda row: row.get("cancellation_grace_minutes", 0), lambda minutes: {"cancellation_grace_minutes": minutes}
)
_HISTORY = Stored(_read_history, lambda history: {"history": _history_values(history)})
BOOKINGS = RowMapping(
    BookingItem,
    Booking,
    stored={
        "price": _PRICE,
        "customer_moves": _CUSTOMER_MOVES,
        "proposal": _PROPOSAL,
        "cancellation_grace_minutes": _GRACE,
        "cancellation_fee": _FEE,
        "history": _HISTORY,
    },
    derived=index_keys,
)
# From a row of one of the lists' indexes.
SUMMARIES = RowMapping(
    BookingItem,
    BookingSummary,
    stored={"price": _PRICE, "customer_moves": _CUSTOMER_MOVES, "proposal": _PROPOSAL},
)
_ANSWERS = Stored(
    lambda row: tuple(
        Answer(each["question"], QuestionKind(each["kind"]), each["answer"]) for each in row.get("answers") or ()
    ),
    lambda answers: {
        "answers": [{"question": each.question, "kind": str(each.kind), "answer": each.answer} for each in answers]
        or None
    },
)
_CALLER = Stored(
    lambda row: Caller(**row["caller"]) if "caller" in row else None,
    lambda caller: {"caller": asdict(caller) if caller else None},
)
DETAILS = RowMapping(
    BookingDetailsItem,
    BookingDetails,
    stored={
        "reason": Stored(lambda row: row.get("reason", ""), lambda reason: {"reason": reason or None}),
        "answers": _ANSWERS,
        "caller": _CALLER,
        "photos": Stored(lambda row: read_photos(row.get("photos")), lambda photos: {"photos": photo_values(photos)}),
    },
)


def _amount(name: str) -> Stored:
    """An amount of an invoice, whose amounts are all in one currency."""
    return Stored(
        lambda row: Money(row[name], row["currency"]), lambda money: {name: money.amount, "currency": money.currency}
    )


INVOICES = RowMapping(
    InvoiceItem,
    Invoice,
    stored={"booking_id": stored_as("invoice_id"), "tax": _amount("tax_amount"), "total": _amount("total_amount")},
)


def read_earnings(row: Row) -> tuple[Earned, ...]:
    """The sums in a row of `InvoiceNumbersItem`."""
    return tuple(
        Earned(month, invoices, Money(tax, currency), Money(total, currency))
        for month, currency, invoices, tax, total in row.get("earnings") or ()
    )


def earnings_value(earnings: tuple[Earned, ...]) -> list[Any]:
    """The sums as `InvoiceNumbersItem` stores them."""
    return [[each.month, each.total.currency, each.invoices, each.tax.amount, each.total.amount] for each in earnings]


def booking_item(booking: Booking, *, handled_version: int = 0) -> Item:
    """The whole item of a booking whose changes were handled up to that version."""
    outboxed = outbox_values(booking.booking_id, booking.updated_at) if handled_version < booking.version else {}
    return BOOKINGS.item(booking, handled_version=handled_version, **outboxed)


def details_item(booking_id: str, details: BookingDetails, *, purge_at: int | None = None) -> Item:
    """The item of the personal part; DynamoDB may sweep it from the second `purge_at` on."""
    return DETAILS.item(details, booking_id=booking_id, purge_at=purge_at)
