"""Sentences in the active language, with their values as its readers write them."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext

from kernel.money import Money
from kernel.sentences import Sentence, in_english
from kernel.wording.money import format_money
from kernel.wording.times import format_instant, format_length


def in_words(sentence: Sentence) -> str:
    """The sentence in the active language; instants are those of the active time zone."""
    return sentence.worded(gettext, _show)


def _show(value: object) -> str:
    if isinstance(value, Sentence):
        return in_words(value)
    if isinstance(value, Money):
        return format_money(value)
    if isinstance(value, datetime):
        return format_instant(value, timezone.get_current_timezone_name())
    if isinstance(value, timedelta):
        return format_length(value)
    if isinstance(value, tuple):
        return ", ".join(map(_show, value))
    return in_english(value)
