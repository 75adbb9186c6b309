"""A provider's pages, without JavaScript: the day, answers in place, hours, services, money and files."""

import re
from datetime import UTC, datetime, time, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from accounts.queries import find_user
from accounts.services import ensure_account
from bookings.domain import Status
from bookings.domain.lifecycle import PROPOSAL_VALID_FOR
from bookings.queries import list_to_answer
from bookings.services import propose_move
from catalog.domain import WEEKDAYS, OwnTime, parse_hours
from catalog.queries import get_own_service, get_provider, list_own_times, list_provider_services
from catalog.services import change_profile, change_service, replace_hours
from kernel.actors import Actor, Role
from kernel.clock import now
from kernel.money import Money
from pages.provider.reads import get_dashboard, get_day, list_span
from tests.factories.bookings import Scene, make_scene, next_day
from tests.factories.browsers import Browser, forms_of
from tests.factories.catalog import unique_city


def make_person(role: Role, name: str = "Ada Park") -> Actor:
    """Somebody with an account, who can sign in."""
    email = f"{uuid4().hex}@example.com"
    user_id = ensure_account(email=email, password="Correct-Horse-1", name=name, role=role, now=now())
    return Actor(user_id=user_id, role=role)


@pytest.fixture
def scene(cloud: Any) -> Scene:
    return make_scene(provider=make_person(Role.PROVIDER), customer=make_person(Role.CUSTOMER))


@pytest.fixture
def browser(scene: Scene) -> Browser:
    return signed_in(scene.provider)


def signed_in(actor: Actor) -> Browser:
    browser, user = Browser(), find_user(actor.user_id)
    assert user is not None
    browser.force_login(user)
    # Some of these tests send what no form of a page would.
    browser.handler.enforce_csrf_checks = False
    return browser


def page(browser: Browser, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200, response
    return unescape(response.content.decode())


def test_a_request_is_accepted_on_the_day_and_the_day_is_shown_again(scene: Scene, browser: Browser) -> None:
    booking = scene.book(next_day(9))
    assert f"/bookings/{booking.booking_id}" in page(browser, "/provider")
    # What follows is said before anything is pressed.
    assert "The customer owes nothing" in page(browser, "/provider")
    assert "The customer owes nothing" in page(browser, f"/bookings/{booking.booking_id}/decline")
    assert "has a day to accept it" in page(browser, f"/bookings/{booking.booking_id}/move")
    assert "What cancelling costs the customer" in page(browser, f"/bookings/{booking.booking_id}")

    answer = {"version": booking.version, "status": "confirmed", "next": "/provider"}
    response = browser.post(f"/bookings/{booking.booking_id}/status", answer)

    assert (response.status_code, response.headers["Location"]) == (302, "/provider")
    assert scene.stored(booking.booking_id).status is Status.CONFIRMED
    assert "Nobody waits for an answer." in page(browser, "/provider")


def test_a_request_is_declined_in_place_with_a_reason(scene: Scene, browser: Browser) -> None:
    booking = scene.book(next_day(9))

    answer = {"version": booking.version, "reason": "On holiday.", "next": "/provider/requests"}
    response = browser.post(f"/bookings/{booking.booking_id}/decline", answer)

    assert response.headers["Location"] == "/provider/requests"
    assert scene.stored(booking.booking_id).status is Status.DECLINED
    text = page(signed_in(scene.customer), f"/bookings/{booking.booking_id}")
    assert "On holiday." in text
    assert "To pay after the work" not in text


def test_an_answer_never_leads_to_another_site(scene: Scene, browser: Browser) -> None:
    booking = scene.book(next_day(9))

    answer = {"version": booking.version, "status": "confirmed", "next": "https://example.com/"}

    assert (
        browser.post(f"/bookings/{booking.booking_id}/status", answer).headers["Location"]
        == f"/bookings/{booking.booking_id}"
    )


def test_what_somebody_else_did_meanwhile_is_told(scene: Scene, browser: Browser) -> None:
    booking = scene.book(next_day(9))
    scene.bring(booking, Status.DECLINED)

    answer = {"version": booking.version, "status": "confirmed", "next": "/provider"}
    browser.post(f"/bookings/{booking.booking_id}/status", answer)

    assert scene.stored(booking.booking_id).status is Status.DECLINED
    assert 'role="alert"' in page(browser, "/provider")


def test_a_refused_reason_leads_back_to_the_day_all_the_same(scene: Scene, browser: Browser) -> None:
    booking = scene.book(next_day(9))
    address = f"/bookings/{booking.booking_id}/decline"
    refused = browser.post(address, {"version": booking.version, "reason": "x" * 501, "next": "/provider"})
    assert refused.status_code == 400

    (form,) = (form for form in forms_of(refused) if "version" in form.fields)
    assert browser.post(address, form.fields | {"reason": "Away."}).headers["Location"] == "/provider"


def test_a_reason_outlives_what_somebody_else_changed_meanwhile(scene: Scene, browser: Browser) -> None:
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    address = f"/bookings/{booking.booking_id}/cancel?next=/provider"
    shown = {"version": booking.version, "fee": 0, "reason": "The van broke down."}
    propose_move(
        actor=scene.customer, booking_id=booking.booking_id, starts_at=next_day(14), expected_version=None, now=now()
    )

    refused = browser.post(address, shown)

    assert refused.status_code == 412
    text = unescape(refused.content.decode())
    assert "The van broke down." in text
    assert "nothing was done" in text
    assert scene.stored(booking.booking_id).status is Status.CONFIRMED
    again = {each.html_name: each.value() for each in refused.context["form"]}
    assert browser.post(address, again).status_code == 302
    assert scene.stored(booking.booking_id).status is Status.CANCELLED


def test_a_customers_proposal_is_answered_among_the_requests(scene: Scene, browser: Browser) -> None:
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    proposed, _ = propose_move(
        actor=scene.customer,
        booking_id=booking.booking_id,
        starts_at=next_day(14),
        expected_version=None,
        now=now(),
    )
    assert "asks to move it" in page(browser, "/provider/requests")
    assert f"/bookings/{booking.booking_id}/proposal" in page(browser, "/provider")
    later = list_to_answer(actor=scene.provider, limit=10, now=now() + PROPOSAL_VALID_FOR)
    assert later.results == []

    answer = {"version": proposed.version, "answer": "accept", "next": "/provider"}
    response = browser.post(f"/bookings/{booking.booking_id}/proposal", answer)

    assert response.headers["Location"] == "/provider"
    assert scene.stored(booking.booking_id).starts_at == next_day(14)
    assert "Nobody waits for an answer." in page(browser, "/provider")


def test_a_provider_who_has_agreed_to_come_reads_who_the_customer_is(scene: Scene, browser: Browser) -> None:
    booking = scene.book(next_day(9), customer=make_person(Role.CUSTOMER, name="Grace Hopper"))
    address = f"/bookings/{booking.booking_id}"
    assert "Grace Hopper" not in page(browser, address)
    scene.bring(booking, Status.CONFIRMED)
    assert "Grace Hopper" in page(browser, address)
    scene.bring(booking, Status.CANCELLED)
    assert "Grace Hopper" not in page(browser, address)


def test_the_day_takes_the_same_calls_with_one_request_and_with_many(
    scene: Scene, browser: Browser, dynamodb_calls: list[str]
) -> None:
    counts = []
    for hours in (range(8, 9), range(9, 12)):
        for hour in hours:
            scene.book(next_day(hour))
        dynamodb_calls.clear()
        page(browser, "/provider")
        counts.append(sorted(dynamodb_calls))

    assert counts[0] == counts[1]
    assert counts[0].count("Query") == 4


def test_of_more_requests_than_the_day_lists_it_leads_to_all(
    scene: Scene, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.provider.reads._REQUEST_ROWS", 2)
    for hour in range(9, 11):
        scene.book(next_day(hour))
    link = 'href="/provider/requests">All requests'
    assert link not in page(browser, "/provider")

    scene.book(next_day(11), customer=make_person(Role.CUSTOMER))

    assert link in page(browser, "/provider")


def test_the_day_shows_all_of_its_jobs_however_many(cloud: Any) -> None:
    scene = make_scene(duration_minutes=15, customer=make_person(Role.CUSTOMER))
    scene.confirm_at_once()
    booked = [scene.book(next_day(9) + timedelta(minutes=15 * number)).booking_id for number in range(51)]

    day = get_day(actor=scene.provider, now=next_day(9))

    assert [job.booking.booking_id for job in day.jobs] == booked
    assert all(job.details and job.contact for job in day.jobs)


def test_what_is_left_open_is_asked_about_on_the_next_days_until_it_is_closed(scene: Scene) -> None:
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)

    def asked_about(days: int) -> list[str]:
        day = get_day(actor=scene.provider, now=next_day(12) + timedelta(days=days))
        return [each.booking_id for each in day.unclosed]

    # On its own day it is in the agenda.
    assert [asked_about(days) for days in (0, 1, 6, 8)] == [[], [booking.booking_id], [booking.booking_id], []]


def test_a_day_that_stays_open_gets_its_date_with_its_agenda(scene: Scene, browser: Browser) -> None:
    asked = {"HX-Request": "true", "HX-Target": "div#day"}
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    propose_move(
        actor=scene.customer, booking_id=booking.booking_id, starts_at=next_day(14), expected_version=None, now=now()
    )

    part = browser.get("/provider", headers=asked).content.decode()

    title = f"{now():%A} {now().day} {now():%B}"
    assert f"<h1>{title}</h1>" in part
    assert re.search(rf"<title>\(1\)\s+{title}", part)
    assert "static/js/clock" in page(browser, "/provider")
    # The script counts what the page lists: a customer's proposal waits for an answer, too.
    assert len(get_dashboard(actor=scene.provider, now=now()).requests) == 1


def test_a_job_that_passes_midnight_is_of_both_days(cloud: Any) -> None:
    scene = make_scene(duration_minutes=120)
    # From a Sunday to a Monday: of the next week, too.
    sunday = next_day(23, days=3 + (6 - (now() + timedelta(days=3)).weekday()))
    booking = scene.bring(scene.book(sunday), Status.CONFIRMED)
    scene.book(sunday - timedelta(hours=5))
    monday = sunday + timedelta(hours=1, minutes=30)

    day = get_day(actor=scene.provider, now=monday)
    week = list_span(
        actor=scene.provider, provider=get_provider(scene.provider_id), first=monday.date(), days=7, now=monday
    )

    assert [job.booking.booking_id for job in day.jobs] == [booking.booking_id]
    assert [each.booking_id for each in week] == [booking.booking_id]
    assert [each.booking_id for each in get_dashboard(actor=scene.provider, now=monday).today] == [booking.booking_id]


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("/provider", "Today"),
        ("/provider/requests", "Today"),
        ("/provider/bookings/add", "Bookings"),
        ("/bookings/{booking}", "Bookings"),
        ("/provider/own-time", "Hours"),
        ("/provider/hours/days", "Hours"),
    ],
)
def test_the_header_says_where_one_is(scene: Scene, browser: Browser, address: str, label: str) -> None:
    text = page(browser, address.format(booking=scene.book(next_day(9)).booking_id))
    header = text[text.index("<header") : text.index("</header>")]
    assert re.findall(r'aria-current="page">([^<]+)<', header) == [label]


def week_of(text: str) -> str:
    """The grid alone: the page's head names the reader."""
    return text.partition('id="week"')[2]


def test_the_week_shows_what_is_booked(scene: Scene, browser: Browser) -> None:
    start = next_day(9)
    booking = scene.book(start)

    assert f"/bookings/{booking.booking_id}" in page(browser, f"/provider/calendar?week={start.date()}")
    other = (start + timedelta(days=14)).date()
    assert f"/bookings/{booking.booking_id}" not in page(browser, f"/provider/calendar?week={other}")
    buffers: Any = {"buffer_before_minutes": 20, "buffer_after_minutes": 45}
    change_profile(actor=scene.provider, provider_id=scene.provider_id, changes=buffers, now=now())
    grid = week_of(page(browser, f"/provider/calendar?week={start.date()}"))
    assert re.search(r"is-buffer q34 n2.*free before it.*is-held", grid, re.S)
    assert "is-buffer q40 n3" in grid
    # As on paper: who it is, once the provider has agreed to come.
    assert "Ada Park" not in week_of(page(browser, f"/provider/calendar?week={start.date()}"))
    scene.bring(booking, Status.CONFIRMED)
    assert "Ada Park" in week_of(page(browser, f"/provider/calendar?week={start.date()}"))
    assert browser.get("/provider/calendar?week=9999-12-31").status_code == 200


def test_a_booking_is_found_by_its_number_and_by_no_strangers(scene: Scene, browser: Browser) -> None:
    booking = scene.book(next_day(9))

    assert (
        browser.get(f"/provider/bookings?number={booking.booking_id}").headers["Location"]
        == f"/bookings/{booking.booking_id}"
    )
    assert "None of your bookings" in page(browser, "/provider/bookings?number=nothing")
    assert booking.booking_id in page(browser, "/provider/bookings?status=pending")
    assert booking.booking_id not in page(browser, "/provider/bookings?status=paid")
    scene.bring(booking, Status.DECLINED)
    assert booking.booking_id in page(browser, "/provider/bookings?status=declined")
    # Each status can be looked for.
    tabs = browser.get("/provider/bookings").context["tabs"]
    assert {tab["href"].partition("status=")[2] for tab in tabs} == {"", *Status}


def test_a_chart_is_drawn_in_languages_with_decimal_commas_too(browser: Browser, scene: Scene) -> None:
    scene.bring(scene.book(next_day(9)), Status.CONFIRMED, Status.COMPLETED, Status.PAID)
    chart = browser.get("/provider/money", headers={"Accept-Language": "fr"}).content.decode()
    assert "<rect" in chart
    assert not re.search(r'<(rect|text)[^>]*="\d+,\d', chart)


def test_bookings_are_found_by_customer_and_by_service(browser: Browser, scene: Scene) -> None:
    ada, grace = scene.customer, make_person(Role.CUSTOMER, name="Grace Hopper")
    first = scene.bring(scene.book(next_day(9), customer=ada), Status.CONFIRMED)
    second = scene.bring(scene.book(next_day(12), customer=grace), Status.CONFIRMED)
    waiting = scene.book(next_day(15), customer=make_person(Role.CUSTOMER, name="Grace Kelly"))

    def found(query: str) -> set[str]:
        text = page(browser, f"/provider/bookings?{query}")
        return {each.booking_id for each in (first, second, waiting) if f"/bookings/{each.booking_id}" in text}

    assert found("person=grace+hop") == found("person=HOPPER&status=confirmed") == {second.booking_id}
    # Who a customer is, the provider knows once it is agreed.
    assert found("person=grace") == {second.booking_id}
    assert found(f"service={scene.service_id}") == {each.booking_id for each in (first, second, waiting)}
    assert found(f"service={scene.provider_id}-{'0' * 14}") == set()
    day = next_day().date()
    assert found(f"from={day + timedelta(days=1)}&to={day}") == found(f"from={day}&to={day}") != set()
    assert found(f"from={day + timedelta(days=2)}&to={day + timedelta(days=1)}") == set()
    assert "Grace Hopper" in page(browser, "/provider/bookings")
    file = page(browser, "/provider/bookings/export?person=hopper")
    assert second.booking_id in file
    assert "Grace Hopper" in file
    assert first.booking_id not in file


def test_invoices_of_all_months_are_found_by_number_and_customer(browser: Browser, scene: Scene) -> None:
    grace = make_person(Role.CUSTOMER, name="Grace Hopper")
    path = (Status.CONFIRMED, Status.COMPLETED, Status.PAID)
    paid = [scene.bring(scene.book(next_day(9, days=3)), *path)]
    paid.append(scene.bring(scene.book(next_day(9, days=40), customer=grace), *path))

    def found(query: str) -> list[bool]:
        text = page(browser, f"/provider/money?{query}")
        return [f"/bookings/{each.booking_id}/invoice.pdf" in text for each in paid]

    assert found("q=inv-00001") == [True, False]
    assert found("q=00002") == [False, True]
    assert found("q=hopper") == [False, True]
    assert found("q=nobody") == [False, False]
    month = f"{paid[1].starts_at:%Y-%m}"
    assert "Grace Hopper" in page(browser, f"/provider/money/export?month={month}")


def test_no_cell_of_an_exported_file_is_a_formula(scene: Scene, browser: Browser) -> None:
    change_service(actor=scene.provider, service_id=scene.service_id, changes={"name": "=1+1 repair"}, now=now())
    del scene.offer_version
    scene.book(next_day(9))

    file = page(browser, "/provider/bookings/export")

    assert "'=1+1 repair" in file
    assert ",=1+1" not in file
    # By this mark spreadsheets know the letters of all languages.
    assert file.startswith("\ufeffnumber,")


@pytest.mark.parametrize(
    ("address", "field", "by_others", "own"),
    [
        ("/provider/hours/rules", "horizon_days", "61", "62"),
        ("/provider/profile", "travel_radius_km", "21", "22"),
        ("/provider/hours", "mon_0_to", "20:00", "21:00"),
        ("/provider/services/{service_id}", "instant", "True", "False"),
    ],
)
def test_what_was_changed_in_another_window_is_told_and_overwritten_only_by_whoever_has_read_it(
    scene: Scene, browser: Browser, address: str, field: str, by_others: str, own: str
) -> None:
    address = address.format(service_id=scene.service_id)

    def form_of(response: Any) -> dict[str, str]:
        values = {each.html_name: each.value() for each in response.context["form"]}
        return {name: value for name, value in values.items() if value or (value == 0 and value is not False)}

    shown = form_of(browser.get(address))
    assert browser.post(address, shown | {field: by_others}).status_code == 302

    refused = browser.post(address, shown | {field: own})

    assert refused.status_code == 412
    assert refused.context["form"].errors.keys() == {"__all__", field}
    assert "Saved is now" in refused.content.decode()
    kept = form_of(refused)
    assert kept[field] == own
    assert browser.post(address, kept).status_code == 302


def test_a_stretch_that_was_typed_stays_where_another_window_has_closed_the_day(scene: Scene, browser: Browser) -> None:
    typed = hours_of(browser, mon_0_from="9", mon_0_to="12", mon_1_from="14", mon_1_to="18")
    closed = hours_of(browser, mon_0_from="", mon_0_to="")
    for _ in range(2):
        # Sent twice, it is no change of somebody else's.
        assert browser.post("/provider/hours", closed).status_code == 302

    refused = browser.post("/provider/hours", typed)

    assert refused.status_code == 412
    form = refused.context["form"]
    assert {"mon_0_from", "mon_1_from", "mon_1_to"} <= form.errors.keys()
    again = {bound.html_name: bound.value() or "" for bound in form if bound.name != "copy_to"}
    assert browser.post("/provider/hours", again).status_code == 302
    assert get_provider(scene.provider_id).hours.weekly_plan()["mon"] == [["09:00", "12:00"], ["14:00", "18:00"]]


def test_trades_that_were_chosen_in_another_window_are_told(scene: Scene, browser: Browser) -> None:
    version = get_provider(scene.provider_id).version
    assert browser.post("/provider/start/trade", {"version": version, "trades": ["roofing"]}).status_code == 302

    refused = browser.post("/provider/start/trade", {"version": version, "trades": ["painting"]})

    assert refused.status_code == 412
    assert "Saved is now: Roofing" in refused.content.decode()
    assert get_provider(scene.provider_id).trades == ("roofing",)


def test_a_payment_that_is_recorded_from_the_day_leads_back_to_it(scene: Scene, browser: Browser) -> None:
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED, Status.COMPLETED)

    response = browser.submit(f"/bookings/{booking.booking_id}/payment?next=/provider", {"payment_method": "cash"})

    assert response.headers["Location"] == "/provider"
    assert scene.stored(booking.booking_id).status is Status.PAID


def test_what_is_paid_is_summed_up_in_the_month_of_the_job(scene: Scene, browser: Browser) -> None:
    start = next_day(9)
    for hour in (9, 12):
        booking = scene.book(next_day(hour))
        scene.bring(booking, Status.CONFIRMED, Status.COMPLETED, Status.PAID)

    text = page(browser, f"/provider/money?month={start:%Y-%m}")

    assert "2 invoices" in text
    assert "INV-00002" in text
    assert page(browser, f"/provider/money/export?month={start:%Y-%m}").count("INV-") == 2


def test_a_job_stays_in_the_month_of_its_place_when_the_provider_moves(scene: Scene, browser: Browser) -> None:
    # Some time after the last quarter of a month, there: where the provider goes, the next has begun.
    start = next_day(23).replace(day=1) - timedelta(days=100)
    start = start.replace(day=1) - timedelta(days=1)
    before = start - timedelta(days=9)
    booking = scene.book(start, now=before)
    scene.bring(booking, Status.CONFIRMED, now=before)
    scene.bring(booking, Status.COMPLETED, Status.PAID)
    change_profile(actor=scene.provider, provider_id=scene.provider_id, changes={"time_zone": "Asia/Tokyo"}, now=now())
    month, following = f"{start:%Y-%m}", f"{start + timedelta(days=1):%Y-%m}"

    text = page(browser, f"/provider/money?month={month}")

    assert "1 invoice\n" in text
    assert "INV-00001" in text
    assert f'<option value="{month}" selected>' in text
    assert "INV-00001" in page(browser, f"/provider/money/export?month={month}")
    assert "INV-00001" not in page(browser, f"/provider/money?month={following}")


def hours_of(browser: Browser, **changes: Any) -> dict[str, Any]:
    form = browser.get("/provider/hours").context["form"]
    fields = {bound.html_name: bound.value() or "" for bound in form if bound.name != "copy_to"}
    return {**fields, **changes}


def test_hours_are_copied_to_other_days_and_pass_midnight(scene: Scene, browser: Browser) -> None:
    closed = dict.fromkeys(
        (f"{day}_0_{side}" for day in ("tue", "wed", "thu", "fri", "sat", "sun") for side in ("from", "to")), ""
    )
    body = hours_of(browser, **closed, mon_0_from="8", mon_0_to="12:30", mon_1_from="22", mon_1_to="2")
    body |= {"copy_from": "mon", "copy_to": ["thu", "fri"]}

    response = browser.post("/provider/hours", body)

    assert response.status_code == 302, response.context["form"].errors
    plan = get_provider(scene.provider_id).hours.weekly_plan()
    day, night = [["08:00", "12:30"], ["22:00", "24:00"]], [["00:00", "02:00"]]
    assert (plan["mon"], plan["tue"]) == (day, night)
    assert (plan["thu"], plan["fri"], plan["sat"], plan["sun"]) == (day, night + day, night, [])
    # Shown as they were typed, they are saved as they were.
    shown = hours_of(browser)
    assert (shown["mon_1_from"], shown["mon_1_to"], shown["tue_0_from"]) == ("22:00", "2:00", "")
    browser.post("/provider/hours", shown)
    assert get_provider(scene.provider_id).hours.weekly_plan() == plan


@pytest.mark.parametrize("typed", [{"mon_0_to": ""}, {"mon_0_from": ""}, {"mon_0_from": "9", "mon_0_to": "9"}])
def test_half_a_stretch_is_refused_with_a_reason(browser: Browser, typed: dict[str, str]) -> None:
    response = browser.post("/provider/hours", hours_of(browser, **typed))
    assert response.status_code == 400
    assert re.search("Give both the start and the end|over as it begins", response.content.decode())


def test_hours_are_shown_as_customers_would_see_them_before_they_are_saved(scene: Scene, browser: Browser) -> None:
    asked = {"HX-Request": "true", "HX-Target": "div#preview"}
    saved = get_provider(scene.provider_id).hours
    typed = hours_of(
        browser, **{f"{day}_0_{side}": text for day in WEEKDAYS for side, text in (("from", "7"), ("to", "9:30"))}
    )

    drafted = browser.post("/provider/hours", typed, headers=asked).content.decode()
    unclear = browser.post("/provider/hours", typed | {"mon_0_from": "late"}, headers=asked).content.decode()
    without_script = browser.post("/provider/hours", typed | {"do": "preview"}).content.decode()

    assert drafted.count("7:00–9:30") == 7
    assert "not saved yet" in drafted
    assert "<html" not in drafted
    assert "7:00–9:30" not in unclear
    assert without_script.count("7:00–9:30") == 7
    assert get_provider(scene.provider_id).hours == saved


def test_a_time_that_is_none_is_refused_beside_its_field(scene: Scene, browser: Browser) -> None:
    response = browser.post("/provider/hours", hours_of(browser, mon_0_from="25"))

    assert response.status_code == 400
    assert "Write a time such as 8" in response.content.decode()


def test_days_off_are_added_and_removed(scene: Scene, browser: Browser) -> None:
    day = next_day().date()

    browser.post("/provider/hours/days", {"first": day, "last": day + timedelta(days=1)})
    assert len(get_provider(scene.provider_id).hours.exceptions) == 2
    listed = page(browser, "/provider/hours/days")
    assert listed.count("<p>closed</p>") == 2
    assert f'value="{day.isoformat()}"' in listed

    # With another year typed by mistake it would be a day off that nobody knows of.
    for first, last in ((day - timedelta(days=365), ""), (day - timedelta(days=380), day - timedelta(days=365))):
        refused = browser.post("/provider/hours/days", {"first": first, "last": last})
        assert refused.status_code == 400
        assert "That is over" in refused.content.decode()
    assert browser.post("/provider/hours/days", {"first": "9999-12-31"}).status_code == 400

    # The calendar has them, and a press on one takes it into the form.
    month = page(browser, f"/provider/hours/days?day={day}")
    assert 'class="is-exception is-closed' in month
    assert f'href="/provider/hours/days?day={day}#h-add"' in month
    assert f'value="{day.isoformat()}"' in month

    browser.post("/provider/hours/days", {"remove": day.isoformat()})
    assert list(get_provider(scene.provider_id).hours.exceptions) == [day + timedelta(days=1)]


def test_a_single_day_keeps_the_stretches_that_it_has(scene: Scene, browser: Browser) -> None:
    day, address = next_day().date().isoformat(), "/provider/hours/days"
    before = get_provider(scene.provider_id)
    three = [["08:00", "10:00"], ["11:00", "13:00"], ["14:00", "16:00"]]
    replace_hours(
        actor=scene.provider,
        provider_id=scene.provider_id,
        hours=parse_hours(before.hours.weekly_plan(), {day: three}),
        expected_version=before.version,
        now=now(),
    )

    def change(**values: str) -> None:
        shown = next(form.fields for form in forms_of(browser.get(f"{address}?day={day}")) if "opens" in form.fields)
        browser.post(address, shown | values)

    change(closes="9:30")
    assert get_provider(scene.provider_id).hours.exception_plan()[day] == [["08:00", "09:30"], *three[1:]]

    change(opens_3="", closes_3="")
    assert get_provider(scene.provider_id).hours.exception_plan()[day] == [["08:00", "09:30"], three[1]]


def test_a_week_says_when_a_day_is_closed(scene: Scene, browser: Browser) -> None:
    day = next_day().date().isoformat()
    before = get_provider(scene.provider_id)
    replace_hours(
        actor=scene.provider,
        provider_id=scene.provider_id,
        hours=parse_hours(before.hours.weekly_plan(), {day: [["08:00", "12:00"], ["13:30", "24:00"]]}),
        expected_version=before.version,
        now=now(),
    )

    said = re.findall(r"Closed [\d:–]+", page(browser, f"/provider/calendar?week={day}"))

    assert {"Closed 0:00–8:00", "Closed 12:00–13:30"} <= set(said)


def test_hours_of_a_single_day_that_another_tab_saved_are_told_before_they_are_replaced(
    scene: Scene, browser: Browser
) -> None:
    day, other = (next_day(days=days).date().isoformat() for days in (1, 2))
    address = "/provider/hours/days"
    shown = next(form.fields for form in forms_of(browser.get(address)) if "opens" in form.fields)
    morning, evening = {"opens": "9", "closes": "12"}, {"opens": "14", "closes": "18"}

    for _ in range(2):
        # Sent twice it is done.
        assert browser.post(address, shown | {"first": day} | morning).status_code == 302
    assert browser.post(address, shown | {"first": other} | evening).status_code == 302
    told = browser.post(address, shown | {"first": day} | evening)
    assert told.status_code == 409
    assert "has hours of its own by now: 9:00–12:00. Send this again to replace them." in unescape(
        told.content.decode()
    )
    assert get_provider(scene.provider_id).hours.exception_plan()[day] == [["09:00", "12:00"]]

    again = next(form.fields for form in forms_of(told) if "opens" in form.fields)
    assert browser.post(address, again).status_code == 302
    assert get_provider(scene.provider_id).hours.exception_plan()[day] == [["14:00", "18:00"]]


def test_a_single_day_has_a_break_and_its_hours_in_their_order(scene: Scene, browser: Browser) -> None:
    day, address = next_day().date().isoformat(), "/provider/hours/days"
    typed = {"first": day, "opens": "8", "closes": "12", "opens_2": "13", "closes_2": "17"}

    refused = browser.submit(address, typed | {"opens_2": "11"}, action=address)
    assert refused.status_code == 400
    assert "Open again after the hours above have ended." in refused.content.decode()
    assert browser.submit(address, typed | {"closes_2": ""}, action=address).status_code == 400
    browser.submit(address, typed, action=address)

    assert get_provider(scene.provider_id).hours.exception_plan()[day] == [["08:00", "12:00"], ["13:00", "17:00"]]


def test_a_service_is_added_listed_first_and_paused(scene: Scene, browser: Browser) -> None:
    values = {
        "name": "Drain cleaning",
        "category": "plumbing",
        "price": "90.50",
        "currency": "USD",
        "duration_minutes": "60",
        "instant": "False",
    }
    response = browser.submit("/provider/services/add", values)
    assert response.status_code == 302, response.content.decode()
    added = list_provider_services(get_provider(scene.provider_id))[-1]
    assert added.price.amount == 9050

    address = f"/provider/services/{added.service_id}/arrange"
    browser.post(address, {"do": "up"})
    browser.post(address, {"do": "pause"})

    first = list_provider_services(get_provider(scene.provider_id))[0]
    assert (first.service_id, first.active) == (added.service_id, False)
    browser.post(address, {"do": "resume"})
    assert browser.post(address, {}).status_code == 404
    assert list_provider_services(get_provider(scene.provider_id))[0].active


def test_saving_a_service_changes_nothing_that_was_set_by_the_api(scene: Scene, browser: Browser) -> None:
    changes: Any = {"duration_minutes": 50, "price": Money(5_000_000, "JPY")}
    change_service(actor=scene.provider, service_id=scene.service_id, changes=changes, now=now())
    before = get_own_service(actor=scene.provider, service_id=scene.service_id)
    address, instant = f"/provider/services/{scene.service_id}", {"instant": "False"}

    assert browser.submit(address, instant).status_code == 302
    assert get_own_service(actor=scene.provider, service_id=scene.service_id) == before

    refused = browser.submit(address, {**instant, "price": "100000001"})
    assert "Give a price of 100,000,000\xa0JPY at the most." in refused.content.decode()
    refused = browser.submit(address, {**instant, "price": "1000000.01", "currency": "USD"})
    assert "Give a price of 1,000,000.00\xa0USD at the most." in refused.content.decode()


@pytest.mark.parametrize(
    ("price", "currency"), [("1.000", "USD"), ("1.000", "JPY"), ("10.5", "JPY"), ("10.999", "EUR")]
)
def test_a_price_with_more_digits_than_its_currency_has_is_asked_for_again(
    scene: Scene, browser: Browser, price: str, currency: str
) -> None:
    before = get_own_service(actor=scene.provider, service_id=scene.service_id)
    address = f"/provider/services/{scene.service_id}"

    refused = browser.submit(address, {"instant": "False", "price": price, "currency": currency})

    assert refused.status_code == 400
    assert f'value="{price}"' in refused.content.decode()
    assert get_own_service(actor=scene.provider, service_id=scene.service_id) == before


def test_questions_are_asked_changed_and_dropped(scene: Scene, browser: Browser) -> None:
    def asked() -> list[tuple[str, tuple[str, ...], bool]]:
        service = get_own_service(actor=scene.provider, service_id=scene.service_id)
        return [(question.text, question.options, question.required) for question in service.questions]

    def save(*questions: dict[str, str]) -> Any:
        values = {"currency": "USD", "instant": "False"}
        for question in questions:
            values |= question
        return browser.submit(f"/provider/services/{scene.service_id}", values)

    def written(position: int, text: str, kind: str, **others: str) -> dict[str, str]:
        values = {"text": text, "kind": kind, **others}
        return {f"question_{position}_{name}": value for name, value in values.items()}

    keys = written(3, "How do we get in?", "choice", choices="I am in\n\nKey box")
    assert save(written(0, "Is there a lift?", "yes_no", required="on"), keys).status_code == 302
    assert asked() == [("Is there a lift?", ("yes", "no"), True), ("How do we get in?", ("I am in", "Key box"), False)]

    refused = save(written(1, "Which door?", "choice", choices="Front"))
    assert refused.status_code == 400
    assert "Give 2 to 10 choices." in refused.content.decode()

    kept = written(1, "How do we get in?", "choice", choices="I am in\nKey box")
    assert save(written(0, "", "text"), kept).status_code == 302
    assert [text for text, _options, _required in asked()] == ["How do we get in?"]


def test_trades_radius_and_the_number_of_the_business_are_kept(scene: Scene, browser: Browser) -> None:
    changes: Any = {
        "travel_radius_km": "15",
        "phone": "(217) 555-0123",
        "trades": ["heating", "plumbing"],
        "country": "US",
    }
    response = browser.submit("/provider/profile", changes | {"accepting_bookings": "on", "time_zone": "UTC"})
    assert response.status_code == 302, response.content.decode()

    provider = get_provider(scene.provider_id)
    assert (provider.travel_radius_km, provider.phone) == (15, "+12175550123")
    assert provider.trades == ("heating", "plumbing")
    public = page(Browser(), f"/providers/{scene.provider_id}")
    assert "up to 15\xa0km around" in public
    assert "Heating and cooling" in public
    assert "555" not in public
    assert "This is how everyone sees your page." in page(browser, f"/providers/{scene.provider_id}")


def test_a_number_that_is_none_and_half_a_place_are_refused(scene: Scene, browser: Browser) -> None:
    place = {"country": "US", "time_zone": "UTC"}
    refused = browser.submit("/provider/profile", place | {"phone": "call me"})
    assert "Enter a phone number" in refused.content.decode()
    assert "Give both, or neither." in browser.submit("/provider/profile", place | {"latitude": ""}).content.decode()


def test_coordinates_can_be_typed_with_a_minus_on_every_keyboard(scene: Scene, browser: Browser) -> None:
    fields = re.findall(r'<input[^>]*name="l(?:at|ong)itude"[^>]*>', page(browser, "/provider/profile"))
    assert len(fields) == 2
    assert all('step="any"' in field and "inputmode" not in field for field in fields)


def test_without_coordinates_a_provider_is_in_the_middle_of_a_city_that_enough_others_are_in(cloud: Any) -> None:
    city = unique_city()
    newcomer = signed_in(make_person(Role.PROVIDER))
    values = {"name": "Elm", "city": city, "country": "US", "time_zone": "UTC", "travel_radius_km": "10"}
    for longitude in (-89.1, -89.2):
        make_scene(city=city, longitude=longitude)
    assert "Too few others work in this city" in newcomer.post("/provider/profile", values).content.decode()

    make_scene(city=city, longitude=-89.6)

    assert newcomer.post("/provider/profile", values).status_code == 302
    assert 'value="-89.3"' in page(newcomer, "/provider/profile")


PLACE = {
    "name": "Elm",
    "city": "Paris",
    "country": "FR",
    "latitude": "48.85",
    "longitude": "2.35",
    "time_zone": "Europe/Paris",
    "travel_radius_km": "25",
}


def led_to(browser: Browser, address: str) -> str:
    """Where a page leads: the path of its redirect."""
    response = browser.get(address)
    assert response.status_code == 302, response
    return urlsplit(response.headers["Location"]).path


def test_each_step_of_setting_up_is_saved_and_leads_to_the_next(cloud: Any) -> None:
    newcomer = make_person(Role.PROVIDER)
    browser = signed_in(newcomer)
    assert led_to(browser, "/provider") == "/provider/start"
    # What nobody said, a browser does not choose: the first of the list would be saved unnoticed.
    form = browser.get("/provider/profile").context["form"]
    assert [form[name].subwidgets[0].data["value"] for name in ("country", "time_zone")] == ["", ""]
    assert "/provider/start/trade?next=" in page(browser, "/provider/start")

    def save(values: dict[str, Any], action: str = "") -> str:
        """Fill in the form of the step's page; the address of the next."""
        saved = browser.submit(address, values, action=action)
        assert saved.status_code == 302, saved.content.decode()
        return str(browser.get(saved.headers["Location"]).headers.get("Location", ""))

    address = "/provider/start/trade?next=/provider/start%3Fafter%3Dtrade"
    address = save({"trades": ["heating", "plumbing"]})
    # Whoever comes back another day, or by another browser, finds it done.
    assert re.search(r"Trade\s+<span[^>]*>\(done\)", page(signed_in(newcomer), "/provider/start"))
    assert address.startswith("/provider/profile?")
    assert "Tax number" not in page(browser, address)
    address = save(PLACE)
    provider_id = str(newcomer.provider_id)
    assert get_provider(provider_id).trades == ("heating", "plumbing")
    assert address.startswith("/provider/services/add?")
    address = save(
        {"name": "Leak repair", "price": "80", "currency": "EUR", "category": "plumbing", "instant": "False"}
    )

    # After the third step customers can book, in usual hours until others are saved.
    assert "Customers can book you." in page(browser, "/provider/start")
    assert get_provider(provider_id).hours.weekly_plan()["fri"] == [["09:00", "17:00"]]
    assert address.startswith("/provider/hours?")
    address = save({"sat_0_from": "10", "sat_0_to": "12"}, action=address)
    assert get_provider(provider_id).hours.weekly_plan()["sat"] == [["10:00", "12:00"]]
    assert address.startswith(f"/photos/provider/{provider_id}?")
    assert "Nothing is planned for today." in page(browser, "/provider")


def test_a_profile_that_is_sent_twice_is_created_once_and_overwritten_unread_never(cloud: Any) -> None:
    provider = make_person(Role.PROVIDER)
    browser = signed_in(provider)
    values = {"name": "Mill Works", "city": "Springfield", "country": "US", "latitude": "39.8", "longitude": "-89.6"}
    values |= {"travel_radius_km": "20", "time_zone": "UTC"}

    for _attempt in range(2):
        sent = browser.post("/provider/profile", values)
        assert sent.status_code == 302, sent.context["form"].errors
        assert sent.headers["Location"] == "/provider/start?after=place"
    browser.submit("/provider/profile", {"name": "Mill and Sons"})
    refused = browser.post("/provider/profile", values)

    assert refused.status_code == 412
    assert "Saved is now: Mill and Sons" in refused.content.decode()
    assert get_provider(provider.provider_id or "").name == "Mill and Sons"


def test_steps_of_setting_up_can_be_skipped(cloud: Any) -> None:
    browser = signed_in(make_person(Role.PROVIDER))
    assert led_to(browser, "/provider/start?after=trade") == "/provider/profile"
    # Nothing else can be done without a place: the overview says so.
    assert "After place and area" in page(browser, "/provider/start?after=place")

    browser.post("/provider/profile", PLACE)

    assert led_to(browser, "/provider/start?after=trade") == "/provider/services/add"
    assert led_to(browser, "/provider/start?after=service") == "/provider/hours"
    overview = page(browser, "/provider/start?after=photo")
    assert overview.count("Do it") == 3
    assert "Customers can book you." not in overview


def block(browser: Browser, **values: Any) -> Any:
    form = browser.get("/provider/own-time").context["form"]
    return browser.post("/provider/own-time", {"idempotency_key": form["idempotency_key"].value(), **values})


def own_times(scene: Scene) -> list[OwnTime]:
    return list_own_times(actor=scene.provider, provider_id=scene.provider_id, now=now())


def test_a_day_is_blocked_shown_in_the_week_and_freed(scene: Scene, browser: Browser) -> None:
    day = next_day().date()

    response = block(browser, kind="holiday", first=day, last="", begins="", ends="")

    assert (response.status_code, response.headers["Location"]) == (302, "/provider/own-time")
    (own_time,) = own_times(scene)
    assert (own_time.kind, own_time.is_whole_days) == ("holiday", True)
    listed = page(browser, "/provider/own-time")
    assert f'href="/provider/own-time/{own_time.own_time_id}"' in listed
    assert f'value="{own_time.own_time_id}"' in listed
    assert "<p>Holiday</p>" in listed
    week = page(browser, f"/provider/calendar?week={day}")
    assert f"/provider/own-time/{own_time.own_time_id}" in week
    assert "All day" in week

    browser.post("/provider/own-time", {"remove": own_time.own_time_id})
    browser.post("/provider/own-time", {"remove": own_time.own_time_id})
    assert own_times(scene) == []


def test_a_week_with_a_conflict_is_blocked_but_for_what_is_booked(scene: Scene, browser: Browser) -> None:
    booking = scene.book(next_day(10))
    scene.bring(scene.book(next_day(14), customer=make_person(Role.CUSTOMER, name="Grace Hopper")), Status.CONFIRMED)
    week = {"kind": "holiday", "first": next_day().date(), "last": next_day(days=9).date(), "begins": "", "ends": ""}

    refused = block(browser, **week)

    assert refused.status_code == 409
    text = unescape(refused.content.decode())
    assert f"/bookings/{booking.booking_id}" in text
    assert "Grace Hopper" in text
    assert own_times(scene) == []

    assert block(browser, **week, keep=refused.context["booked"]["keep"]).status_code == 302
    assert len(own_times(scene)) == 1
    assert scene.bring(booking, Status.CONFIRMED).status is Status.CONFIRMED


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"begins": "10", "ends": "9"}, "ends"),
        ({"last": next_day(days=2).date()}, "last"),
        ({"first": next_day(days=-3).date()}, "first"),
        ({"last": next_day(days=103).date()}, "last"),
    ],
)
def test_a_refused_own_time_says_why_beside_what_was_typed(
    scene: Scene, browser: Browser, typed: dict[str, Any], field: str
) -> None:
    values = {"kind": "private", "first": next_day().date(), "last": "", "begins": "", "ends": "", **typed}
    assert list(block(browser, **values).context["form"].errors) == [field]


def test_whoever_orders_services_goes_on_from_there(scene: Scene, browser: Browser) -> None:
    response = browser.post(f"/provider/services/{scene.service_id}/arrange", {"do": "pause"})
    assert urlsplit(response.headers["Location"]).fragment == scene.service_id
    assert f'id="{scene.service_id}"' in page(browser, "/provider/services")


def shown_values(browser: Browser, address: str) -> dict[str, Any]:
    """What the form of an own time holds."""
    form = browser.get(address).context["form"]
    return {name: form[name].value() or "" for name in ("version", "kind", "first", "last", "begins", "ends")}


def test_part_of_a_day_is_changed(scene: Scene, browser: Browser) -> None:
    day = next_day().date()
    block(browser, kind="private", first=day, last="", begins="14", ends="15:30")
    (own_time,) = own_times(scene)
    assert (own_time.starts_at, own_time.ends_at) == (next_day(14), next_day(15, 30))
    address = f"/provider/own-time/{own_time.own_time_id}"
    values = shown_values(browser, address)
    assert (values["first"], values["last"], values["begins"], values["ends"]) == (day, "", "14:00", "15:30")

    assert browser.post(address, {**values, "ends": "15:10"}).status_code == 400
    assert browser.post(address, {**values, "begins": "16"}).status_code == 400
    assert browser.post(address, {**values, "ends": ""}).status_code == 302
    assert browser.post(address, {**values, "ends": "20"}).status_code == 412

    (changed,) = own_times(scene)
    assert (changed.starts_at, changed.ends_at) == (next_day(14), next_day(days=4))

    # Whoever moves to other clocks keeps the time that they see.
    moved: Any = {"time_zone": "Asia/Tokyo"}
    change_profile(actor=scene.provider, provider_id=scene.provider_id, changes=moved, now=now())
    assert browser.post(address, shown_values(browser, address)).status_code == 302
    (kept,) = own_times(scene)
    assert (kept.starts_at, kept.ends_at) == (next_day(14), next_day(days=4))


def test_a_day_without_midnight_is_kept_free_as_a_day(scene: Scene, browser: Browser) -> None:
    zone = ZoneInfo("America/Santiago")
    change_profile(actor=scene.provider, provider_id=scene.provider_id, changes={"time_zone": zone.key}, now=now())
    days = (now().date() + timedelta(days=number) for number in range(400))
    day = next(day for day in days if datetime.combine(day, time(), zone).astimezone(UTC).astimezone(zone).hour)
    for first, last in ((day, ""), (day - timedelta(days=1), "")):
        block(browser, kind="holiday", first=first, last=last, begins="", ends="")

    shown = []
    for own_time in own_times(scene):
        address = f"/provider/own-time/{own_time.own_time_id}"
        shown.append(shown_values(browser, address))
        assert browser.post(address, {**shown[-1], "kind": "private"}).status_code == 302

    assert {each["first"] for each in shown} == {day, day - timedelta(days=1)}
    assert {(each["last"], each["begins"], each["ends"]) for each in shown} == {("", "", "")}
    assert [each.is_whole_days for each in own_times(scene)] == [True, True]
    week = week_of(page(browser, f"/provider/calendar?week={day - timedelta(days=1)}"))
    week += week_of(page(browser, f"/provider/calendar?week={day}")) if day.weekday() == 0 else ""
    assert week.count("All day") == 2


def test_own_time_of_today_stands_in_the_day(scene: Scene, browser: Browser) -> None:
    block(browser, kind="private", first=now().date(), last="", begins="", ends="")
    text = page(browser, "/provider")
    assert "Private" in text
    assert "all day" in text


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_own_time_is_of_these_centuries_in_every_zone(scene: Scene, browser: Browser, zone: str, day: str) -> None:
    change_profile(actor=scene.provider, provider_id=scene.provider_id, changes={"time_zone": zone}, now=now())
    response = block(browser, kind="private", first=day, last="", begins="8", ends="9")
    assert response.status_code == 400
    assert "Give a day of these years." in response.content.decode()


def test_a_caller_is_booked_moved_called_off_and_erased(scene: Scene, browser: Browser) -> None:
    book = f"/provider/services/{scene.service_id}/book"
    times = f"{book}?day={next_day().date()}&from={next_day().date()}"
    assert times in page(browser, f"/provider/bookings/add?day={next_day().date()}")
    start = next_day(10).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert start in page(browser, times)
    form = browser.get(f"{book}?start={start}").context["form"]
    hidden = {name: form[name].value() for name in ("idempotency_key", "offer_version", "starts_at")}
    typed = {"name": "Robin Reed", "phone": "(217) 555-0123", "email": "", "language": "en", "address": "", "notes": ""}

    refused = browser.post(book, {**hidden, **typed, "phone": "12"})
    assert refused.status_code == 400
    assert refused.context["form"].errors["phone"]
    response = browser.post(book, {**hidden, **typed})
    assert browser.post(book, {**hidden, **typed}).headers["Location"] == response.headers["Location"]

    address = response.headers["Location"]
    text = page(browser, address)
    assert "Robin Reed" in text
    assert "tel:+12175550123" in text
    assert f"{address}/move" in text
    assert "Robin Reed" in page(browser, "/provider/bookings")
    (booking,) = scene.all_bookings()
    move = {"version": booking.version, "starts_at": next_day(12).strftime("%Y-%m-%dT%H:%M:%SZ")}
    assert browser.post(f"{address}/move", move).status_code == 302
    (booking,) = scene.all_bookings()
    assert booking.starts_at == next_day(12)
    assert browser.post(f"{address}/caller", {}).status_code == 409
    browser.post(f"{address}/cancel", {"version": booking.version, "fee": 0, "reason": ""})
    assert f"{address}/caller" in page(browser, address)
    assert browser.post(f"{address}/caller", {}).headers["Location"] == address
    assert f"{address}/caller" not in page(browser, address)


def test_a_caller_who_loses_the_time_is_offered_the_nearest(scene: Scene, browser: Browser) -> None:
    book = f"/provider/services/{scene.service_id}/book"
    start = next_day(10).strftime("%Y-%m-%dT%H:%M:%SZ")
    form = browser.get(f"{book}?start={start}").context["form"]
    hidden = {name: form[name].value() for name in ("idempotency_key", "offer_version", "starts_at")}
    scene.book(next_day(10))
    typed = {"name": "Robin Reed", "phone": "+12175550123", "email": "", "language": "en", "address": "", "notes": ""}
    refused = browser.post(book, {**hidden, **typed})
    assert refused.status_code == 409
    assert len(refused.context["alternatives"]) == 3
    assert "Robin Reed" in unescape(refused.content.decode())


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_at_an_end_of_the_calendar_breaks_no_page(scene: Scene, browser: Browser, day: str) -> None:
    addresses = (
        f"/provider?day={day}",
        f"/provider/bookings?from={day}&to={day}",
        f"/provider/bookings/export?to={day}",
        f"/provider/money?month={day[:7]}",
        f"/provider/money/export?month={day[:7]}",
        f"/provider/own-time?day={day}",
        f"/services/{scene.service_id}/book?from={day}&day={day}",
    )

    assert {address: browser.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 200)
