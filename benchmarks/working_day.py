"""A provider's day: its page with a full week, an unchanged poll, and how soon an open page shows a change."""

import random
import statistics
import time
from datetime import timedelta
from unittest import mock

from django.test import Client
from django.urls import reverse

from accounts.queries import find_user
from benchmarks.inbox import running_pipeline
from benchmarks.report import Figure
from benchmarks.site import Site
from bookings.domain import Booking
from bookings.models import BookingItem
from kernel import storage
from kernel.clock import now
from kernel.storage import shared_transport
from tests.factories.bookings import Scene, next_day
from tests.factories.notifications import make_addressed_scene

_BOOKINGS, _DAYS = 500, 7
# As static/js/live.js asks on this page: every five seconds, a fifth more or less.
_PAUSE_SECONDS = 5.0
_PATIENCE_SECONDS = 60.0
_CATCH_UP_SECONDS = 180.0


class NoChangeError(Exception):
    """An open page did not show a change within a minute."""


def measure_working_day(site: Site, *, rounds: int, warm_up: int, live_rounds: int) -> list[Figure]:
    """The day's page, the poll that finds nothing new, and the time until the page shows a change."""
    scene = make_addressed_scene(duration_minutes=15)
    _fill_a_week(scene)
    browser = _signed_in(scene)
    milliseconds = [_milliseconds(browser) for _ in range(warm_up + rounds)][warm_up:]
    detail = f"median of {rounds}, DynamoDB's share not counted"
    figures = [
        Figure(
            "page, processor time: a day of 500 bookings a week", statistics.median(milliseconds), "ms", 50, 25, detail
        )
    ]
    figures.append(Figure("calls of an unchanged poll of the day", _calls_of_a_poll(browser), "calls", 2, 1))
    return [*figures, _live(site, rounds=live_rounds)]


def _fill_a_week(scene: Scene) -> None:
    """500 appointments of a quarter of an hour, from today on; those of today were booked yesterday."""
    per_day = -(-_BOOKINGS // _DAYS)
    yesterday = now() - timedelta(days=1)
    for number in range(_BOOKINGS):
        day, place = divmod(number, per_day)
        scene.book_for_caller(next_day(days=day) + place * timedelta(minutes=15), now=yesterday)


def _signed_in(scene: Scene) -> Client:
    user = find_user(scene.provider.user_id)
    if user is None:
        raise RuntimeError("the provider has no account")
    browser = Client()
    browser.force_login(user)
    return browser


def _milliseconds(browser: Client) -> float:
    started = time.process_time()
    response = browser.get(reverse("provider-day"))
    if response.status_code != 200:
        raise RuntimeError(f"the day answered {response.status_code}")
    return (time.process_time() - started) * 1000


def _poll(browser: Client, tag: str) -> tuple[int, str]:
    response = browser.get(reverse("provider-dashboard"), headers={"If-None-Match": tag} if tag else {})
    return response.status_code, response.headers["ETag"]


def _calls_of_a_poll(browser: Client) -> int:
    """Those to DynamoDB: the session with its person, and the bell."""
    calls: list[str] = []
    exchange = shared_transport().exchange

    def recording(operation: str, body: bytes) -> tuple[int, bytes]:
        calls.append(operation)
        return exchange(operation, body)

    status, tag = _poll(browser, "")
    while status != 304:
        # A minute may have begun.
        with mock.patch.object(shared_transport(), "exchange", recording):
            calls.clear()
            status, tag = _poll(browser, tag)
    return len(calls)


def _live(site: Site, *, rounds: int) -> Figure:
    scene = make_addressed_scene(duration_minutes=15)
    browser, dice = _signed_in(scene), random.Random(432)  # noqa: S311
    with running_pipeline(site):
        _catch_up(scene)
        seconds = [_seconds_until_shown(scene, browser, number, dice) for number in range(1, rounds + 1)]
    seconds.sort()
    detail = f"median {statistics.median(seconds):.2f} s, longest {seconds[-1]:.2f} s, {rounds} bookings"
    return Figure("write → the open page of the day, p95", seconds[int(0.95 * (rounds - 1))], "s", 6.0, 5.0, detail)


def _catch_up(scene: Scene) -> None:
    """Wait until the pipeline has started, and has carried what was booked to fill the week: 500 events at once."""
    booking = _book(scene, 0)
    give_up_at = time.monotonic() + _CATCH_UP_SECONDS
    while _handled_version(booking) != booking.version:
        if time.monotonic() > give_up_at:
            raise NoChangeError(booking.booking_id)
        time.sleep(0.2)


def _handled_version(booking: Booking) -> int:
    row = storage.get_row(BookingItem, booking.booking_id)
    return row["handled_version"] if row else 0


def _book(scene: Scene, number: int) -> Booking:
    """One quarter of an hour of today after the other; booked yesterday."""
    return scene.book_for_caller(next_day(days=0) + number * timedelta(minutes=15), now=now() - timedelta(days=1))


def _seconds_until_shown(scene: Scene, browser: Client, number: int, dice: random.Random) -> float:
    """From the write of a booking until a page that was open before, and asks whether anything is new, shows it."""
    _, tag = _poll(browser, "")
    booking = _book(scene, number)
    written_at = time.monotonic()
    # The write comes anywhere in the pause between two polls.
    pause = _pause(dice) * dice.random()
    while time.monotonic() < written_at + _PATIENCE_SECONDS:
        time.sleep(pause)
        status, tag = _poll(browser, tag)
        is_shown = status == 200 and booking.booking_id in browser.get(reverse("provider-day")).content.decode()
        if is_shown:
            return time.monotonic() - written_at
        pause = _pause(dice)
    raise NoChangeError(booking.booking_id)


def _pause(dice: random.Random) -> float:
    return _PAUSE_SECONDS * (0.8 + 0.4 * dice.random())
