"""The API of notifications: codes, bodies, what each request costs, and that everyone sees their own only."""

from collections.abc import Callable
from typing import Any

import pytest

from bookings.domain import Status
from kernel.actors import Actor
from kernel.clock import now
from notifications import services
from tests.factories.accounts import ApiClient, make_customer, make_provider
from tests.factories.bookings import Scene, make_scene, next_day
from tests.factories.letters import event_of

NOTES, BELL, MARK = "/api/v1/notifications", "/api/v1/notifications/bell", "/api/v1/notifications/read-mark"
PREFERENCES, DASHBOARD = "/api/v1/notifications/preferences", "/api/v1/provider/dashboard"

Api = Callable[..., ApiClient]


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def ring(scene: Scene, times: int = 1) -> list[str]:
    """Let requests of the scene's customer ring the provider's bell; the bookings' ids, oldest first."""
    bookings = [scene.book(next_day(hour)) for hour in range(times)]
    for booking in bookings:
        services.announce(event=event_of(booking), now=now())
    return [booking.booking_id for booking in bookings]


def test_the_list_is_newest_first_in_pages(scene: Scene, api: Api, dynamodb_calls: list[str]) -> None:
    bookings = ring(scene, 5)
    client = api(scene.provider)
    dynamodb_calls.clear()

    first = client.get(f"{NOTES}?limit=2").json()
    assert dynamodb_calls == ["Query"]
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()

    pages = [first["results"], second["results"], third["results"]]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [note["booking_id"] for page in pages for note in page] == bookings[::-1]
    assert [note["id"] for page in pages for note in page] == [5, 4, 3, 2, 1]
    assert third["next"] is None
    note = first["results"][0]
    assert note["text"] == "New request for Leak repair"
    assert (note["type"], note["is_read"], note["time_zone"]) == ("booking.requested", False, "UTC")


def test_the_list_speaks_the_reader_s_language(scene: Scene, api: Api) -> None:
    ring(scene)
    answer = api(scene.provider).get(NOTES, headers={"Accept-Language": "fr-CA, en;q=0.5"})
    assert answer["Content-Language"] == "fr"
    (note,) = answer.json()["results"]
    assert note["text"] == "Nouvelle demande\xa0: Leak repair"


def test_who_has_none_sees_none(api: Api) -> None:
    client = api(make_customer())
    assert client.get(NOTES).json() == {"results": [], "next": None}
    assert client.get(BELL).json() == {"unread": 0, "latest": 0}


def test_a_cursor_is_its_owner_s(scene: Scene, api: Api) -> None:
    ring(scene, 2)
    following = api(scene.provider).get(f"{NOTES}?limit=1").json()["next"]
    assert api(make_provider()).get(following).status_code == 400


def test_reading_marks_all_up_to_one(scene: Scene, api: Api) -> None:
    ring(scene, 3)
    client = api(scene.provider)
    assert client.get(BELL).json() == {"unread": 3, "latest": 3}

    assert client.put(MARK, {"up_to": 2}).json() == {"unread": 1, "latest": 3}
    assert [note["is_read"] for note in client.get(NOTES).json()["results"]] == [False, True, True]
    # On a later page, too, which does not read the bell.
    page = client.get(client.get(f"{NOTES}?limit=1").json()["next"]).json()
    assert [note["is_read"] for note in page["results"]] == [True]
    # Repeated, or behind: nothing changes.
    assert client.put(MARK, {"up_to": 2}).json() == {"unread": 1, "latest": 3}
    assert client.put(MARK, {"up_to": 1}).json() == {"unread": 1, "latest": 3}


@pytest.mark.parametrize("body", [{}, {"up_to": 0}, {"up_to": 4}, {"up_to": "x"}, {"up_to": 1, "other": 1}])
def test_a_mark_that_cannot_be(scene: Scene, api: Api, body: dict[str, Any]) -> None:
    ring(scene, 3)
    answer = api(scene.provider).put(MARK, body)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"][0]["field"] in ("up_to", "other")


def test_a_mark_before_the_first_note(api: Api) -> None:
    assert api(make_customer()).put(MARK, {"up_to": 1}).status_code == 400


# --- Polling ---------------------------------------------------------------------------------------------------------


def poll(client: ApiClient, path: str, tag: str | None = None) -> Any:
    return client.get(path, headers={"If-None-Match": tag} if tag else {})


def test_an_unchanged_bell_costs_one_key_read_and_no_body(scene: Scene, api: Api, dynamodb_calls: list[str]) -> None:
    ring(scene)
    client = api(scene.provider)
    tag = poll(client, BELL)["ETag"]
    dynamodb_calls.clear()

    unchanged = poll(client, BELL, tag)
    assert (unchanged.status_code, unchanged.content, dynamodb_calls) == (304, b"", ["GetItem"])
    assert unchanged["ETag"] == tag
    assert unchanged["Cache-Control"] == "private, no-cache"

    client.put(MARK, {"up_to": 1})
    changed = poll(client, BELL, tag)
    assert (changed.status_code, changed.json()) == (200, {"unread": 0, "latest": 1})
    assert changed["ETag"] != tag


def test_the_dashboard_shows_what_waits_and_what_is_on_today(
    scene: Scene, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    later, sooner = scene.book(next_day(9)), scene.book(next_day(7))
    confirmed = scene.bring(scene.book(next_day(8)), Status.CONFIRMED)
    scene.bring(scene.book(next_day(8, days=4)), Status.CONFIRMED)
    client = api(scene.provider)

    body = client.get(DASHBOARD).json()
    assert [row["booking_id"] for row in body["requests"]] == [sooner.booking_id, later.booking_id]
    assert body["requests"][0]["actions"] == ["confirm", "decline", "cancel", "propose"]
    assert (body["today"], body["time_zone"], body["unread"]) == ([], "UTC", 0)

    # Three days later the day of one has come, and the requests have lapsed.
    monkeypatch.setattr("kernel.web.rest.clock.now", lambda: next_day(1))
    body = client.get(DASHBOARD).json()
    assert [row["booking_id"] for row in body["today"]] == [confirmed.booking_id]
    assert body["requests"] == []


def test_an_unchanged_dashboard_costs_one_key_read(
    scene: Scene, api: Api, dynamodb_calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = now()
    monkeypatch.setattr("kernel.web.rest.clock.now", lambda: at)
    client = api(scene.provider)
    tag = poll(client, DASHBOARD)["ETag"]
    dynamodb_calls.clear()
    assert (poll(client, DASHBOARD, tag).status_code, dynamodb_calls) == (304, ["GetItem"])

    booking = scene.book()
    services.announce(event=event_of(booking), now=now())
    changed = poll(client, DASHBOARD, tag)
    assert [row["booking_id"] for row in changed.json()["requests"]] == [booking.booking_id]
    # Also what makes no note, because the provider did it, makes a new answer.
    tag = changed["ETag"]
    services.announce(event=event_of(scene.bring(booking, Status.CONFIRMED)), now=now())
    assert poll(client, DASHBOARD, tag).json()["requests"] == []


# --- Preferences -----------------------------------------------------------------------------------------------------


def test_reminders_can_be_switched_off_and_on(api: Api) -> None:
    client = api(make_customer())
    assert client.get(PREFERENCES).json() == {"muted": []}
    assert client.put(PREFERENCES, {"muted": ["reminder.review"]}).json() == {"muted": ["reminder.review"]}
    assert client.get(PREFERENCES).json() == {"muted": ["reminder.review"]}
    assert client.put(PREFERENCES, {"muted": []}).json() == {"muted": []}
    assert client.get(PREFERENCES).json() == {"muted": []}


@pytest.mark.parametrize("muted", ["reminder.review", ["booking.confirmed"], [""], None])
def test_nothing_else_can(api: Api, muted: Any) -> None:
    answer = api(make_customer()).put(PREFERENCES, {"muted": muted})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].startswith("muted")


# --- Who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", NOTES), ("get", BELL), ("put", MARK), ("get", PREFERENCES), ("put", PREFERENCES), ("get", DASHBOARD)],
)
def test_strangers_are_asked_to_sign_in(api: Api, method: str, path: str) -> None:
    assert getattr(api(), method)(path).status_code == 401


def test_a_dashboard_is_a_provider_s(scene: Scene, api: Api) -> None:
    assert api(scene.customer).get(DASHBOARD).status_code == 403
    assert api(scene.admin).get(DASHBOARD).status_code == 403
    # Without a profile there is nothing to show yet.
    assert api(make_provider()).get(DASHBOARD).status_code == 404


def test_everyone_sees_their_own(scene: Scene, api: Api) -> None:
    ring(scene)
    others: list[Actor] = [scene.customer, make_customer(), make_provider(), scene.admin]
    for other in others:
        assert api(other).get(NOTES).json()["results"] == []
        assert api(other).get(BELL).json()["unread"] == 0
