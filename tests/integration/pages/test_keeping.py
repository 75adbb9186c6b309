"""Favourites and reports."""

import pytest
from django.test import Client

from accounts.queries import find_user
from catalog import queries
from catalog.domain import favourites
from catalog.services import keep_favourite
from kernel import storage
from kernel.actors import Actor
from kernel.clock import now
from kernel.errors import ConflictError, NotFoundError, TooManyRequestsError
from reviews.domain import ReportReason
from reviews.models import ReportItem
from reviews.services import REPORTS_BY_PERSON, report_provider
from tests.factories.bookings import Scene
from tests.factories.notifications import make_addressed_scene


@pytest.fixture
def scene() -> Scene:
    return make_addressed_scene()


def signed_in(person: Actor) -> Client:
    user = find_user(person.user_id)
    assert user is not None
    browser = Client()
    browser.force_login(user)
    return browser


def test_the_heart_keeps_a_provider_and_lets_it_go(scene: Scene) -> None:
    browser, heart = signed_in(scene.customer), f"/providers/{scene.provider_id}/favourite"
    assert "No favourites yet" in browser.get("/favourites").content.decode()

    for _ in range(2):
        browser.post(heart, {"keep": "1"})
    assert [provider.provider_id for provider in queries.list_favourites(actor=scene.customer)] == [scene.provider_id]
    assert scene.provider_id in browser.get("/favourites").content.decode()
    assert 'aria-pressed="true"' in browser.get(f"/providers/{scene.provider_id}").content.decode()

    # Results have a row for each of the provider's services: all of its hearts follow.
    pressed = browser.post(heart, {"keep": "1", "name": "Oak"}, headers={"HX-Request": "true"}).content.decode()
    assert f"innerMorph:form[action='{heart}']" in pressed
    assert 'aria-pressed="true"' in pressed

    for _ in range(2):
        browser.post(heart, {"keep": "0"})
    assert queries.favourite_ids(actor=scene.customer) == set()


def test_there_is_an_end_to_favourites(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.services.favourites.MAX_FAVOURITES", 1)
    keep_favourite(actor=scene.customer, provider_id=scene.provider_id)
    keep_favourite(actor=scene.customer, provider_id=scene.provider_id)

    with pytest.raises(ConflictError, match="Keep at most"):
        keep_favourite(actor=scene.customer, provider_id=make_addressed_scene().provider_id)
    assert favourites.MAX_FAVOURITES == 100


def test_nobody_keeps_what_is_not_there(scene: Scene) -> None:
    for nothing in ("nothing", "0" * 12):
        with pytest.raises(NotFoundError):
            keep_favourite(actor=scene.customer, provider_id=nothing)


def test_a_report_waits_for_an_admin_and_is_made_once(scene: Scene) -> None:
    browser, address = signed_in(scene.customer), f"/providers/{scene.provider_id}/report"

    browser.post(address, {"reason": "fraud", "details": "Took the money and left."})

    row = storage.get_row(ReportItem, scene.customer.user_id, f"provider#{scene.provider_id}")
    assert row is not None
    assert (row["reason"], row["details"], row["state"]) == ("fraud", "Took the money and left.", "open")
    again = browser.post(address, {"reason": "other", "details": ""})
    assert again.status_code == 409
    assert "You have reported this already" in again.content.decode()


def test_there_is_an_end_to_reports(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kernel.rate_limits._allowed", lambda limit: 1)
    for provider, refusal in ((scene, None), (make_addressed_scene(), TooManyRequestsError)):
        report = {"actor": scene.customer, "provider_id": provider.provider_id, "details": "", "now": now()}
        if refusal is None:
            report_provider(reason=ReportReason.OTHER, **report)  # type: ignore[arg-type]
        else:
            with pytest.raises(refusal):
                report_provider(reason=ReportReason.OTHER, **report)  # type: ignore[arg-type]
    assert REPORTS_BY_PERSON.allowed == 10
