"""The reviews of the demo data: eight hundred about finished jobs, and what the firms answered."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from bookings.domain import REVIEWABLE_STATUSES, Status
from marketplace.laptop.demo.appointments import Appointment
from marketplace.laptop.demo.chance import seeded
from marketplace.laptop.demo.content import PHRASES, TRADES, Trade
from marketplace.laptop.demo.people import CUSTOMER_EMAIL
from reviews.domain import Review

REVIEWS = 800

_HOUR_SECONDS = 3600
_DAY_SECONDS = 86_400


def make_reviews(appointments: Sequence[Appointment], now: datetime) -> list[Review]:
    """One review each for all finished appointments but those whose review is still to come; no text twice."""
    finished = [appointment for appointment in appointments if appointment.booking.status in REVIEWABLE_STATUSES]
    # Whoever has not paid yet is the likeliest not to have written either. The demo customer still has some to write.
    finished.sort(
        key=lambda appointment: (
            appointment.booking.status is Status.COMPLETED,
            appointment.customer.email == CUSTOMER_EMAIL,
        )
    )
    comments: set[str] = set()
    return [_make_review(appointment, comments, now) for appointment in finished[:REVIEWS]]


def _make_review(appointment: Appointment, comments: set[str], now: datetime) -> Review:
    booking, firm = appointment.booking, appointment.firm
    rng = seeded("review", len(comments))
    # Even the best firms have a bad day.
    rating = rng.choice((1, 2)) if rng.random() < 0.04 else min(max(round(rng.gauss(firm.mean_rating, 0.8)), 1), 5)
    category = next(service.category for service in firm.services if service.service_id == booking.service_id)
    comment = _comment(rng, TRADES[category], rating)
    while comment in comments:
        comment = _comment(rng, TRADES[category], rating)
    comments.add(comment)
    created_at = _later(rng, booking.updated_at, 6, now)
    is_answered = rng.random() < (0.25 if rating > 3 else 0.5)
    return Review(
        review_id=booking.booking_id,
        version=2 if is_answered else 1,
        provider_id=booking.provider_id,
        service_id=booking.service_id,
        service_name=booking.service_name,
        customer_id=booking.history[0].by,
        rating=rating,
        comment=comment,
        created_at=created_at,
        answer=rng.choice(PHRASES[rating].answers) if is_answered else None,
        answered_at=_later(rng, created_at, 3, now) if is_answered else None,
    )


def _comment(rng: Random, trade: Trade, rating: int) -> str:
    about_the_job = rng.choice(trade.praise if rating > 3 or (rating == 3 and rng.random() < 0.4) else trade.complaints)
    sentences = [rng.choice(PHRASES[rating].openings), about_the_job, rng.choice(PHRASES[rating].endings)]
    shape = rng.random()
    if shape < 0.3:
        sentences.pop()
    elif shape < 0.45:
        sentences.pop(0)
    return " ".join(sentences)


def _later(rng: Random, earliest: datetime, days: int, now: datetime) -> datetime:
    """An instant from an hour after `earliest` to some days after it, but not in the future."""
    at = earliest + timedelta(seconds=rng.randrange(_HOUR_SECONDS, days * _DAY_SECONDS))
    return max(earliest, min(at, now))
