"""Whole emails: what they say to whom, and that nobody's text gets out of its place."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import resolve
from icalendar import Calendar
from pytest_django import Settings

from bookings.domain import Action, Booking, BookingDetails, Proposal, Status
from bookings.words import status_words
from kernel.actors import Role
from kernel.money import Money
from marketplace.settings.env import BASE_DIR
from notifications.domain import Channel, Note, Subject
from notifications.emails.composition import compose
from notifications.messages import MESSAGES
from notifications.messages.bookings import BookingLetter
from tests.factories.letters import BOOKING_MESSAGES, PATHS, STARTS_AT, make_booking, make_letter

DETAILS = BookingDetails("12 Elm Street, Springfield", "Ring twice.\nMind the <dog> & the cat")
_MOVES = ("booking.rescheduled", "booking.move_proposed", "booking.move_refused")
PROPOSAL = Proposal(STARTS_AT + timedelta(days=1), Role.PROVIDER, STARTS_AT)
STATUS_OF = {"booking.requested": Status.PENDING, **dict.fromkeys(_MOVES, Status.CONFIRMED)} | {
    type_: next(iter(message.true_in)) for type_, message in BOOKING_MESSAGES.items() if len(message.true_in) == 1
}
EMAILS = [
    (type_, role)
    for type_, message in BOOKING_MESSAGES.items()
    for role, channels in message.audience.items()
    if Channel.EMAIL in channels
]


def sent(letter: BookingLetter) -> EmailMessage:
    """The email as whoever receives it reads it."""
    message = message_from_bytes(compose(letter).message().as_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content


def calendars(message: EmailMessage) -> list[EmailMessage]:
    return [part for part in message.walk() if part.get_content_type() == "text/calendar"]


def letter_of(type_: str, role: Role, **values: Any) -> BookingLetter:
    booking = make_booking(*PATHS[STATUS_OF.get(type_, Status.COMPLETED)])
    if type_ == "booking.move_proposed":
        booking = replace(booking, proposal=PROPOSAL)
    return make_letter(booking, role=role, type_=type_, details=DETAILS, **values)


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_an_appointment_over_a_clock_change_has_the_offset_of_each_end(kind: str) -> None:
    starts_at = datetime(2027, 11, 7, 6, 30, tzinfo=UTC)
    span: dict[str, Any] = {
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=1),
        "time_zone": "America/Chicago",
    }
    letter = letter_of("booking.confirmed", Role.CUSTOMER)
    letter = replace(letter, booking=replace(letter.booking, **span))
    letter = replace(letter, reader=replace(letter.reader, time_zone="America/Chicago"))
    assert "01:30 (UTC-5) – 01:30 (UTC-6)" in body(sent(letter), kind)


def test_it_goes_to_the_ascii_form_of_the_address() -> None:
    letter = letter_of("booking.confirmed", Role.CUSTOMER)
    letter = replace(letter, reader=replace(letter.reader, email="Ann@b\u00fccher.example"))
    assert compose(letter).to == ["ann@xn--bcher-kva.example"]
    (entry, _) = calendars(sent(letter))
    assert "mailto:ann@xn--bcher-kva.example" in entry.get_content().replace("\r", "").replace("\n ", "")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(("type_", "role"), EMAILS)
def test_every_email_is_complete(type_: str, role: Role, language: str) -> None:
    message = sent(letter_of(type_, role, language=language))
    text, html = body(message, "plain"), body(message, "html")

    assert message["To"] == "robin@example.com"
    assert message["From"] == "Lintel <no-reply@lintel.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Subject"]
    assert f'<html lang="{language}">' in html
    # One action, and the text has the same one.
    buttons = re.findall(r'class="button" href="([^"]+)"', html)
    assert len(buttons) == 1
    assert buttons[0] in text
    for part in (text, unescape(html)):
        assert "Leak repair" in part
        assert ("Tuesday 10 March 2026" if language == "en" else "mardi 10 mars 2026") in part
        assert ("1,250.00\xa0EUR" if language == "en" else "1\xa0250,00\xa0EUR") in part
        assert "{{" not in part
        assert "{%" not in part
    # Inlined: mail programs drop style sheets. What stays is for those that heed media queries.
    assert 'h1 style="' in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert "&amp;" not in text
    # Where to go is said while there is somewhere to go.
    has_place = type_ in (
        "booking.requested",
        "booking.confirmed",
        "booking.rescheduled",
        "booking.move_proposed",
        "booking.move_accepted",
        "booking.move_refused",
        "booking.provider_suspended",
        "reminder.appointment",
        "reminder.completion",
    )
    assert ("Mind the <dog> & the cat" in text) is has_place
    assert ("Mind the &lt;dog&gt; &amp; the cat" in html) is has_place
    assert ("12 Elm Street" in text) is has_place


@pytest.mark.parametrize(("type_", "role"), EMAILS)
def test_an_email_says_how_the_booking_stands_in_the_words_of_its_page(type_: str, role: Role) -> None:
    letter = letter_of(type_, role)
    words = status_words(letter.booking, role, letter.now)
    html = unescape(body(sent(letter), "html"))
    # These three say what is asked, or was refused, beside how the booking stands.
    has_label_of_its_own = type_ in ("booking.move_proposed", "booking.move_refused", "reminder.completion")
    assert (f" {words.word}</span>" in html) is not has_label_of_its_own
    if type_ in ("booking.requested", "booking.declined", "booking.expired", "booking.no_show"):
        assert words.sentence in html
        assert words.sentence in body(sent(letter), "plain")


@pytest.mark.parametrize("type_", ["booking.declined", "booking.expired"])
def test_whoever_was_let_down_is_led_to_who_offers_the_same(type_: str) -> None:
    letter = letter_of(type_, Role.CUSTOMER)
    address = f"/search?like={letter.booking.service_id}"
    for kind in ("html", "plain"):
        assert address in body(sent(letter), kind)


def test_every_part_of_every_message_has_a_template_and_no_other_has() -> None:
    folders = {path.name for path in (BASE_DIR / "templates" / "email").iterdir()}
    mailed = {type_ for type_, _ in EMAILS} | (MESSAGES.keys() - BOOKING_MESSAGES.keys())
    assert folders == {type_.replace(".", "_") for type_ in mailed} | {"_base", "_code", "_provider"}


def test_every_note_has_its_sentence() -> None:
    noted = {
        (type_, role)
        for type_, message in BOOKING_MESSAGES.items()
        for role, channels in message.audience.items()
        if Channel.IN_APP in channels
    }
    assert {(type_, role) for type_, message in BOOKING_MESSAGES.items() for role in message.notes} == noted
    values = {"service": "50% off", "provider": "A%sB"}
    note = Note("c1", 1, "booking.confirmed", Role.CUSTOMER, Subject("booking", "b1"), values, STARTS_AT)
    assert MESSAGES[note.type].note_text(note) == "A%sB confirmed 50% off"


def test_times_are_the_place_s_and_where_they_differ_also_the_reader_s() -> None:
    letter = letter_of("booking.confirmed", Role.CUSTOMER, time_zone="America/New_York")
    text = body(sent(letter), "plain")
    assert "When: Tuesday 10 March 2026, 10:00–11:00 (Paris time, UTC+1)" in text
    assert "On your clock: Tuesday 10 March 2026, 05:00–06:00 (New York time, UTC-4)" in text
    assert text.index("When:") < text.index("On your clock:")
    cancelled = letter_of("booking.cancelled", Role.CUSTOMER, time_zone="America/New_York")
    assert "10:00" in sent(cancelled)["Subject"]

    # Clocks that show the same, and readers who never chose a zone.
    for zone in ("Europe/Berlin", None):
        text = body(sent(letter_of("booking.confirmed", Role.CUSTOMER, time_zone=zone)), "plain")
        assert "When: Tuesday 10 March 2026, 10:00–11:00 (Paris time, UTC+1)" in text
        assert "On your clock:" not in text


def test_words_before_a_colon_are_spaced_as_the_language_does() -> None:
    text = body(sent(letter_of("reminder.appointment", Role.CUSTOMER, language="fr")), "plain")
    assert "\nQuand\u00a0: mardi 10 mars 2026" in text
    assert re.search(r"\w: ", text) is None


@pytest.mark.parametrize(
    "type_", ["booking.confirmed", "booking.rescheduled", "booking.move_accepted", "reminder.appointment"]
)
@pytest.mark.parametrize("part", ["plain", "html"])
def test_a_deadline_is_named_only_before_it(type_: str, part: str) -> None:
    letter = letter_of(type_, Role.CUSTOMER)
    ends_at = letter.booking.free_cancellation_until

    def said(now: datetime) -> str:
        return " ".join(unescape(body(sent(replace(letter, now=now)), part)).split())

    before, at, after = (said(ends_at + timedelta(seconds=seconds)) for seconds in (-1, 0, 3600))
    assert "free of charge until Monday 9 March 2026, 10:00 (Paris time, UTC+1)." in before
    assert "After that it costs 625.00 EUR." in before
    for text in (at, after):
        assert "free of charge" not in text
        assert "Cancelling now costs 625.00 EUR." in text


def test_terms_that_cost_nothing_are_not_mentioned() -> None:
    booking = make_booking(Action.CONFIRM, late_cancellation_percent=0)
    text = body(sent(make_letter(booking)), "plain")
    assert "ancel" not in text


@pytest.mark.parametrize(("type_", "role"), EMAILS)
def test_no_link_leads_nowhere(type_: str, role: Role) -> None:
    message = sent(letter_of(type_, role))
    found = set(re.findall(r'href="(http[^"]+)"', body(message, "html")))
    found |= set(re.findall(r"https?://\S+", body(message, "plain")))
    entries = [
        str(event.get("url", ""))
        for part in calendars(message)
        for event in Calendar.from_ical(part.get_content()).walk("VEVENT")
    ]
    paths = {urlsplit(unescape(link)).path for link in (*found, *entries)}
    assert paths
    for path in paths:
        # Raises for an address without a page.
        assert not resolve(path).route.startswith("api/"), path


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_every_email_names_terms_privacy_and_who_runs_the_site(settings: Settings, kind: str) -> None:
    settings.OPERATOR_NAME, settings.OPERATOR_ADDRESS = "Maple & Sons", "1 High Street\nSpringfield"

    text = unescape(body(sent(letter_of("booking.confirmed", Role.CUSTOMER)), kind))

    assert f"{settings.SITE_URL}/terms" in text
    assert f"{settings.SITE_URL}/privacy" in text
    assert "Maple & Sons, 1 High Street Springfield" in text


def test_an_unknown_language_is_english() -> None:
    assert sent(letter_of("booking.declined", Role.CUSTOMER, language="tlh"))["Subject"].endswith(
        "cannot take your request"
    )


def test_the_provider_learns_name_and_place_only_with_the_details() -> None:
    hidden = replace(make_letter(make_booking(), role=Role.PROVIDER), customer_name=None)
    text = body(sent(hidden), "plain") + body(sent(hidden), "html")
    for secret in ("Robin", "Elm Street", "Ring twice", "robin@"):
        assert secret not in text

    shown = body(sent(letter_of("booking.confirmed", Role.PROVIDER)), "plain")
    assert "Customer: Robin Reed" in shown
    assert "Where: 12 Elm Street, Springfield" in shown


def test_a_late_cancellation_names_its_fee() -> None:
    booking = make_booking(Action.CONFIRM, Action.CANCEL, cancellation_fee=Money(62_500, "EUR"))
    assert "this costs 625.00\xa0EUR" in body(sent(make_letter(booking)), "plain")
    assert "the customer owes 625.00\xa0EUR" in body(sent(make_letter(booking, role=Role.PROVIDER)), "plain")


@pytest.mark.parametrize(
    ("role", "sentence"),
    [(Role.CUSTOMER, "You cancelled this booking"), (Role.PROVIDER, "The customer cancelled this booking")],
)
def test_who_cancelled_is_said_from_the_reader_s_side(role: Role, sentence: str) -> None:
    assert sentence in body(sent(make_letter(make_booking(Action.CANCEL), role=role)), "plain")


# --- Conversations, unsubscribing ------------------------------------------------------------------------------------


def test_the_emails_of_a_booking_are_one_conversation_and_each_try_the_same_message() -> None:
    first, second = letter_of("booking.requested", Role.CUSTOMER), letter_of("booking.confirmed", Role.CUSTOMER)
    assert sent(first)["References"] == sent(second)["References"]
    assert sent(first)["Message-ID"] == sent(first)["Message-ID"] != sent(second)["Message-ID"]


def test_only_what_can_be_switched_off_offers_it() -> None:
    reminder = sent(letter_of("reminder.appointment", Role.CUSTOMER))
    assert reminder["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = reminder["List-Unsubscribe"].strip(" <>")
    assert url.startswith("http://localhost:8000/notifications/unsubscribe/")
    assert url in body(reminder, "plain")
    assert url in body(reminder, "html")

    assert "List-Unsubscribe" not in sent(letter_of("booking.confirmed", Role.CUSTOMER))


# --- The calendar ----------------------------------------------------------------------------------------------------


def entry_of(message: EmailMessage) -> tuple[str, Any]:
    alternative, attachment = calendars(message)
    assert alternative.get_content() == attachment.get_content()
    assert attachment.get_filename() == "appointment.ics"
    calendar = Calendar.from_ical(attachment.get_content())
    assert isinstance(calendar, Calendar)
    method = str(calendar["method"])
    assert alternative.get_param("method") == attachment.get_param("method") == method
    (event,) = calendar.walk("VEVENT")
    return method, event


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.PROVIDER])
def test_a_confirmation_a_move_and_a_cancellation_are_one_entry(role: Role) -> None:
    moved_at = STARTS_AT + timedelta(days=1)
    history = [
        make_booking(Action.CONFIRM),
        make_booking(Action.CONFIRM, Action.RESCHEDULE, starts_at=moved_at, ends_at=moved_at + timedelta(hours=1)),
        make_booking(Action.CONFIRM, Action.RESCHEDULE, Action.CANCEL, starts_at=moved_at),
    ]
    (confirmed, moved, cancelled) = [entry_of(sent(make_letter(booking, role=role))) for booking in history]

    assert [method for method, _ in (confirmed, moved, cancelled)] == ["REQUEST", "REQUEST", "CANCEL"]
    events = [event for _, event in (confirmed, moved, cancelled)]
    assert {str(event["uid"]) for event in events} == {f"{history[0].booking_id}@lintel.example"}
    assert [event["sequence"] for event in events] == [2, 3, 4]
    assert [str(event["status"]) for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [event.decoded("dtstart") for event in events] == [STARTS_AT, moved_at, moved_at]
    assert {str(event["attendee"]) for event in events} == {"mailto:robin@example.com"}
    assert {str(event["organizer"]) for event in events} == {"mailto:no-reply@lintel.example"}


@pytest.mark.parametrize(
    "booking",
    [
        make_booking(),
        make_booking(Action.RESCHEDULE),
        make_booking(Action.CANCEL),
        make_booking(*PATHS[Status.COMPLETED]),
        make_booking(*PATHS[Status.NO_SHOW]),
    ],
    ids=lambda booking: "-".join(entry.action for entry in booking.history),
)
def test_nothing_else_touches_the_calendar(booking: Booking) -> None:
    assert not calendars(sent(make_letter(booking)))


def test_a_late_confirmation_does_not_put_back_the_old_time() -> None:
    """Told after the move, the confirmation carries the present time and version."""
    moved_at = STARTS_AT + timedelta(days=1)
    moved = make_booking(Action.CONFIRM, Action.RESCHEDULE, starts_at=moved_at)
    _, event = entry_of(sent(make_letter(moved, type_="booking.confirmed")))
    assert (event["sequence"], event.decoded("dtstart")) == (3, moved_at)


def test_a_receipt_has_its_invoice() -> None:
    letter = replace(letter_of("booking.paid", Role.CUSTOMER), attachment=("2026-0001.pdf", b"%PDF-1.7"))
    (pdf,) = sent(letter).iter_attachments()
    assert (pdf.get_content_type(), pdf.get_filename()) == ("application/pdf", "2026-0001.pdf")
    assert pdf.get_content() == b"%PDF-1.7"


# --- Attacks ---------------------------------------------------------------------------------------------------------

_BREAKS = (
    "\r\n",
    "\n",
    "\r",
    "\r\n\r\n",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x85",
    "\u2028",
    "\u2029",
    "%0d%0a",
    "\\r\\n",
    "\x00\n",
)
_HEADERS = ("Bcc: spy@evil.example", "To: spy@evil.example", "Content-Type: text/html\n\n<script>alert(1)</script>")
HEADER_PAYLOADS = [f"Robin{line_break}{header}" for line_break in _BREAKS for header in _HEADERS]
MARKUP_PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</td></tr></table><h1>Pay here</h1>",
    '"><a href="https://evil.example">Confirm</a>',
    "' onmouseover='alert(1)",
    "<!--",
    "<style>*{display:none}</style>",
    "{{ site_url }}{% include 'base.html' %}",
    "%(provider)s %s %n",
    "=?utf-8?q?Bcc=3A_spy=40evil=2Eexample?=",
    "\u202egpj.exe\u2066",
    "BEGIN:VALARM\nTRIGGER:-PT1M\nEND:VALARM",
    "x\r\nATTENDEE:mailto:spy@evil.example",
    "x;CN=y:mailto:spy@evil.example,\\n",
    "--===============0==",
]
PAYLOADS = HEADER_PAYLOADS + MARKUP_PAYLOADS
NORMAL = letter_of("booking.confirmed", Role.PROVIDER, name="Robin Reed")


class _Elements(HTMLParser):
    """The elements of a page with their attributes' names, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))


def elements(html: str) -> list[tuple[str, tuple[str, ...]]]:
    parser = _Elements()
    parser.feed(html)
    return [element for element in parser.found if element[0] != "br"]


def structure(message: EmailMessage) -> list[str]:
    return [part.get_content_type() for part in message.walk()]


def test_there_are_at_least_fifty_attacks() -> None:
    assert len(PAYLOADS) >= 50


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_gets_out_of_its_place(payload: str) -> None:
    """The same payload in every text that people choose changes neither headers nor parts nor elements."""
    booking = replace(NORMAL.booking, service_name=payload, provider_name=payload)
    details = BookingDetails(address=payload, notes=payload)
    attacked = replace(
        NORMAL, booking=booking, details=details, customer_name=payload, reader=replace(NORMAL.reader, name=payload)
    )
    message, normal = sent(attacked), sent(NORMAL)

    assert message.keys() == normal.keys()
    assert {name: message[name] for name in message if name not in ("Subject", "Date", "Content-Type")} == {
        name: normal[name] for name in normal if name not in ("Subject", "Date", "Content-Type")
    }
    assert compose(attacked).recipients() == ["robin@example.com"]
    assert structure(message) == structure(normal)
    assert elements(body(message, "html")) == elements(body(normal, "html"))
    _, event = entry_of(message)
    assert [name for name, _ in event.property_items()] == [name for name, _ in entry_of(normal)[1].property_items()]
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", body(message, "plain"))


@pytest.mark.parametrize(("role", "is_asked"), [(Role.CUSTOMER, True), (Role.PROVIDER, False)])
def test_a_proposal_is_told_with_its_time_and_until_when_to_answer(role: Role, is_asked: bool) -> None:
    booking = make_booking(Action.CONFIRM, Action.PROPOSE, proposal=PROPOSAL)
    text = body(sent(make_letter(booking, role=role, type_="booking.move_proposed", language="en")), "plain")
    assert "Proposed: Wednesday 11 March 2026, 10:00–11:00" in text
    assert "Tuesday 10 March 2026" in text
    assert ("Please accept or refuse by" in text) is is_asked


@pytest.mark.parametrize("part", ["plain", "html"])
@pytest.mark.parametrize(("own_zone", "is_told"), [("Asia/Tokyo", True), ("Europe/Berlin", False), (None, False)])
def test_a_proposal_is_told_by_the_readers_clock_where_it_shows_another_time(
    own_zone: str | None, is_told: bool, part: str
) -> None:
    booking = make_booking(Action.CONFIRM, Action.PROPOSE, proposal=PROPOSAL)
    letter = make_letter(booking, type_="booking.move_proposed", language="en")
    text = body(sent(replace(letter, reader=replace(letter.reader, time_zone=own_zone))), part)
    assert ("On your clock: Wednesday 11 March 2026, 18:00–19:00 (Tokyo time, UTC+9)" in text) is is_told


def test_the_reason_of_a_refusal_reaches_the_customer() -> None:
    details = replace(DETAILS, reason="We are <away>\nuntil May.")
    message = sent(make_letter(make_booking(Action.DECLINE), details=details, language="en"))
    assert "They say: We are <away>\nuntil May." in body(message, "plain")
    assert "We are &lt;away&gt;" in body(message, "html")


@pytest.mark.parametrize("part", ["plain", "html"])
def test_whose_provider_went_is_not_sent_back_to_it(part: str) -> None:
    letter = make_letter(make_booking(Action.CONFIRM, Action.CANCEL), language="en")
    event = replace(letter.delivery.event, actor_role="system")
    text = body(sent(replace(letter, delivery=replace(letter.delivery, event=event))), part)
    assert "Elm Plumbing takes no bookings at present" in text
    assert "Find someone else" in text
    assert f"/search?like={letter.booking.service_id}" in text
    assert "Book another time" not in text
