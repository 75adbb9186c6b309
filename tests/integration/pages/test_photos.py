"""Photos on pages: adding with and without JavaScript, ordering, removing, and who sees which file."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import httpx
import pytest
from django.conf import settings

from accounts.queries import find_user
from accounts.services import ensure_account
from bookings.domain import Status
from bookings.services import claim_job_photo
from catalog.queries import get_provider
from catalog.services import claim_photo
from kernel import clock
from kernel.actors import Actor, Role
from photos.domain import Owner, OwnerKind
from tests.factories.bookings import Scene, make_scene, next_day
from tests.factories.browsers import Browser
from tests.factories.photos import picture, settle, upload

BrowserOf = Callable[[Actor | None], Browser]


def make_person(role: Role) -> Actor:
    """Somebody with an account, who can sign in."""
    email = f"{uuid4().hex}@example.com"
    user_id = ensure_account(email=email, password="Correct-Horse-1", name="Ada Park", role=role, now=clock.now())
    return Actor(user_id=user_id, role=role)


@pytest.fixture
def scene(cloud: Any) -> Scene:
    return make_scene(provider=make_person(Role.PROVIDER), customer=make_person(Role.CUSTOMER))


@pytest.fixture
def browser_of() -> BrowserOf:
    """A browser in which the person is signed in; nobody for None."""

    def signed_in(actor: Actor | None) -> Browser:
        browser = Browser()
        # Some of these tests send what no form of a page would.
        browser.handler.enforce_csrf_checks = False
        if actor is not None:
            user = find_user(actor.user_id)
            assert user is not None
            browser.force_login(user)
        return browser

    return signed_in


def owner_of(scene: Scene) -> Owner:
    return Owner(OwnerKind.PROVIDER, scene.provider_id)


def photo_of(scene: Scene) -> str:
    """A photo of the provider that is ready."""
    photo_id = upload(scene.provider, picture(700, 500))
    claim_photo(actor=scene.provider, owner=owner_of(scene), upload_id=photo_id, now=clock.now())
    settle(photo_id)
    return photo_id


def policy_of(response: Any) -> dict[str, list[str]]:
    directives = (directive.split() for directive in response.headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, *sources in directives}


def test_a_browser_without_javascript_adds_a_photo(scene: Scene, browser_of: BrowserOf) -> None:
    browser = browser_of(scene.provider)
    managed = f"/photos/provider/{scene.provider_id}"
    # As somebody who sets up their business comes: it goes on from there.
    photos = f"{managed}?next=%2Fprovider%2Fstart%3Fafter%3Dphoto"
    assert f'href="{managed}/add?next=%2Fprovider%2Fprofile"' in browser.get("/provider/profile").content.decode()
    (add,) = re.findall(r'href="([^"]+/add[^"]*)"', browser.get(photos).content.decode())
    page = browser.get(unescape(add))
    html = page.content.decode()
    (action,) = re.findall(r'action="(http[^"]+)"', html)
    html = html[html.index(action) :].partition("</form>")[0]
    fields = {name: unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', html)}
    assert policy_of(page)["form-action"] == ["'self'", settings.AWS_ENDPOINT_URL]

    with httpx.Client(trust_env=False) as outside:
        answer = outside.post(action, data=fields, files={"file": ("van.png", picture(format_="PNG"))})
    assert answer.status_code == 303
    led_to = urlsplit(answer.headers["Location"])

    # Nobody else claims by that address.
    assert browser_of(make_person(Role.PROVIDER)).get(led_to.path).status_code == 404
    back = browser.get(f"{led_to.path}?{led_to.query}")
    assert (back.status_code, back.headers["Location"]) == (302, photos)
    assert 'href="/provider/start?after=photo"' in browser.get(photos).content.decode()
    (photo,) = get_provider(scene.provider_id).photos
    settle(photo.photo_id)
    assert get_provider(scene.provider_id).photos[0].is_ready
    # Reloaded, it changes nothing.
    assert browser.get(led_to.path).status_code == 302
    assert len(get_provider(scene.provider_id).photos) == 1
    assert browser.get(led_to.path[:-3] + "xyz").status_code == 404


@pytest.mark.parametrize("page", ["/provider/profile", "/provider/services/{service_id}"])
def test_photos_lead_back_to_a_page_as_it_was_come_to(scene: Scene, browser_of: BrowserOf, page: str) -> None:
    here = f"{page.format(service_id=scene.service_id)}?{urlencode({'next': '/provider/start?after=place'})}"

    html = unescape(browser_of(scene.provider).get(here).content.decode())

    assert f"/add?{urlencode({'next': here})}" in html


def test_a_script_asks_sends_and_claims(scene: Scene, browser_of: BrowserOf) -> None:
    browser = browser_of(scene.provider)
    assert browser.post("/photos/uploads", {"content_type": "image/svg+xml"}).status_code == 400
    asked = browser.post("/photos/uploads", {"content_type": "image/jpeg"}).json()
    with httpx.Client(trust_env=False) as outside:
        sent = outside.post(asked["url"], data=asked["fields"], files={"file": ("a", picture())})
    assert sent.status_code in (200, 204)
    htmx = {"HX-Request": "true", "HX-Target": "div#photos"}
    managed = f"/photos/provider/{scene.provider_id}"
    part = browser.post(managed, {"do": "claim", "upload": asked["id"]}, headers=htmx)
    assert part.status_code == 200
    assert "<html" not in part.content.decode()
    assert 'hx-trigger="every 2s"' in part.content.decode()
    settle(asked["id"])
    ready = browser.get(managed, headers=htmx).content.decode()
    assert "every 2s" not in ready
    assert f"/media/public/{asked['id']}/" in ready
    refused = browser.post(managed, {"do": "claim", "upload": "0" * 32}, headers=htmx)
    assert refused.status_code == 400
    assert "no such upload" in refused.content.decode()


def test_photos_are_ordered_and_removed(scene: Scene, browser_of: BrowserOf) -> None:
    first, second = photo_of(scene), photo_of(scene)
    browser, managed = browser_of(scene.provider), f"/photos/provider/{scene.provider_id}"
    answer = browser.post(managed, {"do": "earlier", "photo": second, "next": "/provider/profile"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/provider/profile")
    assert [photo.photo_id for photo in get_provider(scene.provider_id).photos] == [second, first]
    for _ in range(2):
        # Pressed twice, it is gone all the same.
        gone = browser.post(managed, {"do": "remove", "photo": second}, headers={"HX-Request": "true"})
        assert gone.status_code == 200
    assert [photo.photo_id for photo in get_provider(scene.provider_id).photos] == [first]
    assert browser.post(managed, {"do": "what"}).status_code == 404
    for other in (make_person(Role.PROVIDER), make_person(Role.CUSTOMER)):
        assert browser_of(other).post(managed, {"do": "remove", "photo": first}).status_code in (403, 404)
    assert len(get_provider(scene.provider_id).photos) == 1


def test_everyone_sees_a_provider_s_photo_and_may_keep_it(scene: Scene, browser_of: BrowserOf) -> None:
    photo_id = photo_of(scene)
    stranger = browser_of(None)
    page = stranger.get(f"/providers/{scene.provider_id}").content.decode()
    (largest,) = set(re.findall(rf'href="(/media/public/{photo_id}/[^"]+)"', page))
    assert 'width="700" height="500"' in page
    assert 'alt="Elm Plumbing"' in page
    assert f'property="og:image" content="{settings.SITE_URL}{largest}"' in page
    file = stranger.get(largest)
    assert (file.status_code, file.headers["Content-Type"]) == (200, "image/webp")
    assert file.headers["Cache-Control"].startswith("public, max-age=31536000")
    assert "Set-Cookie" not in file.headers
    for wrong in (largest[:-9] + "999.webp", largest.replace(".webp", ".svg"), largest.replace(photo_id, "0" * 32)):
        assert stranger.get(wrong).status_code == 404
    results = stranger.get("/search?place=Springfield&category=plumbing")
    assert results.status_code == 200


def test_only_the_parties_see_the_photos_of_a_job(scene: Scene, browser_of: BrowserOf) -> None:
    booking = scene.book()
    photo_id = upload(scene.customer)
    claim_job_photo(actor=scene.customer, booking_id=booking.booking_id, upload_id=photo_id, now=clock.now())
    settle(photo_id)
    page = browser_of(scene.customer).get(f"/bookings/{booking.booking_id}")
    (address,) = set(re.findall(r'src="(/media/bookings/[^"]+)"', page.content.decode()))

    def status(actor: Actor | None, path: str = address) -> int:
        return browser_of(actor).get(path).status_code

    assert status(scene.provider) == 404
    scene.bring(booking, Status.CONFIRMED)
    assert [status(actor) for actor in (scene.customer, scene.provider, make_person(Role.ADMIN))] == [200] * 3
    assert [status(actor) for actor in (None, make_person(Role.CUSTOMER), make_person(Role.PROVIDER))] == [
        302,
        404,
        404,
    ]
    # Neither below another booking, nor as if it were public.
    mine = scene.book(customer=(other := make_person(Role.CUSTOMER)), starts_at=booking.ends_at)
    assert status(other, address.replace(booking.booking_id, mine.booking_id)) == 404
    assert status(None, address.replace(f"bookings/{booking.booking_id}", "public")) == 404
    file = browser_of(scene.provider).get(address)
    # A browser that kept it asks whether it may show it still.
    assert file.headers["Cache-Control"] == "private, no-cache"
    known = {"If-None-Match": file.headers["ETag"]}
    assert browser_of(scene.provider).get(address, headers=known).status_code == 304
    assert [browser_of(actor).get(address, headers=known).status_code for actor in (None, other)] == [302, 404]
    assert address in browser_of(scene.provider).get(f"/bookings/{booking.booking_id}").content.decode()


def test_a_booking_is_made_with_the_photos_that_its_form_has(scene: Scene, browser_of: BrowserOf) -> None:
    uploads = [upload(scene.customer) for _ in range(2)]
    browser = browser_of(scene.customer)
    address = f"/services/{scene.service_id}/book"
    start = next_day(10)
    page = browser.get(address, {"start": start.isoformat()}).content.decode()
    assert "data-draft" in page
    fields = {
        name: unescape(re.findall(rf'name="{name}" value="([^"]*)"', page)[0])
        for name in ("idempotency_key", "offer_version", "starts_at")
    }
    answer = browser.post(address, {**fields, "address": "12 Elm Street", "notes": "", "uploads": uploads})
    assert answer.status_code == 302, answer.content.decode()
    shown = browser.get(answer.headers["Location"]).content.decode()
    assert shown.count("Being prepared") == 2


def test_pages_without_photos_allow_no_other_origin(scene: Scene, browser_of: BrowserOf) -> None:
    browser = browser_of(scene.customer)
    for path in ("/", "/bookings", f"/providers/{scene.provider_id}"):
        assert "http:" not in browser.get(path).headers["Content-Security-Policy"]
