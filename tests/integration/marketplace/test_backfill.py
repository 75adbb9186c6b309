"""Items that an earlier release stored get what this one reads, once, while the site is in use."""

import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from bookings import backfills as booking_backfills
from bookings.domain import Booking, Status
from bookings.models import BookingItem
from catalog.models import CitiesItem, ProviderItem, ServiceItem
from catalog.queries import list_cities
from catalog.queries.cities import CITIES_KEY
from kernel import storage
from kernel.clock import now
from kernel.storage import Item
from marketplace.management.commands.backfill import Command, backfills
from reviews.models import LatestReviewsItem, ReviewItem
from reviews.queries import LATEST_KEY, latest_good_read
from tests.factories.bookings import Scene, make_scene
from tests.factories.catalog import unique_city
from tests.factories.reviews import completed_booking, review

WORDS = "On time, tidy, fair, and it has not dripped since: gladly again."


def run(*names: str) -> dict[str, tuple[int, int]]:
    """How many items of each kind were seen, and how many changed."""
    printed = StringIO()
    call_command("backfill", *names, stdout=printed)
    found = re.findall(r"^(\w+): done, (\d+) seen, (\d+) changed", printed.getvalue(), re.MULTILINE)
    return {name: (int(seen), int(changed)) for name, seen, changed in found}


def forget(item: type[Item], key: str, *names: str) -> None:
    """Take from an item what earlier releases did not keep."""
    actions = [getattr(item, name).remove() for name in names]
    storage.write(storage.update("item", item, key, actions=actions))


def row_of(item: type[Item], key: str) -> dict[str, Any]:
    row = storage.get_row(item, key)
    assert row is not None
    return row


@pytest.fixture
def old(cloud: str) -> tuple[Scene, str, str]:
    """A provider in a city of its own, a booking and a review, as if an earlier release had stored them; both ids."""
    city = unique_city()
    scene = make_scene(city=city)
    booking = completed_booking(scene)
    review(scene, booking, rating=5, comment=WORDS)
    outbox = ("outbox_key", "publish_again_at", "handled_version")
    forget(ProviderItem, scene.provider_id, "list_key", "rating_rank", "counted_city", *outbox)
    forget(ServiceItem, scene.service_id, "list_key", "rating_rank")
    forget(BookingItem, booking.booking_id, "list_key", *outbox)
    forget(ReviewItem, booking.booking_id, "list_key", *outbox)
    storage.write(storage.delete("latest", LatestReviewsItem, LATEST_KEY))
    storage.write(storage.delete("cities", CitiesItem, CITIES_KEY))
    return scene, booking.booking_id, city


def test_what_is_missing_is_made_and_a_second_run_changes_nothing(old: tuple[Scene, str, str]) -> None:
    scene, booking_id, city = old
    first = run()
    assert list(first) == list(backfills()) == ["providers", "bookings", "reviews"]

    provider, service = row_of(ProviderItem, scene.provider_id), row_of(ServiceItem, scene.service_id)
    assert provider["list_key"]
    assert service["list_key"]
    assert (provider["rating_rank"], provider["rating_count"]) == (service["rating_rank"], service["rating_count"])
    assert provider["handled_version"] == provider["version"]
    assert "outbox_key" not in provider
    assert [each.providers for each in list_cities() if each.name == city] == [1]
    for item in (BookingItem, ReviewItem):
        row = row_of(item, booking_id)
        assert row["list_key"]
        assert row["handled_version"] == row["version"]
    assert booking_id in [each.review_id for each in storage.read(latest_good_read())]

    assert {name: changed for name, (_, changed) in run().items()} == dict.fromkeys(first, 0)


def test_an_event_that_is_on_its_way_stays_there(cloud: str) -> None:
    booking = make_scene().book()
    before = row_of(BookingItem, booking.booking_id)
    assert before["outbox_key"]
    forget(BookingItem, booking.booking_id, "list_key")
    run("bookings")
    assert row_of(BookingItem, booking.booking_id) == before


def test_what_changes_meanwhile_is_read_again(cloud: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = make_scene()
    booking = scene.book()
    forget(BookingItem, booking.booking_id, "status_key", "list_key")
    derive, changed = booking_backfills._derived, list[Booking]()

    def change_once(row: storage.Row) -> dict[str, Any]:
        if not changed:
            changed.append(scene.bring(booking, Status.CONFIRMED, now=now()))
        return derive(row)

    monkeypatch.setattr(booking_backfills, "_derived", change_once)
    assert booking_backfills.renew_booking(booking.booking_id)
    row = row_of(BookingItem, booking.booking_id)
    assert row["status_key"].startswith("confirmed#")
    assert row["version"] == 2


def test_an_item_that_fails_is_named_and_the_others_are_done(
    old: tuple[Scene, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, booking_id, _ = old
    broken = scene.book()
    derive = booking_backfills._derived

    def refuse_one(row: storage.Row) -> dict[str, Any]:
        if row["booking_id"] == broken.booking_id:
            raise KeyError("history")
        return derive(row)

    monkeypatch.setattr(booking_backfills, "_derived", refuse_one)
    errors = StringIO()
    with pytest.raises(CommandError, match="1 failed"):
        call_command("backfill", "bookings", stdout=StringIO(), stderr=errors)
    assert broken.booking_id in errors.getvalue()
    assert row_of(BookingItem, booking_id)["list_key"]


def test_it_says_what_there_is() -> None:
    assert "reviews (" in Command().create_parser("manage.py", "backfill").format_help()
    with pytest.raises(CommandError, match="There is no backfill photos"):
        call_command("backfill", "photos")
