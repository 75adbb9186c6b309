"""Bookings in the admin: the same services, the same rules, and an entry in the audit log with each change."""

import csv
import re

import pytest
from django.contrib.admin.utils import quote
from django.test import Client

from bookings.domain import Booking, Status
from bookings.models import BookingItem
from bookings.queries import get_booking
from bookings.services import propose_move
from bookings.stream import OUTBOX
from catalog.queries import get_provider
from kernel import storage
from kernel.actors import SYSTEM, Role
from kernel.clock import from_epoch, now, to_rfc3339
from kernel.dynamo_admin.audit import AuditItem
from notifications import tasks
from notifications.models import DeliveryItem
from notifications.services import announce
from tests.factories.bookings import Scene, make_scene, next_day
from tests.factories.browsers import forms_of
from tests.factories.orders import carry_out_orders
from tests.integration.marketplace.admin.conftest import SignedIn

BOOKINGS = "/admin/bookings/booking/"


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.fixture
def booking(scene: Scene) -> Booking:
    return scene.book(next_day(9), address="7 Hidden Lane")


def status_of(booking: Booking) -> Status:
    return get_booking(actor=SYSTEM, booking_id=booking.booking_id)[0].status


def act(client: Client, booking: Booking, use: str, **values: str) -> int:
    return client.post(f"{BOOKINGS}{booking.booking_id}/do/{use}/", values).status_code


def actions_in_the_log(booking: Booking) -> list[str]:
    return [row["action"] for row in storage.all_rows(AuditItem, f"bookings.booking#{booking.booking_id}")]


def changes_in_the_log(booking: Booking) -> list[object]:
    return [row["changes"] for row in storage.all_rows(AuditItem, f"bookings.booking#{booking.booking_id}")]


def test_support_confirms_through_the_service(signed_in: SignedIn, booking: Booking) -> None:
    assert act(signed_in(Role.SUPPORT), booking, "confirm") == 302
    assert status_of(booking) is Status.CONFIRMED
    assert actions_in_the_log(booking) == ["confirm"]
    assert changes_in_the_log(booking) == [{"status": ["pending", "confirmed"]}]


def test_an_auditor_looks_and_does_nothing(signed_in: SignedIn, booking: Booking) -> None:
    client = signed_in(Role.AUDITOR)
    page = client.get(f"{BOOKINGS}{booking.booking_id}/change/").content.decode()
    assert "7 Hidden Lane" in page
    assert "09:00–10:00 (UTC)" in page
    assert "/do/confirm/" not in page
    assert act(client, booking, "confirm") == 403
    assert actions_in_the_log(booking) == []


def test_what_the_rules_refuse_is_refused_and_not_in_the_log(signed_in: SignedIn, booking: Booking) -> None:
    assert act(signed_in(Role.ADMIN), booking, "pay", payment_method="cash") == 400
    assert status_of(booking) is Status.PENDING
    assert actions_in_the_log(booking) == []


def test_declining_needs_a_reason_that_stands_in_the_history(signed_in: SignedIn, booking: Booking) -> None:
    client = signed_in(Role.ADMIN)
    assert act(client, booking, "decline") == 400
    assert act(client, booking, "decline", reason="Double booked") == 302
    assert status_of(booking) is Status.DECLINED
    assert "Double booked" in client.get(f"{BOOKINGS}{booking.booking_id}/history/").content.decode()


def test_what_was_confirmed_of_another_state_is_not_done(signed_in: SignedIn, scene: Scene, booking: Booking) -> None:
    client, address = signed_in(Role.ADMIN), f"{BOOKINGS}{booking.booking_id}/do/cancel/"
    scene.bring(booking, Status.CONFIRMED)
    shown = client.get(address)
    # The reason is not for the log alone.
    assert "read the reason" in shown.content.decode()
    fields = next(form for form in forms_of(shown) if "shown_version" in form.fields).fields
    propose_move(
        actor=scene.customer, booking_id=booking.booking_id, starts_at=next_day(14), expected_version=None, now=now()
    )

    refused = client.post(address, fields | {"reason": "Double booked"})

    assert refused.status_code == 400
    assert "Somebody else changed it meanwhile" in refused.content.decode()
    assert "Double booked" in refused.content.decode()
    assert status_of(booking) is Status.CONFIRMED
    again = next(form for form in forms_of(refused) if "shown_version" in form.fields).fields
    assert client.post(address, again | {"reason": "Double booked"}).status_code == 302


def test_completing_early_is_for_admins_who_say_why(signed_in: SignedIn, scene: Scene, booking: Booking) -> None:
    scene.bring(booking, Status.CONFIRMED)
    support = signed_in(Role.SUPPORT)
    page = f"{BOOKINGS}{booking.booking_id}/change/"
    assert "/do/complete/" not in support.get(page).content.decode()
    assert "/do/complete/" in signed_in(Role.ADMIN).get(page).content.decode()
    assert act(support, booking, "complete", reason="Done before") == 400
    assert act(signed_in(Role.ADMIN), booking, "complete", reason="Done before") == 302
    assert status_of(booking) is Status.COMPLETED


def test_a_booking_is_moved(signed_in: SignedIn, booking: Booking) -> None:
    start = next_day(15)
    values = {
        "reason": "They called",
        "starts_at_0": start.strftime("%Y-%m-%d"),
        "starts_at_1": start.strftime("%H:%M:%S"),
    }
    assert act(signed_in(Role.ADMIN), booking, "move", **values) == 302
    moved, _ = get_booking(actor=SYSTEM, booking_id=booking.booking_id)
    assert moved.starts_at == start
    assert changes_in_the_log(booking) == [{"starts_at": [to_rfc3339(booking.starts_at), to_rfc3339(start)]}]


def test_the_timeline_says_what_happened_in_the_reader_s_language(
    signed_in: SignedIn, scene: Scene, booking: Booking
) -> None:
    scene.bring(booking, Status.CONFIRMED)
    page = signed_in(Role.ADMIN, language="fr").get(f"{BOOKINGS}{booking.booking_id}/change/").content.decode()
    timeline = re.findall("<li>(.*?)</li>", page.partition("field-timeline")[2].partition("</ol>")[0])
    assert [entry.split(" · ")[1] for entry in timeline] == ["Client", "Prestataire"]


def listed(client: Client, query: str) -> set[str]:
    """The ids on all pages of a list: other tests have made bookings, too, some of them in the future."""
    found: set[str] = set()
    following: str | None = query
    while following is not None:
        changes = client.get(BOOKINGS + following).context["cl"]
        found |= {each.pk for each in changes.result_list}
        following = changes.next_url
    return found


def test_columns_of_ids_are_named_in_the_reader_s_language(signed_in: SignedIn, booking: Booking) -> None:
    response = signed_in(Role.ADMIN, language="fr").get(f"{BOOKINGS}export/", {"q": booking.booking_id})
    header, row = csv.reader(response.getvalue().decode().splitlines())
    assert dict(zip(header, row, strict=True))["prestataire"] == booking.provider_id


def test_a_booking_is_found_in_every_list(signed_in: SignedIn, booking: Booking) -> None:
    client = signed_in(Role.SUPPORT)
    for query in (
        "",
        f"?q={booking.booking_id}",
        f"?q=%20{booking.booking_id.upper()}",
        f"?provider_id__exact={booking.provider_id}",
        f"?provider_id__exact=%20{booking.provider_id}%0A",
        f"?customer_id__exact={booking.customer_id}&status__exact=pending",
    ):
        assert booking.booking_id in listed(client, query), query


def test_only_what_an_index_answers_is_offered_as_a_filter(signed_in: SignedIn, booking: Booking) -> None:
    client = signed_in(Role.SUPPORT)

    def offered(query: str) -> list[str]:
        return [spec.field.name for spec in client.get(BOOKINGS + query).context["cl"].filter_specs]

    assert offered("") == ["provider", "customer"]
    assert offered(f"?provider_id__exact={booking.provider_id}") == ["status", "provider", "customer"]
    # What was typed by hand finds nothing, and can be taken back.
    response = client.get(f"{BOOKINGS}?status__exact=paid")
    assert "Choose a filter or search" in response.content.decode()


@pytest.mark.parametrize(
    ("address", "limit"),
    [
        ("/admin/bookings/booking/", 12),
        ("/admin/bookings/booking/?provider_id__exact={provider}", 6),
        ("/admin/bookings/booking/{booking}/change/", 4),
        ("/admin/catalog/provider/", 12),
        ("/admin/catalog/service/", 12),
        ("/admin/reviews/review/", 12),
        ("/admin/accounts/person/", 12),
        ("/admin/marketplace/auditentry/", 6),
        ("/admin/", 6),
    ],
)
def test_a_page_costs_few_calls(
    signed_in: SignedIn, booking: Booking, dynamodb_calls: list[str], address: str, limit: int
) -> None:
    client = signed_in(Role.ADMIN)
    dynamodb_calls.clear()
    named = address.format(provider=booking.provider_id, booking=booking.booking_id)
    assert client.get(named).status_code == 200
    assert len(dynamodb_calls) <= limit, dynamodb_calls


def test_a_provider_is_edited_through_its_service(signed_in: SignedIn, booking: Booking) -> None:
    client = signed_in(Role.ADMIN)
    address = f"/admin/catalog/provider/{booking.provider_id}/change/"
    fields = next(form.fields for form in forms_of(client.get(address)) if "name" in form.fields)
    fields.pop("accepting_bookings", None)

    assert client.post(address, fields | {"name": "Renamed by an admin"}).status_code == 302

    provider = get_provider(booking.provider_id)
    assert provider.name == "Renamed by an admin"
    assert not provider.accepting_bookings
    (entry,) = storage.all_rows(AuditItem, f"catalog.provider#{booking.provider_id}")
    assert entry["changes"] == {"name": None, "accepting_bookings": [True, False]}


def test_what_the_catalog_refuses_stands_in_the_form(signed_in: SignedIn, booking: Booking) -> None:
    client = signed_in(Role.ADMIN)
    address = f"/admin/catalog/provider/{booking.provider_id}/change/"
    fields = next(form.fields for form in forms_of(client.get(address)) if "name" in form.fields)
    response = client.post(address, fields | {"name": "​"})
    assert response.status_code == 200
    assert "errornote" in response.content.decode()


def test_the_last_email_is_sent_again_once(
    signed_in: SignedIn, scene: Scene, booking: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[str] = []
    monkeypatch.setattr(tasks.deliver_email, "delay", queued.append)
    event = OUTBOX.events_after(row_of(booking), 0)[0]
    assert len(announce(event=event, now=now())) == 2
    settle_all(booking)

    client = signed_in(Role.SUPPORT)
    assert act(client, booking, "resend", reason="They lost it") == 302
    carry_out_orders()

    assert sorted(queued) == sorted(
        f"{event.event_id}#{party}#email" for party in (booking.customer_id, booking.provider_id)
    )
    assert actions_in_the_log(booking) == ["resend", "resend"]
    delivery = quote(f"{event.event_id}#{booking.customer_id}#email")
    page = client.get(f"/admin/notifications/delivery/{delivery}/change/").content.decode()
    kept = page.partition("field-kept_until")[2].partition("</div>")[0]
    assert str(from_epoch(row_of_delivery(f"{event.event_id}#{booking.customer_id}#email")["expires_at"]).year) in kept


def row_of(booking: Booking) -> storage.Row:
    row = storage.get_row(BookingItem, booking.booking_id)
    assert row is not None
    return row


def row_of_delivery(delivery_id: str) -> storage.Row:
    row = storage.get_row(DeliveryItem, delivery_id)
    assert row is not None
    return row


def settle_all(booking: Booking) -> None:
    for party in (booking.customer_id, booking.provider_id):
        delivery = f"{booking.booking_id}#1#{party}#email"
        actions = [DeliveryItem.status.set("sent")]
        storage.write(storage.update("delivery", DeliveryItem, delivery, actions=actions))
