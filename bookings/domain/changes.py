"""The booking that an action leads to. Pure, like the lifecycle that allows the action."""

from dataclasses import replace
from datetime import datetime, timedelta

from bookings.domain.entities import Booking
from bookings.domain.judging import require_party
from bookings.domain.lifecycle import PROPOSAL_VALID_FOR, TRANSITIONS, request_expiry
from bookings.domain.statuses import Action, HistoryEntry, PaymentMethod, Proposal, Status
from catalog.domain import Offer
from kernel.actors import Actor, Role


def new_booking(
    offer: Offer, *, customer: Actor, starts_at: datetime, booking_id: str, now: datetime, entry_id: str
) -> Booking:
    """The customer's booking of the offer at its present price and terms, which are the booking's from now on.

    It waits for the provider's answer, or is confirmed at once where the service says so.
    """
    is_instant = offer.service.instant
    return _new(
        offer,
        by=customer,
        customer_id=customer.user_id,
        action=Action.BOOK if is_instant else Action.REQUEST,
        status=Status.CONFIRMED if is_instant else Status.PENDING,
        starts_at=starts_at,
        booking_id=booking_id,
        now=now,
        entry_id=entry_id,
    )


def new_booking_for_caller(
    offer: Offer, *, provider: Actor, starts_at: datetime, booking_id: str, now: datetime, entry_id: str
) -> Booking:
    """The booking that the provider makes for somebody without an account: it is confirmed at once."""
    return _new(
        offer,
        by=provider,
        customer_id=None,
        action=Action.BOOK,
        status=Status.CONFIRMED,
        starts_at=starts_at,
        booking_id=booking_id,
        now=now,
        entry_id=entry_id,
    )


def _new(
    offer: Offer,
    *,
    by: Actor,
    customer_id: str | None,
    action: Action,
    status: Status,
    starts_at: datetime,
    booking_id: str,
    now: datetime,
    entry_id: str,
) -> Booking:
    service, provider = offer.service, offer.provider
    return Booking(
        booking_id=booking_id,
        version=1,
        status=status,
        service_id=service.service_id,
        service_name=service.name,
        provider_id=provider.provider_id,
        provider_name=provider.name,
        customer_id=customer_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=service.duration_minutes),
        time_zone=provider.time_zone,
        price=service.price,
        expires_at=request_expiry(now, starts_at) if status is Status.PENDING else None,
        customer_moves=0,
        proposal=None,
        created_at=now,
        updated_at=now,
        duration_minutes=service.duration_minutes,
        buffer_before_minutes=provider.buffer_before_minutes,
        buffer_after_minutes=provider.buffer_after_minutes,
        free_cancellation_hours=provider.free_cancellation_hours,
        late_cancellation_percent=provider.late_cancellation_percent,
        cancellation_grace_minutes=provider.cancellation_grace_minutes,
        free_cancellation_ended_at=None,
        cancellation_fee=None,
        payment_method=None,
        history=(_entry(entry_id, action, by, now, None, status, 1),),
        questions_version=offer.terms.questions_version,
    )


def after_transition(
    action: Action,
    booking: Booking,
    actor: Actor,
    now: datetime,
    entry_id: str,
    *,
    payment_method: PaymentMethod | None = None,
) -> Booking:
    """The booking after the action, which `judge` has allowed. Every action answers a proposal."""
    party = require_party(booking, actor)
    to_status = TRANSITIONS[action].to_status or booking.status
    version, fee = booking.version + 1, booking.fee_for(party, now)
    entry = _entry(entry_id, action, replace(actor, role=party), now, booking.status, to_status, version)
    return replace(
        booking,
        version=version,
        status=to_status,
        expires_at=booking.expires_at if to_status is Status.PENDING else None,
        proposal=None,
        cancellation_fee=fee if action is Action.CANCEL and fee.amount else None,
        payment_method=payment_method,
        updated_at=now,
        history=(*booking.history, entry),
    )


def after_reschedule(booking: Booking, starts_at: datetime, actor: Actor, now: datetime, entry_id: str) -> Booking:
    """The booking moved to another start, which `judge` has allowed. A request keeps the time that it was made."""
    is_by_customer = booking.party(actor) is Role.CUSTOMER
    moved = _moved(
        booking,
        after_transition(Action.RESCHEDULE, booking, actor, now, entry_id),
        starts_at,
        wished_by_customer=is_by_customer,
        wished_at=now,
    )
    is_counted = is_by_customer and booking.status is Status.CONFIRMED
    return replace(moved, customer_moves=booking.customer_moves + is_counted)


def after_proposal(booking: Booking, starts_at: datetime, actor: Actor, now: datetime, entry_id: str) -> Booking:
    """The booking with the proposal of another start, which `judge` has allowed. The last proposal is the one."""
    lapses_at = min(now + PROPOSAL_VALID_FOR, booking.starts_at, starts_at, booking.expires_at or starts_at)
    return replace(
        after_transition(Action.PROPOSE, booking, actor, now, entry_id),
        proposal=Proposal(starts_at, require_party(booking, actor), lapses_at),
    )


def after_acceptance(booking: Booking, actor: Actor, now: datetime, entry_id: str) -> Booking:
    """The booking confirmed at the proposed start, which `judge` has allowed."""
    proposal = booking.proposal
    if proposal is None:
        raise ValueError("no other start is proposed")
    return _moved(
        booking,
        after_transition(Action.ACCEPT, booking, actor, now, entry_id),
        proposal.starts_at,
        wished_by_customer=proposal.by is Role.CUSTOMER,
        # A proposal is the last change of its booking. How long the other side takes makes no wish late.
        wished_at=booking.updated_at,
    )


def _moved(
    before: Booking, after: Booking, starts_at: datetime, *, wished_by_customer: bool, wished_at: datetime
) -> Booking:
    is_late = before.status is Status.CONFIRMED and wished_at >= before.free_cancellation_until
    # Else a customer could move a late appointment far away and then cancel it for nothing.
    ends_free_cancellation = is_late and wished_by_customer
    return replace(
        after,
        free_cancellation_ended_at=(
            before.free_cancellation_until if ends_free_cancellation else before.free_cancellation_ended_at
        ),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=before.duration_minutes),
        expires_at=request_expiry(before.created_at, starts_at) if after.status is Status.PENDING else None,
    )


def _entry(
    entry_id: str,
    action: Action,
    actor: Actor,
    now: datetime,
    from_status: Status | None,
    to_status: Status,
    version: int,
) -> HistoryEntry:
    return HistoryEntry(entry_id, action, now, actor.user_id, actor.role, from_status, to_status, version)
