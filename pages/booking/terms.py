"""The terms that a booking form was shown with: noted in it, so that a refusal can say what has changed. Pure."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from catalog.domain import Terms
from kernel.money import CURRENCY_EXPONENTS, Money
from kernel.wording.money import format_money
from pages.words import format_minutes

_NO_QUESTIONS = "-"
_NOTED = re.compile(
    r"(?P<amount>[0-9]{1,12}) (?P<currency>[A-Z]{3}) (?P<minutes>[0-9]{1,4}) (?P<cancelling>[0-9]+ [0-9]+ [0-9]+) "
    r"(?P<instant>[01]) (?P<questions>[0-9a-z-]+)"
)


def note_terms(terms: Terms) -> str:
    """What was shown of the terms, as a form carries it. Nothing is agreed by it: `Terms.version` is for that."""
    price, questions = terms.price, terms.questions_version or _NO_QUESTIONS
    return (
        f"{price.amount} {price.currency} {terms.duration_minutes} {_cancelling(terms)} {terms.instant:d} {questions}"
    )


def changes_since(noted: str, terms: Terms) -> list[str]:
    """What is other now than it was noted, a sentence for each; none for what `note_terms` did not write."""
    found = _NOTED.fullmatch(noted)
    if found is None or found["currency"] not in CURRENCY_EXPONENTS:
        return []
    return list(_changes(found, terms))


def _changes(noted: re.Match[str], terms: Terms) -> Iterator[str]:
    price, minutes = Money(int(noted["amount"]), noted["currency"]), int(noted["minutes"])
    if price != terms.price:
        yield _("The price was %(before)s and is %(now)s.") % {
            "before": format_money(price),
            "now": format_money(terms.price),
        }
    if minutes != terms.duration_minutes:
        yield _("The length was %(before)s and is %(now)s.") % {
            "before": format_minutes(minutes),
            "now": format_minutes(terms.duration_minutes),
        }
    if noted["cancelling"] != _cancelling(terms):
        yield _("What cancelling costs, or from when on, is another.")
    if (noted["instant"] == "1") != terms.instant:
        if terms.instant:
            yield _("It is confirmed at once now: nobody has to answer first.")
        else:
            yield _("It is on request now: the provider answers first.")
    if noted["questions"] != (terms.questions_version or _NO_QUESTIONS):
        yield _("The provider asks other questions now.")


def _cancelling(terms: Terms) -> str:
    hours, percent = terms.free_cancellation_hours, terms.late_cancellation_percent
    return f"{hours} {percent} {terms.cancellation_grace_minutes}"
