"""Bookings as the API shows them: plain dicts, ready for JSON."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bookings.domain import Booking, BookingDetails, BookingSummary, Caller, Invoice, require_party
from catalog.domain import Answer, Availability, Question, Terms
from kernel.actors import Actor
from kernel.money import Money
from kernel.web.money import represent_money
from photos.representation import represent_job_photo


def represent_summary(booking: BookingSummary, actor: Actor, now: datetime) -> dict[str, Any]:
    """The booking as the actor sees it in a list."""
    return {
        "id": booking.booking_id,
        "status": booking.status_at(now),
        "version": booking.version,
        "service_id": booking.service_id,
        "service_name": booking.service_name,
        "provider_id": booking.provider_id,
        "provider_name": booking.provider_name,
        "customer_id": booking.customer_id,
        "starts_at": booking.starts_at,
        "ends_at": booking.ends_at,
        "time_zone": booking.time_zone,
        "price": represent_money(booking.price),
        "expires_at": booking.expires_at,
        "proposal": _represent_proposal(booking, now),
        "created_at": booking.created_at,
        "updated_at": booking.updated_at,
        "actions": booking.allowed_actions(actor, now),
    }


def represent_booking(booking: Booking, details: BookingDetails | None, actor: Actor, now: datetime) -> dict[str, Any]:
    """The whole booking as the actor sees it; address and notes are null where they are hidden or erased."""
    shown = details if booking.shows_details_to(actor, now) else None
    fee = booking.cancellation_fee
    return represent_summary(booking, actor, now) | {
        **_represent_agreement(booking, actor, now),
        "cancellation_fee": represent_money(fee) if fee else None,
        "payment_method": booking.payment_method,
        "history": [
            {
                "action": entry.action,
                "at": entry.at,
                "by": entry.role,
                "from_status": entry.from_status,
                "to_status": entry.to_status,
            }
            for entry in booking.history
        ],
        **represent_details(shown, booking.booking_id),
        # Not among what a provider sees late only: it is they who give most reasons.
        "reason": (details and details.reason) or None,
    }


def _represent_agreement(booking: Booking, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "offer_version": booking.terms.version,
        "cancellation": {
            "free_until": booking.free_cancellation_until,
            "late_fee": represent_money(booking.late_cancellation_fee),
            "fee_now": represent_money(booking.fee_for(require_party(booking, actor), now)),
        },
    }


def represent_availability(availability: Availability) -> dict[str, Any]:
    """The appointments that can be requested or moved to."""
    offer = availability.offer
    duration = timedelta(minutes=availability.terms.duration_minutes)
    return {
        "results": [{"starts_at": start, "ends_at": start + duration} for start in availability.starts],
        # All of the span is in one answer; lists have the member.
        "next": None,
        "provider_id": offer.provider.provider_id,
        "service_id": offer.service.service_id,
        "time_zone": offer.provider.time_zone,
        "duration_minutes": availability.terms.duration_minutes,
        "offer_version": availability.terms.version,
        "questions": _represent_questions(offer.service.questions),
        "from": availability.start,
        "to": availability.end,
    }


def represent_terms(terms: Terms, fee_now: Money | None, questions: Sequence[Question]) -> dict[str, Any]:
    """What is on offer now, or was agreed to, and, of a booking, what cancelling it costs now."""
    return {
        "offer_version": terms.version,
        "price": represent_money(terms.price),
        "duration_minutes": terms.duration_minutes,
        "instant": terms.instant,
        "cancellation": {
            "free_until_hours_before": terms.free_cancellation_hours,
            "late_fee_percent": terms.late_cancellation_percent,
            "grace_minutes": terms.cancellation_grace_minutes,
            "fee_now": represent_money(fee_now) if fee_now else None,
        },
        "questions": _represent_questions(questions),
    }


def _represent_questions(questions: Sequence[Question]) -> list[dict[str, Any]]:
    return [{"id": question.question_id, **question.values()} for question in questions]


def _represent_proposal(booking: BookingSummary, now: datetime) -> dict[str, Any] | None:
    proposal = booking.proposal_at(now)
    if proposal is None:
        return None
    return {"starts_at": proposal.starts_at, "by": proposal.by, "lapses_at": proposal.lapses_at}


def represent_details(details: BookingDetails | None, booking_id: str) -> dict[str, Any]:
    """The personal part of a booking, which is stored nowhere else: not with an idempotent answer either."""
    return {
        "address": details.address if details else None,
        "notes": details.notes if details else None,
        "photos": [represent_job_photo(photo, booking_id) for photo in (details.photos if details else ())],
        "answers": [_represent_answer(answer) for answer in details.answers] if details else None,
        "caller": _represent_caller(details.caller) if details and details.caller else None,
    }


def _represent_caller(caller: Caller) -> dict[str, str | None]:
    return {"name": caller.name, "phone": caller.phone, "email": caller.email, "language": caller.language}


def _represent_answer(answer: Answer) -> dict[str, str]:
    return {"question": answer.question, "kind": answer.kind, "answer": answer.answer}


def represent_invoice(invoice: Invoice) -> dict[str, Any]:
    """What an invoice says."""
    return {
        "number": invoice.number_text,
        "booking_id": invoice.booking_id,
        "provider_id": invoice.provider_id,
        "provider_name": invoice.provider_name,
        "customer_id": invoice.customer_id,
        "service_name": invoice.service_name,
        "issued_at": invoice.issued_at,
        "net": represent_money(invoice.net),
        "tax": represent_money(invoice.tax),
        "tax_rate_basis_points": invoice.tax_rate_basis_points,
        "total": represent_money(invoice.total),
    }


def represent_invoice_link(invoice: Invoice, *, url: str, url_expires_at: datetime) -> dict[str, Any]:
    """An invoice, and where its PDF can be had for a few minutes."""
    return represent_invoice(invoice) | {"pdf_url": url, "pdf_url_expires_at": url_expires_at}
