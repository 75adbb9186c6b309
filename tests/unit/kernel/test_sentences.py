"""Sentences: English for programs, and every reader's own language with values as they are written there."""

from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.utils import timezone, translation

from bookings.domain import Action, judge
from kernel.actors import Actor, Role
from kernel.errors import ConflictError, InvalidInputError
from kernel.money import Money
from kernel.sentences import Sentence, paragraph, sentence
from kernel.web.forms import SiteForm
from kernel.wording.sentences import in_words
from tests.factories.letters import PATHS, STARTS_AT, make_booking

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
VALUES = Sentence(
    "%(price)s %(at)s %(length)s %(list)s %(count)s %(inner)s",
    {
        "price": Money(125_050, "EUR"),
        "at": NINE,
        "length": timedelta(hours=2),
        "list": ("a", "b"),
        "count": 7,
        "inner": sentence("Write the date as YYYY-MM-DD."),
    },
)


def test_the_english_for_programs_is_the_same_in_every_language() -> None:
    english = "1250.50 EUR 2026-11-24T09:00:00Z 2 hours a, b 7 Write the date as YYYY-MM-DD."
    assert str(VALUES) == english
    with translation.override("fr"):
        assert str(VALUES) == english


def test_values_are_written_as_the_reader_writes_them() -> None:
    with translation.override("fr"), timezone.override("Europe/Paris"):
        assert in_words(VALUES) == (
            "1\u00a0250,50\u00a0EUR mardi 24 novembre 2026 à 10:00 (heure de Paris, UTC+1) 2 heures "
            "a, b 7 \u00c9crivez la date sous la forme AAAA-MM-JJ."
        )


def test_a_sentence_without_values_may_have_a_percent_sign() -> None:
    assert str(sentence("All of it, 100 %.")) == "All of it, 100 %."


def test_text_in_a_value_is_no_template() -> None:
    spoken = sentence("%(email)s has an account of another role.", email="%(x)s%d")
    assert str(spoken).startswith("%(x)s%d ")
    assert in_words(spoken).startswith("%(x)s%d ")


def test_a_paragraph_is_translated_sentence_by_sentence() -> None:
    with translation.override("fr"):
        told = in_words(paragraph([sentence("There is no such booking."), sentence("There is no such review.")]))
    assert told == "Cette r\u00e9servation n\u2019existe pas. Cet avis n\u2019existe pas."


def test_a_refusal_of_the_pure_domain_is_shown_in_the_readers_language() -> None:
    booking = make_booking(*PATHS[next(iter(PATHS))])
    with pytest.raises(ConflictError) as refused:
        judge(Action.PAY, booking, Actor("admin", Role.ADMIN), STARTS_AT - timedelta(days=1))
    assert "record the payment of" in str(refused.value)
    with translation.override("fr"):
        told = in_words(refused.value.message)
    assert "enregistrer le paiement de" in told


class _Form(SiteForm):
    starts_at = forms.CharField()


def _refused_in(language: str) -> list[str]:
    with translation.override(language):
        form = _Form({"starts_at": "x"})
        form.refuse(InvalidInputError.of("starts_at", sentence("Appointments start on the quarter hour.")))
        return [str(error) for error in form.errors["starts_at"]]


def test_a_form_shows_a_refusal_in_the_readers_language() -> None:
    assert _refused_in("en") == ["Appointments start on the quarter hour."]
    assert _refused_in("fr") == ["Les rendez-vous commencent au quart d\u2019heure juste."]
