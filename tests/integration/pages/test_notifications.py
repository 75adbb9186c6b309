"""The pages of notifications: stopping reminders with a link, and the inbox of a laptop."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from pytest_django import Settings

from accounts.queries import find_user
from accounts.services import erase_person
from bookings.domain import Status
from kernel import storage
from kernel.actors import Actor, Role
from kernel.clock import now
from notifications import services
from notifications.emails.composition import compose
from notifications.events import AppointmentReminderDue
from notifications.links import unsubscribe_url
from notifications.models import PreferencesItem
from notifications.queries import list_muted
from notifications.services import emails
from pages.notifications.views import CHANGES_BY_LINK
from tests import mutants
from tests.factories.accounts import make_account
from tests.factories.bookings import Scene, next_day
from tests.factories.letters import BOOKING_MESSAGES, PATHS, event_of, make_booking, make_letter
from tests.factories.notifications import make_addressed_scene


@pytest.fixture
def scene() -> Scene:
    return make_addressed_scene()


def path_of(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url)


def remind(scene: Scene, hour: int) -> None:
    confirmed = scene.bring(scene.book(next_day(hour)), Status.CONFIRMED)
    for delivery_id in services.announce(event=AppointmentReminderDue.of(confirmed), now=now()):
        emails.deliver_email(delivery_id=delivery_id, now=now())


def test_one_click_in_the_mail_program_stops_reminders(scene: Scene) -> None:
    remind(scene, 1)
    (message,) = mail.outbox
    link = path_of(message.extra_headers["List-Unsubscribe"].strip("<>"))
    # As RFC 8058 has it: a POST of this body, from nobody we know, without cookie or token of ours.
    client = Client(enforce_csrf_checks=True)
    assert client.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200

    remind(scene, 2)
    assert len(mail.outbox) == 1
    # What happens to bookings is still told.
    for delivery_id in services.announce(event=event_of(scene.book(next_day(3))), now=now()):
        emails.deliver_email(delivery_id=delivery_id, now=now())
    assert len(mail.outbox) == 3


def test_looking_at_the_link_changes_nothing_and_the_button_works_both_ways(scene: Scene, client: Client) -> None:
    link = path_of(unsubscribe_url(scene.customer.user_id, "reminder.review"))
    assert "Stop reminders to review?" in client.get(link).content.decode()
    assert list_muted(scene.customer.user_id) == set()

    assert "You get no more reminders to review" in client.post(link).content.decode()
    assert list_muted(scene.customer.user_id) == {"reminder.review"}

    assert "You get these reminders again" in client.post(link, {"resume": "1"}).content.decode()
    assert list_muted(scene.customer.user_id) == set()


def test_it_says_which_reminders_a_provider_stops(scene: Scene, client: Client) -> None:
    link = path_of(unsubscribe_url(scene.provider_id, "reminder.completion"))
    assert "Stop reminders to say how a visit went?" in client.get(link).content.decode()
    assert "You get no more reminders to say how a visit went" in client.post(link).content.decode()
    assert list_muted(scene.provider_id) == {"reminder.completion"}


def test_the_link_of_an_old_email_leaves_nothing_of_whoever_was_erased(scene: Scene, client: Client) -> None:
    booking = scene.book_for_caller()
    links = {
        recipient_id: path_of(unsubscribe_url(recipient_id, type_))
        for recipient_id, type_ in (
            (scene.customer.user_id, "reminder.review"),
            (scene.provider_id, "reminder.completion"),
            (booking.booking_id, "reminder.appointment"),
        )
    }
    # A caller is erased with the provider who booked for them.
    for person in (scene.customer, scene.provider):
        erase_person(person.user_id, now=now())

    for recipient_id, link in links.items():
        assert client.post(link).status_code == 200
        assert storage.get_row(PreferencesItem, recipient_id) is None


def test_a_caller_stops_reminders_without_an_account(scene: Scene, client: Client) -> None:
    booking_id = scene.book_for_caller().booking_id
    client.post(path_of(unsubscribe_url(booking_id, "reminder.appointment")))
    assert list_muted(booking_id) == {"reminder.appointment"}


def test_a_link_does_not_write_without_end(scene: Scene, client: Client, settings: Settings) -> None:
    settings.RATE_LIMIT_SCALE = 1
    link = path_of(unsubscribe_url(scene.customer.user_id, "reminder.review"))
    answers = [client.post(link).status_code for _ in range(CHANGES_BY_LINK.allowed + 1)]
    assert answers == [200] * CHANGES_BY_LINK.allowed + [429]
    assert client.get(link).status_code == 200


def test_a_damaged_link_is_not_found(scene: Scene, client: Client) -> None:
    link = path_of(unsubscribe_url(scene.customer.user_id, "reminder.review"))
    assert client.post(f"{link[:-2]}xx").status_code == 404


def test_mutant_preferences_not_asked(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    services.set_muted(recipient_id=scene.customer.user_id, type_="reminder.appointment", is_muted=True)
    mutants.send_whoever_objects(monkeypatch)
    remind(scene, 1)
    assert mail.outbox


# --- The inbox -------------------------------------------------------------------------------------------------------


@pytest.fixture
def inbox(settings: Settings, tmp_path: Path, scene: Scene) -> str:
    """An inbox with one confirmation; its id."""
    settings.INBOX_DIR = tmp_path
    confirmed = scene.bring(scene.book(notes="<script>alert(1)</script>"), Status.CONFIRMED)
    to_customer, _ = services.announce(event=event_of(confirmed), now=now())
    emails.deliver_email(delivery_id=to_customer, now=now() + timedelta(seconds=1))
    (tmp_path / "1700000000000000000.eml").write_bytes(mail.outbox[0].message().as_bytes())
    return "1700000000000000000"


def test_the_inbox_lists_and_shows_what_was_sent(inbox: str, client: Client) -> None:
    assert "Confirmed: Leak repair with Elm Plumbing" in client.get("/inbox").content.decode()

    page = client.get(f"/inbox/{inbox}").content.decode()
    assert "Auto-Submitted" in page
    assert "appointment.ics" in page
    assert "<script>alert" not in page

    policy = client.get(f"/inbox/{inbox}")["Content-Security-Policy"]
    assert "frame-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy

    html = client.get(f"/inbox/{inbox}/1")
    assert html["X-Frame-Options"] == "SAMEORIGIN"
    assert html["Content-Type"] == "text/html; charset=utf-8"
    assert html["Content-Security-Policy"].startswith("sandbox")
    file = client.get(f"/inbox/{inbox}/3")
    assert file["Content-Disposition"] == 'attachment; filename="appointment.ics"'
    assert file.content.startswith(b"BEGIN:VCALENDAR")


@pytest.mark.parametrize("path", ["/inbox/1", "/inbox/..%2f..%2fetc", "/inbox/{}/9", "/inbox/1/0"])
def test_there_is_nothing_else(inbox: str, client: Client, path: str) -> None:
    assert client.get(path.format(inbox)).status_code == 404


@pytest.mark.parametrize("path", ["/inbox", "/inbox/{}", "/inbox/{}/0"])
def test_no_deployed_stage_has_an_inbox(inbox: str, client: Client, settings: Settings, path: str) -> None:
    settings.INBOX_DIR = None
    assert client.get(path.format(inbox)).status_code == 404


def signed_in(person: Actor) -> Client:
    user = find_user(person.user_id)
    assert user is not None
    browser = Client()
    browser.force_login(user)
    return browser


def test_notes_are_news_until_they_are_marked_as_read(scene: Scene) -> None:
    services.announce(event=event_of(scene.bring(scene.book(next_day(4)), Status.CONFIRMED)), now=now())
    browser = signed_in(scene.customer)
    page = browser.get("/notifications").content.decode()
    assert "Elm Plumbing" in page
    assert "New:" in page

    for unknown in ("0", "9" * 9, "9" * 45):
        assert browser.post("/notifications", {"up_to": unknown}).status_code in (400, 404)
    browser.post("/notifications", {"up_to": 1})

    page = browser.get("/notifications").content.decode()
    assert "Elm Plumbing" in page
    assert "New:" not in page
    assert "Mark all as read" not in page


def test_optional_emails_are_switched_off_and_on(scene: Scene) -> None:
    browser = signed_in(scene.customer)
    page = browser.get("/account/notifications").content.decode()
    assert "Reminders to write a review" in page
    # That one is for providers.
    assert "how a visit went" not in page

    both = ["reminder.appointment", "reminder.review"]
    browser.post("/account/notifications", {"initial-wanted": both, "wanted": ["reminder.appointment"]})
    assert list_muted(scene.customer.user_id) == {"reminder.review"}

    # In another tab, where the page was opened before.
    browser.post("/account/notifications", {"initial-wanted": both, "wanted": ["reminder.review"]})
    assert list_muted(scene.customer.user_id) == set(both)

    browser.post("/account/notifications", {"wanted": both})
    assert list_muted(scene.customer.user_id) == set()


@pytest.mark.parametrize("type_", sorted(BOOKING_MESSAGES))
def test_every_link_of_an_email_leads_to_a_page(scene: Scene, type_: str) -> None:
    message = BOOKING_MESSAGES[type_]
    path = next(actions for status, actions in PATHS.items() if status in message.true_in)
    booking = make_booking(*path, booking_id=scene.book(next_day(5)).booking_id, provider_id=scene.provider_id)
    for role in message.roles:
        reader = signed_in(scene.customer if role is Role.CUSTOMER else scene.provider)
        email = compose(make_letter(booking, role=role, type_=type_))
        for text in (email.body, *(str(content) for content, kind in email.alternatives if kind == "text/html")):
            links = set(re.findall(re.escape(settings.SITE_URL.rstrip("/")) + r"(/[^\s\"'<>]*)", text))
            assert "/account/notifications" in links
            for link in links:
                assert reader.get(link, follow=True).status_code == 200, link


def test_whoever_runs_the_site_is_asked_for_no_choice_that_they_do_not_have() -> None:
    page = signed_in(make_account(Role.ADMIN)).get("/account/notifications").content.decode()
    assert "Nothing is mailed to this account that could be switched off." in page
    assert 'name="wanted"' not in page
    assert 'class="form"' not in page
