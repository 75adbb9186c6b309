"""What the admin's first page shows: figures that the events keep, the newest of everything, queues and alarms."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.queries import list_newest
from bookings.domain import STATUS_WORDS, Status
from kernel import storage
from kernel.actors import Role
from kernel.clock import from_rfc3339
from kernel.money import CURRENCY_EXPONENTS, Money
from kernel.values import dataclass
from kernel.wording.money import format_money
from kernel.wording.sentences import in_words
from marketplace.admin.watch import watch
from marketplace.background.figures import MADE, REVIEWS, Figures, figures_read, shown_days
from notifications.queries import reports_read
from pages.parts import chart_bars
from reviews.queries import list_open_reports

_CHARTED_DAYS = 14
_NEWEST = 5


@dataclass(frozen=True, slots=True)
class Span:
    """A figure today, in seven days and in thirty."""

    label: str
    today: str
    week: str
    month: str


def overview(now: datetime) -> dict[str, Any]:
    """The values of the page: one BatchGetItem and three Queries, and what SQS and CloudWatch say in time."""
    figures, mail = storage.read_all(figures_read(now), reports_read())
    days = shown_days(now)
    people = [person for role in (Role.CUSTOMER, Role.PROVIDER) for person in list_newest(role, limit=_NEWEST)]
    people.sort(key=lambda person: person.created_at, reverse=True)
    watched = watch(now)
    return {
        "statuses": [(in_words(STATUS_WORDS[status]), figures.by_status.get(status.value, 0)) for status in Status],
        "spans": [*_spans(figures, days), *_revenue(figures, days)],
        "bars": chart_bars(_bars(figures, days[-_CHARTED_DAYS:])),
        "people": people[:_NEWEST],
        "reviews": [
            {"id": review_id, "stars": stars, "service": service, "at": from_rfc3339(at)}
            for review_id, stars, service, at in figures.newest_reviews
        ],
        "reports": list_open_reports(limit=_NEWEST),
        "mail": sorted(mail.items()),
        "depths": watched.depths,
        "alarms": watched.alarms,
    }


def _spans(figures: Figures, days: Sequence[date]) -> list[Span]:
    labels = (
        (MADE, _("bookings made")),
        (Status.CONFIRMED.value, _("confirmed")),
        (Status.COMPLETED.value, _("completed")),
        (Status.PAID.value, _("paid")),
        (Status.CANCELLED.value, _("cancelled")),
        (REVIEWS, _("reviews")),
    )
    return [
        Span(label, *(str(figures.total(name, span)) for span in (days[-1:], days[-7:], days)))
        for name, label in labels
    ]


def _revenue(figures: Figures, days: Sequence[date]) -> list[Span]:
    paid_in = sorted({name for counts in figures.by_day.values() for name in counts if name in CURRENCY_EXPONENTS})
    return [
        Span(
            _("Revenue, %(currency)s") % {"currency": currency},
            *(format_money(Money(figures.total(currency, span), currency)) for span in (days[-1:], days[-7:], days)),
        )
        for currency in paid_in
    ]


def _bars(figures: Figures, days: Sequence[date]) -> list[tuple[str, int, str]]:
    return [(date_format(day, "j"), made := figures.total(MADE, [day]), str(made)) for day in days]
