"""The sitemap: the public pages of providers who take bookings, once a day."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import resolve, reverse

from catalog.services import change_profile
from kernel.clock import now
from marketplace.background.jobs import JOBS
from pages.discover.sitemap import read_sitemap, write_sitemap
from tests.factories.catalog import open_shop


def test_it_has_the_pages_of_those_who_take_bookings() -> None:
    listed, paused = open_shop(), open_shop()
    changes = {"accepting_bookings": False}
    change_profile(actor=paused.actor, provider_id=paused.provider_id, changes=changes, now=now())
    day = now() + timedelta(days=400)
    assert write_sitemap(day) >= 3
    text = read_sitemap(day).decode()
    assert f"<loc>http://localhost:8000/providers/{listed.provider_id}</loc>" in text
    assert paused.provider_id not in text
    assert resolve(f"/providers/{listed.provider_id}").url_name == "provider"

    # Repeated on the same day, it stays; the day after, the last one is read until there is another.
    assert write_sitemap(day) == 0
    assert read_sitemap(day + timedelta(days=1)).decode() == text
    with pytest.raises(FileNotFoundError):
        read_sitemap(day + timedelta(days=2))


def test_it_is_written_daily() -> None:
    assert JOBS["write-sitemap"].when.interval == timedelta(days=1)


def test_robots_need_not_look_at_times_to_book() -> None:
    rules = Client().get("/robots.txt").content.decode().splitlines()
    closed = [line.removeprefix("Disallow: ") for line in rules if line.startswith("Disallow")]

    def is_closed(path: str) -> bool:
        return path.startswith(tuple(closed))

    assert is_closed(reverse("book", args=["s"]))
    assert is_closed(reverse("booking", args=["b"]))
    for page in (reverse("home"), reverse("search"), reverse("provider", args=["p"]), reverse("help")):
        assert not is_closed(page)
